"""Recognises primes by trial division, for primes.py and ppsum.py."""


def is_prime(n):
    """Whether no number from 2 to the root of n divides n."""
    if n < 4:
        return n > 1
    if n % 2 == 0:
        return False
    divisor = 3
    while divisor * divisor <= n:
        if n % divisor == 0:
            return False
        divisor += 2
    return True
