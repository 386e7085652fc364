//! Values as people read them, and text that fits.

mod finding;
mod layout;

pub(crate) use finding::{
    change_mark, change_meaning, flag, flag_meaning, hint_meanings, pi_because, roughly, seen_by,
};
pub(crate) use layout::{add, columns, fit, fit_line, pad, span_columns, wrap};
use pictl_model::banner::release_of_banner;
use pictl_model::event::Level;
use pictl_model::link::{LinkFailure, LoginMethod};
use pictl_model::node::{Link, Sudo};
use pictl_model::run::{RunPhase, Validity, Verdict};
use pictl_model::telemetry::{ClockOffset, Sample};
use pictl_model::world::NodeView;
use pictl_model::{Millis, Timestamp};

/// A reading older than this is shown with its age.
pub(crate) const STALE: Millis = Millis(5_000);

/// How long ago, in words: `now`, `12 s ago`, `3 min ago`, `2 h ago`.
pub(crate) fn ago(now: Timestamp, at: Timestamp) -> String {
    match (now - at).0 / 1000 {
        0..=1 => "now".to_owned(),
        s @ 2..=99 => format!("{s} s ago"),
        s @ 100..=5_999 => format!("{} min ago", s / 60),
        s @ 6_000..=172_799 => format!("{} h ago", s / 3600),
        s => format!("{} days ago", s / 86_400),
    }
}

