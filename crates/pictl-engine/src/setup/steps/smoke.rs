//! The smoke test: `mpirun` starts one rank on every node, and mpi4py sees the right size.

use std::collections::BTreeMap;

use pictl_model::step::StepId;

use crate::launch::{Pin, Place, ssh_ports};
use crate::remote::RemoteError;
use crate::setup::action::{Action, Outcome, Replied, Reply, unexpected};
use crate::setup::check::{Check, Subject, fail};
use crate::setup::step::{Reads, Step, Wanted, no_news};
use crate::smoke::{SmokeNode, SmokePlan};

pub(super) const STEP: Step = Step {
    id: StepId::Smoke,
    needs: &[StepId::Facts, StepId::Pairs, StepId::Mpi, StepId::Machinefile],
    waits_for: &[StepId::Mesh, StepId::KnownHosts, StepId::Pairs, StepId::Mpi, StepId::Hostname, StepId::Hosts],
    wanted: Wanted::ByDefault,
    reads: |_| Reads::ALL,
    changes: |_| false,
    guards_rotation: false,
    objections: |_| Vec::new(),
    remarks: |_, _| Vec::new(),
    check,
    line: no_news,
    reply,
};

/// A proof has always to be done.
fn check(subject: &Subject) -> Check {
    let Subject { plan, readings, .. } = *subject;
    let family = plan.family(readings);
    let mut versions: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for n in &plan.nodes {
        let Some(reading) = readings.get(&n.node) else { continue };
        let Some(mpi) = plan.mpi_on(&reading.facts, family) else {
            return Check::Later(format!("after {family} is installed on {}", n.name));
        };
        versions.entry(mpi.place()).or_default().push(n.name.as_str());
    }
    if versions.len() > 1 {
        let found: Vec<_> = versions.iter().map(|(v, names)| format!("{v} on {}", names.join(", "))).collect();
        return fail(
            format!("nodes with different versions of {family} cannot share a job: {}", found.join("; ")),
            match plan.own_prefix() {
                Some(_) => "put the same version into the same folder on all nodes",
                None => "install the same OS release on all nodes, or set up those of one release with --nodes",
            },
        );
    }
    let Some(head) = plan.head().filter(|h| readings.contains_key(&h.node)) else {
        return fail("the head could not be reached", "choose another head with --head NODE");
    };
    let Some(install) = readings.get(&head.node).and_then(|r| plan.mpi_on(&r.facts, family)).cloned() else {
        return Check::Later(format!("after {family} is installed on {}", head.name));
    };
    let python =
        readings.values().all(|r| r.facts.mpi4py.as_ref().is_some_and(|py| py.family.is_none_or(|f| f == family)));
    let machinefile = match plan.machinefile(readings, &[]) {
        Ok(text) => text,
        Err(e) => return fail(e.to_string(), e.hint()),
    };
    let nodes = plan.nodes.iter().filter(|n| readings.contains_key(&n.node));
    let first = std::iter::once(head).chain(plan.nodes.iter());
    let pin = Pin::of(first.filter_map(|n| readings.get(&n.node).map(|r| (&r.facts, n.address))));
    let places: Vec<_> = nodes
        .clone()
        .map(|n| Place {
            node: n.node.clone(),
            name: n.name.to_string(),
            address: n.address,
            user: n.user.clone(),
            port: n.port,
        })
        .collect();
    let launch = SmokePlan {
        head: head.node.clone(),
        ssh_config: ssh_ports(places.iter().map(|place| (place.address, place.port))),
        places,
        locked_key: None,
        install,
        nodes: nodes
            .map(|n| SmokeNode { node: n.node.clone(), name: n.name.to_string(), user: n.user.clone() })
            .collect(),
        machinefile,
        home: readings.get(&head.node).map(|r| r.facts.home.clone()).unwrap_or_default(),
        homes: readings.values().map(|r| r.facts.home.clone()).collect(),
        pin,
        python,
        as_root: readings.get(&head.node).is_some_and(|r| r.uid == 0),
        shells: readings.values().map(|r| r.facts.shell.clone()).collect(),
    };
    Check::Change {
        message: "start one rank on every node".into(),
        change: Vec::new(),
        actions: vec![Action::Launch(launch)],
        reservation: (!python).then(|| format!("mpi4py does not belong to {family}; only the launcher was tried")),
        part: false,
    }
}

fn reply(replied: &mut Replied) -> Result<Outcome, RemoteError> {
    match &replied.reply {
        Reply::Launched(said) => Ok(Outcome::proved(said.clone())),
        _ => Err(unexpected()),
    }
}
