"""Counts the primes below slices * slice size by trial division, in slices that the ranks take one after another.

    mpirun -n 8 python3 primes.py --slices 64 --slice-size 10000

Late slices take longer than early ones, since larger numbers have more divisors to try: equal shares would not do.
"""

from pictl_primes import is_prime
from pictl_slices import run


def count(first, last):
    """How many of the numbers first to last - 1 are prime."""
    return sum(map(is_prime, range(first, last)))


run("primes", count, slices=64, slice_size=10_000)
