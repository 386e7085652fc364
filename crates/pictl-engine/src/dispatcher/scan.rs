//! Scans: one at a time, or a watch, which is one pass after another. Every scan knows which hosts are expected, and those
//! that do not answer are gone.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::net::IpAddr;
use std::time::Duration;

use pictl_model::event::{Event, Level};
use pictl_model::node::{Flag, Member, SeenBy};
use pictl_model::request::{Expected, Ground, Refusal, Request, ScanRequest};
use pictl_model::world::NodeView;
use pictl_model::{MacAddr, Millis, NodeId};

use super::core::Core;
use super::job::{Job, Reading};
use crate::input::{Effect, Input, Timer};
use crate::ports::{ScanEnd, ScanError, ScanNews};

/// A watch pauses for no less than this between two passes.
const SHORTEST_PAUSE: Millis = Millis(500);

/// The scan at work, or the last one, and the watch that it is part of.
#[derive(Default)]
pub(super) struct Scan {
    watch: Option<Watch>,
    /// It is a further pass of the watch.
    again: bool,
    /// It was stopped: what it has not heard says nothing.
    stopped: bool,
    /// Scans so far. A timer of an earlier one no longer counts.
    number: u32,
}

struct Watch {
    request: ScanRequest,
    every: Millis,
    /// Who was silent at the last pass. A Pi whose Wi-Fi sleeps misses one pass, and not two.
    silent: BTreeSet<NodeId>,
    /// Why the last pass could not be made.
    trouble: Option<String>,
}

impl Scan {
    fn requested(&mut self, core: &mut Core, mut request: ScanRequest) {
        for target in &mut request.targets {
            if let Some(name) = core.links.ssh.config.leads_to(target) {
                *target = name.to_owned();
            }
        }
        if let Some(every) = request.every.map(|every| every.max(SHORTEST_PAUSE)) {
            core.publish(Event::Watching { every: Some(every) });
            let request = request.clone();
            self.watch = Some(Watch { request, every, silent: BTreeSet::new(), trouble: None });
        } else {
            self.end_watch(core);
        }
        self.begin_pass(core, request, false);
    }

    fn begin_pass(&mut self, core: &mut Core, mut request: ScanRequest, again: bool) {
        request.expected = Self::expected(core, request.port, again);
        self.number += 1;
        (self.again, self.stopped) = (again, false);
        core.journal.effects.push(Effect::Scan(request));
    }

    /// The watch's next pass is due.
    fn due(&mut self, core: &mut Core, number: u32) {
        if let Some(watch) = self.watch.as_ref().filter(|_| self.number == number) {
            self.begin_pass(core, watch.request.clone(), true);
        }
    }

    /// Ends the scan and the watch.
    fn stop(&mut self, core: &mut Core) {
        self.end_watch(core);
        self.stopped = true;
        core.journal.effects.push(Effect::StopScan);
    }

    fn end_watch(&mut self, core: &mut Core) {
        if self.watch.take().is_some() {
            core.publish(Event::Watching { every: None });
        }
    }

    /// Who may be expected where. One SSH connection to a host and scan is enough, and none where what its server calls
    /// itself is known; a scan that the user asks for finds it out again.
    fn expected(core: &Core, port: u16, again: bool) -> Vec<Expected> {
        let straight = |n: &&NodeView| n.member.as_ref().is_none_or(|m| m.jump.is_none());
        let mut nodes: Vec<_> = core.journal.world.nodes.values().filter(|n| !n.is_gone()).filter(straight).collect();
        // Of two at one address, the one that was there last.
        nodes.sort_by_key(|n| n.last_seen);
        let of = |n: &NodeView| {
            let known = n.sighting.as_ref().is_some_and(|s| s.ssh.is_some() && s.port == port);
            let ssh_known = !core.is_down(&n.id) || (again && known);
            let of_member = n.member.iter().flat_map(Member::macs);
            let others: BTreeSet<_> = of_member.chain(n.also.iter().filter_map(|also| also.mac)).collect();
            let interfaces = others.into_iter().filter(|mac| Some(*mac) != n.mac()).collect();
            Some(Expected { address: n.address()?, mac: n.mac(), interfaces, ssh_known })
        };
        let by_address: BTreeMap<_, _> = nodes.into_iter().filter_map(of).map(|e| (e.address, e)).collect();
        by_address.into_values().collect()
    }

    fn news(&mut self, core: &mut Core, news: ScanNews) {
        match news {
            ScanNews::Started { targets, method, addresses } => {
                core.sightings.clear();
                core.publish(Event::ScanStarted { targets, method, addresses, again: self.again });
            }
            ScanNews::Problem(text) => core.publish(Event::ScanProblem { text }),
            ScanNews::Progress { asked, found } => core.publish(Event::ScanProgress { asked, found }),
            ScanNews::Host(sighting) => core.host_seen(sighting),
        }
    }

    fn ended(&mut self, core: &mut Core, end: Result<ScanEnd, ScanError>) {
        match end {
            Ok(end) => {
                if let Some(watch) = &mut self.watch {
                    watch.trouble = None;
                }
                if !self.stopped {
                    self.missed(core, &end.silent);
                    core.settle_moves();
                }
                finish(core, end.problems);
            }
            Err(error) => self.failed(core, &error),
        }
        if let Some(watch) = &self.watch {
            let pause = Duration::from_millis(watch.every.0);
            core.journal.effects.push(Effect::After(pause, Timer::Pass(self.number)));
        }
    }

