//! One node: giving it power, taking power away, and looking at it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ipnet::Ipv4Net;

use super::cgroup::Group;
use super::place::Place;
use super::{LabError, LabSpec, NodePlan, NodeStatus, Power, Sensors, Setting, netns, sensor, shape, tool};

const BOOT_SCRIPT: &str = include_str!("../../../../assets/lab/node.sh");

/// From power to the banner of SSH takes 1 to 5 s, the longer the more nodes boot at once.
const READY_LIMIT: Duration = Duration::from_secs(180);

/// The thermal model takes one step a second.
const SENSOR_LIMIT: Duration = Duration::from_secs(60);

/// Where a host can have sensors of its own, which a node must not see.
const HOST_SENSORS: [&str; 4] =
    ["/sys/class/thermal", "/sys/class/hwmon", "/sys/class/powercap", "/sys/devices/system/cpu/cpufreq"];

/// Prints the banner of the SSH server at $0 as soon as there is one.
const WAIT_FOR_BANNER: &str = r#"
    until { IFS= read -r -t 2 line <&3 && [[ $line == SSH-* ]]; } 3<>"/dev/tcp/$0/22"; do sleep 0.05; done 2>/dev/null
    printf '%s\n' "$line""#;

/// A node of a lab, on or off.
pub(crate) struct Node<'a> {
    place: &'a Place,
    spec: &'a LabSpec,
    plan: NodePlan,
}

impl<'a> Node<'a> {
    pub(crate) fn new(place: &'a Place, spec: &'a LabSpec, plan: NodePlan) -> Self {
        Self { place, spec, plan }
    }

    fn group(&self) -> Result<Group, LabError> {
        Group::new(&self.netns())
    }

    /// Name of its namespace; its control group has the same.
    fn netns(&self) -> String {
        self.place.part(&self.plan.name)
    }

    fn console(&self) -> PathBuf {
        self.place.node_dir(&self.plan).join("console.log")
    }

    /// Decides which layers its disk has, for ever: later images can differ.
    pub(crate) fn make_disk(&self, layers: &[PathBuf]) -> Result<(), LabError> {
        let dir = self.place.node_dir(&self.plan);
        fs::create_dir_all(&dir).map_err(LabError::io("create", &dir))?;
        let layers: Vec<_> = layers.iter().map(|layer| layer.to_string_lossy()).collect();
        let path = self.layers_file();
        fs::write(&path, layers.join(":")).map_err(LabError::io("write", &path))
    }

    fn layers_file(&self) -> PathBuf {
        self.place.node_dir(&self.plan).join("layers")
    }

    /// Boots it. Returns when it has begun to boot; [`Node::wait_until_ready`] waits for it.
    pub(crate) fn power_on(&self) -> Result<(), LabError> {
        // It can have shut itself down, which leaves its cable and its control group.
        self.power_off()?;
        let address = Ipv4Net::new_assert(self.plan.address, self.spec.subnet.prefix_len());
        netns::create_host(&self.netns(), &self.place.switch(), &self.plan.name, address, Some(self.plan.mac))?;
        shape::apply(self.spec, &self.netns(), &self.place.switch(), &self.plan.name)?;
        self.write_board()?;
        self.launch()
    }

    /// Cuts its power. Its cable goes down first, so that its kernel cannot close connections.
    pub(crate) fn power_off(&self) -> Result<(), LabError> {
        let (switch, port) = (self.place.switch(), &self.plan.name);
        if netns::has_port(&switch, port) {
            netns::set_plugged(&switch, port, false)?;
        }
        self.group()?.destroy()?;
        // The namespace would take the cable with it, but only after a while.
        if netns::has_port(&switch, port) {
            netns::remove_port(&switch, port)?;
        }
        netns::destroy(&self.netns())
    }

    /// The part of the device tree that says which board it is.
    fn write_board(&self) -> Result<(), LabError> {
        let tree = self.place.node_dir(&self.plan).join("firmware/devicetree/base");
        fs::create_dir_all(&tree).map_err(LabError::io("create", &tree))?;
        for (name, value) in [("model", self.plan.model), ("serial-number", &self.plan.serial)] {
            let path = tree.join(name);
            fs::write(&path, format!("{value}\0")).map_err(LabError::io("write", &path))?;
        }
        Ok(())
    }

