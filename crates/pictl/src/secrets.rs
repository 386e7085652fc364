//! Passwords and passphrases without a dashboard: from standard input, or typed at a prompt that shows nothing.

use std::io::{self, BufRead as _};

use anyhow::Context as _;
use pictl_model::Secret;
use zeroize::Zeroizing;

use crate::cli::LoginArgs;
use crate::exit::Trouble;

/// The secrets from standard input.
#[derive(Default)]
pub(crate) struct Secrets {
    /// The login password.
    pub login: Option<Secret>,
    /// The sudo password.
    pub sudo: Option<Secret>,
    /// The passphrase of the operator's key.
    pub passphrase: Option<Secret>,
}

impl Secrets {
    /// Reads the lines of standard input that the options announce: login password, sudo password, passphrase.
    pub(crate) fn read(args: &LoginArgs) -> Result<Self, Trouble> {
        let mut input = io::stdin().lock();
        let mut line = |what: &str| -> Result<Secret, Trouble> {
            let mut text = Zeroizing::new(String::new());
            let read = input
                .read_line(&mut text)
                .with_context(|| format!("cannot read the {what}"))
                .map_err(Trouble::usage)?;
            if read == 0 {
                return Err(Trouble::usage(anyhow::anyhow!("standard input ended before the {what}")));
            }
            Ok(Secret::new(text.trim_end_matches(['\n', '\r']).to_owned()))
        };
        Ok(Self {
            login: args.password_stdin.then(|| line("login password")).transpose()?,
            sudo: args.sudo_password_stdin.then(|| line("sudo password")).transpose()?,
            passphrase: args.passphrase_stdin.then(|| line("passphrase")).transpose()?,
        })
    }
}

/// Asks at the terminal; `None` when nothing was typed.
pub(crate) fn prompt(text: &str) -> Option<Secret> {
    // Before the prompt is shown: pasted text can arrive at once.
    let terminal = TerminalState::save();
    terminal.without_echo();
    let typed = rpassword::prompt_password(pictl_model::text::printable(text))
        .ok()
        .filter(|typed| !typed.is_empty())
        .map(Secret::new);
    terminal.restore();
    typed
}

/// The terminal's settings, to be restored after an interrupted prompt.
pub(crate) struct TerminalState {
    #[cfg(unix)]
    saved: Option<rustix::termios::Termios>,
}

impl TerminalState {
    /// Saves the settings of the terminal at standard input, if there is one.
    pub(crate) fn save() -> Self {
        Self {
            #[cfg(unix)]
            saved: rustix::termios::tcgetattr(io::stdin()).ok(),
        }
    }

    /// Switches the echo off.
    fn without_echo(&self) {
        #[cfg(unix)]
        if let Some(saved) = &self.saved {
            let mut quiet = saved.clone();
            quiet.local_modes.remove(rustix::termios::LocalModes::ECHO);
            let _ = rustix::termios::tcsetattr(io::stdin(), rustix::termios::OptionalActions::Now, &quiet);
        }
    }

    /// Restores them.
    pub(crate) fn restore(&self) {
        #[cfg(unix)]
        if let Some(saved) = &self.saved {
            let _ = rustix::termios::tcsetattr(io::stdin(), rustix::termios::OptionalActions::Now, saved);
        }
    }
}
