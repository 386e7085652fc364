use proptest::prelude::*;

use pictl_model::node::{MpiFamily, MpiInstall};

use super::*;
use crate::launcher;

fn demux(family: MpiFamily, major: u32, chunks: &[&[u8]]) -> Vec<Line> {
    let install = MpiInstall { family, version: format!("{major}.0"), launcher: String::new() };
    let mut demux = Demux::new(launcher::of(&install));
    let mut lines: Vec<Line> = chunks.iter().flat_map(|chunk| demux.push(chunk)).collect();
    lines.extend(demux.finish());
    lines
}

fn line(rank: impl Into<Option<u32>>, text: &str) -> Line {
    Line { rank: rank.into().map(Rank), stream: Stream::Out, text: text.into() }
}

#[test]
fn open_mpi_4_tags_in_mid_line_switch_the_rank() {
    let text = b"[1,0]<stdout>:hel[1,1]<stdout>:one\n[1,0]<stdout>:lo\n[1,12]<stderr>:oops\n";
    let oops = Line { rank: Some(Rank(12)), stream: Stream::Err, text: b"oops".to_vec() };
    assert_eq!(demux(MpiFamily::OpenMpi, 4, &[text]), [line(1, "one"), line(0, "hello"), oops]);
}

#[test]
fn open_mpi_5_has_a_blank_behind_its_tag() {
    let text = b"[1,0]<stdout>: a\n[1,1]<stdout>:  b\n[1,2]<stdout>:";
    assert_eq!(demux(MpiFamily::OpenMpi, 5, &[text]), [line(0, "a"), line(1, " b")]);
    assert_eq!(demux(MpiFamily::OpenMpi, 4, &[b"[1,0]<stdout>: a\n"]), [line(0, " a")]);
    // The blank may come with the next bytes.
    assert_eq!(demux(MpiFamily::OpenMpi, 5, &[b"[1,0]<stdout>:", b" a\n"]), [line(0, "a")]);
}

#[test]
fn hydra_tags_by_control_characters() {
    let text = b"\x1e0\x1fhi\n\x1e11\x1f\n= BAD TERMINATION =\n[mpiexec@pi01] Sending Ctrl-C\n\x1ex\x1fno\n";
    let expected = [
        line(0, "hi"),
        line(11, ""),
        line(None, "= BAD TERMINATION ="),
        line(None, "[mpiexec@pi01] Sending Ctrl-C"),
        line(None, "\x1ex\x1fno"),
    ];
    assert_eq!(demux(MpiFamily::Mpich, 4, &[text]), expected);
}

#[test]
fn what_only_looks_like_a_tag_is_text() {
    for text in [
        "[1,2]<stdin>:x",
        "[1,2] x",
        "[1]<stdout>:x",
        "[,2]<stdout>:x",
        "[1,99999999999]<stdout>:x",
        "[1,",
        "[",
        "[[1,",
        "[1,2]<std",
    ] {
        assert_eq!(demux(MpiFamily::OpenMpi, 4, &[text.as_bytes()]), [line(None, text)], "{text}");
    }
    assert_eq!(demux(MpiFamily::OpenMpi, 4, &[b"[[1,3]<stdout>:x\n"]), [line(3, "x"), line(None, "[")]);
}

#[test]
fn of_long_lines_the_middle_is_cut_out_and_marked() {
    let text = |length| "abcdefghij".chars().cycle().take(length).collect::<String>();
    let long = text(100 * MAX_LINE);
    for chunk in [1, 7, 4096, long.len()] {
        let mut chunks = vec![&b"[1,0]<stdout>:"[..]];
        chunks.extend(long.as_bytes().chunks(chunk));
        chunks.push(b"\n[1,0]<stdout>:next\n");
        let kept = format!("{}…{}", &long[..MAX_LINE], &long[long.len() - TAIL..]);
        assert_eq!(demux(MpiFamily::OpenMpi, 4, &chunks), [line(0, &kept), line(0, "next")]);
    }
    let whole = text(MAX_LINE + TAIL);
    assert_eq!(demux(MpiFamily::OpenMpi, 4, &[whole.as_bytes()]), [line(None, &whole)]);
}

/// Bytes that the demultiplexer keeps.
fn kept(demux: &Demux) -> usize {
    demux.held.len() + demux.open.values().map(|line| line.text.len() + line.tail.len()).sum::<usize>()
}

#[test]
fn memory_is_bounded_whatever_comes() {
    let mut demux = Demux::new(launcher::of_family(MpiFamily::OpenMpi));
    let filler = vec![b'x'; 2 * MAX_LINE];
    let mut most = 0;
    for rank in 0..3 * MAX_OPEN {
        demux.push(format!("[1,{rank}]<stdout>:").as_bytes());
        demux.push(&filler);
        most = most.max(kept(&demux));
    }
    assert!(most <= MAX_OPEN * (MAX_LINE + TAIL) + 64, "{most}");
    demux.push(b"[1,");
    demux.push(&[b'1'; 10_000]);
    assert!(demux.held.len() < 64);
}

