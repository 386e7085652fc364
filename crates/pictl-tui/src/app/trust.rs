//! The table of host keys: ticks, random art, and the comparison with what a node's own console prints.

use std::collections::{BTreeMap, BTreeSet};

use pictl_model::NodeId;
use pictl_model::event::Level;
use pictl_model::request::{Answer, Question};
use pictl_model::trust::{Fingerprint, TrustRow};

use super::App;
use crate::field::TextField;
use crate::key::Key;
use crate::keymap::Command;

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
    /// Why what was typed is no fingerprint.
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
        return Err("this is an MD5 fingerprint: without -E md5 the right one is printed".to_owned());
    }
    let letters = word.strip_prefix("SHA256:").unwrap_or(word).trim_end_matches('=');
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/');
    if letters.chars().count() == LETTERS && letters.chars().all(known) {
        return Ok(Fingerprint(format!("SHA256:{letters}")));
    }
    let typed = letters.chars().count();
    Err(format!("a fingerprint is SHA256: and {LETTERS} letters and digits; these are {typed}"))
}

impl App {
    /// A fingerprint is being typed.
    pub(crate) fn is_comparing(&self) -> bool {
        self.question.as_ref().is_some_and(|ui| ui.trust.comparing.is_some())
    }

    /// The answer that accepts what is ticked.
    pub(super) fn trusted(&self, rows: &[TrustRow]) -> Answer {
        let Some(ui) = &self.question else { return Answer::No };
        let nodes: Vec<NodeId> =
            rows.iter().map(|r| r.node.clone()).filter(|n| !ui.trust.unticked.contains(n)).collect();
        if nodes.is_empty() { Answer::No } else { Answer::Trust { nodes } }
    }

    /// The nodes of the table in its order.
    fn trust_nodes(&self) -> Vec<NodeId> {
        let Some(Question::Trust { rows }) = self.asked() else { return Vec::new() };
        trust_order(rows).into_iter().map(|row| row.node.clone()).collect()
    }

    pub(super) fn trust_command(&mut self, command: Command) {
        let nodes = self.trust_nodes();
        let page = usize::from(self.size.1).saturating_sub(8).max(1);
        let last = nodes.len().saturating_sub(1);
        let Some(node) = self.question.as_ref().and_then(|ui| nodes.get(ui.trust.row)) else { return };
        let name = self.called(node);
        let Some(ui) = self.question.as_mut().map(|ui| &mut ui.trust) else { return };
        match command {
            Command::Toggle if matches!(ui.compared.get(node), Some(Compared::Different(_))) => {
                let again = self.options.keymap.key(crate::keymap::Mode::Dialog, Command::Compare);
                let words = format!("{name}'s console printed another fingerprint: {again} compares it again");
                self.say(Level::Warn, words);
                return;
            }
            Command::Toggle => {
                toggle(&mut ui.unticked, node);
                ui.row += 1;
            }
            Command::Art => toggle(&mut ui.art, node),
            Command::Compare => (ui.comparing, ui.error) = (Some(TextField::default()), None),
            Command::Up => ui.row = ui.row.saturating_sub(1),
            Command::Down => ui.row += 1,
            Command::PageUp => ui.row = ui.row.saturating_sub(page),
            Command::PageDown => ui.row += page,
            Command::Top => ui.row = 0,
            Command::Bottom => ui.row = last,
            _ => {}
        }
        ui.row = ui.row.min(last);
    }

    /// A key while a fingerprint is typed: none of them answers the question.
    pub(super) fn compare_key(&mut self, key: Key, command: Option<Command>) {
        let Some(ui) = self.question.as_mut().map(|ui| &mut ui.trust) else { return };
        let Some(field) = &mut ui.comparing else { return };
        match command {
            Some(Command::Refuse) if key.typed().is_none() => (ui.comparing, ui.error) = (None, None),
            Some(Command::Accept) if key.typed().is_none() => self.compare(),
            _ => {
                if field.key(key) {
                    ui.error = None;
                }
            }
        }
    }

    /// Compares what was typed with the key under the cursor.
    fn compare(&mut self) {
        let Some(Question::Trust { rows }) = self.asked() else { return };
        let Some(ui) = self.question.as_ref().map(|ui| &ui.trust) else { return };
        let Some(row) = trust_order(rows).get(ui.row).copied() else { return };
        let read = fingerprint_in(ui.comparing.as_ref().map_or("", TextField::text));
        let found = read.map(|typed| {
            if typed == row.fingerprint {
                Compared::Equal
            } else {
                Compared::Different(
                    rows.iter().find(|other| other.fingerprint == typed).map(|other| other.node.clone()),
                )
            }
        });
        let node = row.node.clone();
        let Some(ui) = self.question.as_mut().map(|ui| &mut ui.trust) else { return };
        match found {
            Ok(compared) => {
                if compared != Compared::Equal {
                    ui.unticked.insert(node.clone());
                }
                ui.compared.insert(node, compared);
                (ui.comparing, ui.error) = (None, None);
            }
            Err(why) => ui.error = Some(why),
        }
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
