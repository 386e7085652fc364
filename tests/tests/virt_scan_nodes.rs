//! Real hosts are found: by one connection that serves the login too, and by their LEDs.
#![allow(clippy::unwrap_used, reason = "in tests a surprise is a failure")]

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use pictl_tests::{Dashboard, LIMIT, Lab, Operator, Running, eventually, key, run, skip, unless_lab_runs_here};
use rustix::process::Signal;

const NODES: usize = 4;
const LOGIN: [&str; 5] = ["--user", "pi", "--password-stdin", "--trust", "new"];

/// How many connections node `number` has taken since it was made.
fn taken(lab: &Lab, number: usize) -> u32 {
    let mut command = Command::new("ip");
    command.args(["netns", "exec", &format!("pictl-lab.{}.n{number}", lab.name()), "cat", "/proc/net/snmp"]);
    let counters = run(command, "").with(0).out;
    let mut tcp = counters.lines().filter_map(|line| line.strip_prefix("Tcp: ")).map(|line| line.split(' '));
    let (mut names, mut values) = (tcp.next().unwrap(), tcp.next().unwrap());
    let at = names.position(|name| name == "PassiveOpens").unwrap();
    values.nth(at).unwrap().parse().unwrap()
}

#[test]
fn a_scan_and_the_login_after_it_are_one_connection() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", &NODES.to_string(), "--with-mpi", "none"]);
    let me = Operator::new(&lab);
    let all = || (1..=NODES).map(|number| taken(&lab, number)).collect::<Vec<_>>();
    let one_more = || all().into_iter().map(|before| before + 1).collect::<Vec<_>>();

    // Hosts that were never seen: until they have refused a user without a key.
    let expected = one_more();
    let mut dashboard = Dashboard::on(me.terminal(&[]), NODES as u32);
    dashboard.find();
    assert_eq!(all(), expected, "a scan");
    dashboard.ask_for_setup();
    assert_eq!(all(), expected, "a scan and the host keys");
    dashboard.trust();
    assert_eq!(all(), expected, "a scan, the host keys and a try without a password");
    let expected = one_more();
    dashboard.log_in("raspberry");
    assert_eq!(all(), expected, "the login");
    drop(dashboard);

    // Of hosts that let one in: until everything that is to be changed there is known.
    me.run(&["scan", "--save"]).with(0);
    run(me.pictl(&[&["keys", "push"], &LOGIN[..]].concat()), "raspberry\n").with(0);
    fs::remove_file(me.home.path().join("data/pictl/clusters/default/cluster.toml")).unwrap();
    let expected = one_more();
    let mut dashboard = Dashboard::on(me.terminal(&[]), NODES as u32);
    dashboard.find();
    dashboard.press_for("u", &format!("Set up {NODES} nodes"));
    dashboard.press_for(key::ENTER, "Enter make these changes");
    assert_eq!(all(), expected, "a scan and a login");
}

/// The LED of a board, as far as plain files can be one.
struct Led(PathBuf);

impl Led {
    /// Gives one to node `number`.
    fn on(lab: &Lab, number: usize) -> Self {
        let sshd = lab.processes(number).into_iter().find(|process| process.command_line.contains("sshd")).unwrap();
        // A directory of the kernel takes no new ones: a copy of it, as good as it can be had, with one more, covers it.
        let script = "mkdir /run/class && mount -t tmpfs tmpfs /run/class && cd /run/class
            cp -a /sys/class/. . 2>/dev/null || :
            mkdir -p leds/ACT && cd leds/ACT && echo 'none [mmc0] heartbeat' >trigger && echo 0 >brightness && echo 255 >max_brightness
            mount --bind /run/class /sys/class";
        let mut command = Command::new("nsenter");
        command.args(["--mount", "--target", &sshd.pid.to_string(), "sh", "-ec", script]);
        run(command, "").with(0);
        Self(format!("/proc/{}/root/sys/class/leds/ACT", sshd.pid).into())
    }

    fn reads(&self, file: &str) -> String {
        fs::read_to_string(self.0.join(file)).unwrap().trim().to_owned()
    }

    /// Waits until it was seen on, off, and on again.
    #[track_caller]
    fn blinks(&self) {
        for lit in [true, false, true] {
            eventually("a LED that blinks", LIMIT, || {
                let brightness = self.reads("brightness");
                // Between its opening and its writing a file is empty.
                (!brightness.is_empty() && (brightness != "0") == lit).then_some(())
            });
        }
        assert_eq!(self.reads("trigger"), "none");
    }

    /// Waits until it shows what it showed before.
    #[track_caller]
    fn is_as_before(&self) {
        eventually("the LED's own trigger", LIMIT, || (self.reads("trigger") == "mmc0").then_some(()));
        fs::write(self.0.join("trigger"), "none [mmc0] heartbeat\n").unwrap();
    }
}

#[test]
fn a_board_blinks_and_is_then_as_it_was_before() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "2", "--with-mpi", "none"]);
    let me = Operator::new(&lab);
    me.run(&["scan", "--save"]).with(0);
    run(me.pictl(&[&["keys", "push"], &LOGIN[..]].concat()), "raspberry\n").with(0);
    let led = Led::on(&lab, 1);
    let identify =
        |seconds: &str, nodes: &str| me.pictl(&["nodes", "identify", "--seconds", seconds, "--nodes", nodes]);

    // Until its time is over.
    let running = Running::start(identify("3", "10.77.0.31"), "");
    led.blinks();
    running.wait_for_end(LIMIT).with(0);
    led.is_as_before();

    // Until the user has seen it.
    let running = Running::start_in_a_group(identify("600", "10.77.0.31"));
    led.blinks();
    running.signal_group(Signal::INT);
    running.wait_for_end(LIMIT);
    led.is_as_before();

    // Until pictl can no longer stop it.
    let running = Running::start(identify("600", "10.77.0.31"), "");
    led.blinks();
    running.signal(Signal::KILL);
    led.is_as_before();

    // A board without one.
    run(identify("3", "10.77.0.32"), "").with(1).says(&["pi02: ", "ACT"]);
}
