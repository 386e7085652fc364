//! Nodes of a setup that prove to be one board.

use pictl_model::NodeId;
use pictl_model::step::StepState;
use pictl_model::world::NodeView;

use super::Setup;
use crate::dispatcher::boards::list_each_other;
use crate::dispatcher::core::Core;

impl Setup {
    /// All were read: of nodes that are one board, reached by its cable and by its Wi-Fi, one goes on, and the other one leaves
    /// the cluster. Otherwise each setup would give the board another name.
    pub(super) fn join_boards(&mut self, core: &mut Core) {
        while let Some((kept, gone)) = self.same_board(core).or_else(|| self.same_as_another(core)) {
            let (name, address) = (core.journal.world.name_of(&kept), address_of(core, &gone));
            let text = format!("left out: it is the same board as {name}");
            for step in self.wanted_nodes().contains(&gone).then(|| self.steps_on(&gone)).into_iter().flatten() {
                if !self.cell(&gone, step).is_final() {
                    self.set_cell(core, &gone, step, StepState::Skipped, text.clone());
                }
            }
            self.forget(&gone);
            self.change_plan().nodes.retain(|n| n.node != gone);
            let why = address.map(|address| format!("it has the address {address}")).unwrap_or_default();
            core.join_nodes(&kept, &gone, &why);
            core.learn_board(&kept);
        }
    }

    /// A node that was read, and another member that was not and is the same board by what that node reported.
    fn same_as_another(&self, core: &Core) -> Option<(NodeId, NodeId)> {
        let (node, other) = self.readings.keys().find_map(|node| Some((node.clone(), core.same_board(node)?.0)))?;
        let first =
            self.head.as_ref() == Some(&node) || (self.head.as_ref() != Some(&other) && core.stays(&node, &other));
        Some(if first { (node, other) } else { (other, node) })
    }

    /// Two nodes that were read and are one board, the one that stays first.
    fn same_board(&self, core: &Core) -> Option<(NodeId, NodeId)> {
        let read = |node: &NodeId| Some((&self.readings.get(node)?.facts, address_of(core, node)?));
        let nodes = self.wanted_nodes();
        let pairs =
            nodes.iter().enumerate().flat_map(|(at, one)| nodes[at + 1..].iter().map(move |other| (one, other)));
        let mut same = pairs
            .filter(|(one, other)| read(one).zip(read(other)).is_some_and(|(one, other)| list_each_other(one, other)));
        let (one, other) = same.next()?;
        // The head of this setup has to stay.
        let first = self.head.as_ref() == Some(one) || (self.head.as_ref() != Some(other) && core.stays(one, other));
        Some(if first { (one.clone(), other.clone()) } else { (other.clone(), one.clone()) })
    }
}

fn address_of(core: &Core, node: &NodeId) -> Option<std::net::IpAddr> {
    core.journal.world.nodes.get(node).and_then(NodeView::address)
}
