//! Keys in files and in the agent against the real OpenSSH, on 127.0.0.1.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
#![cfg(unix)]

mod common;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use common::sshd::Sshd;
use common::{Ends, ed25519, known, limits, soon};
use pictl_engine::ports::{Connect, ConnectError, ConnectSpec, Credential, KeySource, OperatorKeys};
use pictl_model::Secret;
use pictl_net::ssh::{KeyFolder, Ssh};
use russh::keys::ssh_key::LineEnding;
use russh::keys::{PrivateKey, load_public_key, load_secret_key};

/// Passes the folder of the files to the other half of a test.
const PLACE: &str = "PICTL_TEST_PLACE";

fn run(program: &str, arguments: &[&str], dir: &Path) {
    let done = Command::new(program).args(arguments).current_dir(dir).stdin(Stdio::null()).output().unwrap();
    assert!(done.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
}

#[tokio::test]
async fn key_files_of_every_form_open_by_their_passphrase() {
    let dir = tempfile::tempdir().unwrap();
    let forms = [
        ["ed25519", "RFC4716"],
        ["ecdsa", "RFC4716"],
        ["rsa", "RFC4716"],
        ["ecdsa", "PKCS8"],
        ["rsa", "PKCS8"],
        ["rsa", "PEM"],
        ["ecdsa", "PEM"],
    ];
    if Command::new("ssh-keygen").arg("-?").output().is_err() {
        pictl_tests::skip("there is no ssh-keygen");
        return;
    }
    let mut public = Vec::new();
    for [kind, form] in forms {
        for passphrase in ["", "open sesame"] {
            let name = format!("{kind}-{form}-{}", passphrase.len());
            let bits = if kind == "rsa" { "2048" } else { "256" };
            // One round: what a passphrase costs is computed without optimisation here.
            let how = ["-q", "-a", "1", "-t", kind, "-b", bits, "-m", form, "-N", passphrase, "-f", &name];
            run("ssh-keygen", &how, dir.path());
            public.push(std::fs::read_to_string(dir.path().join(name + ".pub")).unwrap());
        }
    }
    let Some(sshd) = Sshd::start(&[]) else { return };
    std::fs::write(sshd.dir.path().join("authorized"), public.concat()).unwrap();
    let ssh = Ssh::default();
    let login = async |name: String, passphrase: Option<&str>| {
        let passphrase = passphrase.map(|text| Secret::new(text.into()));
        let credential = Credential::Key { path: dir.path().join(name), passphrase };
        soon(ssh.connect(sshd.spec(vec![credential]), None)).await
    };
    for [kind, form] in forms {
        assert!(login(format!("{kind}-{form}-0"), None).await.is_ok(), "{kind} {form}");
        let name = || format!("{kind}-{form}-11");
        let locked = login(name(), None).await.err();
        if [kind, form] == ["ecdsa", "PEM"] {
            assert!(matches!(locked, Some(ConnectError::Key { why, .. }) if why.contains("ssh-keygen -pf")));
            continue;
        }
        assert!(matches!(locked, Some(ConnectError::Passphrase { wrong: false, .. })), "{kind} {form}: {locked:?}");
        let wrong = login(name(), Some("open barley")).await.err();
        assert!(matches!(wrong, Some(ConnectError::Passphrase { wrong: true, .. })), "{kind} {form}: {wrong:?}");
        assert!(login(name(), Some("open sesame")).await.is_ok(), "{kind} {form}");
    }
    // Without its public half a PEM file cannot be offered.
    std::fs::remove_file(dir.path().join("rsa-PEM-11.pub")).unwrap();
    let bare = login("rsa-PEM-11".into(), Some("open sesame")).await.err();
    assert!(matches!(bare, Some(ConnectError::Key { why, .. }) if why.contains("ssh-keygen -yf")));
    assert_eq!(sshd.count("Failed publickey"), 0, "asking which keys are taken is no failed login");
}

/// Runs `test` again as another process that finds an agent with the keys in `names`, in this order: the environment,
/// which names the agent, belongs to a whole process.
fn with_agent(test: &str, sshd: &Sshd, names: &[&str]) {
    let dir = sshd.dir.path();
    let socket = dir.join("agent");
    let agent = Command::new("ssh-agent").arg("-D").arg("-a").arg(&socket).stdout(Stdio::piped()).spawn();
    let Ok(agent) = agent else {
        pictl_tests::skip("there is no ssh-agent");
        return;
    };
    let mut agent = Ends(agent);
    // It prints the path of its socket once that exists.
    BufReader::new(agent.0.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    for name in names {
        // One that needs a confirmation that never comes.
        let how = if *name == "confirm" { "-qc" } else { "-q" };
        let mut add = Command::new("ssh-add");
        add.args([how, name]).current_dir(dir).env("SSH_AUTH_SOCK", &socket).stderr(Stdio::null());
        assert!(add.status().unwrap().success(), "{name}");
    }
    let place = format!("{} {}", sshd.address, dir.display());
    let done = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test])
        .env("SSH_AUTH_SOCK", &socket)
        .env(PLACE, place)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout) + String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && said.contains("1 passed"), "{said}");
}

