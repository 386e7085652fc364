//! `identify`: the real script on directories like a Pi's `/sys` and `/run`, and the simulated one.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

use pictl_lab::sim::SimSpec;

use super::client::{self, Client, script_text, up};

/// A board with one LED, whose files are its kernel's.
struct Board {
    root: tempfile::TempDir,
    led: &'static str,
}

impl Board {
    fn new(led: &'static str, files: &[(&str, &str)]) -> Self {
        let board = Self { root: tempfile::tempdir().unwrap(), led };
        fs::create_dir_all(board.file("")).unwrap();
        fs::create_dir(board.run()).unwrap();
        for (name, content) in [("max_brightness", "255"), ("brightness", "0")].iter().chain(files) {
            fs::write(board.file(name), format!("{content}\n")).unwrap();
        }
        board
    }

    /// As a Pi has it.
    fn usual() -> Self {
        Self::new("ACT", &[("trigger", "none rc-feedback timer heartbeat default-on [mmc0] panic")])
    }

    fn file(&self, name: &str) -> PathBuf {
        self.root.path().join("sys/class/leds").join(self.led).join(name)
    }

    fn run(&self) -> PathBuf {
        self.root.path().join("run")
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap().trim_end().to_owned()
    }

    /// Nothing is left of any identifying.
    fn is_clean(&self) -> bool {
        fs::read_dir(self.run()).unwrap().next().is_none()
    }

    fn command(&self, seconds: u32) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", &script_text("identify"), "pictl-identify", &seconds.to_string()]).arg(self.root.path());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Blinks once this returns.
    fn blink(&self, seconds: u32) -> Blinking {
        let mut child = self.command(seconds).spawn().unwrap();
        let mut blinking = Blinking { says: BufReader::new(child.stdout.take().unwrap()), child };
        assert_eq!(blinking.line(), format!("blinking {}\n", self.led));
        blinking
    }
}

struct Blinking {
    child: Child,
    says: BufReader<ChildStdout>,
}

impl Blinking {
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.says.read_line(&mut line).unwrap();
        line
    }

    fn signal(&self, name: &str) {
        assert!(Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap().success());
    }

    /// Nobody reads any more.
    fn leave(mut self) -> ExitStatus {
        drop(self.says);
        self.child.wait().unwrap()
    }
}

#[test]
fn the_led_blinks_for_its_time_and_is_as_it_was() {
    let board = Board::usual();
    let mut blinking = board.blink(1);
    assert_eq!(["trigger", "delay_on", "delay_off"].map(|file| board.read(file)), ["timer", "150", "150"]);
    assert_eq!([blinking.line(), blinking.line()], ["blinking ACT\n", ""]);
    assert!(blinking.child.wait().unwrap().success());
    assert_eq!((board.read("trigger"), board.read("brightness")), ("mmc0".into(), "0".into()));
    assert!(board.is_clean());
}

#[test]
fn what_the_trigger_was_told_is_told_again() {
    let files = [("trigger", "none [timer] mmc0"), ("delay_on", "500"), ("delay_off", "20"), ("uevent", "x")];
    let board = Board::new("led0", &files);
    assert!(board.blink(1).leave().success());
    assert_eq!(
        ["trigger", "delay_on", "delay_off", "uevent"].map(|file| board.read(file)),
        ["timer", "500", "20", "x"]
    );
}

#[test]
fn without_a_timer_it_is_switched_on_and_off() {
    let board = Board::new("PWR", &[("trigger", "[none] default-on"), ("brightness", "7")]);
    let mut blinking = board.blink(20);
    let mut seen = [false; 2];
    while seen != [true; 2] {
        match board.read("brightness").as_str() {
            "255" => seen[0] = true,
            "0" => seen[1] = true,
            other => panic!("{other}"),
        }
        assert_eq!(blinking.line(), "blinking PWR\n");
    }
    assert!(blinking.leave().success());
    assert_eq!((board.read("trigger"), board.read("brightness")), ("none".into(), "7".into()));
}

#[test]
fn signals_and_lost_readers_put_it_back() {
    for (signal, status) in [("HUP", 129), ("INT", 130), ("TERM", 143)] {
        let board = Board::usual();
        let mut blinking = board.blink(60);
        blinking.signal(signal);
        assert_eq!(blinking.child.wait().unwrap().code(), Some(status));
        assert_eq!(board.read("trigger"), "mmc0", "{signal}");
        assert!(board.is_clean());
    }
    let board = Board::usual();
    assert!(board.blink(60).leave().success());
    assert_eq!(board.read("trigger"), "mmc0");
    assert!(board.is_clean());
}

#[test]
fn of_several_the_last_one_puts_back_what_was_before_the_first() {
    for first_ends_first in [true, false] {
        let board = Board::usual();
        let mut both = [board.blink(60), board.blink(60)];
        if !first_ends_first {
            both.reverse();
        }
        let [one, other] = both;
        assert!(one.leave().success());
        assert_eq!(board.read("trigger"), "timer");
        assert!(other.leave().success());
        assert_eq!(board.read("trigger"), "mmc0");
        assert!(board.is_clean());
    }
}

#[test]
fn one_that_was_killed_leaves_what_the_next_one_puts_back() {
    let board = Board::usual();
    let mut killed = board.blink(60);
    killed.signal("KILL");
    killed.child.wait().unwrap();
    assert_eq!(board.read("trigger"), "timer");
    assert!(board.blink(1).leave().success());
    assert_eq!(board.read("trigger"), "mmc0");
}

#[test]
fn a_board_without_an_led_and_a_user_without_rights_are_told() {
    let no_led = Board::new("mmc0::", &[("trigger", "[mmc0]")]);
    // Root can write everything that is there.
    let no_rights = Board::usual();
    fs::remove_dir(no_rights.run()).unwrap();
    for (board, status, text) in [(no_led, 4, "no LED"), (no_rights, 5, "only root")] {
        let output = board.command(1).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), said.lines().count()), (Some(status), 1), "{said}");
        assert!(said.contains(text) && output.stdout.is_empty(), "{said}");
    }
}

#[tokio::test]
async fn a_simulated_pi_blinks_as_the_script_does() {
    let sim = up(SimSpec::default()).await;
    let path = "/sys/class/leds/ACT/trigger";
    let blinks = || String::from_utf8(sim.node(0).read(path).unwrap()).unwrap().contains("[timer]");
    let pi = Client::pi(&sim, 0).await;
    assert_eq!(pi.script("identify", &["1"], b"").await.status, Some(5));
    assert!(!blinks());
    let there = pi.script_line("sudo -n ", "identify", &["1"], b"").await;
    let here = Board::usual().command(1).output().unwrap();
    assert_eq!((there.status, there.out), (Some(0), String::from_utf8(here.stdout).unwrap()));
    assert!(!blinks());

    // Its client hangs up.
    let mut streams = Vec::new();
    for _ in 0..2 {
        let mut stream = pi.open(&client::line("sudo -n ", "identify", &["60"])).await;
        stream.wait_for("blinking ACT\n").await;
        streams.push(stream);
    }
    for (n, stream) in streams.into_iter().enumerate() {
        assert!(blinks(), "{n} hung up");
        stream.close().await;
        // What it answers to this has come after what it did about that.
        pi.run("true", b"").await;
    }
    tokio::time::timeout(pictl_tests::limit(pictl_tests::LIMIT), async {
        while blinks() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();

    sim.node(0).remove(path);
    assert_eq!(pi.script_line("sudo -n ", "identify", &["1"], b"").await.status, Some(4));
    sim.stop().await;
}
