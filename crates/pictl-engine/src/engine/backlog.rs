//! How far a front end is behind. One that does not read (output into a pipe that nobody empties) must not cost all memory.

use std::collections::VecDeque;
use std::sync::{Arc, Weak};

use pictl_model::event::{Event, Stamped};
use pictl_model::run::RunEvent;

/// Events between two marks.
const STEP: usize = 1_024;
/// Marks that may be waiting to be taken.
const MOST: usize = 128;

/// Events that were sent and are not taken yet, counted by marks: an event that was taken is gone.
#[derive(Default)]
pub(super) struct Backlog {
    marks: VecDeque<Weak<Stamped>>,
    since: usize,
    dropped: u64,
}

impl Backlog {
    /// Whether this event is sent. When the front end is far behind, lines of output and what can be dropped are not.
    pub(super) fn lets(&mut self, stamped: &Arc<Stamped>) -> bool {
        if self.is_far() && can_be_dropped(&stamped.event) {
            self.dropped += 1;
            return false;
        }
        self.since += 1;
        if self.since == STEP {
            self.since = 0;
            self.marks.push_back(Arc::downgrade(stamped));
        }
        true
    }

    /// What must be said before this event is: how many were dropped.
    pub(super) fn before(&mut self, stamped: &Stamped) -> Option<Arc<Stamped>> {
        if self.dropped == 0 || (self.is_far() && can_be_dropped(&stamped.event)) {
            return None;
        }
        let count = std::mem::take(&mut self.dropped);
        Some(Arc::new(Stamped { event: Event::Dropped { count }, ..*stamped }))
    }

    fn is_far(&mut self) -> bool {
        while self.marks.front().is_some_and(|mark| mark.strong_count() == 0) {
            self.marks.pop_front();
        }
        self.marks.len() >= MOST
    }
}

fn can_be_dropped(event: &Event) -> bool {
    let line = matches!(
        event,
        Event::ExecLine { .. } | Event::Run { event: RunEvent::Output { .. } | RunEvent::Note { .. }, .. }
    );
    line || event.is_droppable()
}

#[cfg(test)]
mod tests {
    use pictl_model::event::VERSION;
    use pictl_model::run::Stream;
    use pictl_model::{JobId, NodeId, Timestamp};

    use super::*;

    fn stamped(event: Event) -> Arc<Stamped> {
        Arc::new(Stamped { v: VERSION, seq: 0, at: Timestamp(0), event })
    }

    #[test]
    fn lines_that_nobody_takes_are_dropped_and_counted_and_nothing_else_is() {
        let node = NodeId::from_address([10, 0, 0, 1].into(), 22);
        let line =
            || stamped(Event::ExecLine { job: JobId(1), node: node.clone(), stream: Stream::Out, line: "x".into() });
        let (mut backlog, mut untaken) = (Backlog::default(), Vec::new());
        for _ in 0..STEP * MOST * 2 {
            let line = line();
            assert!(backlog.before(&line).is_none());
            if backlog.lets(&line) {
                untaken.push(line);
            }
        }
        assert_eq!(untaken.len(), STEP * MOST);
        let end = stamped(Event::ExecFinished { job: JobId(1) });
        let dropped = backlog.before(&end).expect("said before what follows");
        assert_eq!(dropped.event, Event::Dropped { count: (STEP * MOST) as u64 });
        assert!(backlog.lets(&end) && backlog.before(&end).is_none());
        // A front end that has caught up gets every line again.
        untaken.clear();
        assert!(backlog.lets(&line()));
    }
}
