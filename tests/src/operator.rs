//! A user who works with pictl on a virtual cluster.

use std::path::Path;
use std::process::Command;

use crate::{Ended, Home, Lab, Terminal, pictl, run};

/// A person with a home of their own, in the operator's namespace of a lab.
#[derive(Debug)]
pub struct Operator<'a> {
    lab: &'a Lab,
    /// Their home.
    pub home: Home,
}

/// The address of node `number` (from 1) in a lab's default subnet.
pub fn address(number: usize) -> String {
    format!("10.77.0.{}", 30 + number)
}

impl<'a> Operator<'a> {
    /// Somebody new.
    pub fn new(lab: &'a Lab) -> Self {
        Self { lab, home: Home::new() }
    }

    /// A command line in the operator's namespace and this home. Signals reach the program itself, which they would not
    /// through `pictl lab exec`.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.namespace()]).args(args);
        command.env_clear().envs(self.home.environment()).current_dir(self.home.path());
        command
    }

    fn namespace(&self) -> String {
        format!("pictl-lab.{}.operator", self.lab.name())
    }

    /// `pictl` with these arguments in a terminal.
    pub fn terminal(&self, args: &[&str]) -> Terminal {
        let (namespace, program) = (self.namespace(), pictl());
        let program = program.to_str().expect("a path in UTF-8");
        let all = [&["netns", "exec", &namespace, program], args].concat();
        Terminal::start((120, 40), Path::new("ip"), &all, self.home.environment())
    }

    /// `pictl` with these arguments.
    pub fn pictl(&self, args: &[&str]) -> Command {
        let program = pictl();
        let mut all = vec![program.to_str().expect("a path in UTF-8")];
        all.extend(args);
        self.command(&all)
    }

    /// Runs `pictl` with these words and no input to its end.
    #[track_caller]
    pub fn run(&self, args: &[&str]) -> Ended {
        run(self.pictl(args), "")
    }

    /// Scan and setup as in the README.
    #[track_caller]
    pub fn set_up(&self) {
        self.run(&["scan", "--save"]).with(0);
        let setup = ["setup", "--user", "pi", "--password-stdin", "--trust", "new", "--yes"];
        run(self.pictl(&setup), "raspberry\n").with(0);
    }

    /// OpenSSH's client to node `number`, with this home's key and the host keys that pictl keeps: nothing is asked.
    pub fn ssh(&self, number: usize, line: &str) -> Command {
        self.ssh_with("pictl_ed25519", number, line)
    }

    /// The same with the key of this name in the home's `.ssh`.
    pub fn ssh_with(&self, key: &str, number: usize, line: &str) -> Command {
        let home = self.home.path().display();
        let key = format!("{home}/.ssh/{key}");
        let known = format!("UserKnownHostsFile={home}/data/pictl/clusters/default/known_hosts");
        let to = format!("pi@{}", address(number));
        self.command(&[
            "ssh",
            "-F",
            "/dev/null",
            "-o",
            "BatchMode=yes",
            "-o",
            "IdentitiesOnly=yes",
            "-o",
            "StrictHostKeyChecking=yes",
            "-o",
            &known,
            "-i",
            &key,
            &to,
            line,
        ])
    }

    /// What a shell line on node `number` prints.
    ///
    /// # Panics
    ///
    /// When it fails.
    #[track_caller]
    pub fn on(&self, number: usize, line: &str) -> String {
        run(self.ssh(number, line), "").with(0).out
    }
}
