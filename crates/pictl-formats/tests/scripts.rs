//! The scripts that run on nodes and the programs that run on ranks print what this room reads.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use pictl_formats::{facts, progress, telemetry};
use pictl_model::run::RunEvent;
use pictl_model::units::{Millis, Rank, Timestamp};

fn asset(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../assets").join(name)
}

#[test]
fn facts_of_this_machine_are_read() {
    let home = tempfile::tempdir().expect("a home");
    std::fs::write(home.path().join("machinefile"), "pi@10.0.0.31 slots=4\n").expect("written");
    let output = Command::new("sh").arg(asset("remote/facts.sh")).env("HOME", home.path()).output().expect("sh runs");
    let reading = facts::parse(&output.stdout, Timestamp(0), Millis(0)).expect("facts");

    assert_eq!(reading.facts.home, home.path().to_str().expect("text"));
    assert!(reading.facts.cores > 0 && reading.facts.mem_total_kib > 0 && !reading.facts.arch.is_empty());
    assert!(reading.facts.sudo.is_some() && reading.facts.clock_offset_ms.is_some());
    assert_eq!(reading.files[&facts::FileKind::Hosts].content(), std::fs::read("/etc/hosts").expect("/etc/hosts"));
    assert_eq!(reading.files[&facts::FileKind::Machinefile].content(), b"pi@10.0.0.31 slots=4\n");
    assert!(matches!(reading.files[&facts::FileKind::AuthorizedKeys], facts::FileState::Missing { .. }));
}

#[test]
fn samples_of_this_machine_are_read() {
    let mut script = Command::new("sh");
    script.arg(asset("remote/sample.sh")).arg("0.05").stdout(Stdio::piped());
    let mut script = script.spawn().expect("sh runs");
    let mut reader = telemetry::SampleReader::default();
    let lines = BufReader::new(script.stdout.take().expect("piped")).lines();
    let samples: Vec<_> = lines.take(4).map(|line| reader.line(&line.expect("text")).expect("a sample")).collect();
    script.kill().expect("it runs until nobody reads it");
    script.wait().expect("ended");

    assert!(samples.windows(2).all(|pair| pair[0].uptime <= pair[1].uptime));
    assert!(samples.iter().all(|s| s.load.is_some() && s.mem_available_kib.is_some()));
    assert_eq!(samples[0].busy, None);
    assert!(samples.iter().any(|s| s.busy.is_some()), "{samples:?}");
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
