//! Steps and nodes as a grid that fills live, and the detail of the selected cell.

use pictl_model::step::{StepId, StepState};
use pictl_model::world::{Cell, NodeView, SetupView};
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::SetupScreen;
use crate::blocks::{diff_lines, press, spinner};
use crate::context::Context;
use crate::keymap::Command;
use crate::paint::{Painter, bar, rows, split_top, window_start};
use crate::screens::empty::no_setup_yet;
use crate::theme::Theme;
use crate::words::{columns, count, more, pad, wrap};

/// Widest column of a node.
const WIDEST: usize = 14;
/// A cell with its state in words needs this: a symbol, a blank, the longest word, a gap.
const WORDS: usize = 12;

pub(super) fn draw(screen: &SetupScreen, cx: &Context, painter: &mut Painter<'_>, area: Rect) {
    let Some(setup) = &cx.world.setup else {
        empty(cx, painter, area);
        return;
    };
    let theme = painter.theme;
    let (top, rest) = split_top(area, if area.height >= 5 { 2 } else { 1 });
    painter.line(top, 0, progress(cx, theme, setup, top.width));
    if top.height > 1 {
        painter.line(top, 1, next(cx, theme, setup));
    }
    let (grid, detail) = split_grid(setup, rest);
    draw_grid(screen, painter, grid, setup);
    if let Some((title, lines)) = detail_lines(screen, cx, theme, detail.width.into()) {
        let (_, text) = split_top(detail, 1);
        let height = usize::from(text.height);
        // One line is for the reason: the grid shows the state already.
        let least = usize::from(height == 1);
        let scroll = screen.scroll.max(least).min(lines.len().saturating_sub(height));
        let hidden = more(scroll, lines.len().saturating_sub(scroll + height));
        let keys = if hidden.is_empty() { String::new() } else { format!(" ({})", cx.key_of(Command::PageDown)) };
        painter.rule(detail, 0, format!("{title}  {hidden}{keys}").trim_end());
        painter.lines(text, lines, scroll);
    }
}

/// The grid takes what it needs for a heading, every step, the legend and with room a blank line; the detail of the
/// selected cell keeps its title and two lines where there is room for both.
fn split_grid(setup: &SetupView, area: Rect) -> (Rect, Rect) {
    let wanted = rows(setup.plan.steps.len()).saturating_add(if area.height >= 20 { 3 } else { 2 });
    let least = if area.height >= 9 { (area.height / 3).min(3) } else { 0 };
    // One line of the detail less where that shows the last step.
    let least = if wanted + least == area.height + 1 { least.min(2) } else { least };
    split_top(area, wanted.min(area.height - least))
}

fn progress(cx: &Context, theme: Theme, setup: &SetupView, width: u16) -> Line<'static> {
    let (done, all) = setup.progress();
    let share = done as f64 / all.max(1) as f64;
    let nodes = count(setup.plan.nodes.len(), "node");
    let dry = if setup.plan.dry_run { " (dry run)" } else { "" };
    // As soon as it is chosen; later screens show it too.
    let mpi = cx.world.mpi().map(|mpi| format!(", {mpi}")).unwrap_or_default();
    if let Some(summary) = &setup.summary {
        let good = summary.failed == 0 && summary.aborted == 0;
        let (word, style) = if good { ("✓ Setup done", theme.ok()) } else { ("✗ Setup incomplete", theme.bad()) };
        let changes = changes(setup).min(summary.done);
        let counts = [
            (summary.failed, "failed"),
            (summary.aborted, "aborted"),
            (summary.skipped, "skipped"),
            (summary.warned, "warned"),
            (summary.planned, "planned"),
            (changes, if changes == 1 { "change made" } else { "changes made" }),
            (summary.done - changes + summary.already_so, "unchanged"),
        ];
        let words: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
        return Line::from(vec![
            Span::styled(format!(" {word}{dry} on {nodes} in {}", summary.elapsed), style),
            Span::raw(format!(": {}{mpi}", words.join(", "))),
        ]);
    }
    let [full, rest] = bar(share, if width < 60 { 8 } else { 20 }, theme.busy(), theme.dim());
    Line::from(vec![
        Span::styled(format!(" {} ", spinner(cx)), theme.busy()),
        full,
        rest,
        Span::raw(format!(" {done} of {all} steps on {nodes}{dry}{mpi}, {}", cx.now - setup.started)),
    ])
}

/// Changes made, as the question before them counts them: logging in, reading and trying out change nothing.
fn changes(setup: &SetupView) -> u32 {
    let changes_nothing = |step: StepId| matches!(step, StepId::Connect | StepId::Facts) || step.is_proof();
    let made = setup.cells.iter().filter(|((_, step), cell)| cell.state == StepState::Done && !changes_nothing(*step));
    u32::try_from(made.count()).unwrap_or(u32::MAX)
}

