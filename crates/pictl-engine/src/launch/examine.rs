//! Why a launch did not come to anything, from what pictl itself finds on the nodes. Launchers say little: that a daemon is
//! missing and not on which node, or nothing at all.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use pictl_formats::diagnosis::{self, Explanation, NO_ANSWER, ssh_failure};
use pictl_formats::failure;
use pictl_formats::launcher;
use pictl_model::NodeId;
use pictl_model::node::MpiInstall;
use pictl_model::text::clean;
use tokio::time::timeout;

use super::{Found, Place, Sessions, reach};
use crate::ports::Session;
use crate::remote;
use crate::script::Script;
use crate::setup::action::Peer;

/// For the state of a node.
const LIMIT: Duration = Duration::from_secs(8);
/// For the head to log in to all others.
const LOGINS: Duration = Duration::from_secs(30);

/// Where a launch happens.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    /// Its nodes and its head.
    pub(super) places: Vec<Place>,
    /// Where the launcher runs.
    pub(super) head: NodeId,
    /// Which launcher it is.
    pub(super) install: MpiInstall,
}

/// What pictl finds, once a launch has failed that printed `errors`; `None` when nothing is wrong that it can see.
pub(super) async fn examine(scene: &Scene, sessions: &Sessions, errors: &str) -> Option<Found> {
    let explained = diagnosis::explain(errors);
    let (blocked, states) = tokio::join!(reach::blocked(&scene.places, &scene.head, sessions), states(scene, sessions));
    if let Some(found) = blocked.or_else(|| daemons(scene, &states)) {
        return Some(found);
    }
    let id = explained.as_ref().map(|explanation| explanation.id);
    if id == Some(failure::NETWORK_SETTINGS.id)
        && let Some(found) = settings(&states)
    {
        return Some(found);
    }
    if let Some(found) = states.iter().find_map(|(place, state)| tmp(place, state)) {
        return Some(found);
    }
    if let Some(found) = explained.as_ref().and_then(|explanation| far(scene, &states, explanation)) {
        return Some(found);
    }
    let of_ssh = explained.as_ref().is_some_and(|explanation| explanation.is_of_ssh);
    if of_ssh || explained.is_none() { logins(scene, sessions).await } else { None }
}

/// What each node that answers says of itself.
async fn states<'a>(scene: &'a Scene, sessions: &Sessions) -> Vec<(&'a Place, String)> {
    let folder = scene.install.launcher.rsplit_once('/').map_or("", |(folder, _)| folder);
    let daemons = launcher::of(&scene.install).daemons().names;
    let args: Vec<_> = std::iter::once(folder).chain(daemons.iter().copied()).collect();
    let asked = scene.places.iter().map(|place| {
        let (session, args) = (sessions.get(&place.node).cloned(), &args);
        async move {
            let command = Script::LAUNCHER_STATE.command(args, Some(LIMIT));
            let output = timeout(LIMIT, session?.run(command)).await.ok()?.ok()?;
            Some((place, String::from_utf8_lossy(&output.out).into_owned()))
        }
    });
    join_all(asked).await.into_iter().flatten().collect()
}

/// What follows `key` on each line that begins with it.
fn values<'a>(state: &'a str, key: &'a str) -> impl Iterator<Item = &'a str> {
    state.lines().filter_map(move |line| line.strip_prefix(key)?.strip_prefix(' '))
}

/// Nodes whose daemon is missing or does not run.
fn daemons(scene: &Scene, states: &[(&Place, String)]) -> Option<Found> {
    let launcher = launcher::of(&scene.install);
    let mut missing = Vec::new();
    let mut broken = Vec::new();
    for (place, state) in states {
        missing.extend(values(state, "daemon").filter_map(|said| said.strip_suffix(" -")).map(|name| (*place, name)));
        broken.extend(values(state, "broken").filter_map(|said| said.split_once(' ')).map(|(_, why)| (*place, why)));
    }
    let package = launcher.packages().launcher;
    let again = |names: &str| match scene.install.prefix() {
        Some(prefix) => format!("copy {prefix} to {names} once more, whole, from a node where it works"),
        None => format!(
            "install it again: pictl exec --nodes {names} -- \"sudo apt-get update && sudo apt-get install --reinstall -y \
             {package}\""
        ),
    };
    if let Some((_, daemon)) = missing.first() {
        let names = listed(missing.iter().map(|(place, _)| *place));
        let place = scene.install.prefix().map(|prefix| format!(" in {prefix}/bin")).unwrap_or_default();
        let problem = format!("{names}: {daemon}, which {} starts there, is missing{place}", launcher.name());
        return Some(Found { problem, hint: again(&names) });
    }
    let (place, why) = broken.first()?;
    Some(Found { problem: format!("{}: {}", place.name, clean(why, 200)), hint: again(&place.name) })
}

