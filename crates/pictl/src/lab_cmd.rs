//! `pictl lab`: a virtual cluster of real hosts on this machine.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use pictl_lab::virt::{
    Ipv4Net, Lab, LabError, LabSpec, NodeStatus, Os, Power, Progress, Setting, SudoPolicy, WithMpi, install_missing,
    missing_packages, parse_latency,
};

use crate::cli::examples;
use crate::front::out;

/// The commands below `pictl lab`.
#[derive(Debug, Subcommand)]
pub(crate) enum LabCommand {
    /// Start a lab of freshly booted Debian hosts
    Up(Box<Up>),
    /// Remove a lab; leaves no trace of it
    #[command(after_long_help = examples(&[
        ("pictl lab down", "the one named pictl"),
        ("pictl lab down --all", "every lab on this computer"),
    ]))]
    Down {
        #[command(flatten)]
        lab: LabName,
        /// Remove every lab on this computer
        #[arg(long, conflicts_with = "name")]
        all: bool,
    },
    /// List the labs on this computer
    #[command(after_long_help = examples(&[("pictl lab list", "their names"), ("pictl lab list --json", "for a script")]))]
    List,
    /// Show the nodes of a lab
    #[command(after_long_help = examples(&[
        ("pictl lab status", "as a table"),
        ("pictl lab status --name other --json", "for a script"),
    ]))]
    Status(LabName),
    /// Open a shell where the nodes can be reached
    #[command(after_long_help = examples(&[
        ("pictl lab shell", "in the lab named pictl"),
        ("pictl lab shell --name other", "in another one"),
    ]))]
    Shell(LabName),
    /// Run a command where the nodes can be reached
    #[command(after_long_help = examples(&[
        ("pictl lab exec -- pictl scan", "find the nodes"),
        ("pictl lab exec -- ssh pi@10.77.0.31", "log in to one"),
    ]))]
    Exec {
        #[command(flatten)]
        lab: LabName,
        /// The command and its arguments
        #[arg(required = true, trailing_var_arg = true)]
        command: Vec<OsString>,
    },
    /// Set sensors of a node: temp=83 throttled=0x50005 clock=600 volts=0.85, or temp=auto
    #[command(after_long_help = examples(&[
        ("pictl lab set n2 temp=83 throttled=0x50005", "hot and throttled"),
        ("pictl lab set n2 temp=auto throttled=auto", "as the model computes them"),
    ]))]
    Set {
        #[command(flatten)]
        lab: LabName,
        /// Name of the node (n2) or its address
        node: String,
        /// SENSOR=VALUE, or SENSOR=auto for the value of the model
        #[arg(required = true)]
        settings: Vec<Setting>,
    },
    /// Cut the power of a node
    #[command(after_long_help = examples(&[("pictl lab kill n2", "by name"), ("pictl lab kill 10.77.0.32", "by address")]))]
    Kill(OneNode),
    /// Switch on a node and wait until it answers
    #[command(after_long_help = examples(&[("pictl lab start n2", "by name"), ("pictl lab start 10.77.0.32", "by address")]))]
    Start(OneNode),
    /// Unplug the network cable of a node
    #[command(after_long_help = examples(&[
        ("pictl lab unplug n2", "by name"),
        ("pictl lab unplug 10.77.0.32", "by address"),
    ]))]
    Unplug(OneNode),
    /// Plug in the network cable of a node again
    #[command(after_long_help = examples(&[("pictl lab plug n2", "by name"), ("pictl lab plug 10.77.0.32", "by address")]))]
    Plug(OneNode),
}

/// Which lab.
#[derive(Debug, Args)]
pub(crate) struct LabName {
    /// Name of the lab
    #[arg(long, default_value = "pictl", env = "PICTL_LAB")]
    name: String,
}

/// One node of a lab.
#[derive(Debug, Args)]
pub(crate) struct OneNode {
    #[command(flatten)]
    lab: LabName,
    /// Name of the node (n2) or its address
    node: String,
}

