//! Authentication: what to try, in which order, and when to stop.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use pictl_engine::ports::{ConnectError, Unanswered};
use pictl_model::Secret;
use pictl_model::link::LoginMethod;
use pictl_model::text::clean;
use russh::client::{AuthResult, Handle, KeyboardInteractiveAuthResponse};
use russh::keys::agent::AgentIdentity;
use russh::keys::ssh_key::public::KeyData;
use russh::keys::{HashAlg, PrivateKey, PrivateKeyWithHashAlg, PublicKey};
use russh::{MethodKind, MethodSet, SendError, Signer};

use super::agent::Agent;
use super::keys::{KeyFile, Keyring, OpenError, Prepared};
use super::question::{self, Answer};
use super::trust::Watch;

/// Attempts on one connection: one below OpenSSH's default MaxAuthTries of 6, at which it hangs up and counts a
/// penalty.
const MAX_TRIES: u8 = 5;
/// Keys of the agent that are offered; each counts as an attempt.
const MAX_AGENT_KEYS: usize = 3;
/// Rounds of questions that a keyboard-interactive login may take.
const MAX_ROUNDS: u8 = 8;

/// One login under way.
pub(super) struct Login<'a> {
    handle: &'a mut Handle<Watch>,
    user: &'a str,
    keyring: &'a Keyring,
    /// The methods that the host still accepts.
    allowed: MethodSet,
    tries: u8,
    tried: Vec<String>,
    /// Keys that were offered: one may be in a file and in the agent.
    offered: Vec<KeyData>,
    password_refused: bool,
    /// The question that was not answered.
    unanswered: Option<Unanswered>,
    /// A key that the host accepts but that could not be opened, and whether a passphrase was tried on it.
    locked: Option<(PathBuf, bool)>,
}

/// A failed login.
pub(super) struct Failure {
    tried: Vec<String>,
    password_possible: bool,
    password_refused: bool,
    unanswered: Option<Unanswered>,
    locked: Option<(PathBuf, bool)>,
    /// The host hung up before it had refused anything.
    pub(super) gone: bool,
}

impl Failure {
    /// The failure in the engine's terms; `ended` is why the connection ended, if it has.
    pub(super) fn into_error(self, address: SocketAddr, user: String, ended: Option<String>) -> ConnectError {
        if let Some((path, wrong)) = self.locked {
            return ConnectError::Passphrase { address, path, wrong };
        }
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
            unanswered: self.unanswered,
        }
    }
}

impl<'a> Login<'a> {
    pub(super) fn new(handle: &'a mut Handle<Watch>, user: &'a str, keyring: &'a Keyring) -> Self {
        Self {
            handle,
            user,
            keyring,
            allowed: MethodSet::empty(),
            tries: 0,
            tried: Vec::new(),
            offered: Vec::new(),
            password_refused: false,
            unanswered: None,
            locked: None,
        }
    }

