//! Answers to the engine: from standard input, from the user at the terminal, or a no with the reason.

use pictl_formats::nodeset;
use pictl_model::request::{Answer, Question, Rejected, Request, SecretAnswer, SecretWord};
use pictl_model::text::printable;
use pictl_model::{NodeId, QuestionId, Secret};

use super::Session;
use super::trust::Offers;
use crate::front::{count, say};
use crate::secrets::prompt;

/// A question for a secret.
struct Wanted<'a> {
    /// The prompt at the terminal.
    asked: String,
    /// Why the value given before was refused.
    retry: Option<&'a str>,
    /// The value from standard input.
    given: Option<&'a Secret>,
    /// The option that gives it where there is no terminal.
    option: &'static str,
    /// The answer when nothing is given.
    otherwise: SecretWord,
}

impl Session {
    pub(super) fn answer(&mut self, id: QuestionId, question: &Question) {
        match question {
            Question::Trust { rows } => {
                let offers = Offers::new(&self.world, rows, self.art);
                let requests = self.engine.requests.clone();
                let answer = move |nodes| {
                    // An engine that has ended asks nothing any more.
                    let _ = requests.send(Request::Answer { id, answer: Answer::Trust { nodes } });
                };
                if self.interactive {
                    aside(move || answer(offers.ask(&mut |line| say(line), &mut line)));
                } else {
                    offers.show(&mut |line| say(line));
                    answer(Vec::new());
                }
            }
            Question::Apply { changes, nodes } => {
                if !self.interactive {
                    say("nobody can be asked here, without a terminal; add --yes to go on without asking");
                    self.unanswered = true;
                }
                self.yes_or_no(
                    id,
                    format!(
                        "do {} on {}? [y/N] ",
                        if *changes == 1 { "this step".to_owned() } else { format!("these {changes} steps") },
                        count((*nodes).into(), "node", "nodes")
                    ),
                );
            }
            Question::Password { user, nodes, retry } => self.secret(
                id,
                Wanted {
                    asked: format!("password of {user} on {}: ", self.names(nodes)),
                    retry: retry.as_ref().map(Rejected::text),
                    given: self.secrets.login.as_ref(),
                    option: "--password-stdin",
                    otherwise: SecretWord::Cancel,
                },
            ),
            Question::Passphrase { key, nodes, retry } => self.secret(
                id,
                Wanted {
                    asked: format!("passphrase of {}, which {} would accept: ", key.display(), self.names(nodes)),
                    retry: retry.as_deref(),
                    given: self.secrets.passphrase.as_ref(),
                    option: "--passphrase-stdin, or give the key to an agent (ssh-add)",
                    otherwise: SecretWord::Cancel,
                },
            ),
            Question::SudoPassword { user, nodes, same_offered, retry } => {
                // The login password is tried once: on most Pis it is the same. It can be known without having been needed,
                // when a key was accepted.
                let otherwise = match &self.secrets.login {
                    _ if retry.is_some() => SecretWord::Cancel,
                    _ if *same_offered => SecretWord::SameAsLogin,
                    Some(login) => SecretWord::This(login.clone()),
                    None => SecretWord::Cancel,
                };
                self.secret(
                    id,
                    Wanted {
                        asked: format!("sudo password of {user} on {}: ", self.names(nodes)),
                        retry: retry.as_deref(),
                        given: self.secrets.sudo.as_ref(),
                        option: "--sudo-password-stdin",
                        otherwise,
                    },
                );
            }
        }
    }

    fn secret(&self, id: QuestionId, wanted: Wanted<'_>) {
        let Wanted { asked, retry, given, option, otherwise } = wanted;
        let what = asked.trim_end_matches(": ").to_owned();
        if let Some(why) = retry {
            say(&format!("{what}: {why}"));
        }
        let answer = match (given, retry) {
            (Some(_), Some(_)) => {
                // A server punishes guessing.
                say(
                    "what standard input gave is tried once; for nodes with another one run pictl in a terminal, or run it for \
                     these nodes alone (--nodes)",
                );
                SecretWord::Cancel
            }
            (Some(secret), None) => SecretWord::This(secret.clone()),
            (None, _) if self.interactive => {
                let secrets = self.engine.secrets.clone();
                return aside(move || {
                    let answer = prompt(&asked).map_or(otherwise, SecretWord::This);
                    let _ = secrets.send(SecretAnswer { id, answer });
                });
            }
            (None, _) => {
                if matches!(otherwise, SecretWord::Cancel) {
                    say(&format!("{what}: nobody can be asked here, without a terminal; give it with {option}"));
                }
                otherwise
            }
        };
        let _ = self.engine.secrets.send(SecretAnswer { id, answer });
    }

    /// Asks at the terminal; without one the answer is no.
    fn yes_or_no(&self, id: QuestionId, question: String) {
        let (requests, interactive) = (self.engine.requests.clone(), self.interactive);
        let ask = move || {
            let answer = if interactive && confirm(&question) { Answer::Yes } else { Answer::No };
            let _ = requests.send(Request::Answer { id, answer });
        };
        if interactive { aside(ask) } else { ask() }
    }

    fn names(&self, nodes: &[NodeId]) -> String {
        let names: Vec<_> = nodes.iter().map(|n| self.world.name_of(n)).collect();
        nodeset::fold(&names)
    }
}

/// Asks a question; only `y` and `yes` mean yes.
pub(crate) fn confirm(question: &str) -> bool {
    line(question).is_some_and(|line| matches!(line.trim(), "y" | "Y" | "yes"))
}

/// Shows `question` and returns the line that is typed.
fn line(question: &str) -> Option<String> {
    use std::io::Write as _;
    let mut err = std::io::stderr();
    let mut line = String::new();
    write!(err, "{}", printable(question)).and_then(|()| err.flush()).ok()?;
    std::io::stdin().read_line(&mut line).ok().filter(|read| *read > 0).map(|_| line)
}

/// Asks in a thread of its own, so that the loop still handles signals. Nothing waits for the thread: a prompt must not
/// keep a stopped program alive.
fn aside(ask: impl FnOnce() + Send + 'static) {
    std::thread::spawn(ask);
}
