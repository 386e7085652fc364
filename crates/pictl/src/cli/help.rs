//! What `-h` and `--help` show: a command's own options first, then those that it shares with others.
//!
//! Every command accepts every shared option, and shows those that mean something to it. `-h` fits on one screen of 24
//! lines; `--help` adds the shared options and examples.

use clap::{Arg, Command, CommandFactory as _};

use super::Cli;

/// The options of [`super::LoginArgs`].
const LOGIN: [&str; 8] =
    ["user", "port", "identity", "jump", "password_stdin", "sudo_password_stdin", "passphrase_stdin", "trust"];
/// Those that the inventory keeps.
const ENTRY: [&str; 4] = ["user", "port", "identity", "jump"];
/// Those of a scan: whom to log in as later, and the port to try.
const SCAN: [&str; 2] = ["user", "port"];

/// Examples for the end of `--help`: command lines with what they do. A test parses each of them.
pub(crate) fn examples(lines: &[(&str, &str)]) -> String {
    let width = lines.iter().map(|(line, _)| line.len()).max().unwrap_or(0);
    let lines: Vec<_> = lines.iter().map(|(line, what)| format!("  {line:width$}  # {what}")).collect();
    format!("Examples:\n{}", lines.join("\n"))
}

/// The command line with its help in order.
pub(crate) fn grammar() -> Command {
    built(Cli::command())
}

/// The same for manual pages, which need no page of `pictl help` for each command.
pub(crate) fn manual() -> Command {
    built(Cli::command().disable_help_subcommand(true))
}

fn built(mut command: Command) -> Command {
    // Every command has the shared options from here on.
    command.build();
    arrange(command, &[])
}

/// What a command shows of `--nodes`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nodes {
    Hidden,
    /// It works on some of them.
    Chosen,
    /// It makes so many.
    Counted,
}

/// The login options and the `--nodes` that mean something to the command at `path`.
fn shared(path: &[&str]) -> (&'static [&'static str], Nodes) {
    match path {
        ["demo"] => (&[], Nodes::Counted),
        ["scan"] => (&SCAN, Nodes::Hidden),
        ["nodes", "add" | "set"] => (&ENTRY, Nodes::Hidden),
        ["nodes", "list"] => (&[], Nodes::Chosen),
        ["attach"] => (&LOGIN, Nodes::Hidden),
        [] | ["nodes", "identify"] | ["keys" | "setup" | "exec" | "machinefile" | "run" | "bench", ..] => {
            (&LOGIN, Nodes::Chosen)
        }
        _ => (&[], Nodes::Hidden),
    }
}

fn arrange(command: Command, path: &[&str]) -> Command {
    // It repeats the others, for completions.
    if path.first() == Some(&"help") {
        return command;
    }
    let (login, nodes) = shared(path);
    let command = command.mut_args(|arg| match arg.get_id().as_str() {
        id if LOGIN.contains(&id) && arg.is_global_set() => {
            let shown = login.contains(&id);
            let own = shown && login == ENTRY;
            let arg = arg.hide(!shown);
            if own { arg.hide_short_help(false).help_heading(None).display_order(500) } else { arg }
        }
        "nodes" if arg.is_global_set() && !path.is_empty() => own_nodes(arg, nodes),
        "help" | "version" => arg.hide_short_help(true).help_heading("Global").display_order(900),
        _ => arg,
    });
    // A manual page shows the long help alone.
    let command = command.mut_args(|arg| match (arg.get_help(), arg.get_long_help()) {
        (Some(help), None) => {
            let help = help.clone();
            arg.long_help(help)
        }
        _ => arg,
    });
    let name = ["pictl"].iter().chain(path).copied().collect::<Vec<_>>().join(" ");
    let more = match path {
        [] => "Without a command: the dashboard. Options: pictl --help, pictl COMMAND -h".to_owned(),
        _ if command.has_subcommands() => format!("Global options: {name} --help. Options of one: {name} COMMAND -h"),
        _ if login.is_empty() || login == ENTRY => format!("Global options and examples: {name} --help"),
        _ => format!("Login and global options, examples: {name} --help"),
    };
    let long = command.get_after_long_help().cloned().unwrap_or_default();
    command.after_help(more).after_long_help(long).mut_subcommands(|sub| {
        let name = sub.get_name().to_owned();
        arrange(sub, &[path, &[name.as_str()]].concat())
    })
}

