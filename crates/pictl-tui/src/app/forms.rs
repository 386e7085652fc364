//! Dialogs with fields: what they begin with, and what becomes of them.

use std::str::FromStr;

use pictl_model::event::Level;
use pictl_model::node::MpiFamily;
use pictl_model::request::{BenchRequest, ExecRequest, KeyWork, Login, MemberChange, Request, SetupRequest};
use pictl_model::world::NodeView;
use pictl_model::{HostName, NodeId};

use super::nodes::answers_ssh;
use super::{App, Effect, Screen, Window};
use crate::form::{Form, FormField, Purpose};
use crate::key::Key;
use crate::words::{count, listing};

/// The fields of the benchmark form.
const BENCHMARK: usize = 0;
const RANKS: usize = 1;
const SLICES: usize = 2;
const SLICE_SIZE: usize = 3;
const REPEAT: usize = 4;

impl App {
    /// Slots of all members, where every member told its cores.
    pub(crate) fn slots(&self) -> Option<u32> {
        self.world.members().iter().map(|n| n.facts.as_ref().map(|f| u32::from(f.cores))).sum()
    }

    pub(super) fn open_setup(&mut self) {
        let nodes = self.setup_nodes();
        let new = nodes.iter().filter(|id| self.world.nodes.get(id).is_none_or(|n| n.member.is_none())).count();
        let names = self.names_for(&nodes, &self.options.prefix);
        let head = nodes
            .iter()
            .position(|id| self.world.nodes.get(id).and_then(|n| n.member.as_ref()).is_some_and(|member| member.head));
        let user = self.options.login.user.clone().unwrap_or_else(|| "pi".to_owned());
        let addresses: Vec<String> = nodes
            .iter()
            .map(|id| {
                self.world.nodes.get(id).and_then(NodeView::address).map_or_else(|| id.to_string(), |a| a.to_string())
            })
            .collect();
        let heads = names.iter().zip(&addresses).map(|(name, address)| format!("{name} ({address})")).collect();
        let known = nodes.len() - new;
        let intro = match (new, known) {
            (_, 0) => format!("New: {}. ", listing(&addresses, 4)),
            (0, _) => "All of them are in the cluster; what is right already stays as it is. ".to_owned(),
            _ => format!("{} in the cluster, {new} new. ", count(known, "node")),
        };
        let silent: Vec<String> = nodes
            .iter()
            .filter_map(|id| self.world.nodes.get(id))
            .filter(|n| n.member.is_none() && !answers_ssh(n))
            .map(|n| self.name_of(n))
            .collect();
        let silent = match silent.as_slice() {
            [] => String::new(),
            names => format!("No SSH server answered on {}. ", listing(names, 3)),
        };
        let fields = vec![
            FormField::text("User", &user, "log in as; needs sudo for names and packages"),
            FormField::text("Names", &self.options.prefix, format!("new nodes become {}", listing(&names, 3))),
            FormField::choice("Head", heads, head.unwrap_or(0), "mpirun starts there"),
            FormField::choice(
                "MPI",
                vec!["automatic".to_owned(), "Open MPI".to_owned(), "MPICH".to_owned()],
                0,
                "automatic: what is there, else Open MPI",
            ),
        ];
        self.open(Window::Form(Form {
            title: format!("Set up {}", count(nodes.len(), "node")),
            intro: format!("{intro}{silent}Nothing is changed before you have seen the plan."),
            purpose: Purpose::SetUp(nodes),
            fields,
            focus: 0,
            error: None,
        }));
    }

    pub(super) fn open_bench(&mut self) {
        let request = self.last_bench.clone().unwrap_or_else(|| self.options.run_defaults.clone());
        let slots = self.slots().map_or_else(|| "one for each core".to_owned(), |n| format!("one for each core: {n}"));
        let shown = |n: Option<String>| n.unwrap_or_default();
        let all = &self.options.benchmarks;
        let chosen = all.iter().position(|b| b.name == request.workload.name).unwrap_or(0);
        let names = all.iter().map(|b| format!("{}: {}", b.name, b.title)).collect();
        let fields = vec![
            FormField::choice("Benchmark", names, chosen, "its result is checked"),
            FormField::text(
                "Ranks",
                &shown(request.ranks.map(|n| n.to_string())),
                format!("processes; empty: {slots}"),
            ),
            FormField::text(
                "Slices",
                &shown(request.workload.slices.map(|n| n.to_string())),
                "pieces of work, dealt out one by one",
            ),
            FormField::text(
                "Slice size",
                &shown(request.workload.slice_size.map(|n| n.to_string())),
                "terms or numbers in one piece",
            ),
            FormField::text("Repeat", &request.repeat.max(1).to_string(), "runs, one after another"),
        ];
        self.open(Window::Form(Form {
            purpose: Purpose::Bench,
            title: "Run a benchmark".to_owned(),
            intro: format!("On {}, with mpi4py.", count(self.world.members().len(), "node")),
            fields,
            // What is chosen most often is how many ranks.
            focus: RANKS,
            error: None,
        }));
    }

