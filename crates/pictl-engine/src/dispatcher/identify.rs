//! Finding a board among others: its LED blinks for a while. That disturbs no other work, so it goes on beside it.

use std::collections::BTreeMap;
use std::time::Duration;

use pictl_model::event::Event;
use pictl_model::node::Sudo;
use pictl_model::request::{Ground, Login, Refusal, Request};
use pictl_model::{JobId, Millis, NodeId};

use super::core::Core;
use super::job::{Job, Reading};
use super::sudo::Root;
use crate::input::{BlinkNews, Effect, Input};
use crate::remote::RemoteError;
use crate::script::Rights;

/// Boards that are being identified.
#[derive(Default)]
pub(super) struct Identify {
    nodes: BTreeMap<NodeId, Blink>,
    /// What the job begins with.
    first: Option<(Vec<NodeId>, Millis, Login)>,
}

struct Blink {
    job: JobId,
    time: Duration,
    login: Login,
    stage: Stage,
    /// It was connected for this.
    opened: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Connecting,
    /// How to become root there is being read.
    Reading,
    /// sudo wants a password.
    Asking,
    Blinking,
}

impl Identify {
    pub(super) fn new(nodes: Vec<NodeId>, time: Millis, login: Login) -> Self {
        Self { nodes: BTreeMap::new(), first: Some((nodes, time, login)) }
    }

    /// Boards join those that are being identified.
    fn add(&mut self, core: &mut Core, nodes: Vec<NodeId>, time: Millis, login: &Login) {
        let unknown =
            nodes.iter().filter(|node| core.journal.world.nodes.get(*node).is_none_or(|n| n.address().is_none()));
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
            return core.refuse(self.name(), Ground::Input, reasons);
        }
        let fresh: Vec<_> = nodes.into_iter().filter(|node| !self.nodes.contains_key(node)).collect();
        let time = Duration::from_millis(time.0).max(Duration::from_secs(1));
        for node in &fresh {
            let (job, opened) = (core.journal.next_job(), core.is_down(node));
            let blink = Blink { job, time, login: login.clone(), stage: Stage::Connecting, opened };
            self.nodes.insert(node.clone(), blink);
        }
        core.want_links(&fresh, login);
        self.links_changed(core, &fresh);
    }

    fn stage(&self, node: &NodeId) -> Option<Stage> {
        self.nodes.get(node).map(|blink| blink.stage)
    }

    /// Takes `node` one stage on, by what is known of it.
    fn advance(&mut self, core: &mut Core, node: &NodeId) {
        let Some(blink) = self.nodes.get_mut(node) else { return };
        if core.is_down(node) {
            let (why, hint) = core.why_down(node);
            return self.over(core, node, Some(format!("{why}; {hint}")));
        }
        match blink.stage {
            Stage::Connecting if core.is_up(node) => {
                blink.stage = Stage::Reading;
                if core.journal.world.nodes.get(node).is_some_and(|n| n.facts.is_some()) {
                    self.begin(core, node);
                } else {
                    core.read(node);
                }
            }
            Stage::Asking => match core.sudo.of(node) {
                Root::Known(password) => {
                    let rights = Rights::SudoWith(password.clone());
                    self.blink(core, node, rights);
                }
                Root::Denied(problem) => {
                    let none = || "switching its LED needs sudo's password; none was given".to_owned();
                    let problem = problem.map_or_else(none, in_words);
                    self.over(core, node, Some(problem));
                }
                Root::Open | Root::Unknown => {}
            },
            Stage::Connecting | Stage::Reading | Stage::Blinking => {}
        }
    }

    /// Begins with the rights that the board has reported.
    fn begin(&mut self, core: &mut Core, node: &NodeId) {
        let facts = core.journal.world.nodes.get(node).and_then(|n| n.facts.as_ref());
        let Some(sudo) = facts.map(|facts| facts.sudo) else { return };
        match Rights::root(sudo, core.sudo.password(node)) {
            None if sudo == Some(Sudo::Password) => {
                if let Some(blink) = self.nodes.get_mut(node) {
                    blink.stage = Stage::Asking;
                }
            }
            // Where nobody can become root, the board itself says what is missing.
            rights => self.blink(core, node, rights.unwrap_or(Rights::User)),
        }
    }

    fn blink(&mut self, core: &mut Core, node: &NodeId, rights: Rights) {
        let Some(blink) = self.nodes.get_mut(node) else { return };
        blink.stage = Stage::Blinking;
        core.journal.effects.push(Effect::Blink { job: blink.job, node: node.clone(), time: blink.time, rights });
    }

    /// sudo's password is wanted for all boards at once: when none of them is still on its way there.
    fn want_root(&self, core: &mut Core) {
        if self.nodes.values().any(|blink| matches!(blink.stage, Stage::Connecting | Stage::Reading)) {
            return;
        }
        for (node, blink) in self.nodes.iter().filter(|(_, blink)| blink.stage == Stage::Asking) {
            if matches!(core.sudo.of(node), Root::Unknown | Root::Denied(_)) {
                core.want_root(std::slice::from_ref(node), &blink.login);
            }
        }
    }

    fn news(&mut self, core: &mut Core, node: &NodeId, news: BlinkNews) {
        match news {
            BlinkNews::Began => core.publish(Event::Blinking { node: node.clone(), on: true, problem: None }),
            BlinkNews::NoSudo(e) => {
                let Some(blink) = self.nodes.get_mut(node) else { return };
                blink.stage = Stage::Asking;
                core.forget_root(node, &blink.login, e.message);
            }
            BlinkNews::Ended(result) => self.over(core, node, result.err().as_ref().map(in_words)),
        }
    }

    /// The connection that was made for it is closed, unless others want it too.
    fn over(&mut self, core: &mut Core, node: &NodeId, problem: Option<String>) {
        let Some(blink) = self.nodes.remove(node) else { return };
        if blink.stage == Stage::Asking && !core.journal.is_worked_on(node) {
            core.sudo.leave(node);
        }
        core.publish(Event::Blinking { node: node.clone(), on: false, problem });
        if blink.opened {
            core.links.release_link(&mut core.journal, node);
        }
    }
}