/// `--nodes` among the options of a command itself.
fn own_nodes(arg: Arg, nodes: Nodes) -> Arg {
    let arg = arg.hide_short_help(false).help_heading(None).display_order(500);
    match nodes {
        Nodes::Hidden => arg.hide(true),
        Nodes::Chosen => arg,
        Nodes::Counted => {
            let help = "Number of nodes; none: 4";
            arg.value_name("N").help(help).long_help(help)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every command with its path.
    fn all() -> Vec<(Vec<String>, Command)> {
        let mut found = vec![(Vec::new(), grammar().term_width(80))];
        let mut at = 0;
        while let Some((path, command)) = found.get(at) {
            let below = command.get_subcommands().filter(|sub| sub.get_name() != "help");
            let below: Vec<_> = below
                .map(|sub| ([path.as_slice(), &[sub.get_name().to_owned()]].concat(), sub.clone().term_width(80)))
                .collect();
            found.extend(below);
            at += 1;
        }
        assert!(found.len() > 40, "{}", found.len());
        found
    }

    #[test]
    fn short_help_fits_on_one_screen() {
        for (path, mut command) in all() {
            let help = command.render_help().to_string();
            let lines: Vec<_> = help.trim_end().lines().collect();
            assert!(lines.len() <= 24, "{path:?}: {} lines\n{help}", lines.len());
            assert!(lines.iter().all(|line| line.chars().count() <= 80), "{path:?}\n{help}");
            let last = lines.last().unwrap();
            assert!(last.contains(&format!("{} --help", [&["pictl".to_owned()], path.as_slice()].concat().join(" "))));
        }
    }

    #[test]
    fn own_options_come_first_and_the_shared_ones_in_groups() {
        for (path, mut command) in all() {
            let help = command.render_long_help().to_string();
            let headings: Vec<_> = help.lines().filter(|l| !l.starts_with(' ') && l.ends_with(':')).collect();
            let shared = headings.iter().position(|h| *h == "Output:").unwrap();
            let groups = headings[shared..].iter().filter(|h| **h != "Login:").copied().collect::<Vec<_>>();
            assert_eq!(groups, ["Output:", "Global:", "Examples:"], "{path:?}\n{help}");
            let own = ["Commands:", "Arguments:", "Options:", "Launch:", "HPL:"];
            assert!(headings[..shared].iter().all(|h| own.contains(h)), "{path:?}\n{help}");
            let short = command.render_help().to_string();
            assert!(["Output:", "Login:", "Global:"].iter().all(|shared| !short.contains(shared)), "{path:?}\n{short}");
        }
    }

    #[test]
    fn login_options_are_shown_where_a_login_happens_and_taken_everywhere() {
        let full = ["", "attach", "bench", "exec", "keys", "machinefile", "nodes identify", "run", "setup"];
        for (path, command) in all() {
            let path = path.join(" ");
            let is_login = |arg: &&Arg| LOGIN.contains(&arg.get_id().as_str()) && arg.is_global_set();
            let shown: Vec<_> = command.get_arguments().filter(is_login).filter(|arg| !arg.is_hide_set()).collect();
            let expected = match path.as_str() {
                "scan" => 2,
                "nodes add" | "nodes set" => 4,
                path if full.contains(&path) || path.starts_with("keys ") => 8,
                _ => 0,
            };
            assert_eq!(shown.len(), expected, "{path}");
        }
        for line in ["pictl --user pi setup", "pictl setup --user pi", "pictl runs list --user pi --nodes pi01 -v"] {
            let cli = parse(line).unwrap();
            assert!(cli.global.verbose == 1 || cli.global.login.user.as_deref() == Some("pi"), "{line}");
        }
    }

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        let words = pictl_formats::shell::split(line).unwrap();
        let words = words.into_iter().take_while(|word| word != "|" && word != ">");
        grammar().try_get_matches_from(words).and_then(|matches| clap::FromArgMatches::from_arg_matches(&matches))
    }

    #[test]
    fn every_command_has_examples_that_are_understood() {
        for (path, command) in all() {
            let help = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
            let lines: Vec<_> = help.lines().filter_map(|line| line.strip_prefix("  ")).collect();
            assert!((2..=3).contains(&lines.len()), "{path:?}: {help}");
            for line in lines {
                let (line, what) = line.split_once("  # ").unwrap();
                assert!(!what.is_empty() && line.len() + what.len() < 100, "{line}");
                let own = ["pictl"].into_iter().chain(path.iter().map(String::as_str)).collect::<Vec<_>>().join(" ");
                assert!(line.starts_with(&own), "{line}");
                parse(line).unwrap_or_else(|e| panic!("{line}: {e}"));
            }
        }
    }
}
