//! Made-up sessions, event by event, for the pictures of the README and for tests. No names or addresses of a real
//! network stand in them.

mod parts;
mod scenes;

use std::sync::Arc;

use pictl_model::event::VERSION;
use pictl_model::request::{BenchRequest, LaunchWish, Login, ScanRequest};
use pictl_model::run::Workload;
#[cfg(test)]
use pictl_model::step::{StepId, StepReport, StepState};
use pictl_model::{Event, Millis, NodeId, Stamped, Timestamp};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::App;
use crate::grammar::{LineCommand, LineContext, LineGrammar};
use crate::key::Key;
use crate::keymap::Keymap;
use crate::messages::{Effect, Msg};
use crate::options::{Benchmark, Options, Outlook};
use crate::view::draw;

#[cfg(test)]
pub(crate) use parts::{fingerprint as fingerprint_at, id as id_at, member as member_at, pi as pi_at, steps};
#[cfg(test)]
pub(crate) use scenes::records;
pub use scenes::{SCENES, Scene, scene};

/// When every made-up session begins: 2026-11-20 08:45:01 UTC.
pub const BEGIN: Timestamp = Timestamp(1_795_164_301_000);

/// Options as the binary would make them, without colours of the environment and without a real network.
pub fn options() -> Options {
    Options {
        banner: None,
        no_color: false,
        ascii: false,
        login: Login::default(),
        prefix: "pi".to_owned(),
        outlook,
        ask_from: 1_024,
        scan: ScanRequest { port: 22, ..ScanRequest::default() },
        auto_scan: false,
        run_defaults: BenchRequest {
            workload: Workload {
                name: "pi".to_owned(),
                slices: Some(1_000),
                slice_size: Some(100_000),
                ..Workload::default()
            },
            program: None,
            launch: LaunchWish::default(),
            ranks: None,
            repeat: 1,
            nodes: Vec::new(),
            timeout: None,
            login: Login::default(),
        },
        benchmarks: vec![
            benchmark("pi", "pi by Leibniz's series, handed out in slices", Some((1_000, 100_000))),
            benchmark("primes", "primes counted by trial division, in slices", Some((64, 10_000))),
            benchmark("hello", "every rank says where it runs", None),
        ],
        keymap: Keymap::default(),
        grammar: Arc::new(Lines),
        lasting: true,
        clock: crate::Clock::Wall,
        over_live: false,
    }
}

/// The few lines that scenes type, with what the command line's grammar makes of them; a test of the program compares
/// both.
#[derive(Debug)]
struct Lines;

impl LineGrammar for Lines {
    fn commands(&self) -> &[&'static str] {
        &COMMANDS
    }

    fn parse(&self, line: &str, _: &LineContext<'_>) -> Result<LineCommand, String> {
        match line {
            "bench pi -n many" => Err("invalid value 'many' for '-n <N>': invalid digit found in string".to_owned()),
            "scan 10.0.0.0/4" | "scan 10.0.0.0/16" => {
                let targets = vec![line.trim_start_matches("scan ").to_owned()];
                Ok(LineCommand::Scan(ScanRequest { targets, port: 22, ..ScanRequest::default() }))
            }
            _ => Err(format!("there is no command {line:?} in a scene")),
        }
    }

    fn members(&self, expr: &str, cx: &LineContext<'_>) -> Result<Vec<NodeId>, String> {
        let one = |name: &str| cx.find(name).map(|n| n.id.clone()).ok_or_else(|| format!("there is no node {name:?}"));
        expr.split(',').map(|name| one(name.trim())).collect()
    }

    fn complete(&self, _: &str, _: &LineContext<'_>) -> Vec<String> {
        Vec::new()
    }
}

/// The commands of the `:` line.
const COMMANDS: [&str; 15] = [
    "scan", "watch", "identify", "setup", "bench", "exec", "name", "head", "remove", "keys", "nodes", "run", "runs",
    "help", "quit",
];

