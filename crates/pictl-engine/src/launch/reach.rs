//! Whether the nodes of a launch reach one another on the TCP ports that MPI uses. SSH does not show that: a firewall that
//! allows SSH alone makes a launcher wait for its daemons without a word.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{join_all, pending};
use pictl_model::NodeId;
use pictl_model::text::clean;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::{Found, Place, Sessions};
use crate::ports::Session;
use crate::remote::by_line;
use crate::script::Script;

/// Seconds in which a connection within one network is made or refused, also on Wi-Fi.
const CONNECT: u16 = 4;
/// For a node to begin to listen.
const BEGIN: Duration = Duration::from_secs(4);
/// For its script that connects.
const TRY: Duration = Duration::from_secs(CONNECT as u64 + 4);
/// Seconds that nodes listen: longer than all of that takes.
const LISTEN: u16 = 20;
/// With more nodes than this, only the head and each of the others try one another.
const ALL_PAIRS: usize = 32;
/// Blocked pairs that are named one by one.
const NAMED: usize = 3;

/// A pair of nodes with ports on which the first cannot connect to the second.
#[derive(Debug, PartialEq, Eq)]
struct Blocked<'a> {
    from: &'a Place,
    to: &'a Place,
    ports: Vec<u16>,
    why: String,
}

/// Tries TCP connections between these nodes, in both directions; what is wrong with them, if anything is. A node that does
/// not answer, or cannot try, is left out: this proves that a connection is blocked, not that none is.
pub(super) async fn blocked(places: &[Place], head: &NodeId, sessions: &Sessions) -> Option<Found> {
    let here: Vec<_> = places.iter().filter_map(|place| Some((place, sessions.get(&place.node)?))).collect();
    if here.len() < 2 {
        return None;
    }
    let (answers, opened): (Vec<_>, Vec<_>) = here.iter().map(|_| oneshot::channel()).unzip();
    let listening = async {
        join_all(here.iter().zip(answers).map(|((_, session), answer)| listen(session, answer))).await;
        pending::<()>().await;
    };
    let trying = async {
        let opened = join_all(opened.into_iter().map(|opened| timeout(BEGIN, opened))).await;
        let ports = here.iter().zip(opened).filter_map(|((place, _), ports)| Some((&place.node, ports.ok()?.ok()?)));
        let ports: BTreeMap<&NodeId, Vec<u16>> = ports.collect();
        let tries = here.iter().map(|(from, session)| {
            let others = here.iter().map(|(to, _)| *to).filter(|to| to.node != from.node);
            let others = others.filter(|to| here.len() <= ALL_PAIRS || from.node == *head || to.node == *head);
            let targets = others.filter_map(|to| Some((to, ports.get(&to.node)?.clone()))).collect();
            connect(from, session, targets)
        });
        join_all(tries).await.into_iter().flatten().collect::<Vec<_>>()
    };
    let pairs = tokio::select! { pairs = trying => pairs, () = listening => Vec::new() };
    found(&pairs)
}

/// Listens on a node for as long as it is waited for; gives the ports.
async fn listen(session: &Arc<dyn Session>, answer: oneshot::Sender<Vec<u16>>) {
    let command = Script::REACH.command(&["listen", &LISTEN.to_string()], None);
    let (mut answer, mut ports) = (Some(answer), Vec::new());
    // A node that cannot listen drops its answer.
    let _ = by_line(&**session, command, 0, |line| match line.strip_prefix("port ") {
        Some(port) => ports.extend(port.parse::<u16>().ok()),
        None => {
            if let Some(answer) = answer.take() {
                let _ = answer.send(std::mem::take(&mut ports));
            }
        }
    })
    .await;
}

