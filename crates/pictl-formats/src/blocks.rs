//! A cluster's own block of lines in a file that also has other lines:
//!
//! ```text
//! # >>> pictl NAME >>>
//! …
//! # <<< pictl NAME <<<
//! ```
//!
//! Everything outside of the block stays byte for byte.

use std::ops::Range;

use thiserror::Error;

/// A file or a request from which the block is not clear.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BlockError {
    /// The block begins and does not end.
    #[error("line {line} begins the block of cluster {cluster:?}, which has no end")]
    NoEnd {
        /// The cluster.
        cluster: String,
        /// Where it begins, from 1.
        line: usize,
    },
    /// A marker in the wrong place.
    #[error("line {line} has a second or lone marker of cluster {cluster:?}")]
    Stray {
        /// The cluster.
        cluster: String,
        /// Where it stands, from 1.
        line: usize,
    },
    /// The new lines would not be read back as one block.
    #[error("the new block of cluster {cluster:?} has a marker of its own inside")]
    MarkerInside {
        /// The cluster.
        cluster: String,
    },
}

impl BlockError {
    /// What the user can do.
    pub fn hint(&self) -> String {
        match self {
            Self::NoEnd { cluster, .. } => format!("put the line `{}` after the block's last one", end_of(cluster)),
            Self::Stray { line, .. } => format!("delete line {line}"),
            Self::MarkerInside { .. } => "leave pictl's own markers out of it".to_owned(),
        }
    }
}

fn begin_of(cluster: &str) -> String {
    format!("# >>> pictl {cluster} >>>")
}

fn end_of(cluster: &str) -> String {
    format!("# <<< pictl {cluster} <<<")
}

/// Where the block's lines are in the text.
struct Found {
    /// With both markers.
    whole: Range<usize>,
    /// Without them.
    body: Range<usize>,
}

fn find(text: &str, cluster: &str) -> Result<Option<Found>, BlockError> {
    let (begin, end) = (begin_of(cluster), end_of(cluster));
    let mut open: Option<(usize, Range<usize>)> = None;
    let mut found = None;
    let mut offset = 0;
    for (at, line) in text.split_inclusive('\n').enumerate() {
        let place = offset..offset + line.len();
        offset = place.end;
        let stray = || Err(BlockError::Stray { cluster: cluster.to_owned(), line: at + 1 });
        let line = line.trim_end();
        if line == begin {
            if open.is_some() || found.is_some() {
                return stray();
            }
            open = Some((at + 1, place));
        } else if line == end {
            let Some((_, first)) = open.take() else { return stray() };
            found = Some(Found { whole: first.start..place.end, body: first.end..place.start });
        }
    }
    match open {
        Some((line, _)) => Err(BlockError::NoEnd { cluster: cluster.to_owned(), line }),
        None => Ok(found),
    }
}

/// The block's lines without its markers, if there is such a block.
pub fn get<'a>(text: &'a str, cluster: &str) -> Result<Option<&'a str>, BlockError> {
    Ok(find(text, cluster)?.map(|found| &text[found.body]))
}

/// The lines of the cluster's block with its markers, counted from 0; none where there is no block, or it is not clear.
pub(crate) fn lines_of(text: &str, cluster: &str) -> Range<usize> {
    let Ok(Some(Found { whole, .. })) = find(text, cluster) else { return 0..0 };
    let before = |end: usize| text[..end].split_inclusive('\n').count();
    before(whole.start)..before(whole.end)
}

/// `text` with `body` as the cluster's block: in its place, or at the end when it is new.
pub fn upsert(text: &str, cluster: &str, body: &str) -> Result<String, BlockError> {
    let newline = if body.is_empty() || body.ends_with('\n') { "" } else { "\n" };
    let block = format!("{}\n{body}{newline}{}\n", begin_of(cluster), end_of(cluster));
    if get(&block, cluster)
        .ok()
        .flatten()
        .is_none_or(|inside| inside.trim_end_matches('\n') != body.trim_end_matches('\n'))
    {
        return Err(BlockError::MarkerInside { cluster: cluster.to_owned() });
    }
    Ok(match find(text, cluster)? {
        Some(Found { whole, .. }) => format!("{}{block}{}", &text[..whole.start], &text[whole.end..]),
        None if text.is_empty() || text.ends_with('\n') => format!("{text}{block}"),
        None => format!("{text}\n{block}"),
    })
}

