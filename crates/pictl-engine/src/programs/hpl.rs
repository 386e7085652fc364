//! HPL: how large its matrix will be, how long that will take, and whether it solved what it was asked for.

use pictl_formats::hpcc;
use pictl_model::node::{Facts, MpiFamily};
use pictl_model::run::{Concern, Hpl, Map, Stream, Verdict};
use pictl_model::world::RunView;
use pictl_report::Check;
use pictl_report::reference::{self, Rating};

use crate::programs::Obstacle;

/// Default share of the free memory for the matrix. The rest is for the system, for MPI's buffers and for hpcc's other tests:
/// a Pi that swaps to its SD card does not respond for hours.
const MEMORY_PERCENT: u8 = 75;
/// Columns of a block that published runs on Pis use.
const BLOCK: u32 = 256;
/// Fewest blocks in a matrix, in each direction and for each process: with fewer, processes wait.
const BLOCKS: u32 = 8;
/// Most rows: no cluster of Pis has the memory for more, and it would take too long.
const MOST: u32 = 1_000_000;
/// Billions of operations a second that a core of an unknown board is assumed to do with OpenBLAS.
const ASSUMED: f64 = 2.0;
/// How many times slower the reference BLAS is than OpenBLAS (measured: 6 to 7 on a PC; less on small cores).
const REFERENCE_BLAS: f64 = 5.0;
/// What is left of a node's speed when processes of several nodes exchange data by a network.
const NETWORK: f64 = 0.85;

/// Seconds for those of hpcc's other tests that do not grow with the memory. Each of its six random access tests ends after at
/// most a minute; on small clusters one took five seconds.
const OTHERS: u32 = 60;
/// Cores of every board with a published result.
const CORES: f64 = 4.0;

/// A node as HPL sees it, in the order of the machinefile.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its slots.
    pub slots: u32,
    /// What else is known of it.
    pub facts: &'a Facts,
}

