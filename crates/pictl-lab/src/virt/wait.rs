//! Waiting for what ends bit by bit, such as the processes of a node. How long all of it takes depends on what else the machine
//! has to do, so the limit counts from the last progress.

use std::time::{Duration, Instant};

use super::LabError;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(5);

/// Waits until `left` finds nothing any more. `Err` when what it finds stays the same for `limit`, with what that is.
pub(crate) fn until_gone(
    what: &str,
    limit: Duration,
    mut left: impl FnMut() -> Result<Vec<String>, LabError>,
) -> Result<(), LabError> {
    let mut before = Vec::new();
    let mut progress = Instant::now();
    loop {
        let mut now = left()?;
        if now.is_empty() {
            return Ok(());
        }
        now.sort();
        if now != before {
            (before, progress) = (now, Instant::now());
        } else if progress.elapsed() > limit {
            let tail = format!("still there: {}", before.join(", "));
            return Err(LabError::Late { what: format!("the end of {what}"), limit, tail });
        }
        std::thread::sleep(PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_counts_from_the_last_progress() {
        let limit = Duration::from_millis(30);
        // Far more than the limit in all, and something ends every time.
        let mut many: Vec<String> = (0..100).map(|n| n.to_string()).collect();
        let ended = until_gone("these", limit, || {
            many.pop();
            Ok(many.clone())
        });
        assert!(ended.is_ok(), "{ended:?}");
        let stuck = until_gone("these", limit, || Ok(vec!["7 (D)".to_owned()])).unwrap_err();
        assert!(matches!(&stuck, LabError::Late { tail, .. } if tail.contains("7 (D)")), "{stuck}");
    }
}
