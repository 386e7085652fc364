//! Who logs in to whom: what is known of every pair of nodes, and what happened since that makes it doubtful.

use std::collections::{BTreeMap, HashMap};

use pictl_model::event::PairProblem;
use pictl_model::node::Link;
use pictl_model::step::{StepId, StepReport, StepState};
use pictl_model::world::{NodeView, PairState, World};
use pictl_model::{Event, NodeId, Stamped, Timestamp};

use super::{App, scrolled};
use crate::keymap::Command;
use crate::screens;

/// From more nodes than these on there is a list instead of a matrix.
pub(crate) const MATRIX: usize = 100;

/// What is known of one node's way to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Way<'a> {
    /// Nobody tried it in this session.
    Untried,
    /// It is being tried; this came of it the last time.
    Trying(Option<&'a PairState>),
    /// It works.
    Works(&'a PairState),
    /// It does not.
    Fails(&'a PairState, &'a PairProblem),
    /// Keys changed at this time, after it had been tried.
    Stale(&'a PairState, Timestamp),
}

/// Ways counted by what is known of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) works: usize,
    pub(crate) fails: usize,
    pub(crate) stale: usize,
    pub(crate) trying: usize,
    pub(crate) untried: usize,
}

impl Tally {
    fn count(&mut self, way: Way<'_>) {
        match way {
            Way::Untried => self.untried += 1,
            Way::Trying(_) => self.trying += 1,
            Way::Works(_) => self.works += 1,
            Way::Fails(..) => self.fails += 1,
            Way::Stale(..) => self.stale += 1,
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.works += other.works;
        self.fails += other.fails;
        self.stale += other.stale;
        self.trying += other.trying;
        self.untried += other.untried;
    }
}

/// The Keys screen's own state.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeysUi {
    /// In the matrix: 0 is this computer, then the nodes by name. In the list: its rows.
    pub(crate) row: usize,
    /// The node that is logged in to.
    pub(crate) column: usize,
    /// Lines of the detail scrolled away.
    pub(crate) scroll: usize,
    changes: Changes,
}

/// When something happened that pairs tried before do not know of.
#[derive(Clone, Debug, Default)]
struct Changes {
    /// The node's own key pair or the host keys that it knows became others: its ways to all others.
    from: BTreeMap<NodeId, Timestamp>,
    /// Its host keys, its address or the keys that it lets in became others: all others' ways to it.
    to: BTreeMap<NodeId, Timestamp>,
    /// The node began to try its ways.
    tries: BTreeMap<NodeId, Timestamp>,
}

impl Changes {
    fn step(&mut self, at: Timestamp, report: &StepReport) {
        let node = || report.node.clone();
        match (report.step, report.state) {
            (StepId::Pairs, state) if tries(state) => {
                self.tries.insert(node(), Timestamp(at.0.saturating_sub_unsigned(report.elapsed.0)));
            }
            (StepId::NodeKey | StepId::KnownHosts | StepId::Hosts, StepState::Done) => {
                self.from.insert(node(), at);
            }
            (StepId::Mesh | StepId::Revoke | StepId::Identity, StepState::Done) => {
                self.to.insert(node(), at);
            }
            _ => {}
        }
    }
}

/// The step that tries the pairs is at work.
fn tries(state: StepState) -> bool {
    matches!(state, StepState::Checking | StepState::Applying | StepState::Verifying)
}

/// What the cursor is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spot {
    /// The way from this computer to the node of this number.
    Mine(usize),
    /// The way from one node to another; the same number twice stands for the node itself.
    Pair(usize, usize),
}

/// All ways between the nodes.
pub(crate) struct Ways<'a> {
    /// The nodes in the order of their names.
    pub(crate) nodes: Vec<&'a NodeView>,
    /// What they are called.
    pub(crate) names: Vec<String>,
    /// Another node that has the same host key or machine-id.
    pub(crate) twins: Vec<Option<usize>>,
    tried: Vec<Option<&'a PairState>>,
    from: Vec<Option<Timestamp>>,
    to: Vec<Option<Timestamp>>,
    /// Since when the node tries its ways, while it does.
    trying: Vec<Option<Timestamp>>,
    /// The node is in the present setup.
    planned: Vec<bool>,
}

