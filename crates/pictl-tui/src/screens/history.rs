//! The runs of the cluster, newest first, from their records: replayed or deleted from here.

use pictl_model::event::Level;
use pictl_model::run::{RunEvent, RunOutcome, RunPlan, RunSummary, Verdict};
use pictl_model::{Event, RunId, Timestamp};
use pictl_report::table::runs_table;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::Screen;
use super::empty::{middle, not_recorded};
use super::table::{self, Heading, Row};
use crate::archive::{Answer, Ask, Record, RecordState};
use crate::blocks::{press, text};
use crate::context::{Context, Obstacle};
use crate::field::TextField;
use crate::keymap::{Command, Mode};
use crate::messages::{Effect, Msg};
use crate::paint::{Painter, rows, scrolled, split_top};
use crate::theme::Theme;
use crate::windows::Confirm;
use crate::words::{count, listing, stamp};

/// From this height on the details of the run at the cursor stand below the table, in so many lines.
const HIGH: u16 = 18;
const DETAILS: u16 = 7;

const HEADINGS: [Heading; 7] = [
    Heading { title: "Started", least: 11, most: 16, rank: 0 },
    Heading { title: "Benchmark", least: 8, most: 28, rank: 1 },
    Heading { title: "Ranks", least: 5, most: 5, rank: 4 },
    Heading { title: "Time", least: 7, most: 12, rank: 3 },
    Heading { title: "Result", least: 14, most: 24, rank: 2 },
    Heading { title: "Figures", least: 8, most: 8, rank: 5 },
    Heading { title: "Run", least: 20, most: 40, rank: 6 },
];

/// The History screen.
#[derive(Default)]
pub(crate) struct HistoryScreen {
    /// The records; `None` until they are listed.
    records: Option<Result<Vec<Record>, String>>,
    row: usize,
    /// What runs must have to be shown.
    filter: TextField,
}

/// When it was, to the minute.
fn when(at: Timestamp) -> String {
    at.rfc3339().get(..16).unwrap_or_default().replace('T', " ")
}

/// What was run, on how many nodes and when.
fn described(plan: &RunPlan) -> String {
    let on = count(plan.hosts.len(), "node");
    format!("{} ({} on {on}, {})", plan.workload.name, count(plan.ranks as usize, "rank"), when(plan.planned_at))
}

fn plan(record: &Record) -> Option<&RunPlan> {
    match &record.state {
        RecordState::Over { plan, .. } | RecordState::Open { plan, .. } => Some(plan),
        RecordState::Damaged { .. } => None,
    }
}

/// What the filter looks at.
fn search_text(record: &Record) -> String {
    let own = match &record.state {
        RecordState::Over { summary, .. } => {
            let verdict = summary.validity.as_ref().map_or("", |validity| validity.verdict.word());
            format!(
                "{} {verdict} {}",
                summary.outcome.word(),
                runs_table(std::slice::from_ref(summary)).concat().concat()
            )
        }
        RecordState::Open { written, .. } => open_word(*written).to_owned(),
        RecordState::Damaged { why } => format!("damaged {why}"),
    };
    let of_plan = plan(record).map(|plan| {
        let hosts = plan.hosts.iter().map(|host| host.name.as_str()).collect::<Vec<_>>().join(" ");
        format!("{} {} {hosts}", plan.workload.name, when(plan.planned_at))
    });
    format!("{} {own} {}", record.run, of_plan.unwrap_or_default()).to_lowercase()
}

fn open_word(written: bool) -> &'static str {
    if written { "under way" } else { "no end" }
}

impl HistoryScreen {
    fn records(&self) -> &[Record] {
        self.records.as_ref().and_then(|listed| listed.as_deref().ok()).unwrap_or_default()
    }

    /// The runs that the filter lets through.
    fn visible(&self) -> Vec<&Record> {
        let wanted = self.filter.text().to_lowercase();
        let lets = |record: &&Record| {
            let text = search_text(record);
            wanted.split_whitespace().all(|part| text.contains(part))
        };
        self.records().iter().filter(|record| wanted.trim().is_empty() || lets(record)).collect()
    }

