use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};

use pictl_formats::progress;
use pictl_model::node::{Hpcc, MpiFamily};
use pictl_model::run::{Hpl, Map, RunEvent, Stream, Verdict};
use pictl_model::{Rank, Timestamp};
use proptest::prelude::*;

use super::hpl::Place;
use super::*;
use crate::common::{facts, plan};

fn asked(name: &str, slices: Option<u32>, slice_size: Option<u64>) -> Workload {
    Workload { name: name.into(), slices, slice_size, ..Workload::default() }
}

/// The names that a Python text imports.
fn imports(text: &str) -> BTreeSet<&str> {
    text.lines()
        .filter_map(|line| line.strip_prefix("from ").or_else(|| line.strip_prefix("import ")))
        .filter_map(|rest| rest.split_whitespace().next())
        .collect()
}

#[test]
fn every_program_brings_what_it_imports() {
    let ours: BTreeSet<_> =
        [PROGRESS, SLICES, PI_FILE, PRIMES, RANK, PPFT].iter().map(|(file, _)| file.trim_end_matches(".py")).collect();
    for program in BENCHMARKS {
        let files: Vec<File> = std::iter::once(program.main).chain(program.modules.iter().copied()).collect();
        let brought: BTreeSet<_> = files.iter().map(|(file, _)| file.trim_end_matches(".py")).collect();
        let wanted: BTreeSet<_> = files.iter().flat_map(|(_, text)| imports(text)).collect();
        let missing: Vec<_> = wanted.intersection(&ours).filter(|name| !brought.contains(*name)).collect();
        assert!(missing.is_empty(), "{} lacks {missing:?}", program.name);
        // And what starts programs in Python.
        assert_eq!(program.files().len(), brought.len() + usize::from(!program.is_c()), "{}", program.name);
    }
}

#[test]
fn names_are_unique_and_titles_fit_a_line() {
    let names: BTreeSet<_> = BENCHMARKS.iter().map(|p| p.name).collect();
    assert_eq!(names.len(), BENCHMARKS.len());
    assert!(BENCHMARKS.iter().all(|p| p.title.chars().count() <= 50));
    assert_eq!(named("pi").map(|p| p.name), Some("pi"));
    assert_eq!(named("nothing"), None);
}

#[test]
fn a_program_takes_its_own_numbers_and_leaves_those_it_does_not_know() {
    let of = |name: &str, slices, size| {
        let workload = named(name).unwrap().workload(&asked(name, slices, size));
        (workload.slices, workload.slice_size)
    };
    assert_eq!(of("pi", None, None), (Some(64), Some(1_000_000)));
    assert_eq!(of("primes", Some(7), None), (Some(7), Some(10_000)));
    assert_eq!(of("scatter", Some(7), Some(5)), (None, Some(5)));
    assert_eq!(of("hello", Some(7), Some(5)), (None, None));
    assert_eq!(of("hpl", Some(7), Some(5)), (None, None));
    assert_eq!(named("pi").unwrap().workload(&Workload { hpl: Some(Hpl::default()), ..Workload::default() }).hpl, None);
}

#[test]
fn a_program_in_c_is_compiled_and_started_without_python() {
    let c = named("pi-c").unwrap();
    let files = c.files();
    assert_eq!(files.iter().filter_map(compiled_name).collect::<Vec<_>>(), ["pi"]);
    assert_eq!(c.command(&["/home/pi", "/home/pi"], &["-x".into()]), ["/home/pi/.pictl/bench/pi", "-x"]);
    let apart = ["sh", "-c", "exec \"$HOME/.pictl/bench/pi\" \"$@\"", "pi-c"];
    assert_eq!(c.command(&["/home/pi", "/home/bo"], &[]), apart);
    let python = named("pi").unwrap();
    assert_eq!(python.files().iter().filter_map(compiled_name).count(), 0);
    let apart = "exec /usr/bin/python3 -I \"$HOME/.pictl/bench/start.py\" \"$@\"";
    assert_eq!(python.command(&["/home/pi", "/home/bo"], &[])[2..], [apart, "pi", "-m", "mpi4py", "pi.py"]);
}

