//! Whether a benchmark's result is what pictl computes by another method.

/// What a result was compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// The right result, where there is one.
    pub expected: Option<f64>,
    /// Largest deviation from it that the method allows.
    pub tolerance: Option<f64>,
    /// What is wrong, one sentence; `None` when nothing is.
    pub problem: Option<String>,
}

impl Check {
    /// Whether the result is right.
    pub fn ok(&self) -> bool {
        self.problem.is_none()
    }
}

/// Judges a whole number: right is only `expected` itself.
///
/// Both are compared as the doubles that they travel as, which hold every whole number up to 2^53.
#[expect(clippy::float_cmp, reason = "whole numbers: whatever is rounded is rounded the same in both")]
pub fn exact_check(value: f64, expected: u128) -> Check {
    let right = expected as f64;
    let problem = (value != right).then(|| format!("the result is {value}, and {expected} would be right"));
    Check { expected: Some(right), tolerance: Some(0.0), problem }
}

/// The sum of the whole numbers from 1 to `n`.
pub fn sum_to(n: u64) -> u128 {
    let n = u128::from(n);
    n * (n + 1) / 2
}

/// The number of primes below `n`.
pub fn primes_below(n: u64) -> u64 {
    let count = sifted(n, |top| u128::from(top.saturating_sub(1)), |_| 1);
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// The sum of the primes below `n`.
pub fn primes_sum_below(n: u64) -> u128 {
    sifted(n, |top| sum_to(top).saturating_sub(1), u128::from)
}

/// What the primes below `n` weigh together, by the sieve of Eratosthenes without its table.
///
/// For each divisor d of `n - 1` rounded down there is one sum: what is left of the numbers from 2 to d when the
/// multiples of all primes so far were struck out (Legendre's formula, made iterative by Lucy_Hedgehog, Project Euler,
/// problem 10, 2011). It begins as `all(d)`, the weight of all these numbers; that of a product must be the product of
/// `weight` of its factors. It takes about n^(3/4) steps and 2√n sums: a few milliseconds for 10^9.
fn sifted(n: u64, all: impl Fn(u64) -> u128, weight: impl Fn(u64) -> u128) -> u128 {
    let Some(top) = n.checked_sub(1).filter(|top| *top >= 2) else { return 0 };
    let root = top.isqrt();
    // What is left up to d for d from 0 to the root, and up to top / q for q from 1; q = 0 is not used.
    let mut small: Vec<u128> = (0..=root).map(&all).collect();
    let mut large: Vec<u128> = (0..=root).map(|q| top.checked_div(q).map_or(0, &all)).collect();
    let at = |i: u64| usize::try_from(i).unwrap_or(usize::MAX);
    for p in 2..=root {
        let before = small[at(p - 1)];
        if small[at(p)] == before {
            continue; // struck out: no prime
        }
        let square = p * p;
        for q in 1..=root.min(top / square) {
            let multiple = p * q;
            let rest = if multiple <= root { large[at(multiple)] } else { small[at(top / multiple)] };
            large[at(q)] -= weight(p) * (rest - before);
        }
        for d in (square..=root).rev() {
            small[at(d)] -= weight(p) * (small[at(d / p)] - before);
        }
    }
    large[1]
}

/// A result as people read it: a whole number as one, anything else with so many digits after the point.
pub fn result_text(value: f64, digits: usize) -> String {
    if value.fract() == 0.0 { format!("{value}") } else { format!("{value:.digits$}") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The sieve of Eratosthenes with its table: count and sum.
    fn counted(n: usize) -> (u64, u128) {
        let mut prime = vec![true; n];
        let (mut count, mut sum) = (0, 0);
        for k in 2..n {
            if prime[k] {
                count += 1;
                sum += k as u128;
                (k * k..n).step_by(k).for_each(|m| prime[m] = false);
            }
        }
        (count, sum)
    }

    fn both(n: u64) -> (u64, u128) {
        (primes_below(n), primes_sum_below(n))
    }

    #[test]
    fn primes_below_powers_of_ten_are_as_published() {
        // OEIS A006880.
        let published = [4, 25, 168, 1_229, 9_592, 78_498, 664_579, 5_761_455, 50_847_534, 455_052_511];
        for (power, count) in (1..).zip(published) {
            assert_eq!(primes_below(10_u64.pow(power)), count, "10^{power}");
        }
    }

    #[test]
    fn sums_of_primes_are_as_published() {
        // The Parallel Python cluster's own figure, and OEIS A046731.
        assert_eq!(primes_sum_below(100_999), 462_436_339);
        let published = [17, 1_060, 76_127, 5_736_396, 454_396_537, 37_550_402_023, 3_203_324_994_356];
        for (power, sum) in (1..).zip(published) {
            assert_eq!(primes_sum_below(10_u64.pow(power)), sum, "10^{power}");
        }
        assert_eq!(primes_sum_below(10_000_000_000), 2_220_822_432_581_729_238);
    }

    #[test]
    fn primes_below_small_numbers_and_around_squares_are_counted_right() {
        for n in (0..1_000).chain(99_850..=100_010) {
            assert_eq!(both(n), counted(usize::try_from(n).unwrap()), "{n}");
        }
    }

    #[test]
    fn only_the_whole_number_itself_is_right() {
        assert!(exact_check(168.0, 168).ok());
        let wrong = exact_check(167.0, 168).problem.expect("wrong");
        assert_eq!(wrong, "the result is 167, and 168 would be right");
        for value in [168.5, f64::NAN, f64::INFINITY, -168.0] {
            assert!(!exact_check(value, 168).ok(), "{value}");
        }
    }

    #[test]
    fn whole_numbers_are_shown_without_a_fraction() {
        assert_eq!(result_text(800_020_000.0, 9), "800020000");
        assert_eq!(result_text(0.123_45, 3), "0.123");
        assert_eq!(result_text(f64::NAN, 3), "NaN");
    }

    #[test]
    fn sums_beyond_a_double_are_rounded_like_the_result() {
        let sum = sum_to(u64::MAX);
        assert!(exact_check(sum.to_string().parse().unwrap(), sum).ok());
        assert_eq!((sum_to(0), sum_to(1), sum_to(100)), (0, 1, 5050));
    }

    proptest! {
        #[test]
        fn both_sieves_agree(n in 0u32..200_000) {
            prop_assert_eq!(both(n.into()), counted(n as usize));
        }
    }
}
