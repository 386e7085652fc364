use proptest::prelude::*;

use super::*;

/// When the sampler was requested.
const ASKED: Timestamp = Timestamp(1_700_000_000_000);

fn reader() -> SampleReader {
    SampleReader::new(ASKED)
}

fn read(line: &str) -> Sample {
    reader().line(line, ASKED).expect("a sample")
}

#[test]
fn a_full_line_is_read_and_busy_needs_two() {
    let mut reader = reader();
    let first = reader.line("S 100.50 48312 1500345728 0x50005 0.25 1000 3000 800000", ASKED).expect("a sample");
    let expected = Sample {
        uptime: 100.5,
        temp: Some(Celsius(48.312)),
        clock: Some(Hertz(1_500_345_728)),
        throttled: Some(Throttled(0x50005)),
        load: Some(0.25),
        mem_available_kib: Some(800_000),
        ..Sample::default()
    };
    assert_eq!(first, expected);
    let second = reader.line("S 101.50 48312 1500345728 0x0 0.25 1300 3100 800000", ASKED).expect("a sample");
    assert_eq!(second.busy, Some(0.75));
}

#[test]
fn keys_are_read_in_any_order_and_unknown_ones_are_passed_over() {
    let mut reader = reader();
    let line = |uptime: f64, rx: u64, tx: u64| {
        format!(
            "S {uptime} - - - 0 1 1 1 fan=2750 freq=1800000000 tx={tx} colour=red swapout=7 swapin=5 power=6234 lowvolt=0 rx={rx} \
             noise"
        )
    };
    let first = reader.line(&line(10.0, 500, 900), ASKED).expect("a sample");
    assert_eq!((first.fan, first.kernel_clock), (Some(Rpm(2750)), Some(Hertz(1_800_000_000))));
    assert_eq!((first.power, first.swapped), (Some(Watts(6.234)), Some(Swapped { pages_in: 5, pages_out: 7 })));
    assert_eq!(
        (first.net, first.throttled),
        (None, None),
        "a rate needs two, and no alarm means nothing about throttling"
    );
    let second = reader.line(&line(12.0, 2_500, 900), ASKED).expect("a sample");
    assert_eq!(second.net, Some(NetRate { received: BytesPerSecond(1_000.0), sent: BytesPerSecond(0.0) }));
    // Counters that begin again, and an interface that went away.
    assert_eq!(reader.line(&line(13.0, 10, 10), ASKED).and_then(|s| s.net), None);
    assert_eq!(reader.line("S 14 - - - 0 1 1 1", ASKED).and_then(|s| s.net), None);
    assert_eq!(reader.line(&line(15.0, 20, 20), ASKED).and_then(|s| s.net), None);
}

#[test]
fn the_alarm_for_low_voltage_needs_no_firmware() {
    assert_eq!(read("S 5 - - - 0 1 1 1 lowvolt=1").throttled, Some(Throttled(0x1)));
    assert_eq!(read("S 5 - - 0x80008 0 1 1 1 lowvolt=1").throttled, Some(Throttled(0x8_0009)));
    assert_eq!(read("S 5 - - 0x80008 0 1 1 1 lowvolt=0").throttled, Some(Throttled(0x8_0008)));
}

#[test]
fn what_a_board_does_not_report_is_a_gap() {
    assert_eq!(read("S 5 - - - 0.00 1 1 -"), Sample { uptime: 5.0, load: Some(0.0), ..Sample::default() });
    for odd in [
        "S 5 999999999 0 0xzz nan x y -1",
        "S 5 - - - - - - - fan=-1 freq=0 rx=1 power=x swapin=1 lowvolt=2 now=later =",
        "S 5 - - - - - - - fan=99999999999 power=99999999999 now=99999999999999999999",
    ] {
        assert_eq!(read(odd), Sample { uptime: 5.0, ..Sample::default() }, "{odd}");
    }
}

#[test]
fn a_reboot_or_a_standing_clock_gives_no_busy() {
    let mut reader = reader();
    for line in ["S 9 - - - 0 500 500 1 rx=1 tx=1", "S 1 - - - 0 5 5 1 rx=2 tx=2", "S 1 - - - 0 5 5 1 rx=3 tx=3"] {
        let sample = reader.line(line, ASKED).expect("a sample");
        assert_eq!((sample.busy, sample.net), (None, None), "{line}");
    }
}

#[test]
fn other_lines_are_not_samples() {
    for line in
        ["", "S", "S 1 2 3", "X 1 - - - 0 1 1 1", "S nan - - - 0 1 1 1", "S -1 - - - 0 1 1 1", &"S ".repeat(600)]
    {
        assert_eq!(reader().line(line, ASKED), None, "{line}");
    }
}

