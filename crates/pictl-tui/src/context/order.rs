//! By what the nodes are ordered on the screen.

use std::cmp::Reverse;

use pictl_model::Timestamp;
use pictl_model::event::Level;
use pictl_model::node::{Change, Link, Sighting};
use pictl_model::world::NodeView;

use super::Context;
use super::kinds::{answers_ssh, is_known};
use crate::words;

/// An order of the nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Order {
    /// Members by name, then Raspberry Pis, then the rest, then what may be no hosts; each by address.
    #[default]
    Usual,
    Name,
    Address,
    /// The surest Raspberry Pis first.
    Pi,
    /// What became of them, what hinders, what works.
    State,
    /// Last heard first.
    Seen,
    Maker,
}

impl Order {
    /// All orders with what they are called.
    const ALL: [(Self, &'static str); 7] = [
        (Self::Usual, "the cluster first, then Raspberry Pis"),
        (Self::Name, "by name"),
        (Self::Address, "by address"),
        (Self::Pi, "Raspberry Pis first"),
        (Self::State, "by state, changes first"),
        (Self::Seen, "last seen first"),
        (Self::Maker, "by maker"),
    ];

    fn place(self) -> usize {
        Self::ALL.iter().position(|(order, _)| *order == self).unwrap_or(0)
    }
}

/// Another machine answers for it, and it may not exist.
fn is_stand_in(node: &NodeView) -> bool {
    node.sighting.as_ref().is_some_and(Sighting::is_proxied)
}

/// Those that report every other second do not change places each time.
fn fresh(now: Timestamp, at: Timestamp) -> Timestamp {
    if now - at <= words::STALE { now } else { at }
}

/// What needs attention first has the lowest.
fn urgency(node: &NodeView) -> u8 {
    match (node.change.map(|(_, change)| change), &node.link) {
        (Some(Change::Gone), _) => 0,
        (Some(Change::Moved { .. }), _) => 1,
        (Some(Change::New), _) => 2,
        (None, Link::Failed { .. } | Link::Lost { .. }) => 3,
        (None, Link::Waiting { .. }) => 4,
        (None, Link::Connecting) => 5,
        (None, Link::Up) => 6,
        (None, Link::Idle) if node.member.is_some() => 7,
        (None, Link::Idle) if answers_ssh(node) => 8,
        (None, Link::Idle) => 9,
    }
}

impl Context {
    /// All nodes that were seen or are members, in this order.
    pub(crate) fn ordered(&self, order: Order) -> Vec<&NodeView> {
        let mut nodes: Vec<&NodeView> = self.world.nodes.values().filter(|n| is_known(n)).collect();
        nodes.sort_by_cached_key(|n| {
            let name = n.member.as_ref().map(|m| m.name.clone());
            (name.is_none(), name, !n.is_pi(), is_stand_in(n), n.address(), n.id.clone())
        });
        // Those that are equal in what is asked for keep their usual order.
        match order {
            Order::Usual => {}
            Order::Name => nodes.sort_by_cached_key(|n| self.name_of(n).to_lowercase()),
            Order::Address => nodes.sort_by_key(|n| n.address()),
            Order::Pi => nodes.sort_by_key(|n| Reverse(n.pi_score())),
            Order::State => nodes.sort_by_key(|n| urgency(n)),
            Order::Seen => nodes.sort_by_key(|n| Reverse(n.last_seen.map(|at| fresh(self.now, at)))),
            Order::Maker => nodes.sort_by_key(|n| {
                let maker = n.sighting.as_ref().and_then(|s| s.vendor.as_deref());
                (maker.is_none(), maker)
            }),
        }
        nodes
    }

    /// Orders the nodes otherwise and says how.
    pub(crate) fn order_next(&mut self) {
        let (order, words) = Order::ALL[(self.selection.order.place() + 1) % Order::ALL.len()];
        self.selection.order = order;
        self.say(Level::Info, format!("nodes: {words}"));
    }
}
