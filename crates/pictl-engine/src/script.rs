//! The scripts that run on nodes, and the command lines that carry them.

use std::time::Duration;

use pictl_formats::shell;
use pictl_model::Secret;
use pictl_model::node::Sudo;
use zeroize::Zeroizing;

use crate::ports::RemoteCommand;

/// Most bytes stored of a script's output; that of `facts` with full files is the longest.
const MAX_OUTPUT: usize = 2 << 20;

/// A script of `assets/remote`, carried in the binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Script {
    name: &'static str,
    text: &'static str,
}

macro_rules! scripts {
    ($($(#[$doc:meta])* $const:ident = $name:literal $(after $part:literal)?;)*) => {
        impl Script {
            $($(#[$doc])* pub const $const: Self = Self {
                name: $name,
                text: concat!(
                    $(include_str!(concat!("../../../assets/remote/", $part, ".sh")),)?
                    include_str!(concat!("../../../assets/remote/", $name, ".sh")),
                ),
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
    SET_HOSTNAME = "set-hostname";
    /// Installs MPI and mpi4py.
    INSTALL_MPI = "install-mpi";
    /// Logs in from the node to others.
    PAIR_CHECK = "pair-check";
    /// Lets in by password, or not any more.
    PASSWORD_LOGIN = "password-login" after "sshd";
    /// Gives the node host keys and a machine-id of its own.
    NEW_IDENTITY = "new-identity" after "sshd";
    /// Blinks the board's activity LED.
    IDENTIFY = "identify";
    /// Reads the sensors for as long as its output is read.
    SAMPLE = "sample";
    /// Compiles a program in C.
    COMPILE = "compile";
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
            Sudo::Missing => None,
        }
    }
}

impl Script {
    /// The command that runs this script with `args`, as the login user, for at most `limit`.
    pub fn command(self, args: &[&str], limit: Option<Duration>) -> RemoteCommand {
        self.with(&Rights::User, args, &[], limit)
    }

    /// The command that runs this script with `rights` and `data` on its standard input.
    pub fn with(self, rights: &Rights, args: &[&str], data: &[u8], limit: Option<Duration>) -> RemoteCommand {
        let mut line = match rights {
            Rights::User | Rights::IsRoot => String::new(),
            Rights::Sudo => "sudo -n ".to_owned(),
            // -k: ask even when an earlier password is remembered. Otherwise this one would become the script's data.
            Rights::SudoWith(_) => "sudo -k -S -p '' ".to_owned(),
        };
        line.push_str("sh -c ");
        line.push_str(&shell::quote(self.text));
        line.push_str(" pictl-");
        line.push_str(self.name);
        for arg in args {
            line.push(' ');
            line.push_str(&shell::quote(arg));
        }
        let mut stdin = Zeroizing::new(Vec::with_capacity(data.len() + 256));
        if let Rights::SudoWith(password) = rights {
            stdin.extend_from_slice(password.expose().as_bytes());
            stdin.push(b'\n');
        }
        stdin.extend_from_slice(data);
        RemoteCommand { line, stdin, limit, max_output: MAX_OUTPUT }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_travels_on_standard_input_only() {
        let rights = Rights::SudoWith(Secret::new("it's secret".into()));
        let command = Script::SET_HOSTNAME.with(&rights, &["pi01"], b"data", None);
        assert!(!command.line.contains("secret"));
        assert!(command.line.starts_with("sudo -k -S -p '' sh -c '"));
        assert!(command.line.ends_with("pictl-set-hostname pi01"));
        assert_eq!(&**command.stdin, b"it's secret\ndata");
    }

    #[test]
    fn a_script_and_its_arguments_come_through_a_shell_as_they_are() {
        let command = Script::PUT_FILE.command(&["/tmp/a b", "it's", "$HOME"], None);
        let words = shell::split(&command.line).expect("a command line");
        assert_eq!(words[..2], ["sh".to_owned(), "-c".to_owned()]);
        assert_eq!(words[2], Script::PUT_FILE.text);
        assert_eq!(words[3..], ["pictl-put-file", "/tmp/a b", "it's", "$HOME"]);
    }
}
