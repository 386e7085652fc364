//! A dispatcher and the world around it: nodes that do what they are reported, and effects that wait until a test lets them
//! happen.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use pictl_formats::authorized_keys;
use pictl_formats::facts::{FailedBuild, FileKind, NodeReading};
use pictl_formats::known_hosts::{KnownHosts, fingerprint};
use pictl_formats::launcher;
use pictl_model::event::Event;
use pictl_model::link::{LinkFailure, LoginMethod};
use pictl_model::node::{Member, MpiFamily, Sudo};
use pictl_model::request::{
    Answer, BenchRequest, ExecRequest, KeyWork, LaunchWish, Login, Question, Request, SecretAnswer, SecretWord,
    SetupRequest,
};
use pictl_model::run::Workload;
use pictl_model::step::{StepId, StepState};
use pictl_model::trust::{HostKey, Trust};
use pictl_model::world::World;
use pictl_model::{JobId, MacAddr, Millis, NodeId, QuestionId, RunId, Secret, Timestamp};

use super::super::Dispatcher;
use crate::common;
use crate::dispatcher::journal::Kind;
use crate::input::{BlinkNews, Effect, Input, LaunchOrder};
use crate::launch::{Control, End, News};
use crate::ports::{
    ConnectError, ConnectSpec, Credential, KeySource, Loss, OperatorKey, OperatorSsh, Output, ResolveError, ScanNews,
};
use crate::remote::{PutFile, RemoteError};
use crate::script::{Rights, Script};
use crate::setup::action::{Action, LoginProof, Replied, Reply, ScriptRun};
use crate::setup::steps;
use crate::store::{Change, SaveError, StoreError, merge};

/// A simulated Pi.
pub(super) struct Node {
    pub(super) reading: NodeReading,
    pub(super) offers: HostKey,
    /// The network interface that answers, where this machine knows it.
    pub(super) interface: Option<MacAddr>,
    pub(super) password: String,
    /// It takes passwords.
    pub(super) passwords: bool,
    /// What it asks at a login besides the password.
    pub(super) unanswered: Option<crate::ports::Unanswered>,
    /// Its sshd lets in nobody by key.
    pub(super) no_keys: bool,
    /// The password that sudo wants, where it wants one.
    pub(super) sudo: String,
    pub(super) reachable: bool,
    pub(super) up: bool,
    /// Host keys made and not in use.
    pub(super) fresh: Vec<HostKey>,
    /// It is reached through this host only.
    pub(super) behind: Option<NodeId>,
}

pub(super) struct Rig {
    pub(super) dispatcher: Dispatcher,
    pub(super) now: Timestamp,
    pub(super) nodes: BTreeMap<NodeId, Node>,
    /// Every event so far.
    pub(super) events: Vec<Event>,
    /// What is to be done and was not done yet.
    pub(super) due: VecDeque<Effect>,
    /// The operator's key, where there is one.
    pub(super) key: Option<OperatorKey>,
    /// The one that is to take its place.
    pub(super) new_key: Option<OperatorKey>,
    /// The passphrase of the operator's key, where it has one.
    pub(super) passphrase: Option<&'static str>,
    /// Names that the operator's resolver knows.
    pub(super) names: BTreeMap<String, IpAddr>,
    /// Steps that fail where they are tried.
    pub(super) broken: BTreeSet<(NodeId, StepId)>,
    /// Steps that were worked on, in the order in which they began.
    pub(super) worked: Vec<(NodeId, StepId)>,
    pub(super) orders: Vec<LaunchOrder>,
    pub(super) controls: Vec<Control>,
    /// The inventory as it was last saved in this session.
    pub(super) members: Vec<Member>,
    /// The inventory on the disk.
    pub(super) disk: Vec<Member>,
    /// Nothing can be saved.
    pub(super) full_disk: bool,
    pub(super) saved_keys: Option<KnownHosts>,
    pub(super) ended: bool,
    /// A scan goes on.
    pub(super) scanning: bool,
    /// Boards that blink, and for which job.
    pub(super) blinking: BTreeMap<NodeId, JobId>,
    /// Commands were asked to end.
    pub(super) stopping: bool,
    fold: World,
}

