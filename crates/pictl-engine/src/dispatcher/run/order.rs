//! The plan of a run: who computes, with which launcher, by which command line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use pictl_formats::{launcher, machinefile};
use pictl_model::node::{Facts, Member, MpiFamily};
use pictl_model::request::Refusal;
use pictl_model::run::{RunHost, RunPlan, Series};
use pictl_model::{Millis, NodeId, RunId};

use super::Run;
use super::head::{Chief, ssh_config};
use super::install::common_mpi;
use super::ppsum;
use crate::choice;
use crate::dispatcher::core::Core;
use crate::input::{LaunchOrder, Proof};
use crate::launch::{Pin, Place, hostfile_path, rsh_path, ssh_config_path, ssh_ports};
use crate::payload::Payload;
use crate::programs::hpl;
use crate::smoke::{SmokeNode, SmokePlan};

impl Run {
    /// What the next repetition needs; or why it cannot be, reason by reason.
    pub(super) fn order(&self, core: &Core) -> Result<LaunchOrder, Vec<Refusal>> {
        let one = |reason: String, hint: &str| vec![Refusal { node: None, reason, hint: hint.to_owned() }];
        let facts: BTreeMap<NodeId, Facts> = self
            .members
            .iter()
            .filter_map(|m| core.readings.get(&m.id).map(|r| (m.id.clone(), r.facts.clone())))
            .collect();
        let head = self.chief(core).map_err(|refusal| vec![refusal])?;
        let decided = core.cluster_mpi(None);
        let families = match decided {
            // With another one the run would not be what setup has proved, and the machinefile says.
            Some(family) => vec![family],
            None => launcher::families_from(self.evident_family(core, &facts)).collect(),
        };
        let install = common_mpi(&self.members, &facts, &head, &families)?;
        let wish = &self.request.launch;
        if let Some(reason) = launcher::of(&install).cannot_spawn(wish.spawn) {
            return Err(one(reason.to_owned(), "leave --launch tree out"));
        }
        let asked_slots =
            |node: &NodeId| wish.slots.iter().find(|(of, slots)| of == node && *slots > 0).map(|(_, slots)| *slots);
        let hosts: Vec<RunHost> = self
            .members
            .iter()
            .map(|m| RunHost {
                node: m.id.clone(),
                name: m.name.to_string(),
                address: m.address,
                slots: asked_slots(&m.id).or(facts.get(&m.id).map(|f| f.cores)).unwrap_or(1),
            })
            .collect();
        let slots: u32 = hosts.iter().map(|h| u32::from(h.slots)).sum();
        // Open MPI binds a rank to a core, and refuses more of them than cores, whatever its hostfile allows.
        let cores = |host: &RunHost| facts.get(&host.node).map_or(host.slots, |f| f.cores.min(host.slots));
        let bindable: u32 = hosts.iter().map(|h| u32::from(cores(h))).sum();
        let Some(payload) = &self.payload else { return Err(Vec::new()) };
        let ranks = self.request.ranks.unwrap_or_else(|| payload.ranks(hosts.len(), slots));
        let style = machinefile::Style { started_by: &[head.user], ..machinefile::Style::default() };
        let entries = machinefile::entries(
            self.members.iter().zip(&hosts).map(|(m, h)| machinefile::Host {
                name: m.name.as_str(),
                address: h.address,
                slots: h.slots,
                user: &m.user,
            }),
            &style,
        );
        let hostfile =
            machinefile::write(launcher::of(&install), &entries).map_err(|e| one(e.to_string(), &e.hint()))?;

        let mut workload = payload.workload(&self.request.workload);
        if let Some((reason, hint)) = payload.obstacle(&workload, ranks) {
            return Err(one(reason, hint));
        }
        if let Some(wished) = &workload.hpl {
            let settled = hpl::settle(wished, ranks, wish.map, &places(core, &hosts), install.family);
            workload.hpl = Some(settled.map_err(|(reason, hint)| one(reason, &hint))?);
        }
        let id = RunId::new(core.journal.now, &workload.name, core.salt);
        let homes: Vec<_> = facts.values().map(|f| f.home.as_str()).collect();
        let others = self.members.iter().filter_map(|m| facts.get(&m.id).map(|f| (f, m.address)));
        let pin = Pin::of(std::iter::once((head.facts(), head.address)).chain(others));
        let home = &head.facts().home;
        let ssh_options = if self.has_outside_head() {
            Some(ssh_config(core, &self.members))
        } else {
            ssh_ports(self.members.iter().map(|m| (m.address, m.port)))
        };
        let places = places_of(&self.members, &facts, &head);
        let shells: Vec<_> = std::iter::once(head.facts()).chain(facts.values()).map(|f| f.shell.clone()).collect();
        let options = launcher::Options {
            map: wish.map,
            spawn: wish.spawn,
            ssh_config: ssh_options.as_ref().map(|_| ssh_config_path(home, &id)),
            rsh: rsh_path(home, &id, wish.spawn, shells.iter().map(Option::as_deref)),
            outside: self.has_outside_head(),
            as_root: head.reading.uid == 0,
        };
        let program = payload.command(&homes, &workload);
        let command = if payload.is_client() {
            if self.has_outside_head() {
                return Err(one(format!("{} begins on a node of the cluster", workload.name), "leave --head out"));
            }
            ppsum::command(program, ranks, &hosts, &self.members, &head).map_err(|(reason, hint)| one(reason, &hint))?
        } else {
            launcher::command(&launcher::Launch {
                install: install.clone(),
                ranks,
                hostfile: hostfile_path(home, &id),
                subnet: pin.subnet,
                interfaces: pin.interfaces.clone(),
                nodes: hosts.len(),
                slots_total: bindable,
                options: options.clone(),
                env: vec![("PICTL_RUN".to_owned(), id.to_string())],
                program,
            })
        };
        let series = (self.request.repeat > 1).then(|| Series {
            first: self.first.clone().unwrap_or_else(|| id.clone()),
            index: self.begun + 1,
            of: self.request.repeat,
        });
        let plan = RunPlan {
            id,
            series,
            workload,
            ranks,
            hosts,
            head: head.id.clone(),
            mpi: install,
            command,
            planned_at: core.journal.now,
        };
        let smoke = SmokePlan {
            head: head.id.clone(),
            places: places.clone(),
            home: home.clone(),
            install: plan.mpi.clone(),
            nodes: self
                .members
                .iter()
                .filter_map(|m| {
                    let name = facts.get(&m.id)?.hostname.clone();
                    Some(SmokeNode { node: m.id.clone(), name, user: m.user.clone() })
                })
                .collect(),
            machinefile: hostfile.clone(),
            homes: homes.iter().map(|&home| home.to_owned()).collect(),
            pin,
            python: payload.is_python(),
            as_root: options.as_root,
            shells,
            ssh_config: ssh_options.clone(),
            locked_key: self.has_outside_head().then(|| locked_key(core)).flatten(),
        };
        let proof = Proof { hash: proof_hash(&smoke, &hostfile, &facts), plan: smoke };
        let span = |limit: Option<Millis>| limit.map(|t| Duration::from_millis(t.0));
        Ok(LaunchOrder {
            hostfile,
            files: payload.files(),
            own_files: payload.own_files(),
            ssh_config: ssh_options,
            places,
            limit: span(self.request.timeout),
            silence: span(wish.silence.or_else(|| payload.silence())),
            proof: (!payload.is_client() && !core.proved.contains(&proof.hash)).then_some(proof),
            input: self.request.program.as_ref().is_some_and(|program| program.input),
            joined: None,
            plan,
        })
    }

