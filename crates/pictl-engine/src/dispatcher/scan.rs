//! Looking for hosts: one scan at a time, or a watch, which looks again and again. Who is expected goes with every scan, and
//! who of them does not answer is gone.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::net::IpAddr;
use std::time::Duration;

use pictl_model::event::{Event, Level};
use pictl_model::node::Flag;
use pictl_model::request::{Expected, Ground, Refusal, ScanRequest};
use pictl_model::world::NodeView;
use pictl_model::{Millis, NodeId};

use super::Dispatcher;
use crate::input::{Effect, Timer};
use crate::ports::{ScanEnd, ScanError, ScanNews};

/// A watch pauses for no less than this between two looks.
const SHORTEST_PAUSE: Millis = Millis(500);

/// The scan at work, or the last one, and the watch that it is part of.
#[derive(Default)]
pub(super) struct Scan {
    watch: Option<Watch>,
    /// It is a further look of the watch.
    again: bool,
    /// It was stopped: what it has not heard says nothing.
    stopped: bool,
    /// Scans so far. A timer of an earlier one counts no more.
    number: u32,
}

struct Watch {
    request: ScanRequest,
    every: Millis,
    /// Who was silent at the last look. A Pi whose Wi-Fi sleeps misses one look, and not two.
    silent: BTreeSet<NodeId>,
    /// Why the last look could not be made.
    trouble: Option<String>,
}

impl Dispatcher {
    pub(super) fn scan_requested(&mut self, mut request: ScanRequest) {
        for target in &mut request.targets {
            if let Some(name) = self.core.ssh.config.leads_to(target) {
                *target = name.to_owned();
            }
        }
        if let Some(every) = request.every.map(|every| every.max(SHORTEST_PAUSE)) {
            self.core.publish(Event::Watching { every: Some(every) });
            let request = request.clone();
            self.scan.watch = Some(Watch { request, every, silent: BTreeSet::new(), trouble: None });
        } else {
            self.end_watch();
        }
        self.look(request, false);
    }

    fn look(&mut self, mut request: ScanRequest, again: bool) {
        request.expected = self.expected(request.port, again);
        self.scan.number += 1;
        (self.scan.again, self.scan.stopped) = (again, false);
        self.core.effects.push(Effect::Scan(request));
    }

    /// The watch's next look is due.
    pub(super) fn look_due(&mut self, number: u32) {
        if let Some(watch) = self.scan.watch.as_ref().filter(|_| self.scan.number == number) {
            self.look(watch.request.clone(), true);
        }
    }

    /// Ends the scan and the watch.
    pub(super) fn stop_scan(&mut self) {
        self.end_watch();
        self.scan.stopped = true;
        self.core.effects.push(Effect::StopScan);
    }

    fn end_watch(&mut self) {
        if self.scan.watch.take().is_some() {
            self.core.publish(Event::Watching { every: None });
        }
    }

    /// Who may be expected where. One SSH connection to a host and scan is enough, and none where what its server calls
    /// itself is known; who asks for a scan himself wants to know that anew.
    fn expected(&self, port: u16, again: bool) -> Vec<Expected> {
        let straight = |n: &&NodeView| n.member.as_ref().is_none_or(|m| m.jump.is_none());
        let mut nodes: Vec<_> = self.core.world.nodes.values().filter(|n| !n.is_gone()).filter(straight).collect();
        // Of two at one address, the one that was there last.
        nodes.sort_by_key(|n| n.last_seen);
        let of = |n: &NodeView| {
            let told = n.sighting.as_ref().is_some_and(|s| s.ssh.is_some() && s.port == port);
            let ssh_known = !self.core.is_down(&n.id) || (again && told);
            Some(Expected { address: n.address()?, mac: n.mac(), ssh_known })
        };
        let by_address: BTreeMap<_, _> = nodes.into_iter().filter_map(of).map(|e| (e.address, e)).collect();
        by_address.into_values().collect()
    }

    pub(super) fn scan_news(&mut self, news: ScanNews) {
        match news {
            ScanNews::Started { targets, method, addresses } => {
                self.core.sightings.clear();
                self.core.publish(Event::ScanStarted { targets, method, addresses, again: self.scan.again });
            }
            ScanNews::Problem(text) => self.core.publish(Event::ScanProblem { text }),
            ScanNews::Progress { asked, found } => self.core.publish(Event::ScanProgress { asked, found }),
            ScanNews::Host(sighting) => self.core.host_seen(sighting),
        }
    }

