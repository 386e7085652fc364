//! The simulation's scripts against the real ones, run here with `sh` in a home of their own.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use pictl_formats::facts::{self, FileKind};
use pictl_formats::hash::sha256_hex;
use pictl_lab::sim::{Fault, FaultKind, Sim, SimSpec};
use pictl_model::node::MpiFamily;
use pictl_model::{Millis, Timestamp};

use super::client::{self, Client, Output, script_text, up};

const HOME: &str = "/home/pi";

/// Runs the real script as it would run on a node whose home is `home`.
fn real(home: &Path, name: &str, args: &[&str], stdin: &[u8]) -> Output {
    let mut child = Command::new("sh")
        .arg("-c")
        .arg(script_text(name))
        .arg(format!("pictl-{name}"))
        .args(args)
        .env("HOME", home)
        .current_dir(home)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A script that refuses before it reads closes its end.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Output { status: output.status.code().map(|code| code as u32), out: text(output.stdout), err: text(output.stderr) }
}

/// A file's content and permission bits on either side; temporary files must not stay on either.
fn both(home: &Path, sim: &Sim, path: &str) -> [Option<(Vec<u8>, u32)>; 2] {
    let file = home.join(path);
    let here =
        std::fs::read(&file).ok().map(|content| (content, file.metadata().unwrap().permissions().mode() & 0o7777));
    let full = format!("{HOME}/{path}");
    let there = sim.node(0).files().into_iter().find(|file| file.path == full).map(|file| (file.content, file.mode));
    [here, there]
}

struct Case<'a> {
    what: &'a str,
    path: &'a str,
    /// Content before, put there with mode 640.
    before: Option<&'a [u8]>,
    sent: &'a [u8],
    hash: Option<&'a str>,
    size: Option<usize>,
    expect: &'a str,
    backup: &'a str,
    status: u32,
}

impl Default for Case<'_> {
    fn default() -> Self {
        Self {
            what: "",
            path: "file",
            before: None,
            sent: b"new content\n",
            hash: None,
            size: None,
            expect: "any",
            backup: "-",
            status: 0,
        }
    }
}

#[tokio::test]
async fn put_file_does_what_the_script_does() {
    let old: &[u8] = b"old content\n";
    let old_hash = sha256_hex(old);
    let more = sha256_hex(&[b'x'; 4000]);
    let cases = [
        Case { what: "new file", expect: "-", ..Case::default() },
        Case { what: "new file in a new folder", path: ".pictl/bench/pi.py", ..Case::default() },
        Case { what: "empty file", sent: b"", ..Case::default() },
        Case { what: "expected and there", before: Some(old), expect: &old_hash, ..Case::default() },
        Case { what: "expected and gone", expect: &old_hash, status: 3, ..Case::default() },
        Case { what: "nothing expected and there", before: Some(old), expect: "-", status: 3, ..Case::default() },
        Case { what: "changed meanwhile", before: Some(b"else\n"), expect: &old_hash, status: 3, ..Case::default() },
        Case {
            what: "too little",
            before: Some(old),
            size: Some(4000),
            hash: Some(&more),
            status: 4,
            ..Case::default()
        },
        Case { what: "too much", before: Some(old), size: Some(4), status: 4, ..Case::default() },
        Case { what: "wrong hash", before: Some(old), hash: Some(&old_hash), status: 4, ..Case::default() },
        Case { what: "backup", before: Some(old), backup: "~/.pictl/backup/file", ..Case::default() },
        Case {
            what: "already so, whatever is expected",
            before: Some(b"new content\n"),
            expect: "-",
            ..Case::default()
        },
    ];
    let sim = up(SimSpec::default()).await;
    for case in cases {
        let Case { what, path, before, sent, expect, backup, status, .. } = case;
        let home = tempfile::tempdir().unwrap();
        let pi = Client::pi(&sim, 0).await;
        if let Some(before) = before {
            std::fs::write(home.path().join(path), before).unwrap();
            std::fs::set_permissions(home.path().join(path), PermissionsExt::from_mode(0o640)).unwrap();
            sim.node(0).write(&format!("{HOME}/{path}"), before, 0o640);
        }
        let sum = sha256_hex(sent);
        let hash = case.hash.unwrap_or(&sum);
        let size = case.size.unwrap_or(sent.len()).to_string();
        let home_path = format!("~/{path}");
        let args = [home_path.as_str(), "640", &size, hash, expect, backup];
        let here = real(home.path(), "put-file", &args, sent);
        let there = pi.script("put-file", &args, sent).await;
        assert_eq!(here.status, Some(status), "{what}: {here:?}");
        assert_eq!((here.status, &here.out), (there.status, &there.out), "{what}");
        assert_eq!(here.err.replace(home.path().to_str().unwrap(), HOME), there.err, "{what}");
        for path in [path, ".pictl/backup/file"] {
            let [here, there] = both(home.path(), &sim, path);
            assert_eq!(here, there, "{what}: {path}");
        }
        let stray = |name: &str| name.contains("pictl-");
        assert!(
            !home.path().read_dir().unwrap().any(|entry| stray(entry.unwrap().file_name().to_str().unwrap())),
            "{what}"
        );
        sim.node(0).remove(HOME);
    }
    sim.stop().await;
}

