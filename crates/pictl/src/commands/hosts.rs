//! What a scan found out about a host, in a line, in a table and as JSON.

use std::net::IpAddr;

use comfy_table::Table;
use pictl_model::Timestamp;
use pictl_model::banner::os_of_banner;
use pictl_model::node::{Change, Flag, Likelihood, PiHint};
use pictl_model::world::{NodeView, World};
use serde_json::{Value, json};

/// The hosts that were seen, in the order of their addresses.
pub(crate) fn found(world: &World) -> Vec<NodeView> {
    let mut hosts: Vec<_> = world.nodes.values().filter(|n| n.sighting.is_some()).cloned().collect();
    hosts.sort_by_key(NodeView::address);
    hosts
}

/// In a line, with what is known of it by now.
pub(crate) fn line(host: &NodeView) -> String {
    let seen = host.sighting.as_ref();
    let line = format!(
        "{:<15} {:<17} {}  {}",
        host.address().map_or_else(|| host.id.to_string(), |address| address.to_string()),
        host.mac().map(|mac| mac.to_string()).unwrap_or_default(),
        seen.and_then(|s| s.vendor.as_deref()).unwrap_or_default(),
        name(host).unwrap_or_default(),
    );
    line.trim_end().to_owned()
}

/// As a table, each in a row with what matters most of all that is known.
pub(crate) fn table(hosts: &[NodeView]) -> Table {
    let mut table = super::print::table(&["address", "MAC", "maker", "Raspberry Pi", "name", "SSH server", ""]);
    for host in hosts {
        let Some(seen) = &host.sighting else { continue };
        let or_dash = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
        table.add_row([
            seen.address.to_string(),
            or_dash(seen.mac.map(|mac| mac.to_string())),
            or_dash(seen.vendor.clone()),
            pi(host),
            or_dash(name(host)),
            or_dash(seen.ssh.as_deref().map(server)),
            remarks(host),
        ]);
    }
    table
}

/// As programs read it. The fields up to `seen_by` are promised to stay.
pub(crate) fn json(host: &NodeView) -> Value {
    let seen = host.sighting.as_ref();
    let member = host.member.as_ref().map(|m| m.name.to_string());
    let hostname = seen.and_then(|s| s.hostname.clone());
    let names: Vec<_> = member.iter().chain(&hostname).collect();
    let os = host.facts.as_ref().map(|f| f.os.clone()).or_else(|| os_of_banner(seen?.ssh.as_ref()?));
    json!({
        "ip": host.address(),
        "mac": host.mac(),
        "vendor": seen.and_then(|s| s.vendor.clone()),
        "pi": host.is_pi(),
        "model": host.model(),
        "hostname": hostname,
        "names": names,
        "ssh": seen.and_then(|s| s.ssh.clone()),
        "rtt_ms": seen.and_then(|s| s.rtt),
        "seen_by": seen.map(|s| s.seen_by.clone()).unwrap_or_default(),
        "pi_score": host.pi_score(),
        "pi_by": host.hints(),
        "os": os,
        "others": seen.map(|s| s.others.clone()).unwrap_or_default(),
        "also": host.also,
        "interfaces": seen.map(|s| s.interfaces.clone()).unwrap_or_default(),
        "flags": seen.map(|s| s.flags.clone()).unwrap_or_default(),
        "change": host.change.map(|(_, change)| change.word()),
        "from": moved_from(host),
        "member": member,
    })
}

/// A host that is watched and of which something became, as programs read it.
pub(crate) fn changed_json(host: &NodeView) -> Value {
    let mut object = json(host);
    object["change"] = became(host).into();
    object
}

/// The same as a line: when, what became of it, and the host.
pub(crate) fn changed_line(host: &NodeView) -> String {
    let when = host.change.map(|(at, _)| at).or(host.last_seen).map(Timestamp::rfc3339).unwrap_or_default();
    let from = moved_from(host).map(|from| format!("  (was {from})")).unwrap_or_default();
    format!("{when} {:<5} {}{from}", became(host), line(host))
}

/// What became of a host; one of which nothing is known was gone for a while.
fn became(host: &NodeView) -> &'static str {
    host.change.map_or("back", |(_, change)| change.word())
}

fn moved_from(host: &NodeView) -> Option<IpAddr> {
    if let Some((_, Change::Moved { from })) = host.change { Some(from) } else { None }
}

/// Its name in the cluster, else the one it goes by.
fn name(host: &NodeView) -> Option<String> {
    let hostname = || host.sighting.as_ref().and_then(|s| s.hostname.clone());
    host.member.as_ref().map(|m| m.name.to_string()).or_else(hostname)
}

