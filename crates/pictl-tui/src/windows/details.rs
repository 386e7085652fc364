//! All that is known of one node.

use pictl_model::node::{Facts, Link};
use pictl_model::telemetry::{ClockOffset, Swapped};
use pictl_model::world::NodeView;
use pictl_model::{Event, NodeId};
use ratatui::text::{Line, Span};

use super::forms::logins::groups as login_groups;
use super::{After, Page, Window, close};
use crate::context::Context;
use crate::theme::Theme;
use crate::words::{self, ago, count, listing, number, pad, wrap};

/// A node takes about so many milliseconds to report its facts, with its clock somewhere among them.
const FACTS_TAKE: u32 = 500;

/// What it is about, and what is known; without the first it is about the same as the row before.
type Row = (&'static str, String);

/// All that is known of one node.
pub(crate) struct Details(pub(crate) NodeId);

impl Window for Details {
    fn page(&self, cx: &Context, theme: Theme, width: usize) -> Page {
        let node = cx.world.nodes.get(&self.0);
        let lines = node.map_or_else(Vec::new, |node| details(cx, theme, node, width));
        let title = node.map_or_else(|| self.0.to_string(), |node| cx.name_of(node));
        Page { title, lines, focus: None, keys: close(cx), width: 80, border: theme.border() }
    }

    fn event(&mut self, _cx: &Context, event: &Event) -> After {
        if let Event::Folded { node, into, .. } = event
            && *node == self.0
        {
            self.0 = into.clone();
        }
        After::Unused
    }
}

/// All that is known of a node, with how it is known.
pub(crate) fn details(cx: &Context, theme: Theme, node: &NodeView, width: usize) -> Vec<Line<'static>> {
    let mut rows: Vec<Row> = Vec::new();
    if let Some(member) = &node.member {
        let part = if member.head { "the head: mpirun starts here" } else { "yes" };
        rows.push(("In cluster", format!("{part}, as {}", member.name)));
        let through = member.jump.as_ref().map(|jump| format!(", through {jump}")).unwrap_or_default();
        rows.push(("Login", format!("{} on port {}{through}", member.user, member.port)));
        if let Some(identity) = &member.identity {
            rows.push(("Key file", identity.display().to_string()));
        }
        for (nth, group) in login_groups(&cx.world.members()).into_iter().enumerate() {
            rows.push((if nth == 0 { "All logins" } else { "" }, group));
        }
    } else {
        rows.push(("In cluster", "no".to_owned()));
    }
    evidence(cx, node, &mut rows);
    if node.blinking {
        rows.push(("LED", "blinks".to_owned()));
    }
    let by = node.login.as_ref().map(|by| format!(" {}", words::login(by))).unwrap_or_default();
    rows.push(("Link", format!("{}{by}", words::connection(node, cx.now))));
    match &node.link {
        Link::Lost { why, .. } => rows.push(("", format!("✗ {why}"))),
        Link::Failed { why, hint, .. } => {
            rows.push(("", format!("✗ {why}")));
            rows.push(("", format!("→ {hint}")));
        }
        _ => {}
    }
    if let Some(facts) = &node.facts {
        fact_rows(facts, &mut rows);
    }
    if let Some(reading) = node.newest() {
        let sample = reading.sample;
        rows.push(("Sensors", format!("{} ({})", words::readings(&sample).join(", "), ago(cx.now, reading.at))));
        let throttle = words::throttle(&sample);
        if !throttle.is_empty() {
            rows.push(("", format!("! {throttle}")));
        }
        let flows = words::flows(&sample);
        if !flows.is_empty() {
            rows.push(("", flows.join(", ")));
        }
        if let Some(swapped) = sample.swapped.filter(|swapped| *swapped != Swapped::default()) {
            let (pages_in, pages_out) = (number(swapped.pages_in), number(swapped.pages_out));
            rows.push(("Swap", format!("{pages_in} pages in, {pages_out} out since boot")));
        }
    }
    // As the sampler shows it, else as it was when the facts were read.
    let read = || Some(ClockOffset { ms: node.facts.as_ref()?.clock_offset_ms?, within_ms: FACTS_TAKE });
    if let Some(offset) = node.newest().and_then(|r| r.sample.offset).or_else(read) {
        let warning = if offset.ms.abs() >= 2_000 { "! " } else { "" };
        rows.push(("Clock", format!("{warning}{}", words::clock_offset(offset))));
    }
    if let Some(seen) = node.last_seen {
        rows.push(("Last seen", ago(cx.now, seen)));
    }
    let mut lines = Vec::new();
    for (label, value) in rows {
        let style = match value.chars().next() {
            Some('✗') => theme.bad(),
            Some('!') => theme.warn(),
            _ => theme.plain(),
        };
        for (row, part) in wrap(&value, width.saturating_sub(12)).into_iter().enumerate() {
            let label = pad(if row == 0 { label } else { "" }, 12);
            lines.push(Line::from(vec![Span::styled(label, theme.dim()), Span::styled(part, style)]));
        }
    }
    lines
}