    fn at_cursor(&self) -> Option<&Record> {
        let shown = self.visible();
        shown.get(self.row.min(shown.len().saturating_sub(1))).copied()
    }

    /// Takes a new list; the cursor stays on its run.
    fn take(&mut self, listed: Result<Vec<Record>, String>) {
        let before = self.at_cursor().map(|record| record.run.clone());
        self.records = Some(listed);
        let shown = self.visible();
        let same = before.and_then(|run| shown.iter().position(|record| record.run == run));
        self.row = same.unwrap_or(self.row).min(shown.len().saturating_sub(1));
    }

    /// Asks before the record at the cursor is deleted.
    fn confirm_delete(&self, cx: &mut Context) {
        let Some(record) = self.at_cursor() else { return };
        let what = plan(record)
            .map_or_else(|| "this damaged record".to_owned(), |plan| format!("the record of {}", described(plan)));
        cx.open(Confirm {
            title: "Delete this record?".to_owned(),
            text: vec![
                format!("You delete {what} from this computer: {}.", record.run),
                "This cannot be undone. Nothing is changed on the nodes.".to_owned(),
            ],
            answers: ["delete", "keep"],
            effects: vec![Effect::Archive(Ask::Delete(record.run.clone()))],
        });
    }

    fn deleted(&self, cx: &mut Context, run: &RunId, deleted: &Result<(), String>) {
        let record = self.records().iter().find(|record| record.run == *run);
        let what = record.and_then(plan).map(|plan| format!(" of {}", described(plan))).unwrap_or_default();
        match deleted {
            Ok(()) => cx.say(Level::Info, format!("deleted the record{what}: {run}")),
            Err(why) => cx.say(Level::Error, format!("not deleted: {why}")),
        }
    }

    fn overview(&self, cx: &Context, shown: usize) -> String {
        let all = self.records();
        let number = |is: fn(&RecordState) -> bool| all.iter().filter(|record| is(&record.state)).count();
        let failed = number(
            |state| matches!(state, RecordState::Over { summary, .. } if summary.outcome != RunOutcome::Succeeded),
        );
        let parts = [
            (failed, "did not succeed"),
            (number(|state| matches!(state, RecordState::Open { .. })), "without an end"),
            (number(|state| matches!(state, RecordState::Damaged { .. })), "damaged"),
        ];
        let mut words = vec![count(all.len(), "run")];
        words.extend(parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")));
        let mut words = words.join(", ");
        if !self.filter.text().is_empty() {
            let all = cx.key_of(Command::Back);
            words = format!("{words} · {shown} with \"{}\" ({all} shows all)", self.filter.text());
        }
        format!(" {words}")
    }

    /// Why there is nothing to show.
    fn empty(&self, cx: &Context, painter: &mut Painter<'_>, area: Rect) {
        let theme = painter.theme;
        let lines = match &self.records {
            _ if cx.is_record() => not_recorded(cx, theme).unwrap_or_default(),
            None => vec![Line::styled("The records are being listed.", theme.dim())],
            Some(Err(why)) => {
                let mut lines = vec![Line::styled("The records cannot be listed.", theme.bad()), Line::default()];
                text(theme, &mut lines, why, area.width.into());
                lines
            }
            Some(Ok(_)) => {
                let title = Line::styled("This cluster has no runs yet.", theme.strong());
                let next = match cx.has_members() {
                    Ok(()) => press(theme, "Press", &cx.key_of(Command::Bench), "to run a benchmark."),
                    Err(_) => press(theme, "Press", &cx.key_of(Command::Scan), "to find nodes for a cluster first."),
                };
                vec![title, Line::default(), next, Line::raw("Each run leaves its record here.")]
            }
        };
        middle(painter, area, lines);
    }
}

impl Screen for HistoryScreen {
    fn mode(&self) -> Mode {
        Mode::History
    }

