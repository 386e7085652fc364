//! A setup: log in everywhere, read everything, show what would change, change it, and say how it went.

use std::collections::{BTreeMap, BTreeSet};

use pictl_formats::facts::{FileKind, FileState, NodeReading};
use pictl_formats::known_hosts::fingerprint;
use pictl_model::event::Event;
use pictl_model::node::{Link, Member, Sudo};
use pictl_model::request::{Ground, Question, SetupRequest};
use pictl_model::step::{SetupPlan, SetupSummary, StepId, StepReport, StepState};
use pictl_model::{NodeId, Secret, Timestamp};

use super::Dispatcher;
use crate::input::Effect;
use crate::script::Rights;
use crate::setup::action::{Action, ActionError, Outcome};
use crate::setup::steps::{Check, ClusterPlan, PlanNode, Readings, check};

/// sudo passwords tried before the steps that need root fail.
const SUDO_TRIES: u32 = 3;

/// A setup under way.
pub(super) struct Setup {
    request: SetupRequest,
    plan: SetupPlan,
    cluster: ClusterPlan,
    cells: BTreeMap<(NodeId, StepId), Cell>,
    stage: Stage,
    /// Something was changed on some node.
    changed: bool,
    cancelled: bool,
    started: Timestamp,
    sudo_tries: u32,
    sudo_pending: BTreeMap<NodeId, Secret>,
    /// Nodes on which sudo's password is refused or not given.
    no_root: BTreeSet<NodeId>,
}

#[derive(Clone, Default)]
struct Cell {
    state: StepState,
    started: Timestamp,
    attempt: u32,
    reservation: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Logging in and reading.
    Reading,
    /// The sudo password is asked for or tried.
    Sudo,
    /// The plan is shown and waits for a yes.
    Asking,
    /// Steps are done.
    Applying,
}

/// Steps that must be well on a node before `step` can be, as far as they are in the plan.
fn needs(step: StepId) -> &'static [StepId] {
    match step {
        StepId::Connect => &[],
        StepId::Facts => &[StepId::Connect],
        StepId::Hostname => &[StepId::Facts, StepId::Hosts],
        StepId::Mesh => &[StepId::Facts, StepId::NodeKey],
        StepId::Machinefile => &[StepId::Facts, StepId::Mpi],
        StepId::Smoke => &[StepId::Facts, StepId::Mesh, StepId::KnownHosts, StepId::Mpi, StepId::Machinefile],
        _ => &[StepId::Facts],
    }
}

/// Steps that must have ended on all nodes before `step` can begin on any.
fn waits_for(step: StepId) -> &'static [StepId] {
    match step {
        StepId::Mesh => &[StepId::NodeKey],
        StepId::Machinefile => &[StepId::Mpi],
        StepId::Smoke => &[StepId::Mesh, StepId::KnownHosts, StepId::Mpi, StepId::Hostname, StepId::Hosts],
        _ => &[],
    }
}

impl Dispatcher {
    pub(super) fn setup_requested(&mut self, request: SetupRequest) {
        if self.refuse_if_busy("setup") {
            return;
        }
        match self.plan_setup(&request) {
            Err(reasons) => self.refuse("setup", Ground::Input, reasons),
            Ok((plan, cluster)) => {
                let nodes: Vec<_> = plan.nodes.iter().map(|n| n.node.clone()).collect();
                let login = request.login.clone();
                self.publish(Event::SetupStarted { plan: plan.clone() });
                self.setup = Some(Setup {
                    request,
                    plan,
                    cluster,
                    cells: BTreeMap::new(),
                    stage: Stage::Reading,
                    changed: false,
                    cancelled: false,
                    started: self.now,
                    sudo_tries: 0,
                    sudo_pending: BTreeMap::new(),
                    no_root: BTreeSet::new(),
                });
                for node in &nodes {
                    self.readings.remove(node);
                }
                self.want_links(&nodes, &login);
                self.setup_links_changed();
            }
        }
    }

    // ---- cells

    fn cell(&self, node: &NodeId, step: StepId) -> StepState {
        let cell = self.setup.as_ref().and_then(|s| s.cells.get(&(node.clone(), step)));
        cell.map_or(StepState::Pending, |c| c.state)
    }

    fn set_cell(&mut self, node: &NodeId, step: StepId, state: StepState, message: impl Into<String>) {
        self.report(node, step, state, message.into(), None, Vec::new());
    }