/// Why nothing is saved on a full disk.
fn full_disk() -> StoreError {
    let error = std::io::Error::from(std::io::ErrorKind::StorageFull);
    StoreError::io("write", Path::new("/data/cluster.toml"), &error)
}

impl Rig {
    /// A cluster without members, and `n` nodes that a scan has just found.
    pub(super) fn seen(n: u8) -> Self {
        let mut rig = Self::with_members(n, Vec::new());
        for node in 1..=n {
            rig.input(Input::Scan(ScanNews::Host(common::sighting(node))));
        }
        rig
    }

    /// `n` nodes, of which some are members already.
    pub(super) fn with_members(n: u8, members: Vec<Member>) -> Self {
        let disk = members.clone();
        let (mut dispatcher, first) = Dispatcher::new("lab", members, KnownHosts::default(), 7, common::START);
        let nodes = (1..=n).map(|n| (common::id(n), Node::new(n)));
        dispatcher.remember_ssh(OperatorSsh { home: "/home/me".into(), user: "me".into(), ..OperatorSsh::default() });
        let mut rig = Self {
            dispatcher,
            now: common::START,
            nodes: nodes.collect(),
            events: Vec::new(),
            due: VecDeque::new(),
            key: Some(operator_key()),
            new_key: None,
            passphrase: None,
            names: BTreeMap::new(),
            broken: BTreeSet::new(),
            worked: Vec::new(),
            orders: Vec::new(),
            controls: Vec::new(),
            members: Vec::new(),
            disk,
            full_disk: false,
            saved_keys: None,
            ended: false,
            scanning: false,
            blinking: BTreeMap::new(),
            stopping: false,
            fold: World::default(),
        };
        rig.take(first);
        rig
    }

    /// A cluster whose `n` members are set up: keys trusted, MPI there, logins by key.
    pub(super) fn ready(n: u8) -> Self {
        let mut rig = Self::with_members(n, (1..=n).map(common::member).collect());
        for (at, node) in rig.nodes.values_mut().enumerate() {
            let n = u8::try_from(at + 1).expect("few");
            node.reading = common::with_mpi(common::reading(n), MpiFamily::OpenMpi, "4.1.4");
            node.reading.facts.hostname = format!("pi{n:02}");
            let line = format!("{}\n", common::operator_line());
            common::put(&mut node.reading, FileKind::AuthorizedKeys, 0o600, line.as_bytes());
            Arc::make_mut(&mut rig.dispatcher.core.links.known).add(&[common::address(n).to_string()], &common::key(n));
        }
        rig
    }

    /// Feeds one input, a second after the last.
    pub(super) fn input(&mut self, input: Input) -> Vec<Event> {
        self.now = self.now.plus(Millis(1000));
        let before = self.events.len();
        self.scanning &= !matches!(input, Input::ScanEnded(_));
        let effects = self.dispatcher.handle(self.now, input);
        self.take(effects);
        self.events[before..].to_vec()
    }

