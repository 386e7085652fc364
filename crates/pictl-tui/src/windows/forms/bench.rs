//! Which benchmark to run, and how large.

use pictl_model::NodeId;
use pictl_model::request::BenchRequest;

use super::{FormWindow, Purpose, Submitted, Wrong};
use crate::context::Context;
use crate::form::{Form, FormField};
use crate::jobs::start;

/// The fields.
const BENCHMARK: usize = 0;
const RANKS: usize = 1;
const SLICES: usize = 2;
const SLICE_SIZE: usize = 3;
const REPEAT: usize = 4;
const NODES: usize = 5;

/// Run a benchmark.
struct Bench;

/// Opens the form with the figures of the last benchmark, for the marked members, else for all.
pub(crate) fn open(cx: &mut Context) {
    let nodes = cx.marked_members();
    let chosen_names: Vec<String> = nodes.iter().map(|id| cx.called(id)).collect();
    let request = cx.last_bench.clone().unwrap_or_else(|| cx.options.run_defaults.clone());
    let shown = |n: Option<String>| n.unwrap_or_default();
    let all = &cx.options.benchmarks;
    let chosen = all.iter().position(|b| b.name == request.workload.name).unwrap_or(0);
    let names = all.iter().map(|b| format!("{}: {}", b.name, b.title)).collect();
    let fields = vec![
        FormField::choice("Benchmark", names, chosen, "its result is checked"),
        FormField::text("Ranks", &shown(request.ranks.map(|n| n.to_string())), ranks_note(cx, &nodes)),
        FormField::text(
            "Slices",
            &shown(request.workload.slices.map(|n| n.to_string())),
            "pieces of work, handed out one by one",
        ),
        FormField::text(
            "Slice size",
            &shown(request.workload.slice_size.map(|n| n.to_string())),
            "terms or numbers in one piece",
        ),
        FormField::text("Repeat", &request.repeat.max(1).to_string(), "runs, one after another"),
        FormField::text("Nodes", &chosen_names.join(","), "such as pi[01-02]; empty: all"),
    ];
    let form = Form {
        title: "Run a benchmark".to_owned(),
        intro: intro(cx, &nodes),
        fields,
        // What is chosen most often is how many ranks.
        focus: RANKS,
        error: None,
    };
    cx.open(FormWindow { form, purpose: Bench });
}

/// Where it runs.
fn intro(cx: &Context, nodes: &[NodeId]) -> String {
    format!("On {}.", cx.of_members(nodes))
}

/// What the number of ranks means.
fn ranks_note(cx: &Context, nodes: &[NodeId]) -> String {
    let slots = cx.slots(nodes).map(|n| format!(": {n}")).unwrap_or_default();
    format!("processes; empty: one for each core{slots}")
}

/// The members that the form names; none means all.
fn chosen_nodes(cx: &Context, form: &Form) -> Result<Vec<NodeId>, Wrong> {
    match form.text(NODES) {
        "" => Ok(Vec::new()),
        expr => cx.options.grammar.members(expr, &cx.line_context()).map_err(|why| (NODES, why)),
    }
}

impl Purpose for Bench {
    fn submit(&mut self, cx: &mut Context, form: &Form) -> Result<Submitted, Wrong> {
        let whole = |index: usize| -> Result<Option<u64>, Wrong> {
            let text: String = form.text(index).chars().filter(|c| !matches!(c, ',' | '_' | ' ')).collect();
            if text.is_empty() {
                return Ok(None);
            }
            let number = text.parse::<u64>().ok().filter(|n| *n > 0);
            number.map(Some).ok_or_else(|| (index, format!("{:?} is not a whole number from 1 up", form.text(index))))
        };
        let small = |index: usize| -> Result<Option<u32>, Wrong> {
            let number = whole(index)?;
            number.map(|n| u32::try_from(n).map_err(|_| (index, "at most 4,294,967,295".to_owned()))).transpose()
        };
        let mut request = BenchRequest { login: cx.login(), ..cx.options.run_defaults.clone() };
        let chosen = form.fields.get(BENCHMARK).map_or(0, FormField::chosen);
        if let Some(benchmark) = cx.options.benchmarks.get(chosen) {
            let last = cx.last_bench.as_ref().filter(|last| last.workload.name == benchmark.name);
            if let Some(last) = last {
                request.workload = last.workload.clone();
            }
            request.workload.name.clone_from(&benchmark.name);
        }
        request.ranks = small(RANKS)?;
        request.workload.slices = small(SLICES)?;
        request.workload.slice_size = whole(SLICE_SIZE)?;
        request.repeat = small(REPEAT)?.unwrap_or(1);
        request.nodes = chosen_nodes(cx, form)?;
        Ok(Submitted::Done(start::bench(cx, request)))
    }

    /// Another benchmark brings its own numbers along, other nodes their cores.
    fn edited(&self, cx: &Context, form: &mut Form) {
        if form.focus == NODES {
            // A name that is half typed says nothing yet.
            if let Ok(nodes) = chosen_nodes(cx, form) {
                form.intro = intro(cx, &nodes);
                if let Some(field) = form.fields.get_mut(RANKS) {
                    field.note = ranks_note(cx, &nodes);
                }
            }
            return;
        }
        if form.focus != BENCHMARK {
            return;
        }
        let chosen = form.fields.get(BENCHMARK).map_or(0, FormField::chosen);
        if let Some(benchmark) = cx.options.benchmarks.get(chosen) {
            form.set_text(SLICES, &benchmark.slices.map(|n| n.to_string()).unwrap_or_default());
            form.set_text(SLICE_SIZE, &benchmark.slice_size.map(|n| n.to_string()).unwrap_or_default());
        }
    }
}
