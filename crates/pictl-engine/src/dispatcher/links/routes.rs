//! Which way a login goes: whom to log in as, where, with which keys, and through which other hosts. What was asked for
//! comes first, then what the inventory says, then what OpenSSH's configuration says.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use pictl_formats::ssh_config::{Hop, HostOptions};
use pictl_model::NodeId;
use pictl_model::event::{Event, Level};
use pictl_model::link::LinkFailure;
use pictl_model::node::{Member, Sighting};
use pictl_model::request::Login;
use pictl_model::world::NodeView;

use super::{Conn, Links, State};
use crate::dispatcher::core::Core;
use crate::input::Effect;
use crate::ports::ResolveError;

/// Hosts one after another on a way; more than these go in a circle, or might as well.
const MOST_HOPS: usize = 8;
/// Key files that OpenSSH's configuration names, offered to one host: a server allows about six tries.
const MOST_FILES: usize = 2;
/// More lines of OpenSSH's configuration than these are only counted.
const PROBLEMS_TOLD: usize = 5;
/// What to do about a way that leads nowhere.
const OTHER_WAY: &str =
    "look at ProxyJump in ~/.ssh/config and at the hosts that nodes are reached through: pictl nodes list";
/// The user of Raspberry Pi OS.
pub(in crate::dispatcher) const USER: &str = "pi";

/// The way to one host.
#[derive(Clone, Debug)]
pub(super) struct Way {
    pub(super) address: SocketAddr,
    pub(super) user: String,
    /// Private key files to offer before the operator's usual key.
    pub(super) identities: Vec<PathBuf>,
    /// The agent's keys may be offered.
    pub(super) agent: bool,
    /// The host that it goes through.
    pub(super) via: Option<NodeId>,
}

/// Why there is no way yet.
pub(super) enum NoWay {
    /// The address of a host on it is being looked up.
    NotYet,
    /// There is none. `passing`: there may be one a little later.
    Closed { failure: LinkFailure, why: String, hint: String, passing: bool },
}

impl NoWay {
    fn closed(failure: LinkFailure, why: impl Into<String>, hint: &str) -> Self {
        Self::Closed { failure, why: why.into(), hint: hint.to_owned(), passing: false }
    }
}

/// Addresses of hosts by name, as far as they were looked up.
#[derive(Default)]
pub(super) struct Names(BTreeMap<String, Option<Result<IpAddr, ResolveError>>>);

impl Names {
    /// What could not be looked up is tried again.
    pub(super) fn ask_again(&mut self) {
        self.0.retain(|_, found| !matches!(found, Some(Err(_))));
    }
}

impl Links {
    /// Those that go through `gate` and for which `wanted` holds.
    pub(super) fn through(&self, gate: &NodeId, wanted: impl Fn(&Conn) -> bool) -> Vec<NodeId> {
        if !self.passed.contains(gate) {
            return Vec::new();
        }
        self.which(|conn| conn.via() == Some(gate) && wanted(conn))
    }
}

impl Core {
    fn member_of(&self, node: &NodeId) -> Option<&Member> {
        self.world.nodes.get(node)?.member.as_ref()
    }

    /// Tells of the lines of OpenSSH's configuration that are not followed.
    pub(super) fn tell_of_config(&mut self) {
        let problems = std::mem::take(&mut self.ssh.problems);
        for problem in problems.iter().take(PROBLEMS_TOLD) {
            self.notice(Level::Warn, None, problem.to_string());
        }
        if problems.len() > PROBLEMS_TOLD {
            let rest = problems.len() - PROBLEMS_TOLD;
            self.notice(Level::Warn, None, format!("{rest} more lines of ~/.ssh/config are not followed"));
        }
    }

