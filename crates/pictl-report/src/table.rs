//! Rows of tables; the front end lays them out. What is not known is `-`.

use pictl_model::run::{RunSummary, Workload};

use crate::check::result_text;

/// Column heads of [`ranks_table`].
pub const RANKS_HEADERS: [&str; 7] = ["rank", "host", "slices", "share", "seconds", "slices/s", "finished"];

/// Column heads of [`runs_table`].
pub const RUNS_HEADERS: [&str; 9] =
    ["run", "started", "workload", "nodes", "ranks", "outcome", "elapsed", "value", "deviation"];

const UNKNOWN: &str = "-";

/// A row for each rank: its host, the slices it did and their share of all, the seconds it spent in them, its rate
/// while it worked, and whether its last line arrived.
pub fn ranks_table(run: &RunSummary) -> Vec<[String; 7]> {
    let all = run.slices_done();
    let rows = run.ranks.iter().map(|rank| {
        [
            rank.rank.to_string(),
            rank.host.clone().unwrap_or_else(|| UNKNOWN.to_owned()),
            rank.slices.to_string(),
            number((all > 0).then(|| 100.0 * f64::from(rank.slices) / f64::from(all)), |share| format!("{share:.1} %")),
            number(Some(rank.seconds), |s| format!("{s:.2}")),
            number(Some(f64::from(rank.slices) / rank.seconds), |rate| format!("{rate:.2}")),
            if rank.done { "yes" } else { "no" }.to_owned(),
        ]
    });
    rows.collect()
}

/// The ranks did slices of work, or were to do some.
pub fn has_slices(run: &RunSummary) -> bool {
    run.slices_done() > 0 || run.workload.slices.is_some_and(|all| all > 0)
}

/// A line for each host of a run without slices: its ranks, and which of them did not finish.
pub fn hosts_table(run: &RunSummary) -> Vec<String> {
    let mut hosts: Vec<(&str, Vec<u32>, Vec<u32>)> = Vec::new();
    for rank in &run.ranks {
        let host = rank.host.as_deref().unwrap_or("no host known");
        let at = hosts.iter().position(|(name, ..)| *name == host).unwrap_or_else(|| {
            hosts.push((host, Vec::new(), Vec::new()));
            hosts.len() - 1
        });
        hosts[at].1.push(rank.rank.0);
        if !rank.done {
            hosts[at].2.push(rank.rank.0);
        }
    }
    let rows = hosts.into_iter().map(|(host, ranks, open)| {
        let ended = match open.len() {
            0 => "finished".to_owned(),
            n if n == ranks.len() => "not finished".to_owned(),
            _ => format!("finished, but for {}", ranges(&open)),
        };
        let word = if ranks.len() == 1 { "rank " } else { "ranks" };
        format!("{word}    {} on {host}: {ended}", ranges(&ranks))
    });
    rows.collect()
}

/// Ascending numbers, each run of them as `3-7`.
pub fn ranges(numbers: &[u32]) -> String {
    let mut spans: Vec<(u32, u32)> = Vec::new();
    for &n in numbers {
        match spans.last_mut() {
            Some(span) if span.1.checked_add(1) == Some(n) => span.1 = n,
            _ => spans.push((n, n)),
        }
    }
    let written = spans.iter().map(|(from, to)| if from == to { from.to_string() } else { format!("{from}-{to}") });
    written.collect::<Vec<_>>().join(",")
}

/// A row for each run. The value is the program's result, the deviation that from the true value where that is known.
pub fn runs_table(runs: &[RunSummary]) -> Vec<[String; 9]> {
    let rows = runs.iter().map(|run| {
        [
            run.id.to_string(),
            run.started.rfc3339(),
            workload(&run.workload),
            run.nodes.len().to_string(),
            run.ranks.len().to_string(),
            run.outcome.word().to_owned(),
            run.elapsed.to_string(),
            number(run.value, |value| if run.workload.hpl.is_some() { gflops(value) } else { result_text(value, 12) }),
            number(run.value.zip(run.expected).map(|(value, expected)| value - expected), |d| format!("{d:+.1e}")),
        ]
    });
    rows.collect()
}

/// A result of HPL as people read it.
pub fn gflops(value: f64) -> String {
    format!("{value:.2} GFLOPS")
}

/// The workload in a few words: `pi 64 x 1000000`, `hpl 20480`, `hello`.
fn workload(workload: &Workload) -> String {
    if let Some(size) = workload.hpl.and_then(|hpl| hpl.size) {
        return format!("{} {size}", workload.name);
    }
    match (workload.slices, workload.slice_size) {
        (Some(slices), Some(size)) => format!("{} {slices} x {size}", workload.name),
        (Some(slices), None) => format!("{} {slices}", workload.name),
        _ => workload.name.clone(),
    }
}