/// What ranks print, and the order in which their pieces come: (rank, how many bytes more of its text).
fn pieces() -> impl Strategy<Value = (Vec<String>, Vec<(usize, usize)>)> {
    let text = "([ -Z^-~]{0,30}\n){0,6}";
    prop::collection::vec(text, 1..5).prop_flat_map(|texts| {
        let order = prop::collection::vec((0..texts.len(), 1usize..20), 0..80);
        (Just(texts), order)
    })
}

/// Cuts each rank's text as ordered and puts the pieces one behind the other, each line of a piece tagged.
fn splice(texts: &[String], order: &[(usize, usize)], whole_lines: bool, tag: impl Fn(usize) -> String) -> Vec<u8> {
    let mut rest: Vec<&str> = texts.iter().map(String::as_str).collect();
    let mut spliced = String::new();
    let everything = (0..texts.len()).map(|rank| (rank, usize::MAX));
    for (rank, count) in order.iter().copied().chain(everything) {
        let text = rest[rank];
        let mut cut = count.min(text.len());
        if whole_lines {
            cut = text[..cut].rfind('\n').map_or(0, |at| at + 1);
        }
        let (piece, left) = text.split_at(cut);
        rest[rank] = left;
        for part in piece.split_inclusive('\n') {
            spliced += &tag(rank);
            spliced += part;
        }
    }
    spliced.into_bytes()
}

/// The bytes as they may arrive: in pieces of these lengths, over and over.
fn chunks<'a>(bytes: &'a [u8], lengths: &[usize]) -> Vec<&'a [u8]> {
    let mut chunks = Vec::new();
    let (mut rest, mut lengths) = (bytes, lengths.iter().cycle());
    while !rest.is_empty() {
        let (chunk, left) = rest.split_at((*lengths.next().expect("endless")).min(rest.len()));
        chunks.push(chunk);
        rest = left;
    }
    chunks
}

proptest! {
    #[test]
    fn every_ranks_lines_are_restored((texts, order) in pieces(), cuts in prop::collection::vec(1usize..40, 1..10)) {
        let open_mpi = splice(&texts, &order, false, |rank| format!("[1,{rank}]<stdout>:"));
        let hydra = splice(&texts, &order, false, |rank| format!("\x1e{rank}\x1f"));
        let five = splice(&texts, &order, true, |rank| format!("[1,{rank}]<stdout>: "));
        for (family, major, bytes) in [(MpiFamily::OpenMpi, 4, open_mpi), (MpiFamily::Mpich, 4, hydra), (MpiFamily::OpenMpi, 5, five)] {
            let lines = demux(family, major, &chunks(&bytes, &cuts));
            for (rank, text) in texts.iter().enumerate() {
                let said: Vec<&[u8]> = lines.iter().filter(|l| l.rank.is_some_and(|r| r.0 as usize == rank)).map(|l| l.text.as_slice()).collect();
                let expected: Vec<&[u8]> = text.lines().map(str::as_bytes).collect();
                prop_assert_eq!(said, expected);
            }
            prop_assert_eq!(lines.len(), texts.iter().map(|t| t.lines().count()).sum::<usize>());
        }
    }

    #[test]
    fn any_bytes_come_out_alike_however_they_arrive(
        bytes in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(&b"[1,0]<stdout>:\n\x1e\x1f"[..])], 0..300),
        cuts in prop::collection::vec(1usize..40, 1..10),
    ) {
        for (family, major) in [(MpiFamily::OpenMpi, 4), (MpiFamily::OpenMpi, 5), (MpiFamily::Mpich, 4)] {
            let lines = demux(family, major, &chunks(&bytes, &cuts));
            prop_assert_eq!(&lines, &demux(family, major, &[&bytes]));
            let (kept, ends) = (lines.iter().map(|l| l.text.len()).sum::<usize>(), bytes.split(|&b| b == b'\n').count() - 1);
            prop_assert!(kept + ends <= bytes.len() && lines.len() >= ends, "{} bytes of {}", kept, bytes.len());
        }
    }

    #[test]
    fn garbage_loses_no_byte_and_never_panics(text in "([\\[\\]<>:,0-9 x\n\x1e\x1f]|<stdout>:|\\[1,){0,60}", cut in 0usize..60) {
        for (family, major) in [(MpiFamily::OpenMpi, 4), (MpiFamily::OpenMpi, 5), (MpiFamily::Mpich, 4)] {
            let bytes = text.as_bytes();
            let (a, b) = bytes.split_at(cut.min(bytes.len()));
            prop_assert_eq!(demux(family, major, &[a, b]), demux(family, major, &[bytes]));
        }
    }
}
