use pictl_model::node::MpiFamily;
use pictl_model::run::RunHost;

use super::*;
use crate::common::{self, address, facts, id};
use crate::record::RunFile;

/// When every made-up run begins.
const LAUNCH: i64 = 1_000_000;
/// Hertz of a Pi 4 at work.
const FULL: u64 = 1_800_000_000;

/// A run on one node, watched second by second.
struct Watch {
    observer: Observer,
    plan: RunPlan,
    second: i64,
}

fn calm(second: i64) -> Sample {
    Sample {
        uptime: 5_000.0 + second as f64,
        temp: Some(Celsius(48.0)),
        clock: Some(Hertz(FULL)),
        throttled: Some(Throttled(0)),
        busy: Some(0.02),
        swapped: Some(Swapped { pages_in: 1_000, pages_out: 2_000 }),
        ..Sample::default()
    }
}

impl Watch {
    /// Facts and five quiet seconds before the launch, which `change` may alter.
    fn with(change_facts: impl FnOnce(&mut Facts), change: impl Fn(i64, &mut Sample)) -> Self {
        let plan = plan();
        let mut this = Self { observer: Observer::default(), plan: plan.clone(), second: -5 };
        let mut facts = facts(1);
        facts.governor = Some("performance".into());
        change_facts(&mut facts);
        this.take(&Event::FactsRead { node: id(1), facts: Box::new(facts) });
        this.seconds(5, &change);
        this.run(RunEvent::Planned { plan: Box::new(plan) });
        this.run(RunEvent::Phase { phase: RunPhase::Launching });
        this
    }

    fn launched() -> Self {
        Self::with(|_| {}, |_, _| {})
    }

    fn take(&mut self, event: &Event) {
        self.observer.take(Timestamp(LAUNCH + self.second * 1_000), event);
    }

    fn run(&mut self, event: RunEvent) {
        let run = self.plan.id.clone();
        self.take(&Event::Run { run, event });
    }

    /// Readings of so many seconds.
    fn seconds(&mut self, count: i64, change: &impl Fn(i64, &mut Sample)) {
        for _ in 0..count {
            let mut sample = calm(self.second);
            change(self.second, &mut sample);
            self.take(&Event::Sampled { node: id(1), sample });
            self.second += 1;
        }
    }

    /// Ten seconds of work at full clock, which `change` may alter.
    fn work(mut self, change: impl Fn(i64, &mut Sample)) -> Validity {
        self.seconds(10, &|second, sample: &mut Sample| {
            sample.busy = Some(0.98);
            change(second, sample);
        });
        self.judge()
    }

    fn judge(&self) -> Validity {
        self.observer.judge(&self.plan, Timestamp(LAUNCH + self.second * 1_000)).expect("a stamp")
    }
}

fn plan() -> RunPlan {
    common::plan("20261120-120000-pi-0001", 4, 1)
}

fn valid() -> Validity {
    Validity { verdict: Verdict::Valid, reasons: Vec::new() }
}

#[track_caller]
fn says(validity: &Validity, verdict: Verdict, texts: &[&str]) {
    let reported: Vec<_> = validity.reasons.iter().map(|r| r.text.as_str()).collect();
    assert_eq!((validity.verdict, &reported[..]), (verdict, texts));
}

#[test]
fn an_undisturbed_run_is_valid_without_a_remark() {
    assert_eq!(Watch::launched().work(|_, _| {}), valid());
}

#[test]
fn a_run_that_never_began_has_no_stamp() {
    let mut observer = Observer::default();
    observer.take(Timestamp(0), &Event::Sampled { node: id(1), sample: calm(0) });
    assert_eq!(observer.judge(&plan(), Timestamp(1_000)), None);
    let mut watch = Watch::launched();
    watch.run(RunEvent::Planned { plan: Box::new(plan()) });
    assert_eq!(watch.observer.judge(&plan(), Timestamp(LAUNCH)), None, "the next one was not launched yet");
}

#[test]
fn what_the_firmware_did_decides() {
    for (flags, verdict, text) in [
        (0x1, Verdict::Invalid, "pi01 had too low a supply voltage during the run"),
        (0x2, Verdict::Invalid, "pi01 had its clock capped by the firmware during the run"),
        (0x4, Verdict::Invalid, "pi01 was throttled during the run"),
        (0x8, Verdict::Doubtful, "pi01 was at its soft temperature limit during the run"),
    ] {
        let once = |second, sample: &mut Sample| {
            if second == 4 {
                sample.throttled = Some(Throttled(flags));
            }
        };
        says(&Watch::launched().work(once), verdict, &[text]);
    }
}

