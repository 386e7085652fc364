//! The sampler on real hosts: what it tells, what it costs, that it ends; and the stamp of a run by what its nodes went through.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that cannot go on fails the test that called it")]

use std::fs;
use std::time::{Duration, Instant};

use pictl_model::Throttled;
use pictl_model::event::{Event, Stamped};
use pictl_model::run::{RunEvent, RunSummary, Verdict};
use pictl_model::telemetry::Sample;
use pictl_tests::{Lab, Operator, Running, eventually, skip, unless_lab_runs_here};

const LIMIT: Duration = Duration::from_secs(90);
/// Long enough to be measured and disturbed in.
const BENCH: [&str; 8] = ["bench", "pi", "-n", "2", "--slices", "96", "--slice-size", "3000000"];
/// The share of a core that watching may cost.
const BUDGET: f64 = 0.003;

/// A benchmark that is being watched.
struct Bench(Running);

impl Bench {
    fn start(me: &Operator) -> Self {
        Self(Running::start(me.pictl(&[&BENCH[..], &["--json"]].concat()), ""))
    }

    fn until(&mut self, what: &str, mut wanted: impl FnMut(&Event) -> bool) {
        self.0.wait_for_line(what, LIMIT, |line| {
            let stamped: Stamped = serde_json::from_str(line).unwrap();
            wanted(&stamped.event)
        });
    }

    /// The next reading of some node that is as wanted.
    fn sample(&mut self, what: &str, wanted: impl Fn(&Sample) -> bool) -> Sample {
        let mut found = None;
        self.until(what, |event| {
            let Event::Sampled { sample, .. } = event else { return false };
            found = wanted(sample).then_some(*sample);
            found.is_some()
        });
        found.expect("waited for")
    }

    fn end(mut self) -> RunSummary {
        let mut told = None;
        self.until("end of the run", |event| {
            let Event::Run { event: RunEvent::Finished { summary }, .. } = event else { return false };
            told = Some((**summary).clone());
            true
        });
        self.0.wait_for_end(LIMIT).with(0);
        told.expect("waited for")
    }
}

/// The sampler on a node, by its number on this machine.
fn sampler(lab: &Lab, node: usize) -> Option<i32> {
    lab.processes(node).into_iter().find(|p| p.words.starts_with("perl ")).map(|p| p.pid)
}

/// Processor time of a process and of its children that ended, in seconds.
fn processor_time(pid: i32) -> f64 {
    let own = fs::read_to_string(format!("/proc/{pid}/schedstat")).unwrap();
    let own: f64 = own.split(' ').next().unwrap().parse().unwrap();
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // After the name in brackets: cutime and cstime are the fields 16 and 17 of proc(5), in hundredths of a second.
    let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    let children: f64 = fields[13..15].iter().map(|field| field.parse::<f64>().unwrap()).sum();
    own / 1e9 + children / 100.0
}

#[test]
fn a_run_is_watched_at_little_cost_and_stamped_by_what_its_nodes_went_through() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "2", "--with-mpi", "openmpi"]);
    let me = Operator::new(&lab);
    me.set_up();

    let mut bench = Bench::start(&me);
    let sample = bench.sample("reading with traffic", |sample| sample.net.is_some());
    assert!(sample.temp.is_some() && sample.clock.is_some() && sample.throttled.is_some(), "{sample:?}");
    let offset = sample.offset.expect("an offset");
    // All hosts of a lab have this machine's clock.
    assert!(offset.ms.abs() <= i64::from(offset.within_ms) && offset.within_ms < 5_000, "{offset:?}");

    bench.until("slice", |event| matches!(event, Event::Run { event: RunEvent::Slice { .. }, .. }));
    let (pid, since) = (sampler(&lab, 2).expect("the sampler runs"), Instant::now());
    let before = processor_time(pid);
    // A dozen of each node: processor time is told in hundredths of a second.
    for _ in 0..24 {
        bench.sample("reading", |_| true);
    }
    let share = (processor_time(pid) - before) / since.elapsed().as_secs_f64();
    println!("the sampler took {:.2} % of a core", share * 100.0);
    assert!(share <= BUDGET, "{:.2} % of a core", share * 100.0);

    let pinned = lab.command("set").args(["n2", "throttled=0x50005"]).output().unwrap();
    assert!(pinned.status.success(), "{pinned:?}");
    bench.sample("reading with flags", |sample| sample.throttled.is_some_and(Throttled::now));
    let validity = bench.end().validity.expect("a stamp");
    let reasons: Vec<_> = validity.reasons.iter().map(|r| (r.verdict, r.text.as_str())).collect();
    assert_eq!(validity.verdict, Verdict::Invalid, "{reasons:?}");
    for text in ["pi02 had too low a supply voltage during the run", "pi02 was throttled during the run"] {
        assert!(reasons.contains(&(Verdict::Invalid, text)), "{reasons:?}");
    }
    assert!(
        !reasons.iter().any(|(verdict, text)| *verdict == Verdict::Invalid && text.contains("pi01")),
        "{reasons:?}"
    );

    me.run(&["runs", "show", "last"]).with(0).says(&["figures  invalid", "pi02 was throttled during the run"]);
    for node in [1, 2] {
        eventually("the sampler ends with its reader", Duration::from_secs(5), || {
            sampler(&lab, node).is_none().then_some(())
        });
    }
}
