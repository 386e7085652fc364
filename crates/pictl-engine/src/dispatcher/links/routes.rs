//! Which route a login takes: user, address, port, keys and jump hosts. What was asked for
//! comes first, then what the inventory says, then what OpenSSH's configuration says.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use pictl_formats::ssh_config::{Hop, HostOptions};
use pictl_model::NodeId;
use pictl_model::event::{Event, Level};
use pictl_model::link::LinkFailure;
use pictl_model::node::Sighting;
use pictl_model::request::Login;
use pictl_model::world::NodeView;

use super::{Conn, Links, State};
use crate::dispatcher::journal::Journal;
use crate::input::Effect;
use crate::ports::ResolveError;

/// Most jump hosts on one route; more are taken for a circle.
const MOST_HOPS: usize = 8;
/// Key files that OpenSSH's configuration names, offered to one host: a server allows about six tries.
const MOST_FILES: usize = 2;
/// Lines of OpenSSH's configuration that are shown; more are only counted.
const PROBLEMS_SHOWN: usize = 5;
/// What to do about a route that leads nowhere.
const OTHER_ROUTE: &str = "check ProxyJump in ~/.ssh/config and the jump hosts of the nodes: pictl nodes list";
/// The user of Raspberry Pi OS.
pub(in crate::dispatcher) const USER: &str = "pi";

/// The route to one host.
#[derive(Clone, Debug)]
pub(super) struct Route {
    pub(super) address: SocketAddr,
    pub(super) user: String,
    /// Private key files to offer before the operator's usual key.
    pub(super) identities: Vec<PathBuf>,
    /// The agent's keys may be offered.
    pub(super) agent: bool,
    /// The jump host that it goes through.
    pub(super) via: Option<NodeId>,
}

/// Why no route is known yet.
pub(super) enum NoRoute {
    /// The address of a jump host is not known yet.
    NotYet,
    /// There is none. `passing`: there may be one a little later.
    Closed { failure: LinkFailure, why: String, hint: String, passing: bool },
}

impl NoRoute {
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
    /// Those that go through `jump` and for which `wanted` holds.
    pub(super) fn through(&self, jump: &NodeId, wanted: impl Fn(&Conn) -> bool) -> Vec<NodeId> {
        if !self.passed.contains(jump) {
            return Vec::new();
        }
        self.which(|conn| conn.via() == Some(jump) && wanted(conn))
    }
}

impl Links {
    /// Reports the lines of OpenSSH's configuration that are not followed.
    pub(super) fn report_config(&mut self, journal: &mut Journal) {
        let problems = std::mem::take(&mut self.ssh.problems);
        for problem in problems.iter().take(PROBLEMS_SHOWN) {
            journal.notice(Level::Warn, None, problem.to_string());
        }
        if problems.len() > PROBLEMS_SHOWN {
            let rest = problems.len() - PROBLEMS_SHOWN;
            journal.notice(Level::Warn, None, format!("{rest} more lines of ~/.ssh/config are not followed"));
        }
    }

    /// What OpenSSH's configuration says of a node, by its name in the cluster, the name it goes by, its address, or a name
    /// there that leads to one of these.
    fn options_of(&self, journal: &Journal, node: &NodeId) -> HostOptions {
        let view = journal.world.nodes.get(node);
        let address = view.and_then(NodeView::address).map(|a| a.to_string());
        let member = view.and_then(|n| n.member.as_ref()).map(|m| m.name.as_str());
        let seen = view.and_then(|n| n.sighting.as_ref()).and_then(|s| s.hostname.as_deref());
        let mut names: Vec<&str> = member.into_iter().chain(seen).chain(address.as_deref()).collect();
        let aliases: Vec<&str> = self.ssh.config.aliases_of(&names).collect();
        names.extend(aliases);
        self.ssh.config.lookup(&names, &self.ssh.home)
    }

    /// Whom to log in as on `node`.
    pub(in crate::dispatcher) fn user_of(&self, journal: &Journal, node: &NodeId, login: &Login) -> String {
        let said = login.user.clone().or_else(|| journal.member_of(node).map(|m| m.user.clone()));
        said.or_else(|| self.options_of(journal, node).user).unwrap_or_else(|| USER.to_owned())
    }

    /// The port of its SSH server. Where a scan has found one that answers, OpenSSH's configuration is not asked.
    pub(in crate::dispatcher) fn port_of(&self, journal: &Journal, node: &NodeId, login: &Login) -> u16 {
        let seen = journal.world.nodes.get(node).and_then(|n| n.sighting.as_ref());
        let answered = seen.filter(|s| s.ssh.is_some()).map(|s| s.port);
        let said = login.port.or_else(|| journal.member_of(node).map(|m| m.port)).or(answered);
        said.or_else(|| self.options_of(journal, node).port).or(seen.map(|s| s.port)).unwrap_or(22)
    }