#[test]
fn what_would_wait_for_ever_or_take_all_memory_is_refused() {
    let published = named("pi-published").unwrap();
    let workload = published.workload(&asked("pi-published", None, None));
    assert!(published.obstacle(&workload, 1).unwrap().0.contains("at least 2 ranks"));
    assert_eq!(published.obstacle(&workload, 2), None);
    let primes = named("primes").unwrap();
    assert_eq!(primes.obstacle(&asked("primes", Some(10), Some(1_000_000_000)), 1), None);
    assert!(primes.obstacle(&asked("primes", Some(10), Some(1_000_000_001)), 1).is_some());
    let scatter = named("scatter").unwrap();
    assert_eq!(scatter.obstacle(&asked("scatter", None, Some(1_000_000)), 10), None);
    assert!(scatter.obstacle(&asked("scatter", None, Some(1_000_000)), 11).unwrap().0.contains("11000000"));
    assert!(named("pi-c").unwrap().obstacle(&asked("pi-c", Some(2), Some(u64::MAX)), 1).is_some());
}

/// A program without mpi4py needs no MPI but the launcher's, and a client not even that.
#[test]
fn programs_are_started_as_they_are_made() {
    let first = |name: &str| named(name).unwrap().command(&["/home/pi"], &[]);
    assert_eq!(first("hostname"), ["/usr/bin/python3", "-I", "/home/pi/.pictl/bench/start.py", "hostname.py"]);
    assert_eq!(first("pingpong")[3..], ["-m", "mpi4py", "pingpong.py"]);
    let clients: Vec<_> = BENCHMARKS.iter().filter(|p| p.is_client()).map(|p| p.name).collect();
    assert_eq!(clients, ["ppsum"]);
    let without: Vec<_> = BENCHMARKS.iter().filter(|p| !p.needs_mpi4py()).map(|p| p.name).collect();
    assert_eq!(without, ["pi-c", "ppsum", "hpl", "hostname"]);
}

#[test]
fn a_rank_a_slot_or_a_rank_a_node() {
    let of = |name: &str| named(name).unwrap().ranks(3, 12);
    assert_eq!((of("pi"), of("pingpong"), of("ppsum"), of("hpl")), (12, 3, 3, 12));
    assert!(
        named("pingpong").unwrap().obstacle(&Workload::default(), 1).unwrap().0.contains("measures between two ranks")
    );
}

/// Every file in Python, by the oldest one that Raspberry Pi OS has had for years (bullseye's 3.9), where it is there.
#[test]
fn all_programs_are_python_of_every_pi() {
    let files: BTreeSet<File> =
        BENCHMARKS.iter().flat_map(|p| [p.main, START].into_iter().chain(p.modules.iter().copied())).collect();
    for (name, text) in files.into_iter().filter(|(name, _)| *name != "pi.c") {
        let check = "import ast, sys; ast.parse(sys.stdin.read(), sys.argv[1], feature_version=(3, 9))";
        let mut python = Command::new("python3");
        let started = python.args(["-c", check, name]).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let Ok(mut python) = started else { return eprintln!("skipped: there is no python3") };
        python.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let ended = python.wait_with_output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    }
}

