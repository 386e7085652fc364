//! The loop around the dashboard: signals, keys, events and time go in, effects come out.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossterm::event::{self, Event as Input, KeyEventKind};
use pictl_model::request::{Request, SecretAnswer};
use pictl_model::{Event, Millis, Stamped};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::time::{Instant, sleep_until};
use zeroize::Zeroizing;

use crate::Clock;
use crate::app::App;
use crate::archive::Archive;
use crate::file;
use crate::key::Key;
use crate::messages::{Effect, Leaving, Msg};
use crate::options::Options;
use crate::term::Screen;

/// At most thirty pictures a second.
const FRAME: Duration = Duration::from_millis(33);
/// A key is answered sooner.
const ANSWER: Duration = Duration::from_millis(8);
/// Readings of sensors, which never stop, are shown at most twice a second.
const CALM: Duration = Duration::from_millis(500);
/// Events taken in before keys and the picture have their turn: less than a millisecond's work.
const BATCH: usize = 512;

/// The channels between the dashboard and the engine.
#[derive(Debug)]
pub struct Doors {
    /// What the user wants.
    pub requests: UnboundedSender<Request>,
    /// Passwords; they travel here and nowhere else.
    pub secrets: UnboundedSender<SecretAnswer>,
    /// What happens.
    pub events: UnboundedReceiver<Arc<Stamped>>,
    /// Where the records of runs are.
    pub archive: Arc<dyn Archive>,
}

/// Why the dashboard could not go on.
#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    /// The terminal cannot be used.
    #[error("cannot use the terminal: {0} (without one, the same work is done by `pictl setup`, `pictl bench` …)")]
    Terminal(#[from] io::Error),
    /// Some task of the program panicked; its message stands on the terminal, which has been given back.
    #[error("pictl has a bug and stopped; the message above says where")]
    Panicked,
}

/// Shows the dashboard until the user leaves, the engine ends, a signal comes or the terminal is gone. The terminal is
/// as it was when this returns, also with an error or a panic.
///
/// Whatever the reason, [`Request::Shutdown`] has been sent when this returns; waiting for the engine to end, with a
/// limit, is the caller's part. `SIGTERM`, `SIGHUP` and `SIGINT` are caught before the terminal is touched.
///
/// Poll it on the main thread: the layout cache of the drawing library belongs to one thread.
pub async fn run(mut doors: Doors, options: Options) -> Result<Leaving, TuiError> {
    let left = show(&mut doors, options).await;
    // A closed door means that the engine has ended already.
    let _ = doors.requests.send(Request::Shutdown);
    match left {
        Err(TuiError::Terminal(e)) if is_gone(&e) => Ok(Leaving::TerminalGone),
        left => left,
    }
}

async fn show(doors: &mut Doors, options: Options) -> Result<Leaving, TuiError> {
    let mut signals = Signals::listen()?;
    let mut screen = Screen::enter()?;
    let mut input = Keys::listen()?;
    let clock = options.clock.clone();
    let mut app = App::new(options, clock.now(), screen.size()?);
    let mut effects = VecDeque::from(app.start());
    let mut drawn = Instant::now();
    // When the next picture is due, counted from the one before; `None` while nothing has changed.
    let mut due = Some(Duration::ZERO);
    let mut batch = Vec::new();
    let (answer, mut answers) = mpsc::unbounded_channel();
    loop {
        while let Some(effect) = effects.pop_front() {
            match effect {
                // A closed door means that the engine is gone; its event stream ends in a moment.
                Effect::Send(request) => drop(doors.requests.send(request)),
                Effect::Secret(answer) => drop(doors.secrets.send(answer)),
                Effect::ReadKey(file) => {
                    let read = file::public_key(&file).map_err(|e| e.to_string());
                    effects.extend(app.update(clock.now(), Msg::KeyRead(read)));
                    due = Some(ANSWER);
                }
                Effect::Archive(ask) => {
                    let (archive, answer) = (Arc::clone(&doors.archive), answer.clone());
                    // The receiver lives as long as this loop.
                    tokio::task::spawn_blocking(move || drop(answer.send(ask.perform(&*archive))));
                }
                Effect::Suspend => {
                    // The shell must have the terminal to itself.
                    drop(input);
                    screen.suspend()?;
                    input = Keys::listen()?;
                    let (width, height) = screen.size()?;
                    app.update(clock.now(), Msg::Resize(width, height));
                }
                Effect::Retake => screen.retake()?,
                Effect::Redraw => screen.redraw()?,
                Effect::Scrub(wish) => {
                    if let Clock::Record(player) = &clock {
                        player.scrub(wish);
                    }
                }
                Effect::Leave(leaving) => return Ok(leaving),
            }
        }
        if !Screen::is_ours() {
            return Err(TuiError::Panicked);
        }
        if due.is_some_and(|due| drawn.elapsed() >= due) {
            screen.draw(&app)?;
            (drawn, due) = (Instant::now(), None);
        }
        let Millis(tick) = app.next_tick();
        let tick = Duration::from_millis(tick);
        let wake = drawn + due.map_or(tick, |due| due.min(tick));
        let messages = tokio::select! {
            biased;
            msg = signals.next() => vec![msg],
            event = input.next() => match event {
                Some(event) => from_input(event).into_iter().collect(),
                None => vec![Msg::Gone(Leaving::TerminalGone)],
            },
            count = doors.events.recv_many(&mut batch, BATCH) => match count {
                0 => vec![Msg::Gone(Leaving::EngineEnded)],
                _ => batch.drain(..).map(Msg::Event).collect(),
            },
            Some(answer) = answers.recv() => vec![Msg::Archive(answer)],
            () = sleep_until(wake) => vec![Msg::Tick],
        };
        for msg in messages {
            let pause = pause(&msg);
            due = Some(due.map_or(pause, |due| due.min(pause)));
            effects.extend(app.update(clock.now(), msg));
        }
    }
}