/// What is waited for, or the key to press next.
fn next(cx: &Context, theme: Theme, setup: &SetupView) -> Line<'static> {
    let key = |command| cx.key_of(command);
    if let Some(summary) = &setup.summary {
        return if summary.failed + summary.aborted == 0 {
            press(theme, "   Next:", &key(Command::Bench), "run a benchmark")
        } else {
            press(theme, "   Next: check ✗, then", &key(Command::SetUp), "sets up again; what is right stays unchanged")
        };
    }
    let waiting = setup.plan.steps.iter().find_map(|step| {
        let at: Vec<&Cell> =
            setup.plan.nodes.iter().filter_map(|n| setup.cells.get(&(n.node.clone(), *step))).collect();
        let works = at.iter().filter(|c| !c.state.is_final() && c.state != StepState::Pending).count();
        (works > 0).then(|| {
            (step.title(), works, at.iter().find(|c| c.state == StepState::Waiting).map(|c| c.message.clone()))
        })
    });
    match waiting {
        Some((title, works, Some(what))) if !what.is_empty() => {
            Line::styled(format!("   {title}, {}: waiting: {what}", count(works, "node")), theme.warn())
        }
        Some((title, works, _)) => Line::styled(format!("   now: {title}, {}", count(works, "node")), theme.dim()),
        None => Line::default(),
    }
}

/// The column widths: of the steps' titles, and of each node.
fn column_widths(setup: &SetupView, width: usize) -> (usize, usize) {
    let nodes = setup.plan.nodes.len().max(1);
    let longest = setup.plan.steps.iter().map(|s| columns(s.title())).max().unwrap_or(0);
    let names = setup.plan.nodes.iter().map(|n| columns(n.name.as_str()) + 1 + usize::from(n.head)).max().unwrap_or(0);
    let wanted = names.clamp(WORDS, WIDEST);
    let titles = if width >= longest + 3 + nodes.min(2) * wanted { longest } else { longest.min(width / 3).max(12) };
    let room = width.saturating_sub(titles + 3);
    // Words where all nodes fit with them, else one symbol a node.
    let each = room / nodes;
    let each = if each >= WORDS {
        each.min(wanted)
    } else if each >= 6 && names <= each {
        each
    } else {
        2
    };
    (titles, each)
}

fn draw_grid(screen: &SetupScreen, painter: &mut Painter<'_>, area: Rect, setup: &SetupView) {
    let theme = painter.theme;
    let (titles, each) = column_widths(setup, area.width.into());
    let fits = (usize::from(area.width).saturating_sub(titles + 3) / each).max(1);
    let plan = &setup.plan;
    let first = window_start(screen.column, plan.nodes.len(), fits);
    let shown = plan.nodes.iter().enumerate().skip(first).take(fits);
    let height = usize::from(area.height).saturating_sub(2);
    let start = window_start(screen.row, plan.steps.len(), height);
    let hidden = more(start, plan.steps.len().saturating_sub(start + height));
    let mut heading = vec![Span::styled(pad(&format!("  {hidden}"), titles + 3), theme.dim())];
    if each > 2 {
        for (index, node) in shown.clone() {
            let name = format!("{}{}", node.name, if node.head { "*" } else { "" });
            let style = if index == screen.column { theme.strong() } else { theme.dim() };
            heading.push(Span::styled(pad(&name, each), style));
        }
    } else if let Some(node) = plan.nodes.get(screen.column) {
        let left = first;
        let right = plan.nodes.len().saturating_sub(first + fits);
        let around = match (left, right) {
            (0, 0) => String::new(),
            _ => format!("  ← {left}, {right} more →"),
        };
        heading.push(Span::styled(format!("{}{around}", node.name), theme.strong()));
    }
    painter.line(area, 0, Line::from(heading));
    for (nth, (row, step)) in plan.steps.iter().enumerate().skip(start).take(height).enumerate() {
        let here = row == screen.row;
        let style = if here { theme.strong() } else { theme.plain() };
        let pointer = if here { "▸" } else { " " };
        // Where a title would be cut, the short name of the command line says it better.
        let title = if columns(step.title()) > titles { step.word() } else { step.title() };
        let mut spans = vec![Span::styled(format!("{pointer} {} ", pad(title, titles)), style)];
        for (column, node) in shown.clone() {
            let cell = setup.cells.get(&(node.node.clone(), *step));
            let state = cell.map_or(StepState::Pending, |c| c.state);
            let (symbol, style) = theme.step(state);
            let text = if step.on_head_only() && !node.head {
                String::new()
            } else if each >= WORDS {
                format!("{symbol} {}", cell_word(state))
            } else {
                symbol.to_owned()
            };
            let selected = here && column == screen.column;
            let text = pad(&text, each - 1);
            spans.push(Span::styled(text, if selected { style.patch(Theme::cursor()) } else { style }));
            spans.push(Span::raw(" "));
        }
        painter.line(area, nth as u16 + 1, Line::from(spans));
    }
    let used = plan.steps.len().min(height) as u16 + 1;
    painter.line(area, used, legend(theme, setup));
}

