//! The hands that do what steps order, and prove what they did before they say so.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use pictl_formats::launcher;
use pictl_model::NodeId;
use pictl_model::node::MpiFamily;
use tokio::sync::mpsc;

use super::action::{Action, Outcome, StepNews};
use super::{pairs, proofs, smoke};
use crate::ports::{Connect, ConnectSpec, Session};
use crate::remote::{RemoteError, SHORT, answer, answers, by_line, failure, put_file, read, run};
use crate::script::{Rights, Script};

/// For apt, which may wait minutes for another apt, on a slow card.
const INSTALL: Duration = Duration::from_secs(1800);
/// Bytes of an installation's errors that are looked at.
const MAX_ERR: usize = 64 << 10;

/// What an action may use.
#[derive(Clone)]
pub struct Hands {
    /// The node it is about.
    pub session: Arc<dyn Session>,
    /// Every node of the cluster that is connected, for actions that concern all.
    pub sessions: BTreeMap<NodeId, Arc<dyn Session>>,
    /// The way to root, when it is known.
    pub root: Option<Rights>,
    /// Logs in anew.
    pub connect: Arc<dyn Connect>,
    /// How to log in with the operator's key alone.
    pub key_login: Option<ConnectSpec>,
    /// What to tell while it goes on.
    pub news: mpsc::UnboundedSender<StepNews>,
}

/// Does one action.
pub async fn perform(action: Action, hands: &Hands) -> Result<Outcome, RemoteError> {
    match action {
        Action::Put(file) => {
            let written = put_file(hands.session.as_ref(), hands.rights(file.root)?, file).await?;
            Ok(Outcome::Written(written))
        }
        Action::NodeKey { comment } => {
            let said = run(&*hands.session, Script::NODE_KEY.command(&[&comment], Some(SHORT))).await?;
            answer(&said, "public ").map(Outcome::PublicKey)
        }
        Action::NextKey { comment } => {
            let said = run(&*hands.session, Script::NODE_KEY.command(&[&comment, "next"], Some(SHORT))).await?;
            answer(&said, "public ").map(Outcome::NextKey)
        }
        Action::TakeNextKey { comment } => {
            let said = run(&*hands.session, Script::NODE_KEY.command(&[&comment, "take"], Some(SHORT))).await?;
            Ok(Outcome::KeyTaken { public: answer(&said, "public ")?, old: answers(&said, "old ").join("\n") })
        }
        Action::Hostname { name } => {
            let command = Script::SET_HOSTNAME.with(&hands.rights(true)?, &[name.as_str()], &[], Some(SHORT));
            let said = run(&*hands.session, command).await?;
            match answer(&said, "hostname ")? {
                now if now == name.as_str() => Ok(Outcome::Named(now)),
                now => {
                    Err(RemoteError::new(format!("it still calls itself {now}"), "look at `hostnamectl` on the node"))
                }
            }
        }
        Action::InstallMpi { family } => install(family, hands).await,
        Action::ProveLogin { doubt } => {
            proofs::key_is_taken(hands, doubt.as_deref()).await.map(|()| Outcome::LoginProved)
        }
        Action::Pairs(plan) => pairs::prove(plan, hands).await.map(Outcome::Proved),
        Action::MakeHostKeys { backup } => proofs::make_host_keys(&backup, hands).await,
        Action::TakeIdentity { backup, host_keys, machine_id } => {
            proofs::take_identity(&backup, &host_keys, machine_id, hands).await
        }
        Action::PasswordLogin { on } => proofs::password_login(on, hands).await,
        Action::Smoke(plan) => smoke::run(&plan, &hands.sessions).await.map(Outcome::Proved),
    }
}

impl Hands {
    /// The rights to work with.
    pub(super) fn rights(&self, root: bool) -> Result<Rights, RemoteError> {
        if !root {
            return Ok(Rights::User);
        }
        self.root.clone().ok_or_else(|| {
            RemoteError::new(
                "root rights are needed and cannot be had",
                "give the right sudo password, let this user use sudo, or log in as one who may",
            )
        })
    }
}

async fn install(family: MpiFamily, hands: &Hands) -> Result<Outcome, RemoteError> {
    let packages = launcher::of_family(family).packages().of_a_node();
    let command = Script::INSTALL_MPI.with(&hands.rights(true)?, &packages, &[], Some(INSTALL));
    let output = by_line(&*hands.session, command, MAX_ERR, |line| {
        let _ = hands.news.send(StepNews::Line(line));
    })
    .await?;
    if output.status != Some(0) {
        return Err(failure(&output));
    }
    let reading = read(&*hands.session, &[]).await?;
    if reading.facts.mpi_of(family).is_none() {
        return Err(RemoteError::new(
            format!("apt succeeded and {family} is still not there"),
            "look at `command -v mpirun` on the node",
        ));
    }
    Ok(Outcome::Read(Box::new(reading)))
}
