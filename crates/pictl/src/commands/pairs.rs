//! Which node can log in to which: a matrix for a few nodes, a summary for many, and every failing pair with its reason.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use pictl_formats::nodeset;
use pictl_model::NodeId;
use pictl_model::event::PairProblem;
use pictl_model::step::{StepId, StepState};
use pictl_model::world::{SetupView, World};
use serde::Serialize;

use super::print;
use crate::front::out_json;

/// A matrix of more nodes does not fit on a terminal.
const MATRIX: usize = 12;

/// The outcome of one pair.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    Ok,
    Failed(PairProblem),
    /// Not tried, for this reason.
    Untried(PairProblem),
}

/// A pair as programs read it.
#[derive(Serialize)]
struct PairLine<'a> {
    from: &'a str,
    to: &'a str,
    ok: bool,
    why: Option<&'a str>,
    hint: Option<&'a str>,
}

/// All ordered pairs of a setup's nodes.
#[derive(Debug)]
pub(crate) struct Pairs {
    /// In the order of the plan.
    names: Vec<String>,
    /// By the places of both in `names`, without pairs of a node with itself.
    outcomes: BTreeMap<(usize, usize), Outcome>,
}

impl Pairs {
    /// The pairs of the nodes of the last setup; none when there was no setup.
    pub(crate) fn of(world: &World) -> Self {
        let Some(setup) = &world.setup else { return Self { names: Vec::new(), outcomes: BTreeMap::new() } };
        let nodes = &setup.plan.nodes;
        let mut outcomes = BTreeMap::new();
        for (i, from) in nodes.iter().enumerate() {
            for (j, to) in nodes.iter().enumerate().filter(|(j, _)| i != *j) {
                let state = match world.pairs.get(&(from.node.clone(), to.node.clone())) {
                    Some(pair) => pair.problem.clone().map_or(Outcome::Ok, Outcome::Failed),
                    None => Outcome::Untried(untried(setup, &from.node, &to.node)),
                };
                outcomes.insert((i, j), state);
            }
        }
        Self { names: nodes.iter().map(|n| n.name.to_string()).collect(), outcomes }
    }

    /// Some pair failed or was not tried.
    pub(crate) fn fail(&self) -> bool {
        self.outcomes.values().any(|outcome| *outcome != Outcome::Ok)
    }

    /// `54 of 56 pairs reach each other by key, without a question`.
    pub(crate) fn summary(&self) -> String {
        match self.outcomes.len() {
            0 => "there are no pairs: the cluster has one node".to_owned(),
            all => format!("{} of {all} pairs reach each other by key, without a question", self.good()),
        }
    }

    fn good(&self) -> usize {
        self.outcomes.values().filter(|outcome| **outcome == Outcome::Ok).count()
    }

    /// Prints one object per pair.
    pub(crate) fn print_json(&self) {
        for ((from, to), outcome) in &self.outcomes {
            let problem = match outcome {
                Outcome::Ok => None,
                Outcome::Failed(problem) | Outcome::Untried(problem) => Some(problem),
            };
            let pair = PairLine {
                from: &self.names[*from],
                to: &self.names[*to],
                ok: problem.is_none(),
                why: problem.map(|p| p.why.as_str()),
                hint: problem.map(|p| p.hint.as_str()),
            };
            out_json(&pair);
        }
    }

    /// Prints them for people.
    pub(crate) fn print(&self) {
        print::lines(&self.text());
    }

    fn text(&self) -> String {
        let mut text = match self.names.len() {
            0 | 1 => return String::new(),
            2..=MATRIX => self.matrix(),
            _ => self.by_node(),
        };
        for (from, to, problem) in self.problems() {
            // Writing to a string cannot fail.
            let _ = write!(text, "\n{from} -> {to}: {}", problem.why);
            if !problem.hint.is_empty() {
                let _ = write!(text, "\n    -> {}", problem.hint);
            }
        }
        text
    }

