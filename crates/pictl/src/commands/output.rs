//! What the program of a recorded run printed: the last lines of each rank, or all of it.

use std::collections::{BTreeMap, VecDeque};
use std::io::IsTerminal as _;

use pictl_model::event::Event;
use pictl_model::run::{RunEvent, Stream};
use pictl_model::text::{MAX_LINE, clean};
use pictl_model::world::{RunView, World};
use pictl_model::{Rank, Stamped};
use pictl_report::table::ranges;

use crate::cli::Global;
use crate::exit::Trouble;
use crate::front::{out, tagged};

/// Lines of a rank that are shown of a run.
const LAST: usize = 5;
/// Groups of ranks with different output that are shown of a run.
const GROUPS: usize = 16;

/// The last lines of each rank, ranks with the same lines together; nothing where nothing was printed.
pub(super) fn last(events: &[Stamped], view: &RunView) -> String {
    let mut of_rank: BTreeMap<Option<Rank>, VecDeque<String>> = BTreeMap::new();
    for (stream, rank, line) in lines(events) {
        let kept = of_rank.entry(rank).or_default();
        if kept.len() == LAST {
            kept.pop_front();
        }
        kept.push_back(shown(stream, line));
    }
    // Ranks in their order; what the launcher said itself comes last, where it explains how a run ended.
    let mut groups: Vec<(Vec<String>, Vec<Option<Rank>>)> = Vec::new();
    let launcher = of_rank.remove(&None).map(|lines| (None, lines));
    for (rank, lines) in of_rank.into_iter().chain(launcher) {
        let lines: Vec<String> = lines.into();
        match groups.iter_mut().find(|(other, ranks)| *other == lines && ranks.first() != Some(&None) && rank.is_some())
        {
            Some((_, ranks)) => ranks.push(rank),
            None => groups.push((lines, vec![rank])),
        }
    }
    if groups.is_empty() {
        return String::new();
    }
    let hidden = groups.len().saturating_sub(GROUPS);
    let mut text = vec![format!("output   the last lines; pictl runs show {} --output prints all", view.plan.id)];
    // The last ones are kept: the launcher is among them.
    for (lines, ranks) in groups.iter().skip(hidden) {
        text.push(title(ranks, view));
        text.extend(lines.iter().map(|line| format!("  {line}")));
    }
    if hidden > 0 {
        text.push(format!("and other lines of {hidden} more ranks"));
    }
    text.join("\n") + "\n"
}

/// `rank 3 on pi02`, `ranks 0-2,5`
fn title(ranks: &[Option<Rank>], view: &RunView) -> String {
    let numbers: Vec<u32> = ranks.iter().flatten().map(|rank| rank.0).collect();
    match ranks {
        [None] => "launcher".to_owned(),
        [Some(rank)] => {
            let host = view.ranks.get(rank).and_then(|rank| rank.host.as_ref());
            format!("rank {rank}{}", host.map(|host| format!(" on {}", clean(host, 64))).unwrap_or_default())
        }
        _ => format!("ranks {}", ranges(&numbers)),
    }
}

/// Prints all of it, in the order in which it came: with rank and host at a terminal, else as the program printed it.
pub(super) fn all(global: &Global, events: &[Stamped], view: &RunView) -> Result<(), Trouble> {
    if global.json {
        for stamped in
            events.iter().filter(|stamped| matches!(&stamped.event, Event::Run { event: RunEvent::Output { .. }, .. }))
        {
            out(&serde_json::to_string(stamped).map_err(Trouble::usage)?);
        }
        return Ok(());
    }
    let tags = !global.plain && std::io::stdout().is_terminal();
    for (stream, rank, line) in lines(events) {
        let line = clean(line, MAX_LINE);
        let shown = if tags { tagged(view, stream, rank, &line) } else { line };
        if !out(&shown) {
            break;
        }
    }
    Ok(())
}

fn shown(stream: Stream, line: &str) -> String {
    let sign = if stream == Stream::Err { "! " } else { "" };
    format!("{sign}{}", clean(line, MAX_LINE))
}

/// The lines that were printed, oldest first.
fn lines(events: &[Stamped]) -> impl Iterator<Item = (Stream, Option<Rank>, &str)> {
    events.iter().filter_map(|stamped| match &stamped.event {
        Event::Run { event: RunEvent::Output { stream, rank, line }, .. } => Some((*stream, *rank, line.as_str())),
        _ => None,
    })
}

/// The run as its events describe it.
pub(super) fn world_of(events: &[Stamped]) -> World {
    let mut world = World::default();
    for stamped in events {
        world.apply(stamped);
    }
    world
}

#[cfg(test)]
mod tests {
    use pictl_model::event::VERSION;
    use pictl_model::{RunId, Timestamp};
    use serde_json::json;

    use super::*;

    /// A run of so many ranks that printed these lines.
    fn printed(lines: &[(Option<u32>, Stream, &str)]) -> String {
        let plan = json!({
            "id": "20261120-102826-apy-7e48", "series": null, "workload": {"name": "a.py", "origin": "own", "args": []},
            "ranks": 4, "hosts": [], "head": "operator", "mpi": {"family": "openmpi", "version": "4.1.4", "launcher": "x"},
            "command": [], "planned_at": 0,
        });
        let run: RunId = "20261120-102826-apy-7e48".parse().unwrap();
        let event =
            |event| Stamped { v: VERSION, seq: 0, at: Timestamp(0), event: Event::Run { run: run.clone(), event } };
        let host = RunEvent::Host { rank: Rank(1), host: "pi02".to_owned() };
        let mut events = vec![event(RunEvent::Planned { plan: serde_json::from_value(plan).unwrap() }), event(host)];
        events.extend(lines.iter().map(|(rank, stream, line)| {
            event(RunEvent::Output { stream: *stream, rank: rank.map(Rank), line: (*line).to_owned() })
        }));
        let world = world_of(&events);
        last(&events, world.run.as_ref().unwrap())
    }

    #[test]
    fn the_last_lines_of_each_rank_are_shown_and_equal_ones_once() {
        let (o, e) = (Stream::Out, Stream::Err);
        assert_eq!(printed(&[]), "");
        let mut lines = vec![(Some(1), o, "one"), (Some(1), o, "two")];
        lines.extend((0..4).map(|_| (Some(1), e, "Traceback")));
        lines.extend([(Some(0), o, "hi"), (Some(2), o, "hi"), (Some(3), o, "hi"), (None, e, "mpirun noticed")]);
        assert_eq!(
            printed(&lines),
            "output   the last lines; pictl runs show 20261120-102826-apy-7e48 --output prints all\n\
             ranks 0,2-3\n  hi\nrank 1 on pi02\n  two\n  ! Traceback\n  ! Traceback\n  ! Traceback\n  ! Traceback\n\
             launcher\n  ! mpirun noticed\n"
        );
    }

    #[test]
    fn a_line_of_an_edited_record_commands_no_terminal() {
        assert!(!printed(&[(Some(1), Stream::Out, "\u{1b}[2Jx")]).contains('\u{1b}'));
    }

    #[test]
    fn many_different_ranks_do_not_hide_the_launcher() {
        let texts: Vec<String> = (0..40).map(|n| format!("line of {n}")).collect();
        let mut lines: Vec<_> = texts.iter().zip(0..).map(|(t, n)| (Some(n), Stream::Out, t.as_str())).collect();
        lines.push((None, Stream::Err, "it ended"));
        let shown = printed(&lines);
        assert!(
            shown.contains("! it ended") && shown.contains("of 25 more ranks") && !shown.contains("line of 3\n"),
            "{shown}"
        );
    }
}
