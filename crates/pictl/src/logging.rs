//! The log, which goes to a file only: the screen belongs to the dashboard, and standard output to results.

use std::path::Path;

use anyhow::Context as _;
use pictl_engine::store;
use tracing_subscriber::EnvFilter;

use crate::exit::Trouble;
use crate::front::say;

/// Writes the log to `file` until the guard is dropped. `verbose` counts the `-v`.
pub(crate) fn start(
    file: Option<&Path>,
    verbose: u8,
) -> Result<Option<tracing_appender::non_blocking::WorkerGuard>, Trouble> {
    let Some(path) = file else { return Ok(None) };
    let wide = store::tighten(path);
    for text in &store::tightened_text(wide.as_slice()) {
        say(&format!("note: {text}"));
    }
    let file = store::private()
        .create(true)
        .append(true)
        .open(path)
        .with_context(|| format!("cannot write the log {}", path.display()))
        .map_err(Trouble::access)?;
    // At its debug level russh logs whole packets; at its trace level mio drowns everything else.
    let filter = match verbose {
        0 => "info,russh=warn",
        1 => "debug,russh=warn",
        _ => "trace,russh=info,mio=info",
    };
    let (writer, guard) = tracing_appender::non_blocking(file);
    tracing_subscriber::fmt().with_writer(writer).with_ansi(false).with_env_filter(EnvFilter::new(filter)).init();
    Ok(Some(guard))
}
