//! Own programs: where their files go, how their ranks are started, and what the wrapper of a rank reports.

use std::process::{Command, Output, Stdio};

use pictl_formats::progress;
use pictl_model::Rank;
use pictl_model::run::RunEvent;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::*;

fn own(words: &[&str], files: &[&str]) -> Result<Own, Obstacle> {
    Own::new(&OwnProgram {
        words: words.iter().map(|&w| w.to_owned()).collect(),
        files: files.iter().map(PathBuf::from).collect(),
        input: false,
    })
}

#[test]
fn words_name_the_files_where_they_are_on_the_nodes() {
    let places = |own: &Own| own.files.iter().map(|f| f.to.clone()).collect::<Vec<_>>();
    let python = own(&["python3", "src/my.py", "data.csv", "3"], &["src/my.py", "data.csv", "more/x.bin"]).unwrap();
    assert_eq!(python.words, ["python3", "src/my.py", "data.csv", "3"]);
    assert_eq!(
        (python.name.as_str(), places(&python)),
        ("my.py", vec!["src/my.py".into(), "data.csv".into(), "more/x.bin".into()])
    );

    let compiled = own(&["a.out", "../in.txt"], &["a.out", "../in.txt", "a.out"]).unwrap();
    assert_eq!(compiled.words, ["./a.out", "in.txt"]);
    assert_eq!(places(&compiled), ["a.out", "in.txt"]);
    assert_eq!(own(&["./a.out"], &["./a.out"]).unwrap().words, ["./a.out"]);
    assert_eq!(own(&["/home/me/a b.out"], &["/home/me/a b.out"]).unwrap().name, "a_b.out");
    assert_eq!(own(&["hostname", "-s"], &[]).unwrap().name, "hostname");
    assert_eq!(own(&["./.-"], &[]).unwrap().name, "program");
}

#[test]
fn what_cannot_be_put_in_one_folder_is_refused() {
    assert!(own(&[], &[]).unwrap_err().0.contains("no program"));
    assert!(own(&["x"], &["a/../in", "../in"]).unwrap_err().0.contains("both be in"));
    assert!(own(&["x"], &["a\nb"]).unwrap_err().0.contains("cannot be the name"));
    assert!(own(&["x"], &[".."]).is_err());
}

#[test]
fn a_rank_is_started_by_the_wrapper() {
    let job = Payload::Own(own(&["python3", "my.py"], &["my.py"]).unwrap());
    let workload = job.workload(&Workload { slices: Some(7), ..Workload::default() });
    assert_eq!((workload.name.as_str(), workload.origin, workload.slices), ("my.py", Origin::Own, None));
    assert_eq!(
        job.command(&["/home/pi", "/home/pi"], &workload),
        ["sh", "/home/pi/.pictl/bench/rank.sh", "my.py", "python3", "my.py"]
    );
    let apart = job.command(&["/home/pi", "/home/bo"], &workload);
    assert_eq!(apart[..2], ["sh", "-c"]);
    assert_eq!(apart[2..], ["exec sh \"$HOME/.pictl/bench/rank.sh\" \"$@\"", "my.py", "my.py", "python3", "my.py"]);
    assert!(job.is_python());
    assert!(!Payload::Own(own(&["./a.out"], &["a.out"]).unwrap()).is_python());
    assert!(Payload::Own(own(&["./x.py"], &["x.py"]).unwrap()).is_python());
}