    fn matrix(&self) -> String {
        let mut heads = vec!["from \\ to"];
        heads.extend(self.names.iter().map(String::as_str));
        let mut table = print::table(&heads);
        for (i, from) in self.names.iter().enumerate() {
            let cells = (0..self.names.len()).map(|j| match self.outcomes.get(&(i, j)) {
                None => "-",
                Some(Outcome::Ok) => "ok",
                Some(Outcome::Failed(_)) => "FAILED",
                Some(Outcome::Untried(_)) => "not tried",
            });
            table.add_row(std::iter::once(from.as_str()).chain(cells));
        }
        table.trim_fmt()
    }

    /// How many nodes each one reaches, and how many reach it; nodes without failures share one line.
    fn by_node(&self) -> String {
        let others = self.names.len() - 1;
        let count = |part: fn(&(usize, usize)) -> usize, i: usize| {
            self.outcomes.iter().filter(|(pair, outcome)| part(pair) == i && **outcome == Outcome::Ok).count()
        };
        let counts: Vec<_> = (0..=others).map(|i| (count(|pair| pair.0, i), count(|pair| pair.1, i))).collect();
        let mut table = print::table(&["nodes", "reach", "are reached by"]);
        let well = |(from, to): (usize, usize)| from == others && to == others;
        let all_well: Vec<_> =
            self.names.iter().zip(&counts).filter(|(_, c)| well(**c)).map(|(name, _)| name.clone()).collect();
        let of = |n: usize| format!("{n} of {others}");
        if !all_well.is_empty() {
            table.add_row([nodeset::fold(&all_well), of(others), of(others)]);
        }
        for (name, (from, to)) in self.names.iter().zip(&counts).filter(|(_, c)| !well(**c)) {
            table.add_row([name.clone(), of(*from), of(*to)]);
        }
        table.trim_fmt()
    }

    /// All failures, nodes with the same problem together.
    fn problems(&self) -> Vec<(String, String, &PairProblem)> {
        let mut by_from: BTreeMap<(usize, &str, &str), (&PairProblem, Vec<String>)> = BTreeMap::new();
        for ((from, to), outcome) in &self.outcomes {
            if let Outcome::Failed(problem) | Outcome::Untried(problem) = outcome {
                let group = by_from.entry((*from, &problem.why, &problem.hint)).or_insert((problem, Vec::new()));
                group.1.push(self.names[*to].clone());
            }
        }
        let mut together: BTreeMap<(String, &str, &str), (&PairProblem, Vec<String>)> = BTreeMap::new();
        for ((from, why, hint), (problem, to)) in by_from {
            let group = together.entry((nodeset::fold(&to), why, hint)).or_insert((problem, Vec::new()));
            group.1.push(self.names[from].clone());
        }
        let mut problems: Vec<_> =
            together.into_iter().map(|((to, ..), (problem, from))| (nodeset::fold(&from), to, problem)).collect();
        problems.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
        problems
    }
}

