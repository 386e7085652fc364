//! An MPI in a folder of its own: what setup makes of it, what is stored, and what runs use.

use pictl_model::MpiPrefix;
use pictl_model::node::{MpiFamily, MpiInstall};
use pictl_model::request::{Request, SetupRequest};
use pictl_model::step::{StepId, StepState};

use super::rig::{Rig, bench, setup};
use crate::common::{self, id};
use crate::input::Effect;

const HOME: &str = "/home/pi/mpi-install";

fn mpich(prefix: &str, version: &str) -> MpiInstall {
    let launcher = format!("{prefix}/bin/mpiexec.hydra");
    MpiInstall { family: MpiFamily::Mpich, version: version.into(), launcher }
}

/// Two nodes with this, and nothing of the distribution's.
fn with(prefix: &str) -> Rig {
    let mut rig = Rig::ready(2);
    for node in rig.nodes.values_mut() {
        node.reading.facts.mpi = vec![mpich(prefix, "4.2.1")];
        node.reading.facts.mpi4py = None;
    }
    rig
}

fn set_up(rig: &mut Rig, change: impl FnOnce(&mut SetupRequest)) {
    let mut request = setup(&[1, 2]);
    change(&mut request);
    rig.ask(Request::Setup(request));
    rig.agree();
}

fn stored(rig: &Rig) -> Vec<(Option<MpiFamily>, Option<String>)> {
    let members = rig.world().nodes.values().filter_map(|node| node.member.as_ref());
    members.map(|member| (member.mpi, member.mpi_prefix.clone().map(String::from))).collect()
}

fn launch(rig: &mut Rig) -> Option<String> {
    let before = rig.orders.len();
    let mut request = bench();
    request.workload.name = "pi-c".into();
    rig.ask(Request::Bench(request));
    rig.settle();
    rig.orders.get(before).map(|order| order.plan.mpi.launcher.clone())
}

#[test]
fn what_all_nodes_have_in_one_folder_is_used_stored_and_nothing_is_installed() {
    let mut rig = with(HOME);
    set_up(&mut rig, |_| {});
    for n in [1, 2] {
        assert_eq!(rig.state(n, StepId::Mpi), StepState::Warned, "it has no mpi4py: {}", rig.message(n, StepId::Mpi));
        assert!(rig.message(n, StepId::Mpi).starts_with("MPICH 4.2.1 in /home/pi/mpi-install, without mpi4py"));
    }
    assert!(!rig.worked.iter().any(|(_, step)| *step == StepId::Mpi), "{:?}", rig.worked);
    assert_eq!(stored(&rig), vec![(Some(MpiFamily::Mpich), Some(HOME.to_owned())); 2]);
    // Later the distribution's may come along: the choice holds.
    for node in rig.nodes.values_mut() {
        node.reading.facts.mpi.insert(0, common::mpi(MpiFamily::Mpich, "4.0.2"));
    }
    assert_eq!(launch(&mut rig), Some(format!("{HOME}/bin/mpiexec.hydra")));
}

#[test]
fn without_a_setup_a_run_finds_it_too() {
    let mut rig = with("/opt/mpich");
    assert_eq!(launch(&mut rig).as_deref(), Some("/opt/mpich/bin/mpiexec.hydra"));
}

#[test]
fn the_folder_that_is_asked_for_comes_before_the_distributions_and_is_looked_into() {
    let mut rig = with("/srv/mpi");
    for node in rig.nodes.values_mut() {
        node.reading.facts.mpi.insert(0, common::mpi(MpiFamily::OpenMpi, "4.1.4"));
    }
    let wanted: MpiPrefix = "/srv/mpi".parse().expect("a folder");
    let mut request = setup(&[1, 2]);
    request.mpi_prefix = Some(wanted.clone());
    rig.ask(Request::Setup(request));
    while !rig.due.iter().any(|effect| matches!(effect, Effect::Read(..))) && !rig.due.is_empty() {
        rig.happen(0);
    }
    let asked = |effect: &Effect| matches!(effect, Effect::Read(_, Some(prefix)) if *prefix == wanted);
    assert!(rig.count(asked) > 0, "the nodes are asked for it");
    rig.agree();
    assert_eq!(stored(&rig), vec![(Some(MpiFamily::Mpich), Some("/srv/mpi".to_owned())); 2]);
    assert_eq!(launch(&mut rig).as_deref(), Some("/srv/mpi/bin/mpiexec.hydra"));
}

