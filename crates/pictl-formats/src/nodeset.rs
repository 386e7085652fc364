//! Sets of nodes as people write them: `pi[01-04,07],10.0.0.9`.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use pictl_model::text::clean;
use thiserror::Error;

use crate::targets::Targets;

/// Most names of one expression.
const MOST: usize = 4_096;

/// An expression that does not select nodes.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NodesetError {
    /// It cannot be read.
    #[error("{text:?} is not a set of nodes: {why} (hint: pi01, pi[01-04], 10.0.0.31-34 and lists with commas work)")]
    Malformed {
        /// The part that cannot be read.
        text: String,
        /// Which rule it breaks.
        why: &'static str,
    },
    /// Parts of it name no node.
    #[error("no node is called {names} (hint: `pictl nodes` lists all)")]
    NoSuch {
        /// The names and addresses that nothing matches, folded.
        names: String,
    },
}

/// What a node can be selected by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeName {
    /// Its name in the cluster.
    pub name: String,
    /// Its address.
    pub address: IpAddr,
}

fn malformed(text: &str, why: &'static str) -> NodesetError {
    NodesetError::Malformed { text: clean(text, 60), why }
}

/// The indexes in `nodes` of those that `expr` names, in ascending order.
///
/// Names must all be there, with every number of a bracket; a range of addresses must hold at least one.
pub fn select(expr: &str, nodes: &[NodeName]) -> Result<Vec<usize>, NodesetError> {
    let mut selected = BTreeSet::new();
    let mut missing = Vec::new();
    let mut add = |term: &str, is_meant: &dyn Fn(&NodeName) -> bool| {
        let meant: Vec<usize> = (0..nodes.len()).filter(|&at| is_meant(&nodes[at])).collect();
        if meant.is_empty() {
            missing.push(term.to_owned());
        }
        selected.extend(meant);
    };
    for term in terms(expr)? {
        if let Ok(address) = term.parse::<IpAddr>() {
            add(term, &|node| node.address == address);
        } else if term.bytes().all(|b| b.is_ascii_digit() || b".-*/".contains(&b)) {
            let targets =
                Targets::parse(&[term.to_owned()]).map_err(|_| malformed(term, "it is not a range of addresses"))?;
            add(term, &|node| matches!(node.address, IpAddr::V4(a) if targets.contains(a)));
        } else {
            for name in expand(term)? {
                add(&name, &|node| node.name.eq_ignore_ascii_case(&name));
            }
        }
    }
    if missing.is_empty() {
        Ok(selected.into_iter().collect())
    } else {
        Err(NodesetError::NoSuch { names: clean(&fold(&missing), 200) })
    }
}

/// The parts between commas outside of brackets.
fn terms(expr: &str) -> Result<Vec<&str>, NodesetError> {
    let mut inside = false;
    let parts = expr.split(|c| {
        match c {
            '[' => inside = true,
            ']' => inside = false,
            _ => {}
        }
        c == ',' && !inside
    });
    let terms: Vec<&str> = parts.map(str::trim).filter(|term| !term.is_empty()).collect();
    if terms.is_empty() { Err(malformed(expr, "it is empty")) } else { Ok(terms) }
}

/// The names that a part with at most one bracket means.
fn expand(term: &str) -> Result<Vec<String>, NodesetError> {
    let no = |why| malformed(term, why);
    let Some((prefix, rest)) = term.split_once('[') else {
        let plain = !term.contains(']') && term.chars().all(|c| c.is_alphanumeric() || "-._:".contains(c));
        return if plain { Ok(vec![term.to_owned()]) } else { Err(no("a name has letters, digits, - and .")) };
    };
    let (ranges, suffix) = rest.split_once(']').ok_or_else(|| no("its bracket is not closed"))?;
    if suffix.contains(['[', ']']) {
        return Err(no("a name has at most one bracket"));
    }
    let mut names = Vec::new();
    for range in ranges.split(',') {
        let (low, high) = range.split_once('-').unwrap_or((range, range));
        let number = |text: &str| {
            text.parse::<u32>().ok().filter(|_| text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit()))
        };
        let (Some(from), Some(to)) = (number(low), number(high)) else {
            return Err(no("numbers are expected between its brackets"));
        };
        if from > to {
            return Err(no("a range is reversed"));
        }
        if (to - from) as usize >= MOST - names.len() {
            return Err(no("it means too many names"));
        }
        let width = low.len();
        names.extend((from..=to).map(|n| format!("{prefix}{n:0width$}{suffix}")));
    }
    Ok(names)
}

