//! Progress of programs: the line protocol of benchmarks, and the output of the published pi programs.
//!
//! A record is `@pictl JSON CRC`: one line, one write. It names its rank because launchers tag lines wrongly or in
//! mid-line. It has a checksum because they splice lines of different ranks together.

use crc::{CRC_16_IBM_3740, Crc};
use pictl_model::run::RunEvent;
use pictl_model::text::clean;
use pictl_model::units::{Rank, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use thiserror::Error;

/// What a record begins with.
const MARK: &str = "@pictl ";
/// Shortest and longest record, in bytes without the line's end.
const LENGTH: std::ops::RangeInclusive<usize> = 20..=512;
/// No supported cluster has more ranks; a larger number is wrong and would cost memory.
pub(crate) const MAX_RANK: u32 = 65_535;

/// A record that was damaged on its way, or that the program wrote wrongly.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LineError {
    /// No JSON object with a matching checksum follows the mark.
    #[error("a progress line was damaged: {text:?}")]
    Damaged {
        /// Its beginning.
        text: String,
    },
    /// The checksum is right, but the fields are not.
    #[error("a progress line breaks the protocol: {why} in {text:?}")]
    Malformed {
        /// Its beginning.
        text: String,
        /// Which rule it breaks.
        why: String,
    },
}

/// The record's JSON. Fields in the order in which `pictl_progress.py` writes them.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "e", rename_all = "snake_case")]
enum Wire {
    Begin {
        size: u32,
        slices: u32,
        slice_size: u64,
        program: String,
    },
    Host {
        r: u32,
        host: String,
    },
    Assign {
        r: u32,
        slice: u32,
    },
    Part {
        r: u32,
        slice: u32,
        f: f64,
    },
    Slice {
        r: u32,
        slice: u32,
        s: f64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        v: Option<f64>,
    },
    Done {
        r: u32,
    },
    Exit {
        r: u32,
        status: i32,
    },
    Result {
        /// None: the program only says how long it took.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<f64>,
        s: f64,
    },
    Pair {
        r: u32,
        to: u32,
        l: f64,
        b: f64,
    },
    Note {
        text: String,
    },
    Mpi {
        r: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        size: Option<u32>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        library: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<String>,
    },
    #[serde(other)]
    Unknown,
}

/// The fields of the three events that make up nearly all lines. A tagged enum is read into a buffer first, to find its
/// tag, and out of that again, which takes twice as long.
#[derive(Deserialize)]
struct Often<'a> {
    e: &'a str,
    r: Option<u32>,
    slice: Option<u32>,
    f: Option<f64>,
    s: Option<f64>,
    v: Option<f64>,
}

impl Wire {
    fn read(json: &str) -> serde_json::Result<Self> {
        match serde_json::from_str(json) {
            Ok(Often { e: "assign", r: Some(r), slice: Some(slice), .. }) => Ok(Self::Assign { r, slice }),
            Ok(Often { e: "part", r: Some(r), slice: Some(slice), f: Some(f), .. }) => Ok(Self::Part { r, slice, f }),
            Ok(Often { e: "slice", r: Some(r), slice: Some(slice), s: Some(s), v, .. }) => {
                Ok(Self::Slice { r, slice, s, v })
            }
            _ => serde_json::from_str(json),
        }
    }
}

/// CRC-16/CCITT-FALSE, in the catalogue under its other name; `binascii.crc_hqx(data, 0xffff)` in Python.
const CRC: Crc<u16> = Crc::<u16>::new(&CRC_16_IBM_3740);

/// The checksum of a record's JSON.
pub fn crc(bytes: &[u8]) -> u16 {
    CRC.checksum(bytes)
}

/// What follows the JSON with this checksum: a space and four digits.
fn ending(sum: u16) -> [u8; 5] {
    let digit = |shift: u16| b"0123456789abcdef"[usize::from(sum >> shift & 0xf)];
    [b' ', digit(12), digit(8), digit(4), digit(0)]
}

/// The first whole record in `line`, wherever it begins. `None` when the line has no `@pictl ` in it; an error when
/// it has, but no whole record.
pub fn parse(line: &str) -> Option<Result<RunEvent, LineError>> {
    let mut first_error = None;
    for record in records(line) {
        match record {
            Ok(event) => return Some(Ok(event)),
            Err(e) => first_error = first_error.or(Some(e)),
        }
    }
    first_error.map(Err)
}