/// What the network says of it: where it is, what it may be, and how that is known.
fn evidence(cx: &Context, node: &NodeView, rows: &mut Vec<Row>) {
    if let Some(address) = node.address() {
        rows.push(("Address", address.to_string()));
    }
    if let Some((at, change)) = node.change {
        rows.push(("", words::change_meaning(at, change, cx.now)));
    }
    for (nth, also) in node.also.iter().enumerate() {
        let mac = also.mac.map(|mac| format!(", {mac}")).unwrap_or_default();
        rows.push((if nth == 0 { "Also at" } else { "" }, format!("{}{mac}: {}", also.address, also.why)));
    }
    let hints = words::hint_meanings(node);
    let why = if hints.is_empty() { "nothing says so".to_owned() } else { hints.join(", ") };
    rows.push(("Pi?", format!("{}, {} of 100: {why}", node.likelihood().word(), node.pi_score())));
    let Some(sighting) = &node.sighting else { return };
    if let Some(mac) = sighting.mac {
        let maker = sighting.vendor.as_ref().map(|v| format!(", {v}")).unwrap_or_default();
        rows.push(("MAC", format!("{mac}{maker}")));
    }
    rows.extend(sighting.flags.iter().map(|flag| ("", words::flag_meaning(flag))));
    for (nth, address) in sighting.others.iter().enumerate() {
        rows.push((if nth == 0 { "Also has" } else { "" }, address.to_string()));
    }
    if let Some(name) = &sighting.hostname {
        rows.push(("Goes by", name.clone()));
    }
    let port = if sighting.port == 22 { String::new() } else { format!(" (port {})", sighting.port) };
    rows.push(("SSH", sighting.ssh.clone().map_or("no answer".to_owned(), |s| format!("{s}{port}"))));
    let system = sighting.ssh.as_deref().and_then(words::ssh_system);
    if let Some(system) = system.filter(|_| node.facts.is_none()) {
        rows.push(("", format!("so its system is {system}")));
    }
    let by: Vec<String> = sighting.seen_by.iter().map(|s| words::seen_by(*s).to_owned()).collect();
    let rtt = sighting.rtt.map(|rtt| match rtt.0 {
        0 => ", answered in less than 1 ms".to_owned(),
        ms => format!(", answered in {ms} ms"),
    });
    let rtt = rtt.unwrap_or_default();
    rows.push(("Found by", format!("{}{rtt}", listing(&by, 4))));
}

fn fact_rows(facts: &Facts, rows: &mut Vec<Row>) {
    if let Some(model) = &facts.model {
        rows.push(("Model", model.clone()));
    }
    if let Some(serial) = &facts.serial {
        rows.push(("Serial", serial.clone()));
    }
    rows.push(("System", format!("{} ({})", facts.os, facts.arch)));
    rows.push(("Host name", facts.hostname.clone()));
    rows.push((
        "Size",
        format!("{}, {} MiB memory", count(facts.cores.into(), "core"), number(facts.mem_total_kib / 1024)),
    ));
    let addresses: Vec<String> = facts.addresses.iter().map(|a| format!("{} {}", a.interface, a.address)).collect();
    if !addresses.is_empty() {
        rows.push(("Interfaces", addresses.join(", ")));
    }
    if let Some(sudo) = facts.sudo {
        rows.push(("Root by", words::sudo(sudo).to_owned()));
    }
    let mpi: Vec<String> = facts.mpi.iter().map(|m| format!("{} {}", m.family, m.place())).collect();
    rows.push(("MPI", if mpi.is_empty() { "none yet".to_owned() } else { listing(&mpi, 3) }));
    if let Some(mpi4py) = &facts.mpi4py {
        let family = mpi4py.family.map(|f| format!(" for {f}")).unwrap_or_default();
        rows.push(("mpi4py", format!("{}{family}", mpi4py.version)));
    }
    if let Some(kernel) = &facts.kernel {
        let governor = facts.governor.as_ref().map(|g| format!(", governor {g}")).unwrap_or_default();
        rows.push(("Kernel", format!("{kernel}{governor}")));
    }
    if facts.cloud_init {
        rows.push(("cloud-init", "! enabled: it may undo host names at the next boot".to_owned()));
    }
}