/// How long after the last picture the effect of this may be seen.
fn pause(msg: &Msg) -> Duration {
    match msg {
        Msg::Key(_) | Msg::Paste(_) | Msg::Resize(..) => ANSWER,
        Msg::Event(stamped) if matches!(stamped.event, Event::Sampled { .. }) => CALM,
        _ => FRAME,
    }
}

/// Writing to a terminal whose window was closed fails like this, often before the signal comes.
fn is_gone(error: &io::Error) -> bool {
    // 5 is EIO on every system that has terminals of this kind.
    error.raw_os_error() == Some(5) || error.kind() == io::ErrorKind::BrokenPipe
}

/// What is typed, read by a thread of its own: on a terminal that is gone crossterm's reader reads its end for ever, which
/// must keep nobody from leaving.
struct Keys {
    typed: UnboundedReceiver<Input>,
    stop: Arc<AtomicBool>,
    /// Nothing is ever said here; it closes when the thread has ended.
    ended: std::sync::mpsc::Receiver<()>,
}

impl Keys {
    /// How long the thread goes on reading at most when nobody listens any more.
    const PAUSE: Duration = Duration::from_millis(50);
    /// How long its end is waited for, so that it takes away nothing that is typed for the shell.
    const PATIENCE: Duration = Duration::from_millis(500);

    fn listen() -> io::Result<Self> {
        let (send, typed) = mpsc::unbounded_channel();
        let (end, ended) = std::sync::mpsc::channel();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let read = move || {
            let _end = end;
            while !stopped.load(Ordering::Relaxed) {
                let event = match event::poll(Self::PAUSE) {
                    Ok(false) => continue,
                    Ok(true) => event::read(),
                    Err(e) => Err(e),
                };
                // The end of this thread is the end of the keys.
                if event.map_or(true, |event| send.send(event).is_err()) {
                    return;
                }
            }
        };
        std::thread::Builder::new().name("keys".to_owned()).spawn(read)?;
        Ok(Self { typed, stop, ended })
    }

    async fn next(&mut self) -> Option<Input> {
        self.typed.recv().await
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = self.ended.recv_timeout(Self::PATIENCE);
    }
}

fn from_input(event: Input) -> Option<Msg> {
    match event {
        // Some terminals report releases and repeats too.
        Input::Key(key) if key.kind != KeyEventKind::Release => Some(Msg::Key(Key::from(key))),
        Input::Paste(text) => Some(Msg::Paste(Zeroizing::new(text))),
        Input::Resize(width, height) => Some(Msg::Resize(width, height)),
        _ => None,
    }
}

/// The signals that end a program, and the one that lets it go on.
#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    go_on: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            go_on: signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?,
        })
    }

    async fn next(&mut self) -> Msg {
        use tokio::signal::unix::SignalKind;
        tokio::select! {
            _ = self.terminate.recv() => Msg::Signal(SignalKind::terminate().as_raw_value()),
            _ = self.hang_up.recv() => Msg::Signal(SignalKind::hangup().as_raw_value()),
            _ = self.interrupt.recv() => Msg::Key(ctrl_c()),
            _ = self.go_on.recv() => Msg::Continued,
        }
    }
}

/// Elsewhere there is only Ctrl-C.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> Msg {
        match tokio::signal::ctrl_c().await {
            Ok(()) => Msg::Key(ctrl_c()),
            Err(_) => std::future::pending().await,
        }
    }
}

fn ctrl_c() -> Key {
    Key { code: event::KeyCode::Char('c'), ctrl: true, alt: false }
}
