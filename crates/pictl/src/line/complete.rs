//! What the last word of a line could be: read from the grammar, with the names of nodes that are known.

use clap::{Arg, Command, CommandFactory as _};
use pictl_tui::LineContext;

use super::{Line, OFFERED, words};

/// Values that are names of nodes.
const NODES: [&str; 3] = ["NODE", "SEL", "node"];

/// Whole words that could stand at the end of `before`.
pub(super) fn candidates(before: &str, cx: &LineContext<'_>) -> Vec<String> {
    let (before, word) = before.rsplit_once(' ').unwrap_or(("", before));
    let mut grammar = Line::command();
    grammar.build();
    let mut command = &grammar;
    let mut option: Option<&Arg> = None;
    let mut places = 0;
    for typed in &words::split(before) {
        if option.take().is_some() {
            continue;
        }
        if typed.starts_with('-') {
            let name = typed.trim_start_matches('-');
            let known = command.get_arguments().find(|arg| {
                arg.get_long() == Some(name) || arg.get_short().is_some_and(|short| name == short.to_string())
            });
            option = known.filter(|arg| arg.get_action().takes_values() && !arg.is_require_equals_set());
        } else if let Some(below) = command.find_subcommand(typed) {
            command = below;
        } else {
            places += 1;
        }
    }
    if let Some(option) = option {
        return values(option, cx);
    }
    if word.starts_with('-') {
        return options(command, |_| true);
    }
    if command.get_name() == grammar.get_name() {
        return OFFERED.map(str::to_owned).to_vec();
    }
    let below = command.get_subcommands().map(|sub| sub.get_name().to_owned());
    let positional = command.get_positionals().nth(places).or_else(|| {
        command.get_positionals().last().filter(|last| last.get_num_args().is_some_and(|n| n.max_values() > 1))
    });
    let values = positional.map(|arg| values(arg, cx)).unwrap_or_default();
    below.chain(values).chain(options(command, |arg| !arg.is_global_set())).collect()
}

/// The values that an argument can have, where they are known.
fn values(arg: &Arg, cx: &LineContext<'_>) -> Vec<String> {
    let possible: Vec<_> = arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    let name =
        arg.get_value_names().and_then(|names| names.first()).map_or(arg.get_id().as_str(), |name| name.as_str());
    if possible.is_empty() && NODES.iter().any(|node| node.eq_ignore_ascii_case(name)) {
        return cx.world.nodes.keys().filter_map(|id| cx.names.get(id).cloned()).collect();
    }
    if arg.get_action().takes_values() { possible } else { Vec::new() }
}

/// The options of `command` that pass `filter`, each once.
fn options(command: &Command, filter: impl Fn(&Arg) -> bool) -> Vec<String> {
    let shown = command.get_arguments().filter(|arg| !arg.is_hide_set() && arg.get_id() != "help" && filter(arg));
    shown
        .filter_map(|arg| match (arg.get_long(), arg.get_short()) {
            (Some(long), _) => Some(format!("--{long}")),
            (None, short) => short.map(|short| format!("-{short}")),
        })
        .collect()
}
