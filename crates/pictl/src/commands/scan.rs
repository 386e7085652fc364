//! `pictl scan`.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use pictl_formats::targets::{Targets, WIDE};
use pictl_model::event::Event;
use pictl_model::node::Sighting;
use pictl_model::request::{Request, ScanRequest};
use pictl_model::text::clean;
use pictl_model::world::{NodeView, ScanView, World};
use pictl_model::{Millis, NodeId};
use pictl_net::scan::{Estimate, estimate, own_subnets};

use super::hosts::{self, found};
use crate::cli;
use crate::drive::{Session, confirm};
use crate::exit::{Exit, Trouble};
use crate::front::{Front, count, out, say};
use crate::secrets::Secrets;
use crate::wire::Setting;

/// How often a long scan shows its progress.
const PROGRESS: Duration = Duration::from_secs(1);

/// Finds and lists hosts, and adds the Raspberry Pis with `--save`; or watches who comes and goes.
pub(crate) async fn run(setting: &Setting, args: &cli::Scan) -> Result<Exit, Trouble> {
    let request = request(setting, args)?;
    let front = if setting.global.json {
        Front::Quiet
    } else {
        Front::Plain { verbose: setting.global.verbose > 0, plan: false, live: false }
    };
    let mut session = Session::start(setting, front, Secrets::default())?;
    let watch = request.every.is_some();
    let mut reporter = Reporter::new(setting.global.json);
    let over = |world: &World, event: &Event| {
        reporter.event(world, event);
        let ended = match event {
            Event::Watching { every } => every.is_none(),
            event => !watch && matches!(event, Event::ScanFinished { .. }),
        };
        ended || reporter.unread
    };
    let mut exit = session.go(Request::Scan(request), over).await?;
    if watch && exit == Exit::Cancelled && session.world.scanned {
        // A watch ends by being stopped.
        exit = Exit::Ok;
    }
    if args.save && exit == Exit::Ok {
        exit = save(&mut session, setting).await?;
    }
    Ok(session.end(exit).await)
}

/// What will be scanned, once you agreed to it.
fn request(setting: &Setting, args: &cli::Scan) -> Result<ScanRequest, Trouble> {
    let request = wanted(setting, args);
    match much(&request)? {
        Some(what) if !request.wide => agree(setting, request, &what),
        _ => Ok(request),
    }
}

/// The scan that `args` ask for.
pub(crate) fn wanted(setting: &Setting, args: &cli::Scan) -> ScanRequest {
    let mut request = setting.scan();
    if !args.targets.is_empty() {
        request.targets.clone_from(&args.targets);
    }
    request.exclude.extend_from_slice(&args.exclude);
    request.method = args.method.map_or(request.method, Into::into);
    request.interface = args.interface.clone().or(request.interface);
    request.thorough = args.thorough;
    request.every = args.watch.map(|seconds| Millis(1000 * seconds));
    request.wide = args.yes;
    request
}

/// The part of `request` that is too large to be scanned without a yes.
fn much(request: &ScanRequest) -> Result<Option<String>, Trouble> {
    let excluded = Targets::parse_excluded(&request.exclude).map_err(Trouble::usage)?;
    if request.targets.is_empty() {
        let networks = wide_networks(request.interface.as_deref());
        return Ok((!networks.is_empty()).then(|| networks.join(" and ")));
    }
    let named = Targets::parse(&request.targets).map_err(Trouble::usage)?;
    let targets = named.without(&excluded).map_err(Trouble::usage)?;
    Ok((targets.len() > WIDE).then(|| clean(&named.to_string(), 60)))
}

/// Asks whether to scan that much. The other networks of this computer are scanned in any case; the scan reports itself
/// which it leaves out.
fn agree(setting: &Setting, request: ScanRequest, what: &str) -> Result<ScanRequest, Trouble> {
    let (named, interactive) = (!request.targets.is_empty(), setting.interactive());
    if !named && !interactive {
        return Ok(request);
    }
    let wide = ScanRequest { wide: true, ..request.clone() };
    // The scan reports itself what is wrong with it.
    let Ok(Estimate { addresses, about }) = estimate(&wide) else { return Ok(request) };
    let many = format!("{what}: {addresses} addresses, about {}", Millis::from(about));
    if !interactive {
        return Err(Trouble::usage(anyhow::anyhow!("{many}; add --yes to scan more than {WIDE}")));
    }
    if confirm(&format!("{many}; scan them all? [y/N] ")) {
        Ok(wide)
    } else if named {
        Err(Trouble { exit: Exit::Cancelled, error: anyhow::anyhow!("nothing was scanned") })
    } else {
        Ok(request)
    }
}

/// The networks of this computer that are only scanned on request.
fn wide_networks(interface: Option<&str>) -> Vec<String> {
    let mut own = own_subnets().unwrap_or_default();
    own.retain(|subnet| 1 << (32 - subnet.net.prefix_len()) > WIDE);
    own.retain(|subnet| interface.is_none_or(|name| name == subnet.interface));
    own.iter().map(|subnet| format!("{} on {}", subnet.net, subnet.interface)).collect()
}

