"""Computes pi by Leibniz's series, 4 * (1 - 1/3 + 1/5 - ...), in slices that the ranks take one after another.

    mpirun -n 8 python3 pi.py --slices 64 --slice-size 1000000
"""

from pictl_slices import run


def leibniz(first, last):
    """The sum of the terms first to last - 1."""
    total = 0.0
    sign = 4.0 if first % 2 == 0 else -4.0
    for k in range(first, last):
        total += sign / (2 * k + 1)
        sign = -sign
    return total


if __name__ == "__main__":
    run("pi", leibniz)