/// A state in one short word.
fn cell_word(state: StepState) -> &'static str {
    match state {
        StepState::Pending => "",
        StepState::AlreadySo => "unchanged",
        state => state.word(),
    }
}

/// What the symbols in the grid mean.
fn legend(theme: Theme, setup: &SetupView) -> Line<'static> {
    let states = [
        (StepState::Done, "done"),
        (StepState::AlreadySo, "unchanged"),
        (StepState::Warned, "warning"),
        (StepState::Failed, "failed"),
        (StepState::Skipped, "skipped"),
        (StepState::Checking, "checking"),
        (StepState::Planned, "will change"),
        (StepState::Applying, "changing"),
        (StepState::Verifying, "verifying"),
        (StepState::Waiting, "waiting"),
        (StepState::Aborted, "aborted"),
    ];
    let mut spans = vec![Span::raw("  ")];
    let seen = |state| setup.cells.values().any(|c| c.state == state);
    for (state, word) in states.into_iter().filter(|(state, _)| seen(*state)) {
        let (symbol, style) = theme.step(state);
        spans.push(Span::styled(symbol, style));
        spans.push(Span::styled(format!(" {word}  "), theme.dim()));
    }
    spans.push(Span::styled("* head", theme.dim()));
    Line::from(spans)
}

/// Title and lines about the selected cell.
fn detail_lines(
    screen: &SetupScreen,
    cx: &Context,
    theme: Theme,
    width: usize,
) -> Option<(String, Vec<Line<'static>>)> {
    let setup = cx.world.setup.as_ref()?;
    let node = setup.plan.nodes.get(screen.column)?;
    let step: StepId = *setup.plan.steps.get(screen.row)?;
    let address =
        cx.world.nodes.get(&node.node).and_then(NodeView::address).map(|a| format!(" ({a})")).unwrap_or_default();
    let title = format!("{} on {}{address}", step.title(), node.name);
    if step.on_head_only() && !node.head {
        return Some((title, vec![Line::styled(" Done on the head node only.", theme.dim())]));
    }
    let cell = setup.cell(&node.node, step);
    let (symbol, style) = theme.step(cell.state);
    let mut facts = Vec::new();
    if cell.attempt > 1 {
        facts.push(format!("attempt {}", cell.attempt));
    }
    if cell.state != StepState::Pending {
        facts.push(format!("after {}", cell.elapsed));
    }
    let mut lines = vec![Line::from(vec![
        Span::styled(format!(" {symbol} {}", cell.state.word()), style),
        Span::styled(format!("  {}", facts.join(", ")), theme.dim()),
    ])];
    let inner = width.saturating_sub(2);
    let mut say = |text: &str, style| {
        lines.extend(wrap(text, inner).into_iter().map(|l| Line::styled(format!(" {l}"), style)));
    };
    say(&cell.message, theme.plain());
    if let Some(hint) = &cell.hint {
        say(&format!("→ {hint}"), theme.strong());
    }
    lines.extend(cell.change.iter().flat_map(|l| diff_lines(theme, l, 2, width)));
    let earlier = cell.log.iter().rev().skip(1);
    if earlier.len() > 0 {
        lines.push(Line::styled(" before that:", theme.dim()));
        lines.extend(earlier.map(|l| Line::styled(format!("   {l}"), theme.dim())));
    }
    Some((title, lines))
}

/// Lines of the detail, and how many of them are seen at once.
pub(super) fn detail_extent(screen: &SetupScreen, cx: &Context) -> (usize, usize) {
    let Some(setup) = &cx.world.setup else { return (0, 0) };
    let area = cx.body();
    let (_, rest) = split_top(area, if area.height >= 5 { 2 } else { 1 });
    let (_, detail) = split_grid(setup, rest);
    let lines = detail_lines(screen, cx, Theme::new(false), detail.width.into()).map_or(0, |(_, lines)| lines.len());
    (lines, usize::from(detail.height).saturating_sub(1))
}

fn empty(cx: &Context, painter: &mut Painter<'_>, area: Rect) {
    no_setup_yet(cx, painter, area, "Nothing has been set up in this session.", None);
}