    fn report(
        &mut self,
        node: &NodeId,
        step: StepId,
        state: StepState,
        message: String,
        hint: Option<String>,
        change: Vec<String>,
    ) {
        let now = self.now;
        let Some(setup) = &mut self.setup else { return };
        let cell = setup.cells.entry((node.clone(), step)).or_default();
        if matches!(cell.state, StepState::Pending | StepState::Planned | StepState::Waiting) || cell.attempt == 0 {
            cell.started = now;
            cell.attempt = cell.attempt.max(1);
        }
        cell.state = state;
        let (attempt, elapsed, job) = (cell.attempt, now - cell.started, setup.plan.job);
        let report = StepReport { job, node: node.clone(), step, state, attempt, elapsed, message, hint, change };
        self.publish(Event::Step { report });
    }

    /// Fails `step` on `node`, unless it has an outcome.
    fn fail_cell(&mut self, node: &NodeId, step: StepId, message: String, hint: String) {
        if !self.cell(node, step).is_final() {
            self.report(node, step, StepState::Failed, message, Some(hint), Vec::new());
        }
    }

    fn wanted_nodes(&self) -> Vec<NodeId> {
        self.setup.as_ref().map(|s| s.plan.nodes.iter().map(|n| n.node.clone()).collect()).unwrap_or_default()
    }

    fn steps_on(&self, node: &NodeId) -> Vec<StepId> {
        let Some(setup) = &self.setup else { return Vec::new() };
        let head = setup.plan.nodes.iter().any(|n| n.node == *node && n.head);
        setup.plan.steps.iter().copied().filter(|s| head || !s.on_head_only()).collect()
    }

    /// The readings of the nodes of this setup.
    fn setup_readings(&self) -> Readings {
        let wanted = self.wanted_nodes();
        self.readings.iter().filter(|(n, _)| wanted.contains(n)).map(|(n, r)| (n.clone(), r.clone())).collect()
    }

    // ---- logging in and reading

    pub(super) fn setup_links_changed(&mut self) {
        let Some(setup) = &self.setup else { return };
        let trying_sudo = !setup.sudo_pending.is_empty();
        for node in self.wanted_nodes() {
            let before = self.cell(&node, StepId::Connect);
            if self.is_up(&node) {
                if !before.is_final() {
                    let learned = self.take_learned(&node);
                    let (state, message) = if learned {
                        (StepState::Done, "logged in; its host key is trusted from now on")
                    } else {
                        (StepState::AlreadySo, "logged in; host key as recorded")
                    };
                    self.set_cell(&node, StepId::Connect, state, message);
                }
                // One that came too late is left out, also when it comes in the end.
                let in_time = self.cell(&node, StepId::Connect).is_good();
                if in_time && self.cell(&node, StepId::Facts) == StepState::Pending {
                    self.set_cell(&node, StepId::Facts, StepState::Checking, "reading what the node is");
                    self.effects.push(Effect::Read(node.clone()));
                }
            } else if self.is_down(&node) {
                let (why, hint) = self.why_down(&node);
                if before.is_good() {
                    self.setup_lost(&node, &why, &hint);
                } else {
                    self.fail_cell(&node, StepId::Connect, why, hint);
                }
            } else {
                let (state, what) = match self.world.nodes.get(&node).map(|n| &n.link) {
                    Some(Link::Waiting { what }) => (StepState::Waiting, what.clone()),
                    _ => (StepState::Checking, "logging in".to_owned()),
                };
                if before != state && !before.is_final() {
                    self.set_cell(&node, StepId::Connect, state, what);
                }
            }
        }
        if trying_sudo {
            self.sudo_settled(None);
        }
        self.advance_setup();
    }

    /// A node went away in the middle: what was at work on it, or would have been next, has failed. The others go on
    /// without it.
    fn setup_lost(&mut self, node: &NodeId, why: &str, hint: &str) {
        let open: Vec<_> = self.steps_on(node).into_iter().filter(|s| !self.cell(node, *s).is_final()).collect();
        for (at, step) in open.into_iter().enumerate() {
            if at == 0 {
                self.fail_cell(node, step, why.to_owned(), hint.to_owned());
            } else {
                self.set_cell(node, step, StepState::Skipped, "left out: the connection to this node was lost");
            }
        }
        self.readings.remove(node);
        if let Some(setup) = &mut self.setup {
            setup.sudo_pending.remove(node);
        }
    }

