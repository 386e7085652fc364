//! All routes between the nodes of a cluster, as the Keys screen shows them.

use std::collections::{HashMap, HashSet};

use pictl_model::node::Link;
use pictl_model::step::{StepId, StepState};
use pictl_model::world::{Mesh, NodeView, Try};
use pictl_model::{NodeId, Timestamp};

use super::KeysScreen;
use crate::context::Context;

/// From more nodes than these on there is a list instead of a matrix.
const MATRIX: usize = 100;

/// What is known of one node's route to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Route {
    /// Nobody tried it in this session.
    Untried,
    /// It is being tried; this came of it the last time.
    Trying(Option<Try>),
    /// It works.
    Works(Try),
    /// It does not.
    Fails(Try),
    /// Keys changed at this time, after it had been tried.
    Stale(Try, Timestamp),
}

/// Routes counted by what is known of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) works: usize,
    pub(crate) fails: usize,
    pub(crate) stale: usize,
    pub(crate) trying: usize,
    pub(crate) untried: usize,
}

impl Tally {
    fn count(&mut self, route: Route) {
        match route {
            Route::Untried => self.untried += 1,
            Route::Trying(_) => self.trying += 1,
            Route::Works(_) => self.works += 1,
            Route::Fails(_) => self.fails += 1,
            Route::Stale(..) => self.stale += 1,
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

/// What the cursor is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spot {
    /// The route from this computer to the node of this number.
    Mine(usize),
    /// The route from one node to another; the same number twice stands for the node itself.
    Pair(usize, usize),
}

/// All routes between the nodes. It is made for every picture, so nothing is searched for each pair.
pub(crate) struct Routes<'a> {
    /// The nodes in the order of their names.
    pub(crate) nodes: Vec<&'a NodeView>,
    /// What they are called.
    pub(crate) names: Vec<String>,
    /// Another node that has the same host key or machine-id.
    pub(crate) clone_of: Vec<Option<usize>>,
    /// The routes of each node to all others.
    pub(crate) tallies: Vec<Tally>,
    /// All pairs that fail.
    pub(crate) failing: Vec<(usize, usize)>,
    mesh: &'a Mesh,
    /// Where the tries of each node stand among all.
    places: Vec<Option<usize>>,
    from: Vec<Option<Timestamp>>,
    to: Vec<Option<Timestamp>>,
    /// Since when the node tries its routes, while it does.
    trying: Vec<Option<Timestamp>>,
    /// The node is in the present setup.
    planned: Vec<bool>,
}

impl<'a> Routes<'a> {
    /// The members, and those that the present setup makes members.
    pub(crate) fn of(cx: &'a Context) -> Self {
        let world = &cx.world;
        let mesh = &world.mesh;
        let setup = world.setup.as_ref().filter(|s| s.summary.is_none());
        let in_plan: HashSet<&NodeId> = setup.iter().flat_map(|s| &s.plan.nodes).map(|n| &n.node).collect();
        let planned = |id: &NodeId| in_plan.contains(id);
        let mut named: Vec<(String, &NodeView)> = world
            .nodes
            .values()
            .filter(|n| n.member.is_some() || planned(&n.id))
            .map(|n| (cx.called(&n.id), n))
            .collect();
        named.sort_by(|a, b| a.0.cmp(&b.0));
        let (names, nodes): (Vec<String>, Vec<&NodeView>) = named.into_iter().unzip();
        let trying = |node: &&NodeView| {
            let setup = setup?;
            let cell = setup.cells.get(&(node.id.clone(), StepId::Pairs))?;
            cell.state.is_at_work().then(|| mesh.began(&node.id).unwrap_or(setup.started))
        };
        let mut routes = Self {
            from: nodes.iter().map(|n| mesh.changed_from(&n.id)).collect(),
            to: nodes.iter().map(|n| mesh.changed_to(&n.id)).collect(),
            trying: nodes.iter().map(trying).collect(),
            planned: nodes.iter().map(|n| planned(&n.id)).collect(),
            clone_of: clones(mesh, &nodes),
            mesh,
            places: nodes.iter().map(|n| mesh.place(&n.id)).collect(),
            tallies: Vec::new(),
            failing: Vec::new(),
            nodes,
            names,
        };
        routes.count();
        routes
    }