impl<'a> Ways<'a> {
    /// The members, and those that the present setup makes members.
    pub(crate) fn of(app: &'a App) -> Self {
        let world = &app.world;
        let changes = &app.keys.changes;
        let setup = world.setup.as_ref().filter(|s| s.summary.is_none());
        let planned = |id: &NodeId| setup.is_some_and(|s| s.plan.nodes.iter().any(|n| n.node == *id));
        let mut named: Vec<(String, &NodeView)> = world
            .nodes
            .values()
            .filter(|n| n.member.is_some() || planned(&n.id))
            .map(|n| (app.called(&n.id), n))
            .collect();
        named.sort_by(|a, b| a.0.cmp(&b.0));
        let (names, nodes): (Vec<String>, Vec<&NodeView>) = named.into_iter().unzip();
        let index: HashMap<&NodeId, usize> = nodes.iter().enumerate().map(|(i, n)| (&n.id, i)).collect();
        let mut tried = vec![None; nodes.len() * nodes.len()];
        for ((from, to), state) in &world.pairs {
            if let (Some(from), Some(to)) = (index.get(from), index.get(to)) {
                tried[from * nodes.len() + to] = Some(state);
            }
        }
        let when = |map: &BTreeMap<NodeId, Timestamp>| nodes.iter().map(|n| map.get(&n.id).copied()).collect();
        let trying = |node: &&NodeView| {
            let setup = setup?;
            let cell = setup.cells.get(&(node.id.clone(), StepId::Pairs))?;
            tries(cell.state).then(|| changes.tries.get(&node.id).copied().unwrap_or(setup.started))
        };
        Self {
            from: when(&changes.from),
            to: when(&changes.to),
            trying: nodes.iter().map(trying).collect(),
            planned: nodes.iter().map(|n| planned(&n.id)).collect(),
            twins: twins(world, &nodes),
            nodes,
            names,
            tried,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// They are told in a list, because a matrix would be too large to read.
    pub(crate) fn is_list(&self) -> bool {
        self.len() > MATRIX
    }

    /// What is known of a way; a node's way to itself is none.
    pub(crate) fn way(&self, from: usize, to: usize) -> Option<Way<'a>> {
        if from == to {
            return None;
        }
        let tried = self.tried[from * self.len() + to];
        if let Some(since) = self.trying[from].filter(|_| self.planned[to])
            && tried.is_none_or(|pair| pair.at < since)
        {
            return Some(Way::Trying(tried));
        }
        let Some(pair) = tried else { return Some(Way::Untried) };
        let changed = self.from[from].max(self.to[to]).filter(|at| pair.at < *at);
        Some(match (changed, &pair.problem) {
            (Some(at), _) => Way::Stale(pair, at),
            (None, Some(problem)) => Way::Fails(pair, problem),
            (None, None) => Way::Works(pair),
        })
    }

    /// The ways of one node to all others.
    pub(crate) fn tally(&self, from: usize) -> Tally {
        let mut tally = Tally::default();
        (0..self.len()).filter_map(|to| self.way(from, to)).for_each(|way| tally.count(way));
        tally
    }

    /// All pairs that fail.
    pub(crate) fn failing(&self) -> Vec<(usize, usize)> {
        let all = (0..self.len()).flat_map(|from| (0..self.len()).map(move |to| (from, to)));
        all.filter(|(from, to)| matches!(self.way(*from, *to), Some(Way::Fails(..)))).collect()
    }

    /// The place of the cursor.
    pub(crate) fn spot(&self, ui: &KeysUi) -> Option<Spot> {
        let last = self.len().checked_sub(1)?;
        if self.is_list() {
            let failing = self.failing();
            let node = ui.row.saturating_sub(failing.len()).min(last);
            let (from, to) = failing.get(ui.row).copied().unwrap_or((node, node));
            return Some(Spot::Pair(from, to));
        }
        let column = ui.column.min(last);
        Some(match ui.row.min(last + 1) {
            0 => Spot::Mine(column),
            row => Spot::Pair(row - 1, column),
        })
    }
}

/// For each node another one that has its host key or its machine-id. One that has just got its own is not looked at:
/// what it told of itself before is old.
fn twins(world: &World, nodes: &[&NodeView]) -> Vec<Option<usize>> {
    let renewed = |node: &NodeView| {
        let cells = world.setup.as_ref().map(|setup| &setup.cells);
        let cell = cells.and_then(|cells| cells.get(&(node.id.clone(), StepId::Identity)));
        cell.is_some_and(|cell| cell.state == StepState::Done)
    };
    let mut twins = vec![None; nodes.len()];
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for (at, node) in nodes.iter().enumerate().filter(|(_, node)| !renewed(node)) {
        let key = node.member.as_ref().and_then(|m| m.host_key.as_ref()).map(|k| k.0.as_str());
        let machine = node.facts.as_ref().and_then(|f| f.machine_id.as_deref()).filter(|id| !id.is_empty());
        for mark in [key, machine].into_iter().flatten() {
            let first = *seen.entry(mark).or_insert(at);
            if first != at {
                twins[at].get_or_insert(first);
                twins[first].get_or_insert(at);
            }
        }
    }
    twins
}

/// pictl itself cannot log in there.
pub(crate) fn is_shut(node: &NodeView) -> bool {
    matches!(node.link, Link::Lost { .. } | Link::Failed { .. })
}

impl App {
    /// How many pairs of members fail, without a look at those that work: every picture asks for it.
    pub(crate) fn failing_pairs(&self) -> usize {
        let changes = &self.keys.changes;
        let member = |id: &NodeId| self.world.nodes.get(id).is_some_and(|n| n.member.is_some());
        let fresh = |at: Timestamp, changed: Option<&Timestamp>| changed.is_none_or(|changed| *changed <= at);
        let failing = self.world.pairs.iter().filter(|((from, to), pair)| {
            pair.problem.is_some()
                && fresh(pair.at, changes.from.get(from))
                && fresh(pair.at, changes.to.get(to))
                && member(from)
                && member(to)
        });
        failing.count()
    }