/// `names` in short: `pi01, pi02, pi03, lab` become `lab,pi[01-03]`. In order of the names, each once.
pub fn fold(names: &[String]) -> String {
    // Names that differ in the digits at their end only, by what comes before and how many digits they are.
    let mut groups: BTreeMap<(&str, usize), BTreeSet<u32>> = BTreeMap::new();
    for name in names {
        let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
        match name[stem.len()..].parse() {
            Ok(number) if name.len() - stem.len() <= 9 => {
                groups.entry((stem, name.len() - stem.len())).or_default().insert(number)
            }
            _ => groups.entry((name, 0)).or_default().insert(0),
        };
    }
    let folded = groups.iter().map(|(&(stem, width), numbers)| match (width, numbers.len()) {
        (0, _) => stem.to_owned(),
        (_, 1) => format!("{stem}{}", ranges(numbers, width)),
        _ => format!("{stem}[{}]", ranges(numbers, width)),
    });
    folded.collect::<Vec<_>>().join(",")
}

/// `1, 2, 3, 7` as `1-3,7`.
fn ranges(numbers: &BTreeSet<u32>, width: usize) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for &n in numbers {
        match runs.last_mut() {
            Some(run) if run.1 + 1 == n => run.1 = n,
            _ => runs.push((n, n)),
        }
    }
    let written = runs.iter().map(|&(from, to)| match to - from {
        0 => format!("{from:0width$}"),
        _ => format!("{from:0width$}-{to:0width$}"),
    });
    written.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn nodes() -> Vec<NodeName> {
        (1..=12).map(|n| NodeName { name: format!("pi{n:02}"), address: [10, 0, 0, 30 + n].into() }).collect()
    }

    fn strings(names: &[&str]) -> Vec<String> {
        names.iter().map(|&n| n.to_owned()).collect()
    }

    #[test]
    fn every_form_selects_its_nodes() {
        for (expr, expected) in [
            ("pi01", vec![0]),
            ("PI03, pi01", vec![0, 2]),
            ("pi[01-04]", vec![0, 1, 2, 3]),
            ("pi[01-02,09-10],pi12", vec![0, 1, 8, 9, 11]),
            ("10.0.0.31-34", vec![0, 1, 2, 3]),
            ("10.0.0.31", vec![0]),
            ("10.0.0.40-10.0.0.60", vec![9, 10, 11]),
            ("pi01,pi01,10.0.0.31", vec![0]),
        ] {
            assert_eq!(select(expr, &nodes()), Ok(expected), "{expr}");
        }
    }

    #[test]
    fn what_matches_nothing_is_named() {
        let missing = |expr| match select(expr, &nodes()) {
            Err(NodesetError::NoSuch { names }) => names,
            other => panic!("{other:?}"),
        };
        assert_eq!(missing("pi[11-14],lab,10.0.1.1-9"), "10.0.1.1-9,lab,pi[13-14]");
        assert_eq!(missing("10.0.9.9"), "10.0.9.9");
        // Another number of digits is another name.
        assert_eq!(missing("pi[1-2]"), "pi[1-2]");
    }

    #[test]
    fn malformed_sets_are_refused() {
        for bad in [
            "",
            " , ",
            "pi[",
            "pi[]",
            "pi[a]",
            "pi[3-1]",
            "pi[1-9999999]",
            "pi[1][2]",
            "pi]",
            "pi 1",
            "1.2.3",
            "pi[-1]",
            "pi[1-2-3]",
        ] {
            assert!(matches!(select(bad, &nodes()), Err(NodesetError::Malformed { .. })), "{bad}");
        }
    }

    #[test]
    fn names_fold_by_stem_and_digits() {
        assert_eq!(fold(&strings(&["pi01", "pi02", "pi03"])), "pi[01-03]");
        assert_eq!(fold(&strings(&["pi09", "pi10", "pi12", "head", "pi09"])), "head,pi[09-10,12]");
        assert_eq!(fold(&strings(&["pi9", "pi10", "pi8"])), "pi[8-9],pi10");
        assert_eq!(fold(&[]), "");
    }

    proptest! {
        #[test]
        fn a_folded_set_selects_the_same_nodes(places in prop::collection::btree_set(0usize..200, 1..40)) {
            let all: Vec<_> = (0..200u8)
                .map(|n| (n, if n % 3 == 0 { format!("pi{n}") } else { format!("node-{n:03}") }))
                .map(|(n, name)| NodeName { name, address: [10, 0, 0, n].into() })
                .collect();
            let names: Vec<String> = places.iter().map(|&at| all[at].name.clone()).collect();
            prop_assert_eq!(select(&fold(&names), &all), Ok(places.into_iter().collect::<Vec<_>>()));
        }

        #[test]
        fn garbage_never_panics(expr in any::<String>(), names in prop::collection::vec(any::<String>(), 0..4)) {
            let _ = select(&expr, &nodes());
            let _ = fold(&names);
        }
    }
}
