//! Who reaches whom: every node logs in to every other one, as `mpirun` will, by key and with strict host key checking. In a
//! rotation of the nodes' keys it does so with its new key, and then puts that in place.

use std::collections::HashSet;
use std::net::IpAddr;
use std::time::Duration;

use pictl_formats::diagnosis::ssh_failure;
use pictl_formats::facts::{FileKind, FileState};
use pictl_formats::hosts::{self, Contradiction};
use pictl_model::HostName;
use pictl_model::event::PairProblem;
use pictl_model::step::StepId;

use crate::remote::RemoteError;
use crate::script::Script;
use crate::setup::action::{Action, Outcome, Peer, Replied, ScriptRun, StepNews, unexpected};
use crate::setup::check::{Check, Subject};
use crate::setup::plan::PlanNode;
use crate::setup::step::{Reads, Step, Wanted};

pub(super) const STEP: Step = Step {
    id: StepId::Pairs,
    needs: &[StepId::Facts, StepId::NodeKey, StepId::Mesh, StepId::KnownHosts],
    waits_for: &[StepId::Mesh, StepId::KnownHosts, StepId::Hostname, StepId::Hosts],
    wanted: Wanted::ByDefault,
    reads: |_| Reads { names: true, ..Reads::KEYS },
    changes: |work| work.rotate_nodes,
    guards_rotation: false,
    objections: |_| Vec::new(),
    remarks: |_, _| Vec::new(),
    check,
    line,
    reply,
};

/// With more nodes than this, a setup tries only the head and each of the others: every pair would take minutes.
const ALL_PAIRS: usize = 64;
/// For the node to begin, and for logins that are answered.
const LIMIT: Duration = Duration::from_secs(60);
/// For one login that nobody answers. (Three go on at a time.)
const SILENT: Duration = Duration::from_secs(22);
/// Failed pairs that are named one by one.
const NAMED: usize = 3;

/// So many nodes, of which every one tries every other; where it was chosen by name, any number does.
pub(crate) fn tries_all(nodes: usize, chosen: &[StepId]) -> bool {
    nodes <= ALL_PAIRS || chosen.contains(&StepId::Pairs)
}

/// A proof has always to be done. Targets begin with the node that comes next, so that no node meets all others at the same
/// moment.
fn check(subject: &Subject) -> Check {
    let Subject { plan, readings, me, reading } = *subject;
    let read: Vec<&PlanNode> = plan.nodes.iter().filter(|n| readings.contains_key(&n.node)).collect();
    let at = read.iter().position(|n| n.node == me.node).unwrap_or(0);
    let others = read.iter().cycle().skip(at + 1).take(read.len().saturating_sub(1));
    let state = reading.files.get(&FileKind::Hosts);
    let path = state.map(FileState::path).unwrap_or_default();
    let text = state.map(|state| String::from_utf8_lossy(state.content()));
    let names = text.as_deref().map(names_of).unwrap_or_default();
    let members: Vec<_> = plan.nodes.iter().map(|n| (n.address, n.name.clone())).collect();
    let wrong = text.as_deref().map(|text| hosts::contradictions(text, &plan.cluster, &members)).unwrap_or_default();
    let targets: Vec<_> = others
        .filter(|to| plan.all_pairs || me.head || to.head)
        .map(|to| Peer {
            node: to.node.clone(),
            name: to.name.to_string(),
            user: to.user.clone(),
            host: if names.contains(&(to.address, to.name.as_str())) {
                to.name.to_string()
            } else {
                to.address.to_string()
            },
            port: to.port,
            // An address needs no file.
            misled: wrong
                .iter()
                .find(|line| line.name == to.name && names.contains(&(to.address, to.name.as_str())))
                .map(|line| misled(path, &me.name, line)),
        })
        .collect();
    let next = plan.keys.work.rotate_nodes;
    if targets.is_empty() && (!next || plan.keys.taken.contains(&me.node)) {
        return Check::AlreadySo("there is no other node to reach".into());
    }
    if next && plan.keys.taken.contains(&me.node) {
        return Check::AlreadySo(reached(&targets));
    }
    let take = next.then(|| {
        let comment = format!("{}@{}", me.user, me.name);
        Action::Run(ScriptRun::new(Script::NODE_KEY, &[&comment, "take"]))
    });
    let try_all = (!targets.is_empty()).then(|| {
        let limit = LIMIT + SILENT * u32::try_from(targets.len().div_ceil(3)).unwrap_or(u32::MAX);
        let key = if next { "next" } else { "-" };
        Action::Run(ScriptRun { peers: targets, limit, follow: true, ..ScriptRun::new(Script::PAIR_CHECK, &[key]) })
    });
    let message =
        if next { "log in to every node with the new key, then put it in place" } else { "log in to every other node" };
    Check::change(message, Vec::new(), try_all.into_iter().chain(take).collect())
}