    fn draw(&self, cx: &Context, painter: &mut Painter<'_>, area: Rect) {
        if self.records().is_empty() {
            self.empty(cx, painter, area);
            return;
        }
        let theme = painter.theme;
        let shown = self.visible();
        let (top, rest) = split_top(area, u16::from(area.height >= 5));
        painter.line(top, 0, Line::styled(self.overview(cx, shown.len()), theme.strong()));
        if shown.is_empty() {
            let words = format!(" no run has \"{}\": {} shows all", self.filter.text(), cx.key_of(Command::Back));
            painter.line(rest, 0, Line::styled(words, theme.warn()));
            return;
        }
        // The table takes the rows that it needs, and leaves some to the details where there is room for both.
        let most = rest.height - if area.height >= HIGH { DETAILS } else { 0 };
        let (list, below) = split_top(rest, rows(shown.len()).saturating_add(2).min(most));
        let cursor = self.row.min(shown.len() - 1);
        table::draw(painter, list, &HEADINGS, (shown.len(), cursor), |at| row(theme, shown[at]));
        if area.height >= HIGH {
            painter.rule(below, 0, shown[cursor].run.as_str());
            let (_, place) = split_top(below, 1);
            let indented = Rect { x: place.x + 1, width: place.width.saturating_sub(2), ..place };
            painter.lines(indented, details(theme, shown[cursor], indented.width.into()), 0);
        }
    }

    fn obstacle(&self, cx: &Context, command: Command) -> Obstacle {
        cx.is_live()?;
        let Some(record) = self.at_cursor() else { return Err("there is no run here".to_owned()) };
        let under_way = cx.world.run.as_ref().is_some_and(|run| run.plan.id == record.run && !run.is_over());
        match (command, &record.state) {
            (Command::Replay, RecordState::Damaged { .. }) => {
                Err("this record is damaged: it cannot be replayed".to_owned())
            }
            (Command::DeleteRun, RecordState::Open { written: true, .. }) => {
                Err("this run is under way: its record cannot be deleted".to_owned())
            }
            (Command::DeleteRun, _) if under_way => {
                Err("this run is under way: its record cannot be deleted".to_owned())
            }
            (Command::DeleteRun, RecordState::Open { .. }) => {
                Err(format!("this run has no end and may still be running: `pictl attach {}` shows it", record.run))
            }
            _ => Ok(()),
        }
    }

    fn command(&mut self, cx: &mut Context, command: Command) -> Vec<Effect> {
        match command {
            Command::Replay => {
                let run = self.at_cursor().map(|record| record.run.clone());
                return run.map(|run| Effect::Archive(Ask::Open(run))).into_iter().collect();
            }
            Command::DeleteRun => self.confirm_delete(cx),
            command => {
                let page = usize::from(cx.body().height).saturating_sub(2).max(1);
                let last = self.visible().len().saturating_sub(1);
                self.row = match command {
                    Command::PageUp => self.row.saturating_sub(page),
                    Command::PageDown => self.row + page,
                    command => scrolled(self.row, command, last + 1, 1),
                };
                self.row = self.row.min(last);
            }
        }
        Vec::new()
    }

    fn shown(&mut self, cx: &Context) -> Vec<Effect> {
        if cx.is_record() { Vec::new() } else { vec![Effect::Archive(Ask::List)] }
    }

    /// A run that begins or ends changes the list.
    fn event(&mut self, cx: &Context, event: &Event) -> Vec<Effect> {
        let changes = matches!(event, Event::Run { event: RunEvent::Planned { .. } | RunEvent::Finished { .. }, .. });
        if changes && self.records.is_some() { self.shown(cx) } else { Vec::new() }
    }

    fn answer(&mut self, cx: &mut Context, msg: &Msg) -> Vec<Effect> {
        match msg {
            Msg::Archive(Answer::Listed(listed)) => self.take(listed.clone()),
            Msg::Archive(Answer::Deleted(run, deleted)) => {
                self.deleted(cx, run, deleted);
                return vec![Effect::Archive(Ask::List)];
            }
            _ => {}
        }
        Vec::new()
    }

    fn filter<'a>(&'a self, _cx: &'a Context) -> Option<&'a TextField> {
        Some(&self.filter)
    }

