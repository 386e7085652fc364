//! Looking for hosts, once or again and again, and finding them among the boards on the table.

use pictl_model::event::Level;
use pictl_model::request::{Refusal, Request, ScanRequest};
use pictl_model::{Millis, NodeId};

use super::nodes::answers_ssh;
use super::{App, Effect, Screen, Window};
use crate::words::{count, listing};

/// A watch looks again this long after the last look.
const EVERY: Millis = Millis(5_000);
/// An LED blinks this long: enough to look over a table full of boards.
const BLINK: Millis = Millis(15_000);
/// What a refusal to blink is called.
const BLINKING: &str = "blinking the LED";

impl App {
    /// A scan, or a look of a watch, goes on.
    pub(crate) fn is_scanning(&self) -> bool {
        self.world.scan.as_ref().is_some_and(|scan| scan.active)
    }

    /// Scans what was scanned last, else what the options say.
    fn usual_scan(&self) -> ScanRequest {
        self.last_scan.clone().unwrap_or_else(|| self.options.scan.clone())
    }

    pub(super) fn scan_again(&mut self) -> Vec<Effect> {
        self.scan_or_refuse(self.usual_scan())
    }

    /// Begins to watch the network, or stops it.
    pub(super) fn watch_net(&mut self) -> Vec<Effect> {
        if self.world.watching.is_some() {
            return vec![Effect::Send(Request::StopScan)];
        }
        self.scan_or_refuse(watched(self.usual_scan()))
    }

    fn scan_or_refuse(&mut self, request: ScanRequest) -> Vec<Effect> {
        self.scan_if_sure(request).unwrap_or_else(|reason| {
            self.refused = Some(("scan".to_owned(), vec![Refusal { node: None, reason, hint: String::new() }]));
            Vec::new()
        })
    }

    /// What stands behind `scan` or `watch` on the command line.
    pub(super) fn scan_of(&self, verb: &str, words: &[&str]) -> Result<ScanRequest, String> {
        let mut scan = self.options.scan.clone();
        let mut targets = Vec::new();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match *word {
                "--exclude" => {
                    let left_out = words.next().ok_or("--exclude needs what is to be left out, such as 10.0.0.1-9")?;
                    scan.exclude.push((*left_out).to_owned());
                }
                "--interface" => {
                    let interface = words.next().ok_or("--interface needs a name, such as eth1")?;
                    scan.interface = Some((*interface).to_owned());
                }
                "--thorough" => scan.thorough = true,
                word if word.starts_with('-') => {
                    return Err(format!("{verb} has no option {word:?}: --exclude --interface --thorough"));
                }
                target => targets.push(target.to_owned()),
            }
        }
        if !targets.is_empty() {
            scan.targets = targets;
        }
        Ok(scan)
    }

    /// Scans, after a question where very many addresses are named.
    pub(super) fn scan_if_sure(&mut self, request: ScanRequest) -> Result<Vec<Effect>, String> {
        if !request.targets.is_empty() && !request.wide {
            let outlook = (self.options.outlook)(&request)?;
            if outlook.addresses >= self.options.ask_from {
                self.open(Window::WideScan(Box::new(request), outlook));
                return Ok(Vec::new());
            }
        }
        Ok(self.scan(request))
    }

    pub(super) fn scan(&mut self, request: ScanRequest) -> Vec<Effect> {
        self.go(Screen::Nodes);
        self.last_scan = Some(ScanRequest { every: None, ..request.clone() });
        vec![Effect::Send(Request::Scan(request))]
    }

    /// Two hosts were one: what the user did to the one holds for the other.
    pub(super) fn folded(&mut self, node: &NodeId, into: &NodeId) {
        if self.marks.remove(node) {
            self.marks.insert(into.clone());
        }
        if self.cursor.as_ref() == Some(node) {
            self.cursor = Some(into.clone());
        }
        if let Some(name) = self.names.remove(node) {
            self.names.entry(into.clone()).or_insert(name);
        }
        if let Some(Window::Details(shown)) = &mut self.window
            && shown == node
        {
            *shown = into.clone();
        }
    }

    /// Lets the marked nodes blink, or the one at the cursor.
    pub(super) fn identify(&mut self) -> Vec<Effect> {
        let shown = self.shown_nodes();
        let marked = shown.iter().filter(|n| self.marks.contains(&n.id));
        let mut nodes: Vec<NodeId> = marked.map(|n| n.id.clone()).collect();
        if nodes.is_empty() {
            nodes.extend(self.node_at_cursor().map(|n| n.id.clone()));
        }
        self.blink(nodes)
    }

    /// Lets `nodes` blink, but for those that do already and those that nobody can log in to.
    pub(super) fn blink(&mut self, mut nodes: Vec<NodeId>) -> Vec<Effect> {
        let called = listing(&nodes.iter().map(|id| self.called(id)).collect::<Vec<_>>(), 3);
        let known = |id: &NodeId| self.world.nodes.get(id);
        nodes.retain(|id| !known(id).is_some_and(|n| n.blinking));
        if nodes.is_empty() {
            self.say(Level::Info, format!("the LED of {called} blinks already"));
            return Vec::new();
        }
        nodes.retain(|id| known(id).is_some_and(|n| n.member.is_some() || answers_ssh(n)));
        if nodes.is_empty() {
            self.say(Level::Warn, format!("no SSH server answers on {called}, so its LED cannot be switched"));
            return Vec::new();
        }
        self.say(Level::Info, format!("logging in to {} to let the LED blink", count(nodes.len(), "node")));
        vec![Effect::Send(Request::Identify { nodes, time: BLINK, login: self.login() })]
    }

    /// An LED began to blink, or ended, or cannot.
    pub(super) fn blinking(&mut self, node: &NodeId, on: bool, problem: Option<&str>) {
        let Some(problem) = problem else {
            if on {
                self.say(Level::Info, format!("the LED of {} blinks: look for it", self.called(node)));
            }
            return;
        };
        let refusal = Refusal { node: Some(node.clone()), reason: problem.to_owned(), hint: String::new() };
        match &mut self.refused {
            Some((what, reasons)) if what == BLINKING => reasons.push(refusal),
            _ => self.refused = Some((BLINKING.to_owned(), vec![refusal])),
        }
    }
}

/// The same scan again and again.
pub(super) fn watched(scan: ScanRequest) -> ScanRequest {
    ScanRequest { every: Some(EVERY), ..scan }
}
