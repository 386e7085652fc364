//! What a program's own words say of its size: `rank 0 of 1`, as nearly every first MPI program prints it.
//!
//! A program that belongs to another MPI than the launcher is started so many times and is alone each time. It ends well, and
//! its words are often the only sign.

use std::sync::LazyLock;

use regex::Regex;

/// The number of a rank and the number of all ranks, as a line of a program gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Its number, from 0.
    pub rank: u32,
    /// How many there are.
    pub size: u32,
}

/// Longest line that is searched, in bytes. Greetings are short.
const LONGEST: usize = 400;

/// `rank 3 of 8`, `Process 3 out of 8`, `I am 3 of 8`, `rank: 3/8`, `proceso 3 de 8`.
const OF: &str = r"(?i)\b(?:rank|process(?:or|us)?|proc|mpi task|proceso|rango|rang|prozess|i am|i'm|soy)(?: *(?:number|num|no\.?|nr\.?|id|#))? *[:=#]? *\(?(?P<rank>\d{1,6}) *(?:/|,? (?:out )?of|from|de|von|sur)(?: (?:a total of|total|size))? *(?P<size>\d{1,6})\b";
/// `rank=3 size=8`, `rank: 3, world size: 8`, `rank 3 (of 8)`, `my rank = 3 nprocs = 8`.
const RANK_SIZE: &str = r"(?i)\brank *(?:is|[:=])? *(?P<rank>\d{1,6})\b[^0-9]{0,30}?\b(?:(?:world|comm)?[ _]?size|nprocs|numprocs|ranks|processes|procs) *(?:is|[:=])? *(?P<size>\d{1,6})\b";
/// `size=8 rank=3`, `Number of tasks= 8 My rank= 3`, `size: 8, rank: 3`.
const SIZE_RANK: &str = r"(?i)\b(?:(?:world|comm)?[ _]?size|nprocs|numprocs|number of (?:mpi )?(?:tasks|ranks|processes)) *(?:is|[:=])? *(?P<size>\d{1,6})\b[^0-9]{0,30}?\brank *(?:is|[:=])? *(?P<rank>\d{1,6})\b";
/// Words of a line that speaks of a part of the ranks, or of work that is counted.
const OF_A_PART: &str = r"(?i)\b(?:row|col|column|sub\w*|split|group|local|node|shared|intra|inter|team|color|step|steps|iteration|iter|item|items|chunk|slice|block|file|job|jobs|%)\b";

static FORMS: LazyLock<Vec<Regex>> =
    LazyLock::new(|| [OF, RANK_SIZE, SIZE_RANK].iter().filter_map(|form| Regex::new(form).ok()).collect());
static PART: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(OF_A_PART).ok());

/// The claim in a line of a program's output, if there is one. A line that speaks of something else than all ranks has none.
pub fn claim(line: &str) -> Option<Claim> {
    // Nearly all lines are sorted out here: no number, or too long.
    if line.len() > LONGEST || !line.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let found = FORMS.iter().find_map(|form| form.captures(line))?;
    let number = |name: &str| found.name(name)?.as_str().parse().ok();
    let claim = Claim { rank: number("rank")?, size: number("size")? };
    let of_a_part = PART.as_ref().is_some_and(|part| part.is_match(line));
    (claim.rank < claim.size && !of_a_part).then_some(claim)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn greetings_of_usual_programs_are_understood() {
        for (line, rank, size) in [
            ("rank 0 of 1", 0, 1),
            ("Rank: 2 of 3 on pi02", 2, 3),
            ("Hello world from processor pi01, rank 0 out of 1 processors", 0, 1),
            ("Hello, World! I am process 3 of 8 on pi04.", 3, 8),
            ("Hello, world, I am 0 of 1, (Open MPI v4.1.4, package: Debian OpenMPI, 110)", 0, 1),
            ("Process 0 of 1 is on pi01", 0, 1),
            ("Greetings from process 1 of 4!", 1, 4),
            ("rank=0 size=1", 0, 1),
            ("[pi01] rank = 2, size = 4", 2, 4),
            ("rank 1/4: hello", 1, 4),
            ("my rank is 0, world size is 1", 0, 1),
            ("size=4 rank=3", 3, 4),
            ("Number of tasks= 1 My rank= 0 Running on pi01", 0, 1),
            ("Soy el proceso 0 de 1", 0, 1),
            ("MPI task 0 of 1", 0, 1),
        ] {
            assert_eq!(claim(line), Some(Claim { rank, size }), "{line}");
        }
    }

    #[test]
    fn other_numbers_are_no_claims() {
        for line in [
            "",
            "hello",
            "Sending slice 3 to process 2",
            "Recieved data from process 2",
            "rank 3",
            "rank 4 of 4",
            "step 3 of 10",
            "processing file 1 of 1",
            "process 0 of 1 items",
            "row rank 0 of 2",
            "rank 0 of 2 in the local communicator",
            "rank 3 of 1000000000",
            "rank 2 took 3 of 4 slices",
            "C says a word on 0",
        ] {
            assert_eq!(claim(line), None, "{line}");
        }
        assert_eq!(FORMS.len(), 3);
        assert!(PART.is_some());
    }

    proptest! {
        #[test]
        fn a_claim_is_a_rank_among_so_many(line in "(rank|size|process|of|=|/| |[0-9]{1,9}|é){0,30}") {
            if let Some(claim) = claim(&line) {
                prop_assert!(claim.rank < claim.size);
            }
        }
    }
}