    fn failed(&mut self, core: &mut Core, error: &ScanError) {
        let (text, began) = (error.to_string(), core.journal.world.scan.as_ref().is_some_and(|scan| scan.active));
        if self.again {
            if began {
                finish(core, vec![text.clone()]);
            }
            // The network may come back. Whether it does is nothing to who has stopped the watch.
            let before = self.watch.as_mut().map(|watch| watch.trouble.replace(text.clone()));
            if before.is_some_and(|before| before.as_ref() != Some(&text)) {
                core.notice(Level::Warn, None, format!("{text}; the watch goes on"));
            }
            return;
        }
        let (ground, hint) = match error {
            ScanError::Target { hint, .. } => (Ground::Input, hint.clone()),
            ScanError::NotAllowed { hint, .. } => (Ground::Access, hint.clone()),
            ScanError::NothingAsked { .. } => (
                Ground::Access,
                "check the network interface, the firewall and the limit of open files (`ulimit -n`) of this computer"
                    .to_owned(),
            ),
            ScanError::Io { .. } => (Ground::Access, "name the interface or the targets by hand".to_owned()),
        };
        // Before the end of the scan: who waits for the end has to know by then that it is a failure.
        core.refuse(self.name(), ground, vec![Refusal { node: None, reason: text.clone(), hint }]);
        if began {
            finish(core, vec![text]);
        }
        self.end_watch(core);
    }

    /// Who was expected and not seen: it answers by its other interface, or it is gone.
    fn missed(&mut self, core: &mut Core, silent: &[IpAddr]) {
        let silent: HashSet<_> = silent.iter().copied().collect();
        let gone_from = |n: &&NodeView| {
            n.address().is_some_and(|at| {
                let is_silent = silent.contains(&at) && !core.sightings.seen.contains_key(&at);
                is_silent || is_taken(core, n, at)
            })
        };
        let absent: Vec<_> =
            core.journal.world.nodes.values().filter(gone_from).filter(|n| !core.is_up(&n.id)).collect();
        let absent: Vec<_> = absent.into_iter().map(|n| n.id.clone()).collect();
        let mut missed = BTreeSet::new();
        for node in absent {
            let elsewhere = core.sightings.seen.values().map(|seen| (&seen.node, &seen.sighting));
            let elsewhere = elsewhere.filter(|(seen, _)| **seen == node).map(|(_, sighting)| sighting);
            match elsewhere.min_by_key(|sighting| sighting.address).cloned() {
                Some(sighting) => core.seen_at(&node, sighting),
                None => drop(missed.insert(node)),
            }
        }
        if let Some(watch) = &mut self.watch {
            let before = std::mem::replace(&mut watch.silent, missed.clone());
            missed.retain(|node| before.contains(node));
        }
        for node in missed {
            gone(core, &node);
        }
    }
}

impl Job for Scan {
    fn name(&self) -> &'static str {
        "scan"
    }

    fn start(&mut self, _: &mut Core) {}

    fn input(&mut self, core: &mut Core, input: Input) -> Option<Input> {
        match input {
            Input::Request(Request::Scan(request)) => self.requested(core, request),
            Input::Request(Request::StopScan) => self.stop(core),
            Input::Scan(news) => self.news(core, news),
            Input::ScanEnded(end) => self.ended(core, end),
            Input::Timer(Timer::Pass(number)) => self.due(core, number),
            other => return Some(other),
        }
        None
    }

    fn links_changed(&mut self, _: &mut Core, _: &[NodeId]) {}

    fn reading(&mut self, _: &mut Core, _: &NodeId, _: &Reading) {}

    fn cancel(&mut self, core: &mut Core) {
        self.stop(core);
    }

    fn is_exclusive(&self) -> bool {
        false
    }

    /// It never is: it knows who was silent at the last pass, and takes in what a scan that was stopped still reports.
    fn is_over(&self) -> bool {
        false
    }

    #[cfg(test)]
    fn is_on(&self, _: &NodeId) -> bool {
        false
    }
}

/// Somebody else has the address of `view`.
fn is_taken(core: &Core, view: &NodeView, at: IpAddr) -> bool {
    let Some((seen, mac)) = core.sightings.seen.get(&at).zip(view.mac()) else { return false };
    let both_there = seen.sighting.flags.contains(&Flag::Contested { mac });
    // The kernel's table has one MAC address for an address, and a host may have two: that proves nothing.
    let by = &seen.sighting.seen_by;
    if by.contains(&SeenBy::Neighbour) && !by.contains(&SeenBy::Arp) {
        return false;
    }
    let is_rival = |other: MacAddr| other != mac && !seen.sighting.interfaces.contains(&mac);
    seen.node != view.id && seen.sighting.mac.is_some_and(is_rival) && !both_there
}

fn gone(core: &mut Core, node: &NodeId) {
    let Some(view) = core.journal.world.nodes.get(node).filter(|n| !n.is_gone()) else { return };
    let level = if view.member.is_some() { Level::Warn } else { Level::Info };
    let name = view.name();
    let at = view.address().map(|at| at.to_string()).filter(|at| *at != name);
    let at = at.map(|at| format!(" ({at})")).unwrap_or_default();
    let text = format!("{name}{at} does not answer any more");
    core.publish(Event::Gone { node: node.clone() });
    core.notice(level, Some(node), text);
}

fn finish(core: &mut Core, problems: Vec<String>) {
    let hosts: BTreeSet<_> = core.sightings.seen.values().map(|seen| &seen.node).collect();
    let is_pi = |id: &&&NodeId| core.journal.world.nodes.get(**id).is_some_and(NodeView::is_pi);
    let (found, pis) = (hosts.len() as u64, hosts.iter().filter(is_pi).count() as u64);
    let began = core.journal.world.scan.as_ref().map_or(core.journal.now, |scan| scan.started);
    core.publish(Event::ScanFinished { found, pis, elapsed: core.journal.now - began, problems });
}
