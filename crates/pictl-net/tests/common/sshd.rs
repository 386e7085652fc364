//! The real OpenSSH server on 127.0.0.1, with files of its own.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use pictl_engine::ports::{ConnectSpec, Credential};
use russh::keys::PrivateKey;
use russh::keys::ssh_key::LineEnding;
use tokio::sync::watch;

use super::{Ends, ed25519, known, limits, line, soon};

const SSHD: &str = "/usr/sbin/sshd";

/// A PAM module that asks for a code, and takes none.
const SECOND_FACTOR: &str = r#"
#include <stdlib.h>
struct question { int style; const char *text; };
struct answer { char *text; int code; };
struct conversation { int (*ask)(int, const struct question **, struct answer **, void *); void *data; };
int pam_get_item(const void *handle, int item, const void **value);
int pam_sm_authenticate(void *handle, int flags, int count, const char **words) {
  const void *value;
  if (pam_get_item(handle, 5, &value)) return 7;
  const struct conversation *with = value;
  struct question question = {1, "Verification code: "};
  const struct question *asked = &question;
  struct answer *answer = 0;
  if (!with->ask(1, &asked, &answer, with->data) && answer) free(answer->text), free(answer);
  return 7;
}
int pam_sm_setcred(void *handle, int flags, int count, const char **words) { return 0; }
"#;

/// Whom an sshd lets in.
enum Users<'a> {
    /// The machine's own.
    Own,
    /// The one that runs the tests, with this login shell and home.
    Login(&'a str, &'a Path),
    /// Lines of `/etc/shadow`, by PAM.
    Pam { users: &'a [&'a str], second_factor: bool },
}

/// A private sshd.
pub(crate) struct Sshd {
    pub(crate) process: Ends,
    pub(crate) address: SocketAddr,
    pub(crate) host_key: PrivateKey,
    pub(crate) dir: tempfile::TempDir,
    log: watch::Receiver<String>,
}

impl Sshd {
    /// Starts one that accepts `authorized`; `None`, with a message, where there is no sshd.
    pub(crate) fn start(authorized: &[&PrivateKey]) -> Option<Self> {
        Self::with(authorized, "")
    }

    /// The same with lines of configuration that come first, so that they win.
    pub(crate) fn with(authorized: &[&PrivateKey], config: &str) -> Option<Self> {
        Self::launch(authorized, config, &Users::Own)
    }

    /// One on which the user that runs the tests has this login shell and home. In a mount namespace, so that the machine's own
    /// users stay as they are; only root can do that.
    pub(crate) fn with_login(authorized: &[&PrivateKey], config: &str, shell: &str, home: &Path) -> Option<Self> {
        Self::in_namespace().then(|| Self::launch(authorized, config, &Users::Login(shell, home))).flatten()
    }

    fn in_namespace() -> bool {
        let possible = rustix::process::geteuid().is_root()
            && Command::new("unshare").args(["-m", "true"]).status().is_ok_and(|status| status.success());
        if !possible {
            pictl_tests::skip("not root, or there is no unshare");
        }
        possible
    }

    /// One that asks PAM, which knows only `users`: lines of `/etc/shadow`. In a mount namespace, so that the machine's own
    /// users stay as they are; only root can do that.
    pub(crate) fn with_pam(users: &[&str], config: &str) -> Option<Self> {
        let config = format!("{config}\nUsePAM yes\n");
        Self::in_namespace().then(|| Self::launch(&[], &config, &Users::Pam { users, second_factor: false })).flatten()
    }

    /// The same, with a second question to all after the password.
    pub(crate) fn with_second_factor(authorized: &[&PrivateKey], users: &[&str], config: &str) -> Option<Self> {
        let config = format!("{config}\nUsePAM yes\n");
        Self::in_namespace()
            .then(|| Self::launch(authorized, &config, &Users::Pam { users, second_factor: true }))
            .flatten()
    }

    /// Adds `config` at the end of its configuration, and waits until it has read that.
    pub(crate) async fn reload_with(&self, config: &str) {
        let path = self.dir.path().join("config");
        let text = std::fs::read_to_string(&path).unwrap() + config;
        std::fs::write(path, text).unwrap();
        let before = self.count("Server listening");
        rustix::process::kill_process(rustix::process::Pid::from_child(&self.process.0), rustix::process::Signal::HUP)
            .unwrap();
        let mut log = self.log.clone();
        soon(log.wait_for(|log| log.matches("Server listening").count() > before)).await.unwrap();
    }