/// Both programs of Parallel Python, where a node does not have it and cannot prepare it.
#[test]
fn parallel_python_reports_that_it_prepares_before_it_does() {
    let dir = tempfile::tempdir().unwrap();
    let program = named("ppsum").unwrap();
    for (name, text) in [START, program.main].iter().chain(program.modules) {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    let python = |words: &[&str]| {
        // No folder can be made there.
        let mut command = Command::new("/usr/bin/python3");
        command.args(["-I"]).args(words).current_dir(dir.path()).env("HOME", dir.path().join("ppsum.py")).output()
    };
    let there = python(&["-c", "import ppft"]);
    if there.is_err() || there.is_ok_and(|output| output.status.success()) {
        return eprintln!("skipped: there is no /usr/bin/python3, or it has Parallel Python");
    }
    let client = python(&["start.py", "ppsum.py", "--here", "127.0.0.1", "--server", "127.0.0.1:1"]).unwrap();
    let said = String::from_utf8(client.stdout).unwrap();
    let note = progress::parse(said.trim()).map(|record| record.unwrap());
    assert!(
        matches!(&note, Some(RunEvent::Note { text }) if text.contains("makes a virtual environment")),
        "{said}{}",
        String::from_utf8_lossy(&client.stderr)
    );
    assert!(!client.status.success());
    let server = python(&["start.py", "ppsum_server.py", "127.0.0.1", "1", "0"]).unwrap();
    assert!(String::from_utf8(server.stdout).unwrap().starts_with("preparing "));
}

fn view(ranks: u32, nodes: u8, workload: Workload) -> RunView {
    RunView::new(Timestamp(0), pictl_model::run::RunPlan { workload, ..plan("r-1", ranks, nodes) })
}

fn hear(view: &mut RunView, events: impl IntoIterator<Item = RunEvent>) {
    for event in events {
        view.apply(Timestamp(1), &event);
    }
}

fn print(line: &str) -> RunEvent {
    RunEvent::Output { stream: Stream::Out, rank: None, line: line.into() }
}

/// What a rank of the launch test says.
fn launched(rank: u32, host: &str, printed: &str) -> [RunEvent; 3] {
    let rank = Rank(rank);
    [RunEvent::Host { rank, host: host.into() }, print(printed), RunEvent::Done { rank }]
}

#[test]
fn the_launch_test_is_right_when_each_rank_prints_a_planned_host() {
    let program = named("hostname").unwrap();
    let judged = |said: &[[RunEvent; 3]]| {
        let mut view = view(said.len() as u32, 2, Workload::default());
        hear(&mut view, said.iter().flatten().cloned());
        let (value, _) = program.result(&view).expect("a result");
        (value, program.check(value, &view))
    };
    let (value, check) =
        judged(&[launched(0, "pi01", "pi01"), launched(1, "PI02.lan", "PI02.lan"), launched(2, "pi01", "pi01")]);
    assert_eq!((value, check.expected, check.ok()), (3.0, Some(3.0), true), "{check:?}");

    let (_, check) = judged(&[launched(0, "pi01", "pi01"), launched(1, "raspberrypi", "raspberrypi")]);
    assert_eq!(check.problem.unwrap(), "rank 1 ran on raspberrypi, which is not a node of this run");
    // One name printed twice, the other not at all.
    let (value, check) = judged(&[launched(0, "pi01", "pi01"), launched(1, "pi02", "pi01")]);
    assert_eq!((value, check.problem.unwrap().as_str()), (1.0, "1 of 2 ranks printed the name of their host"));
    // Nothing is said of it before everybody was heard of.
    assert_eq!(program.result(&view(2, 2, Workload::default())), None);
}

#[test]
fn pairs_and_sums_of_primes_are_checked() {
    let pingpong = named("pingpong").unwrap();
    assert!(pingpong.check(6.0, &view(4, 4, Workload::default())).ok());
    assert!(!pingpong.check(5.0, &view(4, 4, Workload::default())).ok());
    let ppsum = named("ppsum").unwrap();
    let asked = ppsum.workload(&asked("ppsum", Some(20), Some(1_000)));
    assert!(ppsum.check(21_171_191.0, &view(2, 2, asked.clone())).ok());
    assert!(!ppsum.check(21_171_190.0, &view(2, 2, asked)).ok());
}

/// What hpcc prints when it solved this.
fn solved(size: u32, grid: (u32, u32), residual: &str, success: u8) -> Vec<RunEvent> {
    let text = format!(
        "||Ax-b||_oo/(eps*(||A||_oo*||x||_oo+||b||_oo)*N)=  0.003 ...... {residual}\nSuccess={success}\nHPL_Tflops=0.0124\n\
         HPL_N={size}\nHPL_NB=64\nHPL_nprow={}\nHPL_npcol={}",
        grid.0, grid.1
    );
    text.lines().map(print).collect()
}

#[test]
fn hpl_is_right_when_it_solved_what_it_was_asked() {
    let program = named("hpl").unwrap();
    let asked_for = Hpl { size: Some(1024), block: Some(64), grid: Some((1, 2)), ..Hpl::default() };
    let problem = |said: Vec<RunEvent>, value: f64| {
        let mut view = view(2, 2, Workload { hpl: Some(asked_for), ..Workload::default() });
        hear(&mut view, said);
        program.check(value, &view).problem
    };
    assert_eq!(problem(solved(1024, (1, 2), "PASSED", 1), 12.4), None);
    for (said, value, why) in [
        (solved(1024, (1, 2), "FAILED", 1), 12.4, "residual"),
        (solved(1024, (1, 2), "PASSED", 0), 12.4, "did not succeed"),
        // With too few ranks hpcc solves something small, and calls that a success.
        (solved(100, (1, 2), "PASSED", 1), 12.4, "instead of N 1024"),
        (solved(1024, (1, 1), "PASSED", 1), 12.4, "instead of N 1024"),
        (solved(1024, (1, 2), "PASSED", 1), 99.0, "99 GFLOPS"),
        (solved(1024, (1, 2), "PASSED", 1), f64::NAN, "GFLOPS"),
        (Vec::new(), 12.4, "instead of"),
    ] {
        let text = problem(said, value).unwrap_or_default();
        assert!(text.contains(why), "{text:?} does not say {why:?}");
    }
}

/// Nodes with so many slots and MiB free, with an hpcc.
fn boards(nodes: &[(u32, u64)]) -> Vec<(u32, pictl_model::node::Facts)> {
    let board = |(n, (slots, mib)): (usize, &(u32, u64))| {
        let mut facts = facts(n as u8 + 1);
        facts.mem_available_kib = Some(mib * 1024);
        facts.hpcc = Some(Hpcc { family: Some(MpiFamily::OpenMpi), open_blas: true });
        (*slots, facts)
    };
    nodes.iter().enumerate().map(board).collect()
}

fn settle(asked_for: &Hpl, ranks: u32, boards: &[(u32, pictl_model::node::Facts)]) -> Result<Hpl, String> {
    hpl::settle(asked_for, ranks, Map::Node, &places(boards), MpiFamily::OpenMpi)
        .map_err(|(reason, hint)| format!("{reason}; {hint}"))
}

fn places(boards: &[(u32, pictl_model::node::Facts)]) -> Vec<Place<'_>> {
    boards.iter().map(|(slots, facts)| Place { name: "pi", slots: *slots, facts }).collect()
}

