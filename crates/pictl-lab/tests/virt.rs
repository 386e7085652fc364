//! The virtual cluster with real hosts. Needs Linux and root, and packages where the images are not in the cache yet.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test fails by panicking and says why it was skipped")]

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use pictl_lab::virt::{Lab, LabError, LabSpec, Os, Power};
use pictl_tests::{LIMIT, eventually};

/// Names the lab to make, for a process that is killed while it does.
const CREATOR: &str = "PICTL_LAB_TEST_CREATOR";

/// False where these tests cannot run.
fn possible_here() -> bool {
    let possible = Lab::list();
    if let Err(error) = &possible {
        pictl_tests::skip(&error.to_string());
    }
    possible.is_ok()
}

/// Takes its lab down also when a test fails.
struct Remains(String);

impl Drop for Remains {
    fn drop(&mut self) {
        let _ = Lab::remove(&self.0);
    }
}

/// A lab of its own for each test, also when several test runs share the machine.
fn name(test: &str) -> String {
    format!("t{}-{test}", std::process::id())
}

fn wait_for(what: &str, mut happened: impl FnMut() -> bool) {
    eventually(what, LIMIT, || happened().then_some(()));
}

/// Logs in with the password, as a user does.
struct Login<'a> {
    lab: &'a Lab,
    askpass: tempfile::TempDir,
}

impl<'a> Login<'a> {
    fn new(lab: &'a Lab) -> Self {
        let askpass = tempfile::tempdir().unwrap();
        let script = askpass.path().join("askpass");
        fs::write(&script, format!("#!/bin/sh\necho '{}'\n", lab.spec().password)).unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o700)).unwrap();
        Self { lab, askpass }
    }

    fn run(&self, node: &str, script: &str) -> Output {
        let address = self.lab.spec().find(node).unwrap().address;
        let options =
            ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "ConnectTimeout=60"];
        let mut ssh = self.lab.operator_command("ssh");
        ssh.args(options.iter().flat_map(|option| ["-o", option]));
        ssh.args(["-F", "none", "-o", "PreferredAuthentications=password"]);
        ssh.arg(format!("{}@{address}", self.lab.spec().user)).arg(script);
        ssh.env("SSH_ASKPASS", self.askpass.path().join("askpass")).env("SSH_ASKPASS_REQUIRE", "force");
        ssh.stdin(Stdio::null()).output().unwrap()
    }

    /// What a script says that must succeed.
    fn says(&self, node: &str, script: &str) -> String {
        let output = self.run(node, script);
        assert!(output.status.success(), "{script}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    fn celsius(&self, node: &str) -> f32 {
        let said = self.says(node, "vcgencmd measure_temp");
        said.strip_prefix("temp=").and_then(|rest| rest.strip_suffix("'C")).unwrap().parse().unwrap()
    }
}

fn reachable(lab: &Lab, node: &str) -> bool {
    let connect = format!("exec 3<>/dev/tcp/{}/22 && read -r -t 1 <&3", lab.spec().find(node).unwrap().address);
    lab.operator_command("timeout")
        .args(["1", "bash", "-c", &connect])
        .stderr(Stdio::null())
        .status()
        .unwrap()
        .success()
}

/// Everything on this machine that has the lab's name.
fn traces(lab: &str) -> Vec<String> {
    let mine = format!("pictl-lab.{lab}.");
    let disk = format!("/var/lib/pictl-lab/{lab}");
    let mut found = Vec::new();
    if Path::new(&disk).exists() {
        found.push(disk.clone());
    }
    let named = |dir: &str| fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut places: Vec<PathBuf> = named("/run/netns").collect();
    for tree in ["/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd", "/run/systemd/nspawn/propagate"]
    {
        places.extend(named(tree));
    }
    found.extend(places.iter().map(|path| path.display().to_string()).filter(|path| path.contains(&mine)));
    let mounts = fs::read_to_string("/proc/mounts").unwrap();
    found.extend(mounts.lines().filter(|line| line.contains(&mine) || line.contains(&disk)).map(str::to_owned));
    for process in named("/proc") {
        let command = fs::read(process.join("cmdline")).unwrap_or_default();
        let command = String::from_utf8_lossy(&command).replace('\0', " ");
        if command.contains(&mine) || command.contains(&disk) {
            found.push(format!("{}: {command}", process.display()));
        }
    }
    found
}