    /// Tries the credentials in their order, and returns the method that worked.
    pub(super) async fn run(mut self, prepared: &[Prepared]) -> Result<LoginMethod, Failure> {
        // An attempt without a credential does not count, and shows which methods the host accepts.
        let greeting = self.handle.authenticate_none(self.user).await;
        if self.settled(greeting) {
            return Ok(LoginMethod::Unasked);
        }
        for credential in prepared {
            if self.handle.is_closed() {
                self.tried.push(format!("{} (not tried: the host hung up before)", credential.name()));
                continue;
            }
            // If only a passphrase is missing, another key may work; a password would be one more failed login.
            if self.locked.is_some() && !credential.is_open_key() {
                continue;
            }
            let success = match credential {
                Prepared::Key(key, passphrase) => self.key(key, passphrase.as_ref()).await,
                Prepared::Agent(only) => self.agent(only.as_ref()).await,
                Prepared::Password(secret) => self.password(secret).await,
                Prepared::Unusable(name, why) => {
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
            unanswered: self.unanswered,
            gone: self.tries == 0 && self.handle.is_closed(),
            locked: self.locked,
            tried: self.tried,
        })
    }

    /// Offers a key and, if the host accepts it, signs with it. The passphrase of a locked key is needed only then;
    /// the agent may hold it open.
    async fn key(&mut self, file: &KeyFile, passphrase: Option<&Secret>) -> Option<LoginMethod> {
        let name = file.name();
        let hash = self.offer(&name, &file.public).await?;
        if file.is_locked() && !self.takes(&file.public, hash).await {
            return None;
        }
        let shut = match self.keyring.open(file, passphrase).await {
            Ok(key) => return self.sign(key, hash).await.then(|| LoginMethod::Key(file.path.clone())),
            Err(shut) => shut,
        };
        if let Some(Ok(mut agent)) = Agent::ask().await
            && agent.keys.iter().any(|(key, _)| key.key_data() == file.public.key_data())
            && self.sign_by_agent(&mut agent, file.public.clone(), hash).await
        {
            return Some(LoginMethod::AgentKey(file.path.display().to_string()));
        }
        match shut {
            OpenError::NoPassphrase => self.locked = Some((file.path.clone(), false)),
            OpenError::WrongPassphrase => self.locked = Some((file.path.clone(), true)),
            OpenError::Unusable(why) => self.tried.push(format!("({why})")),
        }
        None
    }

    /// Counts the offer of a key and returns the hash for its signature, which matters for RSA; `None`: do not offer
    /// it.
    async fn offer(&mut self, name: &str, key: &PublicKey) -> Option<Option<HashAlg>> {
        if self.offered.contains(key.key_data()) {
            return None;
        }
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
                // The host is older than the extension that shows this, or gone: OpenSSH has known this hash since
                // 7.2.
                Ok(None) | Err(_) => Some(HashAlg::Sha256),
            };
        }
        self.offered.push(key.key_data().clone());
        self.tries += 1;
        self.tried.push(name.to_owned());
        Some(hash)
    }

    /// Whether the host would accept a key; to ask without signing is not a failed login.
    async fn takes(&mut self, key: &PublicKey, hash: Option<HashAlg>) -> bool {
        match self.handle.authenticate_publickey_with(self.user, key.clone(), hash, &mut OnlyAsk).await {
            Err(Asked::Taken) => true,
            Err(Asked::Gone) => false,
            Ok(answer) => {
                self.settled(Ok(answer));
                false
            }
        }
    }

    async fn sign(&mut self, key: Arc<PrivateKey>, hash: Option<HashAlg>) -> bool {
        let key = PrivateKeyWithHashAlg::new(key, hash);
        let answer = self.handle.authenticate_publickey(self.user, key).await;
        self.settled(answer)
    }

    async fn sign_by_agent(&mut self, agent: &mut Agent, key: PublicKey, hash: Option<HashAlg>) -> bool {
        match self.handle.authenticate_publickey_with(self.user, key, hash, &mut agent.client).await {
            Ok(answer) => self.settled(Ok(answer)),
            Err(error) => {
                self.tried.push(clean(&format!("(the host takes it, but the agent did not sign: {error})"), 200));
                false
            }
        }
    }

    /// The agent's keys in its own order, or the one that is wanted.
    async fn agent(&mut self, only: Option<&PublicKey>) -> Option<LoginMethod> {
        let mut agent = match Agent::ask().await {
            Some(Ok(agent)) => agent,
            Some(Err(why)) => {
                self.tried.push(format!("agent ({why})"));
                return None;
            }
            // Most users have none and need no message about it.
            None if only.is_none() => return None,
            None => {
                self.tried.push("agent (SSH_AUTH_SOCK names none)".into());
                return None;
            }
        };
        let mut keys = std::mem::take(&mut agent.keys);
        keys.retain(|(key, _)| only.is_none_or(|only| only.key_data() == key.key_data()));
        if keys.is_empty() {
            let lack = if only.is_some() { "it does not have the key" } else { "it has no keys" };
            self.tried.push(format!("agent ({lack})"));
        }
        let left = keys.len().saturating_sub(MAX_AGENT_KEYS);
        for (key, comment) in keys.into_iter().take(MAX_AGENT_KEYS) {
            if self.handle.is_closed() {
                break;
            }
            let method = LoginMethod::AgentKey(clean(&comment, 70));
            let Some(hash) = self.offer(&method.to_string(), &key).await else { continue };
            if self.sign_by_agent(&mut agent, key, hash).await {
                return Some(method);
            }
        }
        if left > 0 {
            self.tried.push(format!("{left} more of the agent's keys (not offered: too many tries)"));
        }
        if agent.certificates > 0 {
            self.tried
                .push(format!("{} of the agent's certificates (not offered: pictl uses none)", agent.certificates));
        }
        None
    }

    /// The password or, if the host wants it so, as the answer to its question. Never both: one wrong password is one
    /// failed login.
    async fn password(&mut self, secret: &Secret) -> Option<LoginMethod> {
        if let Some(why) = self.obstacle(self.takes_passwords()) {
            self.tried.push(format!("password ({why})"));
            return None;
        }
        self.tries += 1;
        if self.offers(MethodKind::Password) {
            self.tried.push("password".into());
            // The copy of russh is wiped, the packet that it writes is not: see docs/design/trust.md.
            let answer = self.handle.authenticate_password(self.user, secret.expose()).await;
            self.password_refused |= matches!(answer, Ok(AuthResult::Failure { partial_success: false, .. }));
            self.settled(answer).then_some(LoginMethod::Password)
        } else {
            self.tried.push("keyboard-interactive".into());
            self.answer_questions(secret).await.then_some(LoginMethod::KeyboardInteractive)
        }
    }

    /// Answers the question for the password; a program must not answer any other.
    async fn answer_questions(&mut self, secret: &Secret) -> bool {
        let mut answered = false;
        let mut reply = self.handle.authenticate_keyboard_interactive_start(self.user, None).await;
        for _ in 0..MAX_ROUNDS {
            let (texts, prompts) = match reply {
                Ok(KeyboardInteractiveAuthResponse::Success) => return true,
                Ok(KeyboardInteractiveAuthResponse::InfoRequest { name, instructions, prompts }) => {
                    ([name, instructions], prompts)
                }
                Ok(KeyboardInteractiveAuthResponse::Failure { remaining_methods, partial_success }) => {
                    let answer = AuthResult::Failure { remaining_methods, partial_success };
                    self.password_refused |= answered && !partial_success;
                    return self.settled(Ok(answer));
                }
                Err(_) => return false,
            };
            let answers = match question::judge(&texts, &prompts, answered) {
                Answer::Nothing => Vec::new(),
                Answer::Password => {
                    answered = true;
                    // russh does not wipe it: see docs/design/trust.md.
                    vec![secret.expose().to_owned()]
                }
                Answer::Not(why) => {
                    let question = question::words(&texts, &prompts);
                    self.tried.push(format!("({why}: {question})"));
                    self.unanswered = Some(Unanswered { question, new_password: why == question::NEW_PASSWORD });
                    break;
                }
            };
            reply = self.handle.authenticate_keyboard_interactive_respond(answers).await;
        }
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
            // After a hang-up russh returns an empty set, which means nothing.
            Ok(AuthResult::Failure { remaining_methods, partial_success }) if !self.handle.is_closed() => {
                if partial_success {
                    let more: Vec<&str> = remaining_methods.iter().map(Into::into).collect();
                    self.tried.push(format!("(taken, but the host also wants {})", more.join(" or ")));
                }
                self.allowed = remaining_methods;
                false
            }
            Ok(AuthResult::Failure { .. }) | Err(_) => false,
        }
    }
}

/// A signer that never signs: it finds out whether the host would accept a key.
struct OnlyAsk;

/// The result of asking.
enum Asked {
    /// The host wants a signature.
    Taken,
    /// The connection is gone.
    Gone,
}

impl From<SendError> for Asked {
    fn from(_: SendError) -> Self {
        Self::Gone
    }
}

impl Signer for OnlyAsk {
    type Error = Asked;

    async fn auth_sign(&mut self, _: &AgentIdentity, _: Option<HashAlg>, _: Vec<u8>) -> Result<Vec<u8>, Asked> {
        Err(Asked::Taken)
    }
}