#[tokio::test]
async fn only_the_oldest_copy_is_kept() {
    let sim = up(SimSpec::default()).await;
    let home = tempfile::tempdir().unwrap();
    let pi = Client::pi(&sim, 0).await;
    std::fs::write(home.path().join("file"), "first\n").unwrap();
    std::fs::set_permissions(home.path().join("file"), PermissionsExt::from_mode(0o600)).unwrap();
    sim.node(0).write("/home/pi/file", b"first\n", 0o600);
    for content in ["second\n", "third\n"] {
        let (size, hash) = (content.len().to_string(), sha256_hex(content.as_bytes()));
        let args = ["~/file", "644", &size, &hash, "any", "~/.pictl/backup/file"];
        assert_eq!(real(home.path(), "put-file", &args, content.as_bytes()).status, Some(0));
        assert_eq!(pi.script("put-file", &args, content.as_bytes()).await.status, Some(0));
    }
    for (path, content) in [("file", "third\n"), (".pictl/backup/file", "first\n")] {
        let [here, there] = both(home.path(), &sim, path);
        assert_eq!(here, there, "{path}");
        assert_eq!(here.unwrap().0, content.as_bytes());
    }
    sim.stop().await;
}

#[tokio::test]
async fn through_a_link_the_file_behind_it_is_written() {
    let sim = up(SimSpec::default()).await;
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("dotfiles")).unwrap();
    std::fs::write(home.path().join("dotfiles/keys"), "old\n").unwrap();
    std::os::unix::fs::symlink("dotfiles/keys", home.path().join("keys")).unwrap();
    sim.node(0).write("/home/pi/dotfiles/keys", b"old\n", 0o644);
    sim.node(0).link("/home/pi/keys", "dotfiles/keys");
    let hash = sha256_hex(b"new\n");
    let args = ["~/keys", "600", "4", &hash, &sha256_hex(b"old\n"), "-"];
    let here = real(home.path(), "put-file", &args, b"new\n");
    let there = Client::pi(&sim, 0).await.script("put-file", &args, b"new\n").await;
    assert_eq!((here.status, &here.out), (Some(0), &there.out));
    let [here, there] = both(home.path(), &sim, "dotfiles/keys");
    assert_eq!(here, Some((b"new\n".to_vec(), 0o600)));
    assert_eq!(here, there);
    assert!(home.path().join("keys").is_symlink());
    assert!(sim.node(0).files().iter().all(|file| file.path != "/home/pi/keys"), "the link stays a link");
    sim.stop().await;
}

#[tokio::test]
async fn what_belongs_to_root_is_for_root() {
    let sim = up(SimSpec::default()).await;
    let pi = Client::pi(&sim, 0).await;
    let refused = pi.put("/etc/hosts", "644", b"127.0.0.1 localhost\n", "any", "-").await;
    assert_eq!(refused.status, Some(1));
    assert!(refused.err.contains("Permission denied"), "{}", refused.err);
    let hash = sha256_hex(b"x\n");
    let args = ["/etc/hosts", "644", "2", &hash, "any", "/root/.pictl/hosts"];
    assert_eq!(pi.script_line("sudo -n ", "put-file", &args, b"x\n").await.status, Some(0));
    assert_eq!(sim.node(0).read("/etc/hosts").unwrap(), b"x\n");
    assert!(sim.node(0).read("/root/.pictl/hosts").unwrap().starts_with(b"127.0.0.1"));
    assert_eq!(pi.script("set-hostname", &["pi01"], b"").await.status, Some(1));
    assert_eq!(pi.script("install-mpi", &["openmpi-bin", "python3-mpi4py"], b"").await.status, Some(100));
    sim.stop().await;
}