    pub(super) fn setup_read(&mut self, node: &NodeId, result: &Result<NodeReading, ActionError>) {
        if self.cell(node, StepId::Facts) != StepState::Checking {
            return;
        }
        match result {
            Ok(reading) => {
                let found = self.setup.as_ref().map(|s| {
                    check(StepId::Facts, &s.cluster, &BTreeMap::from([(node.clone(), reading.clone())]), node)
                });
                let text = match found {
                    Some(Check::AlreadySo(text)) => text,
                    _ => String::new(),
                };
                self.set_cell(node, StepId::Facts, StepState::AlreadySo, text);
            }
            Err(e) => self.fail_cell(node, StepId::Facts, e.message.clone(), e.hint.clone()),
        }
        self.advance_setup();
    }

    // ---- deciding

    fn advance_setup(&mut self) {
        let Some(setup) = &self.setup else { return };
        match setup.stage {
            Stage::Reading => {
                let settled = self.wanted_nodes().iter().all(|node| {
                    self.cell(node, StepId::Connect) == StepState::Failed || self.cell(node, StepId::Facts).is_final()
                });
                if settled {
                    self.show_plan();
                }
            }
            Stage::Sudo | Stage::Asking => {}
            Stage::Applying => self.apply_steps(),
        }
    }

    /// Checks every step on every node that was read, and shows what would change.
    fn show_plan(&mut self) {
        let readings = self.setup_readings();
        let Some(setup) = &self.setup else { return };
        let (cluster, dry_run, yes) = (setup.cluster.clone(), setup.request.dry_run, setup.request.yes);
        for node in readings.keys() {
            for step in self.steps_on(node) {
                if self.cell(node, step).is_final() {
                    continue;
                }
                match check(step, &cluster, &readings, node) {
                    Check::AlreadySo(text) => {
                        // It is looked at again before its turn: another step may change what it rests on.
                        let state = if dry_run { StepState::AlreadySo } else { StepState::Planned };
                        self.set_cell(node, step, state, if dry_run { text } else { format!("already so: {text}") });
                    }
                    Check::Change { message, change, .. } => {
                        self.report(node, step, StepState::Planned, message, None, change);
                    }
                    Check::Later(text) => self.set_cell(node, step, StepState::Planned, text),
                    Check::Warn(text) => self.set_cell(node, step, StepState::Warned, text),
                    Check::Fail { message, hint } => self.fail_cell(node, step, message, hint),
                }
            }
        }
        if dry_run {
            return self.finish_setup();
        }
        let (changes, nodes) = self.count_changes(&cluster, &readings);
        let wants_root = self.nodes_wanting_root(&cluster, &readings);
        if !wants_root.is_empty() {
            self.set_stage(Stage::Sudo);
            return self.ask_sudo(wants_root, None);
        }
        if changes > 0 && !yes {
            self.set_stage(Stage::Asking);
            self.ask(Question::Apply { changes, nodes });
        } else {
            self.begin_applying();
        }
    }

    fn set_stage(&mut self, stage: Stage) {
        if let Some(setup) = &mut self.setup {
            setup.stage = stage;
        }
    }

    /// Steps that change something (the smoke test does not), and the nodes on which they do.
    fn count_changes(&self, cluster: &ClusterPlan, readings: &Readings) -> (u32, u32) {
        let (mut changes, mut nodes) = (0, 0);
        for node in readings.keys() {
            let here = self.steps_on(node).into_iter().filter(|step| {
                *step != StepId::Smoke
                    && !self.cell(node, *step).is_final()
                    && matches!(check(*step, cluster, readings, node), Check::Change { .. } | Check::Later(_))
            });
            let count = u32::try_from(here.count()).unwrap_or(u32::MAX);
            changes += count;
            nodes += u32::from(count > 0);
        }
        (changes, nodes)
    }

    fn nodes_wanting_root(&self, cluster: &ClusterPlan, readings: &Readings) -> Vec<NodeId> {
        let Some(setup) = &self.setup else { return Vec::new() };
        let wants = |node: &NodeId| {
            self.steps_on(node).into_iter().any(|step| {
                !self.cell(node, step).is_final()
                    && matches!(check(step, cluster, readings, node), Check::Change { actions, .. } if actions.iter().any(Action::needs_root))
            })
        };
        readings
            .iter()
            .filter(|(node, r)| {
                r.facts.sudo == Some(Sudo::Password)
                    && !self.links.sudo.contains_key(*node)
                    && !setup.no_root.contains(*node)
                    && wants(node)
            })
            .map(|(node, _)| node.clone())
            .collect()
    }

