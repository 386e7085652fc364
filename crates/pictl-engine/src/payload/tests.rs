//! Own programs: where their files go, how their ranks are started, and what the wrapper of a rank reports.

use std::os::unix::fs::PermissionsExt as _;
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
        private: false,
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
    // What a program may start stays what it was.
    let started = own(&["python3", "./my.py", "./worker", "d/./x"], &["./my.py", "./worker", "d/./x"]).unwrap();
    assert_eq!(started.words.join(" "), "python3 ./my.py ./worker d/./x");
    assert_eq!(places(&started), ["my.py", "worker", "d/x"]);
    // One file by several paths.
    let twice = own(&["./a.out", "in", "d/x"], &["a.out", "./a.out", "in", "./in", "./d/x", "d/./x"]).unwrap();
    assert_eq!((twice.words.join(" "), places(&twice).join(" ")), ("./a.out in d/x".into(), "a.out in d/x".into()));
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
fn a_file_by_its_absolute_path_is_that_of_the_present_folder() {
    let dir = tempfile::tempdir().unwrap();
    let here = std::env::current_dir().unwrap();
    let file = here.join("Cargo.toml");
    let absolute = file.to_str().unwrap();
    let one = own(&["cat", absolute, "Cargo.toml"], &["Cargo.toml", absolute]).unwrap();
    assert_eq!((one.words.join(" "), one.files.len()), ("cat Cargo.toml Cargo.toml".into(), 1));
    let other = dir.path().join("Cargo.toml");
    fs::write(&other, "").unwrap();
    assert!(own(&["x"], &["Cargo.toml", other.to_str().unwrap()]).unwrap_err().0.contains("both be Cargo.toml"));
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
        OwnFile { from: path, to: name.to_owned(), private: false }
    };
    let (tool, data, shared) = (make("tool", 0o700, 3), make("data", 0o600, 5), make("shared", 0o666, 1));
    let read_of = |files: &[OwnFile]| read("x", files);
    let files = read_of(&[tool.clone(), data, shared]).unwrap();
    let reported: Vec<_> = files.iter().map(|f| (f.path.as_str(), f.mode, f.content.len())).collect();
    let there = |name: &str| format!("~/.pictl/programs/x/{name}");
    let (tool_there, data_there, shared_there) = (there("tool"), there("data"), there("shared"));
    let same = [(tool_there.as_str(), 0o700, 3), (&data_there, 0o600, 5), (&shared_there, 0o644, 1)];
    assert_eq!(reported, same, "others have the rights that they have here, but may not write");

    let key = make("key", 0o600, 0);
    fs::write(&key.from, "-----BEGIN OPENSSH PRIVATE KEY-----\n").unwrap();
    let refused = read_of(std::slice::from_ref(&key)).unwrap_err();
    assert!(matches!(refused, FileError::Secret { .. }) && refused.hint().contains("--private-files"), "{refused}");
    let wanted = read_of(&[OwnFile { private: true, ..key }]).unwrap();
    assert_eq!(wanted[0].mode, 0o600);

    // The bound is on all files together, and nothing is read beyond it.
    let large = make("large", 0o600, MOST_BYTES - 2);
    let reported = read_of(&[tool, large]).unwrap_err();
    assert!(matches!(reported, FileError::TooLarge { size, .. } if size == MOST_BYTES + 1), "{reported}");
    let folder = OwnFile { from: dir.path().to_owned(), to: "x".into(), private: false };
    assert!(matches!(read_of(&[folder]), Err(FileError::NoFile { .. })));
    let missing = OwnFile { from: dir.path().join("none"), to: "x".into(), private: false };
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
        let go = |rank: u32, redirection: &str| {
            let mut command = Command::new("sh");
            command
                .args(["-c", &format!("export PMI_RANK={rank}; exec \"$@\" {redirection}"), "sh"])
                .args(shell)
                .arg(home.path().join("rank.sh"));
            command.args(["x", "cat"]).env("HOME", home.path()).current_dir(home.path()).stdin(Stdio::null());
            command.output().unwrap()
        };
        let read = go(0, "<input");
        let said = String::from_utf8_lossy(&read.stdout).into_owned();
        if !said.contains("@pictl") {
            assert_ne!(shell, ["sh"], "there is no sh: {}", String::from_utf8_lossy(&read.stderr));
            continue;
        }
        assert!(said.contains("first\nsecond\n"), "{shell:?}: {said}");
        // The others read nothing, whatever a launcher leaves them.
        for (rank, nothing) in [(0, "</dev/null"), (0, "<&-"), (1, "<input"), (1, "<&-")] {
            let output = go(rank, nothing);
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

/// A folder with `ldd` that finds this library in every file, and the search path that begins with it.
fn with_ldd(folder: &tempfile::TempDir, printed: &str) -> String {
    let ldd = folder.path().join("ldd");
    fs::write(&ldd, format!("#!/bin/sh\ncat <<'END'\n{printed}\nEND\n")).unwrap();
    fs::set_permissions(&ldd, fs::Permissions::from_mode(0o755)).unwrap();
    format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap())
}

