//! Which nodes a command works on: those of `--nodes`, or those of a launcher's machinefile or list of hosts.

use std::fs;
use std::path::Path;

use pictl_formats::machinefile::{self, Listed};
use pictl_formats::nodeset;
use pictl_model::NodeId;
use pictl_model::node::Member;
use pictl_model::text::clean;

use crate::cli::HostArgs;
use crate::exit::Trouble;
use crate::wire::Setting;

/// A machinefile of more bytes is another file.
const MOST_BYTES: u64 = 1 << 20;

/// The members that a command works on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Chosen {
    /// Which, in the order of the machinefile; none means all.
    pub nodes: Vec<NodeId>,
    /// The slots of those for which a number was given.
    pub slots: Vec<(NodeId, u16)>,
}

/// The nodes that the options choose among `members`.
pub(crate) fn chosen(setting: &Setting, args: &HostArgs, members: &[Member]) -> Result<Chosen, Trouble> {
    let given = match (&args.hostfile, &args.host) {
        (Some(file), _) => of_file(file, members),
        (None, Some(list)) => of_list(list, members),
        (None, None) => return super::chosen_nodes(setting, members).map(|nodes| Chosen { nodes, slots: Vec::new() }),
    };
    if setting.global.nodes.is_some() {
        return usage("a machinefile and --nodes both choose nodes: give one of them");
    }
    given
}

fn usage<T>(why: impl std::fmt::Display) -> Result<T, Trouble> {
    Err(Trouble::usage(anyhow::anyhow!("{why}")))
}

fn of_file(file: &Path, members: &[Member]) -> Result<Chosen, Trouble> {
    let name = file.display();
    let fail = |why: &dyn std::fmt::Display| Trouble::usage(anyhow::anyhow!("machinefile {name}: {why}"));
    let metadata = fs::metadata(file).map_err(|e| fail(&e))?;
    if !metadata.is_file() || metadata.len() > MOST_BYTES {
        return Err(fail(&"it is not a machinefile; a machinefile has a line for each host, such as pi01 slots=4"));
    }
    let text = fs::read(file).map_err(|e| fail(&e))?;
    let hosts = machinefile::hosts(&String::from_utf8_lossy(&text)).map_err(|e| fail(&format!("{e}; {}", e.hint())))?;
    let place = |host: &Listed| format!("machinefile {name}, line {}", host.line);
    if hosts.is_empty() {
        return Err(fail(&"it names no host"));
    }
    matched(&hosts, members, &place)
}

fn of_list(list: &str, members: &[Member]) -> Result<Chosen, Trouble> {
    // A list is a machinefile with commas instead of line breaks.
    let hosts = machinefile::hosts(&list.replace(',', "\n"));
    let hosts = hosts.or_else(|_| usage(format!("--host {list:?} is not a list of hosts, such as pi01:4,pi02")))?;
    if hosts.is_empty() {
        return usage("--host names no host");
    }
    matched(&hosts, members, &|_| "--host".to_owned())
}

/// The members that `hosts` name, each once. A host that stands there several times has the slots of all its lines.
fn matched(hosts: &[Listed], members: &[Member], place: &dyn Fn(&Listed) -> String) -> Result<Chosen, Trouble> {
    let mut chosen = Chosen::default();
    let mut strangers = Vec::new();
    for host in hosts {
        let Some(member) = members.iter().find(|member| is_called(member, &host.name)) else {
            strangers.push(format!("{}: {} is not a node of the cluster", place(host), clean(&host.name, 60)));
            continue;
        };
        if let Some(user) = host.user.as_ref().filter(|user| **user != member.user) {
            return usage(format!(
                "{}: it logs in to {} as {}, and pictl logs in as {}; `pictl nodes set {} --user {}` changes that",
                place(host),
                member.name,
                clean(user, 40),
                member.user,
                member.name,
                clean(user, 40),
            ));
        }
        let is_first = !chosen.nodes.contains(&member.id);
        if is_first {
            chosen.nodes.push(member.id.clone());
        }
        match chosen.slots.iter_mut().find(|(id, _)| *id == member.id) {
            Some((_, slots)) => *slots = slots.saturating_add(host.slots.unwrap_or(1)),
            // The first line without a number means the node's cores, a second one means another slot, as in Open MPI.
            None if is_first => chosen.slots.extend(host.slots.map(|slots| (member.id.clone(), slots))),
            None => chosen.slots.push((member.id.clone(), host.slots.unwrap_or(1).saturating_add(1))),
        }
    }
    if strangers.is_empty() {
        return Ok(chosen);
    }
    let names: Vec<String> = members.iter().map(|member| member.name.to_string()).collect();
    let known = if names.is_empty() {
        "it has none yet".to_owned()
    } else {
        format!("its nodes are {}", nodeset::fold(&names))
    };
    usage(format!("{}; {known}; `pictl nodes add ADDRESS` adds one", strangers.join("; ")))
}