    // ---- sudo

    fn ask_sudo(&mut self, nodes: Vec<NodeId>, retry: Option<String>) {
        let Some(user) = nodes.first().map(|n| self.user_of(n, &self.setup_login())) else { return };
        let same_offered = self.links.password_of(&user).is_some();
        self.ask(Question::SudoPassword { user, nodes, same_offered, retry });
    }

    fn setup_login(&self) -> pictl_model::request::Login {
        self.setup.as_ref().map(|s| s.request.login.clone()).unwrap_or_default()
    }

    pub(super) fn sudo_answered(&mut self, nodes: &[NodeId], given: Option<Secret>) {
        let Some(setup) = &mut self.setup else { return };
        match given {
            Some(password) => {
                setup.sudo_tries += 1;
                // One that went away while the user typed has failed by now.
                let there: Vec<_> = nodes.iter().filter(|n| self.is_up(n)).cloned().collect();
                for node in there {
                    let Some(setup) = &mut self.setup else { return };
                    setup.sudo_pending.insert(node.clone(), password.clone());
                    self.effects.push(Effect::TrySudo { node, password: password.clone() });
                }
                self.sudo_settled(None);
            }
            None => {
                setup.no_root.extend(nodes.iter().cloned());
                self.show_plan();
            }
        }
    }

    pub(super) fn sudo_tried(&mut self, node: &NodeId, result: Result<(), ActionError>) {
        let Some(setup) = &mut self.setup else { return };
        let Some(password) = setup.sudo_pending.remove(node) else { return };
        let refused = match result {
            Ok(()) => {
                self.links.sudo.insert(node.clone(), password);
                None
            }
            Err(e) if setup.sudo_tries < SUDO_TRIES => Some(e.message),
            Err(_) => {
                setup.no_root.insert(node.clone());
                None
            }
        };
        self.sudo_settled(refused);
    }

    /// Once no sudo password is being tried any more: asks for those that were refused, else goes on.
    fn sudo_settled(&mut self, refused: Option<String>) {
        if self.setup.as_ref().is_none_or(|s| !s.sudo_pending.is_empty()) {
            return;
        }
        let readings = self.setup_readings();
        let Some(setup) = &self.setup else { return };
        let cluster = setup.cluster.clone();
        let left = self.nodes_wanting_root(&cluster, &readings);
        if left.is_empty() {
            self.show_plan();
        } else {
            self.ask_sudo(left, Some(refused.unwrap_or_else(|| "the password was refused".into())));
        }
    }

    // ---- applying

    pub(super) fn apply_answered(&mut self, yes: bool) {
        if self.setup.as_ref().is_none_or(|s| s.stage != Stage::Asking) {
            return;
        }
        if yes {
            self.begin_applying();
        } else {
            self.abort_rest("nothing was changed");
            self.finish_setup();
        }
    }

    fn begin_applying(&mut self) {
        self.set_stage(Stage::Applying);
        self.adopt_members();
        // The first change is the operator's own key, where there is none.
        if self.key.is_none() {
            let identity = self.setup_login().identity;
            self.effects.push(Effect::FindKey { identity, make: true });
        } else {
            self.apply_steps();
        }
    }

    pub(super) fn key_ready(&mut self) {
        let public = self.key.as_ref().map(|k| k.public.clone());
        let Some(setup) = &mut self.setup else { return };
        setup.cluster.operator_key = public;
        if setup.stage == Stage::Applying {
            self.apply_steps();
        }
    }

    /// The nodes that were read are members of the cluster from now on.
    fn adopt_members(&mut self) {
        let Some(setup) = &self.setup else { return };
        let adopted: Vec<PlanNode> =
            setup.cluster.nodes.iter().filter(|n| n.wanted && self.readings.contains_key(&n.node)).cloned().collect();
        for n in adopted {
            let view = self.world.nodes.get(&n.node);
            let known = self.known.keys_of(&n.address.to_string(), n.port);
            let member = Member {
                mac: view.and_then(|v| {
                    v.member.as_ref().and_then(|m| m.mac).or_else(|| v.sighting.as_ref().and_then(|s| s.mac))
                }),
                host_key: known.first().map(fingerprint),
                id: n.node,
                name: n.name,
                address: n.address,
                port: n.port,
                user: n.user,
                head: n.head,
            };
            self.put_member(member);
        }
        self.save_members();
    }