/// What the other process knows.
struct Other {
    place: String,
}

impl Other {
    fn here() -> Option<Self> {
        std::env::var(PLACE).ok().map(|place| Self { place })
    }

    fn dir(&self) -> &Path {
        Path::new(self.place.split_once(' ').unwrap().1)
    }

    async fn login(&self, credentials: Vec<Credential>) -> Result<String, ConnectError> {
        let address = self.place.split_once(' ').unwrap().0.parse().unwrap();
        let host_key = load_secret_key(self.dir().join("host"), None).unwrap();
        let spec = ConnectSpec {
            address,
            user: String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout).unwrap().trim().into(),
            known: Arc::new(known(address, &[&host_key])),
            credentials,
            limits: limits(),
            via: None,
        };
        soon(Ssh::default().connect(spec, None)).await.map(|session| session.logged_in_by().to_string())
    }

    async fn refused(&self, credentials: Vec<Credential>) -> String {
        match self.login(credentials).await.err() {
            Some(ConnectError::Refused { tried, .. }) => tried,
            other => panic!("{other:?}"),
        }
    }

    fn only(&self, name: &str) -> Credential {
        let public = load_public_key(self.dir().join(name).with_extension("pub")).unwrap();
        Credential::Agent { only: Some(public.to_openssh().unwrap()) }
    }
}

/// A key in a file of this name in the folder of `sshd`, with its public half and a comment.
fn save(sshd: &Sshd, name: &str) -> PrivateKey {
    let mut key = ed25519();
    key.set_comment(name);
    let path = sshd.dir.path().join(name);
    key.write_openssh_file(&path, LineEnding::LF).unwrap();
    std::fs::write(path.with_extension("pub"), key.public_key().to_openssh().unwrap()).unwrap();
    key
}

fn authorize(sshd: &Sshd, keys: &[&PrivateKey]) {
    let lines: String = keys.iter().map(|key| common::line(key) + "\n").collect();
    std::fs::write(sshd.dir.path().join("authorized"), lines).unwrap();
}

#[tokio::test]
async fn three_of_the_agents_keys_are_offered_or_the_one_that_is_wanted() {
    let all = || Credential::Agent { only: None };
    if let Some(other) = Other::here() {
        let tried = other.refused(vec![all()]).await;
        assert_eq!(
            tried,
            "agent key one, agent key two, agent key three, 2 more of the agent's keys (not offered: too many tries)"
        );
        assert_eq!(other.login(vec![other.only("five")]).await.unwrap(), "agent key five");
        assert_eq!(other.refused(vec![other.only("strange")]).await, "agent (it does not have the key)");
        // One that is in a file, too, is offered once.
        let file = Credential::Key { path: other.dir().join("one"), passphrase: None };
        let tried = other.refused(vec![file, all()]).await;
        assert_eq!(tried.matches("agent key").count(), 2, "{tried}");
        return;
    }
    let Some(sshd) = Sshd::start(&[]) else { return };
    let names = ["one", "two", "three", "four", "five"];
    let keys = names.map(|name| save(&sshd, name));
    save(&sshd, "strange");
    authorize(&sshd, &[&keys[4]]);
    with_agent("three_of_the_agents_keys_are_offered_or_the_one_that_is_wanted", &sshd, &names);
}

