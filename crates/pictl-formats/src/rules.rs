//! Rules that read progress out of what programs print by themselves: regular expressions with named groups.
//!
//! They come from the user's preferences and meet hostile text: the regex engine is linear in the text, patterns are
//! bounded in length and compiled size, and each is compiled once.

use std::collections::BTreeMap;

use pictl_model::run::RunEvent;
use pictl_model::text::clean;
use pictl_model::units::{Rank, Timestamp};
use regex::{Captures, Regex, RegexBuilder};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::progress::{MAX_RANK, Published};

/// More rules than anybody writes by hand.
const MAX_RULES: usize = 64;
/// Longest pattern, in bytes.
const MAX_PATTERN: usize = 1_000;
/// Largest compiled pattern, in bytes; a bounded repetition of Unicode classes is what comes near.
const MAX_COMPILED: usize = 1 << 20;
/// The names that a pattern's groups may have.
const GROUPS: [&str; 7] = ["rank", "slice", "slices", "seconds", "fraction", "percent", "value"];

/// What a line that a rule matches tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tells {
    /// A slice is finished: `slice`, `rank`, `seconds`, `value`, none of which must be there.
    Slice,
    /// A slice is begun: `slice`, perhaps `rank`.
    Assign,
    /// How far a slice is: `fraction` (0 to 1) or `percent`, perhaps `slice` and `rank`.
    Part,
    /// The program begins: `slices`.
    Begin,
    /// The result: `value`, perhaps `seconds`.
    Result,
    /// The line is meant for people.
    Note,
}

impl Tells {
    /// Groups of which one must be in the pattern; none where it is empty.
    fn needs(self) -> &'static [&'static str] {
        match self {
            Self::Assign => &["slice"],
            Self::Part => &["fraction", "percent"],
            Self::Begin => &["slices"],
            Self::Result => &["value"],
            Self::Slice | Self::Note => &[],
        }
    }
}

/// A rule as it stands in the preferences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleText {
    /// Programs it is for, by file name; `*` and `?` stand for any characters and any one.
    #[serde(default = "all")]
    pub program: String,
    /// The regular expression, searched for anywhere in a line.
    pub pattern: String,
    /// What a line that matches tells.
    pub event: Tells,
}

fn all() -> String {
    "*".to_owned()
}

/// A rule that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("rule {number} (for {program:?}): {why}")]
pub struct RuleError {
    /// Which, from 1.
    pub number: usize,
    /// For which programs it is.
    pub program: String,
    /// What is wrong with it.
    pub why: String,
}

/// Rules, ready for use.
#[derive(Clone, Debug, Default)]
pub struct Rules(Vec<Rule>);

#[derive(Clone, Debug)]
struct Rule {
    program: String,
    pattern: Regex,
    tells: Tells,
}

