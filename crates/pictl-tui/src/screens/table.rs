//! Which columns of a table fit, and how wide they are.

/// A column: what it needs, what it would like, and how much it matters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// Below this width it is left out.
    pub(crate) min: usize,
    /// Wider than this is of no use.
    pub(crate) max: usize,
    /// Columns with a higher figure are left out first.
    pub(crate) rank: u8,
}

/// Blanks between two columns.
pub(crate) const GAP: usize = 2;

/// The width of each column, `None` for those left out. The most important column always stays.
pub(crate) fn widths(columns: &[Column], width: usize) -> Vec<Option<usize>> {
    let mut order: Vec<usize> = (0..columns.len()).collect();
    order.sort_by_key(|&i| columns[i].rank);
    let mut out = vec![None; columns.len()];
    let mut used = 0;
    for (nth, &i) in order.iter().enumerate() {
        let gap = if nth == 0 { 0 } else { GAP };
        let wanted = columns[i].min;
        if nth == 0 {
            out[i] = Some(wanted.min(width));
            used = wanted.min(width);
        } else if wanted > 0 && used + gap + wanted <= width {
            out[i] = Some(wanted);
            used += gap + wanted;
        }
    }
    // What is left goes to the columns that want more, the most important first.
    let mut left = width.saturating_sub(used);
    for &i in &order {
        if let Some(have) = &mut out[i] {
            let more = columns[i].max.saturating_sub(*have).min(left);
            *have += more;
            left -= more;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_important_columns_go_first_and_the_sum_fits() {
        let columns = [
            Column { min: 5, max: 10, rank: 1 },
            Column { min: 8, max: 8, rank: 0 },
            Column { min: 20, max: 30, rank: 2 },
        ];
        assert_eq!(widths(&columns, 100), [Some(10), Some(8), Some(30)]);
        assert_eq!(widths(&columns, 20), [Some(10), Some(8), None]);
        assert_eq!(widths(&columns, 8), [None, Some(8), None]);
        assert_eq!(widths(&columns, 3), [None, Some(3), None]);
        for width in 0..120 {
            let chosen: Vec<usize> = widths(&columns, width).into_iter().flatten().collect();
            assert!(chosen.iter().sum::<usize>() + GAP * chosen.len().saturating_sub(1) <= width);
        }
    }
}
