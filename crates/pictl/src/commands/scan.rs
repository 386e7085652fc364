//! `pictl scan`.

use comfy_table::Table;
use pictl_formats::targets::{Targets, WIDE};
use pictl_model::NodeId;
use pictl_model::event::Event;
use pictl_model::request::Request;
use pictl_model::world::{NodeView, World};

use crate::cli;
use crate::drive::{Session, confirm};
use crate::exit::{Exit, Trouble};
use crate::front::{Front, out, tell};
use crate::secrets::Secrets;
use crate::wire::Setting;

/// Finds hosts, lists them, and keeps the Raspberry Pis if asked to.
pub(crate) async fn run(setting: &Setting, args: &cli::Scan) -> Result<Exit, Trouble> {
    let request = setting.scan(&args.targets, args.method, args.interface.as_ref());
    if !request.targets.is_empty() {
        let targets = Targets::parse(&request.targets).map_err(Trouble::usage)?;
        let question = format!("{} addresses are many; scan them all? [y/N] ", targets.len());
        if targets.len() > WIDE && !args.yes && !(setting.interactive() && confirm(&question)) {
            let why = format!("{targets} are {} addresses; add --yes to scan more than {WIDE}", targets.len());
            return Err(Trouble::usage(anyhow::anyhow!(why)));
        }
    }
    let front = if setting.global.json {
        Front::Quiet
    } else {
        Front::Plain { verbose: setting.global.verbose > 0, plan: false }
    };
    let mut session = Session::start(setting, front, Secrets::default())?;
    let exit = session.go(Request::Scan(request), |_, event| matches!(event, Event::ScanFinished { .. })).await?;
    let hosts = found(&session.world);
    if setting.global.json {
        for host in &hosts {
            out(&json(host).to_string());
        }
    } else if !hosts.is_empty() {
        out(&table(&hosts).to_string());
    }
    if args.save && exit == Exit::Ok {
        let pis: Vec<NodeId> = hosts.iter().filter(|h| h.is_pi()).map(|h| h.id.clone()).collect();
        let fresh = pis.iter().filter(|id| session.world.nodes.get(*id).is_some_and(|n| n.member.is_none())).count();
        let cluster = setting.global.cluster.clone();
        adopt(&mut session, setting, pis).await?;
        tell(&format!("{fresh} new nodes in the cluster {cluster}"));
    }
    session.end().await;
    Ok(exit)
}

/// Puts `nodes` into the inventory and waits until that is done.
pub(crate) async fn adopt(session: &mut Session, setting: &Setting, nodes: Vec<NodeId>) -> Result<Exit, Trouble> {
    let left: Vec<_> =
        nodes.into_iter().filter(|id| session.world.nodes.get(id).is_some_and(|n| n.member.is_none())).collect();
    if left.is_empty() {
        return Ok(Exit::Ok);
    }
    let prefix = setting.prefix(None);
    let login = setting.login(false);
    let wanted = left.clone();
    let request = Request::Adopt { nodes: left, prefix, login };
    session
        .go(request, |world, _| wanted.iter().all(|id| world.nodes.get(id).is_some_and(|n| n.member.is_some())))
        .await
}

/// The hosts that were seen, in the order of their addresses.
pub(crate) fn found(world: &World) -> Vec<NodeView> {
    let mut hosts: Vec<_> = world.nodes.values().filter(|n| n.sighting.is_some()).cloned().collect();
    hosts.sort_by_key(NodeView::address);
    hosts
}

fn hints(host: &NodeView) -> String {
    let words = host.hints().into_iter().map(|hint| match hint {
        pictl_model::node::PiHint::Prefix => "network card",
        pictl_model::node::PiHint::Banner => "SSH banner",
        pictl_model::node::PiHint::Name => "name",
        pictl_model::node::PiHint::Model => "model",
    });
    words.collect::<Vec<_>>().join(", ")
}

fn table(hosts: &[NodeView]) -> Table {
    let mut table = super::print::table(&["address", "MAC", "vendor", "Raspberry Pi by", "name", "SSH"]);
    for host in hosts {
        let Some(seen) = &host.sighting else { continue };
        let text = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
        let hints = hints(host);
        table.add_row([
            seen.address.to_string(),
            text(seen.mac.map(|m| m.to_string())),
            text(seen.vendor.clone()),
            if hints.is_empty() { "-".to_owned() } else { hints },
            text(host.member.as_ref().map(|m| m.name.to_string()).or_else(|| seen.hostname.clone())),
            text(seen.ssh.clone()),
        ]);
    }
    table
}

/// One host as programs read it.
fn json(host: &NodeView) -> serde_json::Value {
    let seen = host.sighting.as_ref();
    let names: Vec<String> = [host.member.as_ref().map(|m| m.name.to_string()), seen.and_then(|s| s.hostname.clone())]
        .into_iter()
        .flatten()
        .collect();
    serde_json::json!({
        "ip": host.address(),
        "mac": seen.and_then(|s| s.mac),
        "vendor": seen.and_then(|s| s.vendor.clone()),
        "pi": host.is_pi(),
        "model": host.model(),
        "hostname": seen.and_then(|s| s.hostname.clone()),
        "names": names,
        "ssh": seen.and_then(|s| s.ssh.clone()),
        "rtt_ms": seen.and_then(|s| s.rtt),
        "seen_by": seen.map(|s| s.seen_by.clone()).unwrap_or_default(),
    })
}
