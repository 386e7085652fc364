//! The steps, one file each, and the registry of all of them.
//!
//! A step is a [`Step`]: every property is a field, so a step that forgets one does not compile. What front ends show of a
//! step (its name, its title, whether only the head has it) is the row of the same name in the table of
//! [`pictl_model::step`]. To add a step is to add a file here, its row in [`STEPS`] and its row in that table.

mod connect;
mod facts;
mod hostname;
mod hosts;
mod identity;
mod known_hosts;
mod machinefile;
mod mesh;
mod mpi;
mod node_key;
mod operator_key;
pub(crate) mod pairs;
mod password_login;
mod revoke;
mod smoke;
mod swap;

use pictl_model::NodeId;
use pictl_model::step::StepId;

use super::check::{Check, Subject, fail};
use super::plan::{ClusterPlan, Readings};
use super::step::Step;

/// All steps, in the order in which they are done.
pub static STEPS: [&Step; StepId::ALL.len()] = [
    &connect::STEP,
    &facts::STEP,
    &identity::STEP,
    &operator_key::STEP,
    &node_key::STEP,
    &hosts::STEP,
    &hostname::STEP,
    &mesh::STEP,
    &known_hosts::STEP,
    &pairs::STEP,
    &revoke::STEP,
    &password_login::STEP,
    &swap::STEP,
    &mpi::STEP,
    &machinefile::STEP,
    &smoke::STEP,
];

/// The step of this id.
pub fn of(id: StepId) -> &'static Step {
    STEPS[id as usize]
}

/// Checks `step` on `node`, of which a reading must be there.
pub fn check(step: StepId, plan: &ClusterPlan, readings: &Readings, node: &NodeId) -> Check {
    #[cfg(test)]
    CHECKED.with_borrow_mut(|checked| checked.push((node.clone(), step)));
    match (plan.node(node), readings.get(node)) {
        (Some(me), Some(reading)) => (of(step).check)(&Subject { plan, readings, me, reading }),
        _ => fail("this node was not read", "connect to it first"),
    }
}

#[cfg(test)]
thread_local! {
    /// Every check made by this test, in order.
    pub(crate) static CHECKED: std::cell::RefCell<Vec<(NodeId, StepId)>> = const { std::cell::RefCell::new(Vec::new()) };
}

#[cfg(test)]
mod tests {
    use pictl_model::request::KeyWork;

    use super::*;

    #[test]
    fn the_registry_has_every_step_in_the_order_of_the_model() {
        assert_eq!(STEPS.map(|step| step.id), StepId::ALL);
    }

    #[test]
    fn no_step_waits_for_one_that_comes_after_it() {
        for step in STEPS {
            for before in step.needs.iter().chain(step.waits_for) {
                assert!(*before < step.id, "{} comes before {before}", step.id);
            }
        }
    }

    #[test]
    fn a_proof_changes_nothing_unless_work_on_keys_asks_for_it() {
        for step in STEPS.iter().filter(|step| step.id.is_proof()) {
            assert!(!(step.changes)(&KeyWork::default()), "{}", step.id);
        }
    }
}