    /// What OpenSSH's configuration says of a node, by its name in the cluster, the name it goes by, its address, or a name
    /// there that leads to one of these.
    fn options_of(&self, node: &NodeId) -> HostOptions {
        let view = self.world.nodes.get(node);
        let address = view.and_then(NodeView::address).map(|a| a.to_string());
        let member = view.and_then(|n| n.member.as_ref()).map(|m| m.name.as_str());
        let seen = view.and_then(|n| n.sighting.as_ref()).and_then(|s| s.hostname.as_deref());
        let mut names: Vec<&str> = member.into_iter().chain(seen).chain(address.as_deref()).collect();
        let aliases: Vec<&str> = self.ssh.config.aliases_of(&names).collect();
        names.extend(aliases);
        self.ssh.config.lookup(&names, &self.ssh.home)
    }

    /// Whom to log in as on `node`.
    pub(in crate::dispatcher) fn user_of(&self, node: &NodeId, login: &Login) -> String {
        let said = login.user.clone().or_else(|| self.member_of(node).map(|m| m.user.clone()));
        said.or_else(|| self.options_of(node).user).unwrap_or_else(|| USER.to_owned())
    }

    /// The port of its SSH server. Where a scan has found one that answers, OpenSSH's configuration is not asked.
    pub(in crate::dispatcher) fn port_of(&self, node: &NodeId, login: &Login) -> u16 {
        let seen = self.world.nodes.get(node).and_then(|n| n.sighting.as_ref());
        let answered = seen.filter(|s| s.ssh.is_some()).map(|s| s.port);
        let said = login.port.or_else(|| self.member_of(node).map(|m| m.port)).or(answered);
        said.or_else(|| self.options_of(node).port).or(seen.map(|s| s.port)).unwrap_or(22)
    }

    /// The private key file to offer on `node` before others, and the hosts to go through, as the inventory is to keep
    /// them: what it has, else what was asked for.
    pub(in crate::dispatcher) fn kept_way(&self, node: &NodeId, login: &Login) -> (Option<PathBuf>, Option<String>) {
        let member = self.member_of(node);
        let identity = member.and_then(|m| m.identity.clone()).or_else(|| login.identity.clone());
        (identity, member.and_then(|m| m.jump.clone()).or_else(|| login.jump.clone()))
    }

    /// OpenSSH would run a program to reach `node`.
    pub(super) fn proxy_hint(&self, node: &NodeId) -> Option<String> {
        let straight = self.links.nodes.get(node).is_some_and(|conn| conn.via().is_none());
        let hint =
            "~/.ssh/config has a ProxyCommand for it, which pictl does not run; name a host to go through: --jump HOST";
        (straight && self.options_of(node).proxy_command).then(|| hint.to_owned())
    }

    /// Begins a login that is wanted: as soon as its way is known, and the hosts on it are connected.
    pub(super) fn begin(&mut self, node: &NodeId) {
        self.begin_at(node, 0);
    }

    /// The same for a host that stands `depth` hosts before the one that is wanted.
    fn begin_at(&mut self, node: &NodeId, depth: usize) {
        let way = match self.way_to(node, depth) {
            Ok(way) => way,
            Err(NoWay::NotYet) => return,
            Err(NoWay::Closed { failure, why, hint, passing: false }) => {
                return self.link_failed(node, failure, why, hint);
            }
            Err(NoWay::Closed { failure, why, hint, passing: true }) => {
                return self.fail_for_now(node, failure, why, hint);
            }
        };
        let via = way.via.clone();
        self.links.passed.extend(via.clone());
        self.links.change(node, |conn| conn.way = Some(way));
        let Some(via) = via else { return self.connect(node) };
        if let Some(circle) = self.circle(node, &via) {
            return self.link_failed(node, LinkFailure::JumpHostLoop, circle, OTHER_WAY.into());
        }
        if self.is_up(&via) {
            self.connect(node);
        } else if self.is_down(&via) {
            self.fail_behind(node, &via);
        } else {
            let what = format!("the way through {}", self.world.name_of(&via));
            self.link_waits(node, State::Behind, what);
        }
    }

