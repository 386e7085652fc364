//! What the Keys screen shows: every route, with its symbol.

use pictl_model::event::PairProblem;
use pictl_model::link::LoginMethod;
use pictl_model::node::Link;
use pictl_model::step::{StepId, StepState};
use ratatui::style::Style;

use super::KeysScreen;
use super::routes::{Route, Routes, Tally};
use crate::context::Context;
use crate::keymap::Command;
use crate::theme::Theme;

/// What the Keys screen is made of.
pub(super) struct Look<'a> {
    pub(super) cx: &'a Context,
    pub(super) screen: &'a KeysScreen,
    pub(super) theme: Theme,
    pub(super) routes: Routes<'a>,
    pub(super) total: Tally,
}

impl<'a> Look<'a> {
    pub(super) fn of(screen: &'a KeysScreen, cx: &'a Context, theme: Theme) -> Self {
        let routes = Routes::of(cx);
        let mut total = Tally::default();
        routes.tallies.iter().for_each(|tally| total.add(*tally));
        Self { cx, screen, theme, routes, total }
    }

    pub(super) fn key(&self, command: Command) -> String {
        self.cx.key_of(command)
    }

    /// Why the last try of a pair did not work.
    pub(super) fn problem(&self, from: usize, to: usize) -> Option<&'a PairProblem> {
        let id = |node: usize| self.routes.nodes[node].id.clone();
        self.cx.world.pairs.get(&(id(from), id(to)))?.problem.as_ref()
    }

    /// Symbol and style of a route.
    pub(super) fn route(&self, route: Route) -> (&'static str, Style) {
        match route {
            Route::Untried => ("·", self.theme.dim()),
            Route::Trying(_) => ("?", self.theme.busy()),
            Route::Works(_) => ("✓", self.theme.ok()),
            Route::Fails(_) => ("✗", self.theme.bad()),
            Route::Stale(..) => ("~", self.theme.warn()),
        }
    }

    /// What setups of this session reported last of a step on a node.
    pub(super) fn step(&self, node: usize, step: StepId) -> Option<StepState> {
        let state = self.cx.world.mesh.step(&self.routes.nodes[node].id, step);
        state.filter(|state| !matches!(state, StepState::Pending | StepState::Skipped | StepState::Aborted))
    }

    /// It accepted a password, and nothing shows that it accepts your key by now.
    pub(super) fn needs_password(&self, node: usize) -> bool {
        let by_password = self.routes.nodes[node].login.as_ref().is_some_and(LoginMethod::is_password);
        by_password && !self.step(node, StepId::OperatorKey).is_some_and(StepState::is_good)
    }

    /// Some node needs a password.
    pub(super) fn any_password(&self) -> bool {
        (0..self.routes.len()).any(|node| self.needs_password(node))
    }

    /// Symbol and style of the route from this computer.
    pub(super) fn mine(&self, node: usize) -> (&'static str, Style) {
        match &self.routes.nodes[node].link {
            Link::Up if self.needs_password(node) => ("p", self.theme.warn()),
            Link::Up => ("✓", self.theme.ok()),
            Link::Connecting => ("?", self.theme.busy()),
            Link::Waiting { .. } => ("w", self.theme.warn()),
            Link::Idle => ("·", self.theme.dim()),
            Link::Lost { .. } | Link::Failed { .. } => ("✗", self.theme.bad()),
        }
    }
}
