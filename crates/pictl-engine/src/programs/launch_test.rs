//! The launch test: without MPI nobody gathers anything, so what it shows is gathered here, from what was seen of it.

use pictl_model::run::Stream;
use pictl_model::world::RunView;
use pictl_report::Check;

/// Ranks that said to be on a host of the plan and printed its name, once the last one was heard of. It takes no time of
/// its own that could be told.
pub(super) fn result(view: &RunView) -> Option<(f64, f64)> {
    let everybody = view.ranks.values().filter(|rank| rank.done).count() >= view.plan.ranks as usize;
    everybody.then(|| (f64::from(right(view)), 0.0))
}

/// All of them have to be right.
pub(super) fn check(value: f64, view: &RunView) -> Check {
    let all = f64::from(view.plan.ranks);
    let stray = view.ranks.iter().find(|(_, rank)| !rank.host.as_deref().is_some_and(|host| is_planned(view, host)));
    let problem = (value < all).then(|| match stray {
        Some((rank, view)) => {
            let host = view.host.as_deref().unwrap_or("an unknown host");
            format!("rank {rank} ran on {host}, which is no node of this run by its name")
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

/// A host may call itself by its name with its domain.
fn is_same(host: &str, name: &str) -> bool {
    host.trim().split('.').next().is_some_and(|short| short.eq_ignore_ascii_case(name))
}
