//! What the error output of a launcher, of `ssh` or of apt means, and what to do about it.
//!
//! The ids are those of pictl's failure catalogue.

mod ssh;
mod system;
#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::sync::LazyLock;

use pictl_model::event::PairProblem;
use pictl_model::text::clean;
use regex::Regex;

use crate::failure::{Failure, Sign};
use crate::launcher::{LAUNCHERS, Launcher};

/// Only so many bytes at the beginning and at the end of a text are searched.
const WINDOW: usize = 64 * 1024;

/// The number of the failure that `ssh` gets no answer from a node.
pub const NO_ANSWER: &str = "F-08";
/// The number of the failure that a node refuses a key.
pub const KEY_REFUSED: &str = "F-23";

/// A known failure found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Its number in the catalogue.
    pub id: &'static str,
    /// What went wrong, one sentence.
    pub cause: String,
    /// What to do.
    pub hint: String,
    /// The node that it is about, by name or address, when the text names it.
    pub node: Option<String>,
    /// The line that shows it.
    pub said: String,
    /// `ssh` printed it: a login failed.
    pub is_of_ssh: bool,
}

/// Patterns, in the order in which they are tried, with the failure that each one shows.
type Patterns = Vec<(Regex, Failure)>;

static SSH: LazyLock<Patterns> = LazyLock::new(|| ssh::SIGNS.iter().flat_map(compiled).collect());

/// The failures of launchers, programs and systems. For one failure, a pattern that names the node comes before those that do
/// not.
static OTHERS: LazyLock<Patterns> = LazyLock::new(|| {
    let mut patterns: Patterns = others().iter().flat_map(compiled).collect();
    patterns
        .sort_by_key(|(regex, failure)| (failure.order, regex.capture_names().flatten().all(|name| name != "node")));
    patterns
});

/// What launchers print, those of one MPI the same in part, and what the system prints.
fn others() -> Vec<Sign> {
    let mut signs: Vec<Sign> = Vec::new();
    for sign in LAUNCHERS.into_iter().flat_map(Launcher::signs).chain(system::SIGNS.iter().copied()) {
        if !signs.iter().any(|other| other.patterns == sign.patterns) {
            signs.push(sign);
        }
    }
    signs
}

fn compiled(sign: &Sign) -> Patterns {
    // Launchers break their lines where they are full: a blank of a pattern can be any white space.
    let patterns = sign.patterns.iter().map(|pattern| pattern.replace(" +", " ").replace(' ', r"\s+"));
    let patterns = patterns.filter_map(|pattern| Regex::new(&pattern).ok());
    patterns.map(|regex| (regex, sign.failure)).collect()
}

/// The last line of `errors` with a letter or digit: launchers frame their messages with lines of dashes.
pub fn last_line(errors: &str) -> Option<&str> {
    errors.lines().rev().map(str::trim).find(|line| line.chars().any(char::is_alphanumeric))
}

/// The first failure of the catalogue that `stderr` shows; `None` when it does not show any.
pub fn explain(stderr: &str) -> Option<Explanation> {
    let by_ssh = explain_by(&SSH, stderr).map(|found| Explanation { is_of_ssh: true, ..found });
    by_ssh.or_else(|| explain_by(&OTHERS, stderr))
}

/// `text` with names in place of addresses, by which launchers call hosts. A part of a longer address stays.
pub fn with_names<'a>(text: &str, hosts: impl IntoIterator<Item = (IpAddr, &'a str)>) -> String {
    hosts.into_iter().fold(text.to_owned(), |text, (address, name)| {
        let address = address.to_string();
        let colons = address.contains(':');
        let mut named = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some(at) = rest.find(&address) {
            let (before, after) = (&rest[..at], &rest[at + address.len()..]);
            let is_part = |c: char| c.is_ascii_alphanumeric() || (colons && c == ':');
            let begins = before.chars().next_back().or_else(|| named.chars().next_back());
            let begins = begins.is_none_or(|c| !is_part(c) && c != '.');
            let mut next = after.chars();
            let ends = match next.next() {
                Some('.') => !next.next().is_some_and(|c| c.is_ascii_digit()),
                Some(c) => !is_part(c),
                None => true,
            };
            named.push_str(before);
            named.push_str(if begins && ends { name } else { &address });
            rest = after;
        }
        named + rest
    })
}

/// What the error output of `ssh -o BatchMode=yes`, by which one node tried to log in to another, means.
/// When the text is not known, it is the last line that `ssh` printed.
pub fn ssh_failure(stderr: &str) -> PairProblem {
    match explain_by(&SSH, stderr) {
        Some(Explanation { cause, hint, .. }) => PairProblem { why: cause, hint },
        None => PairProblem {
            why: last_line(stderr).map_or_else(|| "ssh failed without a message".to_owned(), |said| clean(said, 200)),
            hint: "try it by hand on the node that logs in: ssh -v shows each step".to_owned(),
        },
    }
}

fn explain_by(patterns: &Patterns, stderr: &str) -> Option<Explanation> {
    let (head, tail) = ends(stderr);
    patterns.iter().find_map(|(regex, failure)| {
        let found = regex.captures(head).or_else(|| regex.captures(tail))?;
        let node = found.name("node").map(|node| {
            // `[pi02]:2222`, as `ssh` calls a host with another port than its own.
            let plain = node.as_str().strip_prefix('[').and_then(|node| node.split_once(']')).map(|(host, _)| host);
            clean(plain.unwrap_or(node.as_str()).trim_end_matches(['.', ':']), 253)
        });
        let fill = |template: &str| {
            regex.capture_names().flatten().fold(template.to_owned(), |text, name| {
                text.replace(
                    &format!("{{{name}}}"),
                    &found.name(name).map_or(String::new(), |part| clean(part.as_str(), 200)),
                )
            })
        };
        let whole = if regex.is_match(head) { head } else { tail };
        let said = found.get(0).map_or("", |part| line_at(whole, part.start()));
        Some(Explanation {
            id: failure.id,
            cause: fill(failure.cause),
            hint: fill(failure.hint),
            node,
            said: clean(said, 200),
            is_of_ssh: false,
        })
    })
}

/// The line of `text` in which the byte `at` is.
fn line_at(text: &str, at: usize) -> &str {
    let begin = text[..at].rfind('\n').map_or(0, |end| end + 1);
    text[begin..].lines().next().unwrap_or_default().trim()
}

/// The text's beginning and its end, without what lies between when it is very long.
fn ends(text: &str) -> (&str, &str) {
    if text.len() <= WINDOW {
        return (text, "");
    }
    let character_at = |at: usize| (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    (&text[..character_at(WINDOW / 2)], &text[character_at(text.len() - WINDOW / 2)..])
}