    fn take(&mut self, effects: Vec<Effect>) {
        let mut answers = Vec::new();
        for effect in effects {
            match effect {
                Effect::Publish(stamped) | Effect::Replay(stamped) => {
                    if let (Event::Step { report }, Some(setup)) = (&stamped.event, &self.fold.setup) {
                        let before = setup.cell(&report.node, report.step).state;
                        assert!(!before.is_final(), "{before:?} is an outcome, and now {report:?}");
                    }
                    assert_eq!(stamped.seq, self.events.len() as u64 + 1);
                    self.fold.apply(&stamped);
                    self.events.push(stamped.event);
                }
                Effect::DropSteps => self.due.retain(|e| !matches!(e, Effect::Do { .. })),
                Effect::StopExecs => self.stopping = true,
                Effect::DropExecs => self.due.retain(|e| !matches!(e, Effect::Exec { .. })),
                Effect::DropBlinks => {
                    self.blinking.clear();
                    self.due.retain(|e| !matches!(e, Effect::Blink { .. }));
                }
                Effect::Disconnect(node) => {
                    self.node(&node).up = false;
                    self.blinking.remove(&node);
                }
                Effect::Control(control) => self.controls.push(control),
                Effect::SaveMembers { changes, known, reason } => {
                    answers.push(Input::MembersSaved { reason, result: self.save(&changes, known) });
                }
                Effect::SaveKnown(known) => {
                    let full = self.full_disk.then(full_disk);
                    answers.push(Input::KnownSaved(full.map_or_else(|| Ok(Arc::clone(&known)), Err)));
                    if !self.full_disk {
                        self.saved_keys = Some((*known).clone());
                    }
                }
                Effect::End => self.ended = true,
                Effect::StopScan => {}
                Effect::Scan(request) => {
                    self.scanning = true;
                    self.due.push_back(Effect::Scan(request));
                }
                Effect::Launch(order) => {
                    self.orders.push((*order).clone());
                    self.due.push_back(Effect::Launch(order));
                }
                Effect::Do { node, step, actions, root, key_login } => {
                    self.worked.push((node.clone(), step));
                    self.due.push_back(Effect::Do { node, step, actions, root, key_login });
                }
                effect => self.due.push_back(effect),
            }
        }
        assert_eq!(&self.fold, self.dispatcher.world(), "what is published is what is known");
        for answer in answers {
            let effects = self.dispatcher.handle(self.now, answer);
            self.take(effects);
        }
    }

    /// Changes the inventory on the disk.
    fn save(
        &mut self,
        changes: &[Change],
        known: Option<Arc<KnownHosts>>,
    ) -> Result<(Vec<Member>, Option<Arc<KnownHosts>>), SaveError> {
        if self.full_disk {
            return Err(full_disk().into());
        }
        self.disk = pictl_model::inventory::mend(merge(self.disk.clone(), changes)?).0;
        self.members.clone_from(&self.disk);
        if let Some(known) = &known {
            self.saved_keys = Some((**known).clone());
        }
        Ok((self.disk.clone(), known))
    }

    pub(super) fn node(&mut self, id: &NodeId) -> &mut Node {
        self.nodes.get_mut(id).expect("a node of the rig")
    }

    pub(super) fn world(&self) -> &World {
        self.dispatcher.world()
    }

    /// Such a job is under way.
    pub(super) fn has(&self, kind: Kind) -> bool {
        self.dispatcher.core.journal.is_at_work(kind)
    }

    /// The board of `node` is being identified.
    pub(super) fn is_identified(&self, node: &NodeId) -> bool {
        self.dispatcher.jobs.iter().any(|job| !job.is_exclusive() && job.is_on(node))
    }

    pub(super) fn ask(&mut self, request: Request) -> Vec<Event> {
        self.input(Input::Request(request))
    }

    /// Lets the effect at `at` happen; nothing follows when nobody can answer it.
    pub(super) fn happen(&mut self, at: usize) {
        let Some(effect) = self.due.remove(at) else { return };
        for input in self.answer(effect) {
            self.input(input);
        }
    }

    /// Lets everything happen that can, except launches, in the order in which it was wanted.
    pub(super) fn settle(&mut self) {
        while let Some(at) = self.due.iter().position(happens_by_itself) {
            self.happen(at);
        }
    }

    /// Lets every timer run out that is set now, and what follows.
    pub(super) fn tick(&mut self) {
        for _ in 0..self.count(|e| matches!(e, Effect::After(..))) {
            if let Some(at) = self.due.iter().position(|e| matches!(e, Effect::After(..))) {
                self.happen(at);
            }
        }
        self.settle();
    }

