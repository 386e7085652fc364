//! The program: a command line in, an exit code out.

mod archive;
mod cli;
mod commands;
mod config;
mod dashboard;
mod drive;
mod exit;
mod front;
mod lab_cmd;
mod line;
mod logging;
mod open_files;
mod paths;
mod secrets;
mod wire;

use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};
use cli::{Cli, Command};
use config::Config;
use exit::{Exit, Trouble};
use front::{out, say};
use wire::Setting;

fn main() -> ExitCode {
    let cli = match parse() {
        Ok(cli) => cli,
        Err(why) => {
            say(&format!("pictl: {why}"));
            return Exit::Usage.into();
        }
    };
    open_files::allow_many();
    match run(cli) {
        Ok(code) => code,
        Err(trouble) => {
            say(&format!("pictl: {trouble}"));
            trouble.exit.into()
        }
    }
}

/// Reads the command line; an option of another program may have to be written differently.
fn parse() -> Result<Cli, String> {
    let mut words = std::env::args_os();
    let name = words.next().unwrap_or_else(|| "pictl".into());
    let mut grammar = Cli::command();
    let words: Vec<_> =
        std::iter::once(name).chain(cli::foreign::translate(words.collect(), &grammar)?).collect();
    let parsed = grammar.try_get_matches_from_mut(&words).and_then(|matches| Cli::from_arg_matches(&matches));
    // The arranged help costs more than all else at the start, so it is built only where it is shown.
    Ok(parsed.unwrap_or_else(|_| parse_with_help(&words)))
}

/// Reads the command line once more, to show its help, or what is wrong with it.
fn parse_with_help(words: &[std::ffi::OsString]) -> Cli {
    let mut grammar = cli::grammar();
    let parsed = grammar.try_get_matches_from_mut(words);
    let parsed = parsed.and_then(|matches| Cli::from_arg_matches(&matches));
    parsed.unwrap_or_else(|e| cli::foreign::explain(e, &grammar).format(&mut grammar).exit())
}

fn run(cli: Cli) -> Result<ExitCode, Trouble> {
    let Cli { global, command } = cli;
    let _guard = logging::start(global.log.as_deref(), global.verbose)?;
    match command {
        Some(Command::Lab(command)) => {
            return lab_cmd::run(command, global.json).map(ExitCode::from).or_else(|e| {
                say(&format!("pictl: {e}"));
                Ok(lab_cmd::exit_code(&e).into())
            });
        }
        Some(Command::Completions { shell }) => {
            clap_complete::generate(shell, &mut cli::grammar(), "pictl", &mut std::io::stdout());
            return Ok(ExitCode::SUCCESS);
        }
        Some(Command::Man { dir }) => {
            match dir {
                None => clap_mangen::Man::new(cli::manual()).render(&mut std::io::stdout()),
                Some(dir) => std::fs::create_dir_all(&dir).and_then(|()| clap_mangen::generate_to(cli::manual(), &dir)),
            }
            .map_err(Trouble::access)?;
            return Ok(ExitCode::SUCCESS);
        }
        _ => {}
    }
    let paths = paths::Paths::of_user()?;
    let file = global.config.clone().unwrap_or_else(|| paths.config.join("pictl.toml"));
    let config = Config::read(&file, global.config.is_some())?;
    let setting = Setting { login_args: global.login.clone(), global, config, paths };
    // The dashboard draws on this thread: the layout cache of its library belongs to one thread.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Trouble::access)?;
    let exit = runtime.block_on(dispatch(setting, command));
    // A prompt that still waits for a line must not keep a stopped program alive.
    runtime.shutdown_background();
    exit.map(ExitCode::from)
}

async fn dispatch(setting: Setting, command: Option<Command>) -> Result<Exit, Trouble> {
    match command {
        None => dashboard::run(&setting, None).await,
        Some(Command::Demo(args)) => commands::demo::run(setting, &args).await,
        Some(Command::Scan(args)) => commands::scan::run(&setting, &args).await,
        Some(Command::Nodes { command }) => {
            commands::nodes::run(&setting, &command.unwrap_or(cli::NodesCommand::List)).await
        }
        Some(Command::Keys(args)) => commands::keys::run(&setting, &args).await,
        Some(Command::Setup(args)) => commands::setup::run(&setting, &args).await,
        Some(Command::Exec(args)) => commands::exec::run(&setting, &args).await,
        Some(Command::Machinefile(args)) => commands::nodes::machinefile(&setting, &args).await,
        Some(Command::Run(args)) => commands::run::run(&setting, &args).await,
        Some(Command::Attach(args)) => commands::run::attach(&setting, &args).await,
        Some(Command::Bench(args)) => commands::bench::run(&setting, &args).await,
        Some(Command::Runs(command)) => commands::runs::run(&setting, &command).await,
        Some(Command::Config { sample }) => {
            let in_force = toml::to_string(&setting.config).map_err(Trouble::usage)?;
            out(if sample { config::SAMPLE.trim_end() } else { in_force.trim_end() });
            Ok(Exit::Ok)
        }
        Some(Command::Keymap { markdown }) => {
            let keymap = if markdown { pictl_tui::keymap_markdown() } else { pictl_tui::keymap_toml() };
            out(keymap.trim_end());
            Ok(Exit::Ok)
        }
        // Handled before the settings were read.
        Some(Command::Lab(_) | Command::Completions { .. } | Command::Man { .. }) => Ok(Exit::Ok),
    }
}
