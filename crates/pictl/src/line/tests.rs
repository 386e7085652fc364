//! Lines typed into the dashboard of the scenes, and what is asked of the engine then.

use std::collections::BTreeMap;
use std::sync::Arc;

use clap::CommandFactory as _;
use pictl_model::request::{Request, ScanRequest, SetupRequest};
use pictl_model::step::StepId;
use pictl_model::trust::TrustPolicy;
use pictl_model::world::World;
use pictl_model::{Millis, NodeId};
use pictl_tui::fixtures::{Session, options, planned, scene};
use pictl_tui::{Effect, Leaving};

use super::*;
use crate::cli::Cli;
use crate::config::Config;
use crate::paths::Paths;

/// What the program knows when it is started without an option and without a file of preferences.
fn setting() -> Setting {
    let global = Cli::try_parse_from(["pictl"]).unwrap().global;
    let home = std::path::PathBuf::from("/home/me");
    let [config, data, ssh] = [".config/pictl", ".local/share/pictl", ".ssh"].map(|below| home.join(below));
    let paths = Paths { user: "me".to_owned(), home, config, data, ssh };
    Setting { login_args: global.login.clone(), global, config: Config::default(), paths }
}

/// The scene of this name, with the grammar of the command line.
fn at(name: &str) -> Session {
    let mut session = scene(name).unwrap_or_else(|| panic!("no scene {name}"));
    session.effects.clear();
    session.grammar(Arc::new(Grammar::new(&setting())));
    session
}

/// After this line was typed there.
fn line(scene: &str, text: &str) -> Session {
    let mut s = at(scene);
    s.keys(":").type_text(text);
    s.keys("enter");
    s
}

/// What was asked of the engine since the last look.
fn requests(session: &mut Session) -> Vec<Request> {
    let effects = std::mem::take(&mut session.effects);
    effects.into_iter().filter_map(|e| if let Effect::Send(request) = e { Some(request) } else { None }).collect()
}