    /// The way to `node` through `via` leads through `node` itself: so it is told.
    fn circle(&self, node: &NodeId, via: &NodeId) -> Option<String> {
        let mut way = vec![self.world.name_of(node)];
        let mut at = via;
        while at != node {
            if way.len() > MOST_HOPS {
                return Some(too_long());
            }
            way.push(self.world.name_of(at));
            let conn = self.links.nodes.get(at).filter(|c| !matches!(c.state, State::Up | State::Down))?;
            at = conn.via()?;
        }
        way.push(self.world.name_of(node));
        Some(format!("the way there leads in a circle: {}", way.join(" through ")))
    }

    fn way_to(&mut self, node: &NodeId, depth: usize) -> Result<Way, NoWay> {
        if depth > MOST_HOPS {
            return Err(NoWay::closed(LinkFailure::JumpHostLoop, too_long(), OTHER_WAY));
        }
        let view = self.world.nodes.get(node);
        if let (None, Some(way)) = (view.and_then(|n| n.member.as_ref()), self.links.gates.get(node)) {
            let way = way.clone();
            if let Some(via) = &way.via {
                self.want_gate(node, via, depth);
            }
            return Ok(way);
        }
        let Some(address) = view.and_then(NodeView::address) else {
            return Err(NoWay::closed(LinkFailure::NoAddress, "its address is not known", "scan first"));
        };
        let login = self.links.login.clone();
        let options = self.options_of(node);
        let member = self.member_of(node);
        let asked = login.identity.clone().or_else(|| member.and_then(|m| m.identity.clone()));
        let jump = login.jump.as_ref().or_else(|| member.and_then(|m| m.jump.as_ref()));
        let hops = match jump {
            Some(text) => Hop::parse_list(text).map_err(|e| {
                let hint = "write [USER@]HOST[:PORT], several with commas between";
                NoWay::closed(LinkFailure::JumpHostInvalid, e.to_string(), hint)
            })?,
            None => options.proxy_jump,
        };
        let address = SocketAddr::new(address, self.port_of(node, &login));
        let user = self.user_of(node, &login);
        let via = self.last_gate(node, hops, depth)?;
        let agent = asked.is_none() && !options.identities_only;
        let identities = asked.map_or_else(|| first(options.identity_files), |asked| vec![asked]);
        Ok(Way { address, user, identities, agent, via })
    }

    /// The last of `hops`, each reached through the one before it. From `node` itself on they say nothing of the way to
    /// it: a host that all others are reached through is reached without.
    fn last_gate(&mut self, node: &NodeId, hops: Vec<Hop>, depth: usize) -> Result<Option<NodeId>, NoWay> {
        let mut last = None;
        for hop in hops {
            let gate = self.gate(node, &hop, last.as_ref(), depth)?;
            if gate == *node {
                break;
            }
            last = Some(gate);
        }
        Ok(last)
    }

    /// The connection to a host that others are reached through, `node` among them. A member is reached in its own way.
    fn gate(&mut self, node: &NodeId, hop: &Hop, before: Option<&NodeId>, depth: usize) -> Result<NodeId, NoWay> {
        if depth > MOST_HOPS {
            return Err(NoWay::closed(LinkFailure::JumpHostLoop, too_long(), OTHER_WAY));
        }
        let named = self
            .world
            .nodes
            .values()
            .find(|n| n.member.as_ref().is_some_and(|m| m.name.as_str().eq_ignore_ascii_case(&hop.host)));
        if let Some(member) = named.map(|n| n.id.clone()) {
            return Ok(self.gate_member(node, member, hop, depth));
        }
        let options = self.ssh.config.lookup(&[&hop.host], &self.ssh.home);
        let address = self.address_of(hop, options.host_name.as_deref())?;
        let port = hop.port.or(options.port).unwrap_or(22);
        let seen = Sighting {
            address,
            port,
            mac: None,
            vendor: None,
            hints: Vec::new(),
            hostname: Some(hop.host.clone()),
            ssh: None,
            rtt: None,
            seen_by: Vec::new(),
            others: Vec::new(),
            flags: Vec::new(),
        };
        let gate = self.identify(&seen);
        if self.member_of(&gate).is_some() {
            return Ok(self.gate_member(node, gate, hop, depth));
        }
        let via = if let Some(before) = before {
            Some(before.clone())
        } else {
            let own = options.proxy_jump.into_iter().take_while(|other| !other.host.eq_ignore_ascii_case(&hop.host));
            self.last_gate(&gate, own.collect(), depth + 1)?
        };
        if self.is_down(&gate) {
            let user = hop.user.clone().or(options.user).unwrap_or_else(|| match self.ssh.user.as_str() {
                "" => USER.to_owned(),
                user => user.to_owned(),
            });
            let (identities, agent) = (first(options.identity_files), !options.identities_only);
            let way = Way { address: SocketAddr::new(address, port), user, identities, agent, via };
            self.links.gates.insert(gate.clone(), way);
        }
        // Whoever shows it has to know what it is called.
        if self.world.nodes.get(&gate).is_none_or(|n| n.sighting.is_none()) {
            self.publish(Event::Seen { node: gate.clone(), sighting: seen });
        }
        self.want_gate(node, &gate, depth);
        Ok(gate)
    }