    /// Somebody will answer this.
    pub(super) fn is_outstanding(&self, effect: &Effect) -> bool {
        let up = |node: &NodeId| self.nodes[node].up;
        match effect {
            Effect::ReadKeys { node, .. }
            | Effect::Read(node, _)
            | Effect::TrySudo { node, .. }
            | Effect::Do { node, .. }
            | Effect::Exec { node, .. }
            | Effect::Blink { node, .. }
            | Effect::Probe(node) => up(node),
            Effect::Connect { .. }
            | Effect::Resolve(_)
            | Effect::FindKey { .. }
            | Effect::RenewKey
            | Effect::SettleKey
            | Effect::Launch(_) => true,
            _ => false,
        }
    }

    pub(super) fn lose(&mut self, n: u8) -> Vec<Event> {
        self.lose_host(&common::id(n))
    }

    pub(super) fn lose_host(&mut self, id: &NodeId) -> Vec<Event> {
        self.node(id).up = false;
        self.blinking.remove(id);
        self.input(Input::Lost { node: id.clone(), loss: Loss::new(LinkFailure::NoAnswer, "no answer to keep-alive") })
    }

    /// The time of a board that blinks is over.
    pub(super) fn end_blinking(&mut self, node: &NodeId) -> Vec<Event> {
        let job = self.blinking.remove(node).expect("it blinks");
        self.input(Input::Blink { job, node: node.clone(), news: BlinkNews::Ended(Ok(())) })
    }

    /// A host at the `n`th address that is no member and has let the operator's key in before; its name can be looked up.
    pub(super) fn add_jump_host(&mut self, name: &str, n: u8) -> NodeId {
        let id = NodeId::from_address(common::address(n), 22);
        let mut reading = common::reading(n);
        common::put(&mut reading, FileKind::AuthorizedKeys, 0o600, format!("{}\n", common::operator_line()).as_bytes());
        self.nodes.insert(id.clone(), Node { reading, ..Node::new(n) });
        self.names.insert(name.to_owned(), common::address(n));
        Arc::make_mut(&mut self.dispatcher.core.links.known).add(&[common::address(n).to_string()], &common::key(n));
        id
    }

    /// The operator's key does not open that host any more.
    pub(super) fn forget_keys(&mut self, id: &NodeId) {
        common::put(&mut self.node(id).reading, FileKind::AuthorizedKeys, 0o600, b"");
    }

    /// The node goes away, as far as the operator can see, and stays away.
    pub(super) fn vanish(&mut self, n: u8) {
        self.node(&common::id(n)).reachable = false;
        self.lose(n);
    }

    // ---- questions

    /// The open question; there must be just one.
    pub(super) fn question(&self) -> (QuestionId, Question) {
        assert_eq!(self.world().questions.len(), 1, "{:?}", self.world().questions);
        self.world().questions[0].clone()
    }

    pub(super) fn reply(&mut self, answer: Answer) -> Vec<Event> {
        let (id, _) = self.question();
        self.ask(Request::Answer { id, answer })
    }

    pub(super) fn type_in(&mut self, password: &str) {
        self.secret(SecretWord::This(Secret::new(password.into())));
    }

    pub(super) fn secret(&mut self, answer: SecretWord) {
        let (id, _) = self.question();
        self.input(Input::Secret(SecretAnswer { id, answer }));
    }

    /// Answers everything as a user who agrees would, until nothing more happens.
    pub(super) fn agree(&mut self) {
        self.settle();
        while let Some((_, question)) = self.world().questions.first().cloned() {
            match question {
                Question::Trust { .. } | Question::Apply { .. } => {
                    self.reply(Answer::Yes);
                }
                Question::Password { .. } | Question::SudoPassword { .. } | Question::Passphrase { .. } => {
                    self.type_in("raspberry");
                }
            }
            self.settle();
        }
    }

    // ---- looking

    pub(super) fn state(&self, n: u8, step: StepId) -> StepState {
        self.world().setup.as_ref().map(|s| s.cell(&common::id(n), step).state).unwrap_or_default()
    }

    pub(super) fn message(&self, n: u8, step: StepId) -> String {
        self.world().setup.as_ref().map(|s| s.cell(&common::id(n), step).message).unwrap_or_default()
    }

