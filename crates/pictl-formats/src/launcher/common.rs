//! Small helpers of the launchers' files.

/// The number at the beginning of a version; 0 when there is none.
pub(super) fn major(version: &str) -> u32 {
    version.split('.').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// The words, each as a string of its own.
pub(super) fn strings(words: &[&str]) -> impl Iterator<Item = String> {
    words.iter().map(|&word| word.to_owned())
}
