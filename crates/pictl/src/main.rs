//! The program: a command line in, an exit code out.

mod archive;
mod cli;
mod commands;
mod config;
mod dashboard;
mod drive;
mod exit;
mod front;
mod hardening;
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
use front::{out, out_json, say};
use lab_cmd::LabCommand;
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
    let words: Vec<_> = std::iter::once(name).chain(cli::foreign::translate(words.collect(), &grammar)?).collect();
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
    if global.json
        && let Some(what) = without_json(command.as_ref())
    {
        let why = format!("--json: {what}; leave --json out (docs/json.md lists what it prints)");
        return Err(Trouble::usage(anyhow::anyhow!(why)));
    }
    let _guard = logging::start(global.log.as_deref(), global.verbose)?;
    hardening::keep_memory_private();
    match command {
        Some(Command::Lab(command)) => {
            return lab_cmd::run(command, global.json).map(ExitCode::from).or_else(|e| {
                say(&format!("pictl: {e}"));
                Ok(lab_cmd::exit_code(&e).into())
            });
        }
        Some(Command::Completions { shell }) => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut cli::grammar(), "pictl", &mut text);
            front::write(|out| out.write_all(&text));
            return Ok(ExitCode::SUCCESS);
        }
        Some(Command::Man { dir }) => {
            match dir {
                None => {
                    let mut text = Vec::new();
                    let rendered = clap_mangen::Man::new(cli::manual()).render(&mut text);
                    rendered.map(|()| _ = front::write(|out| out.write_all(&text)))
                }
                Some(dir) => std::fs::create_dir_all(&dir).and_then(|()| clap_mangen::generate_to(cli::manual(), &dir)),
            }
            .map_err(Trouble::access)?;
            return Ok(ExitCode::SUCCESS);
        }
        // Who has preferences that cannot be read needs these most.
        Some(Command::Config { sample: true }) => {
            out(config::SAMPLE.trim_end());
            return Ok(ExitCode::SUCCESS);
        }
        Some(Command::Keymap { .. }) if global.json => {
            let keys: toml::Table = toml::from_str(&pictl_tui::keymap_toml()).map_err(Trouble::usage)?;
            out_json(&keys);
            return Ok(ExitCode::SUCCESS);
        }
        Some(Command::Keymap { markdown }) => {
            let keymap = if markdown { pictl_tui::keymap_markdown() } else { pictl_tui::keymap_toml() };
            out(keymap.trim_end());
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

/// What a command does that has no data to print as JSON; `None` for the others.
fn without_json(command: Option<&Command>) -> Option<&'static str> {
    match command {
        None => Some("the dashboard draws on a terminal"),
        Some(Command::Completions { .. }) => Some("`completions` prints a script for a shell"),
        Some(Command::Man { .. }) => Some("`man` prints a manual page"),
        Some(Command::Machinefile(_)) => Some("`machinefile` prints a file for mpirun"),
        Some(Command::Config { sample: true }) => Some("`config --sample` prints a file"),
        Some(Command::Keymap { markdown: true }) => Some("`keymap --markdown` prints a document"),
        Some(Command::Lab(LabCommand::Shell(_))) => Some("`lab shell` opens a shell"),
        Some(Command::Lab(LabCommand::Exec { .. })) => Some("`lab exec` passes on what its command prints"),
        Some(_) => None,
    }
}

async fn dispatch(setting: Setting, command: Option<Command>) -> Result<Exit, Trouble> {
    match command {
        None => dashboard::run(&setting, None).await,
        Some(Command::Demo(args)) => commands::demo::run(setting, &args).await,
        Some(Command::Scan(args)) => commands::scan::run(&setting, &args).await,
        Some(Command::Nodes { command }) => {
            let command = command.unwrap_or(cli::NodesCommand::List);
            Box::pin(commands::nodes::run(&setting, &command)).await
        }
        Some(Command::Keys(args)) => commands::keys::run(&setting, &args).await,
        Some(Command::Setup(args)) => commands::setup::run(&setting, &args).await,
        Some(Command::Exec(args)) => commands::exec::run(&setting, &args).await,
        Some(Command::Machinefile(args)) => commands::machinefile::run(&setting, &args).await,
        Some(Command::Run(args)) => commands::run::run(&setting, &args).await,
        Some(Command::Attach(args)) => commands::run::attach(&setting, &args).await,
        Some(Command::Bench(args)) => commands::bench::run(&setting, &args).await,
        Some(Command::Runs(command)) => commands::runs::run(&setting, &command).await,
        Some(Command::Config { .. }) if setting.global.json => {
            out_json(&setting.config);
            Ok(Exit::Ok)
        }
        Some(Command::Config { .. }) => {
            let in_force = toml::to_string(&setting.config).map_err(Trouble::usage)?;
            out(in_force.trim_end());
            Ok(Exit::Ok)
        }
        // Handled before the settings were read.
        Some(Command::Lab(_) | Command::Completions { .. } | Command::Man { .. } | Command::Keymap { .. }) => {
            Ok(Exit::Ok)
        }
    }
}