/// A figure as text, or `-` for none and for what is not a number.
fn number(figure: Option<f64>, text: impl Fn(f64) -> String) -> String {
    figure.filter(|f| f.is_finite()).map_or_else(|| UNKNOWN.to_owned(), text)
}

#[cfg(test)]
mod tests {
    use pictl_model::ids::RunId;
    use pictl_model::run::{RankSummary, RunOutcome};
    use pictl_model::units::{Millis, Rank, Timestamp};

    use super::*;

    fn run() -> RunSummary {
        let rank = |rank, host: Option<&str>, slices, seconds, done| RankSummary {
            rank: Rank(rank),
            host: host.map(str::to_owned),
            slices,
            seconds,
            done,
        };
        RunSummary {
            id: RunId::new(Timestamp(1_795_164_301_000), "pi", 1),
            workload: Workload { name: "pi".into(), slices: Some(4), slice_size: Some(1000), ..Workload::default() },
            series: None,
            outcome: RunOutcome::Succeeded,
            reason: None,
            hint: None,
            started: Timestamp(1_795_164_301_000),
            elapsed: Millis(2_500),
            program_seconds: Some(2.0),
            value: Some(3.141_342_653_593),
            expected: Some(std::f64::consts::PI),
            tolerance: Some(5e-4),
            exit_status: Some(0),
            ranks: vec![rank(0, Some("pi01"), 3, 1.5, true), rank(1, None, 0, 0.0, false)],
            nodes: Vec::new(),
            validity: None,
            dropped: 0,
        }
    }

    #[test]
    fn each_rank_has_a_row() {
        let rows = ranks_table(&run());
        assert_eq!(rows[0], ["0", "pi01", "3", "100.0 %", "1.50", "2.00", "yes"]);
        assert_eq!(rows[1], ["1", "-", "0", "0.0 %", "0.00", "-", "no"]);
        let nothing = RunSummary { ranks: run().ranks.split_off(1), ..run() };
        assert_eq!(ranks_table(&nothing)[0][3], "-");
    }

    #[test]
    fn without_slices_a_host_has_a_line() {
        let rank = |n, host: Option<&str>, done| RankSummary {
            rank: Rank(n),
            host: host.map(str::to_owned),
            slices: 0,
            seconds: 0.0,
            done,
        };
        let of = |ranks| {
            let run =
                RunSummary { workload: Workload { name: "hostname".into(), ..Workload::default() }, ranks, ..run() };
            assert!(!has_slices(&run));
            hosts_table(&run)
        };
        let (a, b) = (Some("pi01"), Some("pi02"));
        assert_eq!(
            of(vec![rank(0, a, true), rank(1, b, true), rank(2, a, true), rank(3, b, false), rank(4, None, false)]),
            [
                "ranks    0,2 on pi01: finished",
                "ranks    1,3 on pi02: finished, but for 3",
                "rank     4 on no host known: not finished",
            ]
        );
        assert!(has_slices(&run()));
    }

    #[test]
    fn each_run_has_a_row() {
        let rows = runs_table(&[run()]);
        let expected = [
            "20261120-084501-pi-0001",
            "2026-11-20T08:45:01Z",
            "pi 4 x 1000",
            "0",
            "2",
            "succeeded",
            "2.5 s",
            "3.141342653593",
            "-2.5e-4",
        ];
        assert_eq!(rows, [expected]);
        let unknown = RunSummary { value: Some(f64::NAN), ..run() };
        assert_eq!(runs_table(&[unknown])[0][7..], ["-", "-"]);
    }

    #[test]
    fn whole_results_have_no_fraction_and_hpl_its_unit() {
        let cells = |change: fn(&mut RunSummary)| {
            let mut run = run();
            change(&mut run);
            let [_, _, workload, .., value, _] = runs_table(&[run]).remove(0);
            (workload, value)
        };
        assert_eq!(cells(|run| run.value = Some(277_050.0)).1, "277050");
        let solved = cells(|run| {
            run.value = Some(11.456);
            run.workload.hpl = Some(pictl_model::run::Hpl { size: Some(20_480), ..Default::default() });
            run.workload.name = "hpl".into();
        });
        assert_eq!(solved, ("hpl 20480".to_owned(), "11.46 GFLOPS".to_owned()));
    }
}