/// What it means for a login by name that a line of `path` on node `from` leads the name elsewhere. It looks like an attack, or like
/// a node that is off; the file is the cause.
fn misled(path: &str, from: &HostName, wrong: &Contradiction) -> PairProblem {
    let Contradiction { line, name, address } = wrong;
    PairProblem {
        why: format!("{path} on {from} leads {name} to {address} (line {line}), which is not its address"),
        hint: "run `pictl setup --only hosts`: it takes that name out of the line, and saves the file before"
            .to_owned(),
    }
}

/// The names that the node finds by itself, each with its address.
fn names_of(text: &str) -> HashSet<(IpAddr, &str)> {
    let lines = text.lines().filter_map(|line| {
        let mut fields = line.split('#').next()?.split_ascii_whitespace();
        Some((fields.next()?.parse::<IpAddr>().ok()?, fields))
    });
    lines.flat_map(|(address, names)| names.map(move |name| (address, name))).collect()
}

/// The targets, for a message.
fn reached(targets: &[Peer]) -> String {
    match targets {
        [one] => format!("logs in to {}", one.name),
        all => format!("logs in to all {} others", all.len()),
    }
}

/// What a line says of one target.
fn tried<'a>(run: &'a ScriptRun, line: &str) -> Option<(&'a Peer, Option<PairProblem>)> {
    let mut parts = line.splitn(3, ' ');
    let (how, target) = (parts.next()?, parts.next()?);
    let to = run.peers.iter().find(|peer| peer.argument() == target)?;
    let said = parts.next().unwrap_or_default();
    let problem = match &to.misled {
        // With cloned SD cards a login at the wrong host succeeds as well.
        Some(misled) if how != "ok" || !said.trim().eq_ignore_ascii_case(&to.name) => Some(misled.clone()),
        Some(_) => None,
        None => (how != "ok").then(|| ssh_failure(said)),
    };
    Some((to, problem))
}

/// Each pair is reported as soon as it is known.
fn line(run: &ScriptRun, line: &str) -> Option<StepNews> {
    tried(run, line).map(|(to, problem)| StepNews::Pair { to: to.node.clone(), problem })
}

fn reply(replied: &mut Replied) -> Result<Outcome, RemoteError> {
    if replied.run().is_some_and(|run| run.script == Script::NODE_KEY) {
        return taken(replied);
    }
    let run = replied.run().ok_or_else(unexpected)?.clone();
    let out = String::from_utf8_lossy(&replied.output()?.out).into_owned();
    let mut open: Vec<&Peer> = run.peers.iter().collect();
    let mut failed = Vec::new();
    for (to, problem) in out.lines().filter_map(|line| tried(&run, line)) {
        if open.contains(&to) {
            open.retain(|peer| *peer != to);
            failed.extend(problem.map(|problem| (to.name.clone(), problem)));
        }
    }
    for to in open {
        let problem = ssh_failure("");
        (replied.news)(StepNews::Pair { to: to.node.clone(), problem: Some(problem.clone()) });
        failed.push((to.name.clone(), problem));
    }
    let Some((_, first)) = failed.first() else { return Ok(Outcome::proved(reached(&run.peers))) };
    let named: Vec<_> = failed.iter().take(NAMED).map(|(name, p)| format!("{name} ({})", p.why)).collect();
    let more = if failed.len() > NAMED { format!(" and {} more", failed.len() - NAMED) } else { String::new() };
    Err(RemoteError::new(format!("cannot log in to {}{more}", named.join(", ")), first.hint.clone()))
}

/// The new key pair is in place; these were the node's before.
fn taken(replied: &Replied) -> Result<Outcome, RemoteError> {
    let (public, old) = (replied.answer("public ")?, replied.answers("old ")?.join("\n"));
    Ok(Outcome::learnt(move |memory| {
        memory.file(FileKind::PublicKey, 0o644, public.into_bytes());
        memory.file(FileKind::OldKeys, 0o600, old.into_bytes());
        memory.no_file(FileKind::NextKey);
        memory.keys.taken.insert(memory.node.clone());
    }))
}
