//! What to do about a login shell that does not begin with the command that it was given.

use std::sync::LazyLock;

use regex::Regex;

/// What shells, sshd and PAM print instead, and what helps.
const KNOWN: &[(&[&str], &str)] = &[
    (
        &["account is currently not available", "nologin: not found"],
        "the login shell of this user is nologin or false: as root on the node, `chsh -s /bin/bash USER` gives it one that \
         runs commands",
    ),
    (
        &["restricted"],
        "the login shell of this user is restricted (rbash), and MPI cannot work in it: as root on the node, \
         `chsh -s /bin/bash USER`",
    ),
    (
        &["sftp connections only", "This service allows"],
        "sshd on the node allows this user only file transfer: take `ForceCommand` for this user out of /etc/ssh/sshd_config",
    ),
    (
        &["password has expired", "required to change your password", "change your expired password"],
        "the password of this user has expired: log in to the node by ssh once and change it",
    ),
    (&["account has expired"], "the account has expired: as root on the node, `chage -E -1 USER`"),
    (
        &["System is booting up", "System is going down", "pam_nologin"],
        "the node is starting or shutting down: try again",
    ),
    (&["No space left on device"], "free some space on the node's SD card"),
    (&["fork: ", "Resource temporarily unavailable"], "this user runs too many processes on the node: end some"),
];

/// `/home/pi/.bashrc: line 3: …`, `.zshrc:3: …`, `~/.config/fish/config.fish (line 3): …`: a start file that failed.
static START_FILE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let name = r"[\w./~-]*(?:rc|profile|\.\w*env|\.login|config\.fish|environment)";
    Regex::new(&format!(r"(?P<file>{name})(?:: line |:| \(line )(?P<line>\d+)")).ok()
});

/// What to do, from what the login shell printed and how it ended.
pub fn hint(printed: &str, status: Option<i32>) -> String {
    let known = KNOWN.iter().find(|(texts, _)| texts.iter().any(|text| printed.contains(text)));
    if let Some((_, hint)) = known {
        return (*hint).to_owned();
    }
    if let Some(found) = START_FILE.as_ref().and_then(|file| file.captures(printed)) {
        return format!(
            "mend line {} of {} on the node, or let that file end at once without a terminal: \
             case $- in *i*) ;; *) return ;; esac",
            &found["line"], &found["file"]
        );
    }
    if printed.is_empty() && status == Some(1) {
        return "the login shell of this user may be /bin/false (`chsh -s /bin/bash USER`), or a start file such as ~/.bashrc \
                on the node ends it with `exit`"
            .to_owned();
    }
    "look for `exec`, `exit`, `read` or a menu in the start files of the login shell on the node (~/.bashrc, ~/.zshenv, \
     ~/.cshrc, ~/.config/fish/config.fish), for `command=` in ~/.ssh/authorized_keys, and for `ForceCommand` in \
     /etc/ssh/sshd_config"
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_has_its_own_hint() {
        for (printed, status, part) in [
            ("This account is currently not available.", Some(1), "chsh -s /bin/bash USER"),
            ("rbash: line 1: /bin/sh: restricted: cannot specify `/' in command names", Some(127), "rbash"),
            ("This service allows sftp connections only.", Some(1), "ForceCommand"),
            (
                "WARNING: Your password has expired.; Password change required but no TTY available.",
                Some(1),
                "change it",
            ),
            ("/home/pi/.bashrc: line 3: PS1: unbound variable", Some(1), "line 3 of /home/pi/.bashrc"),
            ("/home/pi/.zshrc:12: command not found: foo", Some(127), "line 12 of /home/pi/.zshrc"),
            (
                "~/.config/fish/config.fish (line 2): Unknown command: foo",
                Some(127),
                "line 2 of ~/.config/fish/config.fish",
            ),
            ("", Some(1), "/bin/false"),
            ("", Some(0), "`exec`, `exit`"),
            ("Choose: 1) logs 2) reboot", None, "`command=`"),
        ] {
            let hint = hint(printed, status);
            assert!(hint.contains(part), "{printed}: {hint}");
        }
    }
}