#[tokio::test]
async fn certificates_and_refusals_of_the_agent_are_reported() {
    if let Some(other) = Other::here() {
        let tried = other.refused(vec![Credential::Agent { only: None }]).await;
        assert!(tried.contains("agent key confirm, (the host takes it, but the agent did not sign: "), "{tried}");
        assert!(tried.contains("1 of the agent's certificates (not offered"), "{tried}");
        return;
    }
    let Some(sshd) = Sshd::start(&[]) else { return };
    let keys = ["confirm", "signed", "authority"].map(|name| save(&sshd, name));
    authorize(&sshd, &[&keys[0]]);
    run("ssh-keygen", &["-q", "-s", "authority", "-I", "me", "-n", "root", "signed.pub"], sshd.dir.path());
    // ssh-add takes the certificate along with its key.
    with_agent("certificates_and_refusals_of_the_agent_are_reported", &sshd, &["confirm", "signed"]);
}

#[tokio::test]
async fn the_agent_spares_the_passphrase_of_a_locked_file_and_is_the_operators_key_where_no_other_opens() {
    if let Some(other) = Other::here() {
        let path = other.dir().join("id_ed25519");
        let file = Credential::Key { path: path.clone(), passphrase: None };
        assert_eq!(other.login(vec![file]).await.unwrap(), format!("agent key {}", path.display()));
        // A public half stands for the agent's key, as in OpenSSH.
        let folder = KeyFolder::new(other.dir().join("keys"), String::new());
        let by_name = folder.find(Some(other.dir().join("id_ed25519.pub"))).await.unwrap().unwrap();
        assert_eq!(by_name.source, KeySource::Agent);
        assert_eq!(other.login(vec![by_name.credential(None)]).await.unwrap(), "agent key id_ed25519");
        let public = Credential::Key { path: other.dir().join("id_ed25519.pub"), passphrase: None };
        assert_eq!(other.login(vec![public]).await.unwrap(), "agent key id_ed25519");
        // Among the operator's own: what opens, the agent's first, what is locked.
        let folder = KeyFolder::new(other.dir().to_owned(), String::new());
        let found = folder.find(None).await.unwrap().unwrap();
        assert_eq!((&found.source, found.locked), (&KeySource::Agent, false));
        assert!(found.public.ends_with(" id_ed25519"), "{}", found.public);
        assert_eq!(folder.ensure(None).await.unwrap(), found);
        return;
    }
    let Some(sshd) = Sshd::start(&[]) else { return };
    let key = save(&sshd, "open");
    authorize(&sshd, &[&key]);
    // The agent has it open, the file has it locked.
    let dir = sshd.dir.path();
    std::fs::rename(dir.join("open.pub"), dir.join("id_ed25519.pub")).unwrap();
    let mut named = key.clone();
    named.set_comment("id_ed25519");
    named.write_openssh_file(dir.join("open"), LineEnding::LF).unwrap();
    let locked = named.encrypt(&mut russh::keys::key::safe_rng(), "secret").unwrap();
    locked.write_openssh_file(dir.join("id_ed25519"), LineEnding::LF).unwrap();
    let test = "the_agent_spares_the_passphrase_of_a_locked_file_and_is_the_operators_key_where_no_other_opens";
    with_agent(test, &sshd, &["open"]);
}
