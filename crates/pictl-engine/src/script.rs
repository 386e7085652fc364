//! The scripts that run on nodes, and the command lines that carry them.

use std::time::Duration;

use pictl_formats::{shell, sudo_rules};
use pictl_model::Secret;
use pictl_model::node::Sudo;
use zeroize::Zeroizing;

use crate::ports::RemoteCommand;

/// What a script of root's begins with. sudoers can keep variables of the login's, such as `HOME`: backups go to root's own
/// home, and nothing of the user's is started as root.
const AS_ROOT: &str =
    "HOME=~root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export HOME PATH; umask 022
unset PYTHONPATH PYTHONHOME PERL5LIB PERL5OPT TMPDIR CDPATH
";

/// What a script begins with that sudo may want a password for. Where sudo wants none after all, the password is still there to
/// be read, and is passed over.
const PASS_OVER: &str = "while IFS= read -r line && [ \"$line\" != @pictl-input ]; do :; done; unset line
";

/// The line that the input of such a script begins after.
const INPUT: &[u8] = b"@pictl-input\n";

/// Most bytes stored of a script's output; that of `facts` with full files is the longest.
const MAX_OUTPUT: usize = 2 << 20;

/// A script of `assets/remote`, carried in the binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Script {
    name: &'static str,
    text: &'static str,
    /// Its work must not be cut off in the middle: it runs in a service of its own, and goes on when nobody follows it.
    detached: bool,
}

/// Runs another script detached.
const DETACH: &str = include_str!("../../../assets/remote/detach.sh");

