//! One line of `known_hosts` (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT").

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use pictl_model::trust::HostKey;
use sha1::Sha1;

use crate::key::blob_of;
use crate::pattern::any_matches;

const BLANK: [char; 4] = [' ', '\t', '\r', '\n'];

/// The marker before the host names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marker {
    None,
    Revoked,
    /// Its key signs host certificates; pictl uses none, so such lines never match.
    CertAuthority,
}

/// The hosts whose key a line records.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Hosts {
    /// Patterns with commas between.
    Patterns(String),
    /// HMAC-SHA1 of one name, keyed with a salt.
    Hashed { salt: Vec<u8>, hash: Vec<u8> },
}

/// A line that records a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) marker: Marker,
    hosts: Hosts,
    pub(super) key: HostKey,
}

impl Entry {
    /// Reads a line. `Ok(None)` for empty lines and comments, which record nothing.
    pub(super) fn parse(line: &str) -> Result<Option<Self>, &'static str> {
        let mut fields = line.split(BLANK).filter(|field| !field.is_empty()).peekable();
        if fields.peek().is_none_or(|first| first.starts_with('#')) {
            return Ok(None);
        }
        let marker = match fields.next_if(|field| field.starts_with('@')) {
            None => Marker::None,
            Some("@revoked") => Marker::Revoked,
            Some("@cert-authority") => Marker::CertAuthority,
            Some(_) => return Err("its marker is neither @revoked nor @cert-authority"),
        };
        let (Some(hosts), Some(algorithm), Some(base64)) = (fields.next(), fields.next(), fields.next()) else {
            return Err("host names, a key type and a key are expected");
        };
        let hosts = match hosts.strip_prefix('|') {
            None => Hosts::Patterns(hosts.to_ascii_lowercase()),
            Some(hashed) => hashed_name(hashed).ok_or("its hashed name is malformed")?,
        };
        let key = HostKey { algorithm: algorithm.to_owned(), base64: base64.to_owned() };
        blob_of(&key).ok_or("its key is malformed")?;
        Ok(Some(Self { marker, hosts, key }))
    }

    /// Whether the line is for the host whose field (see [`super::host_field`]) is `host`.
    pub(super) fn is_of(&self, host: &str) -> bool {
        match &self.hosts {
            Hosts::Patterns(patterns) => any_matches(patterns.split(','), &[host]),
            Hosts::Hashed { salt, hash } => Hmac::<Sha1>::new_from_slice(salt)
                .is_ok_and(|mac| mac.chain_update(host.as_bytes()).verify_slice(hash).is_ok()),
        }
    }
}

/// The text of an unmarked line without `hosts` (fields in lower case); `None` when no host is left. Names are
/// removed; names that a pattern matches too are excepted from it.
pub(super) fn without(text: &str, hosts: &[String]) -> Option<String> {
    let start = text.find(|c| !BLANK.contains(&c))?;
    let end = start + text[start..].find(BLANK)?;
    let names = text[start..end].split(',').map(str::to_owned);
    let mut left: Vec<String> = names.filter(|name| !hosts.contains(&name.to_ascii_lowercase())).collect();
    for host in hosts {
        let patterns = left.join(",").to_ascii_lowercase();
        if any_matches(patterns.split(','), &[host]) {
            left.push(format!("!{host}"));
        }
    }
    let somebody = !text[start..].starts_with('|') && left.iter().any(|name| !name.starts_with('!'));
    somebody.then(|| [&text[..start], &left.join(","), &text[end..]].concat())
}

/// Salt and hash of `1|salt|hash`; both are of SHA-1's 20 bytes.
fn hashed_name(text: &str) -> Option<Hosts> {
    let (salt, hash) = text.strip_prefix("1|")?.split_once('|')?;
    let bytes = |part| STANDARD.decode(part).ok().filter(|bytes| bytes.len() == 20);
    Some(Hosts::Hashed { salt: bytes(salt)?, hash: bytes(hash)? })
}