/// The keys of `facts` in order of first appearance.
fn keys(text: &str) -> Vec<&str> {
    let mut keys = Vec::new();
    for key in text.lines().filter_map(|line| line.split(' ').next()) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

/// The keys of the one that the other has too.
fn common<'a>(text: &'a str, other: &str) -> Vec<&'a str> {
    let other = keys(other);
    keys(text).into_iter().filter(|key| other.contains(key)).collect()
}

#[tokio::test]
async fn facts_have_the_scripts_keys_in_its_order() {
    let faults = vec![Fault { node: 0, kind: FaultKind::Swaps }];
    let sim = up(SimSpec { mpi_preinstalled: true, faults, ..SimSpec::default() }).await;
    let home = tempfile::tempdir().unwrap();
    let content = b"127.0.0.1 x\n";
    std::fs::write(home.path().join("machinefile"), content).unwrap();
    std::fs::set_permissions(home.path().join("machinefile"), PermissionsExt::from_mode(0o644)).unwrap();
    sim.node(0).write("/home/pi/machinefile", content, 0o644);
    let all = facts::arguments(&[]);
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let here = real(home.path(), "facts", &all, b"").out;
    let there = Client::pi(&sim, 0).await.script("facts", &all, b"").await.out;
    for text in [&here, &there] {
        assert!(text.starts_with("facts 1\nnow ") && text.ends_with("end facts\n"), "{text}");
    }
    // Not every machine that runs this test has all that a Pi has, nor the other way round.
    assert_eq!(common(&here, &there), common(&there, &here));
    let script = script_text("facts");
    for key in keys(&there) {
        let forms = [format!("say {key} "), format!("line {key} "), format!("'{key} "), format!("\"{key}")];
        assert!(forms.iter().any(|form| script.contains(form)), "{key} is none of the script's");
    }
    for key in [
        "hostname",
        "machine_id",
        "os",
        "codename",
        "arch",
        "model",
        "serial",
        "cores",
        "swap",
        "mpi",
        "mpi4py",
        "throttled",
        "kernel",
        "governor",
        "host_key",
        "mac",
    ] {
        assert!(keys(&there).contains(&key), "{key}: {there}");
    }
    let files = |text: &str, home: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| line.starts_with("file ") && !line.contains(" /etc/"));
        lines.map(|line| line.replace(home, "~")).collect()
    };
    assert_eq!(files(&here, home.path().to_str().unwrap()), files(&there, HOME));
    // The part for work on keys.
    for part in [&["keys"][..], &["keys", "names"], &["keys", "root"]] {
        let here = real(home.path(), "facts", part, b"").out;
        let there = Client::pi(&sim, 0).await.script("facts", part, b"").await.out;
        assert_eq!(common(&here, &there), common(&there, &here));
        assert_eq!(files(&here, home.path().to_str().unwrap()), files(&there, HOME));
        for key in ["part", "sudo", "boot_id", "mode"] {
            assert_eq!(keys(&here).contains(&key), keys(&there).contains(&key), "{part:?}: {key}");
        }
        let hosts = |text: &str| text.contains("file hosts ");
        assert_eq!((hosts(&here), hosts(&there)), (part.contains(&"names"), part.contains(&"names")));
    }
    // What reads the real ones reads this.
    let reading = facts::parse(there.as_bytes(), Timestamp(0), Millis(1)).unwrap();
    assert_eq!(reading.facts.hostname, "raspberrypi");
    assert_eq!((reading.facts.cores, reading.uid), (4, 1000));
    assert_eq!(reading.facts.mpi_of(MpiFamily::OpenMpi).unwrap().version, "4.1.4");
    assert_eq!(reading.facts.mpi4py.unwrap().family, Some(MpiFamily::OpenMpi));
    assert_eq!(reading.files[&FileKind::Machinefile].content(), content);
    assert_eq!(reading.host_keys.len(), 1);
    sim.stop().await;
}

