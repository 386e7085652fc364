//! Scanning for hosts, once or again and again.

use pictl_model::Millis;
use pictl_model::request::{Refusal, Request, ScanRequest};

use super::start;
use crate::context::{Context, Obstacle};
use crate::keymap::Command;
use crate::messages::Effect;
use crate::windows::WideScan;

/// A watch scans again this long after the last pass.
const EVERY: Millis = Millis(5_000);

/// Why no scan can begin now.
pub(super) fn obstacle(cx: &Context) -> Obstacle {
    // A scan may begin during a watch, which then scans at once.
    if cx.is_scanning() && cx.world.watching.is_none() {
        return Err(format!("a scan is running: {} stops it", cx.key_of(Command::Cancel)));
    }
    Ok(())
}

/// Scans what was scanned last, else what the options say.
fn usual(cx: &Context) -> ScanRequest {
    cx.last_scan.clone().unwrap_or_else(|| cx.options.scan.clone())
}

/// The same scan again.
pub(super) fn again(cx: &mut Context) -> Vec<Effect> {
    let request = usual(cx);
    scan_or_refuse(cx, request)
}

/// Begins to watch the network, or stops it.
pub(crate) fn watch(cx: &mut Context) -> Vec<Effect> {
    if cx.world.watching.is_some() {
        return vec![Effect::Send(Request::StopScan)];
    }
    let request = watched(usual(cx));
    scan_or_refuse(cx, request)
}

fn scan_or_refuse(cx: &mut Context, request: ScanRequest) -> Vec<Effect> {
    scan_if_sure(cx, request).unwrap_or_else(|reason| {
        cx.refuse("scan", vec![Refusal { node: None, reason, hint: String::new() }]);
        Vec::new()
    })
}

/// Scans, after a question where very many addresses are named.
pub(crate) fn scan_if_sure(cx: &mut Context, request: ScanRequest) -> Result<Vec<Effect>, String> {
    if !request.targets.is_empty() && !request.wide {
        let outlook = (cx.options.outlook)(&request)?;
        if outlook.addresses >= cx.options.ask_from {
            cx.open(WideScan { request, outlook });
            return Ok(Vec::new());
        }
    }
    Ok(start::scan(cx, request))
}

/// The same scan again and again.
fn watched(scan: ScanRequest) -> ScanRequest {
    ScanRequest { every: Some(EVERY), ..scan }
}
