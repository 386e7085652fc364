//! Clocks of nodes that differ from the operator's, and what that breaks.

use pictl_model::Millis;

/// From here on a difference is worth a warning: make and rsync compare times of files by the second.
const WARN_FROM: i64 = 2_000;
/// The same of a day: certificates and package lists are not valid yet, or not any more.
const A_DAY: i64 = 86_400_000;

/// What to do about a clock that is wrong.
pub(crate) const HINT: &str = "on the node: `sudo timedatectl set-ntp true`, and let it reach a time server; without internet, \
     `sudo date -s @SECONDS` with what `date +%s` prints here";

/// What is wrong with a clock that is this many milliseconds before the operator's, if it is enough to matter; `others` are
/// those of all nodes. Where they all agree with it, it is the operator's that differs.
pub(crate) fn warning(offset: i64, others: impl Iterator<Item = i64>) -> Option<String> {
    if offset.abs() < WARN_FROM {
        return None;
    }
    let by = Millis(offset.unsigned_abs());
    let (mut all, mut near) = (0, 0);
    for other in others {
        all += 1;
        near += usize::from((other - offset).abs() < WARN_FROM);
    }
    let direction = if offset > 0 { "ahead of" } else { "behind" };
    let whose = if all > 1 && near == all {
        format!("the clocks of all nodes are {by} {direction} this computer's, which may be the wrong one")
    } else {
        format!("its clock is {by} {direction} this computer's")
    };
    let breaks = if offset.abs() < A_DAY {
        "times of files (make, rsync) and of log lines do not fit together"
    } else {
        "apt and HTTPS refuse to work, and times of files and log lines do not fit together"
    };
    Some(format!("{whose}: {breaks}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_seconds_are_worth_a_warning() {
        let alone = |offset: i64| warning(offset, [offset, 0].into_iter());
        assert_eq!(alone(1_999), None);
        assert_eq!(alone(-1_999), None);
        let behind = alone(-646_000).expect("a warning");
        assert!(behind.starts_with("its clock is 10:46 behind this computer's: times of files"), "{behind}");
        assert!(alone(2_000).is_some_and(|text| text.starts_with("its clock is 2.0 s ahead of")), "{:?}", alone(2_000));
        assert!(alone(A_DAY).is_some_and(|text| text.contains("apt and HTTPS")));
        assert!(alone(i64::MIN + 1).is_some());
    }

    #[test]
    fn where_all_nodes_agree_the_operator_is_the_odd_one() {
        let all = warning(-60_000, [-60_000, -60_500].into_iter()).expect("a warning");
        assert!(all.starts_with("the clocks of all nodes are 1:00 behind this computer's, which may be"), "{all}");
        let one = warning(-60_000, std::iter::once(-60_000)).expect("a warning");
        assert!(one.starts_with("its clock"), "{one}");
    }
}