    pub(super) fn refusals(&self) -> Vec<String> {
        let refused = self.world().refused.as_ref();
        refused.map(|(_, reasons)| reasons.iter().map(|r| r.reason.clone()).collect()).unwrap_or_default()
    }

    pub(super) fn count(&self, wanted: impl Fn(&Effect) -> bool) -> usize {
        self.due.iter().filter(|e| wanted(e)).count()
    }

    // ---- the nodes' part

    fn answer(&mut self, effect: Effect) -> Vec<Input> {
        if !self.is_outstanding(&effect) {
            return match effect {
                Effect::After(_, timer) => vec![Input::Timer(timer)],
                _ => Vec::new(),
            };
        }
        let input = match effect {
            Effect::FindKey { make, .. } => {
                if make {
                    self.key.get_or_insert_with(operator_key);
                }
                let found = match self.key.clone() {
                    Some(key) if make => Input::KeyMade(Ok(key)),
                    found => Input::Key(Ok(found)),
                };
                if let Some(pending) = self.new_key.clone() {
                    return vec![Input::NextKey(pending), found];
                }
                found
            }
            Effect::Resolve(name) => {
                let unknown = || ResolveError::Failed(format!("no address is known for {name}"));
                let result = self.names.get(&name).copied().ok_or_else(unknown);
                Input::Resolved { name, result }
            }
            Effect::Connect { node, spec } => {
                let result = self.log_in(&node, &spec);
                Input::Connected { node, result }
            }
            Effect::RenewKey => {
                let new = self.new_key.get_or_insert_with(new_key).clone();
                Input::Renewed(Ok(new))
            }
            Effect::SettleKey => {
                assert!(self.new_key.take().is_some(), "there is a key to settle");
                self.key = Some(settled_key());
                Input::Settled(Ok(settled_key()))
            }
            Effect::ReadKeys { node, .. } => {
                let result = Ok(Box::new(common::part(&self.node(&node).reading)));
                Input::Read { node, result }
            }
            Effect::Read(node, _) => {
                let result = Ok(Box::new(self.node(&node).reading.clone()));
                Input::Read { node, result }
            }
            Effect::TrySudo { node, password } => {
                let right = password.expose() == self.node(&node).sudo;
                let result =
                    if right { Ok(()) } else { Err(RemoteError::new("Sorry, try again.", "check the sudo password")) };
                Input::SudoTried { node, result }
            }
            Effect::Do { node, step, actions, root, .. } => {
                let full = || RemoteError::new("No space left on device", "free some space on the node's SD card");
                let mut result = if self.broken.contains(&(node.clone(), step)) { Err(full()) } else { Ok(()) };
                let (mut outcomes, of) = (Vec::new(), self.node(&node));
                for (at, action) in actions.iter().enumerate() {
                    if result.is_ok() {
                        let reply = of.perform(action.clone(), root.as_ref());
                        let read = |reply| {
                            let mut replied = Replied { actions: &actions, at, reply, news: &mut |_| () };
                            (steps::of(step).reply)(&mut replied)
                        };
                        result = reply.and_then(read).map(|outcome| outcomes.push(outcome));
                    }
                }
                Input::StepEnded { node, step, outcomes, result }
            }
            Effect::Probe(node) => {
                let answers = self.node(&node).reachable;
                Input::Probed { node, answers }
            }
            Effect::Blink { job, node, rights, .. } => {
                let news = self.node(&node).blink(&rights);
                if matches!(news, BlinkNews::Began) {
                    self.blinking.insert(node.clone(), job);
                }
                Input::Blink { job, node, news }
            }
            Effect::Exec { job, node, .. } if self.stopping => {
                Input::ExecEnded { job, node, result: Err("stopped; it was ended there".into()) }
            }
            Effect::Exec { job, node, .. } => Input::ExecEnded { job, node, result: Ok(Some(0)) },
            Effect::Launch(order) => return over(&order.plan.id, End { status: Some(1), ..End::default() }),
            _ => return Vec::new(),
        };
        vec![input]
    }

