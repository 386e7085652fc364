//! `pictl keys`: setups of a few steps, and a last line with the result.

use std::path::Path;

use anyhow::Context as _;
use pictl_engine::ports::{KeySource, OperatorKeys as _};
use pictl_formats::authorized_keys::{Pick, parse_public};
use pictl_model::request::{KeyWork, SetupRequest};
use pictl_model::step::{StepId, StepState};
use pictl_model::world::{SetupView, World};

use super::pairs::Pairs;
use super::setup::{choose, make};
use crate::cli::{Keys, KeysCommand, Passwords};
use crate::drive::Session;
use crate::exit::{Exit, Trouble};
use crate::front::{Front, out, say};
use crate::secrets::Secrets;
use crate::wire::Setting;

/// A larger file is not a key.
const MAX_FILE: u64 = 64 * 1024;

/// Does the work and prints the result.
pub(crate) async fn run(setting: &Setting, args: &Keys) -> Result<Exit, Trouble> {
    let (command, how) = (&args.command, args.how);
    if let KeysCommand::Ssh { remove } = command {
        return super::ssh::run(setting, how, *remove).await;
    }
    let check = matches!(command, KeysCommand::Check);
    // What removes nothing is done without a question, as `ssh-copy-id` does.
    let harmless = check || matches!(command, KeysCommand::Push | KeysCommand::Mesh);
    let yes = harmless || how.yes;
    // A check changes nothing; a dry run would only show that it would check.
    let dry_run = how.dry_run && !check;
    let json = setting.global.json;
    let (only, keys) = work(command)?;
    let secrets = Secrets::read(&setting.login_args)?;
    let front = if check && json { Front::Quiet } else { Front::of(&setting.global, dry_run || !yes) };
    let mut session = Session::start(setting, front, secrets)?;
    let request = SetupRequest {
        nodes: choose(&mut session, setting).await?,
        names: Vec::new(),
        prefix: setting.prefix(None),
        head: None,
        mpi: None,
        mpi_prefix: None,
        only,
        dry_run,
        yes,
        keys,
        login: setting.login(setting.interactive()),
    };
    let mut exit = make(&mut session, request).await?;
    let pairs = Pairs::of(&session.world);
    if check && exit == Exit::Ok && pairs.fail() {
        exit = Exit::Failed;
    }
    match (check, json) {
        (true, true) => pairs.print_json(),
        // Every event has been printed already.
        (false, true) => {}
        (_, false) => {
            if check {
                pairs.print();
            }
            for line in outcome(command, dry_run, &session.world, &your_key(setting).await) {
                out(&line);
            }
            if matches!(command, KeysCommand::Push) && !dry_run && exit == Exit::Ok {
                say(
                    "you need no password there any more: `pictl keys passwords off` disables password login and can be undone",
                );
            }
        }
    }
    Ok(session.end(exit).await)
}

/// The steps that `command` stands for, with the work on keys that it asks for.
fn work(command: &KeysCommand) -> Result<(Vec<StepId>, KeyWork), Trouble> {
    use StepId::{Identity, KnownHosts, Mesh, NodeKey, OperatorKey, Pairs, PasswordLogin, Revoke};
    let none = KeyWork::default();
    Ok(match command {
        KeysCommand::Push => (vec![OperatorKey], none),
        KeysCommand::Mesh => (vec![NodeKey, Mesh, KnownHosts, Pairs], none),
        KeysCommand::Check => (vec![Pairs], none),
        // Nothing is done on nodes.
        KeysCommand::Ssh { .. } => (Vec::new(), none),
        KeysCommand::Rotate { of_nodes: false } => (vec![OperatorKey, Revoke], KeyWork { rotate: true, ..none }),
        KeysCommand::Rotate { of_nodes: true } => {
            (vec![NodeKey, Mesh, Revoke, KnownHosts, Pairs], KeyWork { rotate_nodes: true, ..none })
        }
        KeysCommand::Remove { keys } => {
            let found = keys.iter().map(|text| named(text)).collect::<Result<Vec<_>, _>>()?;
            (vec![Revoke], KeyWork { remove: found.concat(), ..none })
        }
        KeysCommand::Unclone => (vec![Identity, KnownHosts], KeyWork { unclone: true, ..none }),
        KeysCommand::Passwords { wanted } => {
            (vec![PasswordLogin], KeyWork { passwords: Some(*wanted == Passwords::On), ..none })
        }
    })
}

