//! What is remembered of pairs of nodes: what came of trying them, and what happened since that makes it doubtful.

use std::collections::BTreeMap;

use pictl_model::node::Link;
use pictl_model::step::{StepId, StepReport, StepState};
use pictl_model::world::NodeView;
use pictl_model::{Event, NodeId, Stamped, Timestamp};

use super::{App, Ways, scrolled};
use crate::keymap::Command;
use crate::screens;

/// The Keys screen's own state.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeysUi {
    /// In the matrix: 0 is this computer, then the nodes by name. In the list: its rows.
    pub(crate) row: usize,
    /// The node that is logged in to.
    pub(crate) column: usize,
    /// Lines of the detail scrolled away.
    pub(crate) scroll: usize,
    pub(super) changes: Changes,
    pub(super) tries: Tries,
    /// What setups of this session said last of your key on a node, of its own and of its identity. A later setup of other
    /// steps says nothing of them.
    pub(crate) told: BTreeMap<(NodeId, StepId), StepState>,
}

/// What came of the last try of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Try {
    pub(crate) at: Timestamp,
    pub(crate) works: bool,
}

/// What came of every pair that was tried. Of 500 nodes there are 250,000, and every picture asks for all of them: they
/// stand side by side, found by the number of their nodes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tries {
    /// Nodes by the order in which they were first heard of.
    places: BTreeMap<NodeId, usize>,
    /// From, then to; what is beyond the end was not tried.
    rows: Vec<Vec<Option<Try>>>,
    /// Those that did not work, a few as a rule, and when they were tried.
    failed: BTreeMap<(NodeId, NodeId), Timestamp>,
}

impl Tries {
    /// The number of a node.
    pub(super) fn place(&self, node: &NodeId) -> Option<usize> {
        self.places.get(node).copied()
    }

    /// What came of the try between the nodes of these numbers.
    pub(super) fn get(&self, from: usize, to: usize) -> Option<Try> {
        *self.rows.get(from)?.get(to)?
    }

    fn number(&mut self, node: &NodeId) -> usize {
        let next = self.places.len();
        self.place(node).unwrap_or_else(|| *self.places.entry(node.clone()).or_insert(next))
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
}

/// When something happened that pairs tried before do not know of.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes {
    /// The node's own key pair or the host keys that it knows became others: its ways to all others.
    pub(super) from: BTreeMap<NodeId, Timestamp>,
    /// Its host keys, its address or the keys that it lets in became others: all others' ways to it.
    pub(super) to: BTreeMap<NodeId, Timestamp>,
    /// The node began to try its ways.
    pub(super) began: BTreeMap<NodeId, Timestamp>,
}

impl Changes {
    /// `proves`: the setup tries the pairs itself, before it takes old keys out.
    fn step(&mut self, at: Timestamp, report: &StepReport, proves: bool) {
        let node = || report.node.clone();
        match (report.step, report.state) {
            (StepId::Pairs, state) if is_trying(state) => {
                self.began.insert(node(), Timestamp(at.0.saturating_sub_unsigned(report.elapsed.0)));
            }
            (StepId::NodeKey | StepId::KnownHosts | StepId::Hosts, StepState::Done) => {
                self.from.insert(node(), at);
            }
            (StepId::Revoke, _) if proves => {}
            (StepId::Mesh | StepId::Revoke | StepId::Identity, StepState::Done) => {
                self.to.insert(node(), at);
            }
            _ => {}
        }
    }
}

/// The step that tries the pairs is at work.
pub(super) fn is_trying(state: StepState) -> bool {
    matches!(state, StepState::Checking | StepState::Applying | StepState::Verifying)
}

/// pictl itself cannot log in there.
pub(crate) fn is_shut(node: &NodeView) -> bool {
    matches!(node.link, Link::Lost { .. } | Link::Failed { .. })
}

impl App {
    /// How many pairs of members fail; what was tried before keys changed is left out.
    pub(crate) fn failing_pairs(&self) -> usize {
        let KeysUi { changes, tries, .. } = &self.keys;
        let member = |id: &NodeId| self.world.nodes.get(id).is_some_and(|n| n.member.is_some());
        let failing = tries.failed.iter().filter(|((from, to), at)| {
            let changed = changes.from.get(from).max(changes.to.get(to));
            changed.is_none_or(|changed| changed <= *at) && member(from) && member(to)
        });
        failing.count()
    }

    /// Some way fails that the cursor could go to.
    pub(crate) fn anything_fails(&self) -> bool {
        self.failing_pairs() > 0 || self.world.nodes.values().any(|n| n.member.is_some() && is_shut(n))
    }

    /// Remembers what is tried and what makes it doubtful; to be told before the world is.
    pub(super) fn note_changes(&mut self, stamped: &Stamped) {
        match &stamped.event {
            Event::Pair { from, to, problem } => {
                self.keys.tries.take(from, to, Try { at: stamped.at, works: problem.is_none() });
            }
            Event::Step { report } => {
                let proves = self.world.setup.as_ref().is_some_and(|s| s.plan.steps.contains(&StepId::Pairs));
                self.keys.changes.step(stamped.at, report, proves);
                if matches!(report.step, StepId::OperatorKey | StepId::NodeKey | StepId::Identity) {
                    self.keys.told.insert((report.node.clone(), report.step), report.state);
                }
            }
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
            n if ways.is_list() => (ways.failing.len() + n - 1, 0),
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
        let failing = &ways.failing;
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
