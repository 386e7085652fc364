//! What the cursor is on, in words.

use pictl_model::Timestamp;
use pictl_model::event::PairProblem;
use pictl_model::node::Link;
use pictl_model::world::Try;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::look::Look;
use super::node;
use super::routes::{Route, Spot};
use crate::keymap::Command;
use crate::words::{ago, columns, connection, count, login, number, wrap};

/// Title and lines.
pub(super) fn lines(look: &Look<'_>, width: usize) -> (String, Vec<Line<'static>>) {
    let routes = &look.routes;
    let Some(spot) = routes.spot(look.screen) else { return (String::new(), Vec::new()) };
    let place = |node: usize| {
        let address = routes.nodes[node].address().map(|a| format!(" ({a})")).unwrap_or_default();
        format!("{}{address}", routes.names[node])
    };
    let mut text = Text { lines: Vec::new(), width: width.saturating_sub(2) };
    let (title, about) = match spot {
        Spot::Mine(to) => {
            mine(look, to, &mut text);
            (format!("you → {}", place(to)), to)
        }
        Spot::Pair(from, to) if from == to => {
            let tally = routes.tallies[from];
            let others = count(tally.works, "other node");
            let fails =
                if tally.fails > 0 { format!(", fails on {}", number(tally.fails as u64)) } else { String::new() };
            text.say(&format!("Logs in to {others}{fails}"), look.theme.plain());
            (place(from), from)
        }
        Spot::Pair(from, to) => {
            if let Some(route) = routes.route(from, to) {
                pair(look, route, look.problem(from, to), &mut text);
            }
            (format!("{} → {}", routes.names[from], place(to)), from)
        }
    };
    facts(look, about, &mut text);
    (title, text.lines)
}

/// Lines, broken at the width.
struct Text {
    lines: Vec<Line<'static>>,
    width: usize,
}

impl Text {
    fn say(&mut self, words: &str, style: Style) {
        self.lines.extend(wrap(words, self.width).into_iter().map(|part| Line::styled(format!(" {part}"), style)));
    }
}

/// The route from this computer.
fn mine(look: &Look<'_>, to: usize, text: &mut Text) {
    let (node, (symbol, style)) = (look.routes.nodes[to], look.mine(to));
    let by = node.login.as_ref().map(|by| format!(" {}", login(by))).unwrap_or_default();
    text.say(&format!("{symbol} {}{by}", connection(node, look.cx.now)), style);
    match &node.link {
        Link::Lost { why, .. } => text.say(why, look.theme.plain()),
        Link::Failed { why, hint, .. } => {
            text.say(why, look.theme.plain());
            text.say(&format!("→ {hint}"), look.theme.strong());
        }
        Link::Up if look.needs_password(to) => {
            let words = format!("→ {} installs your key there: then you need no password", look.key(Command::PushKey));
            text.say(&words, look.theme.strong());
        }
        _ => {}
    }
}

fn pair(look: &Look<'_>, route: Route, problem: Option<&PairProblem>, text: &mut Text) {
    let (symbol, style) = look.route(route);
    let ago = |at: Timestamp| ago(look.cx.now, at);
    let before = |pair: Try| format!("{} {}", if pair.works { "worked" } else { "failed" }, ago(pair.at));
    let again = format!("→ {} tries all pairs", look.key(Command::CheckPairs));
    match route {
        Route::Untried => {
            text.say(&format!("{symbol} not tried in this session"), style);
            text.say(&again, look.theme.strong());
        }
        Route::Trying(last) => {
            let last = last.map(|pair| format!("; it {}", before(pair))).unwrap_or_default();
            text.say(&format!("{symbol} being tried{last}"), style);
        }
        Route::Works(pair) => text.say(&format!("{symbol} logs in by key, tried {}", ago(pair.at)), style),
        Route::Fails(pair) => {
            let why = problem.map_or("", |problem| &problem.why);
            text.say(&format!("{symbol} fails, tried {}: {why}", ago(pair.at)), style);
            if let Some(problem) = problem.filter(|problem| !problem.hint.is_empty()) {
                text.say(&format!("→ {}", problem.hint), look.theme.strong());
            }
        }
        Route::Stale(pair, changed) => {
            text.say(&format!("{symbol} in doubt: it {}, keys changed {}", before(pair), ago(changed)), style);
            text.say(&again, look.theme.strong());
        }
    }
}

/// The keys of the node that logs in.
fn facts(look: &Look<'_>, about: usize, text: &mut Text) {
    let theme = look.theme;
    let facts = [
        ("your key", node::your_key(look, about)),
        ("its own key", node::its_key(look, about)),
        ("identity", node::identity(look, about)),
    ];
    let name = format!(" {}: ", look.routes.names[about]);
    let indent = columns(&name);
    let mut spans = vec![Span::styled(name, theme.dim())];
    let mut used = indent;
    for (label, (words, style)) in facts {
        let size = columns(label) + columns(&words) + 1;
        if used > indent && used + size + 2 > text.width {
            text.lines.push(Line::from(std::mem::take(&mut spans)));
            spans.push(Span::raw(" ".repeat(indent)));
            used = indent;
        }
        spans.push(Span::styled(format!("{label} "), theme.dim()));
        spans.push(Span::styled(format!("{words}  "), style));
        used += size + 2;
    }
    text.lines.push(Line::from(spans));
    if let Some(other) = look.routes.clone_of[about] {
        let names = (&look.routes.names[about], &look.routes.names[other]);
        let words = format!(
            "! {} and {} have the same host key or machine-id, a cloned SD card: {} gives it its own",
            names.0,
            names.1,
            look.key(Command::Unclone)
        );
        text.say(&words, theme.warn());
    }
}
