//! A program in a terminal, as a person sees and types it.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, ExitStatus, MasterPty, PtySize};
use rustix::process::{Pid, Signal, kill_process};
use vt100::{Callbacks, MouseProtocolMode, Parser, Screen};

use crate::limits::deadline;

/// What the keyboard sends for keys that are not letters.
pub mod key {
    /// Enter.
    pub const ENTER: &str = "\r";
    /// Escape.
    pub const ESC: &str = "\x1b";
    /// Tab.
    pub const TAB: &str = "\t";
    /// Backspace.
    pub const BACKSPACE: &str = "\x7f";
    /// Arrow up.
    pub const UP: &str = "\x1b[A";
    /// Arrow down.
    pub const DOWN: &str = "\x1b[B";
    /// Arrow right.
    pub const RIGHT: &str = "\x1b[C";
    /// Arrow left.
    pub const LEFT: &str = "\x1b[D";
    /// Control and C.
    pub const CTRL_C: &str = "\x03";
    /// Control and Z.
    pub const CTRL_Z: &str = "\x1a";
}

/// A running program and its terminal. Dropping it ends the program.
pub struct Terminal {
    parser: Parser<Answers>,
    events: Receiver<Happened>,
    master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    /// `None` once the program has been reaped: its number can belong to another process then.
    pid: Option<Pid>,
    status: Option<ExitStatus>,
    closed: bool,
    modes_at_start: String,
    raw: Vec<u8>,
}

enum Happened {
    Output(Vec<u8>),
    /// Nobody has the terminal open any more.
    Closed,
    Exited(ExitStatus),
}

/// What a real terminal would answer to the queries in the program's output.
#[derive(Default)]
struct Answers {
    pending: Vec<u8>,
}

impl Callbacks for Answers {
    fn unhandled_csi(&mut self, screen: &mut Screen, i1: Option<u8>, _: Option<u8>, params: &[&[u16]], c: char) {
        match (i1, params, c) {
            // Where is the cursor?
            (None, [[6]], 'n') => {
                let (row, column) = screen.cursor_position();
                self.pending.extend(format!("\x1b[{};{}R", row + 1, column + 1).bytes());
            }
            // What are you? A VT102.
            (None, [] | [[0]], 'c') => self.pending.extend(b"\x1b[?6c"),
            _ => {}
        }
    }
}

/// How a program ended, and how it left its terminal.
#[derive(Debug)]
pub struct End {
    /// Its exit status; 128 and more for signals as a shell says it does not appear here, see [`End::signal`].
    pub code: u32,
    /// The signal that ended it, in words of the C library, if one did.
    pub signal: Option<String>,
    /// What is on the screen.
    pub screen: String,
    /// What is not as it was when the program was started: `alternate screen`, `hidden cursor`, `bracketed paste`,
    /// `mouse`, `modes` (raw, no echo).
    pub left_behind: Vec<&'static str>,
}

