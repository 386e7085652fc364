//! A whole lab: made, found again, broken on purpose, and taken away.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::mpsc;
use std::time::Duration;

use ipnet::Ipv4Net;
use pictl_model::text::count;

use super::cgroup::Group;
use super::node::Node;
use super::place::{LABS, Place, lab_of};
use super::spec::check_name;
use super::{LabError, LabSpec, NodeStatus, Progress, Release, Setting, host, image, netns, shape, tool, wait};

/// How long a tool of a killed creator can still be at work.
const TOOL_LIMIT: Duration = Duration::from_secs(60);

/// A virtual cluster on this machine. Dropping it changes nothing: it lives until it is taken down.
#[derive(Debug, Clone)]
pub struct Lab {
    spec: LabSpec,
    place: Place,
}

impl Lab {
    /// Makes a lab and waits until every node answers SSH. When it fails, nothing of it remains.
    pub fn up(spec: LabSpec, progress: &mut dyn FnMut(Progress)) -> Result<Self, LabError> {
        spec.check()?;
        host::check()?;
        let lab = Self { place: Place::new(&spec.name), spec };
        lab.claim_name()?;
        match lab.build(progress) {
            Ok(()) => Ok(lab),
            Err(error) => {
                progress(Progress::Phase("taking down what was made so far".into()));
                Self::remove(&lab.spec.name)?;
                Err(error)
            }
        }
    }

    /// The lab of this name.
    pub fn open(name: &str) -> Result<Self, LabError> {
        check_name(name)?;
        host::check_root()?;
        let place = Place::new(name);
        let path = place.spec_file();
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(LabError::NoLab { name: name.to_owned() }),
            other => other.map_err(LabError::io("read", &path))?,
        };
        let spec = serde_json::from_str(&text).map_err(|error| LabError::io("read", &path)(error.into()))?;
        Ok(Self { spec, place })
    }

    /// The names of all labs of which anything exists.
    pub fn list() -> Result<Vec<String>, LabError> {
        host::check_root()?;
        let directories = fs::read_dir(LABS).into_iter().flatten().flatten();
        let mut names: BTreeSet<_> = directories.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        let parts = netns::list("pictl-lab.").into_iter().chain(Group::list("pictl-lab.")?);
        names.extend(parts.filter_map(|part| lab_of(&part).map(str::to_owned)));
        Ok(names.into_iter().collect())
    }

    /// Takes the lab down.
    pub fn down(self) -> Result<(), LabError> {
        Self::remove(&self.spec.name).map(drop)
    }

    /// Takes down whatever exists of the lab of this name, also if it was never finished. Says whether there was
    /// anything.
    pub fn remove(name: &str) -> Result<bool, LabError> {
        check_name(name)?;
        host::check_root()?;
        let place = Place::new(name);
        let found = remove_all(&place)?;
        // A creator that was killed a moment ago can have left a tool that is still at work: search again after it.
        wait_for_tools(&place)?;
        remove_all(&place)?;
        image::sweep()?;
        Ok(found)
    }

    /// What the lab is like.
    pub fn spec(&self) -> &LabSpec {
        &self.spec
    }

    /// Every node as it is now.
    pub fn status(&self) -> Vec<NodeStatus> {
        self.nodes().iter().map(Node::status).collect()
    }

    /// Takes a node's power away. Nobody hears a goodbye from it. Nothing happens if it is off.
    pub fn kill(&self, node: &str) -> Result<(), LabError> {
        self.node(node)?.power_off()
    }

    /// Boots a node from its disk as it was, and waits until it answers SSH. Nothing happens if it is on.
    pub fn start(&self, node: &str) -> Result<(), LabError> {
        let node = self.node(node)?;
        if node.is_on() {
            return Ok(());
        }
        node.power_on()?;
        node.wait_until_ready().map(drop)
    }

    /// Pulls a node's cable.
    pub fn unplug(&self, node: &str) -> Result<(), LabError> {
        self.node(node)?.set_plugged(false)
    }

    /// Plugs a node's cable in again.
    pub fn plug(&self, node: &str) -> Result<(), LabError> {
        self.node(node)?.set_plugged(true)
    }

    /// Pins sensors of a node, or releases them.
    pub fn set(&self, node: &str, settings: &[Setting]) -> Result<(), LabError> {
        self.node(node)?.set(settings)
    }

    /// A command that will run in the operator namespace, where the nodes can be reached and nothing else can.
    pub fn operator_command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = netns::command_in(&self.place.operator(), program);
        command.env("PICTL_LAB", &self.spec.name);
        command
    }

    /// Runs a command (not empty) in the operator namespace, with this process's standard streams.
    pub fn exec(&self, command: &[OsString]) -> Result<ExitStatus, LabError> {
        let Some((program, arguments)) = command.split_first() else {
            return Err(super::spec::bad("command", "", "must not be empty"));
        };
        let mut command = self.operator_command(program);
        command.args(arguments).status().map_err(|error| tool::failed(&command, &error))
    }

    /// A shell in the operator namespace.
    pub fn shell(&self) -> Result<ExitStatus, LabError> {
        self.exec(&[std::env::var_os("SHELL").unwrap_or_else(|| "/bin/bash".into())])
    }

    fn nodes(&self) -> Vec<Node<'_>> {
        self.spec.plan().into_iter().map(|plan| Node::new(&self.place, &self.spec, plan)).collect()
    }

    fn node(&self, name: &str) -> Result<Node<'_>, LabError> {
        Ok(Node::new(&self.place, &self.spec, self.spec.find(name)?))
    }

    /// From here on the name is taken, and a search for remains finds at least the directory.
    fn claim_name(&self) -> Result<(), LabError> {
        let leftovers = Self::list()?.contains(&self.spec.name);
        fs::create_dir_all(LABS).map_err(LabError::io("create", Path::new(LABS)))?;
        let dir = self.place.dir();
        // Disks have private keys, the specification has a password.
        match DirBuilder::new().mode(0o700).create(&dir) {
            Ok(()) if !leftovers => {}
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(LabError::io("create", &dir)(error)),
            _ => return Err(LabError::Exists { name: self.spec.name.clone() }),
        }
        let path = self.place.spec_file();
        let text =
            serde_json::to_string_pretty(&self.spec).map_err(|error| LabError::io("write", &path)(error.into()))?;
        let file = fs::File::options().write(true).create_new(true).mode(0o600).open(&path);
        file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(LabError::io("write", &path))
    }

    fn build(&self, progress: &mut dyn FnMut(Progress)) -> Result<(), LabError> {
        let mut layers: BTreeMap<Release, Vec<PathBuf>> = BTreeMap::new();
        for plan in self.spec.plan() {
            if let Entry::Vacant(entry) = layers.entry(plan.release) {
                entry.insert(image::ensure(plan.release, self.spec.with_mpi, progress)?);
            }
        }

        progress(Progress::Phase("making the network".into()));
        netns::create_switch(&self.place.switch())?;
        let address = Ipv4Net::new_assert(self.spec.operator_address(), self.spec.subnet.prefix_len());
        // The lowest layer is the whole image.
        if let Some(base) = layers.values().find_map(|layers| layers.last()) {
            shape::prepare(&self.spec, &self.place, base)?;
        }
        netns::create_host(&self.place.operator(), &self.place.switch(), "operator", address, None)?;

        progress(Progress::Phase(format!("booting {}", count(self.spec.nodes.into(), "node", "nodes"))));
        let (sender, results) = mpsc::channel();
        std::thread::scope(|scope| {
            for plan in self.spec.plan() {
                let (sender, layers) = (sender.clone(), &layers[&plan.release]);
                scope.spawn(move || {
                    let node = Node::new(&self.place, &self.spec, plan.clone());
                    let ready =
                        node.make_disk(layers).and_then(|()| node.power_on()).and_then(|()| node.wait_until_ready());
                    // The receiver lives as long as this scope.
                    let _ = sender.send((plan, ready));
                });
            }
            drop(sender);
            let mut first_failure = Ok(());
            for (plan, ready) in results {
                match ready {
                    Ok(banner) => progress(Progress::Ready { node: plan.name, address: plan.address, banner }),
                    Err(error) => first_failure = first_failure.and(Err(error)),
                }
            }
            first_failure
        })
    }
}

