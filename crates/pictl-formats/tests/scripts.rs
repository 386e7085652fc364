//! The scripts that run on nodes and the programs that run on ranks print what this room reads.
#![allow(clippy::expect_used, reason = "a test that cannot be prepared has failed")]

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use pictl_formats::launcher::LAUNCHERS;
use pictl_formats::telemetry::SampleReader;
use pictl_formats::{facts, progress};
use pictl_model::MpiPrefix;
use pictl_model::run::RunEvent;
use pictl_model::telemetry::Sample;
use pictl_model::units::{Hertz, Millis, Rank, Throttled, Timestamp, Watts};

fn asset(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../assets").join(name)
}

#[test]
fn facts_of_this_machine_are_read() {
    let home = tempfile::tempdir().expect("a home");
    std::fs::write(home.path().join("machinefile"), "pi@10.0.0.31 slots=4\n").expect("written");
    let mut script = Command::new("sh");
    script.arg(asset("remote/facts.sh")).args(facts::arguments(&[])).env("HOME", home.path());
    let clock = || SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis();
    let asked = clock();
    let output = script.output().expect("sh runs");
    let answered = clock();
    let (at, took) = (Timestamp(answered as i64), Millis((answered - asked) as u64));
    let reading = facts::parse(&output.stdout, at, took).expect("facts");
    // One clock: what is measured is at most half of what question and answer took, and not of what the script itself took.
    let text = String::from_utf8_lossy(&output.stdout);
    let printed =
        |key: &str| text.lines().find_map(|line| line.strip_prefix(key)?.parse::<i64>().ok()).expect("a time");
    let way = took.0.cast_signed() - (printed("now_end ") - printed("now "));
    let offset = reading.facts.clock_offset_ms.expect("measured");
    let half = way / 2 + 1;
    assert!((-half..=half).contains(&offset), "{offset} ms, and {way} ms for question and answer");

    assert_eq!(reading.facts.home, home.path().to_str().expect("text"));
    assert!(reading.facts.cores > 0 && reading.facts.mem_total_kib > 0 && !reading.facts.arch.is_empty());
    assert!(reading.facts.mem_available_kib.is_some_and(|free| free > 0 && free <= reading.facts.mem_total_kib));
    assert!(reading.facts.sudo.is_some() && reading.facts.clock_offset_ms.is_some());
    assert_eq!(reading.files[&facts::FileKind::Hosts].content(), std::fs::read("/etc/hosts").expect("/etc/hosts"));
    assert_eq!(reading.files[&facts::FileKind::Machinefile].content(), b"pi@10.0.0.31 slots=4\n");
    assert!(matches!(reading.files[&facts::FileKind::AuthorizedKeys], facts::FileState::Missing { .. }));
    for launcher in LAUNCHERS {
        let program = Command::new(launcher.program()).arg("--version").output();
        let Some(version) = program.ok().and_then(|it| launcher.version_in(&String::from_utf8_lossy(&it.stdout)))
        else {
            continue;
        };
        assert_eq!(reading.facts.mpi_of(launcher.family()).map(|mpi| &mpi.version), Some(&version), "{launcher:?}");
    }
}

/// A launcher below `prefix` that prints this for `--version`.
fn launcher_in(prefix: &Path, name: &str, printed: &str) {
    let path = prefix.join("bin").join(name);
    std::fs::create_dir_all(prefix.join("bin")).expect("a folder");
    std::fs::write(&path, format!("#!/bin/sh\n[ \"$1\" != --version ] || printf '{printed}'\n")).expect("written");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("it may run");
}

