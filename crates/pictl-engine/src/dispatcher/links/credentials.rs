//! What is offered at a login: keys first, and of passwords the one that this node took before. A server punishes failed
//! logins, so nothing that was refused is offered again by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use pictl_model::event::Level;
use pictl_model::link::LinkFailure;
use pictl_model::{NodeId, Secret};

use super::routes::Route;
use super::{Links, State};
use crate::dispatcher::journal::Journal;
use crate::ports::{ConnectError, Credential, OperatorKey};

/// Passwords tried on one node, and passphrases on one key, before pictl gives up.
const TRIES: u32 = 3;

/// Passwords and passphrases, for as long as the session lasts.
#[derive(Default)]
pub(super) struct Keyring {
    /// For each user the first password that some node took: the others mostly have the same.
    passwords: BTreeMap<String, Secret>,
    passphrases: BTreeMap<PathBuf, Secret>,
    /// Passphrases that were typed for each key since somebody last wanted a login.
    tries: BTreeMap<PathBuf, u32>,
    /// Keys that nobody opened when asked to.
    closed: BTreeSet<PathBuf>,
    /// Keys that cannot be read.
    unusable: BTreeSet<PathBuf>,
}

impl Keyring {
    /// Keys that stayed closed are asked for once more.
    pub(super) fn ask_again(&mut self) {
        self.closed.clear();
        self.tries.clear();
    }

    fn is_out(&self, key: &Path) -> bool {
        self.closed.contains(key) || self.unusable.contains(key)
    }

    /// The operator's key, with its passphrase where that is known.
    pub(super) fn open(&self, key: &OperatorKey) -> Credential {
        key.credential(key.path().and_then(|path| self.passphrases.get(path)).cloned())
    }

    /// Some node took `password`.
    pub(super) fn keep_password(&mut self, user: String, password: Secret) {
        self.passwords.entry(user).or_insert(password);
    }

    /// That key cannot be used; true the first time.
    pub(super) fn set_unusable(&mut self, key: PathBuf) -> bool {
        self.unusable.insert(key)
    }

    pub(super) fn give_passphrase(&mut self, key: PathBuf, passphrase: Secret) {
        *self.tries.entry(key.clone()).or_default() += 1;
        self.passphrases.insert(key, passphrase);
    }

    pub(super) fn close(&mut self, key: &Path) {
        self.passphrases.remove(key);
        self.closed.insert(key.to_owned());
    }
}

/// What was tried on one node.
#[derive(Default)]
pub(super) struct Tried {
    /// The password that it took.
    own: Option<Secret>,
    /// One that was typed for it and not tried yet.
    given: Option<Secret>,
    /// The one that the login under route has with it.
    trying: Option<Secret>,
    /// It refused the one that others took.
    refused: bool,
    passwords: u32,
    /// The key files that the login under route offers.
    files: Vec<PathBuf>,
}

impl Tried {
    /// A login is wanted again.
    pub(super) fn begin(&mut self) {
        (self.passwords, self.trying) = (0, None);
    }

    pub(super) fn give(&mut self, password: Secret) {
        self.given = Some(password);
    }

    /// The login was made: the password that it had with it, which is this node's from now on.
    pub(super) fn taken(&mut self) -> Option<Secret> {
        self.passwords = 0;
        self.own = Some(self.trying.take()?);
        self.own.clone()
    }
}

impl Links {
    /// The key files asked for on `node`.
    pub(in crate::dispatcher) fn identities_of(&self, node: &NodeId) -> &[PathBuf] {
        self.nodes.get(node).and_then(|conn| conn.route.as_ref()).map_or(&[], |route| &route.identities)
    }

    /// The password that a login on `node` was or would be made with.
    pub(in crate::dispatcher) fn password_on(&self, node: &NodeId) -> Option<&Secret> {
        let conn = self.nodes.get(node)?;
        let tried = &conn.tried;
        let usual = || self.keyring.passwords.get(&conn.route.as_ref()?.user).filter(|_| !tried.refused);
        tried.given.as_ref().or(tried.own.as_ref()).or_else(usual)
    }
}

impl Links {
    /// The operator's key cannot be used.
    pub(in crate::dispatcher) fn no_key(&mut self, journal: &mut Journal, error: &ConnectError) {
        let known = match error {
            ConnectError::Key { path, .. } => !self.keyring.set_unusable(path.clone()),
            _ => false,
        };
        if !known {
            journal.notice(Level::Warn, None, format!("{error}; going on without that key"));
        }
    }

    /// The file of the operator's key, where it opens by a passphrase that nobody was asked for yet.
    pub(in crate::dispatcher) fn shut_key(&self) -> Option<PathBuf> {
        let path = self.key.as_ref().filter(|key| key.locked)?.path()?;
        let keyring = &self.keyring;
        (!keyring.passphrases.contains_key(path) && !keyring.is_out(path)).then(|| path.to_owned())
    }