/// Waits until no `ip` is at work on the lab any more; one that a killed maker had started would make its part of the
/// lab after everything else is gone.
fn wait_for_tools(place: &Place) -> Result<(), LabError> {
    let prefix = place.prefix();
    wait::until_gone(&format!("every `ip` on {prefix}"), TOOL_LIMIT, || Ok(tools_at_work(&prefix)))
}

/// Every `ip` that has a namespace with this prefix among its arguments. (`ip netns exec` does not count: it becomes its
/// command.)
fn tools_at_work(prefix: &str) -> Vec<String> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.path());
    let ips = processes.filter(|process| fs::read(process.join("comm")).is_ok_and(|comm| comm == b"ip\n"));
    let lines = ips.filter_map(|process| {
        let line = String::from_utf8_lossy(&fs::read(process.join("cmdline")).ok()?).replace('\0', " ");
        line.contains(prefix).then(|| format!("{}: {}", process.display(), line.trim_end()))
    });
    lines.collect()
}

/// The same, again and again for as long as that removes something: what one attempt waited for in vain can have ended when
/// the next one comes.
fn remove_all(place: &Place) -> Result<bool, LabError> {
    let count = || Ok::<_, LabError>(Group::list(&place.prefix())?.len() + netns::list(&place.prefix()).len());
    let mut before = count()?;
    loop {
        match remove_once(place) {
            Err(error) => {
                let now = count()?;
                if now >= before {
                    return Err(error);
                }
                before = now;
            }
            found => return found.map(|found| found || before > 0),
        }
    }
}

/// Removes everything that has the lab's name. True when there was anything.
fn remove_once(place: &Place) -> Result<bool, LabError> {
    let (prefix, dir) = (place.prefix(), place.dir());
    let (groups, namespaces) = (Group::list(&prefix)?, netns::list(&prefix));
    let found = !groups.is_empty() || !namespaces.is_empty() || dir.exists();
    for group in groups {
        Group::new(&group)?.destroy()?;
    }
    for namespace in namespaces {
        netns::destroy(&namespace)?;
    }
    match fs::remove_dir_all(&dir) {
        Err(error) if dir.exists() => return Err(LabError::io("remove", &dir)(error)),
        _ => {}
    }
    // The last lab takes the directory of all labs with it.
    let _ = fs::remove_dir(LABS);
    Ok(found)
}
