//! `pictl nodes`: the inventory.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;

use pictl_formats::nodeset;
use pictl_formats::targets::{Targets, WIDE};
use pictl_model::event::Event;
use pictl_model::node::{Link, Member};
use pictl_model::request::{MemberChange, Request};
use pictl_model::world::World;
use pictl_model::{Millis, NodeId};

use super::print;
use super::scan::{adopt, find};
use super::setup::choose;
use crate::cli::{LoginArgs, NodesCommand};
use crate::config::expand;
use crate::drive::Session;
use crate::exit::{Exit, Trouble};
use crate::front::{Front, count, out, out_json, say};
use crate::secrets::Secrets;
use crate::wire::Setting;

/// `pictl nodes`.
pub(crate) async fn run(setting: &Setting, command: &NodesCommand) -> Result<Exit, Trouble> {
    let (members, remarks) = setting.store().inventory()?;
    match command {
        NodesCommand::List => {
            for remark in &remarks {
                say(remark);
            }
            list(setting, &members)?;
            Ok(Exit::Ok)
        }
        NodesCommand::Add { targets } => add(setting, targets).await,
        NodesCommand::Remove { select } => {
            let nodes = super::select(Some(select), &members)?;
            let mut session = Session::start(setting, Front::quiet(&setting.global), Secrets::default())?;
            let mut exit = Exit::Ok;
            for node in nodes {
                let gone = node.clone();
                let request = Request::RemoveMember { node };
                let over = |_: &_, event: &Event| matches!(event, Event::MemberRemoved { node } if *node == gone);
                exit = exit.max(session.go(request, over).await?);
            }
            Ok(session.end(exit).await)
        }
        NodesCommand::Set { select, name, head } => {
            let nodes = super::select(Some(select), &members)?;
            let login = login_change(setting, &setting.login_args)?;
            let change = MemberChange { name: name.clone(), head: *head, ..login };
            check_change(select, nodes.len(), &change)?;
            let mut session = Session::start(setting, Front::quiet(&setting.global), Secrets::default())?;
            let exit = set(&mut session, nodes, &change).await?;
            Ok(session.end(exit).await)
        }
        NodesCommand::Identify { seconds } => identify(setting, &members, Millis(1000 * seconds)).await,
    }
}

/// Makes LEDs blink for `time`.
async fn identify(setting: &Setting, members: &[Member], time: Millis) -> Result<Exit, Trouble> {
    let secrets = Secrets::read(&setting.login_args)?;
    let mut session = Session::start(setting, Front::of(&setting.global, false), secrets)?;
    let mut nodes = choose(&mut session, setting).await?;
    if nodes.is_empty() {
        nodes = members.iter().map(|m| m.id.clone()).collect();
    }
    if nodes.is_empty() {
        let what = "there are no nodes yet; add --nodes with the address of any Raspberry Pi";
        return Err(Trouble::usage(anyhow::anyhow!(what)));
    }
    let (mut waited_for, mut failed) = (nodes.clone(), Vec::new());
    let over = |_: &World, event: &Event| {
        if let Event::Blinking { node, on: false, problem } = event {
            waited_for.retain(|waited_for| waited_for != node);
            failed.extend(problem.is_some().then(|| node.clone()));
        }
        waited_for.is_empty()
    };
    let login = setting.login(setting.interactive());
    let exit = session.go(Request::Identify { nodes: nodes.clone(), time, login }, over).await?;
    let unreached = |node| session.world.nodes.get(node).is_some_and(|n| matches!(n.link, Link::Failed { .. }));
    let exit = exit.max(match failed.len() {
        0 => Exit::Ok,
        _ if nodes.iter().all(unreached) => Exit::Access,
        _ => Exit::Failed,
    });
    Ok(session.end(exit).await)
}

/// Whether `change` is one, and one that `count` nodes, called `select`, can have.
pub(crate) fn check_change(select: &str, count: usize, change: &MemberChange) -> Result<(), Trouble> {
    if *change == MemberChange::default() {
        let what = "say what to change: --user, --port, --identity, --jump, --name or --head";
        return Err(Trouble::usage(anyhow::anyhow!(what)));
    }
    if count > 1 && (change.name.is_some() || change.head) {
        let what = format!("{select} is {count} nodes; --name and --head are for one");
        return Err(Trouble::usage(anyhow::anyhow!(what)));
    }
    Ok(())
}

