//! `pictl nodes` and `pictl machinefile`: the inventory, and what can be written of it.

use pictl_formats::machinefile::{self, Entry};
use pictl_model::event::Event;
use pictl_model::node::{Member, MpiFamily};
use pictl_model::request::{KeyWork, MemberChange, Request, SetupRequest};
use pictl_model::step::StepId;
use pictl_model::world::World;

use super::print;
use super::scan::{adopt, found};
use super::setup::make;
use crate::cli::{self, NodesCommand};
use crate::drive::Session;
use crate::exit::{Exit, Trouble};
use crate::front::{Front, out, tell};
use crate::secrets::Secrets;
use crate::wire::Setting;

/// `pictl nodes`.
pub(crate) async fn run(setting: &Setting, command: &NodesCommand) -> Result<Exit, Trouble> {
    let members = setting.store().members()?;
    match command {
        NodesCommand::List => {
            list(setting, &members)?;
            Ok(Exit::Ok)
        }
        NodesCommand::Add { targets } => add(setting, targets).await,
        NodesCommand::Remove { select } => {
            let nodes = super::select(Some(select), &members)?;
            let mut session = Session::start(setting, Front::Quiet, Secrets::default())?;
            let mut exit = Exit::Ok;
            for node in nodes {
                let gone = node.clone();
                let request = Request::RemoveMember { node };
                let over = |_: &_, event: &Event| matches!(event, Event::MemberRemoved { node } if *node == gone);
                exit = exit.max(session.go(request, over).await?);
            }
            session.end().await;
            Ok(exit)
        }
        NodesCommand::Set { node, name, head } => {
            let nodes = super::select(Some(node), &members)?;
            let [node] = nodes.as_slice() else {
                return Err(Trouble::usage(anyhow::anyhow!("{node} is more than one node")));
            };
            let change = MemberChange {
                name: name.clone(),
                user: setting.login_args.user.clone(),
                port: setting.login_args.port,
                head: *head,
                ..MemberChange::default()
            };
            if change == MemberChange::default() {
                return Err(Trouble::usage(anyhow::anyhow!("say what to change: --name, --user, --port or --head")));
            }
            let mut session = Session::start(setting, Front::Quiet, Secrets::default())?;
            let (id, wanted) = (node.clone(), change.clone());
            // What stands there already is no event; so the end is what the inventory says.
            let over = move |world: &World, _: &Event| {
                world.nodes.get(&id).and_then(|n| n.member.as_ref()).is_some_and(|member| fits(member, &wanted))
            };
            let request = Request::SetMember { node: node.clone(), change };
            let exit = session.go(request, over).await?;
            session.end().await;
            Ok(exit)
        }
    }
}

/// The change is made, or was never needed.
fn fits(member: &Member, change: &MemberChange) -> bool {
    change.name.as_ref().is_none_or(|name| *name == member.name)
        && change.user.as_ref().is_none_or(|user| *user == member.user)
        && change.port.is_none_or(|port| port == member.port)
        && (!change.head || member.head)
}

fn list(setting: &Setting, members: &[Member]) -> Result<(), Trouble> {
    let chosen = super::select(setting.global.nodes.as_deref(), members)?;
    let chosen = members.iter().filter(|m| chosen.contains(&m.id));
    if setting.global.json {
        for member in chosen {
            out(&serde_json::to_string(member).map_err(Trouble::usage)?);
        }
    } else if members.is_empty() {
        tell(&format!("the cluster {} has no nodes; `pictl scan --save` finds some", setting.global.cluster));
    } else {
        let mut table = print::table(&["name", "address", "user", "MAC", "host key", ""]);
        for m in chosen {
            table.add_row([
                m.name.to_string(),
                if m.port == 22 { m.address.to_string() } else { format!("{}:{}", m.address, m.port) },
                m.user.clone(),
                m.mac.map_or("-".to_owned(), |mac| mac.to_string()),
                m.host_key.as_ref().map_or("not yet trusted".to_owned(), ToString::to_string),
                if m.head { "head" } else { "" }.to_owned(),
            ]);
        }
        out(&table.to_string());
    }
    Ok(())
}

async fn add(setting: &Setting, targets: &[String]) -> Result<Exit, Trouble> {
    pictl_formats::targets::Targets::parse(targets).map_err(Trouble::usage)?;
    let mut session = Session::start(setting, Front::Quiet, Secrets::default())?;
    let request = Request::Scan(setting.scan(targets, None, None));
    session.go(request, |_, event| matches!(event, Event::ScanFinished { .. })).await?;
    let nodes: Vec<_> = found(&session.world).into_iter().map(|n| n.id).collect();
    if nodes.is_empty() {
        session.end().await;
        return Err(Trouble::access(anyhow::anyhow!("nobody answers there; check power, cable and address")));
    }
    let count = nodes.len();
    let exit = adopt(&mut session, setting, nodes).await?;
    session.end().await;
    tell(&format!("{count} nodes are in the cluster {}", setting.global.cluster));
    Ok(exit)
}

/// `pictl machinefile`: slots are the nodes' real core counts, so they are asked.
pub(crate) async fn machinefile(setting: &Setting, args: &cli::Machinefile) -> Result<Exit, Trouble> {
    let members = setting.store().members()?;
    let nodes = super::select(setting.global.nodes.as_deref(), &members)?;
    let chosen: Vec<Member> = members.into_iter().filter(|m| nodes.contains(&m.id)).collect();
    let mut session = Session::start(setting, Front::Quiet, Secrets::read(&setting.login_args)?)?;
    let look = SetupRequest {
        nodes,
        names: Vec::new(),
        prefix: setting.prefix(None),
        head: None,
        mpi: args.mpi,
        only: vec![StepId::Machinefile],
        dry_run: true,
        yes: false,
        keys: KeyWork::default(),
        login: setting.login(setting.interactive()),
    };
    let exit = make(&mut session, look).await?;
    let world = &session.world;
    let missing: Vec<_> = chosen
        .iter()
        .filter(|m| world.nodes.get(&m.id).is_none_or(|n| n.facts.is_none()))
        .map(|m| m.name.as_str())
        .collect();
    if !missing.is_empty() {
        tell(&format!("{} could not be asked for their cores and are left out", missing.join(", ")));
    }
    let head_user = chosen.iter().find(|m| m.head).or(chosen.first()).map(|m| m.user.clone());
    let known = chosen.iter().filter_map(|m| Some((m, world.nodes.get(&m.id)?.facts.as_ref()?)));
    let family = args.mpi.or_else(|| known.clone().find_map(|(_, f)| f.mpi.first().map(|mpi| mpi.family)));
    let entries: Vec<Entry> = known
        .map(|(m, facts)| {
            let host = if args.names { m.name.to_string() } else { m.address.to_string() };
            Entry::new(host, facts.cores, &m.user, head_user.as_deref())
        })
        .collect();
    if !entries.is_empty() {
        let text = machinefile::write(family.unwrap_or(MpiFamily::OpenMpi), &entries).map_err(Trouble::usage)?;
        text.lines().for_each(|line| {
            out(line);
        });
    }
    session.end().await;
    Ok(exit)
}
