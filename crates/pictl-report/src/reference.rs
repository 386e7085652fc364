//! Published figures to compare a measurement with. Only HPL has them: nobody published times for the pi programs on known
//! boards, so there is nothing about those.

/// Published results of HPL for one board or one cluster of equal boards.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Published {
    /// How the board's model string goes on after `Raspberry Pi `.
    model: &'static str,
    /// What people call it.
    board: &'static str,
    nodes: usize,
    /// GFLOPS of all nodes together: the lowest, the usual and the highest.
    low: f64,
    usual: f64,
    high: f64,
    source: &'static str,
}

const fn one(
    model: &'static str,
    board: &'static str,
    [low, usual, high]: [f64; 3],
    source: &'static str,
) -> Published {
    Published { model, board, nodes: 1, low, usual, high, source }
}

const fn many(nodes: usize, board: &'static str, [low, usual, high]: [f64; 3], source: &'static str) -> Published {
    Published { model: board, board, nodes, low, usual, high, source }
}

/// One board each. Numbers with # are issues of geerlingguy/top500-benchmark, whose README has the table (HPL 2.3, BLIS or
/// OpenBLAS built for the board, governor `performance`; read in November 2026). The usual figure is the table's; the others
/// are those of early firmware, of a variant with less memory, and of tuned memory timing. Only of clusters is there a figure
/// for the Pi 3: "up to 60 GFLOPS" of 16 boards, counted here by the board.
const BOARDS: [Published; 8] = [
    one("Zero 2 W", "Pi Zero 2 W", [0.370, 0.370, 0.370], "top500-benchmark #26"),
    one("3 Model B", "Pi 3", [3.75, 3.75, 3.75], "Basford et al., FGCS 2019: a 16th of what 16 of them reached"),
    one("4 Model B", "Pi 4", [11.889, 11.889, 11.889], "top500-benchmark #13"),
    one("400", "Pi 400", [11.077, 11.077, 11.077], "top500-benchmark #49"),
    one("Compute Module 4", "CM4", [11.433, 11.433, 11.433], "top500-benchmark #33"),
    one("5 Model B", "Pi 5", [28.532, 35.169, 37.888], "top500-benchmark #18 and #51"),
    one("500", "Pi 500", [29.812, 35.586, 35.586], "top500-benchmark #50"),
    one("Compute Module 5", "CM5", [23.161, 32.152, 32.152], "top500-benchmark #48"),
];

/// Clusters of equal boards, from the same table.
const CLUSTERS: [Published; 4] = [
    many(4, "CM4", [44.942, 44.942, 51.327], "Turing Pi 2; the highest overclocked"),
    many(6, "CM4", [60.293, 60.293, 60.293], "DeskPi Super6c"),
    many(4, "CM5", [112.25, 138.57, 138.57], "top500-benchmark #63 and #96"),
    many(10, "CM5", [324.66, 324.66, 324.66], "top500-benchmark #68"),
];

/// What the clusters above reach of the sum of their boards: 6 CM4 60.3 of 68.6, 4 CM5 138.6 of 128.6.
const OF_THE_SUM: (f64, f64) = (0.87, 1.08);
/// Down to this share of the lowest a measurement counts as right, since a distribution's OpenBLAS is not built for the board, and
/// up to that share of the highest, since boards and firmware differ. A judgement of ours, not a publication.
const PACKAGED: f64 = 0.8;
/// See [`PACKAGED`].
const OVERCLOCKED: f64 = 1.15;

/// How a measurement compares with what was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rating {
    /// As others found it.
    Right,
    /// Lower than it should be.
    Low,
    /// Higher than anybody published.
    High,
}

/// A measurement beside what was published.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// How it compares.
    pub rating: Rating,
    /// The measurement over the usual published figure.
    pub share: f64,
    /// The same in a sentence, with its source and, where it seems wrong, the usual reasons.
    pub text: String,
}

/// Compares an HPL result in GFLOPS, measured on `nodes` nodes of these models (`/proc/device-tree/model`, each at least
/// once), with published figures. `None` when there are none for some model.
///
/// HPL gives every node the same share, so among different boards the slowest decides.
pub fn hpl(models: &[&str], nodes: usize, gflops: f64) -> Option<Comparison> {
    let boards: Option<Vec<&Published>> = models.iter().map(|model| board(model)).collect();
    let slowest = boards?.into_iter().min_by(|a, b| a.usual.total_cmp(&b.usual))?;
    if nodes == 0 || !gflops.is_finite() || gflops <= 0.0 {
        return None;
    }
    let mixed = models.iter().any(|model| board(model) != Some(slowest));
    let alike = CLUSTERS.iter().find(|c| !mixed && (c.board, c.nodes) == (slowest.board, nodes));
    let (low, usual, high, published) = if let Some(p) = alike.or((nodes == 1).then_some(slowest)) {
        let count = if p.nodes == 1 { "a".to_owned() } else { p.nodes.to_string() };
        let text = format!("{:.1} GFLOPS {} published for {count} {} ({})", p.usual, range(p), p.board, p.source);
        (p.low, p.usual, p.high, text)
    } else {
        let n = nodes as f64;
        let usual = n * slowest.usual;
        let which = if mixed { "the slowest board, a" } else { "a" };
        let text = format!(
            "{nodes} times the {:.1} GFLOPS published for {which} {} ({}) are {usual:.1}, of which published clusters reach \
             {:.0} to {:.0} %",
            slowest.usual,
            slowest.board,
            slowest.source,
            OF_THE_SUM.0 * 100.0,
            OF_THE_SUM.1 * 100.0
        );
        (n * slowest.low * OF_THE_SUM.0, usual, n * slowest.high * OF_THE_SUM.1, text)
    };
    let rating = match gflops {
        g if g < low * PACKAGED => Rating::Low,
        g if g > high * OVERCLOCKED => Rating::High,
        _ => Rating::Right,
    };
    let share = gflops / usual;
    let why = match rating {
        Rating::Right => "that looks right",
        Rating::Low if nodes == 1 => "swapping, throttling, a small N or the reference BLAS are the usual reasons",
        Rating::Low => "swapping, throttling, a small N, the reference BLAS or a slow network are the usual reasons",
        Rating::High => "overclocked boards or a wrong result are the usual reasons",
    };
    let text = format!("{published}; this is {gflops:.1}, {:.0} %: {why}", share * 100.0);
    Some(Comparison { rating, share, text })
}