/// The first two lines of the real sampler.
fn real_sample() -> [String; 2] {
    let mut child = Command::new("sh")
        .args(["-c", &script_text("sample"), "pictl-sample", "0.05"])
        .env("SSH_CONNECTION", "127.0.0.1 50000 127.0.0.1 22")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let two = [(); 2].map(|()| lines.next().unwrap().unwrap());
    // Nobody reads any more, so it ends.
    drop(lines);
    child.wait().unwrap();
    two
}

#[tokio::test]
async fn samples_have_the_scripts_fields_in_its_order() {
    let sim = up(SimSpec::default()).await;
    let [began_here, here] = real_sample();
    // The second node is a Pi 5, which has all that can be reported.
    let mut stream = Client::pi(&sim, 1).await.open(&client::line("", "sample", &["0.05"])).await;
    let began_there = stream.wait_for("\n").await;
    for began in [&began_here, &began_there] {
        assert!(began.strip_prefix("T ").unwrap().trim_end().parse::<u64>().is_ok(), "{began}");
    }
    let there = stream.wait_for("\n").await;
    stream.close().await;
    let keys = |line: &str| -> Vec<String> {
        assert!(line.starts_with("S ") && line.split_whitespace().take(9).all(|field| !field.contains('=')), "{line}");
        line.split_whitespace().skip(9).map(|field| field.split_once('=').unwrap().0.to_owned()).collect()
    };
    let (here, there) = (keys(&here), keys(&there));
    assert_eq!(there, ["fan", "freq", "lowvolt", "now", "power", "rx", "swapin", "swapout", "tx"]);
    // This machine has fewer sensors than a Pi.
    assert!(here.iter().all(|key| there.contains(key)) && here.is_sorted(), "{here:?}");
    for key in ["now", "rx", "swapin", "swapout", "tx"] {
        assert!(here.iter().any(|found| found == key), "{key}: {here:?}");
    }
    sim.stop().await;
}

#[tokio::test]
async fn the_power_chip_of_a_pi_5_answers_and_a_pi_4_has_none() {
    let sim = up(SimSpec::default()).await;
    let pi_4 = Client::pi(&sim, 0).await.run("vcgencmd pmic_read_adc", b"").await;
    assert_eq!((pi_4.status, pi_4.out.starts_with("error=1")), (Some(1), true));
    let pi_5 = Client::pi(&sim, 1).await.run("vcgencmd pmic_read_adc", b"").await.out;
    let value = |name: &str| -> f64 {
        let line = pi_5.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
        line.split_once('=').unwrap().1.trim_end_matches(['A', 'V']).parse().unwrap()
    };
    let watts: f64 = ["3V3_SYS", "DDR_VDD2", "VDD_CORE"]
        .iter()
        .map(|rail| value(&format!("{rail}_A")) * value(&format!("{rail}_V")))
        .sum();
    assert!((watts - 1.6).abs() < 0.01, "at rest: {watts}");
    sim.stop().await;
}

