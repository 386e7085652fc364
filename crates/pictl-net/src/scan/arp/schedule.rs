//! Which address to ask when, and when to stop: decided by the answers, without a socket or a clock of its own.
//!
//! All addresses are asked a few times in quick succession, expected ones first. On a network that is quick and loses
//! nothing no new host appears after the first pass, and the scan ends. Any sign of another kind of network makes the
//! scan patient: it then asks gently for seconds, until no new host has appeared for a while.
//!
//! That no new host appears proves little. Where every fifth frame is lost, in one of fifty scans of eight hosts some
//! answer the first question and the others none of three. So hosts that have answered are asked again as samples:
//! when twenty or thirty of these are all answered in time, the others are silent because they are not there.

use std::collections::{HashMap, HashSet, VecDeque};
use std::net::Ipv4Addr;
use std::time::Duration;

use pictl_model::ids::MacAddr;
use tokio::time::Instant;

use super::frame::{Packet, PacketKind};
use crate::scan::hub::Note;

/// What to scan.
#[derive(Clone, Debug, Default)]
pub(in crate::scan) struct Order {
    /// All addresses, each once.
    pub(in crate::scan) targets: Vec<Ipv4Addr>,
    /// Those among them that are asked first.
    pub(in crate::scan) first: Vec<Ipv4Addr>,
    /// Those among them where a host is expected: asked before all others, and several times over seconds before they
    /// count as silent.
    pub(in crate::scan) expected: HashSet<Ipv4Addr>,
    /// Be patient with all of them.
    pub(in crate::scan) thorough: bool,
}

/// How often all addresses are asked, and how fast.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// Questions to each address while the network is quick.
    quick: u32,
    /// At least, when it is not.
    patient: u32,
    /// At most, when each pass finds a new host.
    most: u32,
    /// Between two questions, at least.
    pace: Duration,
    /// The same once the scan is patient.
    patient_pace: Duration,
}

/// A /24 is asked in 41 ms, so that its last address has 350 ms for its first answer in a scan that ends within 400:
/// 6250 frames a second are 4 Mbit/s with their preambles. Where every fifth frame is lost either way (0.36 of the
/// questions stay unanswered), ten questions miss one host of 27,000.
const CABLE: Limits = Limits {
    quick: 3,
    patient: 10,
    most: 20,
    pace: Duration::from_micros(160),
    patient_pace: Duration::from_micros(400),
};
/// For more addresses than a /22 has two passes are enough: where there are many hosts, samples show any loss. A
/// patient scan of a /20 takes 10 s.
const LARGE: Limits = Limits { quick: 2, patient_pace: Duration::from_micros(250), ..CABLE };
const LARGE_FROM: usize = 1024;
/// For a wireless interface, where a broadcast takes up to a millisecond of air time: 500 a second, as arp-scan sends
/// them.
const AIR: Limits = Limits { patient: 6, most: 12, patient_pace: Duration::from_millis(2), ..CABLE };
/// A wide network must come to an end: two passes over a /16 take 8 s (16,600 frames a second).
const WIDE: Limits =
    Limits { quick: 2, patient: 6, most: 8, pace: Duration::from_micros(60), patient_pace: Duration::from_micros(120) };
/// From this many addresses on.
const WIDE_FROM: usize = 8192;
/// Further questions of a thorough scan: sixteen of them miss one of a hundred hosts that lose half of their frames
/// in each direction.
const THOROUGH: u32 = 6;

/// From the beginning of the first pass to that of the second: an access point forwards broadcasts after its next
/// beacon, which comes every 102 ms.
const FIRST_PASS: Duration = Duration::from_millis(110);
/// Shortest duration of a later pass.
const QUICK_PASS: Duration = Duration::from_millis(100);
/// The same once the scan is patient. For sleeping stations an access point keeps 128 broadcasts until the next
/// beacon (Linux: `AP_MAX_BC_BUFFER`) and drops the others; of a /24 in 210 ms 123 come together. Three quick passes,
/// seven of these and [`ANSWER`] are 2.1 s: long enough for a host that answers after two.
const PATIENT_PASS: Duration = Duration::from_millis(210);
/// Passes in a row without a new host, before a patient scan ends.
const FLAT: u32 = 3;

