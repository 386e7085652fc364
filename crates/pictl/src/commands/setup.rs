//! `pictl setup`.

use pictl_model::NodeId;
use pictl_model::event::Event;
use pictl_model::request::{KeyWork, Request, SetupRequest};

use super::scan::find;
use crate::cli;
use crate::drive::Session;
use crate::exit::{Exit, Trouble};
use crate::front::{Front, say};
use crate::secrets::Secrets;
use crate::wire::Setting;

/// Makes a cluster of the chosen nodes.
pub(crate) async fn run(setting: &Setting, args: &cli::Setup) -> Result<Exit, Trouble> {
    let secrets = Secrets::read(&setting.login_args)?;
    let front = Front::of(&setting.global, args.dry_run || !args.yes);
    let mut session = Session::start(setting, front, secrets)?;
    let nodes = choose(&mut session, setting).await?;
    let head = args.head.as_deref().map(|head| one(&session, setting, head)).transpose()?;
    let exit = make(&mut session, request(setting, args, nodes, head)).await?;
    let exit = session.end(exit).await;
    let whole = args.only.is_empty() && !args.dry_run && !setting.global.json;
    if exit == Exit::Ok && whole && !super::ssh::is_wanted(setting) {
        say("plain ssh on this computer does not know the nodes; `pictl keys ssh` shows what it would write, and asks");
    }
    Ok(exit)
}

/// The setup of `nodes` that `args` ask for.
pub(crate) fn request(setting: &Setting, args: &cli::Setup, nodes: Vec<NodeId>, head: Option<NodeId>) -> SetupRequest {
    SetupRequest {
        nodes,
        names: Vec::new(),
        prefix: setting.prefix(args.prefix.as_ref()),
        head,
        mpi: args.mpi,
        mpi_prefix: args.mpi_prefix.clone(),
        only: args.only.clone(),
        dry_run: args.dry_run,
        yes: args.yes,
        keys: KeyWork::default(),
        login: setting.login(setting.interactive()),
    }
}

/// Runs a setup to its end.
pub(crate) async fn make(session: &mut Session, request: SetupRequest) -> Result<Exit, Trouble> {
    session.go(Request::Setup(request), |_, event| matches!(event, Event::SetupFinished { .. })).await
}

/// The nodes of `--nodes`: members, or else hosts that a scan finds now.
pub(crate) async fn choose(session: &mut Session, setting: &Setting) -> Result<Vec<NodeId>, Trouble> {
    let members = setting.store().members()?;
    let Some(expr) = setting.global.nodes.as_deref() else { return Ok(Vec::new()) };
    let unknown = match super::select(Some(expr), &members) {
        Ok(nodes) => return Ok(nodes),
        Err(unknown) => unknown,
    };
    let targets: Vec<String> = expr.split(',').map(str::to_owned).collect();
    if pictl_formats::targets::Targets::parse(&targets).is_err() {
        return Err(unknown);
    }
    if setting.login_args.jump.is_some() {
        let why = format!(
            "{expr} is behind a jump host, where no scan reaches it; add it with `pictl nodes add --jump` first"
        );
        return Err(Trouble::usage(anyhow::anyhow!(why)));
    }
    find(session, setting, &targets).await
}

/// The node called `name`, among members and hosts seen.
fn one(session: &Session, setting: &Setting, name: &str) -> Result<NodeId, Trouble> {
    let members = setting.store().members()?;
    if let Ok([node]) = super::select(Some(name), &members).as_deref() {
        return Ok(node.clone());
    }
    let seen = session.world.nodes.values().find(|n| n.address().is_some_and(|a| a.to_string() == name));
    seen.map(|n| n.id.clone()).ok_or_else(|| {
        Trouble::usage(anyhow::anyhow!("{name} is not a node of the cluster; `pictl nodes list` shows them"))
    })
}
