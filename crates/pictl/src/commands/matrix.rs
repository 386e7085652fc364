//! The figures measured between pairs of ranks, as a table.

use std::collections::BTreeMap;

use pictl_model::Rank;
use pictl_model::world::PairView;

use super::print::table;

/// Most ranks that fit in a line of a wide terminal; of more, only the slowest pairs are shown.
const WIDE: usize = 16;
/// How many pairs that is.
const SLOWEST: usize = 10;

/// Latencies above the diagonal and bandwidths below; empty where nothing was measured.
pub(crate) fn text(pairs: &BTreeMap<(Rank, Rank), PairView>) -> String {
    let Some(last) = pairs.keys().map(|(_, b)| b.0).max() else { return String::new() };
    if last as usize >= WIDE {
        return slowest(pairs);
    }
    let heads: Vec<_> = std::iter::once("rank".to_owned()).chain((0..=last).map(|r| r.to_string())).collect();
    let mut matrix = table(&heads.iter().map(String::as_str).collect::<Vec<_>>());
    for row in 0..=last {
        let cells = (0..=last).map(|column| {
            let pair = pairs.get(&(Rank(row.min(column)), Rank(row.max(column))));
            match pair {
                Some(pair) if row < column => latency(pair),
                Some(pair) => bandwidth(pair),
                None => (if row == column { "·" } else { "-" }).to_owned(),
            }
        });
        matrix.add_row(std::iter::once(row.to_string()).chain(cells));
    }
    format!("{matrix}\nabove: latency in µs, below: bandwidth in MB/s")
}

fn slowest(pairs: &BTreeMap<(Rank, Rank), PairView>) -> String {
    let mut rows: Vec<_> = pairs.iter().collect();
    rows.sort_by(|a, b| a.1.bandwidth.total_cmp(&b.1.bandwidth));
    let mut list = table(&["ranks", "latency in µs", "bandwidth in MB/s"]);
    for ((a, b), pair) in rows.iter().take(SLOWEST) {
        list.add_row([format!("{a} and {b}"), latency(pair), bandwidth(pair)]);
    }
    format!("the {} slowest of {} pairs\n{list}", SLOWEST.min(rows.len()), rows.len())
}

fn latency(pair: &PairView) -> String {
    format!("{:.1}", pair.latency * 1e6)
}

fn bandwidth(pair: &PairView) -> String {
    format!("{:.1}", pair.bandwidth / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(ranks: u32) -> BTreeMap<(Rank, Rank), PairView> {
        let pairs = (0..ranks).flat_map(|a| (a + 1..ranks).map(move |b| (a, b)));
        let view = |(a, b)| PairView { latency: f64::from(a * 10 + b) * 1e-6, bandwidth: f64::from(a * 10 + b) * 1e6 };
        pairs.map(|(a, b)| ((Rank(a), Rank(b)), view((a, b)))).collect()
    }

    #[test]
    fn each_pair_has_its_latency_above_and_its_bandwidth_below() {
        let mut pairs = measured(3);
        pairs.remove(&(Rank(1), Rank(2)));
        let lines: Vec<Vec<String>> =
            text(&pairs).lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect();
        assert_eq!(lines[0], ["rank", "0", "1", "2"]);
        assert_eq!(lines[1], ["0", "·", "1.0", "2.0"]);
        assert_eq!(lines[2], ["1", "1.0", "·", "-"]);
        assert_eq!(lines[3], ["2", "2.0", "-", "·"]);
        assert_eq!(text(&BTreeMap::new()), "");
    }

    #[test]
    fn of_many_ranks_the_slowest_pairs_are_shown() {
        let shown = text(&measured(17));
        assert!(shown.starts_with("the 10 slowest of 136 pairs") && shown.contains("0 and 1"), "{shown}");
        assert_eq!(shown.lines().count(), 12);
    }
}
