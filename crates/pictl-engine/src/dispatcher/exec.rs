//! One command on many nodes.

use std::collections::BTreeMap;
use std::time::Duration;

use pictl_model::event::Event;
use pictl_model::request::{ExecRequest, Ground, Refusal};
use pictl_model::{JobId, LeftOut, Millis, NodeId, Timestamp};

use super::core::Core;
use super::job::{Job, Reading};
use super::journal::Kind;
use crate::input::{Effect, Input};

/// A command under way.
pub(super) struct Exec {
    request: ExecRequest,
    job: JobId,
    nodes: BTreeMap<NodeId, Part>,
    /// It was asked to end.
    stopping: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Waiting,
    Running(Timestamp),
    Ended,
}

impl Exec {
    pub(super) fn new(request: ExecRequest) -> Self {
        Self { request, job: JobId(0), nodes: BTreeMap::new(), stopping: false }
    }

    fn ended(&mut self, core: &mut Core, node: &NodeId, result: Result<Option<i32>, String>) {
        let Some(part) = self.nodes.get_mut(node).filter(|p| **p != Part::Ended) else { return };
        let (unreached, elapsed) = match std::mem::replace(part, Part::Ended) {
            Part::Running(since) => (false, core.journal.now - since),
            _ => (true, Millis(0)),
        };
        let (status, problem) = match result {
            Ok(status) => (status, None),
            Err(why) => (None, Some(why)),
        };
        let job = self.job;
        core.publish(Event::ExecEnded { job, node: node.clone(), status, problem, unreached, elapsed });
        if self.is_over() {
            core.publish(Event::ExecFinished { job });
        }
    }
}

impl Job for Exec {
    fn name(&self) -> &'static str {
        "command"
    }

    fn start(&mut self, core: &mut Core) {
        let request = &self.request;
        let members = core.journal.members().into_iter().map(|m| m.id);
        let nodes: Vec<_> = members.filter(|id| request.nodes.is_empty() || request.nodes.contains(id)).collect();
        let reason = if nodes.is_empty() {
            Some(("the cluster has no such nodes", "`pictl nodes list` shows who is in it"))
        } else if request.command.trim().is_empty() {
            Some(("there is no command", "put it after --"))
        } else {
            None
        };
        if let Some((reason, hint)) = reason {
            let refusal = Refusal { node: None, reason: reason.into(), hint: hint.into() };
            return core.refuse(self.name(), Ground::Input, vec![refusal]);
        }
        self.job = core.journal.next_job();
        core.publish(Event::ExecStarted { job: self.job, nodes: nodes.clone(), command: request.command.clone() });
        self.nodes = nodes.iter().map(|n| (n.clone(), Part::Waiting)).collect();
        core.journal.work(Kind::Exec, &nodes);
        core.want_links(&nodes, &request.login);
        self.links_changed(core, &nodes);
    }

    fn input(&mut self, core: &mut Core, input: Input) -> Option<Input> {
        match input {
            // What an earlier command still prints is nobody's any more.
            Input::ExecLine { job, node, stream, line } if job == self.job => {
                core.publish(Event::ExecLine { job, node, stream, line });
            }
            Input::ExecOmitted { job, node, left_out: LeftOut { lines, bytes } } if job == self.job => {
                core.publish(Event::ExecOmitted { job, node, lines, bytes });
            }
            Input::ExecEnded { job, node, result } if job == self.job => self.ended(core, &node, result),
            other => return Some(other),
        }
        None
    }

    fn links_changed(&mut self, core: &mut Core, nodes: &[NodeId]) {
        for node in nodes {
            let part = self.nodes.get(node).copied().unwrap_or(Part::Ended);
            if part == Part::Waiting && core.is_up(node) {
                self.nodes.insert(node.clone(), Part::Running(core.journal.now));
                let limit = self.request.timeout.map(|t| Duration::from_millis(t.0));
                let command = self.request.command.clone();
                let (job, node, of) = (self.job, node.clone(), self.nodes.len());
                core.journal.effects.push(Effect::Exec { job, node, command, limit, of });
            } else if part != Part::Ended && core.is_down(node) {
                let (why, hint) = core.why_down(node);
                self.ended(core, node, Err(format!("{why}; {hint}")));
            }
        }
    }

    fn reading(&mut self, _: &mut Core, _: &NodeId, _: &Reading) {}

    /// Asked once, it ends what runs and waits for that; asked again, it does not wait any more.
    fn cancel(&mut self, core: &mut Core) {
        let open: Vec<_> =
            self.nodes.iter().filter(|(_, p)| **p != Part::Ended).map(|(n, p)| (n.clone(), *p)).collect();
        let again = std::mem::replace(&mut self.stopping, true);
        core.journal.effects.push(if again { Effect::DropExecs } else { Effect::StopExecs });
        for (node, part) in open {
            match part {
                Part::Waiting => self.ended(core, &node, Err("stopped before it began".into())),
                Part::Running(_) if again => {
                    self.ended(core, &node, Err("stopped; the node did not report that it ended there".into()));
                }
                Part::Running(_) | Part::Ended => {}
            }
        }
    }

    fn is_exclusive(&self) -> bool {
        true
    }

    fn is_over(&self) -> bool {
        self.nodes.values().all(|part| *part == Part::Ended)
    }

    #[cfg(test)]
    fn is_on(&self, node: &NodeId) -> bool {
        self.nodes.get(node).is_some_and(|part| *part != Part::Ended)
    }
}