/// The keys that `text` names: those in the file of that name, else `text` itself.
fn named(text: &str) -> Result<Vec<String>, Trouble> {
    let path = Path::new(text);
    let file = path.is_file() || path.extension().is_some_and(|e| e == "pub");
    if file || (text.starts_with(['/', '.', '~']) && !text.contains(' ')) {
        return public_keys(path);
    }
    Pick::parse(text).map(|_| vec![text.to_owned()]).map_err(Trouble::usage)
}

/// The public keys in the file at `path`; for a private key, those in the .pub file beside it.
fn public_keys(path: &Path) -> Result<Vec<String>, Trouble> {
    let text = read(path)?;
    let (path, text) = if text.contains("PRIVATE KEY-----") {
        let mut public = path.as_os_str().to_owned();
        public.push(".pub");
        let public = std::path::PathBuf::from(public);
        let text = read(&public).map_err(|e| {
            let hint = format!("`ssh-keygen -y -f {0} > {0}.pub` makes it", path.display());
            Trouble { error: e.error.context(format!("the public half of {} is needed; {hint}", path.display())), ..e }
        })?;
        (public, text)
    } else {
        (path.to_owned(), text)
    };
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let keys = lines
        .map(|line| parse_public(line).map(|_| line.to_owned()))
        .collect::<Result<Vec<_>, _>>()
        .with_context(|| format!("{} is not a file of public keys", path.display()))
        .map_err(Trouble::usage)?;
    if keys.is_empty() {
        return Err(Trouble::usage(anyhow::anyhow!("there is no public key in {}", path.display())));
    }
    Ok(keys)
}

fn read(path: &Path) -> Result<String, Trouble> {
    let bounded = |path: &Path| match std::fs::metadata(path)?.len() {
        0..=MAX_FILE => std::fs::read_to_string(path),
        _ => Err(std::io::Error::new(std::io::ErrorKind::InvalidData, "it is too long to be a key")),
    };
    bounded(path).with_context(|| format!("cannot read {}", path.display())).map_err(Trouble::usage)
}

/// The name of the operator's key.
async fn your_key(setting: &Setting) -> String {
    let identity = setting.login(false).identity;
    match setting.key_folder().find(identity).await {
        Ok(Some(key)) => match key.source {
            KeySource::File(path) => match path.strip_prefix(&setting.paths.home) {
                Ok(below) => format!("~/{}", below.display()),
                Err(_) => path.display().to_string(),
            },
            KeySource::Agent => "of the agent".to_owned(),
        },
        _ => "(none)".to_owned(),
    }
}

/// The result, in one or two lines.
fn outcome(command: &KeysCommand, dry_run: bool, world: &World, key: &str) -> Vec<String> {
    let Some(setup) = &world.setup else { return Vec::new() };
    let stopped = setup.summary.is_some_and(|s| s.done == 0 && s.aborted > 0);
    if dry_run || stopped {
        return vec!["nothing was changed".to_owned()];
    }
    let on = |step| of(setup, step);
    let all_good = |step| good(setup, step) == setup.plan.nodes.len();
    let pairs = Pairs::of(world).summary();
    match command {
        KeysCommand::Push => vec![format!("your key {key} lets you in on {}", on(StepId::OperatorKey))],
        KeysCommand::Mesh => vec![format!("{} have keys of each other; {pairs}", on(StepId::Mesh))],
        KeysCommand::Check => vec![pairs],
        KeysCommand::Ssh { .. } => Vec::new(),
        KeysCommand::Rotate { of_nodes: false } if all_good(StepId::OperatorKey) && all_good(StepId::Revoke) => {
            vec![format!("your key {key} is a new one and lets you in on {}; the old one on none", on(StepId::Revoke))]
        }
        KeysCommand::Rotate { of_nodes: false } => vec![
            format!(
                "a new key lets you in on {}; the old one is removed from {}",
                on(StepId::OperatorKey),
                on(StepId::Revoke)
            ),
            format!("both are kept ({key} is still yours) until `pictl keys rotate` has finished on all nodes"),
        ],
        KeysCommand::Rotate { of_nodes: true } => {
            vec![format!(
                "{} have a new key, {} removed the old ones; {pairs}",
                on(StepId::NodeKey),
                on(StepId::Revoke)
            )]
        }
        KeysCommand::Remove { .. } => vec![format!("{} let nobody in by the removed keys", on(StepId::Revoke))],
        KeysCommand::Unclone => vec![format!("{} have host keys and a machine-id of their own", on(StepId::Identity))],
        KeysCommand::Passwords { wanted: Passwords::Off } => passwords_off(setup),
        KeysCommand::Passwords { wanted: Passwords::On } => {
            vec![format!("{} take passwords as their own configuration says", on(StepId::PasswordLogin))]
        }
    }
}