    fn gate_member(&mut self, node: &NodeId, gate: NodeId, hop: &Hop, depth: usize) -> NodeId {
        if gate != *node {
            let user = self.user_of(&gate, &self.links.login);
            if hop.user.as_ref().is_some_and(|wished| *wished != user) && self.links.passed.insert(gate.clone()) {
                let text = format!("{} is in the cluster: the login there is that of {user}", hop.host);
                self.notice(Level::Info, Some(&gate), text);
            }
            self.want_gate(node, &gate, depth);
        }
        gate
    }

    /// The connection to `gate` is wanted as urgently as that to `node`.
    fn want_gate(&mut self, node: &NodeId, gate: &NodeId, depth: usize) {
        let quiet = self.links.nodes.get(node).is_none_or(|conn| conn.quiet);
        if self.is_down(gate) {
            self.want(gate, quiet);
            self.begin_at(gate, depth + 1);
        } else {
            self.want(gate, quiet);
        }
    }

    fn address_of(&mut self, hop: &Hop, host_name: Option<&str>) -> Result<IpAddr, NoWay> {
        let name = host_name.unwrap_or(&hop.host);
        if let Ok(address) = name.parse() {
            return Ok(address);
        }
        match self.links.names.0.get(name) {
            Some(Some(Ok(address))) => Ok(*address),
            Some(Some(Err(why))) => Err(NoWay::Closed {
                failure: LinkFailure::NameNotResolved,
                why: format!("the way through {hop}: {why}"),
                hint: "check that name, or give its address".into(),
                passing: true,
            }),
            Some(None) => Err(NoWay::NotYet),
            None => {
                self.links.names.0.insert(name.to_owned(), None);
                self.effects.push(Effect::Resolve(name.to_owned()));
                Err(NoWay::NotYet)
            }
        }
    }

    pub(in crate::dispatcher) fn resolved(&mut self, name: String, result: Result<IpAddr, ResolveError>) {
        self.links.names.0.insert(name, Some(result));
        self.connect_waiting();
        self.settle();
    }

    /// Closes the connections that nothing goes through any more.
    pub(super) fn drop_unused_gates(&mut self) {
        // Whoever is at work may have chosen one of them itself.
        while self.busy().is_none() {
            let used = |gate: &NodeId| self.links.nodes.values().any(|conn| conn.via() == Some(gate));
            let Some(gate) = self.links.gates.keys().find(|gate| !used(gate)).cloned() else { return };
            self.links.gates.remove(&gate);
            if self.member_of(&gate).is_none() {
                self.drop_link(&gate);
            }
        }
    }
}

fn first(mut files: Vec<PathBuf>) -> Vec<PathBuf> {
    files.truncate(MOST_FILES);
    files
}

fn too_long() -> String {
    format!("the way there leads in a circle, or through more than {MOST_HOPS} hosts")
}