/// Waiting time after the first question: a sleeping station hears it one to three beacons (307 ms) later.
const ANSWER: Duration = Duration::from_millis(350);
/// The same for the last questions of a quick scan: a host that needs longer had an earlier one.
const TAIL: Duration = Duration::from_millis(80);
/// And after all have answered: another network interface may claim the same address.
const RIVALS: Duration = Duration::from_millis(20);

/// An answer that takes longer does not come from a quick network: wired hosts need a millisecond, a busy Pi some
/// tens.
const LATE: Duration = Duration::from_millis(150);
/// Between two samples.
const SAMPLE: Duration = Duration::from_millis(10);
/// Between two samples of the same host.
const SAMPLE_SAME: Duration = Duration::from_millis(30);

/// Hosts at most that are expected because they ask whether their address is free: a flood of such questions must not
/// make work.
const MOST_EXPECTED: usize = 1000;

/// A pass that is further behind than this goes on from here, instead of catching up in a flood.
const BEHIND: Duration = Duration::from_millis(5);

impl Limits {
    /// The limits for this many addresses.
    fn of(count: usize, wireless: bool) -> Self {
        match count {
            WIDE_FROM.. => WIDE,
            _ if wireless => AIR,
            LARGE_FROM.. => LARGE,
            _ => CABLE,
        }
    }
}

/// How long a scan of this many addresses takes on a cable, where few hosts are there and nothing is lost.
pub(in crate::scan) fn about(count: usize) -> Duration {
    let Limits { quick, pace, .. } = Limits::of(count, false);
    let asking = pace * u32::try_from(count).unwrap_or(u32::MAX);
    let passes = FIRST_PASS.max(asking) + QUICK_PASS.max(asking) * (quick - 1);
    (asking + ANSWER).max(passes + TAIL)
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Ask this address.
    Ask(Ipv4Addr),
    /// Receive, at most until then.
    Wait(Instant),
    /// The scan is over: what is silent now stays silent.
    End,
}

/// An address that is asked.
#[derive(Clone, Debug, Default)]
struct Host {
    questions: u32,
    /// When it was asked last.
    asked: Option<Instant>,
    answers: u32,
    /// The MAC address of the first packet for it.
    mac: Option<MacAddr>,
    /// Another MAC address that claims it.
    rival: Option<MacAddr>,
}

/// One pass over addresses, spread evenly in time.
#[derive(Debug)]
struct Pass {
    queue: Vec<Ipv4Addr>,
    /// How many of them have been asked.
    at: u32,
    began: Instant,
    gap: Duration,
    /// When the next pass may begin.
    until: Instant,
}

/// The schedule of one scan.
#[derive(Debug)]
pub(super) struct Schedule {
    /// The MAC and IP address that ask, and whether another network interface claims that address.
    own: (MacAddr, Ipv4Addr),
    contested: bool,
    limits: Limits,
    hosts: HashMap<Ipv4Addr, Host>,
    /// Addresses that were silent when the last pass began, in the order of asking.
    silent: Vec<Ipv4Addr>,
    /// Addresses that are asked patiently in any case.
    expected: Vec<Ipv4Addr>,
    /// Hosts that were heard, in the order in which samples are taken.
    known: VecDeque<Ipv4Addr>,
    /// When a new host was heard last, and in which pass.
    news: (Instant, u32),
    /// The network is not quick, or loses packets.
    patient: bool,
    pass: Pass,
    /// Passes that have begun: over all addresses, and including those over the expected ones alone.
    passes: u32,
    passes_expected: u32,
    /// When the last address was asked for the first time.
    first_asked: Instant,
    next_sample: Instant,
    /// When, which address, and how many answers it must have given in time.
    samples: VecDeque<(Instant, Ipv4Addr, u32)>,
}

