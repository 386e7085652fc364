//! Joining a run that was left running: its record first, then the head, then what was missed.

use pictl_model::RunId;
use pictl_model::event::Event;
use pictl_model::request::{BenchRequest, Ground, LaunchWish, Login, Refusal};
use pictl_model::run::Workload;

use super::{Current, Run};
use crate::dispatcher::core::Core;
use crate::input::{Effect, LaunchOrder};
use crate::record::{Opened, RecordError};

impl Run {
    /// A run that was left running and will be joined.
    pub(in crate::dispatcher) fn attach(run: RunId, login: Login) -> Self {
        let request = BenchRequest {
            workload: Workload::default(),
            program: None,
            launch: LaunchWish::default(),
            ranks: None,
            repeat: 1,
            nodes: Vec::new(),
            timeout: None,
            login,
        };
        Self { opening: Some(run), begun: 1, ..Self::new(request) }
    }

    /// It was not begun by this job.
    pub(super) fn is_joined(&self) -> bool {
        self.opening.is_some() || self.joining.is_some()
    }

    /// The record is open, or cannot be continued. What it has is shown at once; then the nodes are logged in on.
    pub(super) fn opened(&mut self, core: &mut Core, run: &RunId, result: Result<Box<Opened>, RecordError>) {
        let refuse = |reason: String, hint: &str| vec![Refusal { node: None, reason, hint: hint.to_owned() }];
        let opened = match result {
            Ok(opened) => *opened,
            Err(e) => {
                let reasons = refuse(e.to_string(), "see the runs there are: pictl runs list");
                return self.give_up(core, Ground::Input, reasons);
            }
        };
        let plan = opened.file.plan;
        let nodes: Vec<_> = plan.hosts.iter().map(|host| &host.node).collect();
        self.members = core.journal.members().into_iter().filter(|m| nodes.contains(&&m.id)).collect();
        if self.members.len() < nodes.len() {
            let reasons = refuse(
                format!("{run} ran on nodes that are not in the cluster any more"),
                "scan, and add them again; then attach",
            );
            return self.give_up(core, Ground::Input, reasons);
        }
        for stamped in opened.events {
            if matches!(stamped.event, Event::Run { .. } | Event::Sampled { .. }) {
                core.journal.replay(stamped);
            }
        }
        self.opening = None;
        self.joining = Some(LaunchOrder {
            hostfile: String::new(),
            files: Vec::new(),
            own_files: Vec::new(),
            ssh_config: None,
            places: Vec::new(),
            limit: None,
            silence: None,
            proof: None,
            input: false,
            joined: Some(opened.taken),
            plan,
        });
        self.connect(core);
    }

    /// Goes on with the run once its nodes are connected.
    pub(super) fn join(&mut self, core: &mut Core) {
        let Some(order) = self.joining.take() else { return };
        self.current = Some(Current::new(&order.plan, None));
        core.journal.effects.push(Effect::Launch(Box::new(order)));
        self.watch(core);
    }
}
