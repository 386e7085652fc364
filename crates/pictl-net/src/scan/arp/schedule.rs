//! Whom to ask when, and when to stop: decided by how the answers come in, without a socket or a clock of its own.
//!
//! Everybody is asked a few times in quick succession, those who are expected first. On a network that is quick and
//! sound the curve of answers is flat after the first round, and the sweep ends. Anything that shows it to be
//! otherwise makes the sweep patient: it then asks for seconds, gently, until the curve has been flat for a while.
//!
//! A curve that looks flat proves little. Where every fifth frame is lost, in one of fifty sweeps of eight hosts some
//! answer the first question and the others none of three. So those who have answered are asked again as samples:
//! when twenty or thirty of these are all answered in time, the others are silent because they are not there.

use std::collections::{HashMap, HashSet, VecDeque};
use std::net::Ipv4Addr;
use std::time::Duration;

use pictl_model::ids::MacAddr;
use tokio::time::Instant;

use super::SweepOrder;
use super::frame::{Packet, PacketKind};
use crate::scan::hub::Note;

/// How often everybody is asked, and how fast.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// Questions to each address while all is well.
    quick: u32,
    /// At least, when it is not.
    patient: u32,
    /// At most, when somebody turns up in each round.
    most: u32,
    /// Between two questions, at least.
    pace: Duration,
    /// The same once the sweep is patient.
    patient_pace: Duration,
}

/// A /24 is asked in 41 ms, so that the last of it has 350 ms for its first answer in a sweep that ends within 400:
/// 6250 frames a second are 4 Mbit/s with their preambles. Where every fifth frame is lost either way (0.36 of the
/// questions stay unanswered), ten questions miss one host of 27,000.
const CABLE: Limits = Limits {
    quick: 3,
    patient: 10,
    most: 20,
    pace: Duration::from_micros(160),
    patient_pace: Duration::from_micros(400),
};
/// From more addresses than a /22 has on two rounds are enough: where there are many hosts, samples show any loss. A
/// patient sweep of a /20 takes 10 s.
const LARGE: Limits = Limits { quick: 2, patient_pace: Duration::from_micros(250), ..CABLE };
const LARGE_FROM: usize = 1024;
/// From a wireless card, where a broadcast takes up to a millisecond of everybody's air time: 500 a second, as
/// arp-scan sends them.
const AIR: Limits = Limits { patient: 6, most: 12, patient_pace: Duration::from_millis(2), ..CABLE };
/// What counts in a wide network is to come to an end: two rounds over a /16 take 8 s (16,600 frames a second).
const WIDE: Limits =
    Limits { quick: 2, patient: 6, most: 8, pace: Duration::from_micros(60), patient_pace: Duration::from_micros(120) };
/// From this many addresses on.
const WIDE_FROM: usize = 8192;
/// Further questions of a thorough sweep: sixteen of them miss one of a hundred hosts that lose half of what they
/// hear and half of what they say.
const THOROUGH: u32 = 6;

/// From the beginning of the first round to that of the second: an access point passes broadcasts on after its next
/// beacon, which comes every 102 ms.
const FIRST_ROUND: Duration = Duration::from_millis(110);
/// Shortest time over which a later round is spread.
const QUICK_ROUND: Duration = Duration::from_millis(100);
/// The same once the sweep is patient. For sleeping stations an access point keeps 128 broadcasts until the next
/// beacon (Linux: `AP_MAX_BC_BUFFER`) and drops the others; of a /24 in 210 ms 123 come together. Three quick rounds,
/// seven of these and [`ANSWER`] are 2.1 s: long enough for who answers after two.
const PATIENT_ROUND: Duration = Duration::from_millis(210);
/// Rounds in a row that bring nobody new, before a patient sweep ends.
const FLAT: u32 = 3;

/// How long the first questions are listened to: a sleeping station hears one up to three beacons (307 ms) later.
const ANSWER: Duration = Duration::from_millis(350);
/// The same for the last questions of a quick sweep: whoever needs longer had an earlier one.
const TAIL: Duration = Duration::from_millis(80);
/// And after everybody has answered: another card may claim the same address.
const RIVALS: Duration = Duration::from_millis(20);

