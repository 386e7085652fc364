//! The dashboard on an engine.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::Duration;

use pictl_engine::Engine;
use pictl_engine::programs::BENCHMARKS;
use pictl_formats::targets::WIDE;
use pictl_model::request::{BenchRequest, ScanRequest};
use pictl_model::run::Workload;
use pictl_model::{RunId, Stamped};
use pictl_tui::{Benchmark, Clock, Doors, Keymap, Leaving, NoArchive, Options, Outlook, Play, Player};
use tokio::sync::{mpsc, watch};

use crate::archive::Runs;
use crate::config::Color;
use crate::exit::{Exit, Trouble};
use crate::front::say;
use crate::line::Grammar;
use crate::wire::Setting;

/// Replays the record of a run, `speed` times as fast as the run.
pub(crate) async fn replay(setting: &Setting, run: &RunId, record: Vec<Stamped>, speed: f64) -> Result<Exit, Trouble> {
    let (Some(from), Some(to)) = (record.first().map(|s| s.at), record.iter().map(|s| s.at).max()) else {
        return Err(Trouble::usage(anyhow::anyhow!("the record of {run} is empty")));
    };
    let player = Player::new(from, to, speed);
    let banner = format!("RECORD of {run}: nothing of this happens now");
    let options = Options { clock: Clock::Record(player.clone()), ..options(setting, Some(banner))? };
    // Requests go nowhere. The stream stays open after its last event, so that the end can be read.
    let (requests, _nobody) = mpsc::unbounded_channel();
    let (secrets, _none) = mpsc::unbounded_channel();
    let (sender, events) = mpsc::unbounded_channel();
    let record = record.into_iter().map(Arc::new).collect();
    let feeding = tokio::spawn(feed(record, player.follow(), sender));
    let leaving = pictl_tui::run(Doors { requests, secrets, events, archive: Arc::new(NoArchive) }, options).await;
    feeding.abort();
    leaving.map(|_| Exit::Ok).map_err(Trouble::access)
}

/// Sends the events up to the moment that is shown; starts again when that moment moves back.
async fn feed(record: Vec<Arc<Stamped>>, mut play: watch::Receiver<Play>, events: mpsc::UnboundedSender<Arc<Stamped>>) {
    let mut sent = 0;
    loop {
        let shown = *play.borrow_and_update();
        let now = shown.now();
        if sent > 0 && record[sent - 1].at > now {
            sent = 0;
        }
        while let Some(next) = record.get(sent).filter(|next| next.at <= now) {
            if events.send(Arc::clone(next)).is_err() {
                return;
            }
            sent += 1;
        }
        let next = record.get(sent).filter(|_| !shown.paused);
        let wait = async {
            match next {
                Some(next) => {
                    let left = (next.at - now).seconds() / shown.speed;
                    tokio::time::sleep(Duration::from_secs_f64(left.min(3600.0))).await;
                }
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            changed = play.changed() => if changed.is_err() { return },
            () = wait => {}
            () = events.closed() => return,
        }
    }
}

/// Shows the dashboard until the user leaves.
pub(crate) async fn run(setting: &Setting, banner: Option<String>) -> Result<Exit, Trouble> {
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        let why = "the dashboard needs a terminal; without one, use the commands that `pictl --help` lists";
        return Err(Trouble::usage(anyhow::anyhow!(why)));
    }
    let options = options(setting, banner)?;
    let Engine { requests, secrets, events, ending } = setting.engine()?;
    let archive = Arc::new(Runs(setting.store().runs()));
    let leaving = pictl_tui::run(Doors { requests, secrets, events, archive }, options).await;
    match leaving {
        Ok(leaving) => {
            ending.wait().await;
            if let Err(e) = crate::commands::ssh::refresh(setting).await {
                say(&format!("error: {e}"));
            }
            if let Leaving::LeftRunning(run) = &leaving {
                say(&format!("{run} continues: `pictl` or `pictl attach {run}` shows it again"));
            }
            Ok(exit(&leaving))
        }
        Err(e) => Err(Trouble::access(e)),
    }
}

fn exit(leaving: &Leaving) -> Exit {
    match leaving {
        Leaving::Quit | Leaving::LeftRunning(_) => Exit::Ok,
        Leaving::EngineEnded => Exit::Failed,
        Leaving::Stopped | Leaving::Abandoned | Leaving::Signal(_) | Leaving::TerminalGone => Exit::Cancelled,
    }
}

/// The size of a scan.
fn outlook(request: &ScanRequest) -> Result<Outlook, String> {
    let outlook = pictl_net::scan::estimate(request).map_err(|e| e.to_string())?;
    Ok(Outlook { addresses: outlook.addresses, about: Some(outlook.about.into()) })
}

fn options(setting: &Setting, banner: Option<String>) -> Result<Options, Trouble> {
    let config = &setting.config;
    let no_color_asked = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
    let no_color = match config.screen.color {
        Color::Always => false,
        Color::Never => true,
        Color::Auto => no_color_asked,
    };
    let keys = toml::to_string(&config.keys).map_err(Trouble::usage)?;
    let login = setting.login(true);
    Ok(Options {
        // A cluster with a banner ends with pictl.
        lasting: banner.is_none(),
        banner,
        no_color: no_color || setting.global.no_color,
        ascii: config.screen.ascii,
        login: login.clone(),
        prefix: setting.prefix(None),
        outlook,
        ask_from: WIDE,
        scan: setting.scan(),
        auto_scan: false,
        run_defaults: BenchRequest {
            workload: setting.workload(BENCHMARKS[0], None, None),
            program: None,
            launch: setting.preferred_launch(),
            ranks: None,
            repeat: config.bench.repeat.unwrap_or(1),
            nodes: Vec::new(),
            timeout: setting.preferred_timeout(),
            login,
        },
        benchmarks: BENCHMARKS
            .into_iter()
            .map(|program| {
                let Workload { name, slices, slice_size, .. } = setting.workload(program, None, None);
                Benchmark { name, title: program.title.to_owned(), slices, slice_size }
            })
            .collect(),
        grammar: Arc::new(Grammar::new(setting)),
        keymap: Keymap::with_overrides(&keys).map_err(Trouble::usage)?,
        clock: Clock::Wall,
        over_live: false,
    })
}