/// What the login options change in the entry of a node; `none` removes a key.
pub(crate) fn login_change(setting: &Setting, args: &LoginArgs) -> Result<MemberChange, Trouble> {
    let identity = match &args.identity {
        Some(path) if path.as_os_str() == "none" => Some(PathBuf::new()),
        // Later commands may run in another folder.
        Some(path) => Some(std::path::absolute(expand(path, &setting.paths.home)).map_err(Trouble::usage)?),
        None => None,
    };
    if let Some(path) = identity.as_ref().filter(|path| !path.as_os_str().is_empty() && !path.is_file()) {
        return Err(Trouble::usage(anyhow::anyhow!("there is no key file {}", path.display())));
    }
    let (user, port, jump) = (args.user.clone(), args.port, args.jump.clone());
    Ok(MemberChange { user, port, identity, jump, ..MemberChange::default() })
}

/// Makes `change` on each of `nodes`; stops when one is refused.
async fn set(session: &mut Session, nodes: Vec<NodeId>, change: &MemberChange) -> Result<Exit, Trouble> {
    for node in nodes {
        let (id, wanted) = (node.clone(), change.clone());
        let made = move |world: &World| {
            world
                .nodes
                .get(&id)
                .and_then(|n| n.member.as_ref())
                .is_some_and(|member| wanted.apply_to(member) == *member)
        };
        // No event follows when nothing changes.
        if made(&session.world) {
            continue;
        }
        let exit = session.go(Request::SetMember { node, change: change.clone() }, |world, _| made(world)).await?;
        if exit != Exit::Ok {
            return Ok(exit);
        }
    }
    Ok(Exit::Ok)
}

fn list(setting: &Setting, members: &[Member]) -> Result<(), Trouble> {
    let nodes = super::select(setting.global.nodes.as_deref(), members)?;
    let chosen = members.iter().filter(|m| nodes.contains(&m.id));
    if setting.global.json {
        for member in chosen {
            out_json(member);
        }
    } else if members.is_empty() {
        say(&super::no_nodes(setting));
    } else {
        let mut table = print::table(&["name", "address", "user", "MAC", "host key", ""]);
        for m in chosen {
            table.add_row([
                m.name.to_string(),
                match m.place() {
                    None => "not known".to_owned(),
                    Some(address) if m.port == 22 => address.to_string(),
                    Some(address) => format!("{address}:{}", m.port),
                },
                m.user.clone(),
                m.mac.map_or("-".to_owned(), |mac| mac.to_string()),
                m.offered_key().map_or("not yet trusted".to_owned(), ToString::to_string),
                if m.head { "head" } else { "" }.to_owned(),
            ]);
        }
        out(&table.to_string());
        let chosen: Vec<_> = members.iter().filter(|m| nodes.contains(&m.id)).collect();
        if let Some(mpi) = chosen.iter().find_map(|member| member.mpi) {
            let prefix = chosen.iter().find_map(|member| member.mpi_prefix.as_ref());
            let place = prefix.map(|prefix| format!(" in {prefix}")).unwrap_or_default();
            out(&format!("MPI: {mpi}{place}"));
        }
        for line in logins(&chosen) {
            out(&line);
        }
    }
    Ok(())
}

/// How pictl logs in to the nodes, equal ones together: `pi[01-03]: user ubuntu, port 2222, through gate`. Empty where all
/// are equal and have neither a key file nor a jump host of their own.
fn logins(members: &[&Member]) -> Vec<String> {
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for member in members {
        let mut parts = vec![format!("user {}", member.user), format!("port {}", member.port)];
        parts.extend(member.identity.as_ref().map(|path| format!("key {}", path.display())));
        parts.extend(member.jump.as_ref().map(|jump| match jump.as_str() {
            "none" => "direct".to_owned(),
            jump => format!("through {jump}"),
        }));
        groups.entry(parts.join(", ")).or_default().push(member.name.to_string());
    }
    if groups.len() < 2 && members.iter().all(|m| m.identity.is_none() && m.jump.is_none()) {
        return Vec::new();
    }
    let mut lines: Vec<_> = groups.iter().map(|(login, names)| format!("{}: {login}", nodeset::fold(names))).collect();
    lines.sort();
    lines
}