/// Connects from one node to the others; those that could not be reached.
async fn connect<'a>(from: &'a Place, session: &Arc<dyn Session>, to: Vec<(&'a Place, Vec<u16>)>) -> Vec<Blocked<'a>> {
    let mut args = vec!["try".to_owned(), CONNECT.to_string()];
    for (place, ports) in &to {
        args.extend(ports.iter().flat_map(|port| [place.address.to_string(), port.to_string()]));
    }
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    let Ok(Ok(output)) = timeout(TRY, session.run(Script::REACH.command(&args, Some(TRY)))).await else {
        return Vec::new();
    };
    let text = String::from_utf8_lossy(&output.out).into_owned();
    let mut bad: BTreeMap<IpAddr, (Vec<u16>, String)> = BTreeMap::new();
    for (address, port, why) in text.lines().filter_map(refusal) {
        let (ports, first) = bad.entry(address).or_insert_with(|| (Vec::new(), clean(why, 100)));
        ports.push(port);
        // A host that refuses may not say so each time (`icmp_ratelimit`).
        if first == "timeout" {
            *first = clean(why, 100);
        }
    }
    let pairs = to.iter().filter_map(|(place, _)| {
        let (mut ports, why) = bad.remove(&place.address)?;
        ports.sort_unstable();
        Some(Blocked { from, to: place, ports, why })
    });
    pairs.collect()
}

/// `bad ADDRESS PORT REASON`.
fn refusal(line: &str) -> Option<(IpAddr, u16, &str)> {
    let mut fields = line.strip_prefix("bad ")?.splitn(3, ' ');
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?, fields.next()?))
}

/// What the blocked pairs are called together.
fn found(pairs: &[Blocked]) -> Option<Found> {
    let first = pairs.first()?;
    let named = pairs.iter().take(NAMED).map(|pair| {
        let ports: Vec<_> = pair.ports.iter().map(u16::to_string).collect();
        let (many, ports) = (if ports.len() == 1 { "port" } else { "ports" }, ports.join(" and "));
        let why = match pair.why.as_str() {
            "timeout" => format!("no answer within {CONNECT} s"),
            why => why.to_owned(),
        };
        let (from, to) = (pair.from, pair.to);
        format!("{} cannot connect to {} ({}) on TCP {many} {ports}: {why}", from.name, to.name, to.address)
    });
    let mut problem = named.collect::<Vec<_>>().join("; ");
    if pairs.len() > NAMED {
        let _ = write!(problem, "; and {} more pairs of nodes", pairs.len() - NAMED);
    }
    problem.push_str(". Both answer by SSH, so a firewall is likely");
    let hint = format!(
        "allow TCP ports 1024 to 65535 between the nodes in both directions; `sudo nft list ruleset` on {} and on {} shows \
         the rules of a firewall",
        first.to.name, first.from.name
    );
    Some(Found { problem, hint })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(n: u8) -> Place {
        let address = IpAddr::from([10, 0, 0, n]);
        let node = NodeId::from_address(address, 22);
        Place { node, name: format!("pi{n:02}"), address, user: "pi".into(), port: 22 }
    }

    #[test]
    fn both_ends_and_the_ports_are_named() {
        let (one, two) = (place(1), place(2));
        let dropped = Blocked { from: &two, to: &one, ports: vec![1024, 41000], why: "timeout".into() };
        let Found { problem, hint } = found(&[dropped]).expect("blocked");
        assert!(
            problem.starts_with(
                "pi02 cannot connect to pi01 (10.0.0.1) on TCP ports 1024 and 41000: no answer within 4 s. Both"
            ),
            "{problem}"
        );
        assert!(hint.contains("on pi01 and on pi02"), "{hint}");
        let all: Vec<_> = (0..5)
            .map(|_| Blocked { from: &one, to: &two, ports: vec![1024], why: "Connection refused".into() })
            .collect();
        let Found { problem, .. } = found(&all).expect("blocked");
        assert!(problem.contains("TCP port 1024: Connection refused; pi01 cannot"), "{problem}");
        assert!(problem.contains("; and 2 more pairs of nodes"), "{problem}");
        assert_eq!(found(&[]), None);
    }

    #[test]
    fn only_whole_refusals_are_read() {
        assert_eq!(
            refusal("bad 10.0.0.1 1024 No route to host"),
            Some(([10, 0, 0, 1].into(), 1024, "No route to host"))
        );
        for line in ["ok 10.0.0.1 1024", "bad 10.0.0.1 1024", "bad pi01 1024 timeout", "bad 10.0.0.1 x timeout", ""] {
            assert_eq!(refusal(line), None, "{line}");
        }
    }
}