#[test]
fn the_wrapper_reports_the_mpi_that_a_program_is_linked_with() {
    let folder = tempfile::tempdir().unwrap();
    let of = |variables: &[(&str, &str)], path: &str, program: &[&str]| {
        let (output, _) = rank(&["sh"], &[&[("PATH", path)], variables].concat(), program).unwrap();
        events(&output).into_iter().filter(|event| matches!(event, RunEvent::Mpi { .. })).collect::<Vec<_>>()
    };
    let linked = |rank, library: &str| RunEvent::Mpi {
        rank: Rank(rank),
        size: None,
        library: Some(library.into()),
        file: Some("true".into()),
    };
    let path_there = with_ldd(
        &folder,
        "\tlinux-vdso.so.1 (0x1)\n\tlibmpich.so.12 => /etc/libmpich.so.12.2.2 (0x2)\n\tlibc.so.6 => /lib/libc.so.6 (0x3)",
    );
    assert_eq!(of(&[("PMI_RANK", "2")], &path_there, &["true"]), [linked(2, "/etc/libmpich.so.12.2.2")]);
    assert_eq!(of(&[], &path_there, &["env", "A=1", "true"]).len(), 1, "the first that has one");
    // One rank on each node is enough.
    assert_eq!(of(&[("MPI_LOCALRANKID", "1")], &path_there, &["true"]), []);
    // No program, or one without MPI.
    assert_eq!(of(&[], &path_there, &["./no-such-file"]), []);
    assert_eq!(of(&[], &with_ldd(&folder, "\tnot a dynamic executable"), &["true"]), []);
    let missing = with_ldd(&folder, "\tlibmpi.so.40 => not found");
    assert_eq!(of(&[], &missing, &["true"]), [linked(0, "not found: libmpi.so.40")]);
}

#[test]
fn a_python_program_reports_its_mpi_when_it_has_imported_it() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(PROGRAMS).join("x");
    let module = folder.join("mpi4py");
    fs::create_dir_all(&module).unwrap();
    // A stand-in for mpi4py, and a module of the user's that has the name of one that the wrapper imports.
    for (file, text) in [
        ("mpi4py/__init__.py", ""),
        (
            "mpi4py/__main__.py",
            "import runpy, sys\nsys.argv = sys.argv[1:]\nrunpy.run_path(sys.argv[0], run_name='__main__')\n",
        ),
        (
            "mpi4py/MPI.py",
            "class COMM_WORLD: size, rank = 1, 0\ndef Is_initialized(): return True\ndef Is_finalized(): return False\n\
             def Get_library_version(): return 'MPICH \"Version\":  4.0.2\\nmore'\n",
        ),
        ("binascii.py", "raise SystemExit('the wrong one')\n"),
        ("my.py", "print('before')\nfrom mpi4py import MPI\nprint('after')\n"),
        ("none.py", "print('alone')\n"),
    ] {
        fs::write(folder.join(file), text).unwrap();
    }
    fs::write(home.path().join("rank.sh"), RANK.1).unwrap();
    let run = |program: &[&str]| {
        let mut command = Command::new("sh");
        command.arg(home.path().join("rank.sh")).arg("x").args(program).stdin(Stdio::null());
        command.env("HOME", home.path()).env("PICTL_RUN", "r").env("PMI_RANK", "3");
        command.output().unwrap()
    };
    let output = run(&["python3", "my.py"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let library = Some("MPICH  Version :  4.0.2".to_owned());
    let mpi = RunEvent::Mpi { rank: Rank(3), size: Some(1), library, file: None };
    assert_eq!(events(&output)[1], mpi, "{text}{}", String::from_utf8_lossy(&output.stderr));
    let order: Vec<_> = ["before\n", "\"mpi\"", "after\n"].iter().map(|part| text.find(part).unwrap()).collect();
    assert!(order.is_sorted(), "{text}");
    let output = run(&["python3", "none.py"]);
    assert!(events(&output).iter().all(|event| !matches!(event, RunEvent::Mpi { .. })));
    assert_eq!(output.status.code(), Some(0));
}
