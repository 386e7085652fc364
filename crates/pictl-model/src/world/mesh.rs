//! The logins between nodes: what came of trying each pair, and what happened since that puts the result in doubt.

use std::collections::BTreeMap;

use crate::event::{Event, Stamped};
use crate::ids::NodeId;
use crate::step::{StepId, StepReport, StepState};
use crate::units::Timestamp;

use super::{NodeView, SetupView};

/// The result of the last try of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Try {
    /// When it was tried.
    pub at: Timestamp,
    /// The login worked.
    pub works: bool,
}

/// The logins between nodes, as far as this session's events report them.
///
/// Of 500 nodes there are 250,000 pairs, and every picture asks for all of them: they stand side by side, found by the
/// number of their nodes ([`Self::place`]).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mesh {
    /// Nodes by the order in which they were first part of a pair.
    places: BTreeMap<NodeId, usize>,
    /// From, then to; what is beyond the end was not tried.
    rows: Vec<Vec<Option<Try>>>,
    /// Pairs that did not work, a few as a rule, and when they were tried.
    failed: BTreeMap<(NodeId, NodeId), Timestamp>,
    changed_from: BTreeMap<NodeId, Timestamp>,
    changed_to: BTreeMap<NodeId, Timestamp>,
    began: BTreeMap<NodeId, Timestamp>,
    states: BTreeMap<(NodeId, StepId), StepState>,
}

impl Mesh {
    /// The number of a node for [`Self::tried`]; `None` when no pair with it was tried.
    pub fn place(&self, node: &NodeId) -> Option<usize> {
        self.places.get(node).copied()
    }

    /// The result of the last try between the nodes of these numbers.
    pub fn tried(&self, from: usize, to: usize) -> Option<Try> {
        *self.rows.get(from)?.get(to)?
    }

    /// When the node's own key pair or the host keys that it knows changed: results of its logins to all others from
    /// before are in doubt.
    pub fn changed_from(&self, node: &NodeId) -> Option<Timestamp> {
        self.changed_from.get(node).copied()
    }

    /// When the node's host keys, its address or the keys that it accepts changed: results of all others' logins to it
    /// from before are in doubt.
    pub fn changed_to(&self, node: &NodeId) -> Option<Timestamp> {
        self.changed_to.get(node).copied()
    }

    /// When the node last began to try its logins to the others.
    pub fn began(&self, node: &NodeId) -> Option<Timestamp> {
        self.began.get(node).copied()
    }

    /// What the setups of this session reported last of a step about keys (your key, the node's own key, its identity)
    /// on a node. A later setup of other steps says nothing about them.
    pub fn step(&self, node: &NodeId, step: StepId) -> Option<StepState> {
        self.states.get(&(node.clone(), step)).copied()
    }

    /// The pairs whose last try failed and is not in doubt.
    pub fn failing(&self) -> impl Iterator<Item = (&NodeId, &NodeId)> {
        let current = self.failed.iter().filter(|((from, to), at)| {
            let changed = self.changed_from(from).max(self.changed_to(to));
            changed.is_none_or(|changed| changed <= **at)
        });
        current.map(|((from, to), _)| (from, to))
    }

    /// Takes one event in, before the rest of the world does: `nodes` and `setup` are as they were until then.
    pub(super) fn apply(&mut self, stamped: &Stamped, nodes: &BTreeMap<NodeId, NodeView>, setup: Option<&SetupView>) {
        match &stamped.event {
            Event::Pair { from, to, problem } => {
                self.take(from, to, Try { at: stamped.at, works: problem.is_none() });
            }
            Event::Step { report } => {
                // Such a setup tries the pairs itself, before it takes old keys out.
                let proves = setup.is_some_and(|s| s.plan.steps.contains(&StepId::Pairs));
                self.report(stamped.at, report, proves);
                if matches!(report.step, StepId::OperatorKey | StepId::NodeKey | StepId::Identity) {
                    self.states.insert((report.node.clone(), report.step), report.state);
                }
            }
            Event::MemberSet { member } => {
                let known = nodes.get(&member.id).and_then(|n| n.member.as_ref());
                let other = known.is_some_and(|known| {
                    (known.offered_key().is_some() && known.offered_key() != member.offered_key())
                        || known.address != member.address
                });
                if other {
                    self.changed_to.insert(member.id.clone(), stamped.at);
                }
            }
            _ => {}
        }
    }