    pub(super) fn scan_ended(&mut self, end: Result<ScanEnd, ScanError>) {
        match end {
            Ok(end) => {
                if let Some(watch) = &mut self.scan.watch {
                    watch.trouble = None;
                }
                if !self.scan.stopped {
                    self.missed(&end.silent);
                    self.core.settle_moves();
                }
                self.finish_scan(end.problems);
            }
            Err(error) => self.scan_failed(&error),
        }
        if let Some(watch) = &self.scan.watch {
            let pause = Duration::from_millis(watch.every.0);
            self.core.effects.push(Effect::After(pause, Timer::Look(self.scan.number)));
        }
    }

    fn finish_scan(&mut self, problems: Vec<String>) {
        let hosts: BTreeSet<_> = self.core.sightings.seen.values().map(|seen| &seen.node).collect();
        let is_pi = |id: &&&NodeId| self.core.world.nodes.get(**id).is_some_and(NodeView::is_pi);
        let (found, pis) = (hosts.len() as u64, hosts.iter().filter(is_pi).count() as u64);
        let began = self.core.world.scan.as_ref().map_or(self.core.now, |scan| scan.started);
        self.core.publish(Event::ScanFinished { found, pis, elapsed: self.core.now - began, problems });
    }

    fn scan_failed(&mut self, error: &ScanError) {
        let (text, began) = (error.to_string(), self.core.world.scan.as_ref().is_some_and(|scan| scan.active));
        if began {
            self.finish_scan(vec![text.clone()]);
        }
        if self.scan.again {
            // The network may come back. Whether it does is nothing to who has stopped the watch.
            let before = self.scan.watch.as_mut().map(|watch| watch.trouble.replace(text.clone()));
            if before.is_some_and(|before| before.as_ref() != Some(&text)) {
                self.core.notice(Level::Warn, None, format!("{text}; the watch goes on"));
            }
            return;
        }
        let (ground, hint) = match error {
            ScanError::Target { hint, .. } => (Ground::Input, hint.clone()),
            ScanError::NotAllowed { hint, .. } => (Ground::Access, hint.clone()),
            ScanError::Io { .. } => (Ground::Access, "name the interface or the targets by hand".to_owned()),
        };
        self.core.refuse("scan", ground, vec![Refusal { node: None, reason: text, hint }]);
        self.end_watch();
    }

    /// Who was expected and not seen: it goes on by its other card, or it is gone.
    fn missed(&mut self, silent: &[IpAddr]) {
        let silent: HashSet<_> = silent.iter().copied().collect();
        let gone_from = |n: &&NodeView| {
            n.address().is_some_and(|at| {
                let is_silent = silent.contains(&at) && !self.core.sightings.seen.contains_key(&at);
                is_silent || self.is_taken(n, at)
            })
        };
        let absent: Vec<_> =
            self.core.world.nodes.values().filter(gone_from).filter(|n| !self.core.is_up(&n.id)).collect();
        let absent: Vec<_> = absent.into_iter().map(|n| n.id.clone()).collect();
        let mut missed = BTreeSet::new();
        for node in absent {
            let elsewhere = self.core.sightings.seen.values().map(|seen| (&seen.node, &seen.sighting));
            let elsewhere = elsewhere.filter(|(seen, _)| **seen == node).map(|(_, sighting)| sighting);
            match elsewhere.min_by_key(|sighting| sighting.address).cloned() {
                Some(sighting) => self.core.seen_at(&node, sighting),
                None => drop(missed.insert(node)),
            }
        }
        if let Some(watch) = &mut self.scan.watch {
            let before = std::mem::replace(&mut watch.silent, missed.clone());
            missed.retain(|node| before.contains(node));
        }
        for node in missed {
            self.gone(&node);
        }
    }

    /// Somebody else has the address of `view`.
    fn is_taken(&self, view: &NodeView, at: IpAddr) -> bool {
        let Some((seen, mac)) = self.core.sightings.seen.get(&at).zip(view.mac()) else { return false };
        let both_there = seen.sighting.flags.contains(&Flag::Contested { mac });
        seen.node != view.id && seen.sighting.mac.is_some_and(|other| other != mac) && !both_there
    }

    fn gone(&mut self, node: &NodeId) {
        let Some(view) = self.core.world.nodes.get(node).filter(|n| !n.is_gone()) else { return };
        let level = if view.member.is_some() { Level::Warn } else { Level::Info };
        let name = view.name();
        let at = view.address().map(|at| at.to_string()).filter(|at| *at != name);
        let at = at.map(|at| format!(" ({at})")).unwrap_or_default();
        let text = format!("{name}{at} does not answer any more");
        self.core.publish(Event::Gone { node: node.clone() });
        self.core.notice(level, Some(node), text);
    }
}