/// A part of a line.
#[derive(Clone, Debug, PartialEq)]
pub enum Segment<'a> {
    /// What the program printed, without blanks after it.
    Text(&'a str),
    /// One record.
    Record(Result<RunEvent, LineError>),
}

/// What `line` is made of. Open MPI 5 glues lines of different ranks together, and what a program prints last without an end
/// of line stands before the record that reports its end. Text after a damaged record is left out: it can be a part of that.
pub fn segments(line: &str) -> impl Iterator<Item = Segment<'_>> {
    let (mut rest, mut whole) = (line, true);
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let at = rest.find(MARK).unwrap_or(rest.len());
            let (text, after) = rest.split_at(at);
            if at > 0 {
                rest = after;
                // Open MPI 5 puts a NUL before some lines.
                let text = text.trim_start_matches('\0').trim_end_matches(|c: char| c == '\0' || c.is_whitespace());
                if whole && !text.is_empty() {
                    return Some(Segment::Text(text));
                }
                continue;
            }
            let Some(json) = json_of(rest) else {
                let damaged = LineError::Damaged { text: clean(rest, 80) };
                (rest, whole) = (&rest[MARK.len()..], false);
                return Some(Segment::Record(Err(damaged)));
            };
            rest = &rest[MARK.len() + json.len() + ending(0).len()..];
            return Some(Segment::Record(
                event_of(json).map_err(|why| LineError::Malformed { text: clean(json, 80), why }),
            ));
        }
        None
    })
}

/// Whether `line` has the mark of a record in it.
pub fn has_record(line: &str) -> bool {
    line.contains(MARK)
}

/// Every record in `line`.
pub fn records(line: &str) -> impl Iterator<Item = Result<RunEvent, LineError>> + '_ {
    segments(line).filter_map(|segment| match segment {
        Segment::Record(record) => Some(record),
        Segment::Text(_) => None,
    })
}

/// The JSON after the mark, up to a checksum that matches it.
fn json_of(record: &str) -> Option<&str> {
    let json = record.strip_prefix(MARK).filter(|rest| rest.starts_with('{'))?;
    let others = MARK.len() + ending(0).len();
    let (mut digest, mut summed) = (CRC.digest(), 0);
    for end in json.match_indices('}').map(|(at, _)| at + 1).take_while(|end| end + others <= *LENGTH.end()) {
        digest.update(&json.as_bytes()[summed..end]);
        summed = end;
        let sum = digest.clone().finalize();
        if end + others >= *LENGTH.start() && json.as_bytes()[end..].starts_with(&ending(sum)) {
            return Some(&json[..end]);
        }
    }
    None
}

fn event_of(json: &str) -> Result<RunEvent, String> {
    let rank = |r: u32| if r <= MAX_RANK { Ok(Rank(r)) } else { Err(format!("rank {r} is out of range")) };
    let seconds = |s: f64| if s >= 0.0 { Ok(s) } else { Err(format!("{s} s is not a duration")) };
    Ok(match Wire::read(json).map_err(|e| clean(&e.to_string(), 120))? {
        Wire::Begin { size, slices, slice_size, program } => {
            RunEvent::Begin { size, slices, slice_size, program: clean(&program, 64) }
        }
        Wire::Host { r, host } => RunEvent::Host { rank: rank(r)?, host: clean(&host, 253) },
        Wire::Assign { r, slice } => RunEvent::Assign { rank: rank(r)?, slice },
        Wire::Part { r, slice, f } => RunEvent::Part { rank: rank(r)?, slice, fraction: f.clamp(0.0, 1.0) as f32 },
        Wire::Slice { r, slice, s, v } => RunEvent::Slice { rank: rank(r)?, slice, seconds: seconds(s)?, value: v },
        Wire::Done { r } => RunEvent::Done { rank: rank(r)? },
        Wire::Exit { r, status } => RunEvent::Exit { rank: rank(r)?, status },
        Wire::Result { value: Some(value), s } => RunEvent::Result { value, seconds: seconds(s)? },
        Wire::Result { value: None, s } => RunEvent::Time { seconds: seconds(s)? },
        Wire::Pair { r, to, l, b } => {
            if r == to || b < 0.0 {
                return Err(format!("{b} bytes a second between ranks {r} and {to}"));
            }
            RunEvent::Pair { a: rank(r)?, b: rank(to)?, latency: seconds(l)?, bandwidth: b }
        }
        Wire::Note { text } => RunEvent::Note { text: clean(&text, 500) },
        Wire::Mpi { r, size, library, file } => {
            let short = |text: Option<String>| text.map(|text| clean(&text, 160));
            RunEvent::Mpi { rank: rank(r)?, size, library: short(library), file: short(file) }
        }
        Wire::Unknown => RunEvent::Other { json: clean(json, 512) },
    })
}

