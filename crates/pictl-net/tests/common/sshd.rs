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
        Self::launch(authorized, config, &[], None)
    }

    /// One on which the user that runs the tests has this login shell and home. In a mount namespace, so that the machine's own
    /// users stay as they are; only root can do that.
    pub(crate) fn with_login(authorized: &[&PrivateKey], config: &str, shell: &str, home: &Path) -> Option<Self> {
        Self::in_namespace().then(|| Self::launch(authorized, config, &[], Some((shell, home)))).flatten()
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
        Self::in_namespace().then(|| Self::launch(&[], &format!("{config}\nUsePAM yes\n"), users, None)).flatten()
    }

    fn launch(
        authorized: &[&PrivateKey],
        config: &str,
        users: &[&str],
        login: Option<(&str, &Path)>,
    ) -> Option<Self> {
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
        let mut command = if let Some((shell, home)) = login {
            let own = std::fs::read_to_string("/etc/passwd").unwrap();
            let root = format!("root:x:0:0:root:{}:{shell}\n", home.display());
            let others = own.lines().filter(|line| !line.starts_with("root:")).collect::<Vec<_>>().join("\n");
            file("passwd", &format!("{root}{others}\n"));
            let mut command = Command::new("unshare");
            let bind = format!("mount --bind {at}/passwd /etc/passwd && exec {SSHD} \"$@\"");
            command.args(["-m", "sh", "-c", &bind, "sshd"]);
            command
        } else if users.is_empty() {
            Command::new(SSHD)
        } else {
            let passwd = users.iter().enumerate().map(|(n, user)| {
                let name = user.split(':').next().unwrap();
                format!("{name}:x:{}:{}::/:/bin/sh\n", 60_000 + n, 60_000 + n)
            });
            let own = std::fs::read_to_string("/etc/passwd").unwrap();
            file("passwd", &(own + &passwd.collect::<String>()));
            file("shadow", &(users.join("\n") + "\n"));
            let unix = "auth required pam_unix.so\naccount required pam_unix.so\npassword required pam_unix.so\n";
            file("pam", &format!("{unix}session required pam_permit.so\n"));
            let mut command = Command::new("unshare");
            let binds = format!(
                "mount --bind {at}/passwd /etc/passwd && mount --bind {at}/shadow /etc/shadow && \
                 mount -t tmpfs none /etc/pam.d && cp {at}/pam /etc/pam.d/sshd && exec {SSHD} \"$@\""
            );
            command.args(["-m", "sh", "-c", &binds, "sshd"]);
            command
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