impl Schedule {
    /// The schedule of `order` for this machine with its `own` MAC and IP address; patient from the beginning when it
    /// is `wireless`.
    pub(super) fn new(order: Order, own: (MacAddr, Ipv4Addr), wireless: bool, now: Instant) -> Self {
        let Order { targets, first, expected, thorough } = order;
        let hosts: HashMap<_, _> = targets.iter().map(|address| (*address, Host::default())).collect();
        let expected: Vec<_> = expected.into_iter().filter(|address| hosts.contains_key(address)).collect();
        let mut placed: HashSet<_> = HashSet::with_capacity(hosts.len());
        let in_order = expected.iter().copied().chain(first).chain(targets);
        let silent: Vec<_> =
            in_order.filter(|address| hosts.contains_key(address) && placed.insert(*address)).collect();
        let mut limits = Limits::of(hosts.len(), wireless);
        if thorough && hosts.len() < WIDE_FROM {
            limits.patient += THOROUGH;
            limits.most += THOROUGH;
        }
        Self {
            own,
            contested: false,
            limits,
            silent,
            expected,
            known: VecDeque::new(),
            news: (now, 0),
            patient: thorough || wireless,
            pass: Pass { queue: Vec::new(), at: 0, began: now, gap: Duration::ZERO, until: now },
            passes: 0,
            passes_expected: 0,
            first_asked: now,
            next_sample: now,
            samples: VecDeque::new(),
            hosts,
        }
    }

    /// How many addresses have been asked once, or need not be.
    pub(super) fn asked(&self) -> u64 {
        let first_pass = self.passes <= 1 && self.known.len() < self.hosts.len();
        if first_pass { u64::from(self.pass.at) } else { self.hosts.len() as u64 }
    }

    /// The question for `address` was not sent after all.
    pub(super) fn not_asked(&mut self, address: Ipv4Addr) {
        if let Some(host) = self.hosts.get_mut(&address) {
            host.questions = host.questions.saturating_sub(1);
        }
    }

    /// Addresses for which no question was sent.
    pub(super) fn unasked(&self) -> impl Iterator<Item = Ipv4Addr> {
        self.hosts.iter().filter(|(_, host)| host.questions == 0 && host.mac.is_none()).map(|(address, _)| *address)
    }

    /// Expected addresses from which nothing was heard.
    pub(super) fn unanswered(&self) -> impl Iterator<Item = Ipv4Addr> {
        self.expected.iter().copied().filter(|address| self.is_silent(*address))
    }

    /// What to do at `now`. The address of [`Step::Ask`] counts as asked.
    pub(super) fn next(&mut self, now: Instant) -> Step {
        self.judge_samples(now);
        if self.known.len() == self.hosts.len() {
            let end = self.news.0 + RIVALS;
            return if now < end { Step::Wait(end) } else { Step::End };
        }
        if let Some(address) = self.sample(now) {
            return Step::Ask(address);
        }
        loop {
            match self.step(now) {
                Some(Step::Wait(until)) if self.patient || self.known.is_empty() => return Step::Wait(until),
                Some(Step::Wait(until)) => return Step::Wait(until.min(self.next_sample)),
                Some(step) => return step,
                None => {}
            }
        }
    }

    /// Goes on in the present pass, or with the next one; `None` when there is nothing to do for that.
    fn step(&mut self, now: Instant) -> Option<Step> {
        let pass = &mut self.pass;
        let Some(&address) = pass.queue.get(pass.at as usize) else { return self.begin_pass(now) };
        let due = pass.began + pass.gap * pass.at;
        if now < due {
            return Some(Step::Wait(due));
        }
        if now - due > BEHIND {
            pass.began += now - due;
            pass.until += now - due;
        }
        pass.at += 1;
        if !self.is_silent(address) {
            return None;
        }
        if self.passes == 1 {
            self.first_asked = now;
        }
        self.count_question(address, now);
        Some(Step::Ask(address))
    }

    /// Begins the next pass when it is time for that, and returns what to do instead otherwise.
    fn begin_pass(&mut self, now: Instant) -> Option<Step> {
        if now < self.pass.until {
            return Some(Step::Wait(self.pass.until));
        }
        let Limits { quick, patient, most, .. } = self.limits;
        let flat = self.passes - self.news.1;
        let everybody = if self.patient {
            self.passes < patient || (flat < FLAT && self.passes < most)
        } else {
            self.passes < quick
        };
        let expected = self.passes_expected < patient && self.expected.iter().any(|address| self.is_silent(*address));
        if !everybody && !expected {
            return self.finish(now);
        }
        let queue = if everybody {
            let hosts = &self.hosts;
            self.silent.retain(|address| is_silent(hosts, *address));
            if self.passes > 0 {
                // The order changes, so that not always the same addresses are asked right after a beacon.
                let third = self.silent.len() / 3;
                self.silent.rotate_left(third);
            }
            self.passes += 1;
            self.silent.clone()
        } else {
            self.expected.iter().copied().filter(|address| self.is_silent(*address)).collect()
        };
        self.passes_expected += 1;
        let count = queue.len().max(1) as u32;
        let Limits { pace, patient_pace, .. } = self.limits;
        let (gap, length) = if self.patient || !everybody {
            let length = PATIENT_PASS.max(patient_pace * count);
            (length / count, length)
        } else if self.passes == 1 {
            (pace, FIRST_PASS.max(pace * count))
        } else {
            let length = QUICK_PASS.max(pace * count);
            (length / count, length)
        };
        self.pass = Pass { queue, at: 0, began: now, gap, until: now + length };
        None
    }