#[test]
fn nodes_are_real_hosts_and_leave_no_trace() {
    if !possible_here() {
        return;
    }
    let remains = Remains(name("hosts"));
    let spec = LabSpec { name: remains.0.clone(), nodes: 2, os: Os::Mixed, ..LabSpec::default() };
    let lab = Lab::up(spec.clone(), &mut |_| ()).unwrap();
    assert!(matches!(Lab::up(spec, &mut |_| ()), Err(LabError::Exists { .. })));
    assert!(!traces(&remains.0).is_empty(), "the search for traces finds nothing");
    let login = Login::new(&lab);

    a_node_looks_like_a_raspberry_pi(&login);
    sensors_follow_the_load_and_can_be_pinned(&lab, &login);
    mpi_can_be_installed_without_a_network(&login);
    a_cable_can_be_pulled(&lab);
    a_killed_node_is_silent_and_keeps_its_disk(&lab, &login);

    // A forgotten shell does not keep the lab alive.
    let mut forgotten: Child = lab.operator_command("sleep").arg("1000").spawn().unwrap();
    lab.down().unwrap();
    assert!(!forgotten.wait().unwrap().success());
    assert_eq!(traces(&remains.0), Vec::<String>::new());
    assert!(!Lab::list().unwrap().contains(&remains.0));
    assert!(!Lab::remove(&remains.0).unwrap(), "taken down twice");
}

fn a_node_looks_like_a_raspberry_pi(login: &Login) {
    assert_eq!(login.says("n1", "hostname; id -un"), "raspberrypi\npi");
    assert_eq!(login.says("n1", "getent hosts raspberrypi").split_whitespace().next(), Some("127.0.1.1"));
    assert_eq!(
        login.says("n1", "tr '\\0' '\\n' </sys/firmware/devicetree/base/model"),
        "Raspberry Pi 4 Model B Rev 1.5"
    );
    assert_eq!(login.says("n1", "sudo -n id -u"), "0");
    assert_eq!(login.says("n1", "cat /sys/class/net/eth0/address").get(..8), Some("dc:a6:32"));
    assert_eq!(login.says("n1", "ls -A /sys/class/thermal"), "", "sensors of the host show through");
    assert!(login.says("n2", "ssh -V 2>&1").starts_with("OpenSSH_10."));
    let fingerprint = |node| login.says(node, "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub; cat /etc/machine-id");
    assert_ne!(fingerprint("n1"), fingerprint("n2"));
}