/// Why a pair was not tried: what failed first on one of the two nodes.
fn untried(setup: &SetupView, from: &NodeId, to: &NodeId) -> PairProblem {
    let failed = [from, to].into_iter().find_map(|node| {
        let name = setup.plan.nodes.iter().find(|n| n.node == *node)?.name.to_string();
        let cells = setup.plan.steps.iter().map(|step| setup.cell(node, *step));
        let cell = cells.into_iter().find(|cell| matches!(cell.state, StepState::Failed | StepState::Aborted))?;
        Some((name, cell))
    });
    match failed {
        Some((name, cell)) => {
            PairProblem { why: format!("not tried: {name}: {}", cell.message), hint: cell.hint.unwrap_or_default() }
        }
        None => PairProblem {
            why: format!("not tried: {}", setup.cell(from, StepId::Pairs).message),
            hint: "`pictl keys check` tries it".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use pictl_model::event::{Event, Stamped, VERSION};
    use pictl_model::step::{SetupNode, SetupPlan, StepReport};
    use pictl_model::{JobId, Millis, Timestamp};

    use super::*;

    fn node(n: usize) -> NodeId {
        NodeId::from_address([10, 0, 0, u8::try_from(n).unwrap()].into(), 22)
    }

    /// After a check of `nodes` nodes; `problem` is what fails from one to another.
    fn world(nodes: usize, untried: Option<usize>, problem: impl Fn(usize, usize) -> Option<PairProblem>) -> World {
        let setup = |n| SetupNode { node: node(n), name: format!("pi{n:02}").parse().unwrap(), head: n == 1 };
        let plan = SetupPlan {
            job: JobId(1),
            nodes: (1..=nodes).map(setup).collect(),
            steps: vec![StepId::Connect, StepId::Facts, StepId::Pairs],
            dry_run: false,
        };
        let mut events = vec![Event::SetupStarted { plan }];
        if let Some(n) = untried {
            events.push(Event::Step {
                report: StepReport {
                    job: JobId(1),
                    node: node(n),
                    step: StepId::Connect,
                    state: StepState::Failed,
                    attempt: 1,
                    elapsed: Millis(1),
                    message: "nobody answers".into(),
                    hint: Some("check its power".into()),
                    change: Vec::new(),
                },
            });
        }
        for from in (1..=nodes).filter(|n| Some(*n) != untried) {
            for to in (1..=nodes).filter(|to| *to != from) {
                events.push(Event::Pair { from: node(from), to: node(to), problem: problem(from, to) });
            }
        }
        let mut world = World::default();
        for (i, event) in events.into_iter().enumerate() {
            world.apply(&Stamped { v: VERSION, seq: i as u64, at: Timestamp(0), event });
        }
        world
    }

    /// The login by key is refused, where `so`.
    fn refused(so: bool) -> Option<PairProblem> {
        so.then(|| PairProblem { why: "Permission denied".into(), hint: "run `pictl keys mesh`".into() })
    }

    #[test]
    fn some_nodes_are_a_matrix() {
        let pairs = Pairs::of(&world(3, None, |from, to| refused((from, to) == (2, 3))));
        assert!(pairs.fail());
        assert_eq!(pairs.summary(), "5 of 6 pairs reach each other by key, without a question");
        let text = pairs.text();
        let rows: Vec<Vec<_>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(rows[1..4], [["pi01", "-", "ok", "ok"], ["pi02", "ok", "-", "FAILED"], ["pi03", "ok", "ok", "-"]]);
        assert!(text.ends_with("pi02 -> pi03: Permission denied\n    -> run `pictl keys mesh`"), "{text}");
    }

    #[test]
    fn a_pair_that_was_not_tried_is_a_failure() {
        let pairs = Pairs::of(&world(3, Some(2), |_, to| refused(to == 2)));
        assert!(pairs.fail());
        let text = pairs.text();
        assert!(text.contains("pi02 -> pi[01,03]: not tried: pi02: nobody answers\n    -> check its power"), "{text}");
        assert!(text.contains("pi[01,03] -> pi02: Permission denied"), "{text}");
        assert_eq!(text.matches("not tried").count(), 3, "{text}");
    }

    #[test]
    fn many_nodes_are_a_summary() {
        let pairs = Pairs::of(&world(40, None, |from, to| refused(to == 7 && from != 8)));
        let text = pairs.text();
        let lines: Vec<_> = text.lines().map(|l| l.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(lines[1], "pi08 39 of 39 39 of 39");
        assert_eq!(lines[2], "pi01 38 of 39 39 of 39");
        assert!(lines.contains(&"pi07 39 of 39 1 of 39".to_owned()), "{text}");
        assert!(text.ends_with("pi[01-06,09-40] -> pi07: Permission denied\n    -> run `pictl keys mesh`"), "{text}");
        assert_eq!(pairs.summary(), "1522 of 1560 pairs reach each other by key, without a question");
    }

    #[test]
    fn all_well_and_nobody_else() {
        let pairs = Pairs::of(&world(20, None, |_, _| None));
        assert!(!pairs.fail());
        assert!(pairs.text().ends_with("19 of 19"), "{}", pairs.text());
        assert_eq!(pairs.text().lines().count(), 2);
        let alone = Pairs::of(&world(1, None, |_, _| None));
        assert!(!alone.fail() && alone.text().is_empty());
        assert_eq!(alone.summary(), "there are no pairs: the cluster has one node");
    }
}
