//! `pictl exec`: one command on all nodes; equal output is shown once.

use std::collections::BTreeMap;

use pictl_formats::nodeset;
use pictl_model::Millis;
use pictl_model::event::Event;
use pictl_model::request::{ExecRequest, Request};
use pictl_model::run::Stream;
use pictl_model::world::{ExecNode, World};

use crate::cli;
use crate::drive::Session;
use crate::exit::{Exit, Trouble};
use crate::front::{Front, out, say};
use crate::secrets::Secrets;
use crate::wire::Setting;

/// Runs the command and shows its output.
pub(crate) async fn run(setting: &Setting, args: &cli::Exec) -> Result<Exit, Trouble> {
    let interactive = setting.interactive();
    let members = setting.store().members()?;
    let nodes = match super::chosen::chosen(setting, &args.hosts, &members)?.nodes {
        none if none.is_empty() => members.iter().map(|member| member.id.clone()).collect(),
        chosen => chosen,
    };
    let secrets = Secrets::read(&setting.login_args)?;
    let mut session = Session::start(setting, Front::quiet(&setting.global), secrets)?;
    let request = ExecRequest {
        nodes,
        // One argument is a line for the shell; several must arrive as they are.
        command: match args.command.as_slice() {
            [line] => line.clone(),
            words => pictl_formats::shell::join(words),
        },
        timeout: args.timeout.map(|s| Millis(s.saturating_mul(1000))),
        login: setting.login(interactive),
    };
    let exit = session.go(Request::Exec(request), |_, event| matches!(event, Event::ExecFinished { .. })).await?;
    if !setting.global.json {
        show(&session.world);
    }
    Ok(session.end(exit).await)
}

/// Nodes with equal output together.
fn show(world: &World) {
    let Some(exec) = &world.exec else { return };
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (node, part) in &exec.nodes {
        groups.entry(render(part)).or_default().push(world.name_of(node));
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    for (_, names) in &mut groups {
        names.sort();
    }
    groups.sort_by(|a, b| a.1.cmp(&b.1));
    for (text, names) in groups {
        out(&format!("{} ({})", nodeset::fold(&names), names.len()));
        for line in text.lines() {
            out(&format!("  {line}"));
        }
    }
    for (node, part) in &exec.nodes {
        if let Some(problem) = &part.problem {
            say(&format!("{}: {problem}", world.name_of(node)));
        }
    }
}

fn render(part: &ExecNode) -> String {
    let mut text = String::new();
    for (stream, line) in &part.lines {
        if *stream == Stream::Err {
            text.push_str("! ");
        }
        text.push_str(line);
        text.push('\n');
    }
    if !part.left_out.is_nothing() {
        text.extend(["… and ", &part.left_out.to_string(), " more, left out\n"]);
    }
    match part.status {
        Some(0) => {}
        Some(status) => text.extend(["exit status ", &status.to_string(), "\n"]),
        None => text.push_str("no result\n"),
    }
    text
}
