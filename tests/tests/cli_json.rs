//! `--json`: every command that prints data has it, the others refuse it, what it prints is documented; and a closed pipe is no
//! error.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that cannot go on fails the test that called it")]

mod sim;

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};

use pictl_lab::sim::{Fault, FaultKind, SimSpec};
use pictl_tests::{Home, LIMIT, Running, pictl, repository, run, skip};
use serde_json::Value;
use sim::Cluster;

/// What a command makes of `--json`.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Json {
    /// It prints an object a line.
    Lines,
    /// It has no data to print.
    Nothing,
    /// It refuses it.
    Refused,
    /// It is shown elsewhere: it needs a cluster.
    Elsewhere,
}

/// Every command and what it makes of `--json`, with arguments that need no cluster.
const COMMANDS: [(&str, Json); 19] = [
    ("demo", Json::Elsewhere),
    ("lab list", Json::Elsewhere),
    ("lab exec -- true", Json::Refused),
    ("scan 127.0.0.1-3", Json::Elsewhere),
    ("nodes", Json::Elsewhere),
    ("keys check", Json::Elsewhere),
    ("setup", Json::Elsewhere),
    ("exec -- true", Json::Elsewhere),
    ("machinefile", Json::Refused),
    ("run -- true", Json::Elsewhere),
    ("bench pi", Json::Elsewhere),
    ("attach", Json::Elsewhere),
    ("runs list", Json::Nothing),
    ("config", Json::Lines),
    ("config --sample", Json::Refused),
    ("keymap", Json::Lines),
    ("keymap --markdown", Json::Refused),
    ("completions bash", Json::Refused),
    ("man", Json::Refused),
];

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

#[test]
fn every_command_has_json_or_refuses_it() {
    let home = Home::new();
    for (line, json) in COMMANDS {
        let ended = match json {
            Json::Elsewhere => continue,
            _ => run(home.pictl(&[&["--json"], &words(line)[..]].concat()), ""),
        };
        match json {
            Json::Refused => {
                let ended = ended.with(2).says(&["--json", "leave --json out"]);
                assert_eq!(ended.out, "", "{line}");
            }
            Json::Nothing => assert_eq!(ended.with(0).out, "", "{line}"),
            _ => {
                let objects = ended.with(0).json();
                assert!(!objects.is_empty() && objects.iter().all(Value::is_object), "{line}");
            }
        }
    }
    run(home.pictl(&["--json"]), "").with(2).says(&["the dashboard"]);

    // None is missing above.
    let help = run(home.pictl(&["--help"]), "").with(0).out;
    let listed =
        help.lines().skip_while(|line| !line.starts_with("Commands:")).skip(1).take_while(|line| !line.is_empty());
    let names: BTreeSet<_> = listed.filter_map(|line| line.strip_prefix("  ")?.split(' ').next()).collect();
    let names: BTreeSet<_> = names.into_iter().filter(|name| !name.is_empty() && *name != "help").collect();
    assert!(names.len() > 10, "{help}");
    let known: BTreeSet<_> = COMMANDS.iter().map(|(line, _)| words(line)[0]).collect();
    assert_eq!(names, known);
}

