//! Authentication: what to try, in which order, and when to stop.

use std::net::SocketAddr;

use pictl_engine::ports::ConnectError;
use pictl_model::Secret;
use pictl_model::text::clean;
use russh::client::{AuthResult, Handle, KeyboardInteractiveAuthResponse};
use russh::keys::agent::client::AgentClient;
use russh::keys::{HashAlg, PrivateKeyWithHashAlg, PublicKey};
use russh::{MethodKind, MethodSet};

use super::keys::Proof;
use super::trust::Watch;

/// Tries on one connection: one below OpenSSH's default MaxAuthTries of 6, at which it hangs up and punishes.
const MAX_TRIES: u8 = 5;
/// Keys of the agent that are offered; each counts as a try.
const MAX_AGENT_KEYS: usize = 3;
/// Rounds of questions that a keyboard-interactive login may take.
const MAX_ROUNDS: u8 = 5;

/// One login under way.
pub(super) struct Login<'a> {
    handle: &'a mut Handle<Watch>,
    user: &'a str,
    /// What the host would still take.
    allowed: MethodSet,
    tries: u8,
    tried: Vec<String>,
    password_refused: bool,
}

/// A login that came to nothing.
pub(super) struct Failure {
    tried: Vec<String>,
    password_possible: bool,
    password_refused: bool,
    /// The host hung up before it had refused anything.
    gone: bool,
}

impl Failure {
    /// The failure in the engine's terms; `ended` is why the connection ended, if it has.
    pub(super) fn into_error(self, address: SocketAddr, user: String, ended: Option<String>) -> ConnectError {
        if self.gone {
            let why = ended.unwrap_or_else(|| "the connection broke".into());
            return ConnectError::Protocol { address, why: format!("the login was cut short: {why}") };
        }
        let mut tried = if self.tried.is_empty() { "no key and no password".into() } else { self.tried.join(", ") };
        if let Some(why) = ended {
            tried = format!("{tried} (then {why})");
        }
        ConnectError::Refused {
            address,
            user,
            tried,
            password_possible: self.password_possible,
            password_refused: self.password_refused,
        }
    }
}

impl<'a> Login<'a> {
    pub(super) fn new(handle: &'a mut Handle<Watch>, user: &'a str) -> Self {
        Self { handle, user, allowed: MethodSet::empty(), tries: 0, tried: Vec::new(), password_refused: false }
    }

    /// Tries `proofs` in their order, and tells by which the login was made.
    pub(super) async fn run(mut self, proofs: Vec<Proof>) -> Result<String, Failure> {
        // Asking with nothing in hand is not counted as a try, and tells what the host would take.
        let greeting = self.handle.authenticate_none(self.user).await;
        if self.settled(greeting) {
            return Ok("no password".into());
        }
        for proof in proofs {
            if self.handle.is_closed() {
                break;
            }
            let success = match proof {
                Proof::Key(name, key) => match self.offer(&name, key.public_key()).await {
                    Some(hash) => {
                        let key = PrivateKeyWithHashAlg::new(key, hash);
                        let answer = self.handle.authenticate_publickey(self.user, key).await;
                        self.settled(answer).then_some(name)
                    }
                    None => None,
                },
                Proof::Agent => self.agent().await,
                Proof::Password(secret) => self.password(&secret).await,
                Proof::Unusable(name, why) => {
                    self.tried.push(format!("{name} (not usable: {why})"));
                    None
                }
            };
            if let Some(how) = success {
                return Ok(how);
            }
        }
        Err(Failure {
            password_possible: self.takes_passwords(),
            password_refused: self.password_refused,
            gone: self.tries == 0 && self.handle.is_closed(),
            tried: self.tried,
        })
    }

    /// Counts the offer of a key and gives the hash that it is to sign with, which matters for RSA; `None`: no offer.
    async fn offer(&mut self, name: &str, key: &PublicKey) -> Option<Option<HashAlg>> {
        if let Some(why) = self.obstacle(self.offers(MethodKind::PublicKey)) {
            self.tried.push(format!("{name} ({why})"));
            return None;
        }
        let mut hash = None;
        if key.algorithm().is_rsa() {
            hash = match self.handle.best_supported_rsa_hash().await {
                Ok(Some(None)) => {
                    self.tried.push(format!("{name} (the host only takes SHA-1 of RSA keys)"));
                    return None;
                }
                Ok(Some(best)) => best,
                // Older than the extension that tells, or gone: OpenSSH has known this one since 7.2.
                Ok(None) | Err(_) => Some(HashAlg::Sha256),
            };
        }
        self.tries += 1;
        self.tried.push(name.to_owned());
        Some(hash)
    }

