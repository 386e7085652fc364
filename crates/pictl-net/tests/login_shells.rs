//! Scripts through the login shells that users have, with the start files that they write, by a real sshd on 127.0.0.1.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
#![cfg(unix)]

mod common;

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use common::sshd::Sshd;
use common::{ed25519, soon};
use pictl_engine::ports::{Chunk, Connect, ExecError, NotBegun, RemoteCommand, Session};
use pictl_engine::remote::{PutFile, RemoteError, put_file, read};
use pictl_engine::script::{Rights, Script};
use pictl_net::ssh::Ssh;
use russh::keys::PrivateKey;
use tokio::sync::mpsc;

/// A login on a host where the user has this shell, this home, and sshd this configuration.
struct Login {
    session: Arc<dyn Session>,
    home: tempfile::TempDir,
    _sshd: Sshd,
}

impl Login {
    async fn with(shell: &str, bashrc: &str, config: &str) -> Option<Self> {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join(".bashrc"), bashrc).unwrap();
        let key: PrivateKey = ed25519();
        let sshd = Sshd::with_login(&[&key], config, shell, home.path())?;
        let spec = sshd.spec(vec![sshd.saved(&key, "id")]);
        let session = soon(Ssh::default().connect(spec, None)).await.unwrap();
        Some(Self { session, home, _sshd: sshd })
    }

    async fn bash(bashrc: &str) -> Option<Self> {
        Self::with("/bin/bash", bashrc, "").await
    }

    /// What setup and runs do: read the node, write a file and read it back, and get exactly what a script prints.
    async fn works(&self) -> Result<(), RemoteError> {
        let reading = soon(read(&*self.session, &[])).await?;
        assert_eq!(reading.facts.home, self.home.path().to_str().unwrap());
        let content = b"it's \\ and !\n$HOME\n\nlast".to_vec();
        let file = PutFile::new("~/a folder/of 'mine'".into(), 0o640, content.clone());
        soon(put_file(&*self.session, Rights::User, file)).await?;
        let path = self.home.path().join("a folder/of 'mine'");
        assert_eq!(std::fs::read(&path).unwrap(), content);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o640);
        let command = Script::FILE_HASH.command(&["~/nothing"], Some(Duration::from_secs(60)));
        let output = soon(self.session.run(command)).await?;
        assert_eq!(String::from_utf8_lossy(&output.out), "sha256 - -\n");
        assert_eq!(String::from_utf8_lossy(&output.err), "");
        Ok(())
    }

    /// How the script that reads the node never began.
    async fn fails(&self) -> (NotBegun, RemoteError) {
        let error = match soon(self.session.run(Script::FACTS.command(&["keys"], None))).await {
            Err(ExecError::NotBegun(shell)) => shell,
            other => panic!("{other:?}"),
        };
        (error, self.works().await.expect_err("it does not begin"))
    }
}

/// A login shell that knows neither assignments nor POSIX's operators, and quotes as fish and csh do: what is in single quotes has
/// no newline, a backslash and a `!` outside of quotes stand before the character that they quote.
fn foreign_shell(folder: &Path) -> String {
    let path = folder.join("foreign");
    let program = r#"#!/usr/bin/python3 -I
import os, re, shlex, sys
line = sys.argv[2]
bare = re.sub(r"'([^']*)'|\\(.)", lambda m: "x" if m[2] or not re.search(r"[\n!\\]", m[1]) else "&", line, flags=re.S)
if re.search(r"[;&|()<>$`\n]", bare) or "=" in bare.split()[0]:
    sys.exit("foreign: not understood: " + bare)
words = shlex.split(line)
os.execvp(words[0], words)
"#;
    std::fs::write(&path, program).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.to_str().unwrap().to_owned()
}

#[tokio::test]
async fn start_files_that_print_or_change_settings_change_nothing() {
    for bashrc in [
        "",
        "printf '\\033]0;title\\a'",
        "echo Welcome; echo Warning >&2; printf 'no newline'",
        "set -eu",
        "PATH=/nowhere",
        "PATH=; export PATH",
        "IFS=e; CDPATH=/; export IFS CDPATH; umask 0",
        "PYTHONPATH=$HOME; PERL5OPT=-MNothing; export PYTHONPATH PERL5OPT",
        "alias sh=false; sh() { false; }; printf() { false; }",
        "trap 'exit 9' ERR",
        "sleep 90 &",
    ] {
        let Some(login) = Login::bash(bashrc).await else { return };
        login.works().await.unwrap_or_else(|e| panic!("{bashrc}: {e}; {}", e.hint));
    }
}

#[tokio::test]
async fn every_login_shell_starts_a_script() {
    let folder = tempfile::tempdir().unwrap();
    let foreign = foreign_shell(folder.path());
    let shells =
        ["/bin/sh", "/bin/bash", "/bin/dash", "/usr/bin/zsh", "/usr/bin/fish", "/usr/bin/tcsh", "/bin/csh", &foreign];
    for shell in shells {
        if !Path::new(shell).exists() {
            pictl_tests::skip(&format!("there is no {shell}"));
            continue;
        }
        let Some(login) = Login::with(shell, "", "").await else { return };
        login.works().await.unwrap_or_else(|e| panic!("{shell}: {e}; {}", e.hint));
    }
}

/// The guard that hints advise for start files.
const GUARD: &str = "case $- in *i*) ;; *) return ;; esac\n";