/// With commas between thousands: `1,024`.
pub(crate) fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 node`, `4 nodes`, `4 addresses`.
pub(crate) fn count(n: usize, thing: &str) -> String {
    let end = match thing.ends_with('s') {
        _ if n == 1 => "",
        true => "es",
        false => "s",
    };
    format!("{} {thing}{end}", number(n as u64))
}

/// How much lies above and below what is seen.
pub(crate) fn more(above: usize, below: usize) -> String {
    match (above, below) {
        (0, 0) => String::new(),
        (0, below) => format!("↓ {below} more"),
        (above, 0) => format!("↑ {above} more"),
        (above, below) => format!("↑ {above} ↓ {below} more"),
    }
}

/// Items in words: `a`, `a and b`, `a, b and 5 more`.
pub(crate) fn listing(names: &[String], most: usize) -> String {
    match names {
        [] => "none".to_owned(),
        [one] => one.clone(),
        names if names.len() <= most.max(2) => {
            let (last, rest) = (&names[names.len() - 1], &names[..names.len() - 1]);
            format!("{} and {last}", rest.join(", "))
        }
        names => format!("{} and {} more", names[..most].join(", "), names.len() - most),
    }
}

/// A rate in slices: `12.3 slices/s`, or `2.5 s/slice` for slow ones.
pub(crate) fn rate(slices: u32, seconds: f64) -> String {
    if slices == 0 || seconds <= 0.0 {
        return "-".to_owned();
    }
    let per_second = f64::from(slices) / seconds;
    if per_second >= 1.0 { format!("{per_second:.1}/s") } else { format!("{:.1} s each", 1.0 / per_second) }
}

/// pictl's connection in one or two words.
pub(crate) fn link(link: &Link) -> String {
    match link {
        Link::Idle => "not connected".to_owned(),
        Link::Connecting => "connecting".to_owned(),
        Link::Waiting { what } => format!("waits for {what}"),
        Link::Up => "connected".to_owned(),
        Link::Lost { .. } => "lost".to_owned(),
        Link::Failed { .. } => "failed".to_owned(),
    }
}

/// The same with what follows: when a node that is away is tried again.
pub(crate) fn connection(node: &NodeView, now: Timestamp) -> String {
    let words = link(&node.link);
    match next_try(node, now) {
        Some(again) => format!("{words}, {again}"),
        None => words,
    }
}

/// When a node that is away is tried again.
pub(crate) fn next_try(node: &NodeView, now: Timestamp) -> Option<String> {
    let at = node.next_try.filter(|_| matches!(node.link, Link::Lost { .. } | Link::Failed { .. }))?;
    // A full second is waited for its end.
    Some(match (at - now).0.div_ceil(1_000) {
        0 => "next try now".to_owned(),
        s @ 1..=99 => format!("next try in {s} s"),
        s => format!("next try in {} min", s / 60),
    })
}

/// By what pictl logged in, as people call it.
pub(crate) fn login(by: &LoginMethod) -> String {
    match by {
        LoginMethod::Key(file) => format!("by your key {}", file.display()),
        _ => format!("by {by}"),
    }
}

/// Why there is no connection, in a few words where its kind is known; otherwise as it was said.
pub(crate) fn brief(failure: Option<LinkFailure>, why: &str) -> String {
    failure.and_then(link_failure).unwrap_or(why).to_owned()
}

/// The few words for a kind of failure; none where only the whole sentence says what it is.
fn link_failure(failure: LinkFailure) -> Option<&'static str> {
    Some(match failure {
        LinkFailure::NoAnswer => "no answer",
        LinkFailure::Refused => "refused",
        LinkFailure::NoRoute => "no route",
        LinkFailure::HungUp => "closed by the host",
        LinkFailure::KeyExchangeTimedOut => "key exchange timed out",
        LinkFailure::LoginTimedOut => "login timed out",
        LinkFailure::NotSsh => "not SSH",
        LinkFailure::HostKeyChanged => "host key changed",
        LinkFailure::HostKeyRevoked => "host key revoked",
        LinkFailure::HostKeyNotTrusted => "host key not trusted",
        LinkFailure::NoPassword => "no password",
        LinkFailure::WrongPassword => "wrong password",
        LinkFailure::PermissionDenied => "login refused",
        LinkFailure::Passphrase => "key needs passphrase",
        LinkFailure::KeyUnusable => "key not usable",
        LinkFailure::NoAddress => "no address",
        LinkFailure::NameNotResolved => "name not found",
        LinkFailure::JumpHostInvalid => "jump host not valid",
        LinkFailure::JumpHostLoop => "jump hosts in a circle",
        LinkFailure::JumpHostDown => "jump host not connected",
        LinkFailure::JumpHostLost => "jump host lost",
        LinkFailure::NotForwarded => "not forwarded",
        LinkFailure::Closed => "closed",
        LinkFailure::Other => return None,
    })
}

/// What a run is busy with.
pub(crate) fn phase(phase: RunPhase) -> &'static str {
    match phase {
        RunPhase::Checking => "one rank on every node proves that MPI works",
        RunPhase::Deploying => "copying the program to the nodes",
        RunPhase::Launching => "starting mpirun; no rank has reported yet",
        RunPhase::Running => "running",
        RunPhase::Stopping => "stopping",
        RunPhase::Sweeping => "checking for processes left on the nodes",
        RunPhase::Over => "over",
    }
}

/// How root rights are had.
pub(crate) fn sudo(sudo: Sudo) -> &'static str {
    match sudo {
        Sudo::Root => "the login is root",
        Sudo::NoPassword => "sudo without a password",
        Sudo::Password => "sudo asks for a password",
        Sudo::Missing => "none: sudo is not installed",
        Sudo::WantsTerminal => "none: sudo wants a terminal (requiretty)",
    }
}

/// Throttling in words; empty when all is well or nothing is known.
pub(crate) fn throttle(sample: &Sample) -> String {
    sample.throttled.map(|t| t.words().join(", ")).unwrap_or_default()
}

/// How a node works, in words, what matters most first; what the board does not report is left out.
pub(crate) fn readings(sample: &Sample) -> Vec<String> {
    let clock = sample.clock.map(|c| format!("{} MHz", c.mhz()));
    let by_kernel = || sample.kernel_clock.map(|c| format!("{} MHz by the kernel", c.mhz()));
    [
        sample.temp.map(|t| t.to_string()),
        clock.or_else(by_kernel),
        sample.busy.map(|b| format!("{:.0} % busy", b * 100.0)),
        sample.mem_available_kib.map(|k| format!("{} MiB free", number(k / 1024))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What goes in and out of it, in words.
pub(crate) fn flows(sample: &Sample) -> Vec<String> {
    [
        sample.net.map(|net| format!("{} in, {} out", net.received, net.sent)),
        sample.fan.map(|fan| format!("fan {fan}")),
        sample.power.map(|power| format!("{power} on its supply rails")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// How far a node's clock is from the operator's: `2.0 s ahead of this computer's (give or take 20 ms)`.
