//! How the launcher ended, and the cleanup of what it left behind.

use std::time::Duration;

use futures_util::future::join_all;
use pictl_model::RunId;
use pictl_model::run::RunEvent;
use tokio::time::timeout;

use super::{End, Followed, Launch, SHORT, Sessions};
use crate::ports::Session;
use crate::script::Script;

/// What may be wrong with a run of one rank that does not end.
pub(super) const ONE_RANK: &str = "a program whose first rank gives work to the others waits for ever when it is alone: start it with more ranks (-n 2)";
/// For one node, which may be gone.
const LIMIT: Duration = Duration::from_secs(10);

/// How the launcher ended, with what was wrong before that.
pub(super) async fn end(launch: &Launch, sessions: &Sessions, followed: &Followed) -> End {
    let answer = match sessions.get(&launch.head) {
        Some(head) => ask(&launch.run, &**head).await,
        None => None,
    };
    let answer = answer.unwrap_or_default();
    let mut fields = answer.strip_prefix("rc ").unwrap_or_default().split_whitespace();
    let status = fields.next().and_then(|status| status.parse().ok());
    let mut timed_out = false;
    let (why, what_to_do) = match fields.next() {
        Some("full") => (
            Some(format!("{}: its disk is full, and output of the program was lost", launch.head)),
            Some("free some space there, and run it again".to_owned()),
        ),
        Some(limit) => {
            timed_out = true;
            let what_to_do = more_time(launch.ranks, followed, limit.parse().unwrap_or(0));
            (Some(format!("it timed out after {limit} s, and was stopped")), Some(what_to_do))
        }
        None if answer == "lost" => (
            Some("the launcher disappeared without a trace".to_owned()),
            Some("was the head restarted? run it again".to_owned()),
        ),
        None => (None, None),
    };
    let stopped = followed.stopped;
    // A problem that was found before it ended explains more.
    match followed.problem.clone() {
        Some(problem) => End { status, problem: Some(problem), hint: followed.hint.clone(), timed_out, stopped },
        None => End { status, problem: why, hint: what_to_do, timed_out, stopped },
    }
}

/// What helps when the time of a run was over. More time does not help ranks that wait for something that never comes.
fn more_time(ranks: u32, followed: &Followed, limit: u64) -> String {
    let silent = followed.silent.as_secs().min(limit);
    if !followed.ran {
        return "no rank printed anything, so more time may not help: pictl runs show has the launcher's output"
            .to_owned();
    }
    if ranks == 1 {
        return ONE_RANK.to_owned() + "; otherwise give it more time (--timeout)";
    }
    if silent * 2 > limit && limit > 0 {
        return format!(
            "nothing was printed in the last {silent} s: ranks that wait for one another wait for ever, and more time does \
             not help them; otherwise give it more time (--timeout), or less to do"
        );
    }
    "give it more time (--timeout), or less to do".to_owned()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_time_is_advised_only_where_it_can_help() {
        let seen = |ran, silent| Followed {
            problem: None,
            hint: None,
            found: None,
            ran,
            begun: ran,
            settled: false,
            asked: false,
            stopped: false,
            silent: Duration::from_secs(silent),
            errors: String::new(),
        };
        assert_eq!(more_time(3, &seen(true, 2), 60), "give it more time (--timeout), or less to do");
        assert!(more_time(3, &seen(true, 59), 60).starts_with("nothing was printed in the last 59 s"));
        assert!(more_time(1, &seen(true, 59), 60).contains("more ranks (-n 2)"));
        let nothing = more_time(3, &seen(false, 60), 60);
        assert!(nothing.contains("may not help") && !nothing.contains("--timeout"), "{nothing}");
    }
}