impl Job for Identify {
    fn name(&self) -> &'static str {
        "identify"
    }

    fn start(&mut self, core: &mut Core) {
        if let Some((nodes, time, login)) = self.first.take() {
            self.add(core, nodes, time, &login);
        }
    }

    fn input(&mut self, core: &mut Core, input: Input) -> Option<Input> {
        match input {
            Input::Request(Request::Identify { nodes, time, login }) => self.add(core, nodes, time, &login),
            Input::Blink { job, node, news } if self.nodes.get(&node).is_some_and(|blink| blink.job == job) => {
                self.news(core, &node, news);
            }
            other => return Some(other),
        }
        self.want_root(core);
        None
    }

    fn links_changed(&mut self, core: &mut Core, nodes: &[NodeId]) {
        for node in nodes {
            self.advance(core, node);
        }
        self.want_root(core);
    }

    fn reading(&mut self, core: &mut Core, node: &NodeId, reading: &Reading) {
        if self.stage(node) != Some(Stage::Reading) {
            return;
        }
        match reading {
            Err(e) => self.over(core, node, Some(in_words(e))),
            Ok(_) => self.begin(core, node),
        }
        self.want_root(core);
    }

    fn cancel(&mut self, core: &mut Core) {
        core.journal.effects.push(Effect::DropBlinks);
        while let Some(node) = self.nodes.keys().next().cloned() {
            self.over(core, &node, None);
        }
    }

    fn is_exclusive(&self) -> bool {
        false
    }

    fn is_over(&self) -> bool {
        self.nodes.is_empty()
    }

    #[cfg(test)]
    fn is_on(&self, node: &NodeId) -> bool {
        self.nodes.contains_key(node)
    }
}

fn in_words(e: &RemoteError) -> String {
    format!("{}; {}", e.message, e.hint)
}