#[test]
fn what_rose_between_two_readings_is_seen_by_the_flags_since_boot() {
    let validity = Watch::launched().work(|second, sample| {
        sample.throttled = Some(Throttled(if second < 5 { 0 } else { 0x4_0000 }));
    });
    says(&validity, Verdict::Invalid, &["pi01 was throttled during the run"]);

    let long_ago = |_: i64, sample: &mut Sample| sample.throttled = Some(Throttled(0x5_0000));
    assert_eq!(Watch::with(|_| {}, long_ago).work(long_ago), valid(), "before the run, and not again");
}

#[test]
fn a_pi_that_does_not_report_its_flags_leaves_doubt_and_another_computer_has_none() {
    let silent = |_: i64, sample: &mut Sample| sample.throttled = None;
    let text = "pi01 did not report whether it was throttled (is pi in its group video?)";
    says(&Watch::with(|_| {}, silent).work(silent), Verdict::Doubtful, &[text]);
    let other = Watch::with(|facts| facts.model = Some("Virtual PC".into()), silent);
    assert_eq!(other.work(silent), valid());
}

#[test]
fn swapping_spoils_a_run_unless_it_was_next_to_nothing() {
    let swap = |pages: u64| {
        move |second: i64, sample: &mut Sample| {
            if second >= 3 {
                sample.swapped = Some(Swapped { pages_in: 1_000 + pages / 2, pages_out: 2_000 + pages - pages / 2 });
            }
        }
    };
    says(&Watch::launched().work(swap(255)), Verdict::Valid, &["pi01 swapped a little: 255 pages"]);
    let text = "pi01 swapped during the run (256 pages): its memory is too small for this";
    says(&Watch::launched().work(swap(256)), Verdict::Invalid, &[text]);
    assert_eq!(Watch::launched().work(|_, sample| sample.swapped = None), valid(), "a gap is no swapping");
}

#[test]
fn other_work_before_the_start_is_seen_and_a_moment_of_it_is_not_enough() {
    let busy = |_: i64, sample: &mut Sample| sample.busy = Some(0.25);
    let text = "pi01 had other work before the start: 25 % of its CPU time";
    says(&Watch::with(|_| {}, busy).work(|_, _| {}), Verdict::Doubtful, &[text]);
    let moment = |second: i64, sample: &mut Sample| {
        if second == -1 {
            sample.busy = Some(0.9);
        }
    };
    assert_eq!(Watch::with(|_| {}, moment).work(|_, _| {}), valid(), "pictl itself reads and copies");
}

#[test]
fn just_after_the_login_a_core_is_pictls_own() {
    let fresh = |busy: f32| {
        let mut watch = Watch::launched();
        watch.observer.nodes.clear();
        watch.take(&Event::FactsRead { node: id(1), facts: Box::new(facts(1)) });
        watch.run(RunEvent::Planned { plan: Box::new(plan()) });
        watch.seconds(3, &|_, sample: &mut Sample| sample.busy = Some(busy));
        watch.run(RunEvent::Phase { phase: RunPhase::Launching });
        watch.work(|_, _| {}).verdict
    };
    assert_eq!((fresh(0.44), fresh(0.46)), (Verdict::Valid, Verdict::Doubtful), "of four cores");
}

#[test]
fn right_after_the_login_the_load_average_speaks_unless_a_run_is_in_it() {
    let stamp = |load: f32, ended: Option<Option<i64>>| {
        let mut watch = Watch::with(|_| {}, |_, sample| (sample.busy, sample.load) = (None, Some(load)));
        if let Some(ended) = ended {
            let ended = ended.map(|seconds| Timestamp(LAUNCH - seconds * 1_000));
            watch.observer.earlier(Box::new(Earlier { same: None, ended }));
        }
        watch.work(|_, _| {})
    };
    let text = "pi01 had other work before the start: a load of 1.9 on 4 cores";
    says(&stamp(1.9, Some(None)), Verdict::Doubtful, &[text]);
    says(&stamp(1.9, Some(Some(200))), Verdict::Doubtful, &[text]);
    assert_eq!(stamp(1.9, Some(Some(100))), valid(), "a run of pictl's is in it");
    assert_eq!(stamp(1.9, None), valid(), "it is not known what ran before");
    assert_eq!(stamp(1.7, Some(None)), valid());
}