/// Like a real one, of targets written as networks.
fn outlook(request: &ScanRequest) -> Result<Outlook, String> {
    let size = |target: &String| match target.rsplit_once('/').map(|(_, length)| length.parse::<u32>()) {
        Some(Ok(length @ 12..=30)) => Ok((1 << (32 - length)) - 2),
        Some(_) => Err(format!(
            "{target:?} is too wide: more than 1048576 addresses (hint: a /12 is the widest; most home networks are a /24)"
        )),
        None => Ok(1),
    };
    let addresses = request.targets.iter().map(size).sum::<Result<u64, String>>()?;
    Ok(Outlook { addresses, about: Some(Millis(addresses / 6)) })
}

fn benchmark(name: &str, title: &str, work: Option<(u32, u64)>) -> Benchmark {
    let (slices, slice_size) = work.unzip();
    Benchmark { name: name.to_owned(), title: title.to_owned(), slices, slice_size }
}

/// A dashboard with a clock that only the script moves.
pub struct Session {
    /// The dashboard.
    pub app: App,
    /// What it wanted done so far and was not asked about yet.
    pub effects: Vec<Effect>,
    now: Timestamp,
    seq: u64,
}

impl Session {
    /// A dashboard that knows nothing, on a terminal of 80 columns and 24 rows.
    pub fn new(options: Options) -> Self {
        let mut app = App::new(options, BEGIN, (80, 24));
        let effects = app.start();
        Self { app, effects, now: BEGIN, seq: 0 }
    }

    /// Understands lines behind `:` by this grammar.
    pub fn grammar(&mut self, grammar: Arc<dyn LineGrammar>) -> &mut Self {
        self.app.cx.options.grammar = grammar;
        self
    }

    /// Lets time pass.
    pub fn wait(&mut self, ms: u64) -> &mut Self {
        self.now = self.now.plus(Millis(ms));
        self.send(Msg::Tick)
    }

    /// Lets something happen.
    pub fn event(&mut self, event: Event) -> &mut Self {
        self.seq += 1;
        let stamped = Stamped { v: VERSION, seq: self.seq, at: self.now, event };
        self.send(Msg::Event(Arc::new(stamped)))
    }

    /// Presses keys, named as in the keymap and parted by blanks. Words of several letters that name no key are typed
    /// letter by letter.
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        for word in keys.split_whitespace() {
            match word.parse::<Key>() {
                Ok(key) => drop(self.send(Msg::Key(key))),
                Err(_) => self.type_text(word),
            }
        }
        self
    }

    /// Types a text letter by letter, blanks included.
    pub fn type_text(&mut self, text: &str) {
        for c in text.chars() {
            self.send(Msg::Key(Key::plain(crossterm::event::KeyCode::Char(c))));
        }
    }

    /// Makes the terminal this large.
    pub fn resize(&mut self, width: u16, height: u16) -> &mut Self {
        self.send(Msg::Resize(width, height))
    }

    /// Any message, at the session's time.
    pub fn send(&mut self, msg: Msg) -> &mut Self {
        let effects = self.app.update(self.now, msg);
        self.effects.extend(effects);
        self
    }

    /// The picture on a terminal of this size.
    pub fn picture(&mut self, width: u16, height: u16) -> Buffer {
        self.resize(width, height);
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        draw(&self.app, &mut buffer, area);
        buffer
    }
}

/// A report about a step on the `n`th node.
#[cfg(test)]
pub(crate) fn report(n: u8, step: StepId, state: StepState) -> StepReport {
    parts::step(n, step, state, "")
}

/// The plan of a setup of the first `nodes` nodes with these steps.
#[cfg(test)]
pub(crate) fn setup_of(nodes: u8, steps: Vec<StepId>) -> pictl_model::step::SetupPlan {
    pictl_model::step::SetupPlan { steps, ..parts::setup_plan(nodes) }
}

/// The plan of a run of 8 ranks on 4 nodes.
pub fn planned() -> Event {
    parts::in_run(pictl_model::run::RunEvent::Planned { plan: Box::new(parts::run_plan(8, 4, 1_000)) })
}
