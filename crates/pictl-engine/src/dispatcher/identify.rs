//! Finding a board among others: its LED blinks for a while. That disturbs no other work, so it goes on beside it.

use std::collections::BTreeMap;
use std::time::Duration;

use pictl_model::event::Event;
use pictl_model::node::Sudo;
use pictl_model::request::{Ground, Login, Question, Refusal};
use pictl_model::{JobId, Millis, NodeId, QuestionId, Secret};

use super::Dispatcher;
use crate::input::{BlinkNews, Effect};
use crate::remote::RemoteError;
use crate::script::Rights;

/// sudo passwords tried on a board before it stays dark.
const SUDO_TRIES: u32 = 3;

/// Boards that are being identified.
#[derive(Default)]
pub(super) struct Blinks {
    nodes: BTreeMap<NodeId, Blink>,
    /// The open question for sudo's password.
    question: Option<QuestionId>,
}

struct Blink {
    job: JobId,
    time: Duration,
    login: Login,
    stage: Stage,
    /// It was connected for this.
    opened: bool,
    /// sudo passwords tried.
    tries: u32,
    /// What was said of the last one.
    refused: Option<String>,
}

enum Stage {
    Connecting,
    /// How root's rights are had there is being read.
    Reading,
    /// sudo wants a password.
    Asking,
    /// sudo has been given this one.
    Trying(Secret),
    Blinking,
}

impl Dispatcher {
    pub(super) fn identify_requested(&mut self, nodes: Vec<NodeId>, time: Millis, login: &Login) {
        let unknown =
            nodes.iter().filter(|node| self.core.world.nodes.get(*node).is_none_or(|n| n.address().is_none()));
        let refuse = |node: Option<&NodeId>, reason: &str| Refusal {
            node: node.cloned(),
            reason: reason.to_owned(),
            hint: "scan, and choose some".to_owned(),
        };
        let mut reasons: Vec<_> = unknown.map(|node| refuse(Some(node), "its address is not known")).collect();
        if nodes.is_empty() {
            reasons.push(refuse(None, "there are no boards to identify"));
        }
        if !reasons.is_empty() {
            return self.core.refuse("identify", Ground::Input, reasons);
        }
        let fresh: Vec<_> = nodes.into_iter().filter(|node| !self.blinks.nodes.contains_key(node)).collect();
        let time = Duration::from_millis(time.0).max(Duration::from_secs(1));
        for node in &fresh {
            let (job, opened) = (self.core.next_job(), self.core.is_down(node));
            let stage = Stage::Connecting;
            let blink = Blink { job, time, login: login.clone(), stage, opened, tries: 0, refused: None };
            self.blinks.nodes.insert(node.clone(), blink);
        }
        self.core.want_links(&fresh, login);
        self.identify_links_changed(&fresh);
    }

    /// `node` is being identified.
    #[cfg(test)]
    pub(super) fn is_identified(&self, node: &NodeId) -> bool {
        self.blinks.nodes.contains_key(node)
    }

    /// The connections to `nodes` came, failed or went.
    pub(super) fn identify_links_changed(&mut self, nodes: &[NodeId]) {
        for node in nodes {
            let Some(blink) = self.blinks.nodes.get(node) else { continue };
            let connecting = matches!(blink.stage, Stage::Connecting);
            if self.core.is_down(node) {
                let (why, hint) = self.core.why_down(node);
                self.blink_over(node, Some(format!("{why}; {hint}")));
            } else if connecting && self.core.is_up(node) {
                self.set_blink(node, Stage::Reading);
                if self.core.world.nodes.get(node).is_some_and(|n| n.facts.is_some()) {
                    self.begin_blinking(node);
                } else {
                    self.core.read(node);
                }
            }
        }
        self.ask_for_root();
    }

    /// Begins with the way to root that the board told of.
    fn begin_blinking(&mut self, node: &NodeId) {
        let facts = self.core.world.nodes.get(node).and_then(|n| n.facts.as_ref());
        let Some(sudo) = facts.map(|facts| facts.sudo) else { return };
        match Rights::root(sudo, self.core.links.sudo.get(node)) {
            None if sudo == Some(Sudo::Password) => self.set_blink(node, Stage::Asking),
            // Without a way to root the board itself says what is missing.
            rights => self.blink(node, rights.unwrap_or(Rights::User)),
        }
    }

    fn set_blink(&mut self, node: &NodeId, stage: Stage) {
        if let Some(blink) = self.blinks.nodes.get_mut(node) {
            blink.stage = stage;
        }
    }