/// The output of a sampler that was requested at `ASKED` and began 60 ms later on a node whose clock is `ahead`: its
/// start, and samples once a second, each of which took this many milliseconds to arrive.
fn offsets(reader: &mut SampleReader, ahead: i64, ways_back: &[i64]) -> Vec<ClockOffset> {
    let began = ASKED.0 + 60;
    assert_eq!(reader.line(&format!("T {}", began + ahead), Timestamp(began + ways_back[0])), None);
    let taken = (0..).zip(&ways_back[1..]).map(|(second, back)| {
        let there = began + 1_000 * second;
        let now = if second == 0 { format!(" now={}", there + ahead) } else { String::new() };
        let line = format!("S {}.5 - - - 0 1 1 1{now}", 100 + second);
        let sample = reader.line(&line, Timestamp(there + back)).expect("a sample");
        assert_eq!(sample.time, Some(Timestamp(there + ahead)), "the clock goes on as the uptime does");
        sample.offset.expect("an offset")
    });
    taken.collect()
}

#[test]
fn the_quickest_line_bounds_the_offset_best() {
    for ahead in [-3_600_000, 0, 250] {
        let found = offsets(&mut reader(), ahead, &[400, 300, 40, 500, 20, 90]);
        let within: Vec<u32> = found.iter().map(|offset| offset.within_ms).collect();
        assert_eq!(
            within,
            [190, 60, 60, 50, 50],
            "a tick and half of the delay of the request and of the quickest line"
        );
        for offset in &found {
            assert!((offset.ms - ahead).abs() <= i64::from(offset.within_ms), "{offset:?} for {ahead}");
        }
        assert_eq!(found[4].ms, ahead + 20, "the delays differ by 40 ms");
    }
}

#[test]
fn a_clock_that_was_set_is_followed() {
    let mut reader = reader();
    offsets(&mut reader, 0, &[20, 20, 20]);
    // A minute later its clock has been put an hour ahead.
    let at = ASKED.0 + 60_060;
    let line = format!("S 160.5 - - - 0 1 1 1 now={}", at + 3_600_000);
    let offset = reader.line(&line, Timestamp(at + 20)).and_then(|s| s.offset).expect("an offset");
    assert_eq!((offset.ms, offset.within_ms), (3_600_020, 50));
}

#[test]
fn a_clock_that_drifts_is_followed_with_the_same_certainty() {
    let mut reader = reader();
    offsets(&mut reader, 0, &[20; 30]);
    let mut last = None;
    for minute in 1..=40 {
        let at = ASKED.0 + 60 + 60_000 * minute;
        let line = format!("S {}.5 - - - 0 1 1 1 now={}", 100 + 60 * minute, at + 2 * minute);
        last = reader.line(&line, Timestamp(at + 20)).and_then(|s| s.offset);
    }
    let last = last.expect("an offset");
    assert_eq!(last.within_ms, 50);
    assert!((80..=120).contains(&last.ms), "80 ms in 40 minutes: {last:?}");
}

#[test]
fn without_a_clock_there_is_no_offset() {
    let sample = read("S 5 - - - 0 1 1 1");
    assert_eq!((sample.time, sample.offset), (None, None));
    // It did not say when it began.
    let sample = read("S 5 - - - 0 1 1 1 now=1700000000000");
    assert_eq!((sample.time, sample.offset), (Some(Timestamp(1_700_000_000_000)), None));
    let mut reader = reader();
    for line in ["T", "T x", "T 1 2", "T 99999999999999999999"] {
        assert_eq!(reader.line(line, ASKED), None);
    }
    assert_eq!(reader.line("S 5 - - - 0 1 1 1 now=5", ASKED).and_then(|s| s.offset), None);
}

proptest! {
    #[test]
    fn garbage_never_panics_and_shares_stay_shares(
        lines in prop::collection::vec("T [-0-9]{1,20}|S( [-0-9.exan]{1,24}){8}( (now|rx|tx|fan|power|swapin|swapout|freq|lowvolt)=[-0-9.e]{1,24}){0,5}", 0..6),
        at in any::<i64>(),
    ) {
        let mut reader = SampleReader::new(Timestamp(at));
        for sample in lines.iter().filter_map(|line| reader.line(line, Timestamp(at.wrapping_mul(7)))) {
            prop_assert!(sample.busy.is_none_or(|busy| (0.0..=1.0).contains(&busy)));
            prop_assert!(sample.net.is_none_or(|net| net.received.0 >= 0.0 && net.sent.0.is_finite()));
            prop_assert!(sample.power.is_none_or(|watts| watts.0 >= 0.0));
        }
    }

    #[test]
    fn any_text_never_panics(line in "\\PC{0,600}") {
        let _ = reader().line(&line, ASKED);
    }
}