/// An answer that takes longer does not come from a quick network: wired hosts need a millisecond, a Pi under load
/// some tens.
const LATE: Duration = Duration::from_millis(150);
/// Between two samples.
const SAMPLE: Duration = Duration::from_millis(10);
/// Between two samples of the same host.
const SAMPLE_SAME: Duration = Duration::from_millis(30);

/// So many are expected because they ask whether their address is free; whoever floods the network with such
/// questions must not make work.
const MOST_EXPECTED: usize = 1000;

/// A round that is further behind than this goes on from here, instead of making up for it by a flood.
const BEHIND: Duration = Duration::from_millis(5);

impl Limits {
    /// Those for so many addresses.
    fn of(count: usize, wireless: bool) -> Self {
        match count {
            WIDE_FROM.. => WIDE,
            _ if wireless => AIR,
            LARGE_FROM.. => LARGE,
            _ => CABLE,
        }
    }
}

/// How long a sweep of so many addresses takes from a cable, where few are there and nothing is lost.
pub(in crate::scan) fn about(count: usize) -> Duration {
    let Limits { quick, pace, .. } = Limits::of(count, false);
    let asking = pace * u32::try_from(count).unwrap_or(u32::MAX);
    let rounds = FIRST_ROUND.max(asking) + QUICK_ROUND.max(asking) * (quick - 1);
    (asking + ANSWER).max(rounds + TAIL)
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Ask this address.
    Ask(Ipv4Addr),
    /// Listen, at most until then.
    Wait(Instant),
    /// Whoever is silent now stays so.
    End,
}

/// An address that is asked.
#[derive(Clone, Debug, Default)]
struct Host {
    questions: u32,
    /// The last time.
    asked: Option<Instant>,
    answers: u32,
    /// Who spoke for it first.
    mac: Option<MacAddr>,
    /// Who else did.
    rival: Option<MacAddr>,
}

/// One pass over addresses, spread evenly.
#[derive(Debug)]
struct Round {
    queue: Vec<Ipv4Addr>,
    /// How many of them had their turn.
    at: u32,
    began: Instant,
    gap: Duration,
    /// When the next round may begin.
    until: Instant,
}

/// The course of one sweep.
#[derive(Debug)]
pub(super) struct Schedule {
    /// The card and the address that ask, and whether another card claims that address.
    own: (MacAddr, Ipv4Addr),
    contested: bool,
    limits: Limits,
    hosts: HashMap<Ipv4Addr, Host>,
    /// Who was silent when the last round began, in the order of asking.
    silent: Vec<Ipv4Addr>,
    /// For whom the sweep is patient in any case.
    expected: Vec<Ipv4Addr>,
    /// Who was heard of, in the order in which samples are taken.
    known: VecDeque<Ipv4Addr>,
    /// When somebody new was heard of, and in which round.
    news: (Instant, u32),
    /// The network is not quick, or loses something.
    patient: bool,
    round: Round,
    /// Rounds that have begun: over everybody, and with those over the expected alone.
    rounds: u32,
    rounds_expected: u32,
    /// When the last address was asked for the first time.
    first_asked: Instant,
    next_sample: Instant,
    /// When, who, and how many answers of it there must be in time.
    samples: VecDeque<(Instant, Ipv4Addr, u32)>,
}