    async fn agent(&mut self) -> Option<String> {
        // Most people have none, and need not be told of it.
        std::env::var_os("SSH_AUTH_SOCK")?;
        let mut agent = match AgentClient::connect_env().await {
            Ok(agent) => agent,
            Err(error) => {
                self.tried.push(clean(&format!("agent (not reached: {error})"), 200));
                return None;
            }
        };
        let identities = agent.request_identities().await.unwrap_or_default();
        if identities.is_empty() {
            self.tried.push("agent (it has no keys)".into());
        }
        for identity in identities.iter().take(MAX_AGENT_KEYS) {
            if self.handle.is_closed() {
                break;
            }
            let key = identity.public_key().into_owned();
            let name = clean(&format!("agent key {}", identity.comment()), 80);
            let Some(hash) = self.offer(&name, &key).await else { continue };
            match self.handle.authenticate_publickey_with(self.user, key, hash, &mut agent).await {
                Ok(answer) => {
                    if self.settled(Ok(answer)) {
                        return Some(name);
                    }
                }
                Err(error) => self.tried.push(clean(&format!("(the agent did not sign: {error})"), 200)),
            }
        }
        None
    }

    /// The password, and where that is not how the host wants it, as the answer to its question.
    async fn password(&mut self, secret: &Secret) -> Option<String> {
        if let Some(why) = self.obstacle(self.takes_passwords()) {
            self.tried.push(format!("password ({why})"));
            return None;
        }
        if self.offers(MethodKind::Password) {
            self.tries += 1;
            self.tried.push("password".into());
            let answer = self.handle.authenticate_password(self.user, secret.expose()).await;
            if self.settled(answer) {
                return Some("password".into());
            }
            self.password_refused = true;
        }
        if self.obstacle(self.offers(MethodKind::KeyboardInteractive)).is_none() && !self.handle.is_closed() {
            self.tries += 1;
            self.tried.push("keyboard-interactive".into());
            if self.answer_questions(secret).await {
                return Some("keyboard-interactive".into());
            }
        }
        None
    }

    /// Answers the one hidden question of a password login; anything else is not for a program to answer.
    async fn answer_questions(&mut self, secret: &Secret) -> bool {
        let mut answered = false;
        let mut reply = self.handle.authenticate_keyboard_interactive_start(self.user, None).await;
        for _ in 0..MAX_ROUNDS {
            let prompts = match reply {
                Ok(KeyboardInteractiveAuthResponse::Success) => return true,
                Ok(KeyboardInteractiveAuthResponse::InfoRequest { prompts, .. }) => prompts,
                Ok(KeyboardInteractiveAuthResponse::Failure { remaining_methods, .. }) => {
                    self.allowed = remaining_methods;
                    self.password_refused |= answered;
                    return false;
                }
                Err(_) => return false,
            };
            let answers = match &prompts[..] {
                [] => Vec::new(),
                [only] if !only.echo && !answered => {
                    answered = true;
                    vec![secret.expose().to_owned()]
                }
                _ => break,
            };
            reply = self.handle.authenticate_keyboard_interactive_respond(answers).await;
        }
        self.tried.push("(the host asks for more than a password)".into());
        self.password_refused |= answered;
        // The question stays open; nothing else is asked on this connection.
        self.tries = MAX_TRIES;
        false
    }

    /// What stands against one more try of something that the host `offers` to take or not.
    fn obstacle(&self, offers: bool) -> Option<&'static str> {
        match (self.tries >= MAX_TRIES, offers) {
            (true, _) => Some("not tried: too many tries"),
            (_, false) => Some("not taken by the host"),
            _ => None,
        }
    }

    fn takes_passwords(&self) -> bool {
        self.offers(MethodKind::Password) || self.offers(MethodKind::KeyboardInteractive)
    }

    fn offers(&self, method: MethodKind) -> bool {
        self.allowed.contains(&method)
    }

    /// Whether `answer` was yes; if not, what the host would still take is remembered.
    fn settled(&mut self, answer: Result<AuthResult, russh::Error>) -> bool {
        match answer {
            Ok(AuthResult::Success) => true,
            // After a hang-up russh answers with an empty set, which tells nothing.
            Ok(AuthResult::Failure { remaining_methods, .. }) if !self.handle.is_closed() => {
                self.allowed = remaining_methods;
                false
            }
            Ok(AuthResult::Failure { .. }) | Err(_) => false,
        }
    }
}