    /// OpenSSH would run a program to reach `node`.
    pub(super) fn proxy_hint(&self, journal: &Journal, node: &NodeId) -> Option<String> {
        let straight = self.nodes.get(node).is_some_and(|conn| conn.via().is_none());
        let hint =
            "~/.ssh/config has a ProxyCommand for it, which pictl does not run; name a host to go through: --jump HOST";
        (straight && self.options_of(journal, node).proxy_command).then(|| hint.to_owned())
    }

    /// Begins a login that is wanted: as soon as its route is known, and the hosts on it are connected.
    pub(super) fn begin(&mut self, journal: &mut Journal, node: &NodeId) {
        self.begin_at(journal, node, 0);
    }

    /// The same for a host that stands `depth` hosts before the one that is wanted.
    fn begin_at(&mut self, journal: &mut Journal, node: &NodeId, depth: usize) {
        let route = match self.route_to(journal, node, depth) {
            Ok(route) => route,
            Err(NoRoute::NotYet) => return,
            Err(NoRoute::Closed { failure, why, hint, passing: false }) => {
                return self.link_failed(journal, node, failure, why, hint);
            }
            Err(NoRoute::Closed { failure, why, hint, passing: true }) => {
                return self.fail_for_now(journal, node, failure, why, hint);
            }
        };
        let via = route.via.clone();
        self.passed.extend(via.clone());
        self.change(node, |conn| conn.route = Some(route));
        let Some(via) = via else { return self.connect(journal, node) };
        if let Some(circle) = self.circle(journal, node, &via) {
            return self.link_failed(journal, node, LinkFailure::JumpHostLoop, circle, OTHER_ROUTE.into());
        }
        if self.is_up(&via) {
            self.connect(journal, node);
        } else if self.is_down(&via) {
            self.fail_behind(journal, node, &via);
        } else {
            let what = format!("the route through {}", journal.world.name_of(&via));
            self.link_waits(journal, node, State::Behind, what);
        }
    }

    /// The route to `node` through `via` leads through `node` itself: a message that names the circle.
    fn circle(&self, journal: &Journal, node: &NodeId, via: &NodeId) -> Option<String> {
        let mut route = vec![journal.world.name_of(node)];
        let mut at = via;
        while at != node {
            if route.len() > MOST_HOPS {
                return Some(too_long());
            }
            route.push(journal.world.name_of(at));
            let conn = self.nodes.get(at).filter(|c| !matches!(c.state, State::Up | State::Down))?;
            at = conn.via()?;
        }
        route.push(journal.world.name_of(node));
        Some(format!("the route leads in a circle: {}", route.join(" through ")))
    }

    fn route_to(&mut self, journal: &mut Journal, node: &NodeId, depth: usize) -> Result<Route, NoRoute> {
        if depth > MOST_HOPS {
            return Err(NoRoute::closed(LinkFailure::JumpHostLoop, too_long(), OTHER_ROUTE));
        }
        let view = journal.world.nodes.get(node);
        if let (None, Some(route)) = (view.and_then(|n| n.member.as_ref()), self.jump_hosts.get(node)) {
            let route = route.clone();
            if let Some(via) = &route.via {
                self.want_jump_host(journal, node, via, depth);
            }
            return Ok(route);
        }
        let Some(address) = view.and_then(NodeView::address) else {
            return Err(NoRoute::closed(LinkFailure::NoAddress, "its address is not known", "scan first"));
        };
        let login = self.login.clone();
        let options = self.options_of(journal, node);
        let member = journal.member_of(node);
        let asked = login.identity.clone().or_else(|| member.and_then(|m| m.identity.clone()));
        let jump = login.jump.as_ref().or_else(|| member.and_then(|m| m.jump.as_ref()));
        let hops = match jump {
            Some(text) => Hop::parse_list(text).map_err(|e| {
                let hint = "write [USER@]HOST[:PORT], several with commas between";
                NoRoute::closed(LinkFailure::JumpHostInvalid, e.to_string(), hint)
            })?,
            None => options.proxy_jump,
        };
        let address = SocketAddr::new(address, self.port_of(journal, node, &login));
        let user = self.user_of(journal, node, &login);
        let via = self.last_jump_host(journal, node, hops, depth)?;
        let agent = asked.is_none() && !options.identities_only;
        let identities = asked.map_or_else(|| first(options.identity_files), |asked| vec![asked]);
        Ok(Route { address, user, identities, agent, via })
    }

    /// The last of `hops`, each reached through the one before it. The list ends before `node`
    /// itself: the jump host of all others is reached directly.
    fn last_jump_host(
        &mut self,
        journal: &mut Journal,
        node: &NodeId,
        hops: Vec<Hop>,
        depth: usize,
    ) -> Result<Option<NodeId>, NoRoute> {
        let mut last = None;
        for hop in hops {
            let jump = self.jump_host(journal, node, &hop, last.as_ref(), depth)?;
            if jump == *node {
                break;
            }
            last = Some(jump);
        }
        Ok(last)
    }

