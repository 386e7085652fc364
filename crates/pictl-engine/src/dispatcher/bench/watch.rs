//! Watching over the connections of a run: which loss is the end of it, and which is only the operator's.

use pictl_model::NodeId;
use pictl_model::node::{Link, Member};

use super::Ending;
use crate::dispatcher::Dispatcher;
use crate::input::Effect;
use crate::launch::Control;

impl Dispatcher {
    /// A connection of the run's nodes was lost or made. A node that went away ends the run, since MPI cannot go on without
    /// it; but a laptop that lost its own network has lost all nodes, and the run goes on without it. So the nodes that
    /// still seem to be there are asked first.
    pub(super) fn watch_run(&mut self) {
        let Some(bench) = &self.bench else { return };
        let lost = bench.members.iter().any(|m| self.core.is_down(&m.id));
        let others: Vec<_> = bench.members.iter().map(|m| m.id.clone()).filter(|n| self.core.is_up(n)).collect();
        let Some(current) = self.bench.as_mut().and_then(|b| b.run.as_mut()) else { return };
        current.asked.retain(|n| others.contains(n));
        current.suspects.retain(|n| !others.contains(n));
        if !lost || current.ending.is_some() || !current.asked.is_empty() {
            return;
        }
        current.asked.extend(others.iter().cloned());
        self.core.effects.extend(others.into_iter().map(Effect::Probe));
    }

    /// A node that seemed to be there does answer, or does not.
    pub(in crate::dispatcher) fn probed(&mut self, node: &NodeId, answers: bool) {
        let Some(current) = self.bench.as_mut().and_then(|b| b.run.as_mut()) else { return };
        if !current.asked.remove(node) || !answers || current.ending.is_some() {
            return;
        }
        // The operator's own network works. Whoever cannot be reached now is lost.
        current.asked.clear();
        let Some(lost) = self.down_member() else { return };
        let Some(current) = self.bench.as_mut().and_then(|b| b.run.as_mut()) else { return };
        if current.suspects.insert(lost.id.clone()) {
            return self.core.reconnect(&lost.id);
        }
        // Without the head nobody can ask the launcher, nor read it.
        let control = if current.head == lost.id { Control::Kill } else { Control::Stop };
        let ending = self.node_lost(&lost);
        if let Ending::NodeLost { name, why } = &ending {
            let reason = format!("{name} was lost: {why}");
            self.end_run(ending, &reason, control);
        }
    }

    /// A node that went away while the launcher ended is why it ended.
    pub(super) fn lost_meanwhile(&self) -> Option<Ending> {
        self.down_member().map(|lost| self.node_lost(&lost))
    }

    fn down_member(&self) -> Option<Member> {
        self.bench.as_ref()?.members.iter().find(|m| self.core.is_down(&m.id)).cloned()
    }

    fn node_lost(&self, lost: &Member) -> Ending {
        let why = match self.core.world.nodes.get(&lost.id).map(|n| &n.link) {
            Some(Link::Lost { why }) => why.clone(),
            _ => self.core.why_down(&lost.id).0,
        };
        Ending::NodeLost { name: lost.name.to_string(), why }
    }

    /// Launcher, MPI and Python of these nodes belong together.
    pub(super) fn run_proved(&mut self) {
        /// Sets of nodes remembered; whoever has more of them proves some again.
        const MOST: usize = 20;
        let Some(word) = self.bench.as_mut().and_then(|b| b.run.as_mut()).and_then(|r| r.proof.take()) else { return };
        self.core.proved.push(word);
        let old = self.core.proved.len().saturating_sub(MOST);
        self.core.proved.drain(..old);
        self.core.effects.push(Effect::SaveProved(self.core.proved.clone()));
    }
}
