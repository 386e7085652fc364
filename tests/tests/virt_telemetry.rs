//! The sampler on real hosts: what it reports, how little it does, that it ends; and how a run is judged by what its nodes went
//! through. What the sampler costs is measured by `just bench-run idle`.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that cannot go on fails the test that called it")]

use std::collections::BTreeMap;
use std::fs;

use pictl_model::Throttled;
use pictl_model::event::{Event, Stamped};
use pictl_model::run::{RunEvent, RunSummary, Verdict};
use pictl_model::telemetry::Sample;
use pictl_tests::{LIMIT, Lab, Operator, Running, eventually, skip, unless_lab_runs_here};

/// A program that ends on each node once there is a file `go` in the home directory.
const PROGRAM: &str = "echo ready\nuntil [ -e \"$HOME/go\" ]; do sleep 0.2; done\n";
/// Has the questions of Perl, which is the sampler, written down.
const COUNT: &str = "sudo mv /usr/bin/vcgencmd /usr/bin/vcgencmd.own && sudo tee /usr/bin/vcgencmd >/dev/null <<'END'
#!/bin/sh
read -r parent </proc/$PPID/comm
[ \"$parent\" != perl ] || echo \"$1\" >>/tmp/asked
exec /usr/bin/vcgencmd.own \"$@\"
END
sudo chmod 755 /usr/bin/vcgencmd";

/// A run that is being watched.
struct Watched(Running);

impl Watched {
    fn start(me: &Operator) -> Self {
        let file = me.home.path().join("program.sh");
        fs::write(&file, PROGRAM).unwrap();
        let words = ["run", "--json", "-n", "2", "--", "sh", file.to_str().unwrap()];
        Self(Running::start(me.pictl(&words), ""))
    }

    fn until(&mut self, what: &str, mut wanted: impl FnMut(&Event) -> bool) {
        self.0.wait_for_line(what, LIMIT, |line| {
            let stamped: Stamped = serde_json::from_str(line).unwrap();
            wanted(&stamped.event)
        });
    }

    /// The next sample of some node that is as wanted.
    fn sample(&mut self, what: &str, wanted: impl Fn(&Sample) -> bool) -> Sample {
        let mut found = None;
        self.until(what, |event| {
            let Event::Sampled { sample, .. } = event else { return false };
            found = wanted(sample).then_some(*sample);
            found.is_some()
        });
        found.expect("waited for")
    }

    /// Waits for as many more samples of each of the two nodes; the most that came of one of them.
    fn samples(&mut self, least: usize) -> usize {
        let mut seen = BTreeMap::new();
        self.until(&format!("{least} samples of each node"), |event| {
            if let Event::Sampled { node, .. } = event {
                *seen.entry(node.clone()).or_insert(0) += 1;
            }
            seen.len() == 2 && seen.values().all(|count| *count >= least)
        });
        seen.into_values().max().expect("waited for")
    }

    fn end(mut self) -> RunSummary {
        let mut found = None;
        self.until("end of the run", |event| {
            let Event::Run { event: RunEvent::Finished { summary }, .. } = event else { return false };
            found = Some((**summary).clone());
            true
        });
        self.0.wait_for_end(LIMIT).with(0);
        found.expect("waited for")
    }
}

/// The sampler on a node, by its number on this machine.
fn sampler(lab: &Lab, node: usize) -> Option<i32> {
    lab.processes(node).into_iter().find(|p| p.command_line.starts_with("perl ")).map(|p| p.pid)
}

#[test]
fn a_run_is_watched_by_one_process_a_node_and_judged_by_what_its_nodes_went_through() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "2", "--with-mpi", "openmpi"]);
    let me = Operator::new(&lab);
    me.set_up();

    me.on(2, COUNT);
    let mut run = Watched::start(&me);
    let sample = run.sample("sample with traffic", |sample| sample.net.is_some());
    assert!(sample.temp.is_some() && sample.clock.is_some() && sample.throttled.is_some(), "{sample:?}");
    let offset = sample.offset.expect("an offset");
    // All hosts of a lab have this machine's clock. How exactly it is known depends on how fast the first line came.
    assert!(offset.ms.abs() <= i64::from(offset.within_ms), "{offset:?}");

    run.until("output", |event| matches!(event, Event::Run { event: RunEvent::Output { .. }, .. }));
    let watching = sampler(&lab, 2).expect("the sampler runs");
    let asked = || me.on(2, "grep -c get_throttled /tmp/asked").trim().parse::<usize>().unwrap();
    let before = asked();
    let samples = run.samples(11);
    // One process takes all samples. It starts another one for every fifth of them only; some can still be under way.
    let starts = asked() - before;
    assert_eq!(sampler(&lab, 2), Some(watching), "the sampler was started again");
    assert!((1..=samples / 5 + 3).contains(&starts), "vcgencmd was started for {starts} of {samples} samples");

    let pinned = lab.command("set").args(["n2", "throttled=0x50005"]).output().unwrap();
    assert!(pinned.status.success(), "{pinned:?}");
    run.sample("sample with flags", |sample| sample.throttled.is_some_and(Throttled::now));
    for node in [1, 2] {
        me.on(node, "touch go");
    }
    let validity = run.end().validity.expect("a stamp");
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
        eventually("the sampler ends with its reader", LIMIT, || sampler(&lab, node).is_none().then_some(()));
    }
}