    /// What to do when no address is left to ask.
    fn finish(&mut self, now: Instant) -> Option<Step> {
        let tail = if self.patient || self.passes_expected > self.passes { ANSWER } else { TAIL };
        let end = (self.first_asked + ANSWER).max(self.pass.until + tail);
        if now < end {
            return Some(Step::Wait(end));
        }
        if self.patient || !self.known.is_empty() {
            return Some(Step::End);
        }
        // Every network has a host, at least its router.
        self.patient = true;
        None
    }

    /// A host to ask again as a sample, when it is time for that.
    fn sample(&mut self, now: Instant) -> Option<Ipv4Addr> {
        if self.patient || now < self.next_sample {
            return None;
        }
        let address = self.known.pop_front()?;
        self.known.push_back(address);
        self.next_sample = now + SAMPLE;
        let host = self.hosts.get(&address)?;
        // One question at a time: the answer to a later one must not count as the answer to an earlier one.
        if host.answers < host.questions || host.asked.is_some_and(|asked| now - asked < SAMPLE_SAME) {
            return None;
        }
        let questions = self.count_question(address, now);
        self.samples.push_back((now, address, questions));
        Some(address)
    }

    /// A sample without an answer in time shows loss or a slow network.
    fn judge_samples(&mut self, now: Instant) {
        while let Some(&(asked, address, answers)) = self.samples.front()
            && now - asked > LATE
        {
            self.samples.pop_front();
            self.patient |= self.hosts.get(&address).is_some_and(|host| host.answers < answers);
        }
    }

    fn count_question(&mut self, address: Ipv4Addr, now: Instant) -> u32 {
        self.hosts.get_mut(&address).map_or(0, |host| {
            host.questions += 1;
            host.asked = Some(now);
            host.questions
        })
    }

    fn is_silent(&self, address: Ipv4Addr) -> bool {
        is_silent(&self.hosts, address)
    }

    /// Handles a packet, and returns what to report of it.
    pub(super) fn handle(&mut self, Packet { address, mac, kind }: Packet, now: Instant) -> Option<Note> {
        if mac == self.own.0 {
            return None;
        }
        if address == self.own.1 && kind != PacketKind::Probe {
            let news = !std::mem::replace(&mut self.contested, true);
            return news.then_some(Note::Contested { address: address.into(), mac });
        }
        let host = self.hosts.get_mut(&address)?;
        if kind == PacketKind::Probe {
            // It will announce itself within seconds, unless another host has the address.
            if self.expected.len() < MOST_EXPECTED && !self.expected.contains(&address) {
                self.expected.push(address);
            }
            return None;
        }
        host.answers += u32::from(kind == PacketKind::Answer);
        match host.mac {
            None => {
                host.mac = Some(mac);
                let after = host.asked.map(|asked| now - asked);
                self.patient |= host.questions > 1 || after.is_some_and(|after| after > LATE);
                self.known.push_back(address);
                self.news = (now, self.passes);
                let rtt = after.filter(|_| kind == PacketKind::Answer);
                Some(Note::Arp { address, mac, rtt })
            }
            Some(first) if first != mac && host.rival.is_none() => {
                host.rival = Some(mac);
                Some(Note::Contested { address: address.into(), mac })
            }
            Some(_) => None,
        }
    }
}

/// Nothing was heard from `address`.
fn is_silent(hosts: &HashMap<Ipv4Addr, Host>, address: Ipv4Addr) -> bool {
    hosts.get(&address).is_some_and(|host| host.mac.is_none())
}