/// `text` without the cluster's block; as it was when there is none.
pub fn remove(text: &str, cluster: &str) -> Result<String, BlockError> {
    Ok(match find(text, cluster)? {
        Some(Found { whole, .. }) => format!("{}{}", &text[..whole.start], &text[whole.end..]),
        None => text.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FILE: &str =
        "127.0.0.1 localhost\n# >>> pictl lab >>>\n10.0.0.1\tpi01\n# <<< pictl lab <<<\n10.0.0.9 printer";

    #[test]
    fn a_block_is_replaced_in_its_place() {
        assert_eq!(get(FILE, "lab"), Ok(Some("10.0.0.1\tpi01\n")));
        assert_eq!(upsert(FILE, "lab", "10.0.0.2\tpi02"), Ok(FILE.replace("10.0.0.1\tpi01", "10.0.0.2\tpi02")));
        assert_eq!(upsert(FILE, "lab", "10.0.0.1\tpi01\n"), Ok(FILE.to_owned()));
        assert_eq!(remove(FILE, "lab"), Ok("127.0.0.1 localhost\n10.0.0.9 printer".to_owned()));
    }

    #[test]
    fn a_new_block_comes_last_on_a_line_of_its_own() {
        let expected = format!("{FILE}\n# >>> pictl b >>>\nx\n# <<< pictl b <<<\n");
        assert_eq!(upsert(FILE, "b", "x"), Ok(expected));
        assert_eq!(upsert("", "b", ""), Ok("# >>> pictl b >>>\n# <<< pictl b <<<\n".to_owned()));
        assert_eq!(get(FILE, "b"), Ok(None));
        assert_eq!(remove(FILE, "b"), Ok(FILE.to_owned()));
    }

    #[test]
    fn broken_blocks_are_refused_with_their_line() {
        let no_end = FILE.replace("# <<< pictl lab <<<\n", "");
        assert_eq!(upsert(&no_end, "lab", "x"), Err(BlockError::NoEnd { cluster: "lab".into(), line: 2 }));
        let no_begin = FILE.replace("# >>> pictl lab >>>\n", "");
        assert_eq!(remove(&no_begin, "lab"), Err(BlockError::Stray { cluster: "lab".into(), line: 3 }));
        let twice = format!("{FILE}\n{FILE}");
        assert_eq!(get(&twice, "lab"), Err(BlockError::Stray { cluster: "lab".into(), line: 7 }));
        let inside = upsert("", "lab", "# <<< pictl lab <<<");
        assert_eq!(inside, Err(BlockError::MarkerInside { cluster: "lab".into() }));
    }

    #[test]
    fn markers_survive_editors_of_other_systems() {
        let text = FILE.replace('\n', "\r\n");
        assert_eq!(get(&text, "lab"), Ok(Some("10.0.0.1\tpi01\r\n")));
    }

    proptest! {
        #[test]
        fn everything_else_stays_byte_for_byte(
            before in any::<String>(),
            after in any::<String>(),
            body in "([ -~]*\n){0,4}",
        ) {
            let before = format!("{before}\n");
            let text = upsert(&before, "c", "old").expect("a block") + &after;
            let new = upsert(&text, "c", &body).expect("replaced");
            prop_assert_eq!(get(&new, "c"), Ok(Some(body.as_str())));
            prop_assert!(new.starts_with(&before) && new.ends_with(&after));
            prop_assert_eq!(remove(&new, "c"), Ok(format!("{before}{after}")));
        }
    }
}