/// Each start file fails in its own words, and works after what the hint says.
#[tokio::test]
async fn a_start_file_that_ends_the_login_is_named_and_its_hint_helps() {
    for (bashrc, printed, status, hint) in [
        (
            "set -eu\nif [ \"$color_prompt\" = yes ]; then :; fi\n",
            ".bashrc: line 2: color_prompt: unbound variable",
            1,
            "line 2 of ",
        ),
        ("exit 3\n", "", 3, "`exit`"),
        ("echo 'maintenance until Monday'\nexit 0\n", "maintenance until Monday", 0, "`exit`"),
        ("exec cat\n", "", 0, "`exec`"),
        ("exec no-such-shell -l\n", "no-such-shell: not found", 127, "line 1 of "),
    ] {
        let Some(login) = Login::bash(bashrc).await else { return };
        let (shell, error) = login.fails().await;
        assert!(shell.printed.contains(printed) && shell.status == Some(status), "{bashrc}: {shell:?}");
        assert!(error.message.contains(printed) && error.hint.contains(hint), "{bashrc}: {error}; {}", error.hint);
        std::fs::write(login.home.path().join(".bashrc"), format!("{GUARD}{bashrc}")).unwrap();
        login.works().await.unwrap_or_else(|e| panic!("{bashrc} after the hint: {e}"));
    }
}

#[tokio::test]
async fn accounts_without_a_usable_shell_have_their_cause_and_a_shell_helps() {
    for (shell, printed, hint) in [
        ("/usr/sbin/nologin", "This account is currently not available.", "chsh -s /bin/bash"),
        ("/bin/false", "", "chsh -s /bin/bash"),
        ("/bin/rbash", "restricted", "chsh -s /bin/bash"),
    ] {
        let Some(login) = Login::with(shell, "", "").await else { return };
        let (found, error) = login.fails().await;
        assert!(found.printed.contains(printed) && error.hint.contains(hint), "{shell}: {error}; {}", error.hint);
        let Some(login) = Login::with("/bin/bash", "", "").await else { return };
        login.works().await.unwrap_or_else(|e| panic!("{shell} after the hint: {e}"));
    }
}

/// A fifo or a folder where a file of setup's should be does not hold up the reading, and is named.
#[tokio::test]
async fn what_is_not_a_file_is_named_and_can_be_moved_away() {
    use pictl_formats::facts::{FileKind, FileState, Unusable};
    for make in ["mkfifo", "mkdir"] {
        let Some(login) = Login::bash("").await else { return };
        let line = format!("mkdir -p ~/.ssh && {make} ~/.ssh/authorized_keys");
        assert_eq!(soon(login.session.run(common::command(&line))).await.unwrap().status, Some(0));
        let reading = soon(read(&*login.session, &["keys"])).await.unwrap();
        let state = &reading.files[&FileKind::AuthorizedKeys];
        assert!(matches!(state, FileState::Unusable { why: Unusable::NotAFile, .. }), "{make}: {state:?}");
        let line = format!("mv {0} {0}.old", state.path());
        assert_eq!(soon(login.session.run(common::command(&line))).await.unwrap().status, Some(0));
        let reading = soon(read(&*login.session, &["keys"])).await.unwrap();
        assert!(matches!(reading.files[&FileKind::AuthorizedKeys], FileState::Missing { .. }), "{make}");
    }
}

#[tokio::test]
async fn a_forced_command_has_its_cause() {
    for (config, printed) in [
        ("Subsystem sftp internal-sftp\nForceCommand internal-sftp", "This service allows sftp connections only."),
        ("ForceCommand echo 'Choose: 1) logs'", "Choose: 1) logs"),
    ] {
        let Some(login) = Login::with("/bin/bash", "", config).await else { return };
        let (found, error) = login.fails().await;
        assert!(found.printed.contains(printed), "{config}: {found:?}");
        assert!(error.hint.contains("ForceCommand"), "{config}: {}", error.hint);
    }
}

/// A shell that takes the place of the login shell reads its commands from standard input: nothing of ours may be there.
#[tokio::test]
async fn input_goes_to_the_script_and_to_nobody_else() {
    let Some(login) = Login::bash("exec bash\n").await else { return };
    let limit = Some(Duration::from_secs(4));
    let command = Script::PUT_FILE.with(&Rights::User, &[], b"touch ~/executed\n", limit);
    match soon(login.session.run(command)).await {
        Err(ExecError::NotBegun(NotBegun { waited, status: None, .. })) => assert_eq!(waited, limit),
        other => panic!("{other:?}"),
    }
    assert!(!login.home.path().join("executed").exists());
}

#[tokio::test]
async fn too_few_sessions_a_connection_have_their_cause_and_the_hint_helps() {
    for (sessions, works) in [(1, false), (10, true)] {
        let config = format!("MaxSessions {sessions}");
        let Some(login) = Login::with("/bin/bash", "", &config).await else { return };
        let (chunks, mut said) = mpsc::channel(4);
        let stream = RemoteCommand { limit: None, ..common::command("echo begun; exec cat /dev/zero") };
        let stream = tokio::spawn(login.session.stream(stream, chunks));
        let begun = soon(said.recv()).await;
        assert!(matches!(&begun, Some(Chunk::Out(bytes)) if bytes.starts_with(b"begun\n")));
        let ended = tokio::spawn(async move { while said.recv().await.is_some() {} });
        match soon(login.session.run(Script::FACTS.command(&["keys"], None))).await {
            Ok(output) => assert!(works && output.status == Some(0), "{output:?}"),
            Err(e) => {
                let error = RemoteError::from(e);
                assert!(!works && error.message.contains("besides the 1 that is open"), "{error}");
                assert!(error.hint.contains("MaxSessions 10"), "{}", error.hint);
            }
        }
        ended.abort();
        stream.abort();
    }
}
