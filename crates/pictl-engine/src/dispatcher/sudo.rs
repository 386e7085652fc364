//! sudo's passwords: what is known of them, and the one dialogue for all jobs that need root. A password is asked for once
//! for all nodes that want the same, and tried on each.

use std::collections::BTreeMap;

use pictl_model::request::{Login, Question};
use pictl_model::{NodeId, Secret};

use super::core::Core;
use crate::input::Effect;
use crate::remote::RemoteError;

/// Passwords tried on a node before what needs root is left out there.
const TRIES: u32 = 3;

/// sudo's passwords, node by node.
#[derive(Default)]
pub(super) struct Sudo {
    /// Those that were proved right.
    known: BTreeMap<NodeId, Secret>,
    wanted: BTreeMap<NodeId, Wish>,
    /// Nodes on which it was refused or not given, and what was said of the last one.
    denied: BTreeMap<NodeId, Option<RemoteError>>,
}

/// A password that a job needs.
struct Wish {
    user: String,
    tries: u32,
    /// What was said of the last one that was refused.
    refused: Option<String>,
    /// The one that is being tried.
    trying: Option<Secret>,
}

/// What is known of sudo on a node.
pub(super) enum Root<'a> {
    /// The password that it takes.
    Known(&'a Secret),
    /// It is asked for, or tried.
    Open,
    /// It was refused three times, or not given.
    Denied(Option<&'a RemoteError>),
    /// Nobody wanted it so far.
    Unknown,
}

impl Sudo {
    /// The password that sudo takes on `node`.
    pub(super) fn password(&self, node: &NodeId) -> Option<&Secret> {
        self.known.get(node)
    }

    /// What is known of sudo on `node`.
    pub(super) fn of(&self, node: &NodeId) -> Root<'_> {
        if let Some(password) = self.known.get(node) {
            Root::Known(password)
        } else if self.wanted.contains_key(node) {
            Root::Open
        } else if let Some(problem) = self.denied.get(node) {
            Root::Denied(problem.as_ref())
        } else {
            Root::Unknown
        }
    }

    /// Only the nodes for which `stays` holds are still asked about.
    pub(super) fn retain(&mut self, stays: impl Fn(&NodeId) -> bool) {
        self.wanted.retain(|node, _| stays(node));
    }

    /// Nobody needs root on `node` any more.
    pub(super) fn leave(&mut self, node: &NodeId) {
        self.wanted.remove(node);
    }

    /// Forgets all passwords.
    pub(super) fn wipe(&mut self) {
        *self = Self::default();
    }

    fn is_trying(&self) -> bool {
        self.wanted.values().any(|wish| wish.trying.is_some())
    }

    /// How many passwords are known.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }
}

impl Core {
    /// A job needs root on `nodes`, where sudo wants a password that is not known.
    pub(super) fn want_root(&mut self, nodes: &[NodeId], login: &Login) {
        for node in nodes {
            let user = self.links.user_of(&self.journal, node, login);
            self.sudo.denied.remove(node);
            let fresh = || Wish { user, tries: 0, refused: None, trying: None };
            self.sudo.wanted.entry(node.clone()).or_insert_with(fresh);
        }
    }

    /// The password of `node` that was right before is refused: it is asked for again.
    pub(super) fn forget_root(&mut self, node: &NodeId, login: &Login, why: String) {
        self.sudo.known.remove(node);
        self.want_root(std::slice::from_ref(node), login);
        if let Some(wish) = self.sudo.wanted.get_mut(node) {
            wish.refused = Some(why);
        }
    }

    /// Asks for the passwords of those nodes that want the same, when nothing else is asked and none is being tried: one
    /// user's, of whom the login password is known or not, and who were refused alike. The others come after these.
    pub(super) fn ask_for_root(&mut self) {
        self.leave_lost();
        if self.sudo.is_trying() || !self.journal.world.questions.is_empty() {
            return;
        }
        let mut alike: BTreeMap<_, Vec<NodeId>> = BTreeMap::new();
        for (node, wish) in &self.sudo.wanted {
            let want = (wish.refused.clone(), wish.user.clone(), self.links.password_on(node).is_some());
            alike.entry(want).or_default().push(node.clone());
        }
        if let Some(((retry, user, same_offered), nodes)) = alike.pop_first() {
            self.journal.ask(Question::SudoPassword { user, nodes, same_offered, retry });
        }
    }

    /// Tries each node's password; `None`: it was not given.
    pub(super) fn root_answered(&mut self, answers: Vec<(NodeId, Option<Secret>)>) {
        for (node, password) in answers {
            // A node that went away while the user typed wants it no more.
            let Some(wish) = self.sudo.wanted.get_mut(&node) else { continue };
            if let Some(password) = password {
                wish.tries += 1;
                wish.trying = Some(password.clone());
                self.journal.effects.push(Effect::TrySudo { node, password });
            } else {
                self.sudo.wanted.remove(&node);
                self.sudo.denied.insert(node.clone(), None);
                self.links.touch(node);
            }
        }
    }

    /// A password was tried.
    pub(super) fn sudo_tried(&mut self, node: &NodeId, result: Result<(), RemoteError>) {
        let Some(wish) = self.sudo.wanted.get_mut(node) else { return };
        let Some(password) = wish.trying.take() else { return };
        match result {
            Ok(()) => drop(self.sudo.known.insert(node.clone(), password)),
            Err(e) if wish.tries < TRIES => {
                wish.refused = Some(e.message);
                return;
            }
            Err(e) => drop(self.sudo.denied.insert(node.clone(), Some(e))),
        }
        self.sudo.wanted.remove(node);
        self.links.touch(node.clone());
    }
}
