//! Networks of many small hosts, for scans: cheaper than virtual clusters, and with hosts of every odd kind.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Ended, Home, Terminal, pictl, repository, run};

/// A network of namespaces that lives as long as this value, made by `tests/segment.py`, which describes what there can be.
/// It goes away with this process, however that ends.
#[derive(Debug)]
pub struct Segment {
    maker: Child,
    /// `None` once it is to end.
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    operator: String,
}

/// Frames that the operator sent.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
pub struct Sent {
    /// `arp`, `tcp/22`, `udp/5353`, `icmp` and so on.
    pub protocol: String,
    /// The address; of an ARP frame the one asked for.
    pub to: String,
    /// How many.
    pub frames: u32,
}

impl Segment {
    /// A network as `tests/segment.py` describes it.
    ///
    /// # Panics
    ///
    /// When it cannot be made.
    pub fn up(description: &Value) -> Self {
        let mut command = Command::new("python3");
        command.arg(repository().join("tests/segment.py")).stdin(Stdio::piped()).stdout(Stdio::piped());
        // Of a group of its own, so that what ends this one leaves it alive to take everything down.
        let mut maker = command.process_group(0).spawn().expect("python3 starts");
        let commands = maker.stdin.take();
        let answers = BufReader::new(maker.stdout.take().expect("a pipe"));
        let mut segment = Self { maker, commands, answers, operator: String::new() };
        let made: Value = segment.ask(&description.to_string());
        println!("frames are lost by {}", made["loss"]);
        segment.operator = format!("pictl-seg.{}.operator", made["name"].as_str().expect("a name"));
        segment
    }

    /// Plugs the cable of a host.
    pub fn join(&mut self, host: &str) {
        self.ask::<()>(&format!("join {host}"));
    }

    /// Pulls the cable of a host.
    pub fn leave(&mut self, host: &str) {
        self.ask::<()>(&format!("leave {host}"));
    }

    /// Gives a host another address instead of those that it has.
    pub fn move_to(&mut self, host: &str, address: &str) {
        self.ask::<()>(&format!("move {host} {address}"));
    }

    /// How many connections each SSH server took so far.
    pub fn connections(&mut self) -> BTreeMap<String, u32> {
        self.ask("connections")
    }

    /// What the operator sent so far; the network is one with `capture`.
    pub fn sent(&mut self) -> Vec<Sent> {
        self.ask("sent")
    }

    fn ask<T: DeserializeOwned>(&mut self, line: &str) -> T {
        let commands = self.commands.as_mut().expect("it is up");
        commands.write_all(format!("{line}\n").as_bytes()).expect("segment.py listens");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("segment.py answers in UTF-8");
        serde_json::from_str(&answer).unwrap_or_else(|e| panic!("{line}: {e}: {answer:?}"))
    }

    /// A command line in the operator's namespace and this home.
    pub fn command(&self, home: &Home, args: &[&str]) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.operator]).args(args);
        command.env_clear().envs(home.environment()).current_dir(home.path());
        command
    }

    /// Root's `pictl` with these arguments in the operator's namespace.
    pub fn pictl(&self, home: &Home, args: &[&str]) -> Command {
        let program = pictl();
        self.command(home, &[&[program.to_str().expect("a path in UTF-8")], args].concat())
    }

    /// Runs root's `pictl` with these arguments to its end.
    #[track_caller]
    pub fn run(&self, home: &Home, args: &[&str]) -> Ended {
        run(self.pictl(home, args), "")
    }

    /// Root's `pictl` with these arguments in a terminal.
    pub fn terminal(&self, home: &Home, args: &[&str]) -> Terminal {
        let program = pictl();
        let program = program.to_str().expect("a path in UTF-8");
        let all = [&["netns", "exec", &self.operator, program], args].concat();
        Terminal::start((120, 40), Path::new("ip"), &all, home.environment())
    }
}

impl Drop for Segment {
    fn drop(&mut self) {
        self.commands = None;
        let ended = self.maker.wait();
        // A second panic would hide the first.
        let well = matches!(&ended, Ok(status) if status.success());
        assert!(well || std::thread::panicking(), "segment.py: {ended:?}");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{skip, unless_lab_runs_here};

    #[test]
    fn a_network_comes_and_goes() {
        if let Some(reason) = unless_lab_runs_here() {
            return skip(reason);
        }
        let hosts = json!([{ "name": "pi1", "mac": "b8:27:eb:00:00:01", "addresses": ["10.78.0.31"], "ssh": {} }]);
        let mut segment = Segment::up(&json!({ "capture": true, "hosts": hosts }));
        let home = Home::new();
        let greet = "exec 3<>/dev/tcp/10.78.0.31/22; read -r line <&3; echo \"$line\"";
        let ended = run(segment.command(&home, &["bash", "-c", greet]), "").with(0);
        assert_eq!(ended.out, "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n");
        assert_eq!(segment.connections(), BTreeMap::from([("pi1".to_owned(), 1)]));
        let sent = segment.sent();
        assert!(sent.iter().any(|sent| sent.protocol == "arp" && sent.to == "10.78.0.31"), "{sent:?}");
        assert!(sent.iter().any(|sent| sent.protocol == "tcp/22" && sent.to == "10.78.0.31"), "{sent:?}");

        let namespace = Path::new("/run/netns").join(&segment.operator);
        assert!(namespace.exists());
        drop(segment);
        assert!(!namespace.exists());
    }
}
