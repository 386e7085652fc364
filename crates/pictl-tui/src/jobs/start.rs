//! Starting a job: its request goes out, and the screen or window that shows it comes up.

use pictl_model::request::{BenchRequest, ExecRequest, Request, ScanRequest, SetupRequest};

use crate::context::Context;
use crate::keymap::Command;
use crate::messages::Effect;
use crate::windows;

/// Scans and shows what is found.
pub(crate) fn scan(cx: &mut Context, request: ScanRequest) -> Vec<Effect> {
    cx.go(Command::GoNodes);
    cx.last_scan = Some(ScanRequest { every: None, ..request.clone() });
    vec![Effect::Send(Request::Scan(request))]
}

/// Starts a benchmark and shows it.
pub(crate) fn bench(cx: &mut Context, request: BenchRequest) -> Vec<Effect> {
    cx.last_bench = Some(request.clone());
    cx.go(Command::GoRun);
    vec![Effect::Send(Request::Bench(request))]
}

/// Runs a command on nodes and shows its output.
pub(crate) fn exec(cx: &mut Context, request: ExecRequest) -> Vec<Effect> {
    cx.open(windows::Exec);
    vec![Effect::Send(Request::Exec(request))]
}

/// Makes a cluster and shows how; no nodes means the marked ones, else the members.
pub(crate) fn set_up(cx: &mut Context, mut request: SetupRequest) -> Vec<Effect> {
    if request.nodes.is_empty() {
        request.nodes = cx.setup_nodes();
    }
    let names = cx.selection.names.iter().filter(|(id, _)| request.nodes.contains(id));
    request.names = names.map(|(id, name)| (id.clone(), name.clone())).collect();
    cx.go(Command::GoSetup);
    vec![Effect::Send(Request::Setup(request))]
}