    /// What to try on `node`, in this order.
    pub(super) fn credentials(&mut self, node: &NodeId, route: &Route) -> Vec<Credential> {
        let keyring = &self.keyring;
        let asked = route
            .identities
            .iter()
            .filter(|path| !keyring.is_out(path))
            .map(|path| Credential::Key { path: path.clone(), passphrase: keyring.passphrases.get(path).cloned() });
        let mut credentials: Vec<_> = asked.collect();
        if let Some(key) = &self.key {
            let offered = match key.path() {
                Some(path) => route.identities.iter().any(|asked| asked == path) || keyring.is_out(path),
                // It is among the agent's.
                None => route.agent,
            };
            if !offered {
                credentials.push(keyring.open(key));
            }
        }
        // In the middle of a rotation some nodes may know this one only.
        credentials.extend(self.next_key.iter().map(|key| keyring.open(key)));
        let files = credentials.iter().filter_map(|credential| match credential {
            Credential::Key { path, .. } => Some(path.clone()),
            Credential::Agent { .. } | Credential::Password(_) => None,
        });
        let files = files.collect();
        if route.agent {
            credentials.push(Credential::Agent { only: None });
        }
        let password = self.password_on(node).cloned();
        credentials.extend(password.clone().map(Credential::Password));
        self.change(node, |conn| {
            conn.tried.passwords += u32::from(password.is_some());
            (conn.tried.given, conn.tried.trying, conn.tried.files) = (None, password, files);
        });
        credentials
    }

    /// Nothing of what was offered opened `node`.
    pub(super) fn refused(
        &mut self,
        journal: &mut Journal,
        node: &NodeId,
        why: String,
        password_possible: bool,
        password_refused: bool,
    ) {
        let refused = self.change(node, |conn| {
            let tried = &mut conn.tried;
            let with_password = tried.trying.take().is_some();
            if password_refused {
                (tried.own, tried.refused) = (None, true);
            }
            (with_password && password_refused, tried.passwords < TRIES)
        });
        let Some((retry, may_try)) = refused else { return };
        let route = self.nodes.get(node).and_then(|conn| conn.route.as_ref());
        let user = route.map(|route| route.user.clone()).unwrap_or_default();
        if !password_refused && self.may_be_starting(node) {
            let hint = "it let you in before; it may just be starting".to_owned();
            self.fail_for_now(journal, node, LinkFailure::PermissionDenied, why, hint);
        } else if (password_possible || password_refused) && may_try {
            // A host that has just refused one may take another on a new connection, whatever it says.
            self.link_waits(journal, node, State::Password { retry }, format!("the password of {user}"));
        } else {
            let closed = self.keyring.closed.first().filter(|_| !password_refused);
            let hint = closed.map_or_else(
                || {
                    "check user name and password; on a Raspberry Pi they are those chosen in Raspberry Pi Imager"
                        .into()
                },
                |key| format!("give the passphrase of {}, or add that key to an agent", key.display()),
            );
            let failure = if password_refused { LinkFailure::WrongPassword } else { LinkFailure::PermissionDenied };
            self.link_failed(journal, node, failure, why, hint);
        }
    }

    /// `node` takes a key that is closed.
    pub(super) fn locked_out(&mut self, journal: &mut Journal, node: &NodeId, why: String, key: PathBuf, wrong: bool) {
        let keyring = &mut self.keyring;
        if wrong && keyring.tries.get(&key).is_some_and(|tries| *tries >= TRIES) {
            keyring.close(&key);
        }
        if self.keyring.closed.contains(&key) {
            return self.connect_without(journal, node, LinkFailure::Passphrase, why, &key);
        }
        let what = format!("the passphrase of {}", key.display());
        self.link_waits(journal, node, State::Passphrase { key, wrong }, what);
    }

    /// The file of a private key cannot be used: it is reported once, and the logins go on without it.
    pub(super) fn key_unusable(&mut self, journal: &mut Journal, node: &NodeId, why: String, key: &Path) {
        if self.keyring.set_unusable(key.to_owned()) {
            journal.notice(Level::Warn, None, format!("{why}; going on without that key"));
        }
        self.connect_without(journal, node, LinkFailure::KeyUnusable, why, key);
    }

    /// Tries again without `key`, which the login before had with it.
    pub(super) fn connect_without(
        &mut self,
        journal: &mut Journal,
        node: &NodeId,
        failure: LinkFailure,
        why: String,
        key: &Path,
    ) {
        if self.nodes.get(node).is_some_and(|conn| conn.tried.files.iter().any(|file| file == key)) {
            self.connect(journal, node);
        } else {
            self.link_failed(journal, node, failure, why, "choose another key with --identity".into());
        }
    }
}