/// What HPL usually reaches on one board of this model, in GFLOPS, as published; `None` when nothing was.
pub fn hpl_of_board(model: &str) -> Option<f64> {
    board(model).map(|p| p.usual)
}

fn board(model: &str) -> Option<&'static Published> {
    let model = model.strip_prefix("Raspberry Pi ")?;
    let names = |p: &&Published| {
        // `3 Model B` stands for `3 Model B Plus` too and `500` for `500+`, but `Compute Module 4` not for `… 4S`.
        model.strip_prefix(p.model).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '+']))
    };
    BOARDS.iter().find(names)
}

fn range(p: &Published) -> String {
    if p.low < p.high { format!("(from {:.1} to {:.1}) are", p.low, p.high) } else { "are".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PI5: &str = "Raspberry Pi 5 Model B Rev 1.0";
    const PI4: &str = "Raspberry Pi 4 Model B Rev 1.5";
    const CM4: &str = "Raspberry Pi Compute Module 4 Rev 1.0";
    const CM5: &str = "Raspberry Pi Compute Module 5 Rev 1.0";

    fn rating(models: &[&str], nodes: usize, gflops: f64) -> Rating {
        hpl(models, nodes, gflops).expect("a comparison").rating
    }

    #[test]
    fn a_slow_pi_5_is_told_what_others_reach() {
        let found = hpl(&[PI5], 1, 12.1).expect("a comparison");
        assert_eq!(found.rating, Rating::Low);
        assert_eq!(
            found.text,
            "35.2 GFLOPS (from 28.5 to 37.9) are published for a Pi 5 (top500-benchmark #18 and #51); this is 12.1, 34 %: \
             swapping, throttling, a small N or the reference BLAS are the usual reasons"
        );
        assert!((found.share - 0.344).abs() < 1e-3);
    }

    #[test]
    fn what_was_published_looks_right() {
        for p in BOARDS.iter().filter(|p| p.board != "Pi 3") {
            let model = format!("Raspberry Pi {} Rev 1.0", p.model);
            for gflops in [p.low, p.usual, p.high] {
                assert_eq!(rating(&[&model], 1, gflops), Rating::Right, "{model}");
            }
        }
        for p in CLUSTERS {
            let model = if p.board == "CM4" { CM4 } else { CM5 };
            for gflops in [p.low, p.usual, p.high] {
                assert_eq!(rating(&[model], p.nodes, gflops), Rating::Right, "{} {}", p.nodes, p.board);
            }
        }
        assert_eq!(rating(&["Raspberry Pi 3 Model B Plus Rev 1.3"], 16, 60.0), Rating::Right);
    }

    #[test]
    fn the_clusters_stay_within_the_share_of_the_sum_that_is_told() {
        for p in CLUSTERS {
            let single = BOARDS.iter().find(|b| b.board == p.board).expect("a board").usual * p.nodes as f64;
            let share = p.usual / single;
            assert!((OF_THE_SUM.0..=OF_THE_SUM.1).contains(&share), "{} {}: {share}", p.nodes, p.board);
        }
    }

    #[test]
    fn what_an_independent_user_got_on_a_pi_4_does_not_look_right() {
        // top500-benchmark #90: 4.5 GFLOPS on a Pi 4, unexplained; and 28.5 on a Pi 5.
        assert_eq!(rating(&[PI4], 1, 4.5), Rating::Low);
        assert_eq!(rating(&[PI5], 1, 28.5), Rating::Right);
        assert_eq!(rating(&[PI4], 1, 20.0), Rating::High);
    }

    #[test]
    fn unpublished_clusters_are_compared_with_the_sum_of_their_boards_and_mixed_ones_with_the_slowest() {
        let found = hpl(&[PI4], 8, 50.0).expect("a comparison");
        assert!(
            found.text.starts_with("8 times the 11.9 GFLOPS published for a Pi 4 (top500-benchmark #13) are 95.1, ")
        );
        assert_eq!(found.rating, Rating::Low);
        let found = hpl(&[PI5, PI4, PI5, PI4], 4, 44.0).expect("a comparison");
        assert!(found.text.contains("published for the slowest board, a Pi 4 ("), "{}", found.text);
        assert_eq!(found.rating, Rating::Right);
    }

    #[test]
    fn where_nothing_was_published_nothing_is_said() {
        for (models, nodes, gflops) in [
            (&["Virtual PC"][..], 1, 10.0),
            (&["Raspberry Pi 2 Model B Rev 1.1"], 1, 1.0),
            (&["Raspberry Pi Compute Module 4S Rev 1.0"], 1, 10.0),
            (&[PI5, "Orange Pi 5"], 2, 10.0),
            (&[], 1, 10.0),
            (&[PI5], 0, 10.0),
            (&[PI5], 1, f64::NAN),
            (&[PI5], 1, 0.0),
        ] {
            assert_eq!(hpl(models, nodes, gflops), None, "{models:?} {gflops}");
        }
        assert!(hpl(&["Raspberry Pi 500+ Rev 1.0"], 1, 33.0).is_some());
    }
}
