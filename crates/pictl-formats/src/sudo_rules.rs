//! Why `sudo` refuses: its own rules, and the password that it asks for.

use std::sync::LazyLock;

use pictl_model::text::clean;
use regex::Regex;

/// The prompt that scripts have sudo print: the user that asks (`%u`) and the one whose password is wanted (`%p`), which
/// `rootpw`, `targetpw` and `runaspw` in sudoers decide.
pub const PROMPT: &str = "pictl: password of %p for %u: ";

/// The same as sudo prints it.
static PRINTED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"pictl: password of (\S+) for (\S+): ").ok());

/// sudo's refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What sudo says, in one line.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// What sudo's refusal in this error output means; `None` where it is not one. Other lines (a lecture, warnings) are passed over.
pub fn refusal(err: &str) -> Option<Refusal> {
    let new = |message: String, hint: &str| Some(Refusal { message, hint: hint.to_owned() });
    let line = |text: &str| err.lines().rev().find(|line| line.contains(text)).map(without_prompt);
    if line("must have a tty").is_some() || line("a terminal is required").is_some() {
        return new(
            "sudo on the node wants a terminal".to_owned(),
            "take `Defaults requiretty` out of /etc/sudoers on the node (visudo), or add a line `Defaults:USER !requiretty`",
        );
    }
    if let Some(line) = line("is not in the sudoers") {
        return new(line, "let this user use sudo on the node, or log in as a user who can");
    }
    // The line goes on with the whole script.
    if let Some(at) = err.find("is not allowed to execute").or_else(|| err.find("is not allowed to run")) {
        let before = err[..at].rsplit('\n').next().unwrap_or_default();
        return new(
            format!("{} is not allowed to execute /bin/sh by sudo", without_prompt(before).trim()),
            "pictl changes nodes by scripts for /bin/sh: allow it in sudoers on the node (`USER ALL=(root) /bin/sh`), or log \
             in as another user",
        );
    }
    for text in ["incorrect password attempt", "Sorry, try again", "password is required", "no password was provided"] {
        let Some(line) = line(text) else { continue };
        let asked = PRINTED.as_ref().and_then(|printed| printed.captures(err));
        return Some(match asked.filter(|asked| asked[1] != asked[2]) {
            Some(asked) => {
                let whose = clean(&asked[1], 32);
                Refusal {
                    message: format!(
                        "{line}; sudo on the node asks for the password of {whose}, not of {}",
                        clean(&asked[2], 32)
                    ),
                    hint: format!(
                        "give the password of {whose} as sudo password, or take `rootpw`, `targetpw` and `runaspw` out of \
                         sudoers on the node"
                    ),
                }
            }
            None => Refusal { message: line, hint: "check the sudo password".to_owned() },
        });
    }
    None
}

/// The line without the prompts that no answer ended.
fn without_prompt(line: &str) -> String {
    let line = PRINTED.as_ref().map_or(line.into(), |printed| printed.replace_all(line, ""));
    clean(line.trim(), 300)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_has_its_cause() {
        for (err, message, hint) in [
            ("sudo: sorry, you must have a tty to run sudo\n", "sudo on the node wants a terminal", "requiretty"),
            (
                "pi is not in the sudoers file.\nThis incident has been reported.\n",
                "pi is not in the sudoers file.",
                "can",
            ),
            (
                "pictl: password of pi for pi: Sorry, user pi is not allowed to execute '/bin/sh -c set -eu\nname=$1\n' as root on pi02.\n",
                "Sorry, user pi is not allowed to execute /bin/sh by sudo",
                "USER ALL=(root) /bin/sh",
            ),
            (
                "We trust you have received the usual lecture\n\npictl: password of pi for pi: Sorry, try again.\n\
                 pictl: password of pi for pi: \nsudo: no password was provided\nsudo: 1 incorrect password attempt\n",
                "sudo: 1 incorrect password attempt",
                "check the sudo password",
            ),
            (
                "pictl: password of root for pi: Sorry, try again.\nsudo: 3 incorrect password attempts\n",
                "sudo: 3 incorrect password attempts; sudo on the node asks for the password of root, not of pi",
                "give the password of root",
            ),
            ("sudo: a password is required\n", "sudo: a password is required", "check the sudo password"),
        ] {
            let refusal = refusal(err).expect(err);
            assert_eq!(refusal.message, message);
            assert!(refusal.hint.contains(hint), "{}", refusal.hint);
        }
        assert_eq!(refusal("cat: write error: No space left on device\n"), None);
        assert_eq!(refusal("sudo: unable to resolve host pi01: Name or service not known\n"), None);
    }
}
