//! Who reaches whom: every node logs in to every other one, as `mpirun` will, by key and with strict host key checking.

use std::collections::{BTreeMap, HashSet};
use std::net::IpAddr;
use std::time::Duration;

use pictl_formats::diagnosis::ssh_failure;
use pictl_formats::facts::{FileKind, NodeReading};
use pictl_model::NodeId;
use pictl_model::event::PairProblem;

use super::action::{Action, PairPlan, PairTarget, StepNews};
use super::hands::Hands;
use super::steps::{Check, ClusterPlan, PlanNode, Readings};
use crate::remote::{RemoteError, by_line, failure};
use crate::script::Script;

/// For the node to begin, and for logins that are answered.
const LIMIT: Duration = Duration::from_secs(60);
/// For one login that nobody answers. (Three go on at a time.)
const SILENT: Duration = Duration::from_secs(22);
/// Bytes of the script's own errors that are looked at.
const MAX_ERR: usize = 16 << 10;
/// Failed pairs that are told one by one.
const TOLD: usize = 3;

/// The proof changes nothing, so it has always to be done. Targets begin with the node that comes next, so that no node
/// meets all others at the same moment.
pub(super) fn check(plan: &ClusterPlan, readings: &Readings, me: &PlanNode, reading: &NodeReading) -> Check {
    let read: Vec<&PlanNode> = plan.nodes.iter().filter(|n| readings.contains_key(&n.node)).collect();
    let at = read.iter().position(|n| n.node == me.node).unwrap_or(0);
    let others = read.iter().cycle().skip(at + 1).take(read.len().saturating_sub(1));
    let hosts = reading.files.get(&FileKind::Hosts).map(|state| String::from_utf8_lossy(state.content()));
    let names = hosts.as_deref().map(names_of).unwrap_or_default();
    let targets: Vec<_> = others
        .filter(|to| plan.all_pairs || me.head || to.head)
        .map(|to| PairTarget {
            node: to.node.clone(),
            name: to.name.to_string(),
            user: to.user.clone(),
            host: if names.contains(&(to.address, to.name.as_str())) {
                to.name.to_string()
            } else {
                to.address.to_string()
            },
            port: to.port,
        })
        .collect();
    let next = plan.keys.work.rotate_nodes;
    if targets.is_empty() && !next {
        return Check::AlreadySo("there is no other node to reach".into());
    }
    let mut actions = vec![Action::Pairs(PairPlan { targets, next })];
    if next {
        actions.push(Action::TakeNextKey { comment: format!("{}@{}", me.user, me.name) });
    }
    Check::Change {
        message: if next { "log in everywhere with the new key, then take it" } else { "log in to every other node" }
            .into(),
        change: Vec::new(),
        actions,
        reservation: None,
    }
}

/// The names that the node finds by itself, each with its address.
fn names_of(text: &str) -> HashSet<(IpAddr, &str)> {
    let lines = text.lines().filter_map(|line| {
        let mut words = line.split('#').next()?.split_ascii_whitespace();
        Some((words.next()?.parse::<IpAddr>().ok()?, words))
    });
    lines.flat_map(|(address, names)| names.map(move |name| (address, name))).collect()
}

/// Tries them, and tells of each as soon as it is known.
pub(super) async fn prove(plan: PairPlan, hands: &Hands) -> Result<String, RemoteError> {
    if plan.targets.is_empty() {
        return Ok("there is no other node to reach".into());
    }
    let words: Vec<String> = plan.targets.iter().map(PairTarget::word).collect();
    let mut args = vec![if plan.next { "next" } else { "-" }];
    args.extend(words.iter().map(String::as_str));
    let limit = LIMIT + SILENT * u32::try_from(plan.targets.len().div_ceil(3)).unwrap_or(u32::MAX);
    let mut open: BTreeMap<&str, &PairTarget> = words.iter().map(String::as_str).zip(&plan.targets).collect();
    let mut failed = Vec::new();
    let output = by_line(&*hands.session, Script::PAIR_CHECK.command(&args, Some(limit)), MAX_ERR, |line| {
        let mut words = line.splitn(3, ' ');
        let (Some(how), Some(target)) = (words.next(), words.next()) else { return };
        let Some(to) = open.remove(target) else { return };
        let problem = (how != "ok").then(|| ssh_failure(words.next().unwrap_or_default()));
        tell(hands, &to.node, problem.clone());
        failed.extend(problem.map(|problem| (to.name.clone(), problem)));
    })
    .await?;
    if output.status != Some(0) {
        return Err(failure(&output));
    }
    for to in open.into_values() {
        let problem = ssh_failure("");
        tell(hands, &to.node, Some(problem.clone()));
        failed.push((to.name.clone(), problem));
    }
    match failed.first() {
        None => Ok(format!("logs in to {}", plan.all())),
        Some((_, first)) => {
            let told: Vec<_> = failed.iter().take(TOLD).map(|(name, p)| format!("{name} ({})", p.why)).collect();
            let more = if failed.len() > TOLD { format!(" and {} more", failed.len() - TOLD) } else { String::new() };
            Err(RemoteError::new(format!("cannot log in to {}{more}", told.join(", ")), first.hint.clone()))
        }
    }
}

fn tell(hands: &Hands, to: &NodeId, problem: Option<PairProblem>) {
    let _ = hands.news.send(StepNews::Pair { to: to.clone(), problem });
}
