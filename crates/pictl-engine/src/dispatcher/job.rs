//! What every job offers, so that the dispatcher need not know which there are.

use std::sync::Arc;

use pictl_formats::facts::NodeReading;
use pictl_model::NodeId;

use super::core::Core;
use crate::input::Input;
use crate::remote::RemoteError;

/// A node's reading, or why there is none.
pub(super) type Reading = Result<Arc<NodeReading>, RemoteError>;

/// A setup, run, command, identification or scan. It owns its state; all that it shares with others is in [`Core`].
pub(super) trait Job {
    /// What was asked for, in the words of a refusal.
    fn name(&self) -> &'static str;

    /// Begins, or refuses to: then it is over. Nothing exclusive is at work when an exclusive job starts.
    fn start(&mut self, core: &mut Core);

    /// Takes an input that is meant for this job; gives back one that is not.
    fn input(&mut self, core: &mut Core, input: Input) -> Option<Input>;

    /// The connections to `nodes` came, failed or went, or it was settled whether sudo can be used there.
    fn links_changed(&mut self, core: &mut Core, nodes: &[NodeId]);

    /// A node was read, at the wish of this job or of another one.
    fn reading(&mut self, core: &mut Core, node: &NodeId, reading: &Reading);

    /// The user wants it to end. Some jobs need to be asked twice.
    fn cancel(&mut self, core: &mut Core);

    /// No other exclusive job can go on beside it.
    fn is_exclusive(&self) -> bool;

    /// Nothing is left to do.
    fn is_over(&self) -> bool;

    /// It is at work on `node`.
    #[cfg(test)]
    fn is_on(&self, node: &NodeId) -> bool;
}