/// The line for `event`, without its end; empty for events that programs do not report.
pub fn format(event: &RunEvent) -> String {
    let wire = match event.clone() {
        RunEvent::Begin { size, slices, slice_size, program } => Wire::Begin { size, slices, slice_size, program },
        RunEvent::Host { rank, host } => Wire::Host { r: rank.0, host },
        RunEvent::Assign { rank, slice } => Wire::Assign { r: rank.0, slice },
        RunEvent::Part { rank, slice, fraction } => Wire::Part { r: rank.0, slice, f: fraction.into() },
        RunEvent::Slice { rank, slice, seconds, value } => Wire::Slice { r: rank.0, slice, s: seconds, v: value },
        RunEvent::Done { rank } => Wire::Done { r: rank.0 },
        RunEvent::Exit { rank, status } => Wire::Exit { r: rank.0, status },
        RunEvent::Result { value, seconds } => Wire::Result { value: Some(value), s: seconds },
        RunEvent::Time { seconds } => Wire::Result { value: None, s: seconds },
        RunEvent::Pair { a, b, latency, bandwidth } => Wire::Pair { r: a.0, to: b.0, l: latency, b: bandwidth },
        RunEvent::Note { text } => Wire::Note { text },
        RunEvent::Mpi { rank, size, library, file } => Wire::Mpi { r: rank.0, size, library, file },
        RunEvent::Other { json } => return record(&json),
        _ => return String::new(),
    };
    serde_json::to_string(&wire).map(|json| record(&json)).unwrap_or_default()
}

fn record(json: &str) -> String {
    format!("{MARK}{json} {:04x}", crc(json.as_bytes()))
}

/// Reads what the published pi programs print: `Sending slice N to process P` and `Recieved data from process P`
/// (that spelling), and after these `Pi is V` and `Tiempo de Ejecución: S`.
#[derive(Clone, Debug, Default)]
pub struct Published {
    /// The slice and time of the last assignment of each process.
    in_hand: BTreeMap<u32, (u32, Timestamp)>,
    /// It is one of these programs.
    known: bool,
}

impl Published {
    /// Records that `rank` has been working on `slice` since then.
    pub(crate) fn resume(&mut self, rank: Rank, slice: u32, since: Timestamp) {
        self.in_hand.insert(rank.0, (slice, since));
        self.known = true;
    }

    /// Reads `line`, which arrived `at`. A finished slice takes its number and time from the line that assigned it,
    /// and so includes the time of both messages.
    pub fn line(&mut self, line: &str, at: Timestamp) -> Option<RunEvent> {
        match said(line)? {
            Said::Sent { slice, process } => {
                self.in_hand.insert(process, (slice, at));
                self.known = true;
                Some(RunEvent::Assign { rank: Rank(process), slice })
            }
            Said::Received { process } => {
                let (slice, since) = self.in_hand.remove(&process)?;
                let seconds = (at - since).seconds();
                Some(RunEvent::Slice { rank: Rank(process), slice, seconds, value: None })
            }
            // Other programs may say this too, and mean something else.
            Said::Pi { value } => self.known.then_some(RunEvent::Result { value, seconds: 0.0 }),
            Said::Took { seconds } => self.known.then_some(RunEvent::Time { seconds }),
        }
    }
}

/// Like [`Published::line`] without a memory: assignments only.
pub fn published(line: &str) -> Option<RunEvent> {
    Published::default().line(line, Timestamp(0))
}

enum Said {
    Sent { slice: u32, process: u32 },
    Received { process: u32 },
    Pi { value: f64 },
    Took { seconds: f64 },
}