/// A node that still accepts the passwords of some users is not one that takes keys only.
fn passwords_off(setup: &SetupView) -> Vec<String> {
    let (step, all) = (StepId::PasswordLogin, setup.plan.nodes.len());
    let partly = setup.plan.nodes.iter().filter(|n| setup.cell(&n.node, step).state == StepState::Warned).count();
    let only = good(setup, step) - partly;
    let mut lines =
        vec![format!("{only} of {all} nodes take keys only, no passwords; `pictl keys passwords on` undoes it")];
    if partly > 0 {
        lines.push(format!("{partly} of {all} nodes still accept passwords of some users, as shown above"));
    }
    lines
}

fn good(setup: &SetupView, step: StepId) -> usize {
    setup.plan.nodes.iter().filter(|n| setup.cell(&n.node, step).state.is_good()).count()
}

/// On how many nodes `step` is true: `7 of 8 nodes`.
fn of(setup: &SetupView, step: StepId) -> String {
    format!("{} of {} nodes", good(setup, step), setup.plan.nodes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    // Any valid key would do; this one is from the documentation of the format.
    const PUBLIC: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g lost@laptop";

    fn refused(text: &str) -> String {
        let error = named(text).expect_err(text);
        assert_eq!(error.exit, Exit::Usage, "{text}");
        error.to_string()
    }

    #[test]
    fn a_key_is_named_by_file_fingerprint_line_or_comment() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
        std::fs::write(at("id.pub"), format!("{PUBLIC}\n")).unwrap();
        std::fs::write(at("id"), "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n").unwrap();
        std::fs::write(at("many"), format!("# of the lab\n{PUBLIC}\n\n{PUBLIC}2\r\n")).unwrap();
        assert_eq!(named(&at("id.pub")).unwrap(), [PUBLIC]);
        assert_eq!(named(&at("id")).unwrap(), [PUBLIC]);
        assert_eq!(named(&at("many")).unwrap(), [PUBLIC.to_owned(), format!("{PUBLIC}2")]);
        assert_eq!(named(PUBLIC).unwrap(), [PUBLIC]);
        let fingerprint = format!("SHA256:{}", "A".repeat(43));
        assert_eq!(named(&fingerprint).unwrap(), [fingerprint]);
        assert_eq!(named("lost@laptop").unwrap(), ["lost@laptop"]);
    }

    #[test]
    fn what_is_not_a_key_is_refused_before_anything_is_done() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
        std::fs::write(at("alone"), "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n").unwrap();
        std::fs::write(at("letter"), "dear Pi\n").unwrap();
        std::fs::write(at("empty"), "\n").unwrap();
        std::fs::write(at("long"), vec![b'a'; 70_000]).unwrap();
        assert!(refused(&at("alone")).contains("ssh-keygen -y"));
        assert!(refused(&at("letter")).contains("not a file of public keys"));
        assert!(refused(&at("empty")).contains("no public key"));
        assert!(refused(&at("long")).contains("too long"));
        assert!(refused(&at("missing")).contains("cannot read"));
        assert!(refused("id_gone.pub").contains("cannot read"));
        for text in ["SHA256:short", "", "two\nlines"] {
            refused(text);
        }
    }

    #[test]
    fn each_command_is_the_steps_that_it_stands_for() {
        let steps = |command: &KeysCommand| work(command).unwrap().0;
        assert_eq!(steps(&KeysCommand::Push), [StepId::OperatorKey]);
        assert_eq!(steps(&KeysCommand::Check), [StepId::Pairs]);
        let (steps, keys) = work(&KeysCommand::Passwords { wanted: Passwords::Off }).unwrap();
        assert_eq!((steps, keys.passwords), (vec![StepId::PasswordLogin], Some(false)));
        let (steps, keys) = work(&KeysCommand::Remove { keys: vec!["a@b".into(), PUBLIC.into()] }).unwrap();
        assert_eq!((steps, keys.remove), (vec![StepId::Revoke], vec!["a@b".to_owned(), PUBLIC.to_owned()]));
    }
}
