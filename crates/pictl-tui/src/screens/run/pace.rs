//! Which ranks are slow and which have nothing to do. The rules stand here and nowhere else.

use pictl_model::world::{RankView, RunView};
use pictl_model::{Millis, Rank, Timestamp};

/// A rank is slow (a straggler) when its slice in hand has taken more than this many times the middle finished slice …
const TIMES: f64 = 2.0;
/// … and at least this many seconds more than that, so that short slices are not worth a warning.
const MORE: f64 = 1.0;
/// With fewer finished slices than this there is no middle one to speak of.
const KNOWN: u64 = 4;
/// A rank is idle when it has had nothing in hand for this long while another one has, in a program that deals out its
/// slices to several.
const IDLE: Millis = Millis(2_000);

/// What a rank does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Doing {
    /// Nothing was heard of it yet.
    Unheard,
    /// It works on this slice.
    Busy(u32),
    /// It works on this slice for so long already: much longer than the others.
    Slow(u32, Millis),
    /// It has had nothing in hand for so long, while others work.
    Idle(Millis),
    /// It has nothing in hand just now.
    Free,
    /// It does not speak of slices; its process is seen at work.
    Seen,
    /// It finished.
    Done,
    /// Its process ended with this exit status.
    Exit(i32),
    /// The run is over and it had not finished.
    Unfinished,
}

/// How the ranks of a run get on together.
pub(crate) struct Pace {
    now: Timestamp,
    /// When ranks could first have had something to do.
    begun: Option<Timestamp>,
    over: bool,
    /// Some rank has a slice in hand.
    busy: bool,
    /// The work is shared: several ranks have had slices, or there is but one rank.
    pub(super) shared: bool,
    /// The middle finished slice in seconds, where enough are known.
    pub(crate) median: Option<f64>,
    /// Slow ranks, the slowest first.
    pub(crate) slow: Vec<Rank>,
    /// Idle ranks, in the order of their numbers.
    pub(crate) idle: Vec<Rank>,
    /// What each rank does.
    doing: Vec<Doing>,
}

impl Pace {
    pub(super) fn of(run: &RunView, views: &[&RankView], now: Timestamp) -> Self {
        let over = run.is_over();
        // What has not been heard of since the connection broke says nothing about the ranks.
        let now = run.out_of_sight.as_ref().map_or(now, |(lost, _)| now.min(*lost));
        let median = run.times.median().filter(|_| run.times.count() >= KNOWN);
        let busy = !over && views.iter().any(|view| view.current.is_some());
        let begun = run.begun.or(run.launched);
        let (slow, idle, doing) = (Vec::new(), Vec::new(), Vec::new());
        let worked = views.iter().filter(|view| view.slices > 0 || view.current.is_some()).count();
        let shared = worked > 1 || views.len() == 1;
        let mut pace = Self { now, begun, over, busy, shared, median, slow, idle, doing };
        pace.doing = views.iter().map(|view| pace.judge(view)).collect();
        let mut slow = Vec::new();
        for (n, doing) in pace.doing.iter().enumerate() {
            match doing {
                Doing::Slow(_, since) => slow.push((*since, Rank(n as u32))),
                Doing::Idle(_) => pace.idle.push(Rank(n as u32)),
                _ => {}
            }
        }
        slow.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        pace.slow = slow.into_iter().map(|(_, rank)| rank).collect();
        pace
    }

    /// What a rank does.
    pub(super) fn doing(&self, rank: Rank) -> Doing {
        self.doing.get(rank.0 as usize).copied().unwrap_or(Doing::Unheard)
    }

    fn judge(&self, view: &RankView) -> Doing {
        let since = view.since.map_or(Millis(0), |since| self.now - since);
        match (view.done, view.exit, view.current) {
            (_, Some(status), _) if status != 0 => Doing::Exit(status),
            (true, ..) | (_, Some(_), _) => Doing::Done,
            _ if self.over => Doing::Unfinished,
            (_, _, Some(slice)) if self.is_slow(since) => Doing::Slow(slice, since),
            (_, _, Some(slice)) => Doing::Busy(slice),
            (..) => {
                match view.since.or(self.begun).map(|since| self.now - since).filter(|_| self.busy && self.shared) {
                    Some(idle) if idle >= IDLE => Doing::Idle(idle),
                    _ if view.usage.is_some() && view.slices == 0 => Doing::Seen,
                    _ if view.heard.is_none() => Doing::Unheard,
                    _ => Doing::Free,
                }
            }
        }
    }

    fn is_slow(&self, since: Millis) -> bool {
        self.median.is_some_and(|median| since.seconds() > TIMES * median && since.seconds() > median + MORE)
    }
}

#[cfg(test)]
mod tests {
    use pictl_model::run::RunEvent;

    use super::*;
    use crate::fixtures::scene;

    /// What the ranks of this scene's run do `seconds` from its present on, when all that was in hand stays there.
    fn later(name: &str, seconds: u64) -> Pace {
        let session = scene(name).expect("a scene");
        let run = session.app.cx.world.run.as_ref().expect("a run");
        let views: Vec<&RankView> = run.ranks.values().collect();
        Pace::of(run, &views, session.app.cx.now.plus(Millis(1_000 * seconds)))
    }

    #[test]
    fn a_slice_is_slow_beyond_twice_the_middle_one_and_a_second_more() {
        // The middle slice takes about half a second: twice that is not yet worth a word.
        let slow = |seconds| later("run-running", seconds).slow.len();
        assert_eq!((slow(0), slow(1), slow(2)), (0, 0, 8));
        let pace = later("run-slow", 0);
        assert_eq!((pace.slow.as_slice(), pace.idle.as_slice()), (&[Rank(7)][..], &[Rank(5)][..]));
        assert!(matches!(pace.doing(Rank(7)), Doing::Slow(29, since) if since.seconds() > 30.0));
    }

    #[test]
    fn nobody_is_slow_or_idle_after_the_end_or_out_of_sight() {
        for name in ["run-slow-done", "run-failed"] {
            let pace = later(name, 60);
            assert!(pace.slow.is_empty() && pace.idle.is_empty(), "{name}");
        }
        assert!(later("run-out-of-sight", 60).slow.is_empty());
        assert!(!later("run-silent", 0).slow.is_empty());
    }

    #[test]
    fn without_work_anywhere_nobody_is_idle() {
        let mut session = scene("run-slow").expect("a scene");
        let run = session.app.cx.world.run.as_mut().expect("a run");
        for rank in 0..8 {
            run.apply(session.app.cx.now, &RunEvent::Exit { rank: Rank(rank), status: i32::from(rank == 3) });
        }
        let views: Vec<&RankView> = run.ranks.values().collect();
        let pace = Pace::of(run, &views, session.app.cx.now.plus(Millis(60_000)));
        assert!(pace.idle.is_empty());
        assert_eq!((pace.doing(Rank(3)), pace.doing(Rank(4))), (Doing::Exit(1), Doing::Done));
    }
}