macro_rules! scripts {
    ($($(#[$doc:meta])* $const:ident = $name:literal $(after $($part:literal)+)? $(, $detached:ident)?;)*) => {
        impl Script {
            $($(#[$doc])* pub const $const: Self = Self {
                name: $name,
                text: concat!(
                    $($(include_str!(concat!("../../../assets/remote/", $part, ".sh")),)+)?
                    include_str!(concat!("../../../assets/remote/", $name, ".sh")),
                ),
                detached: !concat!($(stringify!($detached))?).is_empty(),
            };)*
        }
    };
}

scripts! {
    /// Reads everything that checks need.
    FACTS = "facts";
    /// Writes one file, whole or not at all.
    PUT_FILE = "put-file";
    /// Prints the hash and mode of one file.
    FILE_HASH = "file-hash";
    /// Makes the user's key pair where there is none.
    NODE_KEY = "node-key";
    /// Sets the node's hostname.
    SET_HOSTNAME = "set-hostname" after "save", detached;
    /// Installs MPI and mpi4py.
    INSTALL_MPI = "install-mpi" after "apt", detached;
    /// Builds mpi4py for an MPI that the distribution has none for.
    MPI4PY = "mpi4py" after "apt", detached;
    /// Logs in from the node to others.
    PAIR_CHECK = "pair-check";
    /// Lets in by password, or not any more.
    PASSWORD_LOGIN = "password-login" after "save" "sshd", detached;
    /// Gives the node host keys and a machine-id of its own.
    NEW_IDENTITY = "new-identity" after "save" "sshd", detached;
    /// Blinks the board's activity LED.
    IDENTIFY = "identify";
    /// Reads the sensors for as long as its output is read.
    SAMPLE = "sample";
    /// Compiles a program in C.
    COMPILE = "compile";
    /// Runs a command of the user, and ends it with all that it started when nobody watches any more.
    EXEC = "exec";
    /// Starts a launcher.
    RUN_START = "run-start";
    /// Adds to what a run's first rank reads.
    RUN_INPUT = "run-input";
    /// Follows a run's output.
    RUN_FOLLOW = "run-follow";
    /// Prints when a run's output was written.
    RUN_TIMES = "run-times";
    /// Prints how a launcher ended.
    RUN_END = "run-end";
    /// Signals a launcher.
    RUN_STOP = "run-stop";
    /// Prints what a run's processes use.
    RUN_USAGE = "run-usage";
    /// Cleans up: ends what a run left behind.
    RUN_SWEEP = "run-sweep";
    /// Listens for TCP connections of other nodes, or tries them.
    REACH = "reach";
    /// Prints what a launcher needs on a node.
    LAUNCHER_STATE = "launcher-state";
}

/// As which user a script runs.
#[derive(Clone, Debug)]
pub enum Rights {
    /// The login user.
    User,
    /// Root, which is the login user.
    IsRoot,
    /// Root, by `sudo` without a password.
    Sudo,
    /// Root, by `sudo` with this password.
    SudoWith(Secret),
}

impl Rights {
    /// Root on a node with this kind of `sudo`; `None` when that is not possible, or the password is not known.
    pub fn root(sudo: Option<Sudo>, password: Option<&Secret>) -> Option<Self> {
        match sudo? {
            Sudo::Root => Some(Self::IsRoot),
            Sudo::NoPassword => Some(Self::Sudo),
            Sudo::Password => password.cloned().map(Self::SudoWith),
            Sudo::Missing | Sudo::WantsTerminal => None,
        }
    }
}

/// Runs a command for so many seconds at most, where the node can do that.
const WITHIN: &str = r#"command -v timeout >/dev/null || { shift; exec "$@"; }; exec timeout -k 2 "$@""#;
/// The node ends a script this much later than pictl gives it up.
const LATER: Duration = Duration::from_secs(2);

impl Script {
    /// Its work goes on to its end on the node, whether anybody follows it or not.
    pub fn is_detached(self) -> bool {
        self.detached
    }

    /// The node ends it at its limit. Half of what a detached script does is worse than one that hangs, and [`Self::EXEC`] ends by
    /// itself.
    fn is_cut(self) -> bool {
        !self.detached && self != Self::EXEC
    }

    /// The command that runs this script with `args`, as the login user, for at most `limit`.
    pub fn command(self, args: &[&str], limit: Option<Duration>) -> RemoteCommand {
        self.with(&Rights::User, args, &[], limit)
    }

    /// The command that runs this script with `rights` and `data` on its standard input. The node, too, ends it at its `limit`,
    /// with all that it started: a closed channel ends nothing there.
    pub fn with(self, rights: &Rights, args: &[&str], data: &[u8], limit: Option<Duration>) -> RemoteCommand {
        let (mut line, before) = match rights {
            Rights::User | Rights::IsRoot => (String::new(), String::new()),
            // -H: root's own home, also where sudoers keeps the user's HOME. Backups go there.
            Rights::Sudo => ("sudo -n -H ".to_owned(), AS_ROOT.to_owned()),
            // -k: ask even when an earlier password is remembered. Otherwise this one would become the script's data.
            Rights::SudoWith(_) => {
                let sudo = format!("sudo -k -S -H -p {} ", shell::quote(sudo_rules::PROMPT));
                (sudo, format!("{PASS_OVER}{AS_ROOT}"))
            }
        };
        // Rules of sudo's can be for one command only, so it always starts the same one: what comes first there is this.
        let mut sh = |text: &str| line.extend(["/bin/sh -c ", &shell::quote(text)]);
        let (name, text) = if self.detached { ("detach", DETACH) } else { (self.name, self.text) };
        if let Some(limit) = limit.filter(|_| self.is_cut()) {
            let seconds = (limit + LATER).as_secs().to_string();
            sh(&format!("{before}{WITHIN}"));
            line.extend([" pictl-limit ", &seconds, " /bin/sh -c ", &shell::quote(text)]);
        } else {
            sh(&format!("{before}{text}"));
        }
        line.push_str(" pictl-");
        line.push_str(name);
        let carried: &[&str] = if self.detached { &[self.name, self.text] } else { &[] };
        for arg in carried.iter().chain(args) {
            line.push(' ');
            line.push_str(&shell::quote(arg));
        }
        let mut stdin = Zeroizing::new(Vec::with_capacity(data.len() + 512));
        if let Rights::SudoWith(password) = rights {
            stdin.extend_from_slice(password.expose().as_bytes());
            stdin.push(b'\n');
            stdin.extend_from_slice(INPUT);
        }
        stdin.extend_from_slice(data);
        RemoteCommand { line, script: true, stdin, limit, max_output: MAX_OUTPUT }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_travels_on_standard_input_only() {
        let rights = Rights::SudoWith(Secret::new("it's secret".into()));
        let command = Script::FILE_HASH.with(&rights, &["/etc/hosts"], b"data", None);
        assert!(!command.line.contains("secret"));
        assert!(
            command.line.starts_with("sudo -k -S -H -p 'pictl: password of %p for %u: ' /bin/sh -c 'while "),
            "{}",
            command.line
        );
        assert!(command.line.ends_with("pictl-file-hash /etc/hosts"));
        assert_eq!(&**command.stdin, b"it's secret\n@pictl-input\ndata");
    }

    /// `sudo` as it is configured in many ways: it keeps the user's environment, and reads a password or does not.
    #[test]
    fn data_is_the_data_whether_sudo_reads_the_password_or_not() {
        use std::io::Write as _;
        let home = tempfile::tempdir().expect("a folder");
        for (reads, sudo) in [(true, "IFS= read -r password; shift 5; exec \"$@\""), (false, "shift 5; exec \"$@\"")] {
            let path = home.path().join("sudo");
            std::fs::write(&path, format!("#!/bin/sh\n{sudo}\n")).expect("written");
            std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("executable");
            let script = Script { name: "show", text: "echo \"$HOME $1 $(umask)\"; cat\n", detached: false };
            let rights = Rights::SudoWith(Secret::new("it's secret".into()));
            for limit in [None, Some(Duration::from_secs(60))] {
                let command = script.with(&rights, &["it's"], b"first\n\nlast", limit);
                let mut child = std::process::Command::new("/bin/sh")
                    .args(["-c", &command.line])
                    .env("PATH", format!("{}:/usr/bin:/bin", home.path().display()))
                    .env("HOME", home.path())
                    .stdin(std::process::Stdio::piped())
                    .stdout(std::process::Stdio::piped())
                    .spawn()
                    .expect("sh");
                child.stdin.take().expect("piped").write_all(&command.stdin).expect("sent");
                let said = String::from_utf8(child.wait_with_output().expect("ended").stdout).expect("text");
                assert_eq!(said, "/root it's 0022\nfirst\n\nlast", "reads: {reads}");
            }
        }
    }

    #[test]
    fn what_must_not_be_cut_off_is_carried_by_another_script() {
        let command = Script::SET_HOSTNAME.with(&Rights::Sudo, &["pi01", "~/b"], b"", None);
        let words = shell::split(&command.line).expect("a command line");
        assert_eq!(words[..5], ["sudo", "-n", "-H", "/bin/sh", "-c"]);
        assert_eq!(words[5], format!("{AS_ROOT}{DETACH}"));
        assert_eq!(words[6..], ["pictl-detach", "set-hostname", Script::SET_HOSTNAME.text, "pi01", "~/b"]);
        let detached =
            [Script::INSTALL_MPI, Script::MPI4PY, Script::SET_HOSTNAME, Script::PASSWORD_LOGIN, Script::NEW_IDENTITY];
        assert!(detached.iter().all(|script| script.is_detached()));
        assert!(!Script::PUT_FILE.is_detached());
    }

    #[test]
    fn the_node_ends_a_script_and_its_children_at_its_limit_and_not_what_must_not_be_cut() {
        let limit = Some(Duration::from_secs(60));
        for (rights, before) in [(Rights::User, ""), (Rights::Sudo, "sudo -n -H ")] {
            let line = Script::FACTS.with(&rights, &["mpi"], &[], limit).line;
            assert!(line.starts_with(&format!("{before}/bin/sh -c ")), "what sudo runs is sh: {line}");
            let words = shell::split(&line).expect("a command line");
            let words = &words[before.split_whitespace().count()..];
            assert_eq!(words[3..5], ["pictl-limit", "62"]);
            assert_eq!(shell::script(words), Some(("facts", &["mpi".to_owned()][..])));
        }
        for script in [Script::INSTALL_MPI, Script::SET_HOSTNAME, Script::EXEC] {
            assert!(!script.command(&[], limit).line.contains("pictl-limit"), "{script:?}");
        }
        assert!(!Script::SAMPLE.command(&["1"], None).line.contains("pictl-limit"));

        // The real shell: what hangs ends with its child, what does not hang is as it would be alone.
        let dir = tempfile::tempdir().expect("a folder");
        let run = |seconds: &str, script: &str| {
            let mut sh = std::process::Command::new("sh");
            sh.args(["-c", WITHIN, "pictl-limit", seconds, "sh", "-c", script, "pictl-x", "arg"])
                .current_dir(dir.path());
            sh.output().expect("sh runs")
        };
        let quick = run("60", "echo \"$0 $1\"; exit 7");
        assert_eq!((quick.status.code(), &quick.stdout[..]), (Some(7), &b"pictl-x arg\n"[..]));
        // The child has the output, which ends only with it.
        let hung = run("1", "sleep 98700 & wait");
        assert_eq!(hung.status.code(), Some(124));
    }

    #[test]
    fn a_script_and_its_arguments_come_through_a_shell_as_they_are() {
        let command = Script::PUT_FILE.command(&["/tmp/a b", "it's", "$HOME"], None);
        let words = shell::split(&command.line).expect("a command line");
        assert_eq!(words[..2], ["/bin/sh", "-c"]);
        assert_eq!(words[2], Script::PUT_FILE.text);
        assert_eq!(words[3..], ["pictl-put-file", "/tmp/a b", "it's", "$HOME"]);
    }
}
