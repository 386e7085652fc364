//! What hpcc writes about HPL: the row of the result, the residual, and the summary at its end.
//!
//! hpcc ends with exit status 0 and `Success=1` even when it solved another problem than requested, as with too few
//! processes for the grid. So the problem that it solved is read here and compared with the request.

/// What was found in hpcc's output.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HplReport {
    /// Rows and columns of the matrix (N).
    pub size: Option<u32>,
    /// Columns of a block (NB).
    pub block: Option<u32>,
    /// The grid of processes, P by Q.
    pub grid: Option<(u32, u32)>,
    /// Billions of floating-point operations a second.
    pub gflops: Option<f64>,
    /// Residuals that were within HPL's threshold, and those that were not.
    pub residuals: (u32, u32),
    /// hpcc reports success.
    pub success: bool,
}

/// Reads these lines of hpcc; others may be among them.
pub fn read<'a>(lines: impl IntoIterator<Item = &'a str>) -> HplReport {
    let mut report = HplReport::default();
    let (mut rows, mut columns) = (None, None);
    for line in lines.into_iter().map(str::trim) {
        if line.starts_with("||Ax-b||") {
            match line.rsplit(' ').next() {
                Some("PASSED") => report.residuals.0 += 1,
                _ => report.residuals.1 += 1,
            }
        }
        let Some((key, value)) = line.split_once('=') else { continue };
        match key {
            "HPL_N" => report.size = value.parse().ok(),
            "HPL_NB" => report.block = value.parse().ok(),
            "HPL_nprow" => rows = value.parse().ok(),
            "HPL_npcol" => columns = value.parse().ok(),
            "HPL_Tflops" => report.gflops = value.parse::<f64>().ok().map(|tera| tera * 1e3),
            "Success" => report.success = value == "1",
            _ => {}
        }
    }
    report.grid = rows.zip(columns);
    report
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// From hpcc 1.5.0, two ranks.
    const OUTPUT: &str = "\
T/V                N    NB     P     Q               Time                 Gflops
WR11C2R4        1024    64     1     2               0.01              6.099e+01
||Ax-b||_oo/(eps*(||A||_oo*||x||_oo+||b||_oo)*N)=        0.0030900 ...... PASSED
Success=1
CommWorldProcs=2
HPL_Tflops=0.0609932
HPL_time=0.011762
HPL_N=1024
HPL_NB=64
HPL_nprow=1
HPL_npcol=2";

    #[test]
    fn what_was_solved_is_read() {
        let report = read(OUTPUT.lines());
        assert_eq!((report.size, report.block, report.grid), (Some(1024), Some(64), Some((1, 2))));
        assert_eq!((report.residuals, report.success), ((1, 0), true));
        assert!((report.gflops.unwrap() - 60.9932).abs() < 1e-9);
    }

    #[test]
    fn a_failed_residual_and_a_failed_run_are_seen() {
        let report = read(OUTPUT.replace("PASSED", "FAILED").replace("Success=1", "Success=0").lines());
        assert_eq!((report.residuals, report.success), ((0, 1), false));
        assert_eq!(read(["||Ax-b||"]).residuals, (0, 1));
        assert_eq!(read(["hello", "HPL_N=many"]), HplReport::default());
    }

    proptest! {
        #[test]
        fn garbage_never_panics(line in "(HPL_N|HPL_Tflops|Success|=|[|]{2}Ax-b|[0-9.e+-]|.){0,12}") {
            read([line.as_str()]);
        }
    }
}
