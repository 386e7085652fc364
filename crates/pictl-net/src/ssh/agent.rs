//! The agent at `SSH_AUTH_SOCK`.

use std::time::Duration;

use pictl_model::text::clean;
use russh::keys::PublicKey;
use russh::keys::agent::AgentIdentity;
use russh::keys::agent::client::{AgentClient, AgentStream};
use tokio::time::timeout;

/// An agent without an answer after this time hangs. Signing may take longer: the user may have to confirm it.
const ANSWER: Duration = Duration::from_secs(5);

/// A connection to the agent.
pub(super) struct Agent {
    pub(super) client: AgentClient<Box<dyn AgentStream + Send + Unpin>>,
    /// Its keys, each with its comment.
    pub(super) keys: Vec<(PublicKey, String)>,
    /// How many certificates it holds as well; they are not used.
    pub(super) certificates: usize,
}

impl Agent {
    /// Asks the agent for its keys; `None` where there is no agent.
    pub(super) async fn ask() -> Option<Result<Self, String>> {
        std::env::var_os("SSH_AUTH_SOCK")?;
        let asked = timeout(ANSWER, async {
            let mut client = AgentClient::connect_env().await.map_err(|e| format!("not reached: {e}"))?.dynamic();
            let identities = client.request_identities().await.map_err(|e| format!("could not read its keys: {e}"))?;
            let held = identities.len();
            let keys: Vec<_> = identities.into_iter().filter_map(plain).collect();
            Ok(Self { client, certificates: held - keys.len(), keys })
        });
        Some(asked.await.unwrap_or_else(|_| Err(format!("no answer within {ANSWER:?}"))).map_err(|e| clean(&e, 200)))
    }
}

fn plain(identity: AgentIdentity) -> Option<(PublicKey, String)> {
    match identity {
        AgentIdentity::PublicKey { key, comment } => Some((key, comment)),
        AgentIdentity::Certificate { .. } => None,
    }
}