/// The picture at 80x24 as text.
fn seen(session: &mut Session) -> String {
    let picture = session.picture(80, 24);
    let row = |y| (0..80).map(|x| picture[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
    (0..24).map(row).collect::<Vec<_>>().join("\n")
}

/// The picture with its rows put together, for sentences that are broken there.
fn text_of(session: &mut Session) -> String {
    seen(session).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn scan(session: &mut Session) -> ScanRequest {
    let wanted = requests(session);
    let [Request::Scan(scan)] = wanted.as_slice() else { panic!("{wanted:?}\n{}", seen(session)) };
    scan.clone()
}

fn setup(session: &mut Session) -> SetupRequest {
    let wanted = requests(session);
    let [Request::Setup(setup)] = wanted.as_slice() else { panic!("{wanted:?}\n{}", seen(session)) };
    setup.clone()
}

fn named(session: &Session, names: &[&str]) -> Vec<NodeId> {
    let world = &session.app.cx.world;
    let id = |name: &&str| world.members().iter().find(|n| n.name() == *name).map(|n| n.id.clone());
    names.iter().map(|name| id(name).unwrap_or_else(|| panic!("no member {name}"))).collect()
}

#[test]
fn the_command_line_does_what_the_keys_do() {
    let mut s = line("found-4", "scan 10.0.0.0/28 192.168.7.*");
    assert!(matches!(requests(&mut s).as_slice(), [Request::Scan(r)] if r.targets == ["10.0.0.0/28", "192.168.7.*"]));
    let mut s = line("cluster-stale", "bench pi -n 4 --slices 64 --slice-size 100000");
    let wanted = requests(&mut s);
    let [Request::Bench(bench)] = wanted.as_slice() else { panic!("{wanted:?}") };
    assert_eq!((bench.ranks, bench.workload.slices, bench.workload.slice_size), (Some(4), Some(64), Some(100_000)));
    let mut s = line("cluster-stale", "exec uname -a; id");
    assert!(
        matches!(requests(&mut s).as_slice(), [Request::Exec(r)] if r.command == "uname -a; id" && r.nodes.is_empty())
    );
    let mut s = line("cluster-stale", "head pi02");
    assert!(matches!(requests(&mut s).as_slice(), [Request::SetMember { change, .. }] if change.head));
    let mut s = line("cluster-stale", "name pi02 blue");
    assert!(matches!(requests(&mut s).as_slice(), [Request::SetMember { .. }]));
    for quit in ["quit", "q"] {
        let s = line("empty", quit);
        assert!(matches!(s.effects.as_slice(), [Effect::Leave(Leaving::Quit)]));
    }
    assert!(seen(&mut line("found-4", "setup")).contains("Set up 4 nodes"));
    assert_eq!(seen(&mut line("empty", "help")), seen(at("empty").keys("?")));
    assert!(requests(&mut line("cluster-stale", "remove pi02")).is_empty(), "it is asked about");
}

#[test]
fn a_command_line_with_an_error_stays_and_says_what_is_wrong() {
    for (text, why) in [
        ("fly", "there is no command \"fly\": scan, watch, identify"),
        ("bench", "usage: bench <NAME>"),
        ("bench chess", "invalid value 'chess' for '<NAME>'; [possible values: pi, pi-published,"),
        ("bench pi -n", "a value is required for '-n <N>' but none was supplied"),
        ("bench pi -n 0", "invalid value '0' for '-n <N>': 0 is not in 1..=100000"),
        ("bench pi --speed 9", "unexpected argument '--speed' found"),
        ("head pi77", "there is no node \"pi77\""),
        ("name pi02 Not_A_Name", "is not a valid host name"),
        ("name pi02 pi03", "pi03 is the name of"),
        ("exec", "usage: exec <CMD>..."),
        ("keys", "usage: keys [OPTIONS] <COMMAND>: push, mesh, check, rotate, remove, unclone, ssh, passwords"),
        ("scan -h", "usage: scan [OPTIONS] [TARGET]..."),
        ("exec --nodes pi77 -- id", "there is no node \"pi77\""),
        ("setup --only nonsense", "invalid value 'nonsense' for '--only <STEP>'"),
    ] {
        let mut s = line("cluster-stale", text);
        let shown = text_of(&mut s);
        assert!(shown.contains(why), "{text}: {shown}");
        assert!(shown.contains(&format!(":{text}")), "it can be corrected: {shown}");
        assert!(requests(&mut s).is_empty());
        let grammar = Grammar::new(&setting());
        let (login, world) = (Login::default(), s.app.cx.world.clone());
        let cx = LineContext { world: &world, names: BTreeMap::default(), login: &login, prefix: "pi" };
        if let Err(why) = grammar.parse(text, &cx) {
            assert!(!why.contains(['\n', '\u{1b}']), "{why:?}");
        }
    }
}

#[test]
fn tab_completes_and_the_arrows_bring_earlier_lines_back() {
    let mut s = at("cluster-stale");
    s.keys(":").type_text("he");
    assert!(seen(s.keys("tab")).contains("head  help"), "several fit");
    s.type_text("a");
    s.keys("tab").type_text("pi0");
    assert!(seen(s.keys("tab")).contains("pi01  pi02  pi03  pi04"));
    s.type_text("2");
    s.keys("enter");
    assert!(matches!(requests(&mut s).as_slice(), [Request::SetMember { .. }]));
    assert!(seen(s.keys(": up")).contains(":head pi02"));
    assert!(!seen(s.keys("down")).contains(":head"));
}

#[test]
fn what_can_follow_is_read_from_the_grammar() {
    let s = at("cluster-stale");
    let world = &s.app.cx.world;
    let names = world.nodes.values().map(|n| (n.id.clone(), n.name())).collect();
    let cx = LineContext { world, names, login: &Login::default(), prefix: "pi" };
    let all = |before: &str| Grammar::new(&setting()).complete(before, &cx);
    assert_eq!(all(""), OFFERED);
    let has = |before: &str, words: &[&str]| {
        let found = all(before);
        assert!(words.iter().all(|word| found.iter().any(|f| f == word)), "{before}: {found:?}");
    };
    has("scan ", &["--exclude", "--interface", "--thorough"]);
    has("scan --method ", &["auto", "arp", "connect"]);
    has("bench ", &["pi", "primes", "-n", "--slices", "--slice-size", "--repeat"]);
    has("bench pi --map ", &["node", "slot"]);
    has("keys ", &["push", "mesh", "check", "rotate", "remove", "unclone", "passwords"]);
    has("keys passwords o", &["on", "off"]);
    has("identify ", &["pi01", "pi04"]);
    has("identify pi01 ", &["pi02"]);
    has("exec --nodes ", &["pi01", "pi04"]);
    has("exec -", &["--nodes", "--timeout", "--user"]);
    assert!(!all("name pi01 ").contains(&"pi02".to_owned()), "a new name is not one of another");
    assert!(!all("scan ").contains(&"--user".to_owned()), "shared options are offered after a dash");
}

#[test]
fn a_benchmark_that_was_asked_for_is_announced_until_it_is_there() {
    let mut s = at("cluster-stale");
    s.type_text(":bench pi -n 8");
    assert!(seen(s.keys("enter")).contains("benchmark asked for"));
    s.event(planned());
    assert!(!seen(&mut s).contains("benchmark asked for"));
}

#[test]
fn the_command_line_works_on_keys() {
    assert_eq!(setup(&mut line("cluster-stale", "keys check")).only, [StepId::Pairs]);
    assert!(seen(&mut line("cluster-stale", "keys passwords off")).contains("Disable password login?"));
    assert!(seen(&mut line("cluster-stale", "keys remove lena@laptop")).contains("lena@laptop"));
    assert!(seen(&mut line("cluster-stale", "keys remove my old laptop")).contains("my old laptop"));
    assert!(seen(&mut line("cluster-stale", "keys remove")).contains("Remove a key from 4 nodes"));
    assert!(seen(&mut line("cluster-stale", "keys rotate-nodes")).contains("Rotate the keys of the nodes?"));
    for bad in ["keys", "keys fly", "keys passwords", "keys check all"] {
        assert!(text_of(&mut line("cluster-stale", bad)).contains("usage: keys"), "{bad}");
    }
    let mut s = at("empty");
    s.keys(":").type_text("keys check");
    assert!(seen(s.keys("enter")).contains("there is no cluster yet"));

    let mut s = line("cluster-stale", "keys rotate --dry-run --nodes pi[01-02] --user ann");
    let wanted = setup(&mut s);
    assert!(wanted.dry_run && wanted.keys.rotate && wanted.login.user.as_deref() == Some("ann"));
    assert_eq!(wanted.nodes, named(&s, &["pi01", "pi02"]));
    let mut s = line("cluster-stale", "keys unclone --nodes pi03");
    assert!(requests(&mut s).is_empty(), "it is asked about");
    s.keys("enter");
    assert_eq!(setup(&mut s).nodes, named(&s, &["pi03"]));
}

#[test]
fn what_was_scanned_last_is_scanned_again() {
    let mut s = line("found-4", "scan 192.168.7.0/28 --exclude 192.168.7.9 --interface eth1 --thorough");
    let first = scan(&mut s);
    assert_eq!(
        (first.targets.as_slice(), first.exclude.as_slice()),
        (&["192.168.7.0/28".to_owned()][..], &["192.168.7.9".to_owned()][..])
    );
    assert!(first.thorough && first.interface.as_deref() == Some("eth1"));
    s.keys("s");
    assert_eq!(scan(&mut s), first);
    s.keys("w");
    assert_eq!(scan(&mut s), ScanRequest { every: Some(Millis(5_000)), ..first });
    s.keys(":").type_text("watch");
    s.keys("enter");
    let watch = scan(&mut s);
    assert!(watch.targets.is_empty(), "back to this computer's own networks");
    assert_eq!(watch.every, Some(Millis(5_000)));
    for (typed, why) in [
        ("scan --exclude", "a value is required for '--exclude <TARGET>'"),
        ("watch --interface", "a value is required for '--interface <IF>'"),
        ("watch --fast", "unexpected argument '--fast' found; usage: watch [OPTIONS] [TARGET]..."),
        ("identify", "usage: identify <NODE>..."),
        ("identify pi99", "there is no node \"pi99\""),
    ] {
        let mut s = line("found-4", typed);
        assert!(text_of(&mut s).contains(why), "{typed}: {}", text_of(&mut s));
        assert!(requests(&mut s).is_empty());
    }
    assert!(!scan(&mut line("empty", "scan 10.0.0.0/22")).wide, "1,022 are not too many");
    assert_eq!(scan(&mut line("empty", "scan --watch=60")).every, Some(Millis(60_000)));
}

#[test]
fn named_nodes_blink() {
    let mut s = line("cluster-stale", "identify pi02 pi03");
    let wanted = requests(&mut s);
    let [Request::Identify { nodes, time: Millis(15_000), .. }] = wanted.as_slice() else { panic!("{wanted:?}") };
    assert_eq!(*nodes, named(&s, &["pi02", "pi03"]));
    let mut s = line("cluster-stale", "nodes identify --nodes pi[02-03] --seconds 60");
    let wanted = requests(&mut s);
    let [Request::Identify { nodes, time: Millis(60_000), .. }] = wanted.as_slice() else { panic!("{wanted:?}") };
    assert_eq!(*nodes, named(&s, &["pi02", "pi03"]));
}

#[test]
fn options_of_the_command_line_work_here_too() {
    let mut s = line("cluster-stale", "setup --only mpi,machinefile --dry-run --nodes pi[01-02]");
    let wanted = setup(&mut s);
    assert_eq!((wanted.only, wanted.dry_run), (vec![StepId::Mpi, StepId::Machinefile], true));
    assert_eq!(wanted.nodes, named(&s, &["pi01", "pi02"]));
    let mut s = line("cluster-stale", "setup --trust new");
    let wanted = setup(&mut s);
    assert_eq!((wanted.login.trust, wanted.nodes.len(), wanted.yes), (TrustPolicy::New, 4, false));

    let mut s = line("cluster-stale", "exec --nodes pi[01-02] --timeout 9 -- uptime");
    let wanted = requests(&mut s);
    let [Request::Exec(exec)] = wanted.as_slice() else { panic!("{wanted:?}") };
    assert_eq!((exec.command.as_str(), exec.timeout), ("uptime", Some(Millis(9_000))));
    assert_eq!(exec.nodes, named(&s, &["pi01", "pi02"]));

    let mut s = line("cluster-stale", "bench pi --lang c --repeat 3 --map node --nodes pi04");
    let wanted = requests(&mut s);
    let [Request::Bench(bench)] = wanted.as_slice() else { panic!("{wanted:?}") };
    assert_eq!((bench.workload.name.as_str(), bench.repeat), ("pi-c", 3));
    assert_eq!(bench.nodes, named(&s, &["pi04"]));
    s.event(planned());

    let mut s = line("cluster-stale", "run -n 2 solver 'a b'");
    let wanted = requests(&mut s);
    let [Request::Bench(run)] = wanted.as_slice() else { panic!("{wanted:?}") };
    assert_eq!(run.program.as_ref().map(|p| p.words.clone()), Some(vec!["solver".to_owned(), "a b".to_owned()]));

    let mut s = line("cluster-stale", "nodes set pi[01-02] --user ann --port 2222");
    let wanted = requests(&mut s);
    assert_eq!(wanted.len(), 2);
    let Request::SetMember { change, .. } = &wanted[0] else { panic!("{wanted:?}") };
    assert_eq!((change.user.as_deref(), change.port, change.head), (Some("ann"), Some(2222), false));
}

#[test]
fn marks_limit_lines_that_name_no_nodes() {
    let marked = |text: &str| {
        let mut s = at("cluster-stale");
        s.keys("space space :").type_text(text);
        s.keys("enter");
        (requests(&mut s), named(&s, &["pi01", "pi02"]), named(&s, &["pi04"]), seen(&mut s))
    };
    let (wanted, two, _, shown) = marked("bench pi -np 4");
    assert!(matches!(wanted.as_slice(), [Request::Bench(b)] if b.nodes == two && b.ranks == Some(4)), "{wanted:?}");
    assert!(shown.contains("benchmark asked for on 2 of 4 nodes: pi01 and pi02"), "{shown}");
    let (wanted, _, one, _) = marked("bench pi --nodes pi04");
    assert!(matches!(wanted.as_slice(), [Request::Bench(b)] if b.nodes == one), "{wanted:?}");
    let (wanted, two, ..) = marked("run hostname");
    assert!(matches!(wanted.as_slice(), [Request::Bench(b)] if b.nodes == two), "{wanted:?}");
    let (wanted, _, one, _) = marked("run -host pi04:2 hostname");
    assert!(
        matches!(wanted.as_slice(), [Request::Bench(b)] if b.nodes == one && b.launch.slots == [(one[0].clone(), 2)])
    );
    let (wanted, two, ..) = marked("exec uptime");
    assert!(matches!(wanted.as_slice(), [Request::Exec(r)] if r.nodes == two), "{wanted:?}");
    let (wanted, two, ..) = marked("keys check");
    assert!(matches!(wanted.as_slice(), [Request::Setup(r)] if r.nodes == two), "{wanted:?}");
}

#[test]
fn no_option_becomes_the_program_here_either() {
    for (typed, why) in [
        ("run --timout 5 hostname", "'--timeout'"),
        ("run --repeat 3 hostname", "--repeat is an option of pictl bench"),
        ("run -x A=1 hostname", "-x is an option of mpirun: "),
        ("exec -np 2 hostname", "pictl run starts ranks"),
        ("scan -sn 10.0.0.0/24", "try: pictl scan 10.0.0.0/24"),
        ("run -H pi77 hostname", "--host: pi77 is not a node of the cluster"),
    ] {
        let mut s = line("cluster-stale", typed);
        let shown = text_of(&mut s);
        assert!(shown.contains(why), "{typed}: {shown}");
        assert!(requests(&mut s).is_empty(), "{typed}");
    }
}

#[test]
fn what_makes_no_sense_inside_is_one_clear_sentence() {
    for (typed, why) in [
        ("demo", "demo does not work in the dashboard: run `pictl demo` in a shell"),
        ("lab up", "lab does not work in the dashboard"),
        ("man", "man does not work in the dashboard"),
        ("completions bash", "completions does not work in the dashboard"),
        ("runs show", "the History screen does this: runs list shows it"),
        ("machinefile", "machinefile does not work in the dashboard"),
        ("scan --json", "--json is chosen when pictl starts: leave it out here"),
        ("setup --cluster lab", "--cluster is chosen when pictl starts"),
        ("setup --password-stdin", "the dashboard asks for passwords itself"),
        ("scan --save", "--save is for the command line"),
        ("bench pi --detach", "--detach is for the command line"),
        ("nodes add 10.0.0.31", "nodes add is for the command line"),
        ("nodes remove pi[01-02]", "pi[01-02] is 2 nodes: remove them one by one here"),
        ("nodes set pi01", "say what to change"),
    ] {
        let mut s = line("cluster-stale", typed);
        assert!(text_of(&mut s).contains(why), "{typed}: {}", text_of(&mut s));
        assert!(requests(&mut s).is_empty() && s.effects.is_empty(), "{typed}");
    }
}

#[test]
fn lines_of_scenes_mean_what_they_mean_here() {
    let (world, login) = (World::default(), Login::default());
    let cx = LineContext { world: &world, names: BTreeMap::default(), login: &login, prefix: "pi" };
    let (ours, theirs) = (Grammar::new(&setting()), options().grammar);
    assert_eq!(ours.commands(), theirs.commands());
    for typed in ["bench pi -n many", "scan 10.0.0.0/4", "scan 10.0.0.0/16"] {
        assert_eq!(ours.parse(typed, &cx), theirs.parse(typed, &cx), "{typed}");
    }
}

#[test]
fn every_offered_command_is_one_of_the_grammar() {
    let grammar = Line::command();
    for name in OFFERED {
        assert!(grammar.find_subcommand(name).is_some(), "{name}");
    }
    grammar.debug_assert();
}