fn sensors_follow_the_load_and_can_be_pinned(lab: &Lab, login: &Login) {
    assert!(login.says("n1", "vcgencmd measure_clock arm").starts_with("frequency(48)="));
    assert!(login.says("n1", "vcgencmd measure_volts").starts_with("volt=0.8"));
    assert_eq!(login.says("n1", "vcgencmd get_throttled"), "throttled=0x0");
    assert_eq!(login.says("n1", "vcgencmd fly"), r#"error=1 error_msg="Command not registered""#);

    let (busy, idle) = (login.celsius("n1"), login.celsius("n2"));
    login.says("n1", "sh -c 'echo $$ >busy; while :; do :; done' >/dev/null 2>&1 & true");
    wait_for("warmth", || login.celsius("n1") > busy + 0.5);
    assert!(login.celsius("n2") < idle + 0.5, "n2 is warmed by n1's load");
    login.says("n1", "kill $(cat busy)");

    let settings = ["temp=83", "throttled=0x50005"].map(|text| text.parse().unwrap());
    lab.set("n2", &settings).unwrap();
    assert_eq!(login.says("n2", "vcgencmd measure_temp; vcgencmd get_throttled"), "temp=83.0'C\nthrottled=0x50005");
    lab.set("n2", &["throttled", "temp"].map(|sensor| format!("{sensor}=auto").parse().unwrap())).unwrap();
    assert_eq!(login.says("n2", "vcgencmd get_throttled"), "throttled=0x40004", "hot now and since boot");
}

fn mpi_can_be_installed_without_a_network(login: &Login) {
    assert!(!login.run("n1", "command -v mpirun").status.success());
    login.says("n1", "sudo apt-get -q update && sudo apt-get -q install -y openmpi-bin python3-mpi4py 2>&1");
    let program = "from mpi4py import MPI; print(MPI.COMM_WORLD.size)";
    assert_eq!(login.says("n1", &format!("mpirun.openmpi -n 2 python3 -c '{program}'")), "2\n2");
}

fn a_cable_can_be_pulled(lab: &Lab) {
    assert!(reachable(lab, "n1"));
    lab.unplug("n1").unwrap();
    assert!(!reachable(lab, "n1"));
    assert!(reachable(lab, "n2"));
    assert!(!lab.status()[0].plugged && lab.status()[0].power == Power::On);
    lab.plug("n1").unwrap();
    wait_for("answer", || reachable(lab, "n1"));
}

fn a_killed_node_is_silent_and_keeps_its_disk(lab: &Lab, login: &Login) {
    let disk = "cat /etc/machine-id /etc/ssh/ssh_host_ed25519_key.pub ~/file";
    login.says("n2", "echo text >~/file");
    let before = login.says("n2", disk);

    // A peer that holds a connection hears nothing at all: neither an end nor a reset, only a timeout (above 128).
    let address = lab.spec().find("n2").unwrap().address;
    let peer = format!("exec 3<>/dev/tcp/{address}/22; read -r <&3; echo connected; read -r -N 9999 -t 2 <&3; exit $?");
    let mut peer = lab.operator_command("bash").args(["-c", &peer]).stdout(Stdio::piped()).spawn().unwrap();
    let mut greeting = [0; 10];
    std::io::Read::read_exact(peer.stdout.as_mut().unwrap(), &mut greeting).unwrap();
    lab.kill("n2").unwrap();
    assert!(peer.wait().unwrap().code().unwrap() > 128, "the peer heard something");

    assert_eq!(lab.status()[1].power, Power::Off);
    assert!(!reachable(lab, "n2"));
    assert!(matches!(lab.unplug("n2"), Err(LabError::Off { .. })));
    lab.start("n2").unwrap();
    assert_eq!(login.says("n2", disk), before);
}

#[test]
fn cloned_sd_cards_have_the_same_keys_and_slow_cables_are_slow() {
    if !possible_here() {
        return;
    }
    let remains = Remains(name("cloned"));
    let latency = Some(Duration::from_millis(30));
    let spec = LabSpec { name: remains.0.clone(), nodes: 2, cloned: true, latency, ..LabSpec::default() };
    let lab = Lab::up(spec, &mut |_| ()).unwrap();
    let login = Login::new(&lab);
    let identity = "cat /etc/machine-id /etc/ssh/ssh_host_*_key.pub";
    assert_eq!(login.says("n1", identity), login.says("n2", identity));

    // A node delays what it sends, and the operator does not: there and back is the latency once from the operator and twice
    // between nodes.
    let address = |node: &str| lab.spec().find(node).unwrap().address.to_string();
    let between = login.says("n1", &format!("ping -q -i 0.2 -c 5 {}", address("n2")));
    let output = lab.operator_command("ping").args(["-q", "-i", "0.2", "-c", "5", &address("n2")]).output().unwrap();
    let from_operator = String::from_utf8(output.stdout).unwrap();
    let least = |ping: &str| ping.rsplit_once("= ").unwrap().1.split('/').next().unwrap().parse::<f32>().unwrap();
    let (twice, once) = (least(&between), least(&from_operator));
    assert!(once >= 30.0 && twice >= 60.0 && twice < 3.0 * once, "{from_operator}{between}");
    lab.down().unwrap();
    assert_eq!(traces(&remains.0), Vec::<String>::new());
}

#[test]
fn a_lab_whose_maker_was_killed_can_be_taken_down() {
    if let Ok(name) = env::var(CREATOR) {
        Lab::up(LabSpec { name, nodes: 2, ..LabSpec::default() }, &mut |_| ()).unwrap();
        return;
    }
    if !possible_here() {
        return;
    }
    let remains = Remains(name("maker"));
    let lab = &remains.0;
    let moments = [
        ("directory", format!("/var/lib/pictl-lab/{lab}")),
        ("switch", format!("/run/netns/pictl-lab.{lab}.switch")),
        ("first node's namespace", format!("/run/netns/pictl-lab.{lab}.n1")),
        ("first node's console", format!("/var/lib/pictl-lab/{lab}/n1/console.log")),
        ("first node's disk", format!("/var/lib/pictl-lab/{lab}/n1/prepared")),
    ];
    for (moment, path) in moments {
        let mut maker = Command::new(env::current_exe().unwrap())
            .args(["--exact", "a_lab_whose_maker_was_killed_can_be_taken_down"])
            .env(CREATOR, lab)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        wait_for(moment, || Path::new(&path).exists());
        maker.kill().unwrap();
        maker.wait().unwrap();
        assert!(Lab::remove(lab).unwrap(), "{moment}: nothing found");
        assert_eq!(traces(lab), Vec::<String>::new(), "{moment}");
    }
}
