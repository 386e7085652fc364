//! `pictl machinefile`: a machinefile of the inventory, here or on the head.

use pictl_engine::choice;
use pictl_formats::launcher;
use pictl_formats::machinefile::{self, Host, Style};
use pictl_formats::shell;
use pictl_model::event::Event;
use pictl_model::node::{Member, MpiFamily};
use pictl_model::request::{ExecRequest, KeyWork, Request, SetupRequest};
use pictl_model::step::StepId;
use pictl_model::{Millis, NodeId};

use super::setup::make;
use crate::cli;
use crate::drive::Session;
use crate::exit::{Exit, Trouble};
use crate::front::{Front, count, out, say};
use crate::secrets::Secrets;
use crate::wire::Setting;

/// The file that setups write.
const USUAL: &str = "machinefile";
/// How long the head may take to write a file.
const LIMIT: Millis = Millis(30_000);
/// Writes the second argument to a file in the home directory, whole or not at all; what was there is saved.
const WRITE: &str = "set -eu\n\
    umask 022\n\
    cd\n\
    new=$(mktemp \".$1.XXXXXX\")\n\
    trap 'rm -f \"$new\"' EXIT\n\
    printf %s \"$2\" >\"$new\"\n\
    chmod 644 \"$new\"\n\
    if cmp -s \"$new\" \"$1\"; then echo same; exit 0; fi\n\
    if [ -d \"$1\" ]; then echo \"$1 is a folder\" >&2; exit 1; fi\n\
    if [ -e \"$1\" ]; then\n\
      (umask 077 && mkdir -p .pictl/backup)\n\
      old=$(mktemp -d \".pictl/backup/machinefile-XXXXXX\")\n\
      cp -p \"$1\" \"$old/$1\"\n\
      echo \"saved ~/$old/$1\"\n\
    fi\n\
    if [ -L \"$1\" ]; then cat \"$new\" >\"$1\"; else mv -f \"$new\" \"$1\"; fi\n\
    echo written\n";

/// Prints a machinefile of the chosen nodes, or puts it on the head.
pub(crate) async fn run(setting: &Setting, args: &cli::Machinefile) -> Result<Exit, Trouble> {
    let all = setting.store().members()?;
    let nodes = super::select(setting.global.nodes.as_deref(), &all)?;
    if nodes.is_empty() {
        return Err(Trouble::usage(anyhow::anyhow!(super::no_nodes(setting))));
    }
    if let Some(name) = &args.write {
        check_name(name)?;
    }
    let mut session = None;
    let decided = choice::decided(args.mpi, &all, setting.config.setup.mpi);
    let (mut exit, mut family, mut members) = (Exit::Ok, decided, all);
    if args.refresh || args.write.is_some() {
        session = Some(Session::start(setting, Front::Quiet, Secrets::read(&setting.login_args)?)?);
    }
    if let Some(session) = session.as_mut().filter(|_| args.refresh) {
        exit = make(session, look(setting, args, nodes.clone())).await?;
        let views = session.world.members();
        let facts: Vec<_> = views.iter().filter_map(|view| view.facts.as_ref()).collect();
        family = family.or_else(|| (!facts.is_empty()).then(|| launcher::fitting(&facts)));
        members = views.iter().filter_map(|view| view.member.clone()).collect();
    }
    let chosen: Vec<_> = members.iter().filter(|m| nodes.contains(&m.id)).collect();
    let missing: Vec<_> = chosen.iter().filter(|m| m.cores.is_none()).map(|m| m.name.to_string()).collect();
    if !missing.is_empty() {
        let names = pictl_formats::nodeset::fold(&missing);
        let hint = if args.refresh { "" } else { "; --refresh connects and looks" };
        say(&format!("{names}: left out, because the number of cores is not known yet{hint}"));
        exit = exit.max(Exit::Failed);
    }
    let head = members.iter().find(|m| m.head).or(members.first());
    let text = text(setting, args, &chosen, head, family.unwrap_or_else(launcher::preferred));
    let text = match text {
        // What is missing was said.
        _ if missing.len() == chosen.len() => None,
        Err(e) => return Err(Trouble::usage(e)),
        Ok(text) => Some(text),
    };
    match (&args.write, &text, head, session.as_mut()) {
        (Some(name), Some(text), Some(head), Some(session)) => {
            exit = exit.max(write(session, setting, head, name, text).await?);
        }
        (None, Some(text), ..) => text.lines().for_each(|line| {
            out(line);
        }),
        _ => {}
    }
    Ok(match session {
        Some(session) => session.end(exit).await,
        None => exit,
    })
}