/// The kinds of events that docs/json.md describes.
fn documented() -> BTreeSet<String> {
    let text = fs::read_to_string(repository().join("docs/json.md")).unwrap();
    let heads = text.lines().filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`'));
    heads.map(|head| head.replace(": ", ":")).collect()
}

/// The kind of an event, and of what happened in a run, as docs/json.md names them.
fn kinds(event: &Value) -> Vec<String> {
    let event = &event["event"];
    let named = |key: &str, of: &Value| of[key].as_str().map(|kind| format!("{}:{kind:?}", format_args!("{key:?}")));
    [named("kind", event), named("what", &event["event"])].into_iter().flatten().collect()
}

#[test]
fn what_is_printed_is_documented() {
    let known = documented();
    let mut seen = BTreeSet::new();
    let runs = repository().join("assets/fixtures/runs");
    for entry in fs::read_dir(runs).unwrap() {
        let Ok(text) = fs::read_to_string(entry.unwrap().path().join("events.jsonl")) else { continue };
        let events = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        seen.extend(events.flat_map(|event| kinds(&event)));
    }
    assert!(seen.len() > 20, "{seen:?}");
    let unknown: Vec<_> = seen.difference(&known).collect();
    assert!(unknown.is_empty(), "not in docs/json.md: {unknown:?}");
}

#[test]
fn the_document_is_made_from_the_types() {
    let top = repository();
    let Ok(made) = Command::new("python3").arg(top.join("tests/json_doc.py")).output() else {
        return skip("there is no python3");
    };
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let written = fs::read_to_string(top.join("docs/json.md")).unwrap();
    assert!(written == String::from_utf8_lossy(&made.stdout), "docs/json.md is old: run tests/run --generate");
}

/// Runs a command whose standard output nobody reads; its exit code and what it says on standard error.
fn unread(mut command: Command) -> (Option<i32>, String) {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let child = command.stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
    let ended = child.wait_with_output().unwrap();
    (ended.status.code(), String::from_utf8_lossy(&ended.stderr).into_owned())
}

#[test]
fn a_closed_pipe_ends_every_command_quietly() {
    let cluster = Cluster::known(SimSpec { nodes: 2, ..SimSpec::default() });
    let login = ["--user", "pi", "--password-stdin", "--trust", "new", "--yes"];
    cluster.run(&[&["setup"], &login[..]].concat(), "raspberry\n").with(0);
    cluster.run(&["bench", "pi", "-n", "2", "--slices", "4", "--slice-size", "1000"], "").with(0);
    for (line, code) in [
        ("--help", 0),
        ("config", 0),
        ("config --json", 0),
        ("keymap", 0),
        ("completions zsh", 0),
        ("man", 0),
        ("machinefile", 0),
        ("nodes", 0),
        ("nodes --json", 0),
        ("runs list", 0),
        ("runs list --json", 0),
        ("runs show last", 0),
        ("runs show last --json", 0),
        ("runs replay last --json", 0),
        ("exec -- hostname", 0),
        // What goes on while nobody reads it is stopped.
        ("exec --json -- hostname", 130),
        ("setup --json --dry-run", 130),
        ("bench pi --json -n 2 --slices 4 --slice-size 1000", 130),
    ] {
        let (ended, said) = unread(cluster.home.pictl(&words(line)));
        assert_eq!(ended, Some(code), "{line}: {said}");
        for word in ["panicked", "roken pipe", "error"] {
            assert!(!said.contains(word), "{line}: {said}");
        }
    }
}

#[test]
fn endless_output_is_bounded_and_counted_and_ends_when_nobody_reads_it() {
    let faults = vec![Fault { node: 0, kind: FaultKind::EndlessOutput }];
    let cluster = Cluster::known(SimSpec { nodes: 1, faults, ..SimSpec::default() });
    let exec = ["exec", "--user", "pi", "--password-stdin", "--trust", "new", "--timeout", "20", "--json", "--", "yes"];
    let mut running = Running::start(cluster.home.pictl(&exec), "raspberry\n");
    running.wait_for_line("lines that were left out", LIMIT, |line| {
        serde_json::from_str::<Value>(line)
            .is_ok_and(|event| event["event"]["kind"] == "exec_omitted" && event["event"]["lines"].as_u64() > Some(0))
    });
    running.signal(rustix::process::Signal::INT);
    running.wait_for_end(LIMIT).with(130);

    // The same without a reader: it is stopped as by Ctrl-C.
    let (code, said) = unread_after_login(&cluster, &exec);
    assert_eq!(code, Some(130), "{said}");
}

/// As [`unread`], with the password on standard input.
fn unread_after_login(cluster: &Cluster, args: &[&str]) -> (Option<i32>, String) {
    let line = format!("echo raspberry | '{}' \"$@\" | true; exit ${{PIPESTATUS[1]}}", pictl().display());
    let mut bash = Command::new("bash");
    bash.args(["-c", &line, "bash"]).args(args);
    bash.env_clear().envs(cluster.home.environment()).current_dir(cluster.home.path());
    let ended = run(bash, "");
    (Some(ended.code), ended.err)
}