    fn log_in(&mut self, id: &NodeId, spec: &ConnectSpec) -> Result<(HostKey, LoginMethod), ConnectError> {
        let route_open = spec.via.as_ref().is_none_or(|via| self.nodes[via].up);
        let (key, passphrase) = (self.key.clone(), self.passphrase);
        let node = self.node(id);
        let address = spec.address;
        if !node.reachable || !route_open || (node.behind.is_some() && node.behind != spec.via) {
            let hint = "check power and cable".to_owned();
            let (kind, why) = (LinkFailure::NoAnswer, "no answer within 5 s".into());
            return Err(ConnectError::Unreachable { kind, address, why, hint });
        }
        let trust = spec.known.judge(&address.ip().to_string(), address.port(), &node.offers);
        if trust != Trust::Known {
            let (key, fingerprint, mac) = (node.offers.clone(), fingerprint(&node.offers), node.interface);
            return Err(ConnectError::HostKey { address, trust, key, fingerprint, mac });
        }
        let authorized = String::from_utf8_lossy(node.reading.files[&FileKind::AuthorizedKeys].content()).into_owned();
        let opened = |path: &Path, word: Option<&Secret>| {
            let locked = passphrase.filter(|_| key.as_ref().and_then(OperatorKey::path) == Some(path));
            locked.is_none_or(|right| word.is_some_and(|word| word.expose() == right))
        };
        let taken = authorized_keys::contains(&authorized, &common::operator_line());
        let closed = spec.credentials.iter().find_map(|credential| match credential {
            Credential::Key { path, passphrase } if taken && !opened(path, passphrase.as_ref()) => {
                Some((path.clone(), passphrase.is_some()))
            }
            _ => None,
        });
        if let Some((path, wrong)) = closed {
            return Err(ConnectError::Passphrase { address, path, wrong });
        }
        let fits = |credential: &Credential| match credential {
            Credential::Key { path, .. } => authorized_keys::contains(&authorized, &line_in(path)),
            Credential::Agent { .. } => false,
            Credential::Password(word) => node.passwords && word.expose() == node.password,
        };
        if spec.credentials.iter().any(fits) {
            node.up = true;
            return Ok((node.offers.clone(), LoginMethod::Other("something".into())));
        }
        Err(ConnectError::Refused {
            address,
            user: spec.user.clone(),
            tried: "everything".into(),
            password_possible: node.passwords,
            password_refused: node.passwords && spec.credentials.iter().any(|c| matches!(c, Credential::Password(_))),
            unanswered: node.unanswered.clone(),
        })
    }
}

impl Node {
    /// The last number of its address.
    fn number(&self) -> u8 {
        let address = self.reading.facts.addresses[0].address.to_string();
        address.rsplit('.').next().and_then(|n| n.parse().ok()).expect("a number")
    }

    /// What work on keys is reported of it.
    fn part(&self) -> NodeReading {
        common::part(&self.reading)
    }

    /// One that nothing was done on.
    pub(super) fn new(n: u8) -> Self {
        Self {
            reading: common::reading(n),
            offers: common::key(n),
            interface: None,
            password: "raspberry".into(),
            passwords: true,
            unanswered: None,
            no_keys: false,
            sudo: "raspberry".into(),
            reachable: true,
            up: false,
            behind: None,
            fresh: Vec::new(),
        }
    }

    fn blink(&self, rights: &Rights) -> BlinkNews {
        match (self.reading.facts.sudo, rights) {
            (Some(Sudo::Password), Rights::SudoWith(word)) if word.expose() != self.sudo => {
                BlinkNews::NoSudo(RemoteError::new("Sorry, try again.", "check the sudo password"))
            }
            (Some(Sudo::Password), Rights::SudoWith(_))
            | (Some(Sudo::NoPassword), Rights::Sudo)
            | (Some(Sudo::Root), Rights::IsRoot) => BlinkNews::Began,
            _ => BlinkNews::Ended(Err(RemoteError::new("switching the LED needs root", "log in as root"))),
        }
    }