    fn launch(&self) -> Result<(), LabError> {
        let group = self.group()?;
        group.create()?;
        let console = self.console();
        let log = fs::File::options().create(true).append(true).open(&console);
        let log = log.map_err(LabError::io("open", &console))?;
        let log_too = log.try_clone().map_err(LabError::io("open", &console))?;
        let layers = self.layers_file();
        let layers = fs::read_to_string(&layers).map_err(LabError::io("read", &layers))?;
        let hide: Vec<_> = HOST_SENSORS.into_iter().filter(|path| Path::new(path).exists()).collect();

        let mut command = group.command("setsid");
        // A session and mounts of its own, so that it outlives this process.
        command
            .args(["--fork", "unshare", "--mount", "--propagation", "slave", "sh", "-c", BOOT_SCRIPT])
            .env("NODE", self.place.node_dir(&self.plan))
            .env("LOWER", layers)
            .env("NETNS", netns::path(&self.netns()))
            .env("MACHINE", self.netns())
            .env("HIDE", hide.join(" "))
            .env("LOGIN", &self.spec.user)
            .env("SUDO", self.spec.sudo.to_string())
            .env("CLONED", if self.spec.cloned { "yes" } else { "no" })
            .stdin(Stdio::piped())
            .stdout(log)
            .stderr(log_too);
        let start = |command: &mut Command| {
            let mut child = command.spawn()?;
            if let Some(mut stdin) = child.stdin.take() {
                writeln!(stdin, "{}", self.spec.password)?;
            }
            child.wait()
        };
        let status = start(&mut command).map_err(|error| tool::failed(&command, &error))?;
        if status.success() { Ok(()) } else { Err(self.boot_failed()) }
    }

    fn boot_failed(&self) -> LabError {
        let console = fs::read(self.console()).unwrap_or_default();
        LabError::BootFailed { node: self.plan.name.clone(), tail: tool::tail(&String::from_utf8_lossy(&console), 6) }
    }

    /// Waits until its SSH server says who it is, as seen from the operator namespace. Gives the banner.
    pub(crate) fn wait_until_ready(&self) -> Result<String, LabError> {
        let group = self.group()?;
        let mut command = netns::command_in(&self.place.operator(), "bash");
        command.args(["-c", WAIT_FOR_BANNER]).arg(self.plan.address.to_string());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut probe = command.spawn().map_err(|error| tool::failed(&command, &error))?;
        let started = Instant::now();
        let failure = loop {
            match probe.try_wait() {
                Err(error) => break tool::failed(&command, &error),
                Ok(Some(_)) => {
                    let output = probe.wait_with_output().map_err(|error| tool::failed(&command, &error))?;
                    let banner = tool::checked(&command, &output)?;
                    return Ok(pictl_model::text::clean(&banner, 100));
                }
                Ok(None) if !group.populated() => break self.boot_failed(),
                Ok(None) if started.elapsed() > READY_LIMIT => {
                    let what = format!("the SSH banner of {} ({})", self.plan.name, self.plan.address);
                    break LabError::Late { what, limit: READY_LIMIT, tail: String::new() };
                }
                Ok(None) => std::thread::sleep(Duration::from_millis(20)),
            }
        };
        let _ = probe.kill();
        let _ = probe.wait();
        Err(failure)
    }

    pub(crate) fn is_on(&self) -> bool {
        self.group().is_ok_and(|group| group.populated())
    }

    pub(crate) fn status(&self) -> NodeStatus {
        NodeStatus {
            name: self.plan.name.clone(),
            address: self.plan.address,
            mac: self.plan.mac,
            model: self.plan.model.to_owned(),
            release: self.plan.release,
            power: if self.is_on() { Power::On } else { Power::Off },
            plugged: netns::plugged(&self.place.switch(), &self.plan.name),
            sensors: self.sensors(),
        }
    }

    pub(crate) fn set_plugged(&self, plugged: bool) -> Result<(), LabError> {
        if !netns::has_port(&self.place.switch(), &self.plan.name) {
            return Err(LabError::Off { node: self.plan.name.clone() });
        }
        netns::set_plugged(&self.place.switch(), &self.plan.name, plugged)
    }

    /// The node's `/run/pictl-lab`, seen from outside through one of its processes.
    fn run_dir(&self) -> Option<PathBuf> {
        let pid = self.group().ok()?.process_inside()?;
        Some(PathBuf::from(format!("/proc/{pid}/root/run/pictl-lab")))
    }

    fn sensors(&self) -> Option<Sensors> {
        sensor::parse_line(&fs::read_to_string(self.run_dir()?.join("sensors")).ok()?)
    }

    /// Pins values of the thermal model and waits until it has taken notice.
    pub(crate) fn set(&self, settings: &[Setting]) -> Result<(), LabError> {
        let run = self.run_dir().ok_or_else(|| LabError::Off { node: self.plan.name.clone() })?;
        let (path, new) = (run.join("override"), run.join("override.new"));
        let before = fs::read_to_string(&path).unwrap_or_default();
        fs::write(&new, sensor::merge(&before, settings)).map_err(LabError::io("write", &new))?;
        fs::rename(&new, &path).map_err(LabError::io("write", &path))?;

        let written = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).ok();
        let (set_at, deadline) = (written(&path), Instant::now() + SENSOR_LIMIT);
        while written(&run.join("sensors")) <= set_at {
            if Instant::now() > deadline {
                let what = format!("a step of the thermal model of {}", self.plan.name);
                return Err(LabError::Late { what, limit: SENSOR_LIMIT, tail: String::new() });
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}
