//! Joining a run that was left running: its record first, then the head, then what was missed.

use std::collections::BTreeSet;

use pictl_model::RunId;
use pictl_model::event::Event;
use pictl_model::node::Member;
use pictl_model::request::{BenchRequest, Ground, LaunchWish, Login, Refusal};

use super::{Bench, Current};
use crate::dispatcher::Dispatcher;
use crate::dispatcher::core::Exclusive;
use crate::input::{Effect, LaunchOrder};
use crate::record::{Opened, RecordError};

impl Dispatcher {
    pub(in crate::dispatcher) fn attach_requested(&mut self, run: RunId, login: Login) {
        if self.core.refuse_if_busy("attach") {
            return;
        }
        self.attaching = Some(login);
        self.core.effects.push(Effect::Open(run));
    }

    /// The record is there, or cannot be gone on with. What it has is shown at once; then the nodes are logged in on.
    pub(in crate::dispatcher) fn opened(&mut self, run: &RunId, result: Result<Box<Opened>, RecordError>) {
        let Some(login) = self.attaching.take() else { return };
        let refuse = |reason: String, hint: &str| Refusal { node: None, reason, hint: hint.to_owned() };
        let opened = match result {
            Ok(opened) => *opened,
            Err(e) => {
                let refusal = refuse(e.to_string(), "see the runs there are: pictl runs list");
                return self.core.refuse("attach", Ground::Input, vec![refusal]);
            }
        };
        let plan = opened.file.plan;
        let nodes: Vec<_> = plan.hosts.iter().map(|host| &host.node).collect();
        let members: Vec<Member> = self.core.members().into_iter().filter(|m| nodes.contains(&&m.id)).collect();
        if members.len() < nodes.len() {
            let refusal = refuse(
                format!("{run} ran on nodes that are not in the cluster any more"),
                "scan, and add them again; then attach",
            );
            return self.core.refuse("attach", Ground::Input, vec![refusal]);
        }
        for stamped in opened.events {
            if matches!(stamped.event, Event::Run { .. } | Event::Sampled { .. }) {
                self.core.replay(stamped);
            }
        }
        let request = BenchRequest {
            workload: plan.workload.clone(),
            program: None,
            launch: LaunchWish::default(),
            ranks: Some(plan.ranks),
            repeat: 1,
            nodes: members.iter().map(|m| m.id.clone()).collect(),
            timeout: None,
            login: login.clone(),
        };
        let nodes = request.nodes.clone();
        self.core.work(Exclusive::Run, &nodes);
        self.bench = Some(Bench {
            request,
            job: None,
            members,
            asked: BTreeSet::new(),
            begun: 1,
            first: None,
            run: None,
            joining: Some(LaunchOrder {
                hostfile: String::new(),
                files: Vec::new(),
                own_files: Vec::new(),
                ssh_config: None,
                limit: None,
                silence: None,
                proof: None,
                joined: Some(opened.taken),
                plan,
            }),
            cancelled: 0,
        });
        self.core.watching = true;
        self.core.want_links(&nodes, &login);
        let up: Vec<_> = nodes.iter().filter(|n| self.core.is_up(n)).cloned().collect();
        self.core.effects.extend(up.into_iter().map(Effect::Watch));
        self.bench_links_changed();
    }

    /// Goes on with the run once its nodes are there.
    pub(super) fn join_run(&mut self) {
        let Some(order) = self.bench.as_mut().and_then(|b| b.joining.take()) else { return };
        if let Some(bench) = &mut self.bench {
            bench.run = Some(Current::new(&order.plan, None));
        }
        self.core.effects.push(Effect::Launch(Box::new(order)));
        self.watch_run();
    }
}
