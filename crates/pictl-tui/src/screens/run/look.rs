//! What the Run screen shows: the present, or the moment that was frozen, with every rank at its place.

use std::sync::LazyLock;

use pictl_model::run::RunHost;
use pictl_model::world::{NodeView, RankView, RunView, World};
use pictl_model::{Rank, Timestamp};

use super::RunScreen;
use super::pace::{Doing, Pace};
use crate::context::Context;
use crate::theme::Theme;

/// Ranks drawn at most; what a program reports as its size may be wrong.
const MOST: u32 = 100_000;

/// A rank of which nothing was heard.
static UNHEARD: LazyLock<RankView> = LazyLock::new(RankView::default);

/// A run at a moment, made once a picture.
pub(crate) struct Look<'a> {
    pub(crate) cx: &'a Context,
    pub(super) screen: &'a RunScreen,
    pub(crate) theme: Theme,
    pub(crate) world: &'a World,
    pub(crate) run: &'a RunView,
    pub(crate) now: Timestamp,
    pub(crate) pace: Pace,
    /// Every rank by its number.
    views: Vec<&'a RankView>,
    /// The ranks of the first host, of the second, and so on.
    order: Vec<Rank>,
    /// Where the ranks of each host begin among them, and where the last ends.
    starts: Vec<usize>,
}

impl<'a> Look<'a> {
    /// `None` when there is no run.
    pub(super) fn new(screen: &'a RunScreen, cx: &'a Context, theme: Theme) -> Option<Self> {
        let (world, now) = screen.seen(cx);
        let run = world.run.as_ref()?;
        let heard = run.ranks.keys().next_back().map_or(0, |r| r.0.saturating_add(1));
        let all = run.size.unwrap_or(run.plan.ranks).max(heard).min(MOST) as usize;
        let mut views: Vec<&RankView> = vec![&UNHEARD; all];
        for (rank, view) in &run.ranks {
            if let Some(place) = views.get_mut(rank.0 as usize) {
                *place = view;
            }
        }
        let (order, starts) = placement(&run.plan.hosts, &views);
        let pace = Pace::of(run, &views, now);
        Some(Self { cx, screen, theme, world, run, now, pace, views, order, starts })
    }

    /// The nodes of the run.
    pub(crate) fn hosts(&self) -> &'a [RunHost] {
        &self.run.plan.hosts
    }

    /// The program reports its work in slices.
    pub(crate) fn by_slices(&self) -> bool {
        self.run.slices.is_some_and(|all| all > 0) || self.run.slices_done() > 0
    }

    /// How many ranks there are.
    pub(crate) fn size(&self) -> usize {
        self.views.len()
    }

    /// The ranks on the host at this place of the plan.
    pub(crate) fn on(&self, host: usize) -> &[Rank] {
        &self.order[self.starts[host]..self.starts[host + 1]]
    }

    /// The largest number of ranks on one host.
    pub(crate) fn most_on_one(&self) -> usize {
        self.starts.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(0)
    }

    /// What is known of a rank.
    pub(crate) fn rank(&self, rank: Rank) -> &'a RankView {
        self.views.get(rank.0 as usize).copied().unwrap_or(&UNHEARD)
    }

    /// All ranks in the order of their numbers.
    pub(crate) fn ranks(&self) -> impl Iterator<Item = (Rank, &'a RankView)> {
        self.views.iter().enumerate().map(|(n, view)| (Rank(n as u32), *view))
    }

    /// What a rank does at this moment.
    pub(crate) fn doing(&self, rank: Rank) -> Doing {
        self.pace.doing(rank)
    }

    /// The host that a rank is on.
    pub(crate) fn host_of(&self, rank: Rank) -> Option<&'a RunHost> {
        let place = self.order.iter().position(|other| *other == rank)?;
        let host = self.starts.partition_point(|start| *start <= place).checked_sub(1)?;
        self.hosts().get(host)
    }

    /// What is known of the node at this place of the plan.
    pub(crate) fn node(&self, host: usize) -> Option<&'a NodeView> {
        self.world.nodes.get(&self.hosts().get(host)?.node)
    }

    /// The end of the time that is known: now, or the run's end.
    pub(crate) fn until(&self) -> Timestamp {
        self.run.summary.as_ref().map_or(self.now, |s| s.started.plus(s.elapsed))
    }

    /// The node that the cursor is on, by its place in the plan.
    pub(crate) fn selected(&self) -> Option<usize> {
        self.screen
            .place
            .node
            .map(|node| node.min(self.hosts().len().saturating_sub(1)))
            .filter(|_| !self.hosts().is_empty())
    }

    /// The only node to be shown, by its place in the plan.
    pub(crate) fn zoomed(&self) -> Option<usize> {
        self.selected().filter(|_| self.screen.place.zoom)
    }

    /// Widest name of a node, at most `most` columns.
    pub(crate) fn names(&self, most: usize) -> usize {
        self.hosts().iter().map(|h| crate::words::columns(&h.name)).max().unwrap_or(0).min(most)
    }
}

/// The ranks of each host: where they report to be, else where they will probably be.
fn placement(hosts: &[RunHost], views: &[&RankView]) -> (Vec<Rank>, Vec<usize>) {
    if hosts.is_empty() {
        return (Vec::new(), vec![0]);
    }
    // pictl has them handed out one to each node in turn, as long as slots last; then it begins again.
    let rounds = hosts.iter().map(|h| h.slots.max(1)).max().unwrap_or(1).min(1_024);
    let by_node: Vec<usize> =
        (0..rounds).flat_map(|round| (0..hosts.len()).filter(move |&i| hosts[i].slots.max(1) > round)).collect();
    let place = |n: usize| views[n].place.filter(|p| *p < hosts.len()).unwrap_or(by_node[n % by_node.len()]);
    let mut starts = vec![0; hosts.len() + 1];
    for n in 0..views.len() {
        starts[place(n) + 1] += 1;
    }
    for host in 0..hosts.len() {
        starts[host + 1] += starts[host];
    }
    let mut next = starts.clone();
    let mut order = vec![Rank(0); views.len()];
    for n in 0..views.len() {
        let at = &mut next[place(n)];
        order[*at] = Rank(n as u32);
        *at += 1;
    }
    (order, starts)
}
