//! OpenSSH's file of known host keys.
//!
//! The file is read leniently and stays byte for byte: a line that is not understood is reported, matches nothing,
//! and is written back as it was. Matching follows OpenSSH 9.2 (hashed names, wildcards, negation, `[host]:port`,
//! markers), with two cautions: a host known by keys of other algorithms only is not "new", and a key recorded
//! without a port does not count for other ports.

mod line;
#[cfg(test)]
mod tests;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use pictl_model::trust::{Fingerprint, HostKey, Trust};
use sha2::{Digest, Sha256};

use crate::key::blob_of;
use line::{Entry, Marker, without};

/// A line that records nothing because it is malformed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    /// The line as it is in the file, with its end.
    text: String,
    /// What it records, if anything.
    entry: Option<Entry>,
}

impl Line {
    /// An unmarked line for `host`.
    fn records(&self, host: &str) -> bool {
        self.entry.as_ref().is_some_and(|e| e.marker == Marker::None && e.is_of(host))
    }
}

/// Host keys on record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownHosts {
    lines: Vec<Line>,
}

impl KnownHosts {
    /// Reads the text of the file, and returns the lines that it could not use.
    pub fn parse(text: &str) -> (Self, Vec<Problem>) {
        let mut problems = Vec::new();
        let lines = text.split_inclusive('\n').enumerate().map(|(at, line)| {
            let entry = Entry::parse(line).unwrap_or_else(|why| {
                problems.push(Problem { line: at + 1, why });
                None
            });
            Line { text: line.to_owned(), entry }
        });
        let known = Self { lines: lines.collect() };
        (known, problems)
    }

    fn entries_of(&self, host: &str) -> impl Iterator<Item = &Entry> {
        self.lines.iter().filter_map(|line| line.entry.as_ref()).filter(move |entry| entry.is_of(host))
    }

    /// How far to trust `key`, offered by `host` (a name or an address) on `port`.
    pub fn judge(&self, host: &str, port: u16, key: &HostKey) -> Trust {
        let field = host_field(host, port);
        let mut trust = Trust::Unknown;
        for entry in self.entries_of(&field) {
            let same = entry.key == *key;
            match entry.marker {
                Marker::Revoked if same => return Trust::Revoked,
                Marker::None if same => trust = Trust::Known,
                Marker::None if trust == Trust::Known => {}
                Marker::None if entry.key.algorithm == key.algorithm => trust = Trust::Changed,
                Marker::None if trust == Trust::Unknown => trust = Trust::OtherAlgorithm,
                _ => {}
            }
        }
        trust
    }

    /// The keys recorded for `host` on `port`, in the order of the file.
    pub fn keys_of(&self, host: &str, port: u16) -> Vec<HostKey> {
        let field = host_field(host, port);
        self.entries_of(&field).filter(|e| e.marker == Marker::None).map(|e| e.key.clone()).collect()
    }

    /// The algorithms of the recorded keys, each once: the host is asked for these, so that it shows a key that can
    /// be compared.
    pub fn algorithms_of(&self, host: &str, port: u16) -> Vec<String> {
        let mut algorithms = Vec::new();
        for key in self.keys_of(host, port) {
            if !algorithms.contains(&key.algorithm) {
                algorithms.push(key.algorithm);
            }
        }
        algorithms
    }

    /// Records `key` for `hosts` (fields as [`host_field`] makes them) in a new last line. `false`, and nothing
    /// changes, when all of them have it already, or when the line would not mean what it should with this key or
    /// these names.
    pub fn add(&mut self, hosts: &[String], key: &HostKey) -> bool {
        let recorded = |host: &str| self.entries_of(host).any(|e| e.marker == Marker::None && e.key == *key);
        let hosts = lower(hosts);
        if hosts.iter().all(|host| recorded(host)) || !recordable(&hosts, key) {
            return false;
        }
        let text = format!("{} {}\n", hosts.join(","), key.line());
        let Ok(Some(entry)) = Entry::parse(&text) else { return false };
        if let Some(last) = self.lines.last_mut().filter(|last| !last.text.ends_with('\n')) {
            last.text.push('\n');
        }
        self.lines.push(Line { text, entry: Some(entry) });
        true
    }

    /// Forgets the keys of `host` on `port`, as `ssh-keygen -R` does: whole lines go, with all other names in them;
    /// those with a marker stay. Returns how many went.
    pub fn remove(&mut self, host: &str, port: u16) -> usize {
        let field = host_field(host, port);
        let before = self.lines.len();
        self.lines.retain(|line| !line.records(&field));
        before - self.lines.len()
    }

    /// Forgets those keys of `hosts` (fields as [`host_field`] makes them) that `which` means, and no keys of other
    /// hosts: a line with more names loses only these, and where a pattern matches them they are excepted from it.
    /// Lines with a marker stay. Returns how many lines went or changed.
    pub fn forget(&mut self, hosts: &[String], which: impl Fn(&HostKey) -> bool) -> usize {
        let mut hosts = lower(hosts);
        hosts.retain(|host| literal(host));
        let mut changed = 0;
        self.lines.retain_mut(|line| {
            if !hosts.iter().any(|host| line.records(host)) || !line.entry.as_ref().is_some_and(|e| which(&e.key)) {
                return true;
            }
            changed += 1;
            line.text = without(&line.text, &hosts).unwrap_or_default();
            line.entry = Entry::parse(&line.text).unwrap_or_default();
            !line.text.is_empty()
        });
        changed
    }

    /// From now on `key` is the only one of `hosts`: for an SD card that was reflashed. `false`, and nothing changes,
    /// when it is so already, or when [`KnownHosts::add`] would not record it.
    pub fn replace(&mut self, hosts: &[String], key: &HostKey) -> bool {
        if !recordable(&lower(hosts), key) {
            return false;
        }
        let forgotten = self.forget(hosts, |old| old != key);
        self.add(hosts, key) || forgotten > 0
    }
}

fn lower(hosts: &[String]) -> Vec<String> {
    hosts.iter().map(|host| host.to_ascii_lowercase()).collect()
}

/// A field for exactly one host.
fn literal(host: &str) -> bool {
    !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:[]%".contains(&b))
}

fn recordable(hosts: &[String], key: &HostKey) -> bool {
    !hosts.is_empty() && hosts.iter().all(|host| literal(host)) && blob_of(key).is_some()
}

/// The file's text.
impl fmt::Display for KnownHosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| f.write_str(&line.text))
    }
}

/// The name of a host on a port in the file: lower case, and `[host]:port` unless the port is 22.
pub fn host_field(host: &str, port: u16) -> String {
    let host = host.to_ascii_lowercase();
    if port == 22 { host } else { format!("[{host}]:{port}") }
}

/// The fingerprint of the key as `ssh-keygen -lf` prints it. A key that is not base64 has that of its text, which no
/// real key has.
pub fn fingerprint(key: &HostKey) -> Fingerprint {
    let blob = STANDARD.decode(&key.base64);
    let digest = Sha256::digest(blob.as_deref().unwrap_or(key.base64.as_bytes()));
    Fingerprint(format!("SHA256:{}", STANDARD_NO_PAD.encode(digest)))
}