/// Facts that were read for work on keys have no number of cores.
#[test]
fn the_cores_of_a_node_are_those_of_the_plan_where_facts_have_none() {
    let mut watch = Watch::with(|facts| facts.cores = 0, |_, sample| (sample.busy, sample.load) = (None, Some(97.0)));
    watch.observer.earlier(Box::new(Earlier { same: None, ended: None }));
    let all = watch.work(|_, _| {});
    says(&all, Verdict::Doubtful, &["pi01 had other work before the start: a load of 97.0 on 4 cores"]);
}

#[test]
fn ranks_that_share_cores_and_clocks_that_differ_are_remarked_on() {
    let mut watch = Watch::with(|facts| facts.clock_offset_ms = Some(-646_000), |_, _| {});
    watch.plan.ranks = 9;
    let all = watch.work(|_, _| {});
    let texts: Vec<_> = all.reasons.iter().map(|c| c.text.as_str()).collect();
    assert_eq!(all.verdict, Verdict::Valid, "{texts:?}");
    assert!(texts.iter().any(|text| text.starts_with("pi01: its clock is 10:46 behind this computer's")), "{texts:?}");
    assert!(texts.iter().any(|text| text.starts_with("9 ranks share 4 cores:")), "{texts:?}");
}

#[test]
fn the_run_before_is_no_other_work() {
    let mut watch = Watch::launched();
    watch.seconds(5, &|_, sample: &mut Sample| sample.busy = Some(0.98));
    let summary = Box::new(common::summary(&watch.plan));
    watch.run(RunEvent::Finished { summary });
    // The next reading tells of the second in which it ended.
    watch.seconds(1, &|_, sample: &mut Sample| sample.busy = Some(0.7));
    watch.seconds(2, &|_, _: &mut Sample| {});
    watch.run(RunEvent::Planned { plan: Box::new(plan()) });
    watch.run(RunEvent::Phase { phase: RunPhase::Launching });
    assert_eq!(watch.work(|_, _| {}), valid());
}

#[test]
fn the_check_of_mpi_before_a_run_is_no_other_work() {
    let mut watch = Watch::launched();
    watch.run(RunEvent::Planned { plan: Box::new(plan()) });
    watch.seconds(2, &|_, _: &mut Sample| {});
    watch.run(RunEvent::Phase { phase: RunPhase::Checking });
    watch.seconds(3, &|_, sample: &mut Sample| sample.busy = Some(0.9));
    watch.run(RunEvent::Phase { phase: RunPhase::Deploying });
    watch.seconds(1, &|_, sample: &mut Sample| sample.busy = Some(0.9));
    watch.run(RunEvent::Phase { phase: RunPhase::Launching });
    assert_eq!(watch.work(|_, _| {}), valid());
}

#[test]
fn what_was_read_before_the_check_still_counts() {
    let mut watch = Watch::with(|_| {}, |_, sample| sample.busy = Some(0.5));
    watch.run(RunEvent::Planned { plan: Box::new(plan()) });
    watch.run(RunEvent::Phase { phase: RunPhase::Checking });
    watch.seconds(6, &|_, sample: &mut Sample| sample.busy = Some(0.9));
    watch.run(RunEvent::Phase { phase: RunPhase::Launching });
    let text = "pi01 had other work before the start: 50 % of its CPU time";
    says(&watch.work(|_, _| {}), Verdict::Doubtful, &[text]);
}

#[test]
fn a_hot_start_is_judged_by_the_model() {
    let at = |celsius: f32| move |_: i64, sample: &mut Sample| sample.temp = Some(Celsius(celsius));
    let text = "pi01 had 70.0 °C at the start already, and slows down from 80 °C on";
    says(&Watch::with(|_| {}, at(70.0)).work(|_, _| {}), Verdict::Doubtful, &[text]);
    assert_eq!(Watch::with(|_| {}, at(69.0)).work(|_, _| {}), valid());
    let small = |facts: &mut Facts| facts.model = Some("Raspberry Pi 3 Model B Plus Rev 1.3".into());
    let text = "pi01 had 56.0 °C at the start already, and slows down from 60 °C on";
    says(&Watch::with(small, at(56.0)).work(|_, _| {}), Verdict::Doubtful, &[text]);
}

#[test]
fn a_clock_that_falls_during_work_leaves_doubt() {
    let fall = |to: u64| {
        move |second: i64, sample: &mut Sample| sample.clock = Some(Hertz(if second < 5 { FULL } else { to }))
    };
    let text = "the clock of pi01 went from 1800 to 1000 MHz while it worked";
    says(&Watch::launched().work(fall(1_000_000_000)), Verdict::Doubtful, &[text]);
    assert_eq!(Watch::launched().work(fall(FULL - 80_000_000)), valid(), "two measurements of one clock differ");

    let by_kernel = |second: i64, sample: &mut Sample| {
        sample.clock = None;
        sample.kernel_clock = Some(Hertz(if second < 5 { FULL } else { 600_000_000 }));
    };
    assert_eq!(Watch::launched().work(by_kernel).verdict, Verdict::Doubtful);
}