    fn filter_mut<'a>(&'a mut self, _cx: &'a mut Context) -> Option<&'a mut TextField> {
        Some(&mut self.filter)
    }

    fn filter_label(&self) -> &'static str {
        "only runs with: "
    }
}

fn row(theme: Theme, record: &Record) -> Row<7> {
    let plain = |words: String| (words, theme.plain());
    let (plan, summary) = match &record.state {
        RecordState::Damaged { why } => return Row::Text((format!("✗ {}: {why}", record.run), theme.bad())),
        RecordState::Over { plan, summary } => (plan, Some(summary)),
        RecordState::Open { plan, .. } => (plan, None),
    };
    let columns = summary.and_then(|summary| runs_table(std::slice::from_ref(summary)).pop());
    let [workload, elapsed] = columns.map_or_else(
        || [plan.workload.name.clone(), String::new()],
        |[_, _, workload, _, _, _, elapsed, ..]| [workload, elapsed],
    );
    let result = match (&record.state, summary) {
        (_, Some(summary)) => result(theme, summary),
        (RecordState::Open { written: true, .. }, _) => (open_word(true).to_owned(), theme.busy()),
        _ => (open_word(false).to_owned(), theme.warn()),
    };
    let figures = match summary.and_then(|summary| summary.validity.as_ref()).map(|validity| validity.verdict) {
        None => (String::new(), theme.dim()),
        Some(verdict @ Verdict::Valid) => (verdict.word().to_owned(), theme.ok()),
        Some(verdict @ Verdict::Doubtful) => (verdict.word().to_owned(), theme.warn()),
        Some(verdict @ Verdict::Invalid) => (verdict.word().to_owned(), theme.bad()),
    };
    Row::Cells([
        plain(when(plan.planned_at)),
        plain(workload),
        plain(plan.ranks.to_string()),
        plain(elapsed),
        result,
        figures,
        (record.run.to_string(), theme.dim()),
    ])
}

/// The value of a run that succeeded, else how it ended.
fn result(theme: Theme, summary: &RunSummary) -> (String, ratatui::style::Style) {
    let value = runs_table(std::slice::from_ref(summary)).pop().map(|[.., value, _]| value);
    match summary.outcome {
        RunOutcome::Succeeded => match value.filter(|_| summary.value.is_some()) {
            Some(value) => (format!("✓ {value}"), theme.ok()),
            None => (format!("✓ {}", summary.outcome.word()), theme.ok()),
        },
        RunOutcome::Aborted => (summary.outcome.word().to_owned(), theme.warn()),
        outcome => (format!("✗ {}", outcome.word()), theme.bad()),
    }
}

/// What is known of the run at the cursor, in a few lines.
fn details(theme: Theme, record: &Record, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if let Some(plan) = plan(record) {
        let hosts: Vec<String> = plan.hosts.iter().map(|host| host.name.clone()).collect();
        let mpi = &plan.mpi;
        text(
            theme,
            &mut lines,
            &format!("{} on {} with {} {}", plan.workload.name, listing(&hosts, 4), mpi.family, mpi.version),
            width,
        );
    }
    match &record.state {
        RecordState::Over { summary, .. } => {
            let reason = summary.reason.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
            text(theme, &mut lines, &format!("{}{reason}", summary.outcome.word()), width);
            if let Some(hint) = &summary.hint {
                text(theme, &mut lines, &format!("→ {hint}"), width);
            }
            if let Some(validity) = &summary.validity {
                text(theme, &mut lines, &format!("figures {}", stamp(validity).0), width);
            }
        }
        RecordState::Open { written: true, .. } => text(theme, &mut lines, "It is under way.", width),
        RecordState::Open { written: false, .. } => {
            let words = format!(
                "It has no end: it was left running, or pictl was killed. `pictl attach {}` shows which.",
                record.run
            );
            text(theme, &mut lines, &words, width);
        }
        RecordState::Damaged { why } => text(theme, &mut lines, why, width),
    }
    lines
}
