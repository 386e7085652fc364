//! Lost nodes are tried again: soon at first, then less and less often, and not all at the same moment.

use std::time::Duration;

use pictl_model::event::Event;
use pictl_model::link::LinkFailure;
use pictl_model::{Millis, NodeId};

use super::{Links, State};
use crate::dispatcher::journal::{Journal, Kind};
use crate::input::{Effect, Timer};

/// The first wait. It doubles with each try that fails.
const FIRST: u64 = 1_000;
/// It doubles up to here, and is longer by half of it at most: thirty seconds in all.
const LONGEST: u64 = 20_000;
/// The same while a run is at work, so three seconds in all: MPI cannot go on without the node.
const LONGEST_IN_A_RUN: u64 = 2_000;
/// A connection that stood for this long was a good one, and failures before it no longer count.
const STOOD: Millis = Millis(60_000);
/// A node that let this login in before may refuse it so often: it does while it starts.
const STARTING: u32 = 5;

/// How often a node was tried, and when it is tried next.
#[derive(Default)]
pub(super) struct Retry {
    failures: u32,
    /// The last timer's number; those before it no longer count.
    timer: u32,
    /// It is tried when its jump host is back.
    follows: bool,
}

impl Retry {
    /// A login begins; when somebody waits for it, the failures are forgotten.
    pub(super) fn begin(&mut self, quiet: bool) {
        self.timer += 1;
        self.follows = false;
        if !quiet {
            self.failures = 0;
        }
    }
}

/// How long to wait after so many failures. Nodes that went away together do not come back at one moment, for each has its
/// own share of the spread.
fn wait(node: &NodeId, failures: u32, in_a_run: bool) -> Duration {
    let longest = if in_a_run { LONGEST_IN_A_RUN } else { LONGEST };
    let wait = (FIRST << failures.min(10)).min(longest);
    // FNV-1a: any hash would do that is the same tomorrow.
    let hash =
        node.as_str().bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    Duration::from_millis(wait + wait / 2 * u64::from(hash % 1_000) / 1_000)
}

impl Links {
    /// The login on `node` failed for a reason that may pass.
    pub(super) fn fail_for_now(
        &mut self,
        journal: &mut Journal,
        node: &NodeId,
        failure: LinkFailure,
        why: String,
        hint: String,
    ) {
        self.link_failed(journal, node, failure, why, hint);
        self.reconnect_later(journal, node);
    }

    /// `node` let this login in before, and refuses it while nobody waits: it may just be starting.
    pub(super) fn may_be_starting(&self, node: &NodeId) -> bool {
        self.watching && self.nodes.get(node).is_some_and(|c| c.quiet && c.was_up && c.retry.failures < STARTING)
    }

    /// Tries a watched node that is not connected again after a while.
    pub(super) fn reconnect_later(&mut self, journal: &mut Journal, node: &NodeId) {
        let Some(conn) = self.nodes.get(node).filter(|_| self.watching && self.is_watched(journal, node)) else {
            return;
        };
        let follows = conn.via().is_some_and(|via| !self.is_up(via));
        let (now, in_a_run) = (journal.now, journal.is_at_work(Kind::Run));
        let timer = self.change(node, |conn| {
            if conn.since.take().is_some_and(|since| now - since >= STOOD) {
                conn.retry.failures = 0;
            }
            conn.retry.follows = follows;
            if follows {
                return None;
            }
            conn.retry.timer += 1;
            conn.retry.failures += 1;
            Some((wait(node, conn.retry.failures - 1, in_a_run), conn.retry.timer))
        });
        if let Some((span, number)) = timer.flatten() {
            let at = now.plus(Millis(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)));
            journal.publish(Event::TriedAgain { node: node.clone(), at });
            journal.effects.push(Effect::After(span, Timer::Reconnect(node.clone(), number)));
        }
    }

    pub(in crate::dispatcher) fn reconnect_due(&mut self, journal: &mut Journal, node: &NodeId, number: u32) {
        if self.nodes.get(node).is_some_and(|conn| conn.retry.timer == number) {
            self.reconnect(journal, node);
        }
    }

    /// Logs in again on a node that is not connected.
    pub(in crate::dispatcher) fn reconnect(&mut self, journal: &mut Journal, node: &NodeId) {
        if !self.is_watched(journal, node) || !self.is_down(node) || self.ending {
            return;
        }
        let via = self.nodes.get(node).and_then(|conn| conn.via().cloned());
        if via.is_some_and(|via| !self.is_up(&via)) {
            self.change(node, |conn| conn.retry.follows = true);
        } else {
            self.names.ask_again();
            self.want(journal, node, true);
            self.begin_wanted(journal);
        }
        self.settle(journal);
    }

    /// It is connected for as long as the cluster is watched: a member, or a jump host.
    pub(super) fn is_watched(&self, journal: &Journal, node: &NodeId) -> bool {
        self.jump_hosts.contains_key(node) || journal.world.nodes.get(node).is_some_and(|n| n.member.is_some())
    }

    /// Connections that go through `jump` can be made now.
    pub(super) fn route_open(&mut self, journal: &mut Journal, jump: &NodeId) {
        let waiting = self.through(jump, |conn| match conn.state {
            State::Behind => true,
            State::Down => conn.retry.follows,
            _ => false,
        });
        for node in waiting {
            self.want(journal, &node, true);
            self.set(&node, State::Wanted);
            self.begin(journal, &node);
        }
    }

    /// Connections that wait for `jump` will not be made.
    pub(super) fn route_closed(&mut self, journal: &mut Journal, jump: &NodeId) {
        for node in self.through(jump, |conn| matches!(conn.state, State::Behind)) {
            self.fail_behind(journal, &node, jump);
        }
    }

    /// Without `jump` the login on `node` has failed, for the same reason.
    pub(super) fn fail_behind(&mut self, journal: &mut Journal, node: &NodeId, jump: &NodeId) {
        let (why, hint) = journal.why_down(jump);
        let why = format!("the route through {} is closed: {why}", journal.world.name_of(jump));
        self.fail_for_now(journal, node, LinkFailure::JumpHostDown, why, hint);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(n: u8) -> NodeId {
        NodeId::from_address([10, 0, 0, n].into(), 22)
    }

    #[test]
    fn waits_double_from_a_second_to_half_a_minute_and_differ_from_node_to_node() {
        for (failures, shortest) in [1, 2, 4, 8, 16, 20, 20].into_iter().enumerate() {
            let waits = (0..=255).map(|n| wait(&node(n), u32::try_from(failures).expect("few"), false));
            let waits: std::collections::BTreeSet<_> = waits.collect();
            let (first, last) = (*waits.first().expect("many"), *waits.last().expect("many"));
            assert!(first >= Duration::from_secs(shortest) && last < Duration::from_millis(shortest * 1500));
            assert!(waits.len() > 150 && last > first + Duration::from_millis(shortest * 400), "{waits:?}");
        }
        assert!((0..=255).all(|n| wait(&node(n), 9, true) < Duration::from_secs(3)));
    }
}