    /// Starts every step that can start, settles those that need no work, and ends the setup when nothing is left.
    fn apply_steps(&mut self) {
        loop {
            let mut moved = false;
            for node in self.wanted_nodes() {
                while let Some(step) = self.next_step(&node) {
                    moved = true;
                    if !self.take_step(&node, step) {
                        break;
                    }
                }
            }
            if !moved {
                break;
            }
        }
        let open =
            self.wanted_nodes().iter().any(|node| self.steps_on(node).iter().any(|s| !self.cell(node, *s).is_final()));
        if !open {
            self.finish_setup();
        }
    }

    /// The first step without an outcome on `node`, if it can be taken now.
    fn next_step(&self, node: &NodeId) -> Option<StepId> {
        let step = self.steps_on(node).into_iter().find(|s| !self.cell(node, *s).is_final())?;
        let at_work = matches!(self.cell(node, step), StepState::Applying | StepState::Verifying | StepState::Checking);
        let others = waits_for(step).iter().all(|needed| {
            self.wanted_nodes()
                .iter()
                .all(|other| !self.steps_on(other).contains(needed) || self.cell(other, *needed).is_final())
        });
        (!at_work && others).then_some(step)
    }

    /// Takes one step on: true when it has an outcome at once, false when work was started.
    fn take_step(&mut self, node: &NodeId, step: StepId) -> bool {
        let unmet = needs(step).iter().find(|n| self.steps_on(node).contains(n) && !self.cell(node, **n).is_good());
        if let Some(unmet) = unmet {
            self.set_cell(node, step, StepState::Skipped, format!("left out: `{unmet}` is not done on this node"));
            return true;
        }
        let Some(setup) = &self.setup else { return true };
        if setup.cancelled {
            self.set_cell(node, step, StepState::Aborted, "stopped before it began");
            return true;
        }
        let readings = self.setup_readings();
        match check(step, &setup.cluster, &readings, node) {
            Check::AlreadySo(text) => self.set_cell(node, step, StepState::AlreadySo, text),
            Check::Warn(text) => self.set_cell(node, step, StepState::Warned, text),
            Check::Fail { message, hint } => self.fail_cell(node, step, message, hint),
            Check::Later(text) => {
                let hint = "see the steps that failed".to_owned();
                self.fail_cell(node, step, format!("it cannot be done: {text}"), hint);
            }
            Check::Change { message, change, actions, reservation } => {
                let root = Rights::root(readings.get(node).and_then(|r| r.facts.sudo), self.links.sudo.get(node));
                self.report(node, step, StepState::Applying, message, None, change);
                if let Some(cell) = self.setup.as_mut().and_then(|s| s.cells.get_mut(&(node.clone(), step))) {
                    cell.reservation = reservation;
                }
                let key_login = self.key_login(node).map(Box::new);
                self.effects.push(Effect::Do { node: node.clone(), step, actions, root, key_login });
                return false;
            }
        }
        true
    }

    pub(super) fn step_news(&mut self, node: &NodeId, step: StepId, line: String) {
        if self.cell(node, step) == StepState::Applying {
            self.set_cell(node, step, StepState::Applying, line);
        }
    }

    pub(super) fn step_ended(&mut self, node: &NodeId, step: StepId, result: Result<Vec<Outcome>, ActionError>) {
        // What was given up before it answered has its outcome already.
        if self.cell(node, step) != StepState::Applying {
            return;
        }
        match result {
            Err(e) => self.fail_cell(node, step, e.message, e.hint),
            Ok(outcomes) => {
                let told = outcomes.iter().rev().find_map(|o| match o {
                    Outcome::Proved(text) => Some(text.clone()),
                    _ => None,
                });
                for outcome in outcomes {
                    self.learn(node, outcome);
                }
                self.settle_step(node, step, told);
            }
        }
        self.advance_setup();
    }

