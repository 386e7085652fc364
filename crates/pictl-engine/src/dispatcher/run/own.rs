//! How a run of the user's own program ended: whose rank failed first, how, and its last message.

use pictl_model::Rank;
use pictl_model::run::Stream;
use pictl_model::world::{RankView, RunView};

/// Exit statuses of ranks that the launcher ends because of another one: killed, or asked to end.
const ENDED_BY_LAUNCHER: [i32; 2] = [137, 143];

/// Why the run failed, where a rank reported it.
pub(super) fn failure(view: &RunView) -> Option<String> {
    let failed = view.ranks.iter().filter_map(|(rank, of)| Some((*rank, of, of.exit.filter(|s| *s != 0)?)));
    // The first one pulls the others down, and the launcher may pass the news on in any order.
    let (rank, of, status) = failed.min_by_key(|(rank, of, status)| {
        let own_fault = !ENDED_BY_LAUNCHER.contains(status);
        (!own_fault, of.heard, *rank)
    })?;
    let last = last_words(view, rank).map(|words| format!(": {words}")).unwrap_or_default();
    Some(format!("rank {rank}{} {}{last}", place(view, of), manner(status)))
}

fn place(view: &RunView, of: &RankView) -> String {
    let Some(host) = &of.host else { return String::new() };
    let known = view.plan.hosts.iter().find(|h| h.name == *host);
    format!(" on {}", known.map_or(host, |h| &h.name))
}

/// An exit status in words, as a shell makes it of signals and of programs that it cannot start.
fn manner(status: i32) -> String {
    let signal = match status - 128 {
        1 => "HUP",
        2 => "INT",
        3 => "QUIT",
        4 => "ILL",
        6 => "ABRT",
        7 => "BUS",
        8 => "FPE",
        9 => "KILL",
        11 => "SEGV",
        13 => "PIPE",
        14 => "ALRM",
        15 => "TERM",
        _ => "",
    };
    match status {
        126 => "could not start its program: no right to run it".to_owned(),
        127 => "could not start its program: it is not there".to_owned(),
        _ if !signal.is_empty() => format!("was ended by signal {signal}"),
        _ => format!("ended with exit status {status}"),
    }
}

/// The last line that a rank said, on standard error if anything.
fn last_words(view: &RunView, rank: Rank) -> Option<&str> {
    let said = |stream| {
        let lines = view.output.iter().filter(move |l| l.rank == Some(rank) && l.stream == stream);
        let lines = lines.map(|l| l.line.trim()).filter(|line| line.chars().any(char::is_alphanumeric));
        // Open MPI 5 says in the rank's name what it makes of an exception.
        lines.take_while(|line| !line.starts_with("MPI_ABORT was invoked")).last()
    };
    said(Stream::Err).or_else(|| said(Stream::Out))
}

#[cfg(test)]
mod tests {
    use pictl_model::Timestamp;
    use pictl_model::run::RunEvent;

    use super::*;
    use crate::common;

    fn view(events: &[RunEvent]) -> RunView {
        let mut view = RunView::new(Timestamp(0), common::plan("r-1", 4, 2));
        for (at, event) in (0..).zip(events) {
            view.apply(Timestamp(at), event);
        }
        view
    }

    fn exit(rank: u32, status: i32) -> RunEvent {
        RunEvent::Exit { rank: Rank(rank), status }
    }

    fn says(rank: u32, stream: Stream, line: &str) -> RunEvent {
        RunEvent::Output { stream, rank: Some(Rank(rank)), line: line.into() }
    }

    #[test]
    fn the_rank_that_failed_first_is_named_with_its_last_line() {
        let events = [
            RunEvent::Host { rank: Rank(2), host: "pi02".into() },
            says(2, Stream::Err, "ValueError: no"),
            says(2, Stream::Err, "----------"),
            says(2, Stream::Err, "MPI_ABORT was invoked on rank 2 in communicator MPI_COMM_WORLD"),
            says(2, Stream::Err, "exactly when Open MPI kills them."),
            says(2, Stream::Out, "bye"),
            says(0, Stream::Err, "Terminated"),
            exit(0, 143),
            exit(2, 7),
            exit(3, 9),
        ];
        let reported = failure(&view(&events)).unwrap();
        assert_eq!(reported, "rank 2 on pi02 ended with exit status 7: ValueError: no");
        assert_eq!(failure(&view(&[exit(1, 139)])).unwrap(), "rank 1 was ended by signal SEGV");
        let only_killed = [says(3, Stream::Out, "half way"), exit(3, 137), exit(1, 143)];
        assert_eq!(failure(&view(&only_killed)).unwrap(), "rank 3 was ended by signal KILL: half way");
        assert!(failure(&view(&[exit(0, 127)])).unwrap().contains("it is not there"));
        assert_eq!(failure(&view(&[RunEvent::Done { rank: Rank(0) }])), None);
    }
}