/// Adds the Raspberry Pis that were found to the inventory, and lists them.
async fn save(session: &mut Session, setting: &Setting) -> Result<Exit, Trouble> {
    let is_proxy = |host: &NodeView| host.sighting.as_ref().is_some_and(Sighting::is_proxied);
    let is_fresh = |host: &NodeView| host.is_pi() && host.member.is_none();
    let (proxied, fresh): (Vec<_>, Vec<_>) = found(&session.world).into_iter().filter(is_fresh).partition(is_proxy);
    if !proxied.is_empty() {
        let addresses = count(proxied.len() as u64, "address", "addresses");
        say(&format!("not added: {addresses} for which a router answers (proxy ARP)"));
    }
    // One address has one member. Which of the two answers there shows the next login, by the host key.
    let owner = |host: &NodeView| {
        let members = session.world.members().into_iter();
        let mut named =
            members.filter_map(|n| n.member.as_ref()).filter(|m| m.place().is_some() && m.place() == host.address());
        named.next().map(|member| member.name.to_string())
    };
    let (taken, fresh): (Vec<_>, Vec<_>) = fresh.into_iter().partition(|host| owner(host).is_some());
    for host in &taken {
        let name = owner(host).unwrap_or_default();
        say(&format!(
            "not added: {} answers at the address of {name}, perhaps with another network interface; the next login shows who it is",
            hosts::line(host)
        ));
    }
    let ids: Vec<NodeId> = fresh.iter().map(|host| host.id.clone()).collect();
    let exit = adopt(session, setting, ids).await?;
    for host in &fresh {
        say(&format!("{}: {} ({})", session.world.name_of(&host.id), hosts::line(host), hosts::pi(host)));
    }
    say(&format!("{} in the cluster {}", count(fresh.len() as u64, "new node", "new nodes"), setting.global.cluster));
    Ok(exit)
}

/// Scans `targets`; the hosts that answer. It is an error when none does.
pub(crate) async fn find(session: &mut Session, setting: &Setting, targets: &[String]) -> Result<Vec<NodeId>, Trouble> {
    let request = Request::Scan(setting.scan_for(targets));
    session.go(request, |_, event| matches!(event, Event::ScanFinished { .. })).await?;
    let nodes: Vec<_> = found(&session.world).into_iter().map(|n| n.id).collect();
    if nodes.is_empty() {
        let why = format!("nobody answers at {}; check power, cable and address", targets.join(","));
        return Err(Trouble::access(anyhow::anyhow!(why)));
    }
    Ok(nodes)
}

/// Adds `nodes` to the inventory and waits until that is done.
pub(crate) async fn adopt(session: &mut Session, setting: &Setting, nodes: Vec<NodeId>) -> Result<Exit, Trouble> {
    let left: Vec<_> =
        nodes.into_iter().filter(|id| session.world.nodes.get(id).is_some_and(|n| n.member.is_none())).collect();
    if left.is_empty() {
        return Ok(Exit::Ok);
    }
    let prefix = setting.prefix(None);
    let login = setting.login(false);
    let wanted = left.clone();
    let request = Request::Adopt { nodes: left, prefix, login };
    session
        .go(request, |world, _| wanted.iter().all(|id| world.nodes.get(id).is_some_and(|n| n.member.is_some())))
        .await
}

/// Reports hosts during a scan, and their changes while it is repeated.
struct Reporter {
    json: bool,
    /// Hosts that are present.
    there: BTreeSet<NodeId>,
    /// Hosts that came, went or moved since the last pass, in this order; reported at the end of a pass.
    changed: Vec<NodeId>,
    progress: Instant,
    /// Nobody reads the results any more.
    unread: bool,
}

impl Reporter {
    fn new(json: bool) -> Self {
        Self { json, there: BTreeSet::new(), changed: Vec::new(), progress: Instant::now(), unread: false }
    }

    fn event(&mut self, world: &World, event: &Event) {
        let Some(scan) = &world.scan else { return };
        match event {
            Event::Seen { node, .. } if self.there.insert(node.clone()) => {
                if scan.again {
                    self.note(node);
                } else if let Some(host) = world.nodes.get(node).filter(|_| !self.json) {
                    say(&hosts::line(host));
                }
            }
            Event::Moved { node, .. } => self.note(node),
            Event::Gone { node } => {
                self.there.remove(node);
                self.note(node);
            }
            Event::ScanProgress { asked, found } if self.is_slow(scan) => {
                self.progress = Instant::now();
                let waiting = if *asked < scan.addresses { "" } else { "; waiting for late answers" };
                let found = count(*found, "host", "hosts");
                say(&format!("asked {asked} of {} addresses, {found} found{waiting}", scan.addresses));
            }
            Event::ScanFinished { .. } if scan.again => {
                for host in std::mem::take(&mut self.changed).iter().filter_map(|node| world.nodes.get(node)) {
                    let line =
                        if self.json { hosts::changed_json(host).to_string() } else { hosts::changed_line(host) };
                    self.result(&line);
                }
            }
            Event::ScanFinished { .. } => {
                self.changed.clear();
                let found = found(world);
                if self.json {
                    for host in &found {
                        self.result(&hosts::json(host).to_string());
                    }
                } else if !found.is_empty() {
                    self.result(&hosts::table(&found).to_string());
                }
            }
            _ => {}
        }
    }

    /// It is time to show progress; later passes of a watch show none.
    fn is_slow(&self, scan: &ScanView) -> bool {
        !self.json && !scan.again && self.progress.elapsed() >= PROGRESS
    }

    fn note(&mut self, node: &NodeId) {
        if !self.changed.contains(node) {
            self.changed.push(node.clone());
        }
    }

    fn result(&mut self, line: &str) {
        self.unread |= !out(line);
    }
}