    /// The MPI to use where none is decided: for Python the one of its mpi4py, without which it cannot run; otherwise as setup
    /// would choose.
    fn evident_family(&self, core: &Core, facts: &BTreeMap<NodeId, Facts>) -> MpiFamily {
        let head = self.members.iter().find(|m| m.head).or(self.members.first());
        let head = head.and_then(|m| core.readings.get(&m.id));
        let python = self.payload.as_ref().is_some_and(Payload::is_python);
        let mpi4py = head.and_then(|head| head.facts.mpi4py.as_ref()).filter(|_| python).and_then(|py| py.family);
        let nodes: Vec<_> = facts.values().collect();
        mpi4py.unwrap_or_else(|| choice::evident(head.map(AsRef::as_ref), &nodes))
    }
}

/// The nodes of a run and its head, by the addresses by which they reach one another.
fn places_of(members: &[Member], facts: &BTreeMap<NodeId, Facts>, head: &Chief) -> Vec<Place> {
    let mut places: Vec<_> = members
        .iter()
        .map(|m| Place {
            node: m.id.clone(),
            name: facts.get(&m.id).map_or_else(|| m.name.to_string(), |f| f.hostname.clone()),
            address: m.address,
            user: m.user.clone(),
            port: m.port,
        })
        .collect();
    if head.id.is_operator() {
        places.push(Place {
            node: head.id.clone(),
            name: head.name.to_owned(),
            address: head.address,
            user: head.user.to_owned(),
            port: 22,
        });
    }
    places
}

/// The file of the operator's key, where a passphrase protects it and no agent has it.
fn locked_key(core: &Core) -> Option<PathBuf> {
    let key = core.links.key.as_ref().filter(|key| key.locked)?;
    key.path().map(Path::to_owned)
}

/// What is shown before a run begins: how long it should take, where that can be known.
pub(super) fn preface(core: &Core, plan: &RunPlan) -> Option<String> {
    hpl::preface(plan.workload.hpl.as_ref()?, &places(core, &plan.hosts))
}

/// The nodes as HPL sees them.
pub(super) fn places<'a>(core: &'a Core, hosts: &'a [RunHost]) -> Vec<hpl::Place<'a>> {
    let known = hosts.iter().filter_map(|host| core.readings.get(&host.node).map(|reading| (host, reading)));
    known
        .map(|(host, reading)| hpl::Place { name: &host.name, slots: host.slots.into(), facts: &reading.facts })
        .collect()
}

/// A hash of all that a proof depends on.
fn proof_hash(plan: &SmokePlan, hostfile: &str, facts: &BTreeMap<NodeId, Facts>) -> String {
    let of_nodes = plan.nodes.iter().map(|node| {
        let mpi4py = facts.get(&node.node).and_then(|f| f.mpi4py.as_ref());
        format!("{} {} {} {mpi4py:?}\n", node.node, node.name, node.user)
    });
    let text: String = of_nodes.collect();
    let all = format!(
        "{} {:?} {} {}\n{hostfile}\n{text}",
        plan.head,
        plan.install,
        plan.python,
        plan.pin.interfaces.join(",")
    );
    pictl_formats::hash::sha256_hex(all.as_bytes())
}
