//! The command of Parallel Python: one client on the head, and a server on each node that is a rank.

use pictl_model::node::Member;
use pictl_model::run::RunHost;

use super::head::Chief;
use crate::programs::Obstacle;

/// The client's arguments, and where its servers will be; with as many workers as the node has slots.
pub(super) fn command(
    mut words: Vec<String>,
    ranks: u32,
    hosts: &[RunHost],
    members: &[Member],
    head: &Chief,
) -> Result<Vec<String>, Obstacle> {
    if ranks as usize > hosts.len() {
        let reason = format!(
            "{ranks} servers of Parallel Python are more than {}",
            match hosts.len() {
                1 => "the one node".to_owned(),
                n => format!("the {n} nodes"),
            }
        );
        return Err((reason, format!("give at most -n {}: each has a worker for every core", hosts.len())));
    }
    if let Some(host) = hosts.iter().find(|host| host.address.is_ipv6()) {
        let reason = format!("Parallel Python knows IPv4 only, and {} has {}", host.name, host.address);
        return Err((reason, "give its IPv4 address: pictl nodes set".to_owned()));
    }
    words.extend(["--here".to_owned(), head.address.to_string()]);
    for (host, member) in hosts.iter().zip(members).take(ranks as usize) {
        let user = if member.user == head.user { String::new() } else { format!("{}@", member.user) };
        words.extend(["--server".to_owned(), format!("{user}{}:{}", host.address, host.slots)]);
    }
    Ok(words)
}
