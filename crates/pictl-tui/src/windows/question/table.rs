//! The table of host keys: ticks, random art, and the comparison with what a node's own console prints.

use std::collections::{BTreeMap, BTreeSet};

use pictl_model::NodeId;
use pictl_model::request::{Answer, Question};
use pictl_model::trust::{Fingerprint, TrustRow};

use crate::context::Context;
use crate::field::TextField;
use crate::key::Key;
use crate::keymap::{Command, Mode};

/// Letters after `SHA256:` in a fingerprint.
const LETTERS: usize = 43;

/// What came of comparing a key with what the node's console prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Compared {
    /// It is this key.
    Equal,
    /// It is not, but that of another node in the table where that is known.
    Different(Option<NodeId>),
}

/// What the user did so far with the table.
#[derive(Debug, Default)]
pub(crate) struct TrustUi {
    /// Nodes whose keys are not to be trusted.
    pub(crate) unticked: BTreeSet<NodeId>,
    /// The row of the cursor, in the order of [`trust_order`].
    pub(crate) row: usize,
    /// Nodes whose keys are shown as pictures.
    pub(crate) art: BTreeSet<NodeId>,
    /// The fingerprint being typed for the row of the cursor.
    pub(crate) comparing: Option<TextField>,
    /// Why what was typed is not a fingerprint.
    pub(crate) error: Option<String>,
    pub(crate) compared: BTreeMap<NodeId, Compared>,
}

impl TrustUi {
    /// Keys of hosts never seen are proposed; those that take the place of a trusted one are not.
    pub(super) fn of(question: &Question) -> Self {
        let Question::Trust { rows } = question else { return Self::default() };
        let unticked = rows.iter().filter(|row| row.before.is_some()).map(|row| row.node.clone()).collect();
        Self { unticked, ..Self::default() }
    }
}

/// Puts the node in, or takes it out.
fn toggle(nodes: &mut BTreeSet<NodeId>, node: &NodeId) {
    if !nodes.remove(node) {
        nodes.insert(node.clone());
    }
}

/// The rows as they stand on screen: hosts never seen first.
pub(crate) fn trust_order(rows: &[TrustRow]) -> Vec<&TrustRow> {
    let (new, before) = rows.iter().partition::<Vec<_>, _>(|row| row.before.is_none());
    [new, before].concat()
}

/// The fingerprint in what was typed: alone, or in the line that `ssh-keygen -l` prints.
fn fingerprint_in(typed: &str) -> Result<Fingerprint, String> {
    let word = typed.split_whitespace().find(|word| word.starts_with("SHA256:")).unwrap_or(typed.trim());
    if word.starts_with("MD5:") || typed.contains(" MD5:") {
        return Err("this is an MD5 fingerprint: run ssh-keygen without -E md5".to_owned());
    }
    let letters = word.strip_prefix("SHA256:").unwrap_or(word).trim_end_matches('=');
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/');
    if letters.chars().count() == LETTERS && letters.chars().all(known) {
        return Ok(Fingerprint(format!("SHA256:{letters}")));
    }
    let typed = letters.chars().count();
    Err(format!("a fingerprint is SHA256: and {LETTERS} letters and digits; these are {typed}"))
}

impl TrustUi {
    /// The answer that accepts what is ticked.
    pub(super) fn trusted(&self, rows: &[TrustRow]) -> Answer {
        let nodes: Vec<NodeId> = rows.iter().map(|r| r.node.clone()).filter(|n| !self.unticked.contains(n)).collect();
        if nodes.is_empty() { Answer::No } else { Answer::Trust { nodes } }
    }

    /// Does what a command says; the text says why it does not.
    pub(super) fn command(&mut self, cx: &Context, rows: &[TrustRow], command: Command) -> Option<String> {
        let page = usize::from(cx.size.1).saturating_sub(8).max(1);
        let last = rows.len().saturating_sub(1);
        let node = &trust_order(rows).get(self.row)?.node;
        match command {
            Command::Toggle if matches!(self.compared.get(node), Some(Compared::Different(_))) => {
                let (name, again) = (cx.called(node), cx.options.keymap.key(Mode::Dialog, Command::Compare));
                return Some(format!("{name}'s console printed another fingerprint: {again} compares it again"));
            }
            Command::Toggle => {
                toggle(&mut self.unticked, node);
                self.row += 1;
            }
            Command::Art => toggle(&mut self.art, node),
            Command::Compare => (self.comparing, self.error) = (Some(TextField::default()), None),
            Command::Up => self.row = self.row.saturating_sub(1),
            Command::Down => self.row += 1,
            Command::PageUp => self.row = self.row.saturating_sub(page),
            Command::PageDown => self.row += page,
            Command::Top => self.row = 0,
            Command::Bottom => self.row = last,
            _ => {}
        }
        self.row = self.row.min(last);
        None
    }

    /// A key while a fingerprint is typed: none of them answers the question.
    pub(super) fn compare_key(&mut self, rows: &[TrustRow], key: Key, command: Option<Command>) {
        let Some(field) = &mut self.comparing else { return };
        match command {
            Some(Command::Refuse) if key.typed().is_none() => (self.comparing, self.error) = (None, None),
            Some(Command::Accept) if key.typed().is_none() => self.compare(rows),
            _ => {
                if field.key(key) {
                    self.error = None;
                }
            }
        }
    }

    /// Compares what was typed with the key under the cursor.
    fn compare(&mut self, rows: &[TrustRow]) {
        let Some(row) = trust_order(rows).get(self.row).copied() else { return };
        match fingerprint_in(self.comparing.as_ref().map_or("", TextField::text)) {
            Ok(typed) if typed == row.fingerprint => {
                self.compared.insert(row.node.clone(), Compared::Equal);
            }
            Ok(typed) => {
                let other = rows.iter().find(|other| other.fingerprint == typed).map(|other| other.node.clone());
                self.unticked.insert(row.node.clone());
                self.compared.insert(row.node.clone(), Compared::Different(other));
            }
            Err(why) => {
                self.error = Some(why);
                return;
            }
        }
        (self.comparing, self.error) = (None, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_read_as_they_are_printed() {
        let print = Fingerprint(format!("SHA256:{}", "Ab+/".repeat(11).split_at(43).0));
        let line = format!("256 {print} root@raspberrypi (ED25519)");
        for typed in [print.0.as_str(), &line, &print.0[7..], &format!(" {print}= ")] {
            assert_eq!(fingerprint_in(typed).as_ref(), Ok(&print), "{typed}");
        }
        for bad in ["", "SHA256:", &print.0[..30], "MD5:aa:bb", "256 MD5:aa root@x", &format!("{print}x")] {
            assert!(fingerprint_in(bad).is_err(), "{bad}");
        }
    }
}
