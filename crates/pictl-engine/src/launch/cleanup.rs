//! How the launcher ended, and the cleanup of what it left behind.

use std::time::Duration;

use futures_util::future::join_all;
use pictl_model::RunId;
use pictl_model::run::RunEvent;
use tokio::time::timeout;

use super::{End, Launch, SHORT, Sessions};
use crate::ports::Session;
use crate::script::Script;

/// For one node, which may be gone.
const LIMIT: Duration = Duration::from_secs(10);

/// How the launcher ended, with what was wrong before that.
pub(super) async fn end(launch: &Launch, sessions: &Sessions, problem: Option<String>) -> End {
    let answer = match sessions.get(&launch.head) {
        Some(head) => ask(&launch.run, &**head).await,
        None => None,
    };
    let answer = answer.unwrap_or_default();
    let mut fields = answer.strip_prefix("rc ").unwrap_or_default().split_whitespace();
    let status = fields.next().and_then(|status| status.parse().ok());
    let (why, what_to_do) = match fields.next() {
        Some("full") => (
            Some(format!("{}: its disk is full, and output of the program was lost", launch.head)),
            Some("free some space there, and run it again"),
        ),
        Some(limit) => (
            Some(format!("it timed out after {limit} s, and was stopped")),
            Some("give it more time (--timeout), or less to do"),
        ),
        None if answer == "lost" => {
            (Some("the launcher disappeared without a trace".to_owned()), Some("was the head restarted? run it again"))
        }
        None => (None, None),
    };
    // A problem that was found before it ended explains more.
    let hint = what_to_do.filter(|_| problem.is_none()).map(str::to_owned);
    End { status, problem: problem.or(why), hint }
}

async fn ask(id: &RunId, head: &dyn Session) -> Option<String> {
    let output = timeout(SHORT, head.run(Script::RUN_END.command(&[id.as_str()], Some(SHORT)))).await;
    Some(String::from_utf8_lossy(&output.ok()?.ok()?.out).trim().to_owned())
}

/// Ends what is left of the run on all nodes, and reports what there was.
pub(super) async fn clean_up(run: &RunId, sessions: &Sessions, publish: &impl Fn(RunEvent)) {
    let nodes = sessions.iter().map(|(node, session)| async move {
        let command = Script::RUN_SWEEP.command(&[run.as_str()], Some(LIMIT));
        let output = timeout(LIMIT, session.run(command)).await.ok().and_then(Result::ok);
        (node.clone(), output.and_then(|output| counts(&String::from_utf8_lossy(&output.out))))
    });
    for (node, found) in join_all(nodes).await {
        let (killed, left) = found.map_or((0, None), |(killed, left)| (killed, Some(left)));
        publish(RunEvent::Swept { node, killed, left });
    }
}

/// `killed N left N`.
fn counts(printed: &str) -> Option<(u32, u32)> {
    let mut fields = printed.split_whitespace();
    match (fields.next()?, fields.next()?.parse(), fields.next()?, fields.next()?.parse()) {
        ("killed", Ok(killed), "left", Ok(left)) => Some((killed, left)),
        _ => None,
    }
}