    /// Gives the open form of a benchmark a key; another benchmark brings its own numbers along.
    pub(super) fn form_key(&mut self, key: Key) -> bool {
        let Some(Window::Form(form)) = &mut self.window else { return false };
        let took = form.key(key);
        if took && form.purpose == Purpose::Bench && form.focus == BENCHMARK {
            let chosen = form.fields.get(BENCHMARK).map_or(0, FormField::chosen);
            if let Some(benchmark) = self.options.benchmarks.get(chosen) {
                form.set_text(SLICES, &benchmark.slices.map(|n| n.to_string()).unwrap_or_default());
                form.set_text(SLICE_SIZE, &benchmark.slice_size.map(|n| n.to_string()).unwrap_or_default());
            }
        }
        took
    }

    pub(super) fn open_exec(&mut self) {
        let nodes: Vec<NodeId> = self.marked_members();
        let on = if nodes.is_empty() { self.world.members().len() } else { nodes.len() };
        self.open(Window::Form(Form {
            purpose: Purpose::Exec(nodes),
            title: format!("Run a command on {}", count(on, "node")),
            intro: "It runs on all of them at once, in the login shell; equal output is shown once.".to_owned(),
            fields: vec![FormField::text("Command", "", "such as: uptime")],
            focus: 0,
            error: None,
        }));
    }

    pub(super) fn open_rename(&mut self) {
        let Some(node) = self.node_at_cursor() else { return };
        let (id, name, member) = (node.id.clone(), self.name_of(node), node.member.is_some());
        let intro = if member {
            "The cluster knows it by this name at once; set up again to change the node's own host name."
        } else {
            "It gets this name when it is set up."
        };
        let name = if HostName::from_str(&name).is_ok() { name } else { String::new() };
        self.open(Window::Form(Form {
            purpose: Purpose::Rename(id),
            title: "Name the node".to_owned(),
            intro: intro.to_owned(),
            fields: vec![FormField::text("Name", &name, "a-z, 0-9 and -")],
            focus: 0,
            error: None,
        }));
    }

    pub(super) fn marked_members(&self) -> Vec<NodeId> {
        self.world.members().iter().map(|n| n.id.clone()).filter(|id| self.marks.contains(id)).collect()
    }

    /// Takes the open form; it stays open with the reason when something in it is wrong.
    pub(super) fn submit(&mut self) -> Vec<Effect> {
        let Some(Window::Form(mut form)) = self.window.take() else { return Vec::new() };
        let sent = match form.purpose.clone() {
            Purpose::SetUp(nodes) => self.submit_setup(&form, nodes),
            Purpose::Bench => self.submit_bench(&form),
            Purpose::Exec(nodes) => match form.text(0) {
                "" => Err((0, "no command was typed".to_owned())),
                command => Ok(self.exec(nodes, command)),
            },
            Purpose::Rename(node) => self.rename(node, form.text(0)).map_err(|why| (0, why)),
            Purpose::Logins(nodes) => self.submit_logins(&form, &nodes),
            Purpose::RemoveKey => match self.submit_remove_key(form.text(0)) {
                // The form waits for what is in the file.
                Ok(effects) if matches!(effects.as_slice(), [Effect::ReadKey(_)]) => {
                    self.window = Some(Window::Form(form));
                    return effects;
                }
                sent => sent.map_err(|why| (0, why)),
            },
        };
        sent.unwrap_or_else(|(field, why)| {
            form.refuse(field, why);
            self.window = Some(Window::Form(form));
            Vec::new()
        })
    }

