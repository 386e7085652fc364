//! What kind of node it is.

use pictl_model::node::Link;
use pictl_model::world::NodeView;

/// It was seen, or it is a member. Events may name a node before that.
pub(super) fn is_known(node: &NodeView) -> bool {
    node.member.is_some() || node.sighting.is_some()
}

/// It may be a Raspberry Pi, and it is there.
pub(super) fn can_be_pi(node: &NodeView) -> bool {
    node.is_pi() && !node.is_gone()
}

/// Something answered on its SSH port, or it is connected already.
pub(crate) fn answers_ssh(node: &NodeView) -> bool {
    node.link == Link::Up || node.sighting.as_ref().is_some_and(|s| s.ssh.is_some())
}
