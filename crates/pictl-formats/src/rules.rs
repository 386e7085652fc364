//! Rules that read progress from the output of programs: regular expressions with named groups.
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

use crate::pattern::matches;
use crate::progress::{MAX_RANK, Published};

/// Most rules.
const MAX_RULES: usize = 64;
/// Longest pattern, in bytes.
const MAX_PATTERN: usize = 1_000;
/// Largest compiled pattern, in bytes; only bounded repetitions of Unicode classes come near it.
const MAX_COMPILED: usize = 1 << 20;
/// The names that a pattern's groups may have.
const GROUPS: [&str; 8] = ["rank", "slice", "slices", "seconds", "fraction", "percent", "value", "size"];

/// The event of a line that a rule matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleEvent {
    /// A slice is finished: `slice`, `rank`, `seconds`, `value`, all optional.
    Slice,
    /// A slice begins: `slice`, optionally `rank`.
    Assign,
    /// How far a slice is: `fraction` (0 to 1) or `percent`, optionally `slice` and `rank`.
    Part,
    /// The program begins: `slices`, optionally `size`, the number of its ranks.
    Begin,
    /// The result: `value`, how long the program took: `seconds`, or both.
    Result,
    /// The line is meant for people.
    Note,
}

impl RuleEvent {
    /// Groups of which one must be in the pattern; none where it is empty.
    fn needs(self) -> &'static [&'static str] {
        match self {
            Self::Assign => &["slice"],
            Self::Part => &["fraction", "percent"],
            Self::Begin => &["slices"],
            Self::Result => &["value", "seconds"],
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
    /// The event of a line that matches.
    pub event: RuleEvent,
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
    event: RuleEvent,
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
        let rules = self.0.iter().filter(|rule| matches(&rule.program, program)).cloned().collect();
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
        // The first lines draw the pattern with a mark below it; the last one is the message.
        other => {
            let said = other.to_string();
            format!(
                "its pattern is not a regular expression: {}",
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
    Ok(Rule { program: text.program.clone(), pattern, event: text.event })
}

/// Reads the lines of one program, one after another: by the rules of the user, then like those of the published pi
/// programs.
#[derive(Clone, Debug, Default)]
pub struct RuleReader {
    program: String,
    size: u32,
    rules: Vec<Rule>,
    published: Published,
    ranks: BTreeMap<Rank, Hand>,
}

/// What is known of one rank, for lines that leave something out.
#[derive(Clone, Copy, Debug, Default)]
struct Hand {
    /// The slice that it began, and when.
    begun: Option<(u32, Timestamp)>,
    /// Slices it finished.
    finished: u32,
    /// When it finished the last one.
    since: Option<Timestamp>,
}

impl RuleReader {
    /// Reads `line`, which arrived `at` with the launcher's tag `tag`. The first rule that matches counts, unless its
    /// numbers make no sense.
    pub fn line(&mut self, line: &str, tag: Option<Rank>, at: Timestamp) -> Option<RunEvent> {
        let line = line.trim_start_matches('\0');
        for number in 0..self.rules.len() {
            let Some(found) = self.rules[number].pattern.captures(line) else { continue };
            let captured = Captured { found, tag };
            if let Some(event) = self.event(self.rules[number].event, &captured, line, at) {
                return Some(event);
            }
        }
        self.published.line(line, at)
    }

    /// Records that `rank` has been working on `slice` since then: for a reader that begins in the middle.
    pub fn resume(&mut self, rank: Rank, slice: u32, since: Timestamp) {
        self.published.resume(rank, slice, since);
        self.ranks.entry(rank).or_default().begun = Some((slice, since));
    }

    fn event(&mut self, event: RuleEvent, captured: &Captured, line: &str, at: Timestamp) -> Option<RunEvent> {
        Some(match event {
            RuleEvent::Assign => {
                let (rank, slice) = (captured.rank()?, captured.number("slice")?);
                self.ranks.entry(rank).or_default().begun = Some((slice, at));
                RunEvent::Assign { rank, slice }
            }
            RuleEvent::Slice => {
                let rank = captured.rank()?;
                let (named, seconds) = (captured.number("slice"), captured.seconds("seconds"));
                let hand = self.ranks.entry(rank).or_default();
                let slice = named.or(hand.begun.map(|(slice, _)| slice)).unwrap_or(hand.finished);
                let since = hand.begun.filter(|(begun, _)| *begun == slice).map(|(_, when)| when).or(hand.since);
                let seconds = seconds.or(since.map(|when| (at - when).seconds())).unwrap_or(0.0);
                *hand = Hand { begun: None, finished: hand.finished.saturating_add(1), since: Some(at) };
                RunEvent::Slice { rank, slice, seconds, value: captured.value("value") }
            }
            RuleEvent::Part => {
                let rank = captured.rank()?;
                let hand = self.ranks.entry(rank).or_default();
                let slice = captured.number("slice").or(hand.begun.map(|(slice, _)| slice)).unwrap_or(hand.finished);
                let share = captured.value("fraction").or(captured.value("percent").map(|p| p / 100.0))?;
                RunEvent::Part { rank, slice, fraction: share.clamp(0.0, 1.0) as f32 }
            }
            RuleEvent::Begin => {
                let slices = captured.number("slices")?;
                let size = captured.number("size").unwrap_or(self.size);
                RunEvent::Begin { size, slices, slice_size: 0, program: clean(&self.program, 64) }
            }
            RuleEvent::Result => match (captured.found.name("value"), captured.seconds("seconds")) {
                (None, seconds) => RunEvent::Time { seconds: seconds? },
                (Some(_), seconds) => {
                    RunEvent::Result { value: captured.value("value")?, seconds: seconds.unwrap_or(0.0) }
                }
            },
            RuleEvent::Note => RunEvent::Note { text: clean(line, 500) },
        })
    }
}

/// What a rule found in a line.
struct Captured<'a> {
    found: Captures<'a>,
    tag: Option<Rank>,
}

impl Captured<'_> {
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

    /// The rank that the line names, else the one of its tag. A line that names an impossible rank has none.
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

    fn rule(program: &str, pattern: &str, event: RuleEvent) -> RuleText {
        RuleText { program: program.into(), pattern: pattern.into(), event }
    }

    fn reader(rules: &[RuleText]) -> RuleReader {
        Rules::compile(rules).expect("good rules").reader("my.py", 4)
    }

    const AT: Timestamp = Timestamp(10_000);

    #[test]
    fn every_event_is_read_with_what_its_line_says() {
        let mut reader = reader(&[
            rule("my.*", r"^todo (?<slices>\d+)(?: by (?<size>\d+))?", RuleEvent::Begin),
            rule("*", r"rank (?<rank>\d+) takes (?<slice>\d+)", RuleEvent::Assign),
            rule("*", r"rank (?<rank>\d+) at (?<percent>[\d.]+)%", RuleEvent::Part),
            rule("*", r"at (?<fraction>[\d.]+) of (?<slice>\d+)", RuleEvent::Part),
            rule(
                "*",
                r"rank (?<rank>\d+) did (?<slice>\d+) in (?<seconds>\S+) s(?: = (?<value>\S+))?",
                RuleEvent::Slice,
            ),
            rule("*", r"^result (?<value>\S+)", RuleEvent::Result),
            rule("*", r"^took (?<seconds>\S+)", RuleEvent::Result),
            rule("*", r"^!", RuleEvent::Note),
        ]);
        let (two, tag) = (Rank(2), Some(Rank(1)));
        for (line, event) in [
            ("todo 40", RunEvent::Begin { size: 4, slices: 40, slice_size: 0, program: "my.py".into() }),
            ("todo 40 by 1", RunEvent::Begin { size: 1, slices: 40, slice_size: 0, program: "my.py".into() }),
            ("rank 2 takes 7", RunEvent::Assign { rank: two, slice: 7 }),
            ("rank 2 at 50.0%", RunEvent::Part { rank: two, slice: 7, fraction: 0.5 }),
            ("at 7.5 of 3", RunEvent::Part { rank: Rank(1), slice: 3, fraction: 1.0 }),
            ("rank 2 did 7 in 0.5 s = -3e1", RunEvent::Slice { rank: two, slice: 7, seconds: 0.5, value: Some(-30.0) }),
            ("result 3.25", RunEvent::Result { value: 3.25, seconds: 0.0 }),
            ("took 4.5", RunEvent::Time { seconds: 4.5 }),
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
            rule("*", "^start (?<slice>.*)", RuleEvent::Assign),
            rule("*", "^(?:finished|end (?<slice>.*))$", RuleEvent::Slice),
        ]);
        let mut captured = |line, ms| reader.line(line, Some(Rank(4)), Timestamp(ms));
        let slice = |slice, seconds| Some(RunEvent::Slice { rank: Rank(4), slice, seconds, value: None });
        assert_eq!(captured("finished", 1_000), slice(0, 0.0));
        assert_eq!(captured("finished", 1_500), slice(1, 0.5));
        assert_eq!(captured("start 9", 2_000), Some(RunEvent::Assign { rank: Rank(4), slice: 9 }));
        assert_eq!(captured("finished", 2_250), slice(9, 0.25));
        assert_eq!(captured("end 5", 3_250), slice(5, 1.0));
        assert_eq!(captured("start x", 4_000), None);
    }

    #[test]
    fn a_reader_that_begins_in_the_middle_can_learn_what_was_before() {
        let slice = RunEvent::Slice { rank: Rank(4), slice: 9, seconds: 2.0, value: None };
        for line in ["finished", "Recieved data from process 4"] {
            let mut reader = reader(&[rule("*", "^finished", RuleEvent::Slice)]);
            reader.resume(Rank(4), 9, Timestamp(8_000));
            assert_eq!(reader.line(line, Some(Rank(4)), AT), Some(slice.clone()), "{line}");
        }
    }

    #[test]
    fn a_line_without_a_rank_or_with_an_impossible_one_is_no_event() {
        let mut reader = reader(&[rule("*", r"(?:rank (?<rank>\S+) )?did (?<slice>\S+)", RuleEvent::Slice)]);
        assert_eq!(reader.line("did 3", None, AT), None);
        assert_eq!(reader.line("rank 70000 did 3", Some(Rank(1)), AT), None);
        assert!(reader.line("rank 7 did 3", None, AT).is_some());
    }

    #[test]
    fn rules_are_for_the_programs_they_name() {
        let rules = Rules::compile(&[rule("pi*.py", "(?<slice>x)", RuleEvent::Slice)]).expect("a rule");
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
            assert_eq!(matches(pattern, name), fits, "{pattern} {name}");
        }
    }

    #[test]
    fn a_wrong_rule_is_named_and_explained() {
        let good = rule("*", "(?<slice>x)", RuleEvent::Slice);
        for (bad, why) in [
            (rule("a.py", "(?<slice>x", RuleEvent::Slice), "not a regular expression: error: unclosed group"),
            (rule("a.py", "(?<slize>x)", RuleEvent::Slice), "no group \"slize\"; there are rank, slice,"),
            (rule("a.py", "x", RuleEvent::Part), "needs a group (?<fraction>…) or (?<percent>…)"),
            (rule("a.py", r"(?<value>\w{1000}{100})", RuleEvent::Result), "too large"),
            (rule("a.py", &"x".repeat(1_001), RuleEvent::Note), "longer than 1000"),
        ] {
            let captured = Rules::compile(&[good.clone(), bad]).expect_err(why).to_string();
            assert!(captured.starts_with("rule 2 (for \"a.py\"): ") && captured.contains(why), "{captured}");
        }
        assert!(Rules::compile(&vec![good; 65]).expect_err("too many").why.contains("more than 64"));
    }

    proptest! {
        #[test]
        fn a_glob_matches_what_it_was_made_of(parts in prop::collection::vec("[a-c]{0,3}", 1..5), filler in "[a-c]{0,4}") {
            prop_assert!(matches(&parts.join("*"), &parts.join(&filler)));
            prop_assert!(matches(&"?".repeat(parts.concat().len()), &parts.concat()));
        }

        #[test]
        fn no_line_panics_and_ranks_stay_in_range(line in any::<String>(), more in "(rank |did |[0-9.%e+-]){0,12}") {
            let mut reader = reader(&[
                rule("*", r"rank (?<rank>\S+)(?: (?<slice>\S*))?(?: (?<seconds>\S*))?", RuleEvent::Slice),
                rule("*", r"(?<fraction>\S+)", RuleEvent::Part),
                rule("*", r"(?<value>.*)", RuleEvent::Result),
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