    fn submit_setup(&mut self, form: &Form, nodes: Vec<NodeId>) -> Result<Vec<Effect>, (usize, String)> {
        let (user, prefix) = (form.text(0), form.text(1));
        if user.is_empty() || user.contains(char::is_whitespace) {
            return Err((0, "a user name without blanks is needed".to_owned()));
        }
        HostName::from_str(&format!("{prefix}01")).map_err(|e| (1, e.to_string()))?;
        let mpi = match form.fields.get(3).map_or(0, FormField::chosen) {
            1 => Some(MpiFamily::OpenMpi),
            2 => Some(MpiFamily::Mpich),
            _ => None,
        };
        // What was typed holds for the rest of the session.
        self.options.login.user = Some(user.to_owned());
        prefix.clone_into(&mut self.options.prefix);
        let request = SetupRequest {
            names: self
                .names
                .iter()
                .filter(|(id, _)| nodes.contains(id))
                .map(|(id, n)| (id.clone(), n.clone()))
                .collect(),
            prefix: prefix.to_owned(),
            head: form.fields.get(2).and_then(|f| nodes.get(f.chosen()).cloned()),
            mpi,
            only: Vec::new(),
            dry_run: false,
            yes: false,
            keys: KeyWork::default(),
            login: self.login(),
            nodes,
        };
        self.go(Screen::Setup);
        Ok(vec![Effect::Send(Request::Setup(request))])
    }

    fn submit_bench(&mut self, form: &Form) -> Result<Vec<Effect>, (usize, String)> {
        let whole = |index: usize| -> Result<Option<u64>, (usize, String)> {
            let text: String = form.text(index).chars().filter(|c| !matches!(c, ',' | '_' | ' ')).collect();
            if text.is_empty() {
                return Ok(None);
            }
            let number = text.parse::<u64>().ok().filter(|n| *n > 0);
            number.map(Some).ok_or_else(|| (index, format!("{:?} is no whole number from 1 on", form.text(index))))
        };
        let small = |index: usize| -> Result<Option<u32>, (usize, String)> {
            let number = whole(index)?;
            number.map(|n| u32::try_from(n).map_err(|_| (index, "at most 4,294,967,295".to_owned()))).transpose()
        };
        let mut request = self.last_bench.clone().unwrap_or_else(|| self.options.run_defaults.clone());
        let chosen = form.fields.get(BENCHMARK).map_or(0, FormField::chosen);
        if let Some(benchmark) = self.options.benchmarks.get(chosen) {
            request.workload.name.clone_from(&benchmark.name);
        }
        request.ranks = small(RANKS)?;
        request.workload.slices = small(SLICES)?;
        request.workload.slice_size = whole(SLICE_SIZE)?;
        request.repeat = small(REPEAT)?.unwrap_or(1);
        Ok(self.bench(request))
    }

    /// Starts a benchmark and shows it.
    pub(super) fn bench(&mut self, mut request: BenchRequest) -> Vec<Effect> {
        request.login = self.login();
        self.last_bench = Some(request.clone());
        self.go(Screen::Run);
        self.run = super::RunUi::default();
        vec![Effect::Send(Request::Bench(request))]
    }

    pub(super) fn bench_again(&mut self) -> Vec<Effect> {
        self.last_bench.clone().map_or_else(Vec::new, |request| self.bench(request))
    }

    pub(super) fn exec(&mut self, nodes: Vec<NodeId>, command: &str) -> Vec<Effect> {
        self.open(Window::Exec);
        let request = ExecRequest { nodes, command: command.to_owned(), timeout: None, login: self.login() };
        vec![Effect::Send(Request::Exec(request))]
    }

    pub(super) fn rename(&mut self, node: NodeId, name: &str) -> Result<Vec<Effect>, String> {
        let name = HostName::from_str(name).map_err(|e| e.to_string())?;
        let other = self.world.nodes.values().find(|n| n.id != node && self.name_of(n) == name.as_str());
        if let Some(other) = other.filter(|n| n.member.is_some() || self.names.contains_key(&n.id)) {
            return Err(format!("{name} is the name of {} already", other.id));
        }
        if self.world.nodes.get(&node).is_some_and(|n| n.member.is_some()) {
            let change = MemberChange { name: Some(name), ..MemberChange::default() };
            return Ok(vec![Effect::Send(Request::SetMember { node, change })]);
        }
        self.say(Level::Info, format!("it will be called {name} when it is set up"));
        self.names.insert(node, name);
        Ok(Vec::new())
    }

    pub(super) fn login(&self) -> Login {
        self.options.login.clone()
    }
}