#[test]
fn hpl_takes_three_quarters_of_the_free_memory() {
    // One Pi of 4 GiB, all free: 0.75 * 4 GiB / 8 bytes = 20066 rows squared, 78 blocks of 256.
    let four = settle(&Hpl::default(), 4, &boards(&[(4, 4096)])).unwrap();
    assert_eq!((four.size, four.block, four.grid), (Some(19_968), Some(256), Some((2, 2))));
    // 2/3 N^3 operations at 11.9 GFLOPS.
    assert_eq!(four.estimate, Some(447));
    let text = hpl::preface(&four, &places(&boards(&[(4, 4096)]))).unwrap();
    assert!(
        text.contains("N 19968")
            && text.contains("about 8 min by published results")
            && text.contains("after about 6 min"),
        "{text}"
    );

    // Packed on the first of two nodes, two processes have only its memory.
    let two = boards(&[(4, 4096), (4, 4096)]);
    let size = |map| hpl::settle(&Hpl::default(), 2, map, &places(&two), MpiFamily::OpenMpi).unwrap().size;
    assert_eq!((size(Map::Slot), size(Map::Node)), (Some(19_968), Some(28_160)));

    let unknown = || {
        let mut boards = boards(&[(2, 512)]);
        boards[0].1.model = None;
        boards[0].1.hpcc = Some(Hpcc { family: None, open_blas: false });
        boards
    };
    let text = hpl::preface(&settle(&Hpl::default(), 2, &unknown()).unwrap(), &places(&unknown())).unwrap();
    assert!(text.contains("assuming 2 GFLOPS a core on pi") && text.contains("without OpenBLAS"), "{text}");
}

#[test]
fn a_result_of_hpl_is_put_beside_published_ones() {
    let boards = boards(&[(4, 4096)]);
    let compared = |gflops, ranks| {
        let settled = settle(&Hpl::default(), ranks, &boards).unwrap();
        hpl::comparison(gflops, &settled, &places(&boards)).map(|concern| concern.verdict)
    };
    assert_eq!(compared(11.0, 4), Some(Verdict::Valid));
    assert_eq!(compared(1.1, 4), Some(Verdict::Doubtful));
    assert_eq!(compared(3.0, 1), None, "one core of four");
}