impl Rules {
    /// Compiles rules.
    pub fn compile(texts: &[RuleText]) -> Result<Self, RuleError> {
        texts
            .iter()
            .enumerate()
            .map(|(at, text)| {
                let fail = |why| RuleError { number: at + 1, program: clean(&text.program, 60), why };
                if at >= MAX_RULES {
                    return Err(fail(format!("there are more than {MAX_RULES}")));
                }
                compile(text).map_err(fail)
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// A reader of the output of `program`, of which there are so many ranks.
    pub fn reader(&self, program: &str, ranks: u32) -> RuleReader {
        let rules = self.0.iter().filter(|rule| glob(&rule.program, program)).cloned().collect();
        RuleReader { program: program.to_owned(), size: ranks, rules, ..RuleReader::default() }
    }
}

fn compile(text: &RuleText) -> Result<Rule, String> {
    if text.pattern.len() > MAX_PATTERN {
        return Err(format!("its pattern is longer than {MAX_PATTERN} bytes"));
    }
    let built = RegexBuilder::new(&text.pattern).size_limit(MAX_COMPILED).dfa_size_limit(MAX_COMPILED).build();
    let pattern = built.map_err(|e| match e {
        regex::Error::CompiledTooBig(_) => "its pattern is too large once compiled: repeat less".to_owned(),
        // The first lines draw the pattern with a mark below; the last one says it in words.
        other => {
            let said = other.to_string();
            format!(
                "its pattern is no regular expression: {}",
                clean(said.lines().last().unwrap_or_default().trim(), 200)
            )
        }
    })?;
    if let Some(odd) = pattern.capture_names().flatten().find(|name| !GROUPS.contains(name)) {
        return Err(format!("there is no group {odd:?}; there are {}", GROUPS.join(", ")));
    }
    let needs = text.event.needs();
    if !needs.is_empty() && !pattern.capture_names().flatten().any(|name| needs.contains(&name)) {
        return Err(format!("its pattern needs a group (?<{}>…)", needs.join(">…) or (?<")));
    }
    Ok(Rule { program: text.program.clone(), pattern, tells: text.event })
}

/// Whether `name` is what `pattern` means: `*` stands for any characters, `?` for any one.
fn glob(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    // Where the last `*` stands and what it has swallowed so far: on a mismatch it swallows one more.
    let mut star = None;
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(&c) if c == '?' || c == name[n] => {
                p += 1;
                n += 1;
            }
            _ => match star {
                Some((at, swallowed)) => {
                    (p, n) = (at + 1, swallowed + 1);
                    star = Some((at, swallowed + 1));
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&c| c == '*')
}

/// Reads the lines of one program, one after another: by the user's rules, then as the published pi programs speak.
#[derive(Clone, Debug, Default)]
pub struct RuleReader {
    program: String,
    size: u32,
    rules: Vec<Rule>,
    published: Published,
    ranks: BTreeMap<Rank, Hand>,
}

/// What is known of one rank, for lines that do not say everything.
#[derive(Clone, Copy, Debug, Default)]
struct Hand {
    /// The slice it began, and when.
    begun: Option<(u32, Timestamp)>,
    /// Slices it finished.
    finished: u32,
    /// When it finished the last one.
    since: Option<Timestamp>,
}

impl RuleReader {
    /// What `line` tells, which arrived `at` with the launcher's tag of `tag`. The first rule that matches counts, unless
    /// its numbers make no sense.
    pub fn line(&mut self, line: &str, tag: Option<Rank>, at: Timestamp) -> Option<RunEvent> {
        let line = line.trim_start_matches('\0');
        for number in 0..self.rules.len() {
            let Some(found) = self.rules[number].pattern.captures(line) else { continue };
            let told = Told { found, tag };
            if let Some(event) = self.event(self.rules[number].tells, &told, line, at) {
                return Some(event);
            }
        }
        self.published.line(line, at)
    }

    /// Learns that `rank` has had `slice` in hand since then: for whoever goes on reading in the middle.
    pub fn resume(&mut self, rank: Rank, slice: u32, since: Timestamp) {
        self.published.resume(rank, slice, since);
        self.ranks.entry(rank).or_default().begun = Some((slice, since));
    }

    fn event(&mut self, tells: Tells, told: &Told, line: &str, at: Timestamp) -> Option<RunEvent> {
        Some(match tells {
            Tells::Assign => {
                let (rank, slice) = (told.rank()?, told.number("slice")?);
                self.ranks.entry(rank).or_default().begun = Some((slice, at));
                RunEvent::Assign { rank, slice }
            }
            Tells::Slice => {
                let rank = told.rank()?;
                let (named, seconds) = (told.number("slice"), told.seconds("seconds"));
                let hand = self.ranks.entry(rank).or_default();
                let slice = named.or(hand.begun.map(|(slice, _)| slice)).unwrap_or(hand.finished);
                let since = hand.begun.filter(|(begun, _)| *begun == slice).map(|(_, when)| when).or(hand.since);
                let seconds = seconds.or(since.map(|when| (at - when).seconds())).unwrap_or(0.0);
                *hand = Hand { begun: None, finished: hand.finished.saturating_add(1), since: Some(at) };
                RunEvent::Slice { rank, slice, seconds, value: told.value("value") }
            }
            Tells::Part => {
                let rank = told.rank()?;
                let hand = self.ranks.entry(rank).or_default();
                let slice = told.number("slice").or(hand.begun.map(|(slice, _)| slice)).unwrap_or(hand.finished);
                let share = told.value("fraction").or(told.value("percent").map(|p| p / 100.0))?;
                RunEvent::Part { rank, slice, fraction: share.clamp(0.0, 1.0) as f32 }
            }
            Tells::Begin => {
                let slices = told.number("slices")?;
                RunEvent::Begin { size: self.size, slices, slice_size: 0, program: clean(&self.program, 64) }
            }
            Tells::Result => {
                RunEvent::Result { value: told.value("value")?, seconds: told.seconds("seconds").unwrap_or(0.0) }
            }
            Tells::Note => RunEvent::Note { text: clean(line, 500) },
        })
    }
}

/// What a rule found in a line.
struct Told<'a> {
    found: Captures<'a>,
    tag: Option<Rank>,
}

impl Told<'_> {
    fn parse<T: std::str::FromStr>(&self, group: &str) -> Option<T> {
        self.found.name(group)?.as_str().trim().parse().ok()
    }

    fn number(&self, group: &str) -> Option<u32> {
        self.parse(group)
    }

    fn value(&self, group: &str) -> Option<f64> {
        self.parse(group).filter(|value: &f64| value.is_finite())
    }

    fn seconds(&self, group: &str) -> Option<f64> {
        self.value(group).filter(|s| *s >= 0.0)
    }

    /// The rank that the line names, else the one by whose tag it came. A line that names a senseless one is of nobody.
    fn rank(&self) -> Option<Rank> {
        match self.found.name("rank") {
            Some(_) => self.number("rank").filter(|r| *r <= MAX_RANK).map(Rank),
            None => self.tag,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rule(program: &str, pattern: &str, event: Tells) -> RuleText {
        RuleText { program: program.into(), pattern: pattern.into(), event }
    }

    fn reader(rules: &[RuleText]) -> RuleReader {
        Rules::compile(rules).expect("good rules").reader("my.py", 4)
    }

    const AT: Timestamp = Timestamp(10_000);

    #[test]
    fn every_event_is_read_with_what_its_line_says() {
        let mut reader = reader(&[
            rule("my.*", r"^todo (?<slices>\d+)", Tells::Begin),
            rule("*", r"rank (?<rank>\d+) takes (?<slice>\d+)", Tells::Assign),
            rule("*", r"rank (?<rank>\d+) at (?<percent>[\d.]+)%", Tells::Part),
            rule("*", r"at (?<fraction>[\d.]+) of (?<slice>\d+)", Tells::Part),
            rule("*", r"rank (?<rank>\d+) did (?<slice>\d+) in (?<seconds>\S+) s(?: = (?<value>\S+))?", Tells::Slice),
            rule("*", r"^result (?<value>\S+)", Tells::Result),
            rule("*", r"^!", Tells::Note),
        ]);
        let (two, tag) = (Rank(2), Some(Rank(1)));
        for (line, event) in [
            ("todo 40", RunEvent::Begin { size: 4, slices: 40, slice_size: 0, program: "my.py".into() }),
            ("rank 2 takes 7", RunEvent::Assign { rank: two, slice: 7 }),
            ("rank 2 at 50.0%", RunEvent::Part { rank: two, slice: 7, fraction: 0.5 }),
            ("at 7.5 of 3", RunEvent::Part { rank: Rank(1), slice: 3, fraction: 1.0 }),
            ("rank 2 did 7 in 0.5 s = -3e1", RunEvent::Slice { rank: two, slice: 7, seconds: 0.5, value: Some(-30.0) }),
            ("result 3.25", RunEvent::Result { value: 3.25, seconds: 0.0 }),
            ("! a\x1b[2Jb", RunEvent::Note { text: "! a[2Jb".into() }),
            ("Sending slice 9 to process 3", RunEvent::Assign { rank: Rank(3), slice: 9 }),
        ] {
            assert_eq!(reader.line(line, tag, AT), Some(event), "{line}");
        }
        assert_eq!(reader.line("nothing of it", tag, AT), None);
    }

    #[test]
    fn what_a_line_leaves_out_is_known_from_before() {
        let mut reader = reader(&[
            rule("*", "^start (?<slice>.*)", Tells::Assign),
            rule("*", "^(?:finished|end (?<slice>.*))$", Tells::Slice),
        ]);
        let mut told = |line, ms| reader.line(line, Some(Rank(4)), Timestamp(ms));
        let slice = |slice, seconds| Some(RunEvent::Slice { rank: Rank(4), slice, seconds, value: None });
        assert_eq!(told("finished", 1_000), slice(0, 0.0));
        assert_eq!(told("finished", 1_500), slice(1, 0.5));
        assert_eq!(told("start 9", 2_000), Some(RunEvent::Assign { rank: Rank(4), slice: 9 }));
        assert_eq!(told("finished", 2_250), slice(9, 0.25));
        assert_eq!(told("end 5", 3_250), slice(5, 1.0));
        assert_eq!(told("start x", 4_000), None);
    }

    #[test]
    fn whoever_begins_in_the_middle_can_be_told_what_was_before() {
        let slice = RunEvent::Slice { rank: Rank(4), slice: 9, seconds: 2.0, value: None };
        for line in ["finished", "Recieved data from process 4"] {
            let mut reader = reader(&[rule("*", "^finished", Tells::Slice)]);
            reader.resume(Rank(4), 9, Timestamp(8_000));
            assert_eq!(reader.line(line, Some(Rank(4)), AT), Some(slice.clone()), "{line}");
        }
    }

    #[test]
    fn a_line_of_nobody_or_of_a_senseless_rank_tells_nothing() {
        let mut reader = reader(&[rule("*", r"(?:rank (?<rank>\S+) )?did (?<slice>\S+)", Tells::Slice)]);
        assert_eq!(reader.line("did 3", None, AT), None);
        assert_eq!(reader.line("rank 70000 did 3", Some(Rank(1)), AT), None);
        assert!(reader.line("rank 7 did 3", None, AT).is_some());
    }

    #[test]
    fn rules_are_for_the_programs_they_name() {
        let rules = Rules::compile(&[rule("pi*.py", "(?<slice>x)", Tells::Slice)]).expect("a rule");
        assert_eq!(rules.reader("pi2.py", 1).rules.len(), 1);
        assert_eq!(rules.reader("phi.py", 1).rules.len(), 0);
        for (pattern, name, fits) in [
            ("*", "", true),
            ("a?c*", "abcdef", true),
            ("*.py", "my.py", true),
            ("*a*b", "xaxbxb", true),
            ("a", "ab", false),
            ("?", "", false),
            ("*a?", "a", false),
        ] {
            assert_eq!(glob(pattern, name), fits, "{pattern} {name}");
        }
    }

    #[test]
    fn a_wrong_rule_is_named_and_explained() {
        let good = rule("*", "(?<slice>x)", Tells::Slice);
        for (bad, why) in [
            (rule("a.py", "(?<slice>x", Tells::Slice), "no regular expression: error: unclosed group"),
            (rule("a.py", "(?<slize>x)", Tells::Slice), "no group \"slize\"; there are rank, slice,"),
            (rule("a.py", "x", Tells::Part), "needs a group (?<fraction>…) or (?<percent>…)"),
            (rule("a.py", r"(?<value>\w{1000}{100})", Tells::Result), "too large"),
            (rule("a.py", &"x".repeat(1_001), Tells::Note), "longer than 1000"),
        ] {
            let told = Rules::compile(&[good.clone(), bad]).expect_err(why).to_string();
            assert!(told.starts_with("rule 2 (for \"a.py\"): ") && told.contains(why), "{told}");
        }
        assert!(Rules::compile(&vec![good; 65]).expect_err("too many").why.contains("more than 64"));
    }

    proptest! {
        #[test]
        fn a_glob_matches_what_it_was_made_of(parts in prop::collection::vec("[a-c]{0,3}", 1..5), filler in "[a-c]{0,4}") {
            prop_assert!(glob(&parts.join("*"), &parts.join(&filler)));
            prop_assert!(glob(&"?".repeat(parts.concat().len()), &parts.concat()));
        }

        #[test]
        fn no_line_panics_and_ranks_stay_in_range(line in any::<String>(), more in "(rank |did |[0-9.%e+-]){0,12}") {
            let mut reader = reader(&[
                rule("*", r"rank (?<rank>\S+)(?: (?<slice>\S*))?(?: (?<seconds>\S*))?", Tells::Slice),
                rule("*", r"(?<fraction>\S+)", Tells::Part),
                rule("*", r"(?<value>.*)", Tells::Result),
            ]);
            for line in [line, more] {
                match reader.line(&line, Some(Rank(0)), AT) {
                    Some(RunEvent::Slice { rank, seconds, .. }) => {
                        prop_assert!(rank.0 <= MAX_RANK && seconds >= 0.0 && seconds.is_finite());
                    }
                    Some(RunEvent::Part { fraction, .. }) => prop_assert!((0.0..=1.0).contains(&fraction)),
                    Some(RunEvent::Result { value, .. }) => prop_assert!(value.is_finite()),
                    _ => {}
                }
            }
        }
    }
}
