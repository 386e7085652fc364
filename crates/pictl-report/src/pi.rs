//! Whether a computed π is right.

use std::f64::consts::PI;

use crate::check::Check;

/// Room for the rounding of doubles. Adding n numbers one by one to a sum near π rounds n times by at most 2^-52,
/// mostly in both directions: about √n * 2^-52 in the end (Higham, Accuracy and Stability of Numerical Algorithms,
/// section 4.2), which is 2e-12 for a hundred million terms in one slice. Measured: 3e-13 for 64 million in one,
/// 2e-14 in 64 slices.
const ROUNDING: f64 = 1e-11;

/// Judges `value`, computed by the first `terms` terms of Leibniz's series 4 - 4/3 + 4/5 - …
///
/// The terms alternate in sign and shrink, so by Leibniz's criterion the remainder is at most the first term left
/// out: `|π - value| <= 4 / (2 * terms + 1)`. That alone lets a missing slice pass, because a late slice adds less
/// than this. But the remainder itself is known (Borwein, Borwein and Dilcher, "Pi, Euler Numbers, and Asymptotic
/// Expansions", American Mathematical Monthly 96, 1989): for n terms, `(-1)^n * (1/n - 1/(4 n^3))` with an error of
/// at most `5/(16 n^5)`. So the result is compared with what n terms add up to, and any slice that is missing or was
/// added twice shows as long as it adds more than rounding does.
pub fn pi_check(value: f64, terms: u64) -> Check {
    let n = terms as f64;
    let bound = 4.0 / (2.0 * n + 1.0);
    // Too few terms for the expansion: the bound alone.
    let (remainder, slack) = if terms == 0 { (0.0, 4.0) } else { (1.0 / n - 0.25 / n.powi(3), 5.0 / 16.0 / n.powi(5)) };
    let sum = PI - if terms.is_multiple_of(2) { remainder } else { -remainder };
    let (deviation, off, tolerance) = (value - PI, value - sum, bound + ROUNDING);
    let problem = if off.abs() <= slack + ROUNDING && deviation.abs() <= tolerance {
        None
    } else if deviation.abs() <= tolerance {
        Some(format!("the sum is {off:+.1e} off what its terms add up to: a slice is missing or was added twice"))
    } else {
        Some(format!("the result is {deviation:+.1e} off π, more than the {tolerance:.1e} that its terms allow"))
    };
    Check { expected: Some(PI), tolerance: Some(tolerance), problem }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn term(k: u32) -> f64 {
        let size = 4.0 / (2.0 * f64::from(k) + 1.0);
        if k.is_multiple_of(2) { size } else { -size }
    }

    fn sum(range: std::ops::Range<u32>) -> f64 {
        range.map(term).sum()
    }

    #[test]
    fn a_right_sum_passes() {
        for terms in [0, 1, 2, 3, 1_000, 1_001, 1_000_000] {
            let check = pi_check(sum(0..terms), terms.into());
            assert!(check.ok(), "{terms}: {check:?}");
        }
    }

    #[test]
    fn any_missing_or_doubled_slice_is_noticed() {
        let (slices, length) = (64, 1_000);
        let whole = sum(0..slices * length);
        for slice in 0..slices {
            let piece = sum(slice * length..(slice + 1) * length);
            for wrong in [whole - piece, whole + piece] {
                let check = pi_check(wrong, u64::from(slices * length));
                assert!(!check.ok(), "slice {slice}: {check:?}");
            }
        }
    }

    #[test]
    fn the_problem_says_which_of_both_is_wrong() {
        let (whole, last) = (sum(0..64_000), sum(63_000..64_000));
        assert_eq!(pi_check(whole, 64_000).problem, None);
        let missing = pi_check(whole - last, 64_000).problem.expect("wrong");
        assert!(missing.contains("slice is missing"), "{missing}");
        let far = pi_check(3.0, 64_000).problem.expect("wrong");
        assert!(far.contains("off π"), "{far}");
        assert!(pi_check(f64::NAN, 64_000).problem.is_some());
    }

    #[test]
    fn what_is_no_number_is_not_right() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(!pi_check(value, 10).ok());
        }
        assert!(!pi_check(3.15, u64::MAX).ok());
        assert!(pi_check(PI, u64::MAX).ok());
    }

    proptest! {
        #[test]
        fn slices_in_any_order_pass(cuts in prop::collection::vec(1u32..3_000, 1..12)) {
            let mut first = 0;
            let mut pieces: Vec<f64> = Vec::new();
            for cut in cuts {
                pieces.push(sum(first..first + cut));
                first += cut;
            }
            pieces.reverse();
            let check = pi_check(pieces.iter().sum(), first.into());
            prop_assert!(check.ok(), "{:?}", check);
        }
    }
}
