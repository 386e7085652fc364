//! What the error output of a launcher, of `ssh` or of apt means, and what to do about it.
//!
//! The ids are those of pictl's failure catalogue.

mod ssh;
mod system;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use pictl_model::event::PairProblem;
use pictl_model::text::clean;
use regex::Regex;

use crate::failure::{Failure, Sign};
use crate::launcher::{LAUNCHERS, Launcher};

/// Only so many bytes at the beginning and at the end of a text are searched.
const WINDOW: usize = 64 * 1024;

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
    let patterns = sign.patterns.iter().filter_map(|pattern| Regex::new(pattern).ok());
    patterns.map(|regex| (regex, sign.failure)).collect()
}

/// The last line of `errors` with a letter or digit: launchers frame their messages with lines of dashes.
pub fn last_line(errors: &str) -> Option<&str> {
    errors.lines().rev().map(str::trim).find(|line| line.chars().any(char::is_alphanumeric))
}

/// The first failure of the catalogue that `stderr` shows; `None` when it does not show any.
pub fn explain(stderr: &str) -> Option<Explanation> {
    explain_by(&SSH, stderr).or_else(|| explain_by(&OTHERS, stderr))
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
        let node = found.name("node").map(|node| clean(node.as_str().trim_end_matches(['.', ':']), 253));
        let fill = |template: &str| {
            regex.capture_names().flatten().fold(template.to_owned(), |text, name| {
                text.replace(
                    &format!("{{{name}}}"),
                    &found.name(name).map_or(String::new(), |part| clean(part.as_str(), 200)),
                )
            })
        };
        Some(Explanation { id: failure.id, cause: fill(failure.cause), hint: fill(failure.hint), node })
    })
}

/// The text's beginning and its end, without what lies between when it is very long.
fn ends(text: &str) -> (&str, &str) {
    if text.len() <= WINDOW {
        return (text, "");
    }
    let character_at = |at: usize| (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    (&text[..character_at(WINDOW / 2)], &text[character_at(text.len() - WINDOW / 2)..])
}