    fn perform(&mut self, action: Action, root: Option<&Rights>) -> Result<Reply, RemoteError> {
        if action.needs_root() {
            match (self.reading.facts.sudo, root) {
                (Some(Sudo::Password), Some(Rights::SudoWith(word))) if word.expose() == self.sudo => {}
                (Some(Sudo::Password) | None, _) | (_, None) => {
                    return Err(RemoteError::new("needs root, but sudo is not available", ""));
                }
                _ => {}
            }
        }
        Ok(match action {
            Action::Put(file) => {
                let kind = file.kind.expect("setup writes known files only");
                let now = self.reading.files[&kind].sha256_hex();
                if file.expect.is_some_and(|e| e != now) {
                    return Err(RemoteError::new("it was changed by somebody else meanwhile", ""));
                }
                common::put(&mut self.reading, kind, file.mode, &file.content);
                Reply::Written(PutFile { expect: None, ..file })
            }
            Action::Run(run) => {
                let out = self.run(&run);
                Reply::Ran(Output { status: Some(0), out: out.into_bytes(), ..Output::default() })
            }
            Action::Read(parts) => {
                Reply::Read(Box::new(if parts.is_empty() { self.reading.clone() } else { self.part() }))
            }
            Action::ProveLogin(LoginProof::HostKey(keys)) => {
                assert_eq!(keys, self.fresh, "what the operator knows is what is put in place");
                Reply::Login(keys.first().cloned().map(Ok))
            }
            Action::ProveLogin(LoginProof::ByKey { .. }) if !self.no_keys => {
                Reply::Login(Some(Ok(self.offers.clone())))
            }
            Action::ProveLogin(_) => Reply::Login(Some(Err(ConnectError::Refused {
                address: (common::address(self.number()), 22).into(),
                user: "pi".into(),
                tried: "everything".into(),
                password_possible: false,
                password_refused: false,
                unanswered: None,
            }))),
            Action::Launch(plan) => Reply::Launched(format!("{0} ranks on {0} nodes answered", plan.nodes.len())),
        })
    }

    /// What a script prints.
    fn run(&mut self, run: &ScriptRun) -> String {
        let of = |this: &Self, kind| String::from_utf8_lossy(this.reading.files[&kind].content()).trim().to_owned();
        let args: Vec<&str> = run.args.iter().map(String::as_str).collect();
        match (run.script, &args[..]) {
            (Script::NODE_KEY, [_]) => {
                let line = common::public_line(self.number());
                common::put(&mut self.reading, FileKind::PublicKey, 0o644, line.as_bytes());
                format!("public {line}")
            }
            (Script::NODE_KEY, [_, "next"]) => {
                let line = common::next_line(self.number());
                common::put(&mut self.reading, FileKind::NextKey, 0o644, line.as_bytes());
                format!("public {line}\n")
            }
            (Script::NODE_KEY, [_, "take"]) => {
                let (public, old) = (of(self, FileKind::NextKey), of(self, FileKind::PublicKey));
                common::put(&mut self.reading, FileKind::PublicKey, 0o644, public.as_bytes());
                common::put(&mut self.reading, FileKind::OldKeys, 0o600, old.as_bytes());
                common::take_away(&mut self.reading, FileKind::NextKey);
                format!("old {old}\npublic {public}\n")
            }
            (Script::SET_HOSTNAME, [name, _]) => {
                self.reading.facts.hostname = (*name).to_owned();
                format!("hostname {name}\n")
            }
            (Script::INSTALL_MPI, packages) => {
                let of = |f: &MpiFamily| launcher::of_family(*f).packages().launcher;
                let family = MpiFamily::ALL.into_iter().find(|f| of(f) == packages[0]).expect("a family");
                self.reading = common::with_mpi(self.reading.clone(), family, "4.1.4");
                "installed\n".to_owned()
            }
            (Script::MPI4PY, [family, _, attempt, ..]) => {
                let (family, attempt) = (family.parse().expect("a family"), (*attempt).to_owned());
                let reason = "no network".to_owned();
                self.reading.mpi4py_failed = Some(FailedBuild { family, attempt, reason });
                "mpi4py was not built\n".to_owned()
            }
            (Script::PAIR_CHECK, _) => {
                run.peers.iter().flat_map(|peer| ["ok ".to_owned(), peer.argument(), "\n".to_owned()]).collect()
            }
            (Script::NEW_IDENTITY, ["make", _]) => {
                self.fresh = vec![common::key(50 + self.number())];
                self.fresh.iter().flat_map(|key| ["host_key ".to_owned(), key.line(), "\n".to_owned()]).collect()
            }
            (Script::NEW_IDENTITY, ["take", _, parts @ ..]) => {
                if parts.contains(&"keys") {
                    self.reading.host_keys.clone_from(&self.fresh);
                }
                if parts.contains(&"machine-id") {
                    self.reading.facts.machine_id = Some(format!("new-{}", self.number()));
                }
                String::new()
            }
            (Script::PASSWORD_LOGIN, ["on", ..]) => {
                common::take_away(&mut self.reading, FileKind::PasswordLogin);
                "password-login yes\n".to_owned()
            }
            (Script::PASSWORD_LOGIN, ["off", ..]) => {
                common::put(&mut self.reading, FileKind::PasswordLogin, 0o644, b"# taken away in a minute\n");
                "password-login no\n".to_owned()
            }
            (Script::PASSWORD_LOGIN, ["confirm", ..]) => {
                common::put(&mut self.reading, FileKind::PasswordLogin, 0o644, b"# logins by key only\n");
                "password-login no\n".to_owned()
            }
            (_, args) => panic!("no step orders a script with {args:?}"),
        }
    }
}

