//! Who logs in to whom, filling live, and work on keys.

use pictl_model::step::{StepId, StepState};
use pictl_model::world::SetupView;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::look::Look;
use super::routes::is_shut;
use super::{KeysScreen, detail, grid};
use crate::blocks::{press, spinner};
use crate::context::Context;
use crate::keymap::Command;
use crate::paint::{Painter, split_top};
use crate::screens::empty::no_setup_yet;
use crate::theme::Theme;
use crate::words::{count, more, number};

pub(super) fn draw(screen: &KeysScreen, cx: &Context, painter: &mut Painter<'_>, area: Rect) {
    let look = Look::of(screen, cx, painter.theme);
    if look.routes.len() == 0 {
        empty(cx, painter, area);
        return;
    }
    let (top, grid, detail) = split(&look, area);
    painter.line(top, 0, overview(&look));
    painter.line(top, 1, next(&look));
    grid::draw(&look, painter, grid);
    let (title, lines) = detail::lines(&look, detail.width.into());
    let (_, text) = split_top(detail, 1);
    let height = usize::from(text.height);
    let scroll = look.screen.scroll.min(lines.len().saturating_sub(height));
    let hidden = more(scroll, lines.len().saturating_sub(scroll + height));
    let keys = if hidden.is_empty() || look.routes.is_list() {
        String::new()
    } else {
        format!(" ({})", look.key(Command::PageDown))
    };
    painter.rule(detail, 0, format!("{title}  {hidden}{keys}").trim_end());
    painter.lines(text, lines, scroll);
}

/// Two lines on top; the grid takes what it needs, and the words about the cursor keep a few lines.
fn split(look: &Look<'_>, area: Rect) -> (Rect, Rect, Rect) {
    let (top, rest) = split_top(area, if area.height >= 5 { 2 } else { 1 });
    let wanted = grid::height(look).saturating_add(if rest.height >= 20 { 3 } else { 2 });
    let least = if rest.height >= 6 { (rest.height / 3).clamp(3, 6) } else { 0 };
    let (grid, detail) = split_top(rest, wanted.min(rest.height - least));
    (top, grid, detail)
}

/// Lines of the detail, and how many of them are seen at once.
pub(super) fn detail_extent(screen: &KeysScreen, cx: &Context) -> (usize, usize) {
    let look = Look::of(screen, cx, Theme::new(false));
    if look.routes.len() == 0 {
        return (0, 0);
    }
    let (_, _, detail) = split(&look, cx.body());
    (detail::lines(&look, detail.width.into()).1.len(), usize::from(detail.height).saturating_sub(1))
}

fn overview(look: &Look<'_>) -> Line<'static> {
    let (tally, theme) = (look.total, look.theme);
    let n = look.routes.len();
    let mut spans = vec![Span::styled(format!(" {}: ", count(n * (n - 1), "pair")), theme.strong())];
    let parts = [
        (tally.fails, if tally.fails == 1 { "fails" } else { "fail" }, theme.bad()),
        (tally.works, if tally.works == 1 { "works" } else { "work" }, theme.ok()),
        (tally.trying, "being tried", theme.busy()),
        (tally.stale, "in doubt", theme.warn()),
        (tally.untried, "not tried", theme.dim()),
    ];
    for (n, word, style) in parts.into_iter().filter(|(n, ..)| *n > 0) {
        if spans.len() > 1 {
            spans.push(Span::raw(", "));
        }
        spans.push(Span::styled(format!("{} {word}", number(n as u64)), style));
    }
    Line::from(spans)
}

/// The steps at work, or the key that leads on.
fn next(look: &Look<'_>) -> Line<'static> {
    let (cx, theme, total) = (look.cx, look.theme, look.total);
    if let Some(setup) = &cx.world.setup {
        if setup.summary.is_none() {
            return at_work(look, setup);
        }
        let bad = setup.summary.map_or(0, |s| s.failed + s.aborted);
        if bad > 0 && total.fails == 0 {
            let words = format!("shows {} that did not work", count(bad as usize, "step"));
            return press(theme, "   Next:", &look.key(Command::ShowSteps), &words);
        }
    }
    if total.fails > 0 {
        let words = format!("goes to what fails, {} repairs", look.key(Command::Mesh));
        return press(theme, "   Next:", &look.key(Command::NextFailing), &words);
    }
    if look.routes.clone_of.iter().any(Option::is_some) {
        return press(theme, "   Next:", &look.key(Command::Unclone), "gives cloned SD cards their own keys");
    }
    if look.any_password() {
        return press(theme, "   Next:", &look.key(Command::PushKey), "installs your key where you use a password");
    }
    if total.stale > 0 {
        let words = format!("tries what is in doubt, {} repairs it", look.key(Command::Mesh));
        return press(theme, "   Next:", &look.key(Command::CheckPairs), &words);
    }
    if total.untried > 0 {
        return press(theme, "   Next:", &look.key(Command::CheckPairs), "tries every pair");
    }
    let shut = look.routes.nodes.iter().filter(|n| is_shut(n)).count();
    if shut > 0 {
        return Line::styled(format!("   You cannot log in to {}.", count(shut, "node")), theme.bad());
    }
    let mut line = Line::styled("   ✓ Every node logs in to every other one.", theme.ok());
    // All keys are proved: passwords are needed no more.
    if !cx.world.setup.as_ref().is_some_and(|setup| setup.plan.steps.contains(&StepId::PasswordLogin)) {
        line.spans.extend([
            Span::styled(format!("  {}", look.key(Command::PasswordsOff)), theme.key()),
            Span::raw(" disables password login"),
        ]);
    }
    line
}

fn at_work(look: &Look<'_>, setup: &SetupView) -> Line<'static> {
    let (done, all) = setup.progress();
    let works = |step| {
        let cells = setup.plan.nodes.iter().filter_map(|n| setup.cells.get(&(n.node.clone(), step)));
        cells.filter(|c| !c.state.is_final() && c.state != StepState::Pending).count()
    };
    let now = setup.plan.steps.iter().map(|step| (step, works(*step))).find(|(_, works)| *works > 0);
    let now = now.map(|(step, works)| format!(": {}, {}", step.title(), count(works, "node"))).unwrap_or_default();
    let theme = look.theme;
    Line::from(vec![
        Span::styled(format!(" {} {done} of {all} steps{now}", spinner(look.cx)), theme.busy()),
        Span::styled(format!("  {}", look.key(Command::ShowSteps)), theme.key()),
        Span::raw(" steps"),
    ])
}

fn empty(cx: &Context, painter: &mut Painter<'_>, area: Rect) {
    no_setup_yet(cx, painter, area, "No node is in the cluster yet.", Some("keys and all."));
}
