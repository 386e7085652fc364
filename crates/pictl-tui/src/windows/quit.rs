//! Really leave?

use super::{After, NARROW, Page, Window, keys_of};
use crate::blocks::text;
use crate::context::Context;
use crate::key::Key;
use crate::keymap::Command;
use crate::theme::Theme;

/// The question before leaving while something is at work.
pub(crate) struct Quit;

impl Window for Quit {
    fn page(&self, cx: &Context, theme: Theme, width: usize) -> Page {
        let mut lines = Vec::new();
        // What was asked about may have ended while the question stood there.
        let mut keys = Vec::new();
        if cx.is_busy() {
            text(theme, &mut lines, &format!("Still running: {}.", cx.busy_words()), width);
            if let Some(run) = cx.can_go_on() {
                let key = cx.key_of(Command::LeaveRunning);
                let words = if width < NARROW {
                    format!("{key} leaves it running: `pictl` finds it again.")
                } else {
                    let (head, id) = (cx.head_of(&run.plan), &run.plan.id);
                    let series = run.plan.series.as_ref().filter(|s| s.index < s.of);
                    let rest = series.map(|s| format!("; the runs up to {} do not follow", s.of)).unwrap_or_default();
                    format!(
                        "{key} leaves it running on {head} without pictl{rest}. Starting `pictl` again joins it, as does \
                         `pictl attach {id}`."
                    )
                };
                text(theme, &mut lines, &words, width);
                keys.push((Command::LeaveRunning, "leave it running"));
            }
            let stop = cx.key_of(Command::StopAndQuit);
            let words = format!("{stop} stops it first, so that no process is left on the nodes.");
            text(theme, &mut lines, &words, width);
            keys.push((Command::StopAndQuit, if width < NARROW { "stop" } else { "stop it and quit" }));
        } else {
            text(theme, &mut lines, "What was running has ended.", width);
            keys.push((Command::StopAndQuit, "quit"));
        }
        keys.push((Command::Refuse, "stay"));
        Page {
            title: "Leave pictl?".to_owned(),
            lines,
            focus: None,
            keys: keys_of(cx, &keys),
            width: 66,
            border: theme.warn(),
        }
    }

    fn key(&mut self, cx: &mut Context, _key: Key, command: Option<Command>) -> After {
        match command {
            Some(Command::StopAndQuit) => After::Close(cx.stop_and_quit()),
            Some(Command::LeaveRunning) => After::Stay(cx.leave_running()),
            _ => After::Unused,
        }
    }
}
