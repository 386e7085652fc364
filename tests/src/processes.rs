//! Processes of this machine, by what is in their environment.

use std::fs;

/// The command lines of all processes whose environment has `mark` in it, but this one's. Linux only; none elsewhere.
pub fn processes_with(mark: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let me = std::process::id().to_string();
    let numbered = entries.filter_map(Result::ok).filter(|e| {
        let name = e.file_name();
        name.to_str().is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()) && n != me)
    });
    numbered
        .filter_map(|entry| {
            let environment = fs::read(entry.path().join("environ")).ok()?;
            if !String::from_utf8_lossy(&environment).contains(mark) {
                return None;
            }
            let words = fs::read(entry.path().join("cmdline")).ok()?;
            Some(String::from_utf8_lossy(&words).replace('\0', " "))
        })
        .collect()
}