pub(crate) fn clock_offset(offset: ClockOffset) -> String {
    let direction = if offset.ms < 0 { "behind" } else { "ahead of" };
    let by = match offset.ms.unsigned_abs() {
        ms @ 0..1_000 => format!("{ms} ms"),
        ms @ 1_000..100_000 => format!("{}.{} s", ms / 1_000, ms / 100 % 10),
        ms => Millis(ms).to_string(),
    };
    format!("{by} {direction} this computer's (give or take {} ms)", offset.within_ms)
}

/// A run's stamp in a line, with its worst reason.
pub(crate) fn stamp(validity: &Validity) -> (String, Level) {
    let level = match validity.verdict {
        Verdict::Valid => Level::Info,
        Verdict::Doubtful => Level::Warn,
        Verdict::Invalid => Level::Error,
    };
    let why = match &validity.reasons[..] {
        [] => String::new(),
        [one] => format!(": {}", one.text),
        [worst, more @ ..] => format!(": {} (and {} more)", worst.text, more.len()),
    };
    (format!("{}{why}", validity.verdict.word()), level)
}

/// The release that an SSH banner shows: `Debian 12` from `…Debian-2+deb12u3`, else the server's name.
pub(crate) fn ssh_words(banner: &str) -> String {
    ssh_system(banner).unwrap_or_else(|| {
        let server = banner.strip_prefix("SSH-2.0-").unwrap_or(banner);
        server.split(' ').next().unwrap_or_default().to_owned()
    })
}

/// The release that an SSH banner shows.
pub(crate) fn ssh_system(banner: &str) -> Option<String> {
    release_of_banner(banner).map(|release| release.short())
}

/// An operating system in two words: `Debian 12`.
pub(crate) fn short_os(os: &str) -> String {
    let os = os.replace(" GNU/Linux", "");
    os.split(" (").next().unwrap_or_default().to_owned()
}

/// A board's model without the words that all share.
pub(crate) fn short_model(model: &str) -> String {
    let short =
        model.replace("Raspberry Pi ", "Pi ").replace("Model ", "").replace(" Plus", "+").replace(" Rev ", " r");
    short.trim().to_owned()
}

/// Temperature as text and whether it is stale; `None` when none was ever read.
pub(crate) fn temperature(node: &NodeView, now: Timestamp) -> Option<(String, bool)> {
    let reading = node.readings.iter().rev().find(|r| r.sample.temp.is_some())?;
    let temp = reading.sample.temp?;
    Some((temp.to_string(), now - reading.at > STALE))
}

#[cfg(test)]
mod tests {
    use pictl_model::run::Concern;
    use pictl_model::telemetry::NetRate;
    use pictl_model::{BytesPerSecond, Celsius, Hertz, Rpm, Watts};

    use super::*;

    #[test]
    fn ages_read_as_people_say_them() {
        let ago = |s: i64| ago(Timestamp(s * 1000), Timestamp(0));
        assert_eq!(
            (ago(0), ago(12), ago(185), ago(7_300)),
            ("now".into(), "12 s ago".into(), "3 min ago".into(), "2 h ago".into())
        );
    }

    #[test]
    fn numbers_and_lists_read_well() {
        assert_eq!((number(7), number(1_024), number(1_234_567)), ("7".into(), "1,024".into(), "1,234,567".into()));
        let names: Vec<_> = ["a", "b", "c", "d"].map(str::to_owned).into();
        assert_eq!(listing(&names, 2), "a, b and 2 more");
        assert_eq!(listing(&names[..3], 3), "a, b and c");
        assert_eq!(listing(&[], 3), "none");
    }