    fn launch(authorized: &[&PrivateKey], config: &str, users: &Users<'_>) -> Option<Self> {
        if !Path::new(SSHD).exists() {
            pictl_tests::skip(&format!("there is no {SSHD}"));
            return None;
        }
        // Where root separates privileges; nobody else needs it.
        let _ = std::fs::create_dir("/run/sshd");
        let dir = tempfile::tempdir().unwrap();
        let (host_key, at) = (ed25519(), dir.path().display());
        let file = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        host_key.write_openssh_file(dir.path().join("host"), LineEnding::LF).unwrap();
        let lines: Vec<_> = authorized.iter().map(|key| line(key)).collect();
        file("authorized", &(lines.join("\n") + "\n"));
        let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let config = format!(
            "{config}\nListenAddress {address}\nHostKey {at}/host\nPidFile none\nAuthorizedKeysFile {at}/authorized\n\
             LogLevel VERBOSE\nStrictModes no\nUsePAM no\nPermitRootLogin yes\nPasswordAuthentication no\n\
             KbdInteractiveAuthentication no\n"
        );
        file("config", &config);
        let own = || std::fs::read_to_string("/etc/passwd").unwrap();
        let in_namespace = |binds: &str| {
            let mut command = Command::new("unshare");
            command.args(["-m", "sh", "-c", &format!("{binds} && exec {SSHD} \"$@\""), "sshd"]);
            command
        };
        let mut command = match users {
            Users::Own => Command::new(SSHD),
            Users::Login(shell, home) => {
                let root = format!("root:x:0:0:root:{}:{shell}\n", home.display());
                let own = own();
                let others = own.lines().filter(|line| !line.starts_with("root:")).collect::<Vec<_>>().join("\n");
                file("passwd", &format!("{root}{others}\n"));
                in_namespace(&format!("mount --bind {at}/passwd /etc/passwd"))
            }
            Users::Pam { users, second_factor } => {
                let passwd = users.iter().enumerate().map(|(n, user)| {
                    let name = user.split(':').next().unwrap();
                    format!("{name}:x:{}:{}::/:/bin/sh\n", 60_000 + n, 60_000 + n)
                });
                file("passwd", &(own() + &passwd.collect::<String>()));
                file("shadow", &(users.join("\n") + "\n"));
                let mut auth = "auth required pam_unix.so\n".to_owned();
                if *second_factor {
                    file("code.c", SECOND_FACTOR);
                    let words = ["-shared", "-fPIC", "-o", "code.so", "code.c"];
                    assert!(Command::new("cc").args(words).current_dir(dir.path()).status().unwrap().success());
                    let module = format!("auth required {at}/code.so\n");
                    auth.push_str(&module);
                    // The user reads authorized keys there.
                    std::fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
                }
                let unix = "account required pam_unix.so\npassword required pam_unix.so\n";
                file("pam", &format!("{auth}{unix}session required pam_permit.so\n"));
                in_namespace(&format!(
                    "mount --bind {at}/passwd /etc/passwd && mount --bind {at}/shadow /etc/shadow && \
                     mount -t tmpfs none /etc/pam.d && cp {at}/pam /etc/pam.d/sshd"
                ))
            }
        };
        let mut child =
            command.args(["-D", "-e", "-f"]).arg(dir.path().join("config")).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("Server listening")), "sshd did not start");
        let (writer, log) = watch::channel(String::new());
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                writer.send_modify(|log| *log += &(line + "\n"));
            }
        });
        Some(Self { process: Ends(child), address, host_key, dir, log })
    }

    /// Waits until its log has `text`.
    pub(crate) async fn logged(&self, text: &str) {
        let mut log = self.log.clone();
        soon(log.wait_for(|log| log.contains(text))).await.unwrap();
    }

    /// How often its log has `text` by now.
    pub(crate) fn count(&self, text: &str) -> usize {
        self.log.borrow().matches(text).count()
    }

    pub(crate) fn spec(&self, credentials: Vec<Credential>) -> ConnectSpec {
        let user = Command::new("id").arg("-un").output().unwrap().stdout;
        ConnectSpec {
            address: self.address,
            user: String::from_utf8(user).unwrap().trim().into(),
            known: Arc::new(known(self.address, &[&self.host_key])),
            credentials,
            limits: limits(),
            via: None,
        }
    }

    /// The key in a file of this name.
    pub(crate) fn saved(&self, key: &PrivateKey, name: &str) -> Credential {
        let path = self.dir.path().join(name);
        key.write_openssh_file(&path, LineEnding::LF).unwrap();
        Credential::Key { path, passphrase: None }
    }
}