    /// The verify half: the step's own check must now find nothing to do.
    fn settle_step(&mut self, node: &NodeId, step: StepId, told: Option<String>) {
        let readings = self.setup_readings();
        let Some(setup) = &mut self.setup else { return };
        let reservation = setup.cells.get(&(node.clone(), step)).and_then(|c| c.reservation.clone());
        if step == StepId::Smoke {
            // It proves and changes nothing: news only when the setup changed something.
            let state = if setup.changed { StepState::Done } else { StepState::AlreadySo };
            let state = if reservation.is_some() { StepState::Warned } else { state };
            let message = [told, reservation].into_iter().flatten().collect::<Vec<_>>().join("; ");
            return self.set_cell(node, step, state, message);
        }
        setup.changed = true;
        match check(step, &setup.cluster, &readings, node) {
            Check::AlreadySo(text) => self.set_cell(node, step, StepState::Done, told.unwrap_or(text)),
            Check::Warn(text) => self.set_cell(node, step, StepState::Warned, text),
            Check::Fail { message, hint } => self.fail_cell(node, step, message, hint),
            Check::Change { message, .. } | Check::Later(message) => {
                let message = format!("it was done, and the node still wants: {message}");
                self.fail_cell(node, step, message, "run the setup again".into());
            }
        }
    }

    /// Keeps the reading of `node` true to what an action proved.
    fn learn(&mut self, node: &NodeId, outcome: Outcome) {
        let Some(reading) = self.readings.get_mut(node) else { return };
        match outcome {
            Outcome::Written(file) => {
                if let Some(kind) = file.kind {
                    let path = reading.files.get(&kind).map_or(file.path, |old| old.path().to_owned());
                    reading.files.insert(kind, FileState::There { path, mode: file.mode, content: file.content });
                }
            }
            Outcome::PublicKey(line) => {
                let path =
                    reading.files.get(&FileKind::PublicKey).map_or_else(String::new, |old| old.path().to_owned());
                reading
                    .files
                    .insert(FileKind::PublicKey, FileState::There { path, mode: 0o644, content: line.into_bytes() });
            }
            Outcome::Named(name) => reading.facts.hostname = name,
            Outcome::Read(new) => *reading = *new,
            Outcome::Proved(_) => return,
        }
        let facts = Box::new(reading.facts.clone());
        if self.world.nodes.get(node).and_then(|n| n.facts.as_ref()) != Some(&*facts) {
            self.publish(Event::FactsRead { node: node.clone(), facts });
        }
    }

    // ---- ending

    pub(super) fn cancel_setup(&mut self) {
        let Some(setup) = &mut self.setup else { return };
        if std::mem::replace(&mut setup.cancelled, true) {
            // Asked twice: nobody waits for the steps at work any longer.
            self.effects.push(Effect::DropSteps);
            self.abort_rest("ended in the middle; run the setup again, it goes on from what is there");
            return self.finish_setup();
        }
        let applying = setup.stage == Stage::Applying;
        self.abort_idle();
        if applying {
            self.apply_steps();
        } else {
            self.abort_rest("stopped before anything was changed");
            self.finish_setup();
        }
    }

    /// Aborts the steps that were not begun; those at work go on to their end, which leaves nothing half-done.
    fn abort_idle(&mut self) {
        for node in self.wanted_nodes() {
            for step in self.steps_on(&node) {
                if matches!(self.cell(&node, step), StepState::Pending | StepState::Planned | StepState::Waiting) {
                    self.set_cell(&node, step, StepState::Aborted, "stopped before it began");
                }
            }
        }
    }

    fn abort_rest(&mut self, message: &str) {
        for node in self.wanted_nodes() {
            for step in self.steps_on(&node) {
                if !self.cell(&node, step).is_final() {
                    self.set_cell(&node, step, StepState::Aborted, message);
                }
            }
        }
    }

    fn finish_setup(&mut self) {
        // What nothing was said of could not even be looked at.
        let dry_run = self.setup.as_ref().is_some_and(|s| s.request.dry_run);
        let mut summary = SetupSummary::default();
        for node in self.wanted_nodes() {
            for step in self.steps_on(&node) {
                let state = self.cell(&node, step);
                if !state.is_final() && !(dry_run && state == StepState::Planned) {
                    self.set_cell(&node, step, StepState::Skipped, "left out: the node could not be read");
                }
                summary.count(self.cell(&node, step));
            }
        }
        if let Some(setup) = self.setup.take() {
            summary.elapsed = self.now - setup.started;
            self.publish(Event::SetupFinished { job: setup.plan.job, summary });
        }
    }
}