async fn add(setting: &Setting, targets: &[String]) -> Result<Exit, Trouble> {
    let parsed = Targets::parse(targets).map_err(Trouble::usage)?;
    let change = login_change(setting, &setting.login_args)?;
    if change.jump.as_deref().is_some_and(|jump| !matches!(jump, "" | "none")) {
        return add_unseen(setting, &parsed, change).await;
    }
    let mut session = Session::start(setting, Front::quiet(&setting.global), Secrets::default())?;
    let nodes = match find(&mut session, setting, targets).await {
        Ok(nodes) => nodes,
        Err(nobody) => {
            session.end(nobody.exit).await;
            return Err(nobody);
        }
    };
    let mut exit = adopt(&mut session, setting, nodes.clone()).await?;
    if exit == Exit::Ok && change != MemberChange::default() {
        // Also of those that were in the cluster before.
        exit = set(&mut session, nodes, &change).await?;
    }
    let members = session.world.members().len() as u64;
    let exit = session.end(exit).await;
    if exit != Exit::Ok {
        return Ok(exit);
    }
    say(&in_the_cluster(members, setting));
    Ok(exit)
}

/// Adds hosts behind a jump host, which no scan reaches, as they are given.
async fn add_unseen(setting: &Setting, targets: &Targets, change: MemberChange) -> Result<Exit, Trouble> {
    if !targets.names().is_empty() || targets.len() > WIDE {
        let why = format!("{targets}: hosts behind a jump host are added by address, at most {WIDE} at once");
        return Err(Trouble::usage(anyhow::anyhow!(why)));
    }
    let addresses: Vec<IpAddr> =
        targets.iter().map(IpAddr::from).chain(targets.v6().iter().copied().map(IpAddr::from)).collect();
    let (wanted, wish) = (addresses.clone(), change.clone());
    let added = move |world: &World| {
        let members: Vec<_> = world.members().into_iter().filter_map(|n| n.member.as_ref()).collect();
        let is_added = |m: &&Member| wish.apply_to(m) == **m;
        wanted.iter().all(|address| members.iter().find(|m| m.address == *address).is_some_and(is_added))
    };
    let mut session = Session::start(setting, Front::quiet(&setting.global), Secrets::default())?;
    let mut exit = Exit::Ok;
    // No event follows when nothing changes.
    if !added(&session.world) {
        let (prefix, login) = (setting.prefix(None), setting.login(false));
        let request = Request::AddUnseen { addresses: addresses.clone(), prefix, change, login };
        exit = session.go(request, |world, _| added(world)).await?;
    }
    let members = session.world.members().len() as u64;
    let exit = session.end(exit).await;
    if exit == Exit::Ok {
        let unseen = count(addresses.len() as u64, "was added", "were added");
        say(&format!("{}; {unseen} unseen", in_the_cluster(members, setting)));
    }
    Ok(exit)
}

fn in_the_cluster(members: u64, setting: &Setting) -> String {
    format!("{} in the cluster {}", count(members, "node is", "nodes are"), setting.global.cluster)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(n: u8) -> Member {
        Member {
            id: NodeId::from_address([10, 0, 0, n].into(), 22),
            name: format!("pi{n:02}").parse().unwrap(),
            address: [10, 0, 0, n].into(),
            port: 22,
            user: "pi".into(),
            mac: None,
            host_key: None,
            head: n == 1,
            cores: None,
            mpi: None,
            mpi_prefix: None,
            identity: None,
            jump: None,
            board: pictl_model::node::Board::default(),
        }
    }

    #[test]
    fn logins_are_shown_in_groups_where_they_differ() {
        let shown = |members: &[Member]| logins(&members.iter().collect::<Vec<_>>());
        let mut members: Vec<_> = (1..=5).map(member).collect();
        assert_eq!(shown(&members), [""; 0]);
        for member in &mut members[..3] {
            (member.user, member.port, member.jump) = ("ubuntu".into(), 2222, Some("gate".into()));
        }
        assert_eq!(shown(&members), ["pi[01-03]: user ubuntu, port 2222, through gate", "pi[04-05]: user pi, port 22"]);
        members.truncate(1);
        assert_eq!(shown(&members), ["pi01: user ubuntu, port 2222, through gate"]);
        members[0] = Member { identity: Some("/home/me/key".into()), jump: Some("none".into()), ..member(1) };
        assert_eq!(shown(&members), ["pi01: user pi, port 22, key /home/me/key, direct"]);
    }
}