    fn blink(&mut self, node: &NodeId, rights: Rights) {
        let Some(blink) = self.blinks.nodes.get_mut(node) else { return };
        blink.stage = match &rights {
            Rights::SudoWith(password) => Stage::Trying(password.clone()),
            _ => Stage::Blinking,
        };
        self.core.effects.push(Effect::Blink { job: blink.job, node: node.clone(), time: blink.time, rights });
    }

    /// A node was read that may have been waited for; or why it could not be.
    pub(super) fn identify_read(&mut self, node: &NodeId, problem: Option<&RemoteError>) {
        if !self.blinks.nodes.get(node).is_some_and(|blink| matches!(blink.stage, Stage::Reading)) {
            return;
        }
        match problem {
            Some(e) => self.blink_over(node, Some(in_words(e))),
            None => self.begin_blinking(node),
        }
        self.ask_for_root();
    }

    /// Boards whose password for sudo has become known blink. It is asked for once for all others that want the same, when
    /// nothing else is asked, and none of them is still on its way there.
    pub(super) fn ask_for_root(&mut self) {
        let known = self.blinks.nodes.iter().filter(|(_, blink)| matches!(blink.stage, Stage::Asking));
        let known = known.filter_map(|(node, _)| Some((node.clone(), self.core.links.sudo.get(node)?.clone())));
        for (node, password) in known.collect::<Vec<_>>() {
            self.blink(&node, Rights::SudoWith(password));
        }
        let on_the_way = |blink: &Blink| matches!(blink.stage, Stage::Connecting | Stage::Reading | Stage::Trying(_));
        let somebody_tries = self.is_trying_sudo() || self.blinks.nodes.values().any(on_the_way);
        if somebody_tries || !self.core.world.questions.is_empty() {
            return;
        }
        let mut by_want: BTreeMap<_, Vec<NodeId>> = BTreeMap::new();
        for (node, blink) in self.blinks.nodes.iter().filter(|(_, blink)| matches!(blink.stage, Stage::Asking)) {
            let want = (
                blink.refused.clone(),
                self.core.user_of(node, &blink.login),
                self.core.links.password_on(node).is_some(),
            );
            by_want.entry(want).or_default().push(node.clone());
        }
        if let Some(((retry, user, same_offered), nodes)) = by_want.pop_first() {
            self.blinks.question = Some(self.core.ask(Question::SudoPassword { user, nodes, same_offered, retry }));
        }
    }

    /// Each node's password for sudo: that of a setup, or of boards that are to blink.
    pub(super) fn root_answered(&mut self, id: QuestionId, words: Vec<(NodeId, Option<Secret>)>) {
        if self.blinks.question.take_if(|asked| *asked == id).is_none() {
            return self.sudo_answered(words);
        }
        for (node, word) in words {
            let Some(blink) = self.blinks.nodes.get_mut(&node).filter(|b| matches!(b.stage, Stage::Asking)) else {
                continue;
            };
            blink.tries += 1;
            match word {
                Some(password) => self.blink(&node, Rights::SudoWith(password)),
                None => self.blink_over(&node, Some("switching its LED needs sudo's password; none was given".into())),
            }
        }
    }

    pub(super) fn blink_news(&mut self, job: JobId, node: &NodeId, news: BlinkNews) {
        let Some(blink) = self.blinks.nodes.get_mut(node).filter(|blink| blink.job == job) else { return };
        match news {
            BlinkNews::Began => {
                if let Stage::Trying(password) = std::mem::replace(&mut blink.stage, Stage::Blinking) {
                    self.core.links.sudo.insert(node.clone(), password);
                }
                self.core.publish(Event::Blinking { node: node.clone(), on: true, problem: None });
            }
            BlinkNews::NoSudo(e) => {
                self.core.links.sudo.remove(node);
                blink.refused = Some(e.message.clone());
                if blink.tries < SUDO_TRIES {
                    blink.stage = Stage::Asking;
                } else {
                    self.blink_over(node, Some(in_words(&e)));
                }
            }
            BlinkNews::Ended(result) => {
                self.blink_over(node, result.err().as_ref().map(in_words));
            }
        }
        self.ask_for_root();
    }

    /// The connection that was made for it is closed, unless others want it too.
    fn blink_over(&mut self, node: &NodeId, problem: Option<String>) {
        let Some(blink) = self.blinks.nodes.remove(node) else { return };
        self.core.publish(Event::Blinking { node: node.clone(), on: false, problem });
        if blink.opened {
            self.core.release_link(node);
        }
    }

    pub(super) fn cancel_blinks(&mut self) {
        if self.blinks.nodes.is_empty() {
            return;
        }
        self.core.effects.push(Effect::DropBlinks);
        while let Some(node) = self.blinks.nodes.keys().next().cloned() {
            self.blink_over(&node, None);
        }
    }
}

fn in_words(e: &RemoteError) -> String {
    format!("{}; {}", e.message, e.hint)
}