/// The text for these members.
fn text(
    setting: &Setting,
    args: &cli::Machinefile,
    members: &[&Member],
    head: Option<&Member>,
    family: MpiFamily,
) -> anyhow::Result<String> {
    let hosts = members.iter().filter_map(|m| {
        let (name, slots) = (m.name.as_str(), m.cores?);
        Some(Host { name, address: m.address, slots, user: &m.user })
    });
    // Who gets it printed may start mpirun here or on the head; what is written there is for the head.
    let mut started_by: Vec<&str> = head.iter().map(|head| head.user.as_str()).collect();
    if args.write.is_none() {
        started_by.push(&setting.paths.user);
    }
    let style = Style { names: args.names, started_by: &started_by, users: args.users };
    let entries = machinefile::entries(hosts, &style);
    let written = machinefile::write(launcher::of_family(family), &entries);
    let text = written.map_err(|e| anyhow::anyhow!("{e}; {}", e.hint()))?;
    // A setup writes only the usual file again.
    let comment = |name: &String| format!("# Written by pictl machinefile --write {name}\n");
    let other = args.write.as_ref().filter(|name| *name != USUAL).map(comment);
    Ok(match (other, text.split_once('\n')) {
        (Some(comment), Some((_, hosts))) => comment + hosts,
        _ => text,
    })
}

/// A setup that only looks at the nodes.
fn look(setting: &Setting, args: &cli::Machinefile, nodes: Vec<NodeId>) -> SetupRequest {
    SetupRequest {
        nodes,
        names: Vec::new(),
        prefix: setting.prefix(None),
        head: None,
        mpi: args.mpi,
        mpi_prefix: None,
        only: vec![StepId::Machinefile],
        dry_run: true,
        yes: false,
        keys: KeyWork::default(),
        login: setting.login(setting.interactive()),
    }
}

/// A plain file name: it goes into the home directory of the head.
fn check_name(name: &str) -> Result<(), Trouble> {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if !name.is_empty() && name.len() <= 64 && name.chars().all(harmless) && !name.starts_with(['.', '-']) {
        return Ok(());
    }
    let why = "--write takes the name of a file in the head's home directory: letters, digits, . _ and -";
    Err(Trouble::usage(anyhow::anyhow!(why)))
}

/// Puts `text` into the file `name` on the head.
async fn write(
    session: &mut Session,
    setting: &Setting,
    head: &Member,
    name: &str,
    text: &str,
) -> Result<Exit, Trouble> {
    let words = ["sh", "-c", WRITE, "pictl", name, text].map(str::to_owned);
    let request = ExecRequest {
        nodes: vec![head.id.clone()],
        command: shell::join(&words),
        timeout: Some(LIMIT),
        login: setting.login(setting.interactive()),
    };
    let over = |_: &_, event: &Event| matches!(event, Event::ExecFinished { .. });
    let exit = session.go(Request::Exec(request), over).await?;
    let part = session.world.exec.as_ref().and_then(|exec| exec.nodes.get(&head.id));
    let (lines, problem) = part.map(|p| (p.lines.as_slice(), p.problem.as_deref())).unwrap_or_default();
    if exit != Exit::Ok {
        for why in lines.iter().map(|(_, line)| line.as_str()).chain(problem) {
            say(&format!("{}: {why}", head.name));
        }
        return Ok(exit);
    }
    let said = |word: &str| lines.iter().find_map(|(_, line)| line.strip_prefix(word));
    let hosts = text.lines().filter(|line| !line.starts_with('#')).count();
    let hosts = count(hosts as u64, "node", "nodes");
    if said("same").is_some() {
        say(&format!("~/{name} on {} names {hosts} already", head.name));
    } else {
        let saved = said("saved ").map(|path| format!("; the file before is {path}")).unwrap_or_default();
        say(&format!("~/{name} on {} names {hosts}{saved}", head.name));
    }
    if name == USUAL {
        say("the next setup writes it again, with the addresses of all nodes; --write NAME makes a file that stays");
    }
    Ok(Exit::Ok)
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use super::*;

    /// What the script says in a home of its own.
    fn write_in(home: &Path, text: &str) -> (String, bool) {
        let output = Command::new("sh").args(["-c", WRITE, "pictl", "hosts", text]).env("HOME", home).output().unwrap();
        (String::from_utf8(output.stdout).unwrap(), output.status.success())
    }

    #[test]
    fn a_file_on_the_head_is_written_whole_and_the_one_before_is_saved() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("hosts");
        let read = || std::fs::read_to_string(&file).unwrap();
        assert_eq!(write_in(home.path(), "a slots=1\n"), ("written\n".to_owned(), true));
        assert_eq!(write_in(home.path(), "a slots=1\n"), ("same\n".to_owned(), true));
        let (said, _) = write_in(home.path(), "b slots=2 # it's \"this\"\n");
        assert_eq!(read(), "b slots=2 # it's \"this\"\n");
        let saved = said.lines().next().and_then(|line| line.strip_prefix("saved ~/")).unwrap();
        assert_eq!(std::fs::read_to_string(home.path().join(saved)).unwrap(), "a slots=1\n");
        std::fs::remove_file(&file).unwrap();
        std::fs::create_dir(&file).unwrap();
        assert!(!write_in(home.path(), "c").1, "a folder stays one");
        let left = std::fs::read_dir(home.path()).unwrap().count();
        assert_eq!(left, 2, "the folder and the saved file, and nothing else");
    }

    #[test]
    fn only_a_plain_name_is_a_name() {
        for name in ["hosts", "hosts.mpich", "half_1-2"] {
            check_name(name).unwrap();
        }
        for name in ["", "../x", ".bashrc", "a b", "-x", "/etc/hosts", "a\nb"] {
            assert_eq!(check_name(name).unwrap_err().exit, Exit::Usage, "{name}");
        }
    }
}