    /// The connection to a host that others are reached through, `node` among them. A member is reached in its own route.
    fn jump_host(
        &mut self,
        journal: &mut Journal,
        node: &NodeId,
        hop: &Hop,
        before: Option<&NodeId>,
        depth: usize,
    ) -> Result<NodeId, NoRoute> {
        if depth > MOST_HOPS {
            return Err(NoRoute::closed(LinkFailure::JumpHostLoop, too_long(), OTHER_ROUTE));
        }
        let named = journal
            .world
            .nodes
            .values()
            .find(|n| n.member.as_ref().is_some_and(|m| m.name.as_str().eq_ignore_ascii_case(&hop.host)));
        if let Some(member) = named.map(|n| n.id.clone()) {
            return Ok(self.jump_member(journal, node, member, hop, depth));
        }
        let options = self.ssh.config.lookup(&[&hop.host], &self.ssh.home);
        let address = self.address_of(journal, hop, options.host_name.as_deref())?;
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
            interfaces: Vec::new(),
        };
        let jump = journal.identify(&seen);
        if journal.member_of(&jump).is_some() {
            return Ok(self.jump_member(journal, node, jump, hop, depth));
        }
        let via = if let Some(before) = before {
            Some(before.clone())
        } else {
            let own = options.proxy_jump.into_iter().take_while(|other| !other.host.eq_ignore_ascii_case(&hop.host));
            self.last_jump_host(journal, &jump, own.collect(), depth + 1)?
        };
        if self.is_down(&jump) {
            let user = hop.user.clone().or(options.user).unwrap_or_else(|| match self.ssh.user.as_str() {
                "" => USER.to_owned(),
                user => user.to_owned(),
            });
            let (identities, agent) = (first(options.identity_files), !options.identities_only);
            let route = Route { address: SocketAddr::new(address, port), user, identities, agent, via };
            self.jump_hosts.insert(jump.clone(), route);
        }
        // Screens need its name.
        if journal.world.nodes.get(&jump).is_none_or(|n| n.sighting.is_none()) {
            journal.publish(Event::Seen { node: jump.clone(), sighting: seen });
        }
        self.want_jump_host(journal, node, &jump, depth);
        Ok(jump)
    }

    fn jump_member(&mut self, journal: &mut Journal, node: &NodeId, jump: NodeId, hop: &Hop, depth: usize) -> NodeId {
        if jump != *node {
            let user = self.user_of(journal, &jump, &self.login);
            if hop.user.as_ref().is_some_and(|wished| *wished != user) && self.passed.insert(jump.clone()) {
                let text = format!("{} is in the cluster: the login there is that of {user}", hop.host);
                journal.notice(Level::Info, Some(&jump), text);
            }
            self.want_jump_host(journal, node, &jump, depth);
        }
        jump
    }

    /// The connection to `jump` is wanted as urgently as that to `node`.
    fn want_jump_host(&mut self, journal: &mut Journal, node: &NodeId, jump: &NodeId, depth: usize) {
        let quiet = self.nodes.get(node).is_none_or(|conn| conn.quiet);
        if self.is_down(jump) {
            self.want(journal, jump, quiet);
            self.begin_at(journal, jump, depth + 1);
        } else {
            self.want(journal, jump, quiet);
        }
    }

    fn address_of(&mut self, journal: &mut Journal, hop: &Hop, host_name: Option<&str>) -> Result<IpAddr, NoRoute> {
        let name = host_name.unwrap_or(&hop.host);
        if let Ok(address) = name.parse() {
            return Ok(address);
        }
        match self.names.0.get(name) {
            Some(Some(Ok(address))) => Ok(*address),
            Some(Some(Err(why))) => Err(NoRoute::Closed {
                failure: LinkFailure::NameNotResolved,
                why: format!("the route through {hop}: {why}"),
                hint: "check that name, or give its address".into(),
                passing: true,
            }),
            Some(None) => Err(NoRoute::NotYet),
            None => {
                self.names.0.insert(name.to_owned(), None);
                journal.effects.push(Effect::Resolve(name.to_owned()));
                Err(NoRoute::NotYet)
            }
        }
    }

    pub(in crate::dispatcher) fn resolved(
        &mut self,
        journal: &mut Journal,
        name: String,
        result: Result<IpAddr, ResolveError>,
    ) {
        self.names.0.insert(name, Some(result));
        self.connect_waiting(journal);
        self.settle(journal);
    }

    /// Closes the connections that nothing goes through any more.
    pub(super) fn drop_unused_jump_hosts(&mut self, journal: &mut Journal) {
        // A job at work may have chosen one of them.
        while journal.busy().is_none() {
            let used = |jump: &NodeId| self.nodes.values().any(|conn| conn.via() == Some(jump));
            let Some(jump) = self.jump_hosts.keys().find(|jump| !used(jump)).cloned() else { return };
            self.jump_hosts.remove(&jump);
            if journal.member_of(&jump).is_none() {
                self.drop_link(journal, &jump);
            }
        }
    }
}

fn first(mut files: Vec<PathBuf>) -> Vec<PathBuf> {
    files.truncate(MOST_FILES);
    files
}

fn too_long() -> String {
    format!("the route leads in a circle, or through more than {MOST_HOPS} jump hosts")
}