impl Schedule {
    /// The course of `order` for this machine's own card and address; patient from the first when it is `wireless`.
    pub(super) fn new(order: SweepOrder, own: (MacAddr, Ipv4Addr), wireless: bool, now: Instant) -> Self {
        let SweepOrder { targets, first, expected, thorough } = order;
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
            round: Round { queue: Vec::new(), at: 0, began: now, gap: Duration::ZERO, until: now },
            rounds: 0,
            rounds_expected: 0,
            first_asked: now,
            next_sample: now,
            samples: VecDeque::new(),
            hosts,
        }
    }

    /// How many addresses have had their first question, or need none.
    pub(super) fn asked(&self) -> u64 {
        let first_round = self.rounds <= 1 && self.known.len() < self.hosts.len();
        if first_round { u64::from(self.round.at) } else { self.hosts.len() as u64 }
    }

    /// Those who were expected, and of whom nothing was heard.
    pub(super) fn unanswered(&self) -> impl Iterator<Item = Ipv4Addr> {
        self.expected.iter().copied().filter(|address| self.is_silent(*address))
    }

    /// What to do at `now`. Whoever is to be asked counts as asked.
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

    /// Goes on in the present round, or with the next one; `None` when there was nothing to do for that.
    fn step(&mut self, now: Instant) -> Option<Step> {
        let round = &mut self.round;
        let Some(&address) = round.queue.get(round.at as usize) else { return self.begin_round(now) };
        let due = round.began + round.gap * round.at;
        if now < due {
            return Some(Step::Wait(due));
        }
        if now - due > BEHIND {
            round.began += now - due;
            round.until += now - due;
        }
        round.at += 1;
        if !self.is_silent(address) {
            return None;
        }
        if self.rounds == 1 {
            self.first_asked = now;
        }
        self.count_question(address, now);
        Some(Step::Ask(address))
    }

    /// Begins the next round when it is time for that; what is to be done instead.
    fn begin_round(&mut self, now: Instant) -> Option<Step> {
        if now < self.round.until {
            return Some(Step::Wait(self.round.until));
        }
        let Limits { quick, patient, most, .. } = self.limits;
        let flat = self.rounds - self.news.1;
        let everybody = if self.patient {
            self.rounds < patient || (flat < FLAT && self.rounds < most)
        } else {
            self.rounds < quick
        };
        let expected = self.rounds_expected < patient && self.expected.iter().any(|address| self.is_silent(*address));
        if !everybody && !expected {
            return self.finish(now);
        }
        let queue = if everybody {
            let hosts = &self.hosts;
            self.silent.retain(|address| is_silent(hosts, *address));
            if self.rounds > 0 {
                // Not always the same ones at the same time after a beacon.
                let third = self.silent.len() / 3;
                self.silent.rotate_left(third);
            }
            self.rounds += 1;
            self.silent.clone()
        } else {
            self.expected.iter().copied().filter(|address| self.is_silent(*address)).collect()
        };
        self.rounds_expected += 1;
        let count = queue.len().max(1) as u32;
        let Limits { pace, patient_pace, .. } = self.limits;
        let (gap, length) = if self.patient || !everybody {
            let length = PATIENT_ROUND.max(patient_pace * count);
            (length / count, length)
        } else if self.rounds == 1 {
            (pace, FIRST_ROUND.max(pace * count))
        } else {
            let length = QUICK_ROUND.max(pace * count);
            (length / count, length)
        };
        self.round = Round { queue, at: 0, began: now, gap, until: now + length };
        None
    }

    /// What is to be done when nobody is to be asked any more.
    fn finish(&mut self, now: Instant) -> Option<Step> {
        let tail = if self.patient || self.rounds_expected > self.rounds { ANSWER } else { TAIL };
        let end = (self.first_asked + ANSWER).max(self.round.until + tail);
        if now < end {
            return Some(Step::Wait(end));
        }
        if self.patient || !self.known.is_empty() {
            return Some(Step::End);
        }
        // Every network has somebody, its router at least.
        self.patient = true;
        None
    }

    /// Somebody to ask again although he has answered, when it is time for that.
    fn sample(&mut self, now: Instant) -> Option<Ipv4Addr> {
        if self.patient || now < self.next_sample {
            return None;
        }
        let address = self.known.pop_front()?;
        self.known.push_back(address);
        self.next_sample = now + SAMPLE;
        let host = self.hosts.get(&address)?;
        // One question at a time: the answer to a later one must not pass for that to an earlier.
        if host.answers < host.questions || host.asked.is_some_and(|asked| now - asked < SAMPLE_SAME) {
            return None;
        }
        let questions = self.count_question(address, now);
        self.samples.push_back((now, address, questions));
        Some(address)
    }

    /// A sample without its answer shows loss or lateness.
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

    /// Takes in what was heard, and gives what is to be told of it.
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
            // It will announce itself within seconds, unless somebody else has the address.
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
                self.news = (now, self.rounds);
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

/// Nothing was heard of the host at `address`.
fn is_silent(hosts: &HashMap<Ipv4Addr, Host>, address: Ipv4Addr) -> bool {
    hosts.get(&address).is_some_and(|host| host.mac.is_none())
}
