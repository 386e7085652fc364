//! What of a benchmark is decided before it starts: its command, its size, and whether it can be had at all.

use pictl_model::event::{Event, Level};
use pictl_model::node::{Hpcc, MpiFamily};
use pictl_model::request::Request;
use pictl_model::run::{Hpl, RunPlan, Workload};

use super::rig::{Rig, bench};
use crate::common::id;

/// What comes of asking for a benchmark on two nodes of four cores.
fn asked(rig: &mut Rig, name: &str, ranks: Option<u32>, hpl: Option<Hpl>) -> Option<RunPlan> {
    let mut request = bench();
    request.workload = Workload { name: name.into(), hpl, ..Workload::default() };
    request.ranks = ranks;
    rig.ask(Request::Bench(request));
    rig.settle();
    rig.orders.last().map(|order| order.plan.clone())
}

#[test]
fn parallel_python_is_started_on_the_head_and_knows_its_servers() {
    let mut rig = Rig::ready(2);
    let plan = asked(&mut rig, "ppsum", None, None).unwrap();
    let line = plan.command.join(" ");
    assert_eq!(
        line,
        "/usr/bin/python3 -I /home/pi/.pictl/bench/start.py ppsum.py --slices 64 --slice-size 10000 --here 10.0.0.1 \
         --server 10.0.0.1:4 --server 10.0.0.2:4"
    );
    assert_eq!(plan.ranks, 2);
    assert!(rig.orders[0].proof.is_none(), "there is no MPI in it");

    let mut rig = Rig::ready(2);
    assert_eq!(asked(&mut rig, "ppsum", Some(3), None), None);
    assert!(rig.refusals()[0].contains("more than the 2 nodes"), "{:?}", rig.refusals());
}

#[test]
fn a_pair_needs_one_rank_on_each_node() {
    assert_eq!(asked(&mut Rig::ready(2), "pingpong", None, None).unwrap().ranks, 2);
    assert_eq!(asked(&mut Rig::ready(2), "hello", None, None).unwrap().ranks, 8);
}

#[test]
fn without_hpcc_there_is_no_hpl() {
    let mut rig = Rig::ready(2);
    assert_eq!(asked(&mut rig, "hpl", None, None), None);
    assert!(rig.refusals()[0].contains("hpcc is missing on pi01, pi02"), "{:?}", rig.refusals());
}

#[test]
fn hpl_is_as_large_as_the_memory_and_says_how_long_that_takes() {
    let mut rig = Rig::ready(2);
    for n in [1, 2] {
        let facts = &mut rig.node(&id(n)).reading.facts;
        facts.mem_available_kib = Some(if n == 1 { 3_500_000 } else { 1_000_000 });
        facts.hpcc = Some(Hpcc { family: Some(MpiFamily::OpenMpi), open_blas: true });
    }
    let plan = asked(&mut rig, "hpl", None, None).unwrap();
    let hpl = plan.workload.hpl.unwrap();
    // Half of the matrix in three quarters of the smaller node's memory: 13856 rows at most.
    assert_eq!((hpl.size, hpl.block, hpl.grid), (Some(13_824), Some(256), Some((2, 4))));
    let line = plan.command.join(" ");
    assert!(line.ends_with("hpl.py --size 13824 --block 256 --grid 2x4 --estimate 88 --others 95"), "{line}");
    let reported = rig.events.iter().any(|event| {
        matches!(event, Event::Notice { level: Level::Info, text, .. } if text.contains("N 13824") && text.contains("about 88 s"))
    });
    assert!(reported, "{:?}", rig.events);
}