/// The complete parameters for what was `asked` for, with so many ranks on these nodes; or why that cannot be run.
pub fn settle(asked: &Hpl, ranks: u32, map: Map, places: &[Place<'_>], family: MpiFamily) -> Result<Hpl, Obstacle> {
    installed(places, family)?;
    let (p, q) = asked.grid.unwrap_or_else(|| grid(ranks));
    let processes = u64::from(p) * u64::from(q);
    if p == 0 || q == 0 || processes > u64::from(ranks) {
        let reason = format!("a grid of {p}x{q} needs {processes} ranks, and there are {ranks}");
        return Err((reason, "give more ranks with -n, or a smaller --grid".to_owned()));
    }
    let percent = asked.memory_percent.unwrap_or(MEMORY_PERCENT);
    let shares = place(p * q, map, places);
    let room = room(&shares, places)
        .ok_or_else(|| ("the nodes did not report their memory".to_owned(), "give the size with --size".to_owned()));
    let size = match asked.size {
        Some(size) => {
            let bytes = 8 * u64::from(size).pow(2);
            if room.as_ref().is_ok_and(|room| bytes > *room) {
                let reason =
                    format!("a matrix of {size} needs {} and there is room for {}", size_text(bytes), size_text(room?));
                return Err((reason, "give a smaller --size, or more nodes".to_owned()));
            }
            size
        }
        None => side((room? as f64 * f64::from(percent) / 100.0) as u64, asked.block, q),
    };
    let block = asked.block.unwrap_or_else(|| block(size, q));
    if block == 0 || size < block || size > MOST {
        let reason = format!("a matrix of {size} in blocks of {block} cannot be solved");
        return Err((reason, format!("give a --size of at least one --block and at most {MOST}")));
    }
    let estimate = estimate(size, &shares, places);
    Ok(Hpl {
        size: Some(size),
        block: Some(block),
        grid: Some((p, q)),
        memory_percent: Some(percent),
        estimate: Some(estimate),
    })
}

/// The arguments for the program.
pub(super) fn arguments(hpl: &Hpl, add: &mut impl FnMut(&str, String)) {
    let (p, q) = hpl.grid.unwrap_or((1, 1));
    add("--size", hpl.size.unwrap_or(0).to_string());
    add("--block", hpl.block.unwrap_or(0).to_string());
    add("--grid", format!("{p}x{q}"));
    add("--estimate", hpl.estimate.unwrap_or(0).to_string());
    add("--others", others(hpl).to_string());
}

/// What is printed before it begins: what it will do, how long that should take, and what the estimate is based on.
pub fn preface(hpl: &Hpl, places: &[Place<'_>]) -> Option<String> {
    let (size, (p, q)) = (hpl.size?, hpl.grid?);
    let memory = size_text(8 * u64::from(size).pow(2));
    let unknown: Vec<_> =
        places.iter().filter(|place| published(place.facts).is_none()).map(|place| place.name).collect();
    let ground = match &unknown[..] {
        [] => "by published results of such boards".to_owned(),
        [..] => format!("assuming {ASSUMED} GFLOPS a core on {}", unknown.join(", ")),
    };
    let slow: Vec<_> = places.iter().filter(|place| !is_fast(place.facts)).map(|place| place.name).collect();
    let slow = match &slow[..] {
        [] => String::new(),
        [..] => format!("; {} without OpenBLAS, which is several times slower", slow.join(", ")),
    };
    let (own, others) = (span(hpl.estimate?), span(others(hpl)));
    let block = hpl.block?;
    Some(format!(
        "HPL: N {size}, NB {block}, grid {p}x{q}, {memory} of memory; about {own} {ground}, after about {others} of hpcc's \
         other tests{slow}"
    ))
}

/// About how many seconds hpcc's other tests take. Two of them multiply matrices, one process by itself, as large as three of
/// them fit its share of HPL's memory: 2 n^3 operations with n = N / √(3 P Q), which are 1 / √(3 P Q) of HPL's time.
fn others(hpl: &Hpl) -> u32 {
    let (p, q) = hpl.grid.unwrap_or((1, 1));
    let multiply = f64::from(hpl.estimate.unwrap_or(0)) / (3.0 * f64::from(p) * f64::from(q)).sqrt();
    OTHERS + (2.0 * multiply) as u32
}

fn span(seconds: u32) -> String {
    if seconds < 120 { format!("{seconds} s") } else { format!("{} min", seconds.div_ceil(60)) }
}

/// A result is right when hpcc solved what was asked for, within HPL's own threshold. The expected speed cannot be computed.
pub(super) fn check(value: f64, view: &RunView) -> Check {
    let lines = view.output.iter().filter(|line| line.stream == Stream::Out).map(|line| line.line.as_str());
    let report = hpcc::read(lines);
    let asked = view.plan.workload.hpl.unwrap_or_default();
    let problem = if (report.size, report.block, report.grid) != (asked.size, asked.block, asked.grid) {
        let text = |size: Option<u32>, block: Option<u32>, grid: Option<(u32, u32)>| {
            let (p, q) = grid.unwrap_or_default();
            format!("N {} NB {} grid {p}x{q}", size.unwrap_or(0), block.unwrap_or(0))
        };
        let (solved, wanted) =
            (text(report.size, report.block, report.grid), text(asked.size, asked.block, asked.grid));
        Some(format!("hpcc solved {solved} instead of {wanted}"))
    } else if report.residuals.1 > 0 || report.residuals.0 == 0 {
        Some("the residual of HPL's solution is too large, or is missing: it is wrong".to_owned())
    } else if !report.success {
        Some("hpcc reports that it did not succeed".to_owned())
    } else if !(value > 0.0 && report.gflops.is_some_and(|gflops| (gflops - value).abs() <= value * 1e-3)) {
        Some(format!("the result is {value} GFLOPS, and its summary says {}", report.gflops.unwrap_or(0.0)))
    } else {
        None
    };
    Check { expected: None, tolerance: None, problem }
}

/// Compares a right result with published results of such boards; `None` when there are none, or when not every core took
/// part.
pub fn comparison(gflops: f64, hpl: &Hpl, places: &[Place<'_>]) -> Option<Concern> {
    let (p, q) = hpl.grid?;
    let slots: u32 = places.iter().map(|place| place.slots).sum();
    if p * q < slots {
        return None;
    }
    let models: Option<Vec<_>> = places.iter().map(|place| place.facts.model.as_deref()).collect();
    let found = reference::hpl(&models?, places.len(), gflops)?;
    let verdict = if found.rating == Rating::Right { Verdict::Valid } else { Verdict::Doubtful };
    Some(Concern { verdict, text: found.text })
}

/// Whether hpcc is on every node and belongs to the launcher: linked with another MPI, every rank would compute alone.
fn installed(places: &[Place<'_>], family: MpiFamily) -> Result<(), Obstacle> {
    let names = |of: &dyn Fn(&Facts) -> bool| {
        let places = places.iter().filter(|place| of(place.facts));
        places.map(|place| place.name).collect::<Vec<_>>().join(", ")
    };
    let missing = names(&|facts| facts.hpcc.is_none());
    if !missing.is_empty() {
        let hint = "install it: pictl exec -- sudo apt-get install -y hpcc libopenblas0-pthread";
        return Err((format!("hpcc is missing on {missing}"), hint.to_owned()));
    }
    let other = names(&|facts| facts.hpcc.and_then(|hpcc| hpcc.family).is_some_and(|linked| linked != family));
    if !other.is_empty() {
        let hint = "use the MPI that Debian links it with (setup --mpi), or build hpcc for this one";
        return Err((format!("hpcc on {other} is not linked with {family}"), hint.to_owned()));
    }
    Ok(())
}

/// P by Q for so many processes: as square as possible, and never higher than wide, since rows exchange more.
fn grid(ranks: u32) -> (u32, u32) {
    let p = (1..=ranks.isqrt()).rev().find(|p| ranks.is_multiple_of(*p)).unwrap_or(1);
    (p, ranks / p)
}

/// Processes on each node, as launchers place them; when all slots are taken, they start from the first node again.
fn place(processes: u32, map: Map, places: &[Place<'_>]) -> Vec<u32> {
    let slots = |place: &Place<'_>| place.slots.max(1);
    let all: u32 = places.iter().map(slots).sum();
    let (rounds, mut left) = (processes / all.max(1), processes % all.max(1));
    let mut shares: Vec<u32> = places.iter().map(|place| rounds * slots(place)).collect();
    let highest = places.iter().map(slots).max().unwrap_or(1);
    // So many at a time from each node that has as many left.
    let turns: Vec<u32> = match map {
        Map::Node => vec![1; highest as usize],
        Map::Slot => vec![highest],
    };
    for (taken, turn) in turns.into_iter().enumerate() {
        for (share, place) in shares.iter_mut().zip(places) {
            let some = slots(place).saturating_sub(taken as u32).min(turn).min(left);
            *share += some;
            left -= some;
        }
    }
    shares
}

/// Bytes that a matrix may have so that each node's share of it fits in that node's free memory.
fn room(shares: &[u32], places: &[Place<'_>]) -> Option<u64> {
    let processes: u64 = shares.iter().map(|share| u64::from(*share)).sum();
    let nodes = shares.iter().zip(places).filter(|(share, _)| **share > 0);
    let rooms = nodes.map(|(share, place)| {
        let kib = place.facts.mem_available_kib?;
        Some(kib.saturating_mul(1024).saturating_mul(processes) / u64::from(*share))
    });
    rooms.collect::<Option<Vec<_>>>()?.into_iter().min()
}

/// Rows of the largest matrix of whole blocks in so many bytes.
fn side(bytes: u64, asked: Option<u32>, q: u32) -> u32 {
    let most = u32::try_from((bytes / 8).isqrt()).unwrap_or(MOST).min(MOST);
    let block = asked.unwrap_or_else(|| block(most, q)).max(1);
    most / block * block
}

/// Columns of a block for a matrix of `size`: fewer when there would be too few blocks.
fn block(size: u32, q: u32) -> u32 {
    let enough = |block: &u32| size / block >= BLOCKS * q;
    [BLOCK, BLOCK / 2, BLOCK / 4].into_iter().find(enough).unwrap_or(BLOCK / 8)
}

/// Seconds for `size`, by the speed of the slowest core, which all others wait for.
fn estimate(size: u32, shares: &[u32], places: &[Place<'_>]) -> u32 {
    let n = f64::from(size);
    let operations = 2.0 / 3.0 * n.powi(3) + 1.5 * n.powi(2);
    let working = || shares.iter().zip(places).filter(|(share, _)| **share > 0);
    let slowest = working().map(|(share, place)| {
        let crowd = (f64::from(*share) / f64::from(place.slots.max(1))).max(1.0);
        published(place.facts).unwrap_or(ASSUMED) / crowd / if is_fast(place.facts) { 1.0 } else { REFERENCE_BLAS }
    });
    let processes: u32 = shares.iter().sum();
    let network = if working().count() > 1 { NETWORK } else { 1.0 };
    let gflops = slowest.fold(f64::INFINITY, f64::min) * f64::from(processes) * network;
    (operations / (gflops * 1e9)).ceil() as u32
}

/// GFLOPS of one core by published results of its board.
fn published(facts: &Facts) -> Option<f64> {
    reference::hpl_of_board(facts.model.as_deref()?).map(|gflops| gflops / CORES)
}

fn is_fast(facts: &Facts) -> bool {
    facts.hpcc.is_some_and(|hpcc| hpcc.open_blas)
}

fn size_text(bytes: u64) -> String {
    let mib = bytes as f64 / f64::from(1 << 20);
    if mib < 1024.0 { format!("{mib:.0} MiB") } else { format!("{:.1} GiB", mib / 1024.0) }
}