/// How the lab is made.
#[derive(Debug, Args)]
#[command(after_long_help = examples(&[
    ("pictl lab up", "four hosts with Debian bookworm"),
    ("pictl lab up --nodes 8 --os mixed --cloned", "eight with cloned SD cards"),
    ("pictl lab up --with-mpi openmpi --latency 1ms", "with MPI, on a slow network"),
]))]
pub(crate) struct Up {
    #[command(flatten)]
    lab: LabName,
    /// Number of nodes
    #[arg(long, value_name = "N", default_value = "4")]
    nodes: String,
    /// bookworm, trixie or mixed
    #[arg(long, default_value = "bookworm")]
    os: Os,
    /// User name on every node
    #[arg(long, default_value = "pi")]
    user: String,
    /// Password of that user
    ///
    /// The hosts exist on this computer only, so it is not a secret.
    #[arg(long, default_value = "raspberry")]
    password: String,
    /// How that user becomes root: nopasswd or password
    #[arg(long, value_name = "HOW", default_value = "nopasswd")]
    sudo: SudoPolicy,
    /// Network of the nodes
    #[arg(long, value_name = "CIDR", default_value = "10.77.0.0/24")]
    subnet: Ipv4Net,
    /// The same host keys and machine-id on all nodes, as on cloned SD cards
    #[arg(long)]
    cloned: bool,
    /// MPI that is installed: openmpi, mpich, or none
    ///
    /// openmpi or mpich (without mpi4py), either with -dev (a C compiler) or -bench (and hpcc and Parallel Python), mpich-source (a C compiler and the source of mpi4py), or none.
    #[arg(long, value_name = "MPI", default_value = "none")]
    with_mpi: WithMpi,
    /// Delay of all that a node sends: 1ms, 500us
    #[arg(long, value_name = "TIME", value_parser = parse_latency)]
    latency: Option<Duration>,
    /// Bandwidth of every node's cable: 100mbit
    #[arg(long)]
    rate: Option<String>,
    /// Install the Debian packages that a lab needs, if they are missing
    #[arg(long)]
    yes: bool,
}

/// Runs the command and returns the exit code. The caller prints failures, with [`exit_code`].
pub(crate) fn run(command: LabCommand, json: bool) -> Result<u8, LabError> {
    match command {
        LabCommand::Up(up) => {
            let lab = bring_up(*up)?;
            show(&lab.status(), json);
            if !json {
                let hint = "`pictl lab shell` (or `exec -- CMD`) runs where the nodes can be reached; `pictl lab down` removes the lab";
                let _ = writeln!(io::stderr(), "{hint}");
            }
        }
        LabCommand::Down { all: true, .. } => {
            for name in Lab::list()? {
                take_down(&name)?;
            }
        }
        LabCommand::Down { lab, .. } => take_down(&lab.name)?,
        LabCommand::List => {
            for name in Lab::list()? {
                print(&if json { serde_json::json!({ "lab": name }).to_string() } else { name });
            }
        }
        LabCommand::Status(lab) => show(&Lab::open(&lab.name)?.status(), json),
        LabCommand::Shell(lab) => {
            let lab = Lab::open(&lab.name)?;
            let spec = lab.spec();
            let _ = writeln!(io::stderr(), "a shell in lab {}, nodes from {}; exit leaves it", spec.name, spec.subnet);
            return lab.shell().map(code_of);
        }
        LabCommand::Exec { lab, command } => return Lab::open(&lab.name)?.exec(&command).map(code_of),
        LabCommand::Set { lab, node, settings } => Lab::open(&lab.name)?.set(&node, &settings)?,
        LabCommand::Kill(OneNode { lab, node }) => Lab::open(&lab.name)?.kill(&node)?,
        LabCommand::Start(OneNode { lab, node }) => Lab::open(&lab.name)?.start(&node)?,
        LabCommand::Unplug(OneNode { lab, node }) => Lab::open(&lab.name)?.unplug(&node)?,
        LabCommand::Plug(OneNode { lab, node }) => Lab::open(&lab.name)?.plug(&node)?,
    }
    Ok(0)
}

/// The documented exit code of a failure: 2 bad input, 3 not possible or not allowed here, 1 anything else.
pub(crate) fn exit_code(error: &LabError) -> u8 {
    match error {
        LabError::Bad { .. } | LabError::Exists { .. } | LabError::NoLab { .. } | LabError::NoNode { .. } => 2,
        LabError::NotHere { .. } | LabError::NotRoot | LabError::Missing { .. } => 3,
        _ => 1,
    }
}

fn bring_up(up: Up) -> Result<Lab, LabError> {
    let mut line = ProgressLine::new();
    if up.yes && !missing_packages().is_empty() {
        install_missing(&mut |progress| line.show(progress))?;
    }
    let spec = LabSpec {
        name: up.lab.name,
        nodes: count(&up.nodes)?,
        os: up.os,
        user: up.user,
        password: up.password,
        sudo: up.sudo,
        subnet: up.subnet,
        cloned: up.cloned,
        with_mpi: up.with_mpi,
        latency: up.latency,
        rate: up.rate,
    };
    Lab::up(spec, &mut |progress| line.show(progress))
}

/// The number of nodes. For other commands `--nodes` holds names and ranges, so clap reads it as text.
pub(crate) fn count(text: &str) -> Result<u16, LabError> {
    text.parse().map_err(|_| LabError::Bad {
        what: "--nodes",
        value: text.to_owned(),
        why: "must be a number".to_owned(),
    })
}

