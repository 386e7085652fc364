//! Questions of a host by keyboard-interactive, and what a program may answer.

use pictl_model::text::clean;
use russh::client::Prompt;

/// The answer to one round of questions.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// A message only, without a question.
    Nothing,
    /// The password.
    Password,
    /// No answer, and why.
    Not(&'static str),
}

/// Why there is no answer to a host that wants a new password.
pub(super) const NEW_PASSWORD: &str = "the host wants a new password: log in once by hand";
const MORE: &str = "the host asks for more than a password";

/// What PAM writes (in English) when a password must be changed.
const EXPIRED: [&str; 5] =
    ["new password", "current password", "(current) unix password", "change your password", "password has expired"];

/// Parts of a question that a password does not answer.
const SECOND_FACTOR: [&str; 6] = ["code", "otp", "passcode", "pin", "token", "verification"];

/// Decides on a round: its name and instructions (`texts`) and its questions; `answered`: the password was given in
/// an earlier round. Only one hidden question is for the password, and only once.
pub(super) fn judge(texts: &[String], prompts: &[Prompt], answered: bool) -> Answer {
    let all: Vec<_> =
        texts.iter().chain(prompts.iter().map(|p| &p.prompt)).map(|text| text.to_ascii_lowercase()).collect();
    match prompts {
        [] => Answer::Nothing,
        _ if all.iter().any(|text| EXPIRED.iter().any(|part| text.contains(part))) => Answer::Not(NEW_PASSWORD),
        [only] if !only.echo && !answered && !is_second_factor(&only.prompt) => Answer::Password,
        _ => Answer::Not(MORE),
    }
}

/// The question of a round in the host's own words.
pub(super) fn words(texts: &[String], prompts: &[Prompt]) -> String {
    let all = prompts.iter().map(|prompt| &prompt.prompt).chain(texts);
    let lines = all.filter_map(|text| text.lines().map(str::trim).rfind(|line| !line.is_empty()));
    clean(lines.map(|line| line.trim_end_matches(':')).next().unwrap_or("no words"), 100)
}

fn is_second_factor(prompt: &str) -> bool {
    // sshd puts messages of PAM before the question.
    let question = prompt.lines().next_back().unwrap_or_default().to_ascii_lowercase();
    question.split(|c: char| !c.is_alphanumeric()).any(|part| SECOND_FACTOR.contains(&part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(prompt: &str) -> Prompt {
        Prompt { prompt: prompt.into(), echo: false }
    }

    #[test]
    fn only_one_hidden_question_is_for_the_password_and_only_once() {
        let texts = [String::new(), "Welcome to the lab".into()];
        assert_eq!(judge(&texts, &[], false), Answer::Nothing);
        for prompt in [
            "Password: ",
            "(pi@node) Password:",
            "Passwort: ",
            "Mot de passe : ",
            "Code of conduct: be kind\nPassword: ",
        ] {
            assert_eq!(judge(&texts, &[hidden(prompt)], false), Answer::Password, "{prompt}");
            assert_eq!(judge(&texts, &[hidden(prompt)], true), Answer::Not(MORE), "{prompt}");
        }
        for prompt in ["Verification code: ", "One-time password (OTP): ", "PIN for card: "] {
            assert_eq!(judge(&texts, &[hidden(prompt)], false), Answer::Not(MORE), "{prompt}");
        }
        let shown = Prompt { prompt: "Password: ".into(), echo: true };
        assert_eq!(judge(&texts, &[shown], false), Answer::Not(MORE));
        assert_eq!(judge(&texts, &[hidden("Password: "), hidden("Again: ")], false), Answer::Not(MORE));
    }

    #[test]
    fn a_password_that_must_be_changed_is_recognized() {
        let message = "You are required to change your password immediately (administrator enforced).";
        let texts = [String::new(), message.into()];
        // The message comes before the question it belongs to.
        assert_eq!(judge(&texts, &[], true), Answer::Nothing);
        assert_eq!(judge(&texts, &[hidden("Password: ")], false), Answer::Not(NEW_PASSWORD));
        for prompt in ["Current password: ", "New password: ", "Retype new password: "] {
            assert_eq!(judge(&[], &[hidden(prompt)], true), Answer::Not(NEW_PASSWORD), "{prompt}");
        }
    }
}
