//! What of the events goes into the log: outcomes always, the rest where much is asked for. No event holds a secret.

use pictl_model::event::{Event, Level};
use pictl_model::run::RunEvent;

/// Writes one event to the log.
pub(super) fn event(event: &Event) {
    match event {
        Event::Step { report } if report.state.is_final() => {
            let state = report.state.word();
            tracing::info!(node = %report.node, step = %report.step, state, message = %report.message, "step ended");
        }
        Event::SetupFinished { summary, .. } => tracing::info!(?summary, "setup ended"),
        Event::Run { run, event: RunEvent::Planned { plan } } => tracing::info!(%run, command = ?plan.command, "run"),
        Event::Run { run, event: RunEvent::Finished { summary } } => {
            let outcome = summary.outcome.word();
            tracing::info!(%run, outcome, reason = summary.reason, value = summary.value, "run ended");
        }
        Event::Notice { level: Level::Info, text, .. } => tracing::info!(%text, "notice"),
        Event::Notice { text, .. } => tracing::warn!(%text, "notice"),
        Event::NotSaved { text } => tracing::error!(%text, "not saved"),
        Event::Refused { what, reasons, .. } => tracing::warn!(%what, ?reasons, "refused"),
        other if other.is_droppable() => {}
        other => tracing::debug!(event = ?other),
    }
}
