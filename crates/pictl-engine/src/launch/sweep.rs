//! How the launcher ended, and what it left behind.

use std::time::Duration;

use futures_util::future::join_all;
use pictl_model::RunId;
use pictl_model::run::RunEvent;
use tokio::time::timeout;

use super::{End, Launch, SHORT, Sessions};
use crate::ports::Session;
use crate::script::Script;

/// For looking over one node that may be gone.
const SWEEP: Duration = Duration::from_secs(10);

/// How the launcher ended, with what was wrong before that.
pub(super) async fn end(launch: &Launch, sessions: &Sessions, problem: Option<String>) -> End {
    let said = match sessions.get(&launch.head) {
        Some(head) => asked(&launch.run, &**head).await,
        None => None,
    };
    let said = said.unwrap_or_default();
    let mut words = said.strip_prefix("rc ").unwrap_or_default().split_whitespace();
    let status = words.next().and_then(|status| status.parse().ok());
    let (why, what_to_do) = match words.next() {
        Some("full") => (
            Some(format!("{}: its disk is full, and what the program says was lost", launch.head)),
            Some("free some space there, and run it again"),
        ),
        Some(limit) => (
            Some(format!("it was not over within {limit} s, and was stopped")),
            Some("give it more time (--timeout), or less to do"),
        ),
        None if said == "lost" => {
            (Some("the launcher went without a trace".to_owned()), Some("was the head restarted? run it again"))
        }
        None => (None, None),
    };
    // What was found wrong before it ended says more.
    let hint = what_to_do.filter(|_| problem.is_none()).map(str::to_owned);
    End { status, problem: problem.or(why), hint }
}

async fn asked(id: &RunId, head: &dyn Session) -> Option<String> {
    let asked = timeout(SHORT, head.run(Script::RUN_END.command(&[id.as_str()], Some(SHORT)))).await;
    Some(String::from_utf8_lossy(&asked.ok()?.ok()?.out).trim().to_owned())
}

/// Ends what is left of the run on all nodes, and tells what there was.
pub(super) async fn sweep(run: &RunId, sessions: &Sessions, tell: &impl Fn(RunEvent)) {
    let nodes = sessions.iter().map(|(node, session)| async move {
        let command = Script::RUN_SWEEP.command(&[run.as_str()], Some(SWEEP));
        let said = timeout(SWEEP, session.run(command)).await.ok().and_then(Result::ok);
        (node.clone(), said.and_then(|output| counts(&String::from_utf8_lossy(&output.out))))
    });
    for (node, found) in join_all(nodes).await {
        let (killed, left) = found.map_or((0, None), |(killed, left)| (killed, Some(left)));
        tell(RunEvent::Swept { node, killed, left });
    }
}

/// `killed N left N`.
fn counts(said: &str) -> Option<(u32, u32)> {
    let mut words = said.split_whitespace();
    match (words.next()?, words.next()?.parse(), words.next()?, words.next()?.parse()) {
        ("killed", Ok(killed), "left", Ok(left)) => Some((killed, left)),
        _ => None,
    }
}