fn take_down(name: &str) -> Result<(), LabError> {
    let text = if Lab::remove(name)? { "is down" } else { "was not up" };
    let _ = writeln!(io::stderr(), "lab {name} {text}");
    Ok(())
}

/// Moves to the start of the line and erases it.
const CLEAR: &str = "\r\x1b[K";

/// Shows progress on standard error. Output of tools is only shown on a terminal, one line at a time.
pub(crate) struct ProgressLine {
    started: Instant,
    terminal: bool,
}

impl ProgressLine {
    /// Starts its clock.
    pub(crate) fn new() -> Self {
        Self { started: Instant::now(), terminal: io::stderr().is_terminal() }
    }

    /// Shows one step.
    pub(crate) fn show(&mut self, progress: Progress) {
        let seconds = self.started.elapsed().as_secs_f32();
        let (text, stays) = match progress {
            Progress::Phase(text) => (text, true),
            Progress::Ready { node, address, banner } => (format!("{node} {address} answers: {banner}"), true),
            Progress::Line(text) => (format!("  {}", text.chars().take(60).collect::<String>()), false),
        };
        let mut err = io::stderr().lock();
        // A closed standard error is not worth a failure.
        let _ = match (self.terminal, stays) {
            (true, true) => write!(err, "{CLEAR}{seconds:6.1}s {text}\r\n"),
            (true, false) => write!(err, "{CLEAR}{seconds:6.1}s {text}").and_then(|()| err.flush()),
            (false, true) => writeln!(err, "{seconds:6.1}s {text}"),
            (false, false) => Ok(()),
        };
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        if self.terminal {
            let _ = write!(io::stderr(), "{CLEAR}");
        }
    }
}

fn show(nodes: &[NodeStatus], json: bool) {
    if json {
        for node in nodes {
            print(&serde_json::json!(node).to_string());
        }
        return;
    }
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["node", "address", "mac", "model", "os", "power", "cable", "temp", "clock", "throttled"]);
    for node in nodes {
        let sensor =
            |text: &dyn Fn(&pictl_lab::virt::Sensors) -> String| node.sensors.as_ref().map_or("-".into(), text);
        table.add_row([
            node.name.clone(),
            node.address.to_string(),
            node.mac.to_string(),
            node.model.trim_start_matches("Raspberry ").to_owned(),
            node.release.to_string(),
            if node.power == Power::On { "on" } else { "off" }.to_owned(),
            if node.plugged { "in" } else { "out" }.to_owned(),
            sensor(&|sensors| format!("{:.1} °C", sensors.celsius)),
            sensor(&|sensors| format!("{} MHz", sensors.hertz / 1_000_000)),
            sensor(&|sensors| format!("{:#x}", sensors.throttled)),
        ]);
    }
    print(&table.trim_fmt());
}

fn print(line: &str) {
    // A closed pipe (`| head`) is not worth a failure.
    out(line);
}

/// The exit code of a command as a shell gives it.
fn code_of(status: ExitStatus) -> u8 {
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    u8::try_from(code).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(subcommand)]
        command: LabCommand,
    }

    fn parse(line: &str) -> Result<LabCommand, clap::Error> {
        Line::try_parse_from(line.split(' ')).map(|line| line.command)
    }

    #[test]
    fn the_documented_options_of_up_are_read() {
        let line = "lab up --nodes 8 --os mixed --user ann --password x --sudo password --subnet 192.168.7.0/24 \
                    --name other --cloned --with-mpi mpich --latency 1ms --rate 100mbit";
        let LabCommand::Up(up) = parse(line).unwrap() else { panic!("not up") };
        assert_eq!((count(&up.nodes).unwrap(), up.os, up.with_mpi, up.cloned), (8, Os::Mixed, WithMpi::Mpich, true));
        assert_eq!((up.lab.name.as_str(), up.latency), ("other", Some(Duration::from_millis(1))));
    }

    #[test]
    fn malformed_values_are_refused_with_their_reason() {
        let error = parse("lab up --subnet 10.0.0.0/99").unwrap_err();
        assert!(error.to_string().contains("10.0.0.0/99"));
        let error = parse("lab up --os sid").unwrap_err();
        assert!(error.to_string().contains("bookworm trixie mixed"));
        assert!(parse("lab set n2 temp=hot").is_err());
        assert!(parse("lab set n2").is_err());
    }

    #[test]
    fn a_command_keeps_its_own_options() {
        let LabCommand::Exec { command, .. } = parse("lab exec -- ssh -v pi@10.77.0.31").unwrap() else {
            panic!("not exec")
        };
        assert_eq!(command, ["ssh", "-v", "pi@10.77.0.31"]);
    }
}
