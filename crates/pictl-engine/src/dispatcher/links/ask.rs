//! What only the user knows: whether a host key is the right one, passwords and passphrases. Each is asked for once, for
//! all nodes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pictl_model::link::LinkFailure;
use pictl_model::request::{Question, Rejected};
use pictl_model::{NodeId, Secret};

use super::{Links, State};
use crate::dispatcher::journal::Journal;

impl Links {
    /// Once no login is under route any more, asks for what the others wait for, one question at a time: host keys first,
    /// then passphrases, then passwords.
    pub(in crate::dispatcher) fn ask_when_settled(&mut self, journal: &mut Journal) {
        if self.under_way > 0 || self.asking == 0 {
            return;
        }
        for ask in [Self::ask_for_trust, Self::ask_for_passphrases, Self::ask_for_passwords] {
            if journal.world.questions.is_empty() && self.under_way == 0 {
                ask(self, journal);
            }
        }
    }

    fn ask_for_passphrases(&mut self, journal: &mut Journal) {
        let mut by_key: BTreeMap<&PathBuf, (Vec<NodeId>, bool)> = BTreeMap::new();
        for (node, conn) in &self.nodes {
            if let State::Passphrase { key, wrong } = &conn.state {
                let entry = by_key.entry(key).or_default();
                entry.0.push(node.clone());
                entry.1 |= wrong;
            }
        }
        let first = by_key.into_iter().next().map(|(key, (nodes, wrong))| {
            let retry = wrong.then(|| "that passphrase does not open it".to_owned());
            Question::Passphrase { key: key.clone(), nodes, retry }
        });
        if let Some(question) = first {
            journal.ask(question);
        }
    }

    pub(in crate::dispatcher) fn passphrase_answered(
        &mut self,
        journal: &mut Journal,
        key: &Path,
        nodes: &[NodeId],
        given: Option<Secret>,
    ) {
        match given {
            Some(passphrase) => self.keyring.give_passphrase(key.to_owned(), passphrase),
            None => self.keyring.close(key),
        }
        for node in self.still(nodes, |state| matches!(state, State::Passphrase { .. })) {
            self.connect(journal, &node);
        }
        self.settle(journal);
    }

    fn ask_for_passwords(&mut self, journal: &mut Journal) {
        // Nodes that refused a password are not asked for together with those that had none.
        let mut by_user: BTreeMap<(&str, bool), Vec<NodeId>> = BTreeMap::new();
        for (node, conn) in &self.nodes {
            if let (State::Password { retry }, Some(route)) = (&conn.state, &conn.route) {
                by_user.entry((&route.user, *retry)).or_default().push(node.clone());
            }
        }
        // The next user's comes when this one's logins have settled.
        let first = by_user.into_iter().next().map(|((user, retry), nodes)| {
            let retry = retry.then_some(Rejected::NoReason);
            Question::Password { user: user.to_owned(), nodes, retry }
        });
        if let Some(question) = first {
            journal.ask(question);
        }
    }

    pub(in crate::dispatcher) fn password_answered(
        &mut self,
        journal: &mut Journal,
        user: &str,
        nodes: &[NodeId],
        given: Option<&Secret>,
    ) {
        for node in self.still(nodes, |state| matches!(state, State::Password { .. })) {
            if let Some(password) = given {
                self.change(&node, |conn| conn.tried.give(password.clone()));
                self.connect(journal, &node);
                continue;
            }
            let refused = self.nodes.get(&node).is_some_and(|c| matches!(c.state, State::Password { retry: true }));
            let (failure, why, hint) = if refused {
                let why = format!("the password of {user} was refused");
                (LinkFailure::WrongPassword, why, "check user name and password")
            } else {
                let why = format!("no password was given for {user}");
                (LinkFailure::NoPassword, why, "give the password, or put your key there by hand")
            };
            self.link_failed(journal, &node, failure, format!("{why}, and no key of yours is accepted"), hint.into());
        }
        self.settle(journal);
    }

    /// Those of `nodes` that still wait so: one may have been taken out of the cluster while the user typed.
    pub(super) fn still(&self, nodes: &[NodeId], waits: impl Fn(&State) -> bool) -> Vec<NodeId> {
        nodes.iter().filter(|n| self.nodes.get(*n).is_some_and(|conn| waits(&conn.state))).cloned().collect()
    }
}