#[tokio::test]
async fn node_keys_are_made_once_and_mended() {
    let sim = up(SimSpec::default()).await;
    let home = tempfile::tempdir().unwrap();
    let pi = Client::pi(&sim, 0).await;
    let ssh = home.path().join(".ssh");
    let here = real(home.path(), "node-key", &["pi@pi01"], b"");
    let there = pi.script("node-key", &["pi@pi01"], b"").await;
    let shape = |output: &Output| {
        let words: Vec<&str> = output.out.split(' ').collect();
        (output.status, words[0].to_owned(), words[1].to_owned(), words[2].len(), words[3].to_owned())
    };
    assert_eq!(shape(&here), shape(&there));
    assert_eq!(shape(&here).4, "pi@pi01\n");
    for path in [".ssh/id_ed25519", ".ssh/id_ed25519.pub"] {
        let [here, there] = both(home.path(), &sim, path);
        assert_eq!(here.unwrap().1, there.unwrap().1, "mode of {path}");
    }
    // A second time, and with the public half gone, it is the same key.
    assert_eq!(pi.script("node-key", &["other"], b"").await, there);
    sim.node(0).remove("/home/pi/.ssh/id_ed25519.pub");
    std::fs::remove_file(ssh.join("id_ed25519.pub")).unwrap();
    assert_eq!(real(home.path(), "node-key", &["other"], b""), here);
    assert_eq!(pi.script("node-key", &["other"], b"").await, there);
    // The real tools read the simulated private key.
    std::fs::write(ssh.join("id_ed25519"), sim.node(0).read("/home/pi/.ssh/id_ed25519").unwrap()).unwrap();
    std::fs::remove_file(ssh.join("id_ed25519.pub")).unwrap();
    assert_eq!(real(home.path(), "node-key", &["other"], b"").out, there.out);
    // A passphrase is reported.
    let locked = ssh.join("id_ed25519");
    let args = ["-q", "-p", "-P", "", "-N", "secret", "-f", locked.to_str().unwrap()];
    assert!(Command::new("ssh-keygen").args(args).status().unwrap().success());
    sim.node(0).write("/home/pi/.ssh/id_ed25519", &std::fs::read(&locked).unwrap(), 0o600);
    let (here, there) = (real(home.path(), "node-key", &["x"], b""), pi.script("node-key", &["x"], b"").await);
    assert_eq!((here.status, here.out), (Some(3), String::new()));
    assert_eq!(here.err.replace(home.path().to_str().unwrap(), HOME), there.err);
    assert_eq!(there.status, Some(3));
    sim.stop().await;
}

#[tokio::test]
async fn a_new_key_pair_takes_the_place_of_the_old_one_in_two_steps() {
    let sim = up(SimSpec::default()).await;
    let home = tempfile::tempdir().unwrap();
    let pi = Client::pi(&sim, 0).await;
    // The letters of keys are of chance: each gets a number when it is seen first.
    let mut seen = [Vec::new(), Vec::new()];
    for (step, args) in [
        ("first", &["a"][..]),
        ("beside it", &["b", "next"][..]),
        ("that one again", &["c", "next"][..]),
        ("in its place", &["d", "take"][..]),
        ("in its place again", &["e", "take"][..]),
        ("the next", &["f", "next"][..]),
        ("in its place too", &["g", "take"][..]),
        ("as it is", &["h"][..]),
    ] {
        let outputs = [real(home.path(), "node-key", args, b""), pi.script("node-key", args, b"").await];
        let [here, there] = outputs.each_ref().map(|output| (output.status, &output.err));
        assert_eq!((here, here.0), (there, Some(0)), "{step}");
        let mut numbered = Vec::new();
        for (output, seen) in outputs.iter().zip(&mut seen) {
            let mut lines = Vec::new();
            for line in output.out.lines() {
                let words: Vec<&str> = line.split(' ').collect();
                let [what, "ssh-ed25519", key, comment] = words[..] else { panic!("{step}: {line}") };
                let at = seen.iter().position(|other| other == key).unwrap_or_else(|| {
                    seen.push(key.to_owned());
                    seen.len() - 1
                });
                lines.push((what.to_owned(), at, comment.to_owned()));
            }
            numbered.push(lines);
        }
        assert_eq!(numbered[0], numbered[1], "{step}");
        for path in [
            ".ssh/id_ed25519",
            ".ssh/id_ed25519.pub",
            ".ssh/id_ed25519.new",
            ".ssh/id_ed25519.new.pub",
            ".ssh/id_ed25519.pub.old",
        ] {
            let [here, there] = both(home.path(), &sim, path).map(|file| file.map(|(_, mode)| mode));
            assert_eq!(here, there, "{step}: mode of {path}");
        }
    }
    assert_eq!(seen[0].len(), 3);
    sim.stop().await;
}