/// A launcher finds a host by its name, its full name or its address.
fn is_called(member: &Member, name: &str) -> bool {
    let name = name.trim_end_matches('.');
    member.name.as_str().eq_ignore_ascii_case(name)
        || name.parse() == Ok(member.address)
        || name.split_once('.').is_some_and(|(host, domain)| {
            matches!(domain, "local" | "lan" | "home" | "localdomain")
                && member.name.as_str().eq_ignore_ascii_case(host)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members() -> Vec<Member> {
        let member = |n: u8| {
            serde_json::from_value(serde_json::json!({
                "id": format!("serial-{n}"), "name": format!("pi{n:02}"), "address": format!("10.0.0.{}", 30 + n),
                "mac": null, "user": "pi", "port": 22, "head": n == 1,
            }))
            .unwrap()
        };
        (1..=4).map(member).collect()
    }

    /// Names and slots of what a machinefile of this text chooses.
    fn of(text: &str) -> Result<Vec<String>, String> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("hosts");
        fs::write(&file, text).unwrap();
        shown(of_file(&file, &members()))
    }

    fn shown(chosen: Result<Chosen, Trouble>) -> Result<Vec<String>, String> {
        let chosen = chosen.map_err(|e| {
            assert_eq!(e.exit, crate::exit::Exit::Usage);
            e.to_string()
        })?;
        let name = |id: &NodeId| members().iter().find(|m| m.id == *id).unwrap().name.to_string();
        let slots = |id: &NodeId| chosen.slots.iter().find(|(of, _)| of == id).map(|(_, slots)| format!(":{slots}"));
        Ok(chosen.nodes.iter().map(|id| name(id) + &slots(id).unwrap_or_default()).collect())
    }

    #[test]
    fn machinefiles_of_both_kinds_choose_nodes_and_slots_in_their_order() {
        for (text, expected) in [
            ("pi03 slots=2\npi01\n", vec!["pi03:2", "pi01"]),
            ("# mine\n10.0.0.32:4\r\n\nPI04.local:1 # slow\n", vec!["pi02:4", "pi04:1"]),
            ("pi@10.0.0.31 slots=4\n", vec!["pi01:4"]),
            ("pi02\npi02\npi02\n", vec!["pi02:3"]),
            ("pi02 slots=2\npi02 slots=1 max_slots=4\n", vec!["pi02:3"]),
        ] {
            let expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
            assert_eq!(of(text), Ok(expected), "{text}");
        }
        assert_eq!(shown(of_list("pi02:3,10.0.0.31", &members())), Ok(vec!["pi02:3".to_owned(), "pi01".to_owned()]));
    }

    #[test]
    fn what_a_machinefile_cannot_choose_is_named() {
        for (text, why) in [
            ("pi01\npi09 slots=2\nlocalhost\n", "hosts, line 2: pi09 is not a node of the cluster"),
            (
                "pi01\npi09 slots=2\nlocalhost\n",
                "line 3: localhost is not a node of the cluster; its nodes are pi[01-04]",
            ),
            (
                "ada@pi01\n",
                "line 1: it logs in to pi01 as ada, and pictl logs in as pi; `pictl nodes set pi01 --user ada`",
            ),
            ("pi01 slots=0\n", "line 1 of the machinefile"),
            ("# nothing\n", "it names no host"),
        ] {
            let refused = of(text).unwrap_err();
            assert!(refused.contains(why), "{refused}");
        }
        assert!(shown(of_file(Path::new("/nowhere/hosts"), &members())).unwrap_err().contains("/nowhere/hosts"));
        assert!(shown(of_file(Path::new("/"), &members())).unwrap_err().contains("it is not a machinefile"));
        assert!(shown(of_list(",", &members())).unwrap_err().contains("names no host"));
    }
}
