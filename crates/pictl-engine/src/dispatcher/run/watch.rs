//! Watching over the connections of a run: which loss is the end of it, and which is only the operator's.

use pictl_model::NodeId;
use pictl_model::node::{Link, Member};

use super::{Ending, Run};
use crate::dispatcher::core::Core;
use crate::input::Effect;
use crate::launch::Control;

impl Run {
    /// A connection of the run's nodes was lost or made. A node that went away ends the run, since MPI cannot go on without
    /// it; but a laptop that lost its own network has lost all nodes, and the run goes on without it. So the nodes that
    /// still seem to be there are asked first.
    pub(super) fn watch(&mut self, core: &mut Core) {
        let lost = self.members.iter().any(|m| core.is_down(&m.id));
        let others: Vec<_> = self.members.iter().map(|m| m.id.clone()).filter(|n| core.is_up(n)).collect();
        let Some(current) = self.current.as_mut() else { return };
        current.asked.retain(|n| others.contains(n));
        current.suspects.retain(|n| !others.contains(n));
        if !lost || current.ending.is_some() || !current.asked.is_empty() {
            return;
        }
        current.asked.extend(others.iter().cloned());
        core.journal.effects.extend(others.into_iter().map(Effect::Probe));
    }

    /// A node that seemed to be there does answer, or does not.
    pub(super) fn probed(&mut self, core: &mut Core, node: &NodeId, answers: bool) {
        let Some(current) = self.current.as_mut() else { return };
        if !current.asked.remove(node) || !answers || current.ending.is_some() {
            return;
        }
        // The operator's own network works. A node that cannot be reached now is lost.
        current.asked.clear();
        let Some(lost) = self.down_member(core) else { return };
        let Some(current) = self.current.as_mut() else { return };
        if current.suspects.insert(lost.id.clone()) {
            return core.links.reconnect(&mut core.journal, &lost.id);
        }
        // Without the head nobody can ask the launcher, nor read it.
        let control = if current.head == lost.id { Control::Kill } else { Control::Stop };
        let ending = node_lost(core, &lost);
        if let Ending::NodeLost { name, why } = &ending {
            let reason = format!("{name} was lost: {why}");
            self.end(core, ending, &reason, control);
        }
    }

    /// A node that went away while the launcher ended is why it ended.
    pub(super) fn lost_meanwhile(&self, core: &Core) -> Option<Ending> {
        self.down_member(core).map(|lost| node_lost(core, &lost))
    }

    fn down_member(&self, core: &Core) -> Option<Member> {
        self.members.iter().find(|m| core.is_down(&m.id)).cloned()
    }

    /// Launcher, MPI and Python of these nodes belong together.
    pub(super) fn proved(&mut self, core: &mut Core) {
        /// Sets of nodes remembered; with more of them some are proved again.
        const MOST: usize = 20;
        let Some(hash) = self.current.as_mut().and_then(|r| r.proof.take()) else { return };
        core.proved.push(hash);
        let old = core.proved.len().saturating_sub(MOST);
        core.proved.drain(..old);
        core.journal.effects.push(Effect::SaveProved(core.proved.clone()));
    }
}

fn node_lost(core: &Core, lost: &Member) -> Ending {
    let why = match core.journal.world.nodes.get(&lost.id).map(|n| &n.link) {
        Some(Link::Lost { why, .. }) => why.clone(),
        _ => core.why_down(&lost.id).0,
    };
    Ending::NodeLost { name: lost.name.to_string(), why }
}