#[test]
fn an_mpi_in_a_folder_of_its_own_is_found_and_start_files_are_not_executed() {
    const HYDRA: &str = "HYDRA build details:\n    Version:                                 4.2.1\n";
    let home = tempfile::tempdir().expect("a home");
    let below = |name: &str| home.path().join(name);
    launcher_in(&below("mpi-install"), "mpiexec.hydra", HYDRA);
    // MPICH has its launcher under this name, too.
    launcher_in(&below("mpi-install"), "mpirun", HYDRA);
    launcher_in(&below("soft/ompi"), "mpirun", "mpirun (Open MPI) 5.0.7\n");
    launcher_in(&below("far/away"), "mpirun", "mpirun (Open MPI) 4.0.5\n");
    launcher_in(&below("openmpi-broken"), "mpirun", "");
    std::os::unix::fs::symlink(below("soft/ompi"), below("openmpi-link")).expect("a link");
    launcher_in(&below("openmpi other"), "mpirun", "mpirun (Open MPI) 3.0.0\n");
    // As manuals have it, at the end and without a newline there.
    let line = "touch ran; x=$(touch ran); # PATH=/*/*\n/* */*\nexport PATH=\"$PATH:${HOME}/soft/ompi/bin\"";
    std::fs::write(below(".bashrc"), line).expect("written");

    let found = |prefix: Option<&str>| -> Vec<String> {
        let prefix: Option<MpiPrefix> = prefix.map(|prefix| prefix.parse().expect("a folder"));
        let mut script = Command::new("sh");
        script.arg(asset("remote/facts.sh")).args(facts::arguments_with(prefix.as_ref()));
        let output = script.env("HOME", home.path()).current_dir(home.path()).output().expect("sh runs");
        let reading = facts::parse(&output.stdout, Timestamp(0), Millis(1)).expect("facts");
        let below = home.path().to_str().expect("text").to_owned();
        let own = reading.facts.mpi.iter().filter(|mpi| mpi.launcher.starts_with(&below));
        own.map(|mpi| format!("{} {}", mpi.family.word(), mpi.place().replace(&below, "~"))).collect()
    };
    let usual = ["openmpi 5.0.7 in ~/soft/ompi", "mpich 4.2.1 in ~/mpi-install"];
    assert_eq!(found(None), usual);
    assert_eq!(found(Some("~/far/away"))[0], "openmpi 4.0.5 in ~/far/away");
    assert_eq!(found(Some("~/far/away"))[1..], usual);
    // The name that was asked for stays, also where it is a link.
    assert_eq!(found(Some("~/openmpi-link"))[0], "openmpi 5.0.7 in ~/openmpi-link");
    assert!(!below("ran").exists(), "a start file was executed");
}

#[test]
fn the_cleanup_finds_the_mark_of_every_launcher() {
    let script = std::fs::read_to_string(asset("remote/run-sweep.sh")).expect("the script");
    for launcher in LAUNCHERS {
        let mark = format!("\"{}$run\"", launcher.daemons().mark);
        assert!(script.contains(&mark), "{}: {mark}", launcher.name());
    }
}

/// Starts a process that others' marks are written on, as this user or as `nobody`, and waits until it has its command line.
#[cfg(target_os = "linux")]
fn marked(run: &str, as_nobody: bool) -> std::process::Child {
    let mut command = Command::new("sh");
    // It says when it has this command line, and ends with its standard input.
    command.args(["-c", "echo ready; read -r _", &format!("PICTL_RUN:{run}")]);
    if as_nobody {
        std::os::unix::process::CommandExt::uid(&mut command, 65_534);
    }
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("sh runs");
    let mut ready = String::new();
    BufReader::new(child.stdout.as_mut().expect("piped")).read_line(&mut ready).expect("text");
    assert_eq!(ready, "ready\n");
    child
}

#[cfg(target_os = "linux")]
#[test]
fn a_mark_that_another_user_has_forged_does_not_count() {
    let home = tempfile::tempdir().expect("a home");
    let run = format!("20261201-000000-forged-{:04x}", std::process::id() & 0xffff);
    let sweep = || {
        let mut script = Command::new("sh");
        let output = script.arg(asset("remote/run-sweep.sh")).arg(&run).env("HOME", home.path()).output();
        String::from_utf8(output.expect("sh runs").stdout).expect("text")
    };
    let mut own = marked(&run, false);
    assert_eq!(sweep(), "killed 1 left 0\n", "what this user has started is found and ended");
    assert!(!own.wait().expect("ended").success());
    // Only root can start a process as somebody else.
    if !std::fs::metadata("/proc/self").is_ok_and(|about| std::os::unix::fs::MetadataExt::uid(&about) == 0) {
        println!("SKIPPED the part with another user: needs root");
        return;
    }
    let mut forged = marked(&run, true);
    // As a login user that is not root: root may end everything, but it is not its own either.
    assert_eq!(sweep(), "killed 0 left 0\n");
    assert_eq!(forged.try_wait().expect("asked"), None, "it lives on");
    drop(forged.stdin.take());
    forged.wait().expect("ended");
}