    /// Some way fails that the cursor could go to.
    pub(crate) fn anything_fails(&self) -> bool {
        self.failing_pairs() > 0 || self.world.members().iter().any(|n| is_shut(n))
    }

    /// Remembers what makes pairs doubtful; to be told before the world is.
    pub(super) fn note_changes(&mut self, stamped: &Stamped) {
        match &stamped.event {
            Event::Step { report } => self.keys.changes.step(stamped.at, report),
            Event::MemberSet { member } => {
                let known = self.world.nodes.get(&member.id).and_then(|n| n.member.as_ref());
                let other = known.is_some_and(|known| {
                    (known.host_key.is_some() && known.host_key != member.host_key) || known.address != member.address
                });
                if other {
                    self.keys.changes.to.insert(member.id.clone(), stamped.at);
                }
            }
            _ => {}
        }
    }

    pub(super) fn move_on_keys(&mut self, command: Command) {
        let ways = Ways::of(self);
        let (rows, columns) = match ways.len() {
            0 => return,
            n if ways.is_list() => (ways.failing().len() + n - 1, 0),
            n => (n, n - 1),
        };
        let page = usize::from(self.size.1).saturating_sub(12).max(1);
        if !ways.is_list() && matches!(command, Command::PageUp | Command::PageDown) {
            let (lines, height) = screens::keys::detail_extent(self);
            self.keys.scroll = scrolled(self.keys.scroll, command, lines, height);
            return;
        }
        let ui = &mut self.keys;
        ui.scroll = 0;
        (ui.row, ui.column) = (ui.row.min(rows), ui.column.min(columns));
        match command {
            Command::Up => ui.row = ui.row.saturating_sub(1),
            Command::Down => ui.row += 1,
            Command::Left => ui.column = ui.column.saturating_sub(1),
            Command::Right => ui.column += 1,
            Command::PageUp => ui.row = ui.row.saturating_sub(page),
            Command::PageDown => ui.row += page,
            Command::Top => ui.row = 0,
            _ => ui.row = rows,
        }
        (ui.row, ui.column) = (ui.row.min(rows), ui.column.min(columns));
    }

    /// Puts the cursor on the next pair that fails, after the last on the first again.
    pub(super) fn next_failing(&mut self) {
        let ways = Ways::of(self);
        let failing = ways.failing();
        let ui = &self.keys;
        let (row, column) = if ways.is_list() {
            (if ui.row + 1 < failing.len() { ui.row + 1 } else { 0 }, 0)
        } else {
            let mine = (0..ways.len()).filter(|to| is_shut(ways.nodes[*to])).map(|to| (0, to));
            let places: Vec<(usize, usize)> = mine.chain(failing.iter().map(|(from, to)| (from + 1, *to))).collect();
            let Some(first) = places.first() else { return };
            *places.iter().find(|place| **place > (ui.row, ui.column)).unwrap_or(first)
        };
        (self.keys.row, self.keys.column, self.keys.scroll) = (row, column, 0);
    }
}

#[cfg(test)]
mod tests {
    use pictl_model::Millis;

    use crate::app::Tally;
    use crate::app::pairs::Ways;
    use crate::fixtures::{Session, scene};

    fn total(session: &Session) -> Tally {
        let ways = Ways::of(&session.app);
        let mut total = Tally::default();
        (0..ways.len()).for_each(|from| total.add(ways.tally(from)));
        total
    }

    #[test]
    fn every_pair_is_counted_once() {
        let s = scene("keys-failing").expect("a scene");
        let tally = total(&s);
        assert_eq!(tally, Tally { works: 10, fails: 2, ..Tally::default() });
        assert_eq!(Ways::of(&s.app).failing().len(), 2);
    }

    #[test]
    fn pairs_go_stale_when_keys_change_and_are_fresh_again_when_they_are_tried() {
        use pictl_model::Event;
        use pictl_model::step::{StepId, StepState};

        use crate::fixtures::{id_at, report};
        let mut s = scene("keys-failing").expect("a scene");
        s.wait(5_000).tell(Event::Step { report: report(2, StepId::NodeKey, StepState::Done) });
        assert_eq!(total(&s).stale, 3, "its ways to the three others");
        s.wait(1_000).tell(Event::Step { report: report(1, StepId::Mesh, StepState::Done) });
        assert_eq!(total(&s).stale, 5, "the other two's ways to pi01 too");
        s.wait(1_000).tell(Event::Pair { from: id_at(32), to: id_at(31), problem: None });
        assert_eq!(total(&s).stale, 4);
        let mut member = s.app.world.nodes[&id_at(34)].member.clone().expect("a member");
        member.host_key = None;
        s.wait(Millis(1).0).tell(Event::MemberSet { member });
        assert_eq!(total(&s).stale, 6, "pi01 and pi03 do not know the new host key");
    }
}