/// How sure it is that it is a Raspberry Pi, and what says so.
pub(crate) fn pi(host: &NodeView) -> String {
    let hints = host.hints();
    let sure = match host.likelihood() {
        Likelihood::No => return "-".to_owned(),
        sure => sure.word(),
    };
    let by = hints.into_iter().map(PiHint::word);
    format!("{sure}: {}", by.collect::<Vec<_>>().join(", "))
}

/// The operating system according to an SSH banner, else the server's own name.
fn server(banner: &str) -> String {
    os_of_banner(banner).unwrap_or_else(|| banner.strip_prefix("SSH-2.0-").unwrap_or(banner).to_owned())
}

/// What is odd about it, what became of it, and its further addresses.
fn remarks(host: &NodeView) -> String {
    let flags = host.sighting.iter().flat_map(|s| &s.flags).map(Flag::summary);
    let change = host.change.map(|(_, change)| match change {
        Change::Moved { from } => format!("moved from {from}"),
        Change::New | Change::Gone => change.word().to_owned(),
    });
    let also = host.also.iter().map(|other| format!("also {}", other.address));
    flags.chain(change).chain(also).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use pictl_model::event::{Event, Stamped};
    use pictl_model::node::{SeenBy, Sighting};
    use pictl_model::{MacAddr, NodeId};

    use super::*;

    const MAC: MacAddr = MacAddr([0xdc, 0xa6, 0x32, 1, 2, 3]);

    fn world(events: impl IntoIterator<Item = Event>) -> World {
        let mut world = World::default();
        for (seq, event) in events.into_iter().enumerate() {
            world.apply(&Stamped { v: 1, seq: seq as u64, at: Timestamp(1_795_164_301_000), event });
        }
        world
    }

    fn seen(flags: Vec<Flag>) -> Event {
        let sighting = Sighting {
            address: [10, 0, 0, 31].into(),
            port: 22,
            mac: Some(MAC),
            vendor: Some("Raspberry Pi".into()),
            hints: vec![PiHint::Prefix, PiHint::Name],
            hostname: Some("raspberrypi.local".into()),
            ssh: Some("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3".into()),
            rtt: None,
            seen_by: vec![SeenBy::Arp],
            others: Vec::new(),
            interfaces: Vec::new(),
            flags,
        };
        Event::Seen { node: NodeId::from_mac(MAC), sighting }
    }

    #[test]
    fn a_row_has_what_matters() {
        let moved =
            Event::Moved { node: NodeId::from_mac(MAC), from: [10, 0, 0, 23].into(), to: [10, 0, 0, 31].into() };
        let other = MacAddr([2, 0, 0, 0, 0, 9]);
        let hosts = found(&world([seen(vec![Flag::Contested { mac: other }]), moved]));
        let table = table(&hosts).to_string();
        let row: Vec<_> = table.lines().nth(1).unwrap().split("  ").map(str::trim).filter(|w| !w.is_empty()).collect();
        let remarks = "! 02:00:00:00:00:09 claims this address, too, moved from 10.0.0.23";
        let name = "raspberrypi.local";
        let mac = MAC.to_string();
        assert_eq!(
            row,
            ["10.0.0.31", &mac, "Raspberry Pi", "likely: MAC, name", name, "Debian 12 (bookworm)", remarks]
        );
    }

    #[test]
    fn programs_get_the_promised_fields_and_what_became_of_a_host() {
        let host = found(&world([seen(Vec::new())])).remove(0);
        let object = json(&host);
        for field in ["ip", "mac", "vendor", "pi", "model", "hostname", "names", "ssh", "rtt_ms", "seen_by"] {
            assert!(object.get(field).is_some(), "{field} is missing in {object}");
        }
        assert_eq!(
            (&object["pi"], &object["pi_score"], &object["pi_by"]),
            (&true.into(), &80.into(), &json!(["prefix", "name"]))
        );
        assert_eq!((&object["os"], &object["change"]), (&"Debian 12 (bookworm)".into(), &Value::Null));
        assert_eq!(changed_json(&host)["change"], "back");
    }

    #[test]
    fn a_change_is_a_line_with_its_time() {
        let gone = Event::Gone { node: NodeId::from_mac(MAC) };
        let line_of = |events: Vec<Event>| changed_line(&found(&world(events))[0]);
        let line = "10.0.0.31       dc:a6:32:01:02:03 Raspberry Pi  raspberrypi.local";
        assert_eq!(line_of(vec![seen(Vec::new()), gone.clone()]), format!("2026-11-20T08:45:01Z gone  {line}"));
        assert_eq!(
            line_of(vec![seen(Vec::new()), gone, seen(Vec::new())]),
            format!("2026-11-20T08:45:01Z back  {line}")
        );
    }
}