/// A folder in place of `/boot/firmware`, and the script that names a node with it.
fn name_node(boot: &Path, name: &str) {
    let script = std::fs::read_to_string(asset("remote/set-hostname.sh")).expect("the script");
    // Only the part about user-data: the rest would rename this machine.
    let begin = script.find("for data in /boot/firmware/user-data").expect("the part");
    let end = script[begin..].find("\ndone\n").expect("its end") + begin + 6;
    let part = script[begin..end].replace("/boot/", &format!("{}/", boot.display()));
    let save = std::fs::read_to_string(asset("remote/save.sh")).expect("the script");
    let backup = boot.join("backup");
    let text = format!("{save}umask 022\nset -eu\nname={name}\nsaves_in '{}'\n{part}", backup.display());
    let status = Command::new("sh").args(["-c", &text]).status();
    assert!(status.expect("sh runs").success());
}

#[cfg(unix)]
#[test]
fn user_data_stays_as_secret_as_it_was() {
    for mode in [0o600, 0o640, 0o644] {
        let boot = tempfile::tempdir().expect("a folder");
        let data = boot.path().join("user-data");
        std::fs::write(&data, "#cloud-config\nhostname: raspberrypi\npasswd: $6$hash\n").expect("written");
        std::fs::set_permissions(&data, std::fs::Permissions::from_mode(mode)).expect("set");
        name_node(boot.path(), "pi07");
        assert_eq!(std::fs::read_to_string(&data).expect("there"), "#cloud-config\nhostname: pi07\npasswd: $6$hash\n");
        let saved = boot.path().join(format!("backup{}", data.display()));
        for path in [&data, &saved] {
            let about = std::fs::metadata(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            assert_eq!(about.permissions().mode() & 0o777, mode, "{}", path.display());
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_cleanup_ends_a_daemon_without_a_mark_with_its_rank_and_no_daemon_of_another_run() {
    let dir = tempfile::tempdir().expect("a folder");
    // Hydra's daemon, which SSH started: the mark is in its rank's environment only.
    let daemon = dir.path().join("hydra_pmi_proxy");
    let script = "#!/bin/sh\nPICTL_RUN=$1 sh -c 'echo started; exec sleep 98755' &\nwait\n";
    std::fs::write(&daemon, script).expect("written");
    std::fs::set_permissions(&daemon, std::fs::Permissions::from_mode(0o755)).expect("executable");
    let mine = format!("test-{}-1", std::process::id());
    let start = |run: &str| {
        let mut child = Command::new(&daemon).arg(run).stdout(Stdio::piped()).spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().expect("piped")).read_line(&mut line).expect("text");
        assert_eq!(line, "started\n");
        child
    };
    let (mut ours, mut others) = (start(&mine), start("another"));
    let sweep = |run: &str| {
        let mut script = Command::new("sh");
        let output =
            script.arg(asset("remote/run-sweep.sh")).arg(run).env("HOME", dir.path()).output().expect("sh runs");
        String::from_utf8(output.stdout).expect("text")
    };
    assert_eq!(sweep(&mine), "killed 2 left 0\n");
    assert!(ours.wait().is_ok_and(|status| !status.success()));
    assert!(others.try_wait().expect("it is a child").is_none(), "another run goes on");
    assert_eq!(sweep("another"), "killed 2 left 0\n");
    others.wait().expect("ended");
}

/// The first samples that the real script takes, 20 a second.
fn samples(count: usize, environment: &[(&str, &str)]) -> Vec<Sample> {
    let mut script = Command::new("sh");
    script.arg(asset("remote/sample.sh")).arg("0.05").envs(environment.iter().copied()).stdout(Stdio::piped());
    let asked = now();
    let mut script = script.spawn().expect("sh runs");
    let mut reader = SampleReader::new(asked);
    let lines = BufReader::new(script.stdout.take().expect("piped")).lines();
    let samples = lines.filter_map(|line| reader.line(&line.expect("text"), now())).take(count).collect();
    script.kill().expect("it runs until nobody reads it");
    script.wait().expect("ended");
    samples
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    Timestamp(i64::try_from(since.as_millis()).expect("before the sun burns out"))
}

#[test]
fn samples_of_this_machine_are_read() {
    // As if SSH had come in by the loopback interface.
    let samples = samples(8, &[("SSH_CONNECTION", "127.0.0.1 50000 127.0.0.1 22")]);
    assert!(samples.windows(2).all(|pair| pair[0].uptime <= pair[1].uptime));
    assert!(samples.iter().all(|s| s.load.is_some() && s.mem_available_kib.is_some() && s.swapped.is_some()));
    assert_eq!((samples[0].busy, samples[0].net), (None, None));
    assert!(samples.iter().any(|s| s.busy.is_some()), "{samples:?}");
    assert!(samples.iter().any(|s| s.net.is_some()), "{samples:?}");
    for sample in &samples {
        let offset = sample.offset.expect("an offset");
        // Its clock is this one.
        assert!(offset.ms.abs() <= i64::from(offset.within_ms), "{offset:?}");
    }
}

#[test]
fn the_firmware_is_asked_without_a_process() {
    let fixtures = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let dir = tempfile::tempdir().expect("a directory");
    let perl = dir.path().join("perl");
    let system = std::env::var("PATH").expect("a path");
    let script = format!("#!/bin/sh\nPATH='{system}' exec perl -I'{}' -MFakeFirmware \"$@\"\n", fixtures.display());
    std::fs::write(&perl, script).expect("written");
    std::fs::set_permissions(&perl, std::fs::Permissions::from_mode(0o755)).expect("executable");
    let path = format!("{}:{system}", dir.path().display());
    // Modules that the user's environment names are not loaded.
    for sample in samples(2, &[("PATH", &path), ("PERL5OPT", "-MNothingOfThisName")]) {
        assert_eq!((sample.throttled, sample.clock), (Some(Throttled(0x5_0005)), Some(Hertz(2_400_033_792))));
        assert_eq!(sample.power, Some(Watts(3.45)), "3.3 V times 0.5 A and 0.9 V times 2 A");
        assert!(sample.temp.is_some(), "from the firmware where the kernel does not report it");
    }
}

#[test]
fn nobody_reads_so_the_sampler_ends() {
    let mut script = Command::new("sh");
    script.arg(asset("remote/sample.sh")).arg("0.05").stdout(Stdio::piped());
    let mut script = script.spawn().expect("sh runs");
    let mut lines = BufReader::new(script.stdout.take().expect("piped")).lines();
    assert!(lines.next().is_some());
    drop(lines);
    assert!(!script.wait().expect("ended").success(), "by SIGPIPE");
}

#[test]
fn what_a_python_program_says_is_read() {
    let program = r#"
from pictl_progress import say
say("begin", size=2, slices=4, slice_size=1000, program="pi", v=1)
say("slice", r=1, slice=3, s=0.000001, v=-1.5e-7)
say("note", text="größer")
say("done", r=1)
"#;
    let output = Command::new("python3").args(["-c", program]).env("PYTHONPATH", asset("bench")).output();
    let output = output.expect("python3 is needed for this test");
    let text = String::from_utf8(output.stdout).expect("text");
    let events: Vec<_> = text.lines().map(|line| progress::parse(line).expect("ours").expect(line)).collect();
    let expected = [
        RunEvent::Begin { size: 2, slices: 4, slice_size: 1000, program: "pi".into() },
        RunEvent::Slice { rank: Rank(1), slice: 3, seconds: 1e-6, value: Some(-1.5e-7) },
        RunEvent::Note { text: "größer".into() },
        RunEvent::Done { rank: Rank(1) },
    ];
    assert_eq!(events, expected);
}