    #[test]
    fn banners_show_the_release() {
        assert_eq!(ssh_words("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3"), "Debian 12");
        assert_eq!(ssh_words("SSH-2.0-OpenSSH_9.2p1 Raspbian-10+deb12u2"), "Raspbian 12");
        assert_eq!(ssh_words("SSH-2.0-OpenSSH_10.0p2 Debian-7"), "Debian 13");
        assert_eq!(ssh_words("SSH-2.0-OpenSSH_9.6p1 Ubuntu-3ubuntu13.5"), "Ubuntu 24.04");
        assert_eq!(ssh_words("SSH-2.0-OpenSSH_12.9p1 Debian-1"), "Debian");
        assert_eq!(ssh_words("SSH-2.0-dropbear_2022.83"), "dropbear_2022.83");
    }

    #[test]
    fn a_failed_connection_has_short_words_for_its_kind_and_others_only_where_that_is_unknown() {
        let shown = "cannot reach 10.0.0.3:22: no answer within 5s";
        for (failure, words) in [
            (LinkFailure::NoAnswer, "no answer"),
            (LinkFailure::Refused, "refused"),
            (LinkFailure::NoRoute, "no route"),
            (LinkFailure::HostKeyChanged, "host key changed"),
            (LinkFailure::HostKeyRevoked, "host key revoked"),
            (LinkFailure::HostKeyNotTrusted, "host key not trusted"),
            (LinkFailure::NoPassword, "no password"),
            (LinkFailure::WrongPassword, "wrong password"),
            (LinkFailure::PermissionDenied, "login refused"),
            (LinkFailure::Other, shown),
        ] {
            assert_eq!(brief(Some(failure), shown), words);
        }
        assert_eq!(brief(None, shown), shown, "an old record");
    }

    #[test]
    fn sensors_show_what_they_know_and_nothing_else() {
        let sample = Sample {
            temp: Some(Celsius(61.44)),
            kernel_clock: Some(Hertz(2_400_000_000)),
            net: Some(NetRate { received: BytesPerSecond(12_300.0), sent: BytesPerSecond(380.0) }),
            fan: Some(Rpm(2_750)),
            power: Some(Watts(6.23)),
            ..Sample::default()
        };
        assert_eq!(readings(&sample), ["61.4 °C", "2400 MHz by the kernel"]);
        assert_eq!(flows(&sample), ["12 kB/s in, 380 B/s out", "fan 2750 rpm", "6.2 W on its supply rails"]);
        let both = Sample { clock: Some(Hertz(1_500_000_000)), ..sample };
        assert_eq!(readings(&both)[1], "1500 MHz", "the firmware knows better");
        assert!(readings(&Sample::default()).is_empty() && flows(&Sample::default()).is_empty());
    }

    #[test]
    fn clocks_are_shown_with_their_certainty() {
        let shown = |ms, within_ms| clock_offset(ClockOffset { ms, within_ms });
        assert_eq!(shown(12, 20), "12 ms ahead of this computer's (give or take 20 ms)");
        assert_eq!(shown(-2_040, 5), "2.0 s behind this computer's (give or take 5 ms)");
        assert_eq!(shown(3_600_020, 40), "1:00:00 ahead of this computer's (give or take 40 ms)");
    }

    #[test]
    fn a_stamp_gives_its_worst_reason() {
        let concern = |verdict, text: &str| Concern { verdict, text: text.to_owned() };
        let hot = concern(Verdict::Invalid, "pi04 was throttled during the run");
        let governor = concern(Verdict::Valid, "the governor of pi01 is ondemand, not performance");
        assert_eq!(stamp(&Validity::of(Vec::new())), ("valid".into(), Level::Info));
        let remark = "valid: the governor of pi01 is ondemand, not performance";
        assert_eq!(stamp(&Validity::of(vec![governor.clone()])), (remark.into(), Level::Info));
        let worst = "invalid: pi04 was throttled during the run (and 1 more)";
        assert_eq!(stamp(&Validity::of(vec![governor, hot])), (worst.into(), Level::Error));
    }

    #[test]
    fn slow_slices_are_shown_by_their_time() {
        assert_eq!(rate(10, 4.0), "2.5/s");
        assert_eq!(rate(2, 5.0), "2.5 s each");
        assert_eq!(rate(0, 5.0), "-");
    }
}