    fn report(&mut self, at: Timestamp, report: &StepReport, proves: bool) {
        let node = || report.node.clone();
        match (report.step, report.state) {
            (StepId::Pairs, state) if state.is_at_work() => {
                self.began.insert(node(), Timestamp(at.0.saturating_sub_unsigned(report.elapsed.0)));
            }
            (StepId::NodeKey | StepId::KnownHosts | StepId::Hosts, StepState::Done) => {
                self.changed_from.insert(node(), at);
            }
            (StepId::Revoke, _) if proves => {}
            (StepId::Mesh | StepId::Revoke | StepId::Identity, StepState::Done) => {
                self.changed_to.insert(node(), at);
            }
            _ => {}
        }
    }

    fn take(&mut self, from: &NodeId, to: &NodeId, tried: Try) {
        let pair = (from.clone(), to.clone());
        if tried.works {
            self.failed.remove(&pair);
        } else {
            self.failed.insert(pair, tried.at);
        }
        let (from, to) = (self.number(from), self.number(to));
        if self.rows.len() <= from {
            self.rows.resize_with(from + 1, Vec::new);
        }
        let row = &mut self.rows[from];
        if row.len() <= to {
            row.resize(to + 1, None);
        }
        row[to] = Some(tried);
    }

    fn number(&mut self, node: &NodeId) -> usize {
        let next = self.places.len();
        self.place(node).unwrap_or_else(|| *self.places.entry(node.clone()).or_insert(next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::PairProblem;
    use crate::ids::{JobId, MacAddr};
    use crate::node::Member;
    use crate::step::{SetupNode, SetupPlan};
    use crate::units::Millis;
    use crate::world::World;

    fn id(n: u8) -> NodeId {
        NodeId::from_mac(MacAddr([0xdc, 0xa6, 0x32, 0, 0, n]))
    }

    fn pair(from: u8, to: u8, works: bool) -> Event {
        let problem = (!works).then(|| PairProblem { why: "permission denied".into(), hint: String::new() });
        Event::Pair { from: id(from), to: id(to), problem }
    }

    fn report(n: u8, step: StepId, state: StepState) -> Event {
        let report = StepReport {
            job: JobId(1),
            node: id(n),
            step,
            state,
            attempt: 1,
            elapsed: Millis(400),
            message: String::new(),
            hint: None,
            change: Vec::new(),
        };
        Event::Step { report }
    }

    fn setup(steps: Vec<StepId>) -> Event {
        let node = |n| SetupNode { node: id(n), name: format!("pi0{n}").parse().expect("a name"), head: n == 1 };
        Event::SetupStarted {
            plan: SetupPlan { job: JobId(1), nodes: (1..4).map(node).collect(), steps, dry_run: false },
        }
    }

    fn member(n: u8, last: u8) -> Event {
        let member = Member {
            id: id(n),
            name: format!("pi0{n}").parse().expect("a name"),
            address: [10, 0, 0, last].into(),
            user: "pi".into(),
            port: 22,
            mac: None,
            host_key: None,
            head: false,
            cores: None,
            mpi: None,
            mpi_prefix: None,
            identity: None,
            jump: None,
            board: crate::node::Board::default(),
        };
        Event::MemberSet { member }
    }

    /// One event a second, the first at one second.
    fn world(events: impl IntoIterator<Item = Event>) -> World {
        let mut world = World::default();
        for (seq, event) in (1..).zip(events) {
            let at = Timestamp(seq * 1_000);
            world.apply(&Stamped { v: crate::event::VERSION, seq: seq.cast_unsigned(), at, event });
        }
        world
    }

    fn failing(world: &World) -> Vec<(NodeId, NodeId)> {
        world.mesh.failing().map(|(from, to)| (from.clone(), to.clone())).collect()
    }

    #[test]
    fn the_last_try_of_a_pair_counts() {
        let world = world([pair(1, 2, true), pair(2, 1, false), pair(1, 2, false), pair(2, 1, true)]);
        let place = |n| world.mesh.place(&id(n)).expect("it was tried");
        assert_eq!(world.mesh.tried(place(1), place(2)), Some(Try { at: Timestamp(3_000), works: false }));
        assert_eq!(world.mesh.tried(place(2), place(1)), Some(Try { at: Timestamp(4_000), works: true }));
        assert_eq!(world.mesh.tried(place(1), place(1)), None);
        assert_eq!((world.mesh.place(&id(3)), world.mesh.tried(7, 9)), (None, None));
        assert_eq!(failing(&world), [(id(1), id(2))]);
    }

    #[test]
    fn a_failure_from_before_keys_changed_is_in_doubt_and_not_counted() {
        let before = [pair(1, 2, false), pair(2, 1, false), pair(3, 1, false)];
        let then = |events: Vec<Event>| failing(&world(before.clone().into_iter().chain(events)));
        assert_eq!(then(vec![report(1, StepId::NodeKey, StepState::Done)]), [(id(2), id(1)), (id(3), id(1))]);
        assert_eq!(then(vec![report(1, StepId::Mesh, StepState::Done)]), [(id(1), id(2))]);
        assert_eq!(then(vec![report(1, StepId::Mesh, StepState::Failed)]).len(), 3, "nothing changed");
        let again = vec![report(1, StepId::Mesh, StepState::Done), pair(2, 1, false)];
        assert_eq!(then(again), [(id(1), id(2)), (id(2), id(1))], "it was tried again");
    }

    #[test]
    fn old_keys_taken_out_after_the_pairs_were_tried_put_nothing_in_doubt() {
        let revoke = |steps| {
            let world = world([setup(steps), pair(2, 1, true), report(1, StepId::Revoke, StepState::Done)]);
            world.mesh.changed_to(&id(1))
        };
        assert_eq!(revoke(vec![StepId::Revoke]), Some(Timestamp(3_000)));
        assert_eq!(revoke(vec![StepId::Pairs, StepId::Revoke]), None);
    }

    #[test]
    fn a_member_at_another_address_is_in_doubt_and_one_set_again_is_not() {
        assert_eq!(world([member(1, 7)]).mesh.changed_to(&id(1)), None, "it is new");
        assert_eq!(world([member(1, 7), member(1, 7)]).mesh.changed_to(&id(1)), None);
        assert_eq!(world([member(1, 7), member(1, 8)]).mesh.changed_to(&id(1)), Some(Timestamp(2_000)));
    }

    #[test]
    fn the_beginning_of_a_try_is_when_the_step_began() {
        let world = world([report(1, StepId::Pairs, StepState::Checking)]);
        assert_eq!(world.mesh.began(&id(1)), Some(Timestamp(600)));
        assert_eq!(world.mesh.began(&id(2)), None);
    }

    #[test]
    fn what_a_setup_reported_of_keys_outlives_the_next_setup() {
        let world = world([
            setup(vec![StepId::NodeKey]),
            report(1, StepId::NodeKey, StepState::Done),
            setup(vec![StepId::Hosts]),
            report(1, StepId::Hosts, StepState::Done),
        ]);
        assert_eq!(world.mesh.step(&id(1), StepId::NodeKey), Some(StepState::Done));
        assert_eq!(world.mesh.step(&id(1), StepId::Hosts), None, "not about keys");
    }

    #[test]
    fn the_same_events_again_from_the_beginning_give_the_same_mesh() {
        let events = || [setup(vec![StepId::Pairs]), pair(1, 2, false), report(2, StepId::Mesh, StepState::Done)];
        let (mut world, fresh) = (world(events()), world(events()));
        assert_ne!(world.mesh, Mesh::default());
        world = World::default();
        for (seq, event) in (1..).zip(events()) {
            let at = Timestamp(seq * 1_000);
            world.apply(&Stamped { v: crate::event::VERSION, seq: seq.cast_unsigned(), at, event });
        }
        assert_eq!(world.mesh, fresh.mesh);
    }
}