#[cfg(unix)]
#[test]
fn files_are_read_with_their_right_to_run_and_up_to_a_bound() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let make = |name: &str, mode: u32, size: u64| {
        let path = dir.path().join(name);
        fs::File::create(&path).unwrap().set_len(size).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        OwnFile { from: path, to: name.to_owned() }
    };
    let (tool, data) = (make("tool", 0o700, 3), make("data", 0o600, 5));
    let read_of = |files: &[OwnFile]| read("x", files);
    let files = read_of(&[tool.clone(), data]).unwrap();
    let reported: Vec<_> = files.iter().map(|f| (f.path.as_str(), f.mode, f.content.len())).collect();
    assert_eq!(reported, [("~/.pictl/programs/x/tool", 0o755, 3), ("~/.pictl/programs/x/data", 0o644, 5)]);

    // The bound is on all files together, and nothing is read beyond it.
    let large = make("large", 0o600, MOST_BYTES - 2);
    let reported = read_of(&[tool, large]).unwrap_err();
    assert!(matches!(reported, FileError::TooLarge { size, .. } if size == MOST_BYTES + 1), "{reported}");
    let folder = OwnFile { from: dir.path().to_owned(), to: "x".into() };
    assert!(matches!(read_of(&[folder]), Err(FileError::NoFile { .. })));
    let missing = OwnFile { from: dir.path().join("none"), to: "x".into() };
    let reported = read_of(&[missing]).unwrap_err();
    assert!(reported.to_string().starts_with("cannot read ") && reported.to_string().contains("none"), "{reported}");
}

/// Runs a rank by the wrapper in `shell`, in a home of its own; `None` where there is no such shell.
fn rank(shell: &[&str], variables: &[(&str, &str)], program: &[&str]) -> Option<(Output, tempfile::TempDir)> {
    rank_by(RANK.1, shell, variables, program)
}

/// The same by another wrapper.
fn rank_by(
    wrapper: &str,
    shell: &[&str],
    variables: &[(&str, &str)],
    program: &[&str],
) -> Option<(Output, tempfile::TempDir)> {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir_all(home.path().join(PROGRAMS).join("x")).unwrap();
    fs::write(home.path().join("rank.sh"), wrapper).unwrap();
    let mut command = Command::new(shell[0]);
    command.args(&shell[1..]).arg(home.path().join("rank.sh")).arg("x").args(program);
    command.env_remove("PMI_RANK").env("HOME", home.path()).env("PICTL_RUN", "r").envs(variables.iter().copied());
    Some((command.stdin(Stdio::null()).output().ok()?, home))
}

fn events(output: &Output) -> Vec<RunEvent> {
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().filter_map(progress::parse).map(|record| record.expect("a whole record")).collect()
}

/// Every shell that can be `sh` on Debian or where the tests run.
const SHELLS: [&[&str]; 4] = [&["sh"], &["dash"], &["bash", "--posix"], &["busybox", "sh"]];

#[test]
fn the_program_reads_what_the_wrapper_is_given() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("rank.sh"), RANK.1).unwrap();
    fs::write(home.path().join("input"), "first\nsecond\n").unwrap();
    for shell in SHELLS {
        let go = |redirection: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", &format!("exec \"$@\" {redirection}"), "sh"]).args(shell).arg(home.path().join("rank.sh"));
            command.args(["x", "cat"]).env("HOME", home.path()).current_dir(home.path()).stdin(Stdio::null());
            command.output().unwrap()
        };
        let read = go("<input");
        let said = String::from_utf8_lossy(&read.stdout).into_owned();
        if !said.contains("@pictl") {
            assert_ne!(shell, ["sh"], "there is no sh: {}", String::from_utf8_lossy(&read.stderr));
            continue;
        }
        assert!(said.contains("first\nsecond\n"), "{shell:?}: {said}");
        // Launchers may leave the others without any.
        for nothing in ["</dev/null", "<&-"] {
            let output = go(nothing);
            let (status, said) = (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned());
            assert!(status == Some(0) && !said.contains("first"), "{shell:?} {nothing}: {status:?} {said}");
        }
    }
}

#[test]
fn the_wrapper_reports_host_and_end_in_records_that_are_read() {
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap().trim().to_owned();
    for shell in SHELLS {
        let variables = [("OMPI_COMM_WORLD_RANK", "3"), ("PMIX_RANK", "9")];
        let Some((output, home)) = rank(shell, &variables, &["sh", "-c", "pwd; echo $0 \"$@\"", "it's", "a b"]) else {
            assert_ne!(shell, ["sh"], "there is no sh");
            continue;
        };
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let place = fs::canonicalize(home.path()).unwrap().join(".pictl/programs/x");
        assert!(said.contains(&format!("{}\nit's a b\n", place.display())), "{shell:?}: {said}");
        let done = RunEvent::Done { rank: Rank(3) };
        let reported = [RunEvent::Host { rank: Rank(3), host: host.clone() }, done.clone(), done];
        assert_eq!(events(&output), reported, "{shell:?}");
        assert_eq!(output.status.code(), Some(0));
    }
}