#[test]
fn another_mpi_or_the_distributions_ends_the_choice_of_the_folder() {
    for change in [
        (|request: &mut SetupRequest| request.mpi_prefix = Some(MpiPrefix::system())) as fn(&mut SetupRequest),
        |request| request.mpi = Some(MpiFamily::OpenMpi),
    ] {
        let mut rig = with(HOME);
        set_up(&mut rig, |_| {});
        for node in rig.nodes.values_mut() {
            node.reading.facts.mpi.insert(0, common::mpi(MpiFamily::OpenMpi, "4.1.4"));
            node.reading.facts.mpi.insert(1, common::mpi(MpiFamily::Mpich, "4.0.2"));
        }
        set_up(&mut rig, change);
        assert!(stored(&rig).iter().all(|(_, prefix)| prefix.is_none()), "{:?}", stored(&rig));
        let launcher = launch(&mut rig);
        assert!(launcher.as_ref().is_some_and(|path| path.starts_with("/usr/bin/")), "{launcher:?}");
    }
}

#[test]
fn a_node_without_it_or_with_another_version_is_named() {
    let mut rig = with(HOME);
    set_up(&mut rig, |_| {});
    rig.node(&id(2)).reading.facts.mpi = vec![mpich("/opt/mpich", "4.2.1")];
    assert_eq!(launch(&mut rig), None);
    assert_eq!(rig.refusals(), [format!("pi01 has MPICH 4.2.1 in {HOME}, and pi02 not (pi02: 4.2.1 in /opt/mpich)")]);
    set_up(&mut rig, |_| {});
    assert_eq!(rig.state(2, StepId::Mpi), StepState::Failed);
    assert_eq!(rig.message(2, StepId::Mpi), format!("pi02 has no MPICH in {HOME}, as pi01 has (4.2.1 in {HOME})"));

    rig.node(&id(2)).reading.facts.mpi = vec![mpich(HOME, "4.1")];
    assert_eq!(launch(&mut rig), None);
    set_up(&mut rig, |_| {});
    assert_eq!(rig.message(2, StepId::Mpi), format!("pi02 has MPICH 4.1 in {HOME}, and pi01 4.2.1 in {HOME}"));

    for node in rig.nodes.values_mut() {
        node.reading.facts.mpi.clear();
    }
    assert_eq!(launch(&mut rig), None);
    assert_eq!(rig.refusals(), [format!("there is no MPICH in {HOME} on pi01")]);
}

#[test]
fn the_same_folder_in_homes_of_two_names_is_refused_with_what_helps() {
    let mut rig = with("/home/vm1/mpi-install");
    rig.node(&id(1)).reading.facts.home = "/home/vm1".into();
    let second = &mut rig.node(&id(2)).reading.facts;
    second.home = "/home/vm2".into();
    second.mpi = vec![mpich("/home/vm2/mpi-install", "4.2.1")];
    set_up(&mut rig, |_| {});
    assert_eq!(rig.state(2, StepId::Mpi), StepState::Failed);
    assert_eq!(
        rig.message(2, StepId::Mpi),
        "pi02 has MPICH 4.2.1 in /home/vm2/mpi-install, and pi01 4.2.1 in /home/vm1/mpi-install"
    );
    let setup = rig.world().setup.as_ref().expect("a setup");
    let hint = setup.cell(&id(2), StepId::Mpi).hint.clone().unwrap_or_default();
    assert!(hint.contains("sudo ln -s /home/vm2/mpi-install /home/vm1/mpi-install"), "{hint}");
    assert!(hint.contains("pictl setup --mpi-prefix /home/vm1/mpi-install"), "{hint}");
    assert!(!rig.worked.iter().any(|(_, step)| *step == StepId::Mpi), "nothing is installed instead");
}

#[test]
fn a_folder_that_only_some_have_is_not_used_and_said() {
    let mut rig = with(HOME);
    rig.node(&id(2)).reading.facts.mpi.clear();
    set_up(&mut rig, |_| {});
    assert!(rig.worked.contains(&(id(1), StepId::Mpi)), "{}", rig.message(1, StepId::Mpi));
    let said = format!("{:?}", rig.events);
    assert!(said.contains("to use it on all nodes: pictl setup --mpi-prefix /home/pi/mpi-install"), "{said}");
}