impl Terminal {
    /// Starts `program` with `words` and no environment but `environment`, in a terminal of `columns` by `rows`.
    ///
    /// # Panics
    ///
    /// When no terminal is available or the program does not start.
    pub fn start<S: AsRef<OsStr>>(
        (columns, rows): (u16, u16),
        program: &Path,
        args: &[&str],
        environment: impl IntoIterator<Item = (S, S)>,
    ) -> Self {
        let pair = portable_pty::native_pty_system().openpty(size(columns, rows)).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.env_clear();
        for (name, value) in environment {
            command.env(name, value);
        }
        let modes_at_start = modes(&*pair.master);
        let mut output = pair.master.try_clone_reader().expect("a terminal can be read");
        let keyboard = pair.master.take_writer().expect("a terminal can be written");
        let mut child = pair.slave.spawn_command(command).expect("the program starts");
        let pid = child.process_id().and_then(|id| Pid::from_raw(id.cast_signed()));
        // Otherwise the terminal would never be closed by all.
        drop(pair.slave);

        let (sender, events) = mpsc::channel();
        let exits = sender.clone();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = output.read(&mut buffer) {
                if sender.send(Happened::Output(buffer[..length].to_vec())).is_err() {
                    return;
                }
            }
            let _ = sender.send(Happened::Closed);
        });
        std::thread::spawn(move || child.wait().map(|status| exits.send(Happened::Exited(status))));

        let parser = Parser::new_with_callbacks(at_least_one(rows), at_least_one(columns), 0, Answers::default());
        Self {
            parser,
            events,
            master: pair.master,
            keyboard,
            pid,
            status: None,
            closed: false,
            modes_at_start,
            raw: Vec::new(),
        }
    }

    /// What is on the screen now, one line a row.
    pub fn screen(&self) -> String {
        self.parser.screen().contents()
    }

    /// Every byte that the program has written so far.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The screen with its colours, cursor and modes.
    pub fn cells(&self) -> &Screen {
        self.parser.screen()
    }

    /// The terminal's modes are not what they were when the program was started: nothing that is typed is shown, or it is
    /// read letter by letter.
    pub fn modes_are_changed(&self) -> bool {
        modes(&*self.master) != self.modes_at_start
    }

    /// Types: characters, or one of [`key`].
    ///
    /// # Panics
    ///
    /// When the program has closed its terminal.
    pub fn send(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).and_then(|()| self.keyboard.flush()).expect("the terminal takes keys");
    }

    /// Makes the window another size; the program gets `SIGWINCH`.
    ///
    /// # Panics
    ///
    /// When the terminal is gone.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.parser.set_size(at_least_one(rows), at_least_one(columns));
        self.master.resize(size(columns, rows)).expect("the terminal takes a size");
    }

    /// Sends a signal to the program.
    ///
    /// # Panics
    ///
    /// When the program is gone.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid.expect("the program runs"), signal).expect("the program takes signals");
    }

    /// Waits until the screen's text is as `wanted`; checks after every output of the program.
    ///
    /// # Panics
    ///
    /// When that does not happen within `limit`, or cannot any more; with the screen as it is then.
    pub fn wait_for(&mut self, what: &str, limit: Duration, wanted: impl Fn(&str) -> bool) {
        self.wait_until(what, limit, |terminal| wanted(&terminal.screen()));
    }

    /// As [`Terminal::wait_for`], for what the screen's text alone does not show.
    ///
    /// # Panics
    ///
    /// As [`Terminal::wait_for`].
    pub fn wait_until(&mut self, what: &str, limit: Duration, wanted: impl Fn(&Self) -> bool) {
        let deadline = deadline(limit);
        while !wanted(self) {
            assert!(!self.closed, "the program ended without {what}{}", self.picture());
            assert!(self.next(deadline), "no {what} within {limit:?}{}", self.picture());
        }
    }

    /// Waits until `text` is somewhere on the screen.
    ///
    /// # Panics
    ///
    /// As [`Terminal::wait_for`].
    pub fn wait_for_text(&mut self, text: &str, limit: Duration) {
        self.wait_for(&format!("{text:?} on the screen"), limit, |screen| screen.contains(text));
    }

    /// Waits for the end of the program and of everything that holds its terminal.
    ///
    /// # Panics
    ///
    /// When that does not happen within `limit`, with the screen as it is then.
    pub fn wait_for_end(mut self, limit: Duration) -> End {
        let deadline = deadline(limit);
        loop {
            if let (Some(status), true) = (&self.status, self.closed) {
                return End {
                    code: status.exit_code(),
                    signal: status.signal().map(str::to_owned),
                    screen: self.screen(),
                    left_behind: self.left_behind(),
                };
            }
            let state = if self.status.is_some() {
                "the program ended, its terminal did not close"
            } else {
                "the program did not end"
            };
            assert!(self.next(deadline), "{state} within {limit:?}{}", self.picture());
        }
    }

    /// Takes in what happens next; false when nothing does before `deadline`.
    fn next(&mut self, deadline: Instant) -> bool {
        match self.events.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(Happened::Output(bytes)) => {
                self.parser.process(&bytes);
                self.raw.extend(&bytes);
                let answer = std::mem::take(&mut self.parser.callbacks_mut().pending);
                if !answer.is_empty() {
                    // A program that asks and leaves at once does not wait for the answer.
                    let _ = self.keyboard.write_all(&answer).and_then(|()| self.keyboard.flush());
                }
            }
            Ok(Happened::Closed) => self.closed = true,
            Ok(Happened::Exited(status)) => {
                self.pid = None;
                self.status = Some(status);
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return false,
        }
        true
    }

    fn left_behind(&self) -> Vec<&'static str> {
        let screen = self.parser.screen();
        [
            (screen.alternate_screen(), "alternate screen"),
            (screen.hide_cursor(), "hidden cursor"),
            (screen.bracketed_paste(), "bracketed paste"),
            (screen.mouse_protocol_mode() != MouseProtocolMode::None, "mouse"),
            (self.modes_are_changed(), "modes"),
        ]
        .into_iter()
        .filter_map(|(is_so, what)| is_so.then_some(what))
        .collect()
    }

    fn picture(&self) -> String {
        let mut picture = String::from("; the screen:\n");
        let (_, columns) = self.parser.screen().size();
        for row in self.parser.screen().rows(0, columns.get()) {
            let _ = writeln!(picture, "  |{row}");
        }
        picture
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let patience = Duration::from_secs(1);
        for signal in [Signal::HUP, Signal::KILL] {
            let Some(pid) = self.pid else { return };
            let _ = kill_process(pid, signal);
            let deadline = Instant::now() + patience;
            while self.pid.is_some() && self.next(deadline) {}
        }
    }
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn at_least_one(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).expect("a terminal has rows and columns")
}

/// The line discipline's settings, to be compared.
fn modes(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios())
}
