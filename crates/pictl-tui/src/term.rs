//! The terminal: the only place that switches its modes, and gives it back however pictl ends.

use std::io::{self, Stdout, Write as _};
use std::mem::ManuallyDrop;
use std::panic;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use crossterm::{cursor, execute};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

use crate::app::App;
use crate::view::view;

/// The terminal is ours at present. Global because the panic hook must know it.
static OURS: AtomicBool = AtomicBool::new(false);
static HOOK: Once = Once::new();

/// The terminal while it is ours; dropping it gives it back.
pub(crate) struct Screen {
    // Never dropped: its own code that shows the cursor again panics when the terminal is gone, and ours has done it.
    terminal: ManuallyDrop<Terminal<CrosstermBackend<Stdout>>>,
}

impl Screen {
    /// Takes the terminal over. The panic hook is installed first, so that not even the first escape code can be
    /// left behind.
    pub(crate) fn enter() -> io::Result<Self> {
        HOOK.call_once(|| {
            let before = panic::take_hook();
            panic::set_hook(Box::new(move |info| {
                // First the terminal, then the message, or it would vanish with the alternate screen.
                give_back();
                before(info);
            }));
        });
        take()?;
        // From here on a failure gives the terminal back.
        let terminal = Terminal::new(CrosstermBackend::new(io::stdout())).inspect_err(|_| give_back())?;
        Ok(Self { terminal: ManuallyDrop::new(terminal) })
    }

    /// Draws the dashboard; only what changed is written.
    pub(crate) fn draw(&mut self, app: &App) -> io::Result<()> {
        self.terminal.draw(|frame| view(app, frame)).map(drop)
    }

    /// Forgets what is on screen, so that the next drawing writes everything. `Terminal::clear` would ask the
    /// terminal for its cursor and wait for an answer that the reader of keys takes away.
    pub(crate) fn redraw(&mut self) -> io::Result<()> {
        let size = self.terminal.size()?;
        self.terminal.resize(size.into())
    }

    /// The terminal is still ours: no panic anywhere in the program has given it back.
    pub(crate) fn is_ours() -> bool {
        OURS.load(Ordering::SeqCst)
    }

    /// Columns and rows.
    pub(crate) fn size(&self) -> io::Result<(u16, u16)> {
        self.terminal.size().map(|size| (size.width, size.height))
    }

    /// Gives the terminal back, stops the process as Ctrl-Z does, and takes the terminal again when the shell
    /// continues it.
    pub(crate) fn suspend(&mut self) -> io::Result<()> {
        give_back();
        stop_oneself();
        self.retake()
    }

    /// Sets the terminal's modes again, whatever they are now, and redraws everything.
    pub(crate) fn retake(&mut self) -> io::Result<()> {
        give_back();
        take()?;
        self.redraw()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn take() -> io::Result<()> {
    OURS.store(true, Ordering::SeqCst);
    let taken = enable_raw_mode()
        .and_then(|()| execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, cursor::Hide));
    taken.inspect_err(|_| give_back())
}

/// Gives the terminal back, once. Errors have nowhere to go: the terminal may be gone.
fn give_back() {
    if OURS.swap(false, Ordering::SeqCst) {
        let mut out = io::stdout();
        let _ = execute!(out, DisableBracketedPaste, LeaveAlternateScreen, cursor::Show);
        let _ = out.flush();
        let _ = disable_raw_mode();
    }
}

/// Stops this process until SIGCONT comes.
fn stop_oneself() {
    #[cfg(unix)]
    {
        use rustix::process::{Signal, getpid, kill_process};
        // The default action of SIGTSTP: nobody in this program catches it.
        let _ = kill_process(getpid(), Signal::TSTP);
    }
}