/// Settings of Open MPI that contradict the network that pictl chooses.
fn settings(states: &[(&Place, String)]) -> Option<Found> {
    let mut all = states.iter().flat_map(|(place, state)| values(state, "setting").map(move |said| (*place, said)));
    let (place, said) = all.find(|(_, said)| said.contains("_if_exclude"))?;
    let mut fields = said.splitn(3, ' ');
    let (file, line, text) = (fields.next()?, fields.next()?, fields.next()?);
    Some(Found {
        problem: format!(
            "{}: line {line} of {} ({}) contradicts the network that pictl chooses: Open MPI accepts only one of the two",
            place.name,
            clean(file, 200),
            clean(text.trim(), 200)
        ),
        hint: format!(
            "take that line out of {} on {}; pictl keeps Open MPI on the cluster's network",
            clean(file, 200),
            place.name
        ),
    })
}

/// A node on which a launcher cannot write its own files.
fn tmp(place: &Place, state: &str) -> Option<Found> {
    let (folder, why) = values(state, "tmp").next()?.split_once(' ')?;
    Some(Found {
        problem: if why.starts_with("only ") {
            format!("{}: {} is nearly full: {}", place.name, clean(folder, 100), clean(why, 200))
        } else {
            format!("{}: nothing can be written to {}: {}", place.name, clean(folder, 100), clean(why, 200))
        },
        hint: format!(
            "free some space there, or make it writable: `df -h {0}; ls -ld {0}` on {1}",
            clean(folder, 100),
            place.name
        ),
    })
}

/// A node that the head cannot reach, and that answers pictl: neither its power nor its cable is the cause.
fn far(scene: &Scene, states: &[(&Place, String)], explanation: &Explanation) -> Option<Found> {
    let node = explanation.node.as_deref().filter(|_| explanation.id == NO_ANSWER)?;
    let is_it = |place: &&Place| place.address.to_string() == node || place.name == node;
    let place = states.iter().map(|(place, _)| *place).find(is_it)?;
    let head = scene.places.iter().find(|place| place.node == scene.head)?;
    Some(Found {
        problem: format!(
            "{} cannot reach {} ({}), although that answers pictl: the two are in different networks, or a firewall is \
             between them",
            head.name, place.name, place.address
        ),
        hint: format!(
            "give all nodes addresses in one network; `ip route get {}` on {} shows where its packets go",
            place.address, head.name
        ),
    })
}

/// The first node that the head cannot log in to, as the launcher does.
async fn logins(scene: &Scene, sessions: &Sessions) -> Option<Found> {
    // Outside of the cluster SSH has options of its own.
    let head = scene.places.iter().find(|place| place.node == scene.head && !place.node.is_operator())?;
    let session: &Arc<dyn Session> = sessions.get(&scene.head)?;
    let others = scene.places.iter().filter(|place| place.node != scene.head);
    let peers: Vec<_> = others.map(|place| (place, peer(place).argument())).collect();
    let args: Vec<_> = std::iter::once("-").chain(peers.iter().map(|(_, argument)| argument.as_str())).collect();
    let output = remote::run(&**session, Script::PAIR_CHECK.command(&args, Some(LOGINS)));
    let output = timeout(LOGINS, output).await.ok()?.ok()?;
    let text = String::from_utf8_lossy(&output.out).into_owned();
    text.lines().find_map(|line| {
        let mut fields = line.strip_prefix("bad ")?.splitn(2, ' ');
        let target = fields.next()?;
        let (place, _) = peers.iter().find(|(_, argument)| argument == target)?;
        let why = ssh_failure(fields.next().unwrap_or_default());
        Some(Found { problem: format!("{} cannot log in to {}: {}", head.name, place.name, why.why), hint: why.hint })
    })
}

fn peer(place: &Place) -> Peer {
    Peer {
        node: place.node.clone(),
        name: place.name.clone(),
        user: place.user.clone(),
        host: place.address.to_string(),
        port: place.port,
        misled: None,
    }
}

/// `pi01,pi02`, as `--nodes` takes it.
fn listed<'a>(places: impl Iterator<Item = &'a Place>) -> String {
    places.map(|place| place.name.as_str()).collect::<Vec<_>>().join(",")
}
