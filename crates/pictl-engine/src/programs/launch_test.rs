//! The launch test: without MPI no rank collects the results, so they are collected here, from the run's events.

use pictl_model::run::Stream;
use pictl_model::world::RunView;
use pictl_report::Check;

/// The number of ranks that reported a host of the plan and printed its name, once every rank is done. It does not measure a
/// time.
pub(super) fn result(view: &RunView) -> Option<(f64, f64)> {
    let everybody = view.ranks.values().filter(|rank| rank.done).count() >= view.plan.ranks as usize;
    everybody.then(|| (f64::from(right(view)), 0.0))
}

/// All of them must be right.
pub(super) fn check(value: f64, view: &RunView) -> Check {
    let all = f64::from(view.plan.ranks);
    let stray = view.ranks.iter().find(|(_, rank)| !rank.host.as_deref().is_some_and(|host| is_planned(view, host)));
    let problem = (value < all).then(|| match stray {
        Some((rank, view)) => {
            let host = view.host.as_deref().unwrap_or("an unknown host");
            format!("rank {rank} ran on {host}, which is not a node of this run")
        }
        None => format!("{value} of {all} ranks printed the name of their host"),
    });
    Check { expected: Some(all), tolerance: Some(0.0), problem }
}

fn right(view: &RunView) -> u32 {
    let of = |name: &str| {
        let said = view.ranks.values().filter(|rank| rank.host.as_deref().is_some_and(|host| is_same(host, name)));
        let printed = view.output.iter().filter(|line| line.stream == Stream::Out && is_same(&line.line, name));
        said.count().min(printed.count())
    };
    let hosts = view.plan.hosts.iter().map(|host| of(&host.name));
    u32::try_from(hosts.sum::<usize>()).unwrap_or(u32::MAX)
}

fn is_planned(view: &RunView, host: &str) -> bool {
    view.plan.hosts.iter().any(|planned| is_same(host, &planned.name))
}

/// A host may report its name with its domain.
fn is_same(host: &str, name: &str) -> bool {
    host.trim().split('.').next().is_some_and(|short| short.eq_ignore_ascii_case(name))
}