#[test]
fn a_clock_that_rises_to_work_and_rests_after_it_is_right() {
    let validity = Watch::launched().work(|second, sample| {
        if !(1..=8).contains(&second) {
            // At the edges the moment of the clock is not the time that the load belongs to.
            sample.clock = Some(Hertz(600_000_000));
        }
        if second == 4 {
            (sample.busy, sample.clock) = (Some(0.05), Some(Hertz(600_000_000)));
        }
    });
    assert_eq!(validity, valid());
}

#[test]
fn the_governor_is_a_remark_for_all_nodes_that_have_it() {
    let mut watch = Watch::with(|facts| facts.governor = Some("ondemand".into()), |_, _| {});
    for n in 2..=4 {
        let mut facts = facts(n);
        facts.governor = Some(if n == 4 { "powersave" } else { "ondemand" }.into());
        watch.take(&Event::FactsRead { node: id(n), facts: Box::new(facts) });
        let host = RunHost { node: id(n), name: format!("pi{n:02}"), address: address(n), slots: 4 };
        watch.plan.hosts.push(host);
    }
    let reported: Vec<_> = watch.observer.governors(&watch.plan).into_iter().map(|c| (c.verdict, c.text)).collect();
    let expected = [
        (Verdict::Valid, "the governor of pi01, pi02 and 1 more is ondemand, not performance".to_owned()),
        (Verdict::Valid, "the governor of pi04 is powersave, not performance".to_owned()),
    ];
    assert_eq!(reported, expected);
}

#[test]
fn what_was_not_watched_is_doubtful() {
    let mut watch = Watch::launched();
    watch.second += 20;
    says(&watch.judge(), Verdict::Doubtful, &["pi01 could not be watched: none of its readings arrived"]);

    let mut watch = Watch::launched();
    watch.seconds(3, &|_, _: &mut Sample| {});
    watch.second += 30;
    let validity = watch.work(|_, _| {});
    says(&validity, Verdict::Doubtful, &["pi01 could not be watched for 31 s of the run"]);

    let mut watch = Watch::launched();
    watch.plan.hosts[0].node = id(9);
    says(&watch.judge(), Verdict::Doubtful, &["pi01 could not be watched: none of its readings arrived"]);

    let short = Watch::launched();
    assert_eq!(short.judge(), valid(), "over before the next reading");
}

#[test]
fn readings_that_were_late_on_their_way_are_no_gap() {
    let mut watch = Watch::launched();
    for second in 0..20 {
        // All at once after twenty seconds.
        watch.second = 20;
        watch.take(&Event::Sampled { node: id(1), sample: calm(second) });
    }
    assert_eq!(watch.judge(), valid());
}

#[test]
fn other_versions_than_before_are_reported() {
    let mut watch = Watch::launched();
    let mut before = common::plan("20261119-120000-pi-0001", 4, 1);
    before.mpi = common::mpi(MpiFamily::OpenMpi, "4.1.2");
    let mut old = facts(1);
    old.kernel = Some("6.6.31+rpt-rpi-v8".into());
    let facts = BTreeMap::from([(id(1), old), (id(2), facts(2))]);
    let same = Some(RunFile { v: 1, plan: before, facts, summary: None });
    watch.observer.earlier(Box::new(Earlier { same, ended: None }));
    let texts = [
        "Open MPI 4.1.4 ran here and Open MPI 4.1.2 in 20261119-120000-pi-0001",
        "the kernel of pi01 is 6.12.47+rpt-rpi-v8 and was 6.6.31+rpt-rpi-v8 in 20261119-120000-pi-0001",
    ];
    says(&watch.work(|_, _| {}), Verdict::Valid, &texts);
}

#[test]
fn the_worst_reason_decides_and_comes_first() {
    let validity = Watch::with(|facts| facts.governor = Some("ondemand".into()), |_, _| {}).work(|second, sample| {
        if second == 6 {
            sample.throttled = Some(Throttled(0xc));
        }
    });
    let verdicts: Vec<_> = validity.reasons.iter().map(|r| r.verdict).collect();
    assert_eq!(validity.verdict, Verdict::Invalid);
    assert_eq!(verdicts, [Verdict::Invalid, Verdict::Doubtful, Verdict::Valid]);
}