#[test]
fn the_wrapper_reports_how_a_program_failed() {
    for (variable, program, status) in
        [("PMI_RANK", "exit 7", 7), ("PMIX_RANK", "kill -SEGV $$", 139), ("PMI_RANK", "exec no-such-program-here", 127)]
    {
        let (output, _) = rank(&["sh"], &[(variable, "12")], &["sh", "-c", program]).unwrap();
        assert_eq!(events(&output)[1..], [RunEvent::Exit { rank: Rank(12), status }], "{program}");
        assert_eq!(output.status.code(), Some(status), "{program}");
    }
}

#[test]
fn a_signal_goes_to_the_program_and_its_answer_counts() {
    // The program writes its pid by the file that the wrapper leaves, and then ends its own wrapper.
    let stubborn = "trap 'echo heard; exit 5' TERM; echo $(cat \"$HOME/.pictl/runs/r/ranks/0\"); kill -TERM $PPID; \
        while :; do sleep 0.05; done";
    let (output, home) = rank(&["sh"], &[], &["sh", "-c", stubborn]).unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("heard"), "{said}");
    assert_eq!(events(&output)[1..], [RunEvent::Exit { rank: Rank(0), status: 5 }], "{said}");
    assert_eq!(fs::read_dir(home.path().join(".pictl/runs/r/ranks")).unwrap().count(), 0);
    let (output, _) = rank(&["sh"], &[], &["sh", "-c", "kill -TERM $PPID; exec sleep 100"]).unwrap();
    assert_eq!(events(&output)[1..], [RunEvent::Exit { rank: Rank(0), status: 143 }]);
}

#[test]
fn a_signal_that_comes_before_the_wrapper_waits_is_passed_on() {
    let started = "child=$!\n";
    assert_eq!(RANK.1.matches(started).count(), 1);
    let slow = RANK.1.replace(started, "child=$!\nuntil [ -e sent ]; do :; done\n");
    for shell in SHELLS {
        let program = ["sh", "-c", "kill -TERM $PPID; : >sent; exec sleep 100"];
        let Some((output, _)) = rank_by(&slow, shell, &[], &program) else { continue };
        assert_eq!(events(&output)[1..], [RunEvent::Exit { rank: Rank(0), status: 143 }], "{shell:?}");
    }
}

/// The wrapper's checksum is the readers', of every text of printable ASCII, in every shell.
#[test]
fn a_shell_computes_the_checksum() {
    let from = RANK.1.find("ascii=").unwrap();
    let to = RANK.1.find("\n}\n").unwrap() + 3;
    let script = format!("{}for text; do say \"$text\"; done", &RANK.1[from..to]);
    // Each case starts every shell. As a `proptest!` it would obey PROPTEST_CASES, and start tens of thousands.
    let mut runner = TestRunner::new(ProptestConfig::with_cases(8));
    let texts = prop::collection::vec("[ -~]{0,80}", 20);
    let checked = runner.run(&texts, |texts| {
        let records = texts.iter().map(|text| format!("@pictl {text} {:04x}\n", progress::crc(text.as_bytes())));
        let expected = records.collect::<Vec<_>>().concat();
        for shell in SHELLS {
            let mut command = Command::new(shell[0]);
            command.args(&shell[1..]).args(["-c", &script, "sh"]).args(&texts);
            let Ok(output) = command.output() else { continue };
            prop_assert_eq!(String::from_utf8_lossy(&output.stdout), expected.as_str(), "{:?}", shell);
        }
        Ok(())
    });
    checked.unwrap();
}
