//! One command on many nodes.

use std::collections::BTreeMap;
use std::time::Duration;

use pictl_model::event::Event;
use pictl_model::request::{ExecRequest, Ground, Refusal};
use pictl_model::run::Stream;
use pictl_model::{JobId, Millis, NodeId, Timestamp};

use super::Dispatcher;
use super::core::Exclusive;
use crate::input::Effect;

/// A command under way.
pub(super) struct Exec {
    job: JobId,
    request: ExecRequest,
    nodes: BTreeMap<NodeId, Part>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Waiting,
    Running(Timestamp),
    Ended,
}

impl Dispatcher {
    pub(super) fn exec_requested(&mut self, request: ExecRequest) {
        if self.core.refuse_if_busy("command") {
            return;
        }
        let members = self.core.members();
        let nodes: Vec<NodeId> = members
            .into_iter()
            .map(|m| m.id)
            .filter(|id| request.nodes.is_empty() || request.nodes.contains(id))
            .collect();
        let reason = if nodes.is_empty() {
            Some(("the cluster has no such nodes", "`pictl nodes list` shows who is in it"))
        } else if request.command.trim().is_empty() {
            Some(("there is no command", "put it after --"))
        } else {
            None
        };
        if let Some((reason, hint)) = reason {
            let refusal = Refusal { node: None, reason: reason.into(), hint: hint.into() };
            return self.core.refuse("command", Ground::Input, vec![refusal]);
        }
        let job = self.core.next_job();
        self.core.publish(Event::ExecStarted { job, nodes: nodes.clone(), command: request.command.clone() });
        let login = request.login.clone();
        let parts = nodes.iter().map(|n| (n.clone(), Part::Waiting)).collect();
        self.core.work(Exclusive::Exec, &nodes);
        self.exec = Some(Exec { job, request, nodes: parts });
        self.core.want_links(&nodes, &login);
        self.exec_links_changed(&nodes);
    }

    /// The connections to `nodes` came, failed or went.
    pub(super) fn exec_links_changed(&mut self, nodes: &[NodeId]) {
        for node in nodes {
            let Some(exec) = &self.exec else { return };
            let (job, part) = (exec.job, exec.nodes.get(node).copied().unwrap_or(Part::Ended));
            if part == Part::Waiting && self.core.is_up(node) {
                let now = self.core.now;
                let Some(exec) = &mut self.exec else { return };
                exec.nodes.insert(node.clone(), Part::Running(now));
                let limit = exec.request.timeout.map(|t| Duration::from_millis(t.0));
                let command = exec.request.command.clone();
                self.core.effects.push(Effect::Exec { job, node: node.clone(), command, limit });
            } else if part != Part::Ended && self.core.is_down(node) {
                let (why, hint) = self.core.why_down(node);
                self.exec_ended(job, node, Err(format!("{why}; {hint}")));
            }
        }
    }

    pub(super) fn exec_line(&mut self, job: JobId, node: NodeId, stream: Stream, line: String) {
        // What an earlier command still says is nobody's any more.
        if self.exec.as_ref().is_some_and(|exec| exec.job == job) {
            self.core.publish(Event::ExecLine { job, node, stream, line });
        }
    }

    pub(super) fn exec_ended(&mut self, job: JobId, node: &NodeId, result: Result<Option<i32>, String>) {
        let Some(exec) = self.exec.as_mut().filter(|exec| exec.job == job) else { return };
        let Some(part) = exec.nodes.get_mut(node).filter(|p| **p != Part::Ended) else { return };
        let elapsed = match std::mem::replace(part, Part::Ended) {
            Part::Running(since) => self.core.now - since,
            _ => Millis(0),
        };
        let over = exec.nodes.values().all(|p| *p == Part::Ended);
        let (status, problem) = match result {
            Ok(status) => (status, None),
            Err(why) => (None, Some(why)),
        };
        self.core.publish(Event::ExecEnded { job, node: node.clone(), status, problem, elapsed });
        if over {
            self.exec = None;
            self.core.rest();
            self.core.publish(Event::ExecFinished { job });
        }
    }

    pub(super) fn cancel_exec(&mut self) {
        let Some(exec) = &self.exec else { return };
        let job = exec.job;
        let open: Vec<_> = exec.nodes.iter().filter(|(_, p)| **p != Part::Ended).map(|(n, _)| n.clone()).collect();
        self.core.effects.push(Effect::DropExecs);
        for node in open {
            self.exec_ended(job, &node, Err("stopped; the command may go on there".into()));
        }
    }
}