fn said(line: &str) -> Option<Said> {
    // Open MPI 5 puts a NUL before some lines.
    let parts: Vec<&str> = line.trim_start_matches('\0').split_ascii_whitespace().take(8).collect();
    let process = |part: &str| part.parse().ok().filter(|&p| p <= MAX_RANK);
    match parts[..] {
        ["Sending", "slice", slice, "to", "process", p] => {
            Some(Said::Sent { slice: slice.parse().ok()?, process: process(p)? })
        }
        ["Recieved", "data", "from", "process", p] => Some(Said::Received { process: process(p)? }),
        ["Pi", "is", value] => value.parse().ok().filter(|v: &f64| v.is_finite()).map(|value| Said::Pi { value }),
        ["Tiempo", "de", "Ejecución:", s] => {
            s.parse().ok().filter(|s: &f64| s.is_finite() && *s >= 0.0).map(|seconds| Said::Took { seconds })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ok(line: &str) -> RunEvent {
        parse(line).expect("a record").expect(line)
    }

    fn signed(json: &str) -> String {
        record(json)
    }

    #[test]
    fn the_checksum_is_ccitt_false() {
        assert_eq!(crc(b"123456789"), 0x29b1);
        assert_eq!(crc(b""), 0xffff);
    }

    #[test]
    fn every_event_is_read() {
        let of = |rank| Rank(rank);
        for (json, event) in [
            (
                r#"{"e":"begin","size":4,"slices":64,"slice_size":1000000,"program":"pi","v":1}"#,
                RunEvent::Begin { size: 4, slices: 64, slice_size: 1_000_000, program: "pi".into() },
            ),
            (r#"{"e":"host","r":3,"host":"pi02"}"#, RunEvent::Host { rank: of(3), host: "pi02".into() }),
            (r#"{"e":"assign","r":3,"slice":17}"#, RunEvent::Assign { rank: of(3), slice: 17 }),
            (r#"{"e":"part","r":3,"slice":17,"f":0.5}"#, RunEvent::Part { rank: of(3), slice: 17, fraction: 0.5 }),
            (r#"{"e":"part","r":3,"slice":17,"f":7}"#, RunEvent::Part { rank: of(3), slice: 17, fraction: 1.0 }),
            (
                r#"{"e":"slice","r":3,"slice":17,"s":0.412}"#,
                RunEvent::Slice { rank: of(3), slice: 17, seconds: 0.412, value: None },
            ),
            (
                r#"{"e":"slice","r":3,"slice":17,"s":1,"v":-3.5e-2,"new":[1]}"#,
                RunEvent::Slice { rank: of(3), slice: 17, seconds: 1.0, value: Some(-0.035) },
            ),
            (r#"{"e":"done","r":0}"#, RunEvent::Done { rank: of(0) }),
            (r#"{"e":"exit","r":2,"status":139}"#, RunEvent::Exit { rank: of(2), status: 139 }),
            (r#"{"e":"result","value":3.25,"s":2}"#, RunEvent::Result { value: 3.25, seconds: 2.0 }),
            (
                r#"{"e":"pair","r":0,"to":3,"l":0.00012,"b":117500000,"min":0.0001}"#,
                RunEvent::Pair { a: of(0), b: of(3), latency: 0.000_12, bandwidth: 117_500_000.0 },
            ),
            (r#"{"e":"note","text":"a\u001b[2Jb"}"#, RunEvent::Note { text: "a[2Jb".into() }),
            (
                r#"{"e":"mpi","r":2,"size":1,"library":"MPICH Version: 4.0.2"}"#,
                RunEvent::Mpi { rank: of(2), size: Some(1), library: Some("MPICH Version: 4.0.2".into()), file: None },
            ),
            (r#"{"e":"later","x":1}"#, RunEvent::Other { json: r#"{"e":"later","x":1}"#.into() }),
        ] {
            assert_eq!(ok(&signed(json)), event);
        }
    }

    #[test]
    fn the_example_of_the_contract_is_read() {
        let json = r#"{"e":"slice","r":3,"slice":17,"s":0.412}"#;
        assert_eq!(format(&ok(&signed(json))), signed(json));
    }

    #[test]
    fn wrong_fields_are_malformed() {
        for json in [
            r#"{"e":"done"}"#,
            r#"{"r":1,"slice":3}"#,
            r#"{"e":"done","r":-1}"#,
            r#"{"e":"done","r":4294967296}"#,
            r#"{"e":"done","r":65536}"#,
            r#"{"e":"done","r":1.5}"#,
            r#"{"e":"slice","r":1,"slice":1,"s":-1}"#,
            r#"{"e":"slice","r":1,"slice":1,"s":NaN}"#,
            r#"{"e":"result","value":1e999,"s":1}"#,
            r#"{"e":"part","r":1,"slice":1,"f":Infinity}"#,
            r#"{"e":"result","value":"3","s":1}"#,
            r#"{"e":"pair","r":1,"to":1,"l":1,"b":1}"#,
            r#"{"e":"pair","r":1,"to":2,"l":-1,"b":1}"#,
            r#"{"e":"pair","r":1,"to":2,"l":1,"b":-1}"#,
            r#"{"e":"note","text":"x"} {"e":"note"}"#,
        ] {
            assert!(matches!(parse(&signed(json)), Some(Err(LineError::Malformed { .. }))), "{json}");
        }
    }

    #[test]
    fn damage_is_reported_and_other_lines_are_not_records() {
        let line = signed(r#"{"e":"done","r":1,"xxxx":1}"#);
        for bad in [
            &line[..line.len() - 1],
            &line.replace("r\":1", "r\":2"),
            &line.to_uppercase().replace("@PICTL", "@pictl"),
            "@pictl ",
            "@pictl hello",
        ] {
            assert!(matches!(parse(bad), Some(Err(LineError::Damaged { .. }))), "{bad}");
        }
        for other in ["", "hello", "@pictl", "@pictlx {}"] {
            assert_eq!(parse(other), None, "{other}");
        }
    }

    #[test]
    fn records_are_of_20_to_512_bytes() {
        let note = |length: usize| {
            let empty = signed(r#"{"e":"note","text":""}"#).len();
            signed(&format!(r#"{{"e":"note","text":"{}"}}"#, "x".repeat(length - empty)))
        };
        assert_eq!(note(512).len(), 512);
        assert!(matches!(parse(&note(512)), Some(Ok(_))));
        assert!(matches!(parse(&note(513)), Some(Err(LineError::Damaged { .. }))));
        assert!(matches!(parse(&signed("{}")), Some(Err(LineError::Damaged { .. }))));
    }

    #[test]
    fn records_are_found_in_spliced_lines() {
        let (one, two) = (signed(r#"{"e":"done","r":1}"#), signed(r#"{"e":"done","r":2}"#));
        let torn = &one[..14];
        let line = format!("some text{torn}{one}{two}more");
        let found: Vec<_> = records(&line).map(Result::ok).collect();
        assert_eq!(found, [None, Some(RunEvent::Done { rank: Rank(1) }), Some(RunEvent::Done { rank: Rank(2) })]);
        assert_eq!(ok(&line), RunEvent::Done { rank: Rank(1) });
    }

    #[test]
    fn what_stands_around_records_is_text_unless_one_is_damaged() {
        let (one, two) = (signed(r#"{"e":"done","r":1}"#), signed(r#"{"e":"done","r":2}"#));
        let texts = |line: &str| -> Vec<String> {
            let text = |segment| if let Segment::Text(text) = segment { Some(text.to_owned()) } else { None };
            segments(line).filter_map(text).collect()
        };
        assert_eq!(texts(&format!("how many? {one}")), ["how many?"]);
        assert_eq!(texts(&format!(" a\0{one} {two}\0b c ")), [" a", "b c"]);
        assert_eq!(
            texts(&format!("before {}{two}ne\"}} 12ab", &one[..14])),
            ["before"],
            "the end of the torn record is no text"
        );
        assert_eq!(texts("only text"), ["only text"]);
        assert!(has_record(&one) && !has_record("pictl"));
    }

    #[test]
    fn published_programs_show_their_slices() {
        let mut reader = Published::default();
        let at = |ms| Timestamp(ms);
        let assigned = RunEvent::Assign { rank: Rank(2), slice: 7 };
        assert_eq!(reader.line("Sending slice 7 to process 2", at(1_000)), Some(assigned.clone()));
        let done = RunEvent::Slice { rank: Rank(2), slice: 7, seconds: 0.5, value: None };
        assert_eq!(reader.line("Recieved data from process 2", at(1_500)), Some(done));
        assert_eq!(reader.line("Recieved data from process 2", at(1_600)), None);
        assert_eq!(published("\0Sending slice 7 to process 2"), Some(assigned));
        // The end of the program of the English and of the Spanish source.
        let end = RunEvent::Result { value: 3.141_592_645_777_273, seconds: 0.0 };
        assert_eq!(reader.line("Pi is  3.141592645777273", at(2_000)), Some(end));
        let took = RunEvent::Time { seconds: 4.153_278_827_667_236 };
        assert_eq!(reader.line("Tiempo de Ejecución:  4.153278827667236", at(2_000)), Some(took));
        assert_eq!(Published::default().line("Pi is 3", at(0)), None, "another program says this too");
        assert_eq!(reader.line("Pi is nice", at(0)), None);
        for other in
            ["Received data from process 2", "Sending slice x to process 2", "Sending slice 7 to process 99999", ""]
        {
            assert_eq!(reader.line(other, at(0)), None, "{other}");
        }
    }

    fn event() -> impl Strategy<Value = RunEvent> {
        let rank = (0..=MAX_RANK).prop_map(Rank);
        let seconds = 0.0..1e9f64;
        let number = prop::num::f64::NORMAL | prop::num::f64::ZERO;
        prop_oneof![
            (any::<u32>(), any::<u32>(), any::<u64>(), "[a-z]{0,9}").prop_map(|(size, slices, slice_size, program)| {
                RunEvent::Begin { size, slices, slice_size, program }
            }),
            (rank.clone(), "[ -~]{0,60}").prop_map(|(rank, host)| RunEvent::Host { rank, host }),
            (rank.clone(), any::<u32>()).prop_map(|(rank, slice)| RunEvent::Assign { rank, slice }),
            (rank.clone(), any::<u32>(), 0.0..=1.0f32).prop_map(|(rank, slice, fraction)| RunEvent::Part {
                rank,
                slice,
                fraction
            }),
            (rank.clone(), any::<u32>(), seconds.clone(), prop::option::of(number))
                .prop_map(|(rank, slice, seconds, value)| RunEvent::Slice { rank, slice, seconds, value }),
            rank.clone().prop_map(|rank| RunEvent::Done { rank }),
            (rank.clone(), 0..256i32).prop_map(|(rank, status)| RunEvent::Exit { rank, status }),
            (rank, any::<Option<u32>>(), prop::option::of("[ -~]{0,60}"), prop::option::of("[ -~]{0,60}"))
                .prop_map(|(rank, size, library, file)| RunEvent::Mpi { rank, size, library, file }),
            (0..9u32, 9..99u32, seconds.clone(), seconds.clone()).prop_map(|(a, b, latency, bandwidth)| {
                RunEvent::Pair { a: Rank(a), b: Rank(b), latency, bandwidth }
            }),
            (number, seconds).prop_map(|(value, seconds)| RunEvent::Result { value, seconds }),
            "[ -~é]{0,100}".prop_map(|text| RunEvent::Note { text }),
        ]
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(event in event(), before in "[ -?A-~]{0,20}", after in "[ -?A-~]{0,20}") {
            prop_assert_eq!(ok(&format!("{before}{}{after}", format(&event))), event);
        }

        #[test]
        fn no_single_wrong_byte_goes_unnoticed(event in event(), at in any::<prop::sample::Index>(), to in b' '..b'~') {
            let line = format(&event);
            let mut bytes = line.clone().into_bytes();
            let at = MARK.len() + at.index(bytes.len() - MARK.len());
            bytes[at] = to;
            if let Ok(changed) = String::from_utf8(bytes)
                && changed != line
            {
                prop_assert!(!matches!(parse(&changed), Some(Ok(_))), "{}", changed);
            }
        }

        #[test]
        fn records_glued_together_are_all_read(
            events in prop::collection::vec((event(), "[ -?A-~]{0,20}", 0usize..40), 0..8)
        ) {
            // Between them other text, and beginnings of records that were cut off.
            let line = events
                .iter()
                .map(|(event, text, cut)| {
                    let whole = format(event);
                    // Cut off before its checksum: what follows must not happen to complete it.
                    let ends = whole.len() - ending(0).len();
                    let torn = whole.char_indices().nth(*cut).map_or("", |(at, _)| &whole[..at.min(ends - 1)]);
                    [torn, text, &whole].concat()
                })
                .collect::<Vec<_>>()
                .concat();
            let found: Vec<_> = records(&line).filter_map(Result::ok).collect();
            prop_assert_eq!(found, events.into_iter().map(|(event, ..)| event).collect::<Vec<_>>());
        }

        #[test]
        fn garbage_never_panics(line in "(@pictl |[{}\" 0-9a-fé:,]){0,60}") {
            let _ = parse(&line);
            let _ = published(&line);
        }
    }
}