#[test]
fn what_hpl_cannot_do_is_refused() {
    let two = boards(&[(4, 1024), (4, 1024)]);
    let asked = |asked_for: Hpl| settle(&asked_for, 8, &two).unwrap_err();
    assert!(asked(Hpl { grid: Some((3, 3)), ..Hpl::default() }).contains("needs 9 ranks, and there are 8"));
    assert!(asked(Hpl { grid: Some((0, 3)), ..Hpl::default() }).contains("grid"));
    let text = asked(Hpl { size: Some(20_000), ..Hpl::default() });
    assert!(text.contains("needs 3.0 GiB and there is room for 2.0 GiB"), "{text}");
    assert!(asked(Hpl { size: Some(10), block: Some(20), ..Hpl::default() }).contains("cannot be solved"));

    let mut without = two.clone();
    without[1].1.hpcc = None;
    let text = settle(&Hpl::default(), 8, &without).unwrap_err();
    assert!(
        text.contains("hpcc is missing on pi") && text.contains("apt-get install -y hpcc libopenblas0-pthread"),
        "{text}"
    );
    let text = hpl::settle(&Hpl::default(), 8, Map::Node, &places(&two), MpiFamily::Mpich).unwrap_err();
    assert!(text.0.contains("not linked with MPICH"), "{text:?}");
    let mut silent = two.clone();
    silent[0].1.mem_available_kib = None;
    assert!(settle(&Hpl::default(), 8, &silent).unwrap_err().contains("--size"));
    assert!(settle(&Hpl { size: Some(1000), ..Hpl::default() }, 8, &silent).is_ok());
}

proptest! {
    #[test]
    fn a_matrix_is_of_whole_blocks_and_fits_every_node(
        nodes in prop::collection::vec((1..8u32, 128..16_384u64), 1..12),
        ranks in 1..64u32,
        percent in 10..90u8,
    ) {
        let boards = boards(&nodes);
        let asked_for = Hpl { memory_percent: Some(percent), ..Hpl::default() };
        let hpl = settle(&asked_for, ranks, &boards).unwrap();
        let (size, block, (p, q)) = (hpl.size.unwrap(), hpl.block.unwrap(), hpl.grid.unwrap());
        prop_assert_eq!(size % block, 0);
        prop_assert!(size >= block && p <= q);
        prop_assert_eq!(p * q, ranks);
        // Dealt out by hand: round the nodes while they have slots, and round again when nobody has any left.
        let mut held = vec![0_u64; nodes.len()];
        let mut left = ranks;
        while left > 0 {
            for level in 0..nodes.iter().map(|(slots, _)| *slots).max().unwrap() {
                for (n, _) in nodes.iter().enumerate().filter(|(_, (slots, _))| *slots > level) {
                    if left > 0 {
                        held[n] += 1;
                        left -= 1;
                    }
                }
            }
        }
        let bytes = 8.0 * f64::from(size).powi(2);
        for (held, (_, mib)) in held.iter().zip(&nodes) {
            let share = bytes * *held as f64 / f64::from(ranks);
            prop_assert!(share <= *mib as f64 * 1_048_576.0 * f64::from(percent) / 100.0 + 1.0);
        }
    }
}

/// Files in the folder that a launcher starts in, and in the user's PYTHONPATH, that are named like Python's own modules.
#[test]
fn no_file_of_the_users_home_is_taken_for_a_module() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(FOLDER);
    std::fs::create_dir_all(&folder).unwrap();
    for shadow in ["mpi4py", "random", "json", "socket", "site", "runpy", "binascii", "usercustomize"] {
        let taken = format!("open({:?}, 'w').close(); raise SystemExit('taken: {shadow}')", home.path().join("taken"));
        std::fs::write(home.path().join(format!("{shadow}.py")), taken).unwrap();
    }
    let program = named("hostname").unwrap();
    for file in program.files() {
        std::fs::write(home.path().join(file.path.trim_start_matches("~/")), &file.content).unwrap();
    }
    let at = home.path().to_str().unwrap();
    let same = program.command(&[at], &[]);
    let apart = program.command(&[at, "/elsewhere"], &[]);
    let facts = include_str!("../../../../assets/remote/facts.sh");
    let facts = ["sh", "-c", facts, "pictl-facts", "mpi"].map(str::to_owned).to_vec();
    for words in [same, apart, facts] {
        if !std::path::Path::new("/usr/bin/python3").exists() {
            return eprintln!("skipped: there is no /usr/bin/python3");
        }
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).current_dir(at).env("HOME", at).env("PYTHONPATH", at).env("PYTHONINSPECT", "1");
        let ended = command.stdin(Stdio::null()).output().unwrap();
        let (said, err) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
        assert!(ended.status.success(), "{words:?}: {said}{err}");
        assert!(said.contains("@pictl {\"e\":\"done\"") || said.contains("end facts"), "{said}{err}");
        assert!(!home.path().join("taken").exists(), "{words:?}: {said}{err}");
    }
}
