//! Tables and summaries on standard output.

use comfy_table::{ContentArrangement, Table, presets};
use pictl_engine::record::RunFile;
use pictl_model::run::RunSummary;
use pictl_report::result_text;
use pictl_report::table::{RANKS_HEADERS, RUNS_HEADERS, gflops, has_slices, hosts_table, ranks_table, runs_table};

use crate::front::out;

/// A table with these column heads, without lines: easy to copy and to cut.
pub(crate) fn table(heads: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled).set_header(heads);
    table
}

/// Prints `text` line by line.
pub(crate) fn lines(text: &str) {
    for line in text.lines() {
        out(line);
    }
}

/// Column heads of [`run_row`].
pub(crate) const RUN_COLUMNS: &[&str] = &RUNS_HEADERS;

/// A run as a row.
pub(crate) fn run_row(file: &RunFile) -> Vec<String> {
    if let Some(row) = file.summary.as_ref().and_then(|s| runs_table(std::slice::from_ref(s)).pop()) {
        return row.into();
    }
    let plan = &file.plan;
    let mut row = vec!["-".to_owned(); RUN_COLUMNS.len()];
    row[0] = plan.id.to_string();
    row[1] = plan.planned_at.rfc3339();
    row[2].clone_from(&plan.workload.name);
    row[3] = plan.hosts.len().to_string();
    row[4] = plan.ranks.to_string();
    "not finished".clone_into(&mut row[5]);
    row
}

/// How a run ended: outcome, value, what each rank did, the highest temperatures, and whether the figures are valid.
pub(crate) fn summary(s: &RunSummary) -> String {
    let mut text = String::new();
    let mut line = |added: String| {
        text.push_str(&added);
        text.push('\n');
    };
    let reason = s.reason.as_ref().map(|r| format!(": {r}")).unwrap_or_default();
    line(format!("outcome  {}{reason}", s.outcome.word()));
    line(format!(
        "time     {} from launch to end{}",
        s.elapsed,
        s.program_seconds.map(|p| format!(", {p:.3} s by the program")).unwrap_or_default()
    ));
    if let Some(value) = s.value {
        let compared = match (s.expected.map(|e| value - e), s.tolerance) {
            (Some(off), Some(allowed)) if allowed > 0.0 => {
                format!(", off by {off:+.2e} (the series allows {allowed:.2e})")
            }
            (Some(0.0), _) => ", exactly right".to_owned(),
            (Some(off), _) => format!(", off by {}", result_text(off, 12)),
            (None, _) => String::new(),
        };
        let value = if s.workload.hpl.is_some() { gflops(value) } else { result_text(value, 12) };
        line(format!("value    {value}{compared}"));
    }
    if has_slices(s) {
        let mut ranks = table(&RANKS_HEADERS);
        for row in ranks_table(s) {
            ranks.add_row(row);
        }
        line(ranks.to_string());
        let all = s.workload.slices.map(|all| format!(" of {all}")).unwrap_or_default();
        line(format!("slices   {}{all}", s.slices_done()));
    } else {
        // Without slices there is nothing to compare: where ranks were, and which did not finish.
        for row in hosts_table(s) {
            line(row);
        }
    }
    for node in &s.nodes {
        let temp = node.max_temp.map_or("no temperature".to_owned(), |t| format!("at most {t}"));
        let flags = if node.throttled.is_empty() { String::new() } else { format!(", {}", node.throttled.join(", ")) };
        line(format!("{:<8} {temp}{flags}", node.name));
    }
    if let Some(validity) = &s.validity {
        line(format!("figures  {}", validity.verdict.word()));
        for concern in &validity.reasons {
            line(format!("         {}", concern.text));
        }
    }
    text.trim_end().to_owned()
}