fn happens_by_itself(effect: &Effect) -> bool {
    !matches!(effect, Effect::Launch(_) | Effect::After(..))
}

/// The public half of the key in this file.
fn line_in(path: &Path) -> String {
    let new = [new_key(), settled_key()].iter().any(|key| key.path() == Some(path));
    if new { common::new_operator_line() } else { common::operator_line() }
}

/// What a rotation makes.
fn new_key() -> OperatorKey {
    let source = KeySource::File("/home/me/.ssh/pictl_ed25519.new".into());
    OperatorKey { source, public: common::new_operator_line(), locked: false }
}

/// The same where it is in place.
fn settled_key() -> OperatorKey {
    OperatorKey { source: KeySource::File("/home/me/.ssh/pictl_ed25519".into()), ..new_key() }
}

fn operator_key() -> OperatorKey {
    OperatorKey {
        source: KeySource::File("/home/me/.ssh/id_ed25519".into()),
        public: common::operator_line(),
        locked: false,
    }
}

/// The end of a launch.
pub(super) fn over(run: &RunId, end: End) -> Vec<Input> {
    vec![Input::Run { run: run.clone(), news: News::Over(end) }]
}

// ---- requests

pub(super) fn setup(nodes: &[u8]) -> SetupRequest {
    SetupRequest {
        nodes: nodes.iter().map(|n| common::id(*n)).collect(),
        names: Vec::new(),
        prefix: "pi".into(),
        head: None,
        mpi: None,
        mpi_prefix: None,
        only: Vec::new(),
        dry_run: false,
        yes: false,
        keys: KeyWork::default(),
        login: Login::default(),
    }
}

pub(super) fn bench() -> BenchRequest {
    BenchRequest {
        workload: Workload { name: "pi".into(), slices: Some(4), slice_size: Some(1000), ..Workload::default() },
        program: None,
        launch: LaunchWish::default(),
        ranks: Some(2),
        repeat: 1,
        nodes: Vec::new(),
        timeout: None,
        login: Login::default(),
    }
}

pub(super) fn exec(command: &str) -> ExecRequest {
    ExecRequest { nodes: Vec::new(), command: command.into(), timeout: None, login: Login::default() }
}