    fn count(&mut self) {
        for from in 0..self.len() {
            let mut tally = Tally::default();
            for to in 0..self.len() {
                let Some(route) = self.route(from, to) else { continue };
                tally.count(route);
                if matches!(route, Route::Fails(_)) {
                    self.failing.push((from, to));
                }
            }
            self.tallies.push(tally);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// They are shown in a list, because a matrix would be too large to read.
    pub(crate) fn is_list(&self) -> bool {
        self.len() > MATRIX
    }

    /// What is known of a route; a node has none to itself.
    pub(crate) fn route(&self, from: usize, to: usize) -> Option<Route> {
        if from == to {
            return None;
        }
        let tried = self.places[from].zip(self.places[to]).and_then(|(from, to)| self.mesh.tried(from, to));
        if let Some(since) = self.trying[from].filter(|_| self.planned[to])
            && tried.is_none_or(|pair| pair.at < since)
        {
            return Some(Route::Trying(tried));
        }
        let Some(pair) = tried else { return Some(Route::Untried) };
        let changed = self.from[from].max(self.to[to]).filter(|at| pair.at < *at);
        Some(match changed {
            Some(at) => Route::Stale(pair, at),
            None if pair.works => Route::Works(pair),
            None => Route::Fails(pair),
        })
    }

    /// The place of the cursor.
    pub(crate) fn spot(&self, ui: &KeysScreen) -> Option<Spot> {
        let last = self.len().checked_sub(1)?;
        if self.is_list() {
            let node = ui.row.saturating_sub(self.failing.len()).min(last);
            let (from, to) = self.failing.get(ui.row).copied().unwrap_or((node, node));
            return Some(Spot::Pair(from, to));
        }
        let column = ui.column.min(last);
        Some(match ui.row.min(last + 1) {
            0 => Spot::Mine(column),
            row => Spot::Pair(row - 1, column),
        })
    }
}

/// pictl itself cannot log in there.
pub(crate) fn is_shut(node: &NodeView) -> bool {
    matches!(node.link, Link::Lost { .. } | Link::Failed { .. })
}

/// For each node another one that has its host key or its machine-id. One that has just got its own is left out:
/// what it reported before is old.
fn clones(mesh: &Mesh, nodes: &[&NodeView]) -> Vec<Option<usize>> {
    let renewed = |node: &NodeView| mesh.step(&node.id, StepId::Identity) == Some(StepState::Done);
    let mut clone_of = vec![None; nodes.len()];
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for (at, node) in nodes.iter().enumerate().filter(|(_, node)| !renewed(node)) {
        let key = node.member.as_ref().and_then(|m| m.offered_key()).map(|k| k.0.as_str());
        let machine = node.facts.as_ref().and_then(|f| f.machine_id.as_deref()).filter(|id| !id.is_empty());
        for mark in [key, machine].into_iter().flatten() {
            let first = *seen.entry(mark).or_insert(at);
            if first != at {
                clone_of[at].get_or_insert(first);
                clone_of[first].get_or_insert(at);
            }
        }
    }
    clone_of
}

#[cfg(test)]
mod tests {
    use pictl_model::Millis;

    use super::{Routes, Tally};
    use crate::fixtures::{Session, scene};

    fn total(session: &Session) -> Tally {
        let routes = Routes::of(&session.app.cx);
        let mut total = Tally::default();
        routes.tallies.iter().for_each(|tally| total.add(*tally));
        total
    }

    #[test]
    fn every_pair_is_counted_once() {
        let s = scene("keys-failing").expect("a scene");
        let tally = total(&s);
        assert_eq!(tally, Tally { works: 10, fails: 2, ..Tally::default() });
        assert_eq!(Routes::of(&s.app.cx).failing.len(), 2);
    }

    #[test]
    fn pairs_go_stale_when_keys_change_and_are_fresh_again_when_they_are_tried() {
        use pictl_model::Event;
        use pictl_model::step::{StepId, StepState};

        use crate::fixtures::{id_at, report};
        let mut s = scene("keys-failing").expect("a scene");
        s.wait(5_000).event(Event::Step { report: report(2, StepId::NodeKey, StepState::Done) });
        assert_eq!(total(&s).stale, 3, "its routes to the three others");
        s.wait(1_000).event(Event::Step { report: report(1, StepId::Mesh, StepState::Done) });
        assert_eq!(total(&s).stale, 5, "the other two's routes to pi01 too");
        s.wait(1_000).event(Event::Pair { from: id_at(32), to: id_at(31), problem: None });
        assert_eq!(total(&s).stale, 4);
        let mut member = s.app.cx.world.nodes[&id_at(34)].member.clone().expect("a member");
        member.host_key = None;
        s.wait(Millis(1).0).event(Event::MemberSet { member });
        assert_eq!(total(&s).stale, 6, "pi01 and pi03 do not know the new host key");
    }
}