#[tokio::test]
async fn connections_and_daemons_are_reported_alike() {
    let sim = up(SimSpec::default()).await;
    let home = tempfile::tempdir().unwrap();
    let pi = Client::pi(&sim, 0).await;
    // Ports and lines of waiting differ in number only.
    let kinds = |output: &Output| {
        let mut kinds: Vec<_> = output.out.lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect();
        kinds.dedup();
        (output.status, kinds)
    };
    let args = ["listen", "1"];
    let (here, there) = (real(home.path(), "reach", &args, b""), pi.script("reach", &args, b"").await);
    assert_eq!(kinds(&here), kinds(&there));
    // An address of this machine on which somebody listens.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let args = ["try", "2", "127.0.0.1", &port];
    let (here, there) = (real(home.path(), "reach", &args, b""), pi.script("reach", &args, b"").await);
    assert_eq!((&here.status, &here.out), (&there.status, &there.out));
    drop(listener);
    assert_eq!(real(home.path(), "reach", &args, b"").out, format!("bad 127.0.0.1 {port} Connection refused\n"));
    let args = ["/nowhere", "no-such-daemon"];
    let (here, there) =
        (real(home.path(), "launcher-state", &args, b""), pi.script("launcher-state", &args, b"").await);
    assert_eq!(here.out.lines().next(), there.out.lines().next());
    assert_eq!(there.out, "daemon no-such-daemon -\n");
    sim.stop().await;
}

#[tokio::test]
async fn what_a_launcher_needs_is_read_from_a_node() {
    let home = tempfile::tempdir().unwrap();
    let bin = home.path().join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    std::fs::write(bin.join("fine"), "#!/bin/sh\n").unwrap();
    std::fs::set_permissions(bin.join("fine"), std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::write(bin.join("plain"), "").unwrap();
    std::fs::create_dir_all(home.path().join(".openmpi")).unwrap();
    std::fs::write(home.path().join(".openmpi/mca-params.conf"), "# a\n oob_tcp_if_exclude = lo\nbtl = tcp\n").unwrap();
    let folder = bin.to_str().unwrap();
    let state = real(home.path(), "launcher-state", &[folder, "fine", "plain"], b"");
    let mine: Vec<_> = state.out.lines().filter(|line| !line.contains(" /etc/")).collect();
    let expected = [
        format!("daemon fine {folder}/fine"),
        format!("broken plain {folder}/plain may not be executed"),
        format!("setting {}/.openmpi/mca-params.conf 2  oob_tcp_if_exclude = lo", home.path().display()),
    ];
    assert_eq!(mine, expected);
}

#[tokio::test]
async fn missing_runs_are_reported_alike() {
    let sim = up(SimSpec::default()).await;
    let home = tempfile::tempdir().unwrap();
    let pi = Client::pi(&sim, 0).await;
    for (name, args) in [
        ("run-start", &["r1", "0", "true"][..]),
        ("run-follow", &["r1"][..]),
        ("run-end", &["r1"][..]),
        ("run-stop", &["r1", "TERM"][..]),
        ("run-sweep", &["r1"][..]),
    ] {
        let (here, there) = (real(home.path(), name, args, b""), pi.script(name, args, b"").await);
        assert_eq!((here.status, here.out), (there.status, there.out), "{name}");
    }
    sim.stop().await;
}

#[tokio::test]
async fn a_plain_run_goes_through_the_same_answers() {
    let sim = up(SimSpec::default()).await;
    let home = tempfile::tempdir().unwrap();
    let pi = Client::pi(&sim, 0).await;
    std::fs::create_dir_all(home.path().join(".pictl/runs/r1")).unwrap();
    assert_eq!(pi.put("~/.pictl/runs/r1/hostfile", "600", b"", "-", "-").await.status, Some(0));
    let (here, there) = (
        real(home.path(), "run-start", &["r1", "30", "echo", "hello", "you"], b""),
        pi.script("run-start", &["r1", "30", "echo", "hello", "you"], b"").await,
    );
    for output in [&here, &there] {
        assert_eq!(output.status, Some(0));
        assert!(output.out.strip_prefix("pid ").unwrap().trim_end().parse::<u32>().is_ok(), "{}", output.out);
    }
    for (name, args) in [
        ("run-start", &["r1", "0", "true"][..]),
        ("run-follow", &["r1"][..]),
        ("run-end", &["r1"][..]),
        ("run-stop", &["r1", "KILL"][..]),
        ("run-sweep", &["r1"][..]),
        ("run-end", &["r1"][..]),
    ] {
        let (here, there) = (real(home.path(), name, args, b""), pi.script(name, args, b"").await);
        assert_eq!((here.status, here.out), (there.status, there.out), "{name}");
    }
    sim.stop().await;
}
