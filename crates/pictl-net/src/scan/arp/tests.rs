//! Sweeps over networks that lose, delay and forge.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Mutex;

use pictl_model::MacAddr;
use proptest::prelude::*;
use tokio::sync::{Notify, mpsc};

use super::frame::tests::answer;
use super::frame::{FRAME, question};
use super::*;
use crate::scan::interfaces::{Kind, Subnet};

const OWN: Ipv4Addr = Ipv4Addr::new(10, 0, 255, 253);

/// A frame under way: when it arrives, a number that keeps the order, the frame.
type UnderWay = Reverse<(Instant, u64, [u8; FRAME])>;

/// A network with some hosts.
struct Fake {
    hosts: HashMap<Ipv4Addr, Manners>,
    /// Of 100 frames, each way.
    lost: u64,
    state: Mutex<State>,
    sent: Notify,
}

/// How a host answers.
#[derive(Clone, Copy, Default)]
struct Manners {
    late: Duration,
    /// Questions that it does not hear before it wakes up.
    deaf: u32,
    /// Cards that answer for it.
    cards: u8,
    /// Of 100 questions and answers.
    lost: u64,
}

#[derive(Default)]
struct State {
    random: u64,
    number: u64,
    asked: HashMap<Ipv4Addr, u32>,
    under_way: BinaryHeap<UnderWay>,
    /// Errors that the next frames are answered by when they are sent.
    errors: Vec<i32>,
    /// When the interface goes down.
    down: Option<Instant>,
}

impl State {
    fn loses(&mut self, percent: u64) -> bool {
        // Xorshift.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random % 100 < percent
    }

    fn put(&mut self, when: Instant, frame: [u8; FRAME]) {
        self.number += 1;
        self.under_way.push(Reverse((when, self.number, frame)));
    }
}

fn mac(address: Ipv4Addr, card: u8) -> MacAddr {
    let [.., c, d] = address.octets();
    MacAddr([2, 0, 0, 1 + card, c, d])
}

fn address(number: usize) -> Ipv4Addr {
    Ipv4Addr::from_bits(Ipv4Addr::new(10, 0, 0, 0).to_bits() + number as u32)
}

impl Fake {
    /// Hosts at 10.0.0.1 and up.
    fn new(hosts: usize, manners: Manners) -> Self {
        let hosts = (1..=hosts).map(|host| (address(host), manners)).collect();
        Self { hosts, lost: 0, state: Mutex::default(), sent: Notify::new() }.seeded(1)
    }

    fn with(mut self, host: usize, manners: Manners) -> Self {
        self.hosts.insert(address(host), manners);
        self
    }

    /// As a run of its own, the same each time.
    fn seeded(self, run: u64) -> Self {
        self.state.lock().unwrap().random = run.wrapping_mul(0x2545_f491_4f6c_dd1d);
        self
    }

    /// Puts a frame on the wire that nobody asked for.
    fn says(&self, when: Duration, frame: [u8; FRAME]) {
        self.state.lock().unwrap().put(Instant::now() + when, frame);
    }
}

impl Wire for &Fake {
    async fn send(&self, frame: &[u8]) -> io::Result<()> {
        let target = Ipv4Addr::new(frame[38], frame[39], frame[40], frame[41]);
        let mut state = self.state.lock().unwrap();
        if let Some(error) = state.errors.pop() {
            return Err(io::Error::from_raw_os_error(error));
        }
        let times = state.asked.entry(target).or_default();
        *times += 1;
        let times = *times;
        if let Some(manners) = self.hosts.get(&target)
            && times > manners.deaf
        {
            for card in 0..manners.cards.max(1) {
                if !state.loses(self.lost.max(manners.lost)) && !state.loses(self.lost.max(manners.lost)) {
                    state.put(Instant::now() + manners.late, answer(mac(target, card), target));
                }
            }
            self.sent.notify_one();
        }
        Ok(())
    }

    async fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let next = {
                let mut state = self.state.lock().unwrap();
                if state.down.is_some_and(|down| down <= Instant::now()) {
                    return Err(io::Error::from_raw_os_error(libc::ENETDOWN));
                }
                let next = state.under_way.peek().map(|Reverse((when, ..))| *when);
                if next.is_some_and(|when| when <= Instant::now())
                    && let Some(Reverse((_, _, frame))) = state.under_way.pop()
                {
                    buffer[..FRAME].copy_from_slice(&frame);
                    return Ok(FRAME);
                }
                next.into_iter().chain(state.down).min()
            };
            match next {
                Some(when) => tokio::select! {
                    () = sleep_until(when) => {}
                    () = self.sent.notified() => {}
                },
                None => self.sent.notified().await,
            }
        }
    }
}

/// What came of a sweep.
#[derive(Debug, Default)]
struct Swept {
    found: HashMap<Ipv4Addr, Option<Duration>>,
    took: Duration,
    problems: Vec<String>,
    contested: Vec<(std::net::IpAddr, MacAddr)>,
    unanswered: Vec<std::net::IpAddr>,
    asked: HashMap<Ipv4Addr, u32>,
    reported: u64,
}

impl Swept {
    fn frames(&self) -> u32 {
        self.asked.values().sum()
    }
}

async fn sweep_of(fake: &Fake, order: SweepOrder) -> Swept {
    let (notes, mut noted) = mpsc::unbounded_channel();
    let subnet = Subnet { interface: "none".into(), net: "10.0.0.0/16".parse().unwrap(), address: OWN };
    let interface = Interface { index: 1, kind: Kind::Physical, mac: mac(OWN, 0), subnet };
    let begin = Instant::now();
    sweep(fake, interface, order, notes).await;
    let mut swept = Swept { took: begin.elapsed(), ..Swept::default() };
    while let Some(note) = noted.recv().await {
        match note {
            Note::Arp { address, mac: heard, rtt } => {
                assert!((0..3).any(|card| heard == mac(address, card)), "{address} has another card than {heard}");
                assert!(swept.found.insert(address, rtt).is_none(), "{address} is told of once");
            }
            Note::Asked(count) => swept.reported += count,
            Note::Problem(text) => swept.problems.push(text),
            Note::Contested { address, mac } => swept.contested.push((address, mac)),
            Note::Unanswered { address } => swept.unanswered.push(address),
            other => panic!("{other:?}"),
        }
    }
    swept.asked.clone_from(&fake.state.lock().unwrap().asked);
    swept
}

/// The addresses from 10.0.0.1 on, this machine's not among them.
fn order(count: usize) -> SweepOrder {
    SweepOrder {
        targets: (1..=count).map(address).filter(|address| *address != OWN).collect(),
        ..SweepOrder::default()
    }
}

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn late(milliseconds: u64) -> Manners {
    Manners { late: ms(milliseconds), ..Manners::default() }
}

#[tokio::test(start_paused = true)]
async fn a_quick_and_sound_network_is_swept_within_400_ms() {
    let swept = sweep_of(&Fake::new(8, late(1)), order(254)).await;
    assert_eq!((swept.found.len(), swept.reported), (8, 254));
    assert!(swept.took <= ms(400), "{:?}", swept.took);
    // Three rounds, and samples.
    assert!(swept.frames() < 3 * 254 + 40, "{}", swept.frames());
    assert!(swept.asked.values().all(|times| *times >= 2), "{:?}", swept.asked);
}

/// Four times as fast as nmap, which takes 9.6 s.
#[tokio::test(start_paused = true)]
async fn a_large_network_of_many_hosts_is_swept_within_two_seconds() {
    let swept = sweep_of(&Fake::new(200, late(1)), order(4094)).await;
    assert_eq!((swept.found.len(), swept.reported), (200, 4094));
    assert!(swept.took < ms(1800), "{:?}", swept.took);
}

#[tokio::test(start_paused = true)]
async fn when_everybody_has_answered_it_is_over() {
    let swept = sweep_of(&Fake::new(100, late(1)), order(100)).await;
    assert_eq!((swept.found.len(), swept.reported), (100, 100));
    assert!(swept.took < ms(50), "{:?}", swept.took);
    assert_eq!(sweep_of(&Fake::new(0, late(0)), order(0)).await.reported, 0);
}

#[tokio::test(start_paused = true)]
async fn the_first_question_has_350_ms_for_its_answer() {
    let sleeper = Manners { late: ms(345), ..Manners::default() };
    for host in [9, 254] {
        let swept = sweep_of(&Fake::new(8, late(1)).with(host, sleeper), order(254)).await;
        assert_eq!(swept.found.len(), 9, "{host}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_sleeps_makes_it_patient_with_the_others() {
    let fake = Fake::new(8, late(1)).with(20, late(300)).with(200, late(2000));
    let swept = sweep_of(&fake, order(254)).await;
    assert_eq!(swept.found.len(), 10);
    assert!(swept.took < ms(3500), "{:?}", swept.took);
    let fake = Fake::new(8, late(1)).with(20, Manners { deaf: 1, ..late(1) }).with(200, Manners { deaf: 8, ..late(1) });
    assert_eq!(sweep_of(&fake, order(254)).await.found.len(), 10, "one did not hear its first question");
}

#[tokio::test(start_paused = true)]
async fn where_somebody_is_expected_it_is_patient_with_him_alone() {
    let expecting = |host| SweepOrder { expected: [address(host)].into(), ..order(254) };
    let swept = sweep_of(&Fake::new(8, late(1)).with(200, late(1990)), expecting(200)).await;
    assert_eq!(swept.found.len(), 9);
    assert!(swept.unanswered.is_empty());

    let swept = sweep_of(&Fake::new(8, late(1)), expecting(200)).await;
    assert_eq!((swept.found.len(), &swept.unanswered[..]), (8, &[address(200).into()][..]));
    assert!(ms(2000) < swept.took && swept.took < ms(2500), "{:?}", swept.took);
    assert_eq!(swept.asked[&address(200)], 10);
    assert!(swept.asked[&address(201)] == 3, "the others are not asked again");

    let there = sweep_of(&Fake::new(8, late(1)), expecting(8)).await;
    assert!(there.took <= ms(400) && there.unanswered.is_empty(), "{:?}", there.took);
}

#[tokio::test(start_paused = true)]
async fn those_who_are_expected_or_known_are_asked_first() {
    let fake = Fake::new(0, late(0)).with(254, late(0)).with(253, late(0));
    let order = SweepOrder { first: vec![address(253)], expected: [address(254)].into(), ..order(254) };
    let swept = sweep_of(&fake, order).await;
    assert!(swept.found.values().all(|rtt| rtt.is_some_and(|rtt| rtt < ms(2))), "{:?}", swept.found);
    assert!(fake.state.lock().unwrap().asked.len() == 254);
}

/// Of 1600 hosts on 200 networks where every fifth frame is lost, either way.
#[tokio::test(start_paused = true)]
async fn a_network_that_loses_is_asked_until_it_has_told_of_everybody() {
    let (mut missed, mut slowest) = (0, Duration::ZERO);
    for run in 1..=200 {
        let mut fake = Fake { lost: 20, ..Fake::new(0, late(0)) }.seeded(run);
        for host in 1..=8 {
            fake = fake.with(host * 31, late(80));
        }
        let swept = sweep_of(&fake, order(254)).await;
        missed += 8 - swept.found.len();
        slowest = slowest.max(swept.took);
    }
    assert!(missed <= 1, "{missed} of 1600 were missed");
    assert!(slowest < ms(3500), "{slowest:?}");
}

/// No answer is late, so nothing but the loss can show it; with few hosts it seldom does by who answers when.
#[tokio::test(start_paused = true)]
async fn loss_alone_is_noticed() {
    for hosts in [3, 8] {
        let mut missed = 0;
        for run in 1..=100 {
            let fake = Fake { lost: 20, ..Fake::new(hosts, late(1)) }.seeded(run);
            missed += hosts - sweep_of(&fake, order(254)).await.found.len();
        }
        assert!(missed <= 1, "{missed} of {} were missed", 100 * hosts);
    }
}

#[tokio::test(start_paused = true)]
async fn a_thorough_sweep_finds_a_host_that_loses_half_among_sound_ones() {
    let mut missed = 0;
    for run in 1..=50 {
        let fake = Fake::new(8, late(1)).with(99, Manners { lost: 50, ..late(1) }).seeded(run);
        let swept = sweep_of(&fake, SweepOrder { thorough: true, ..order(254) }).await;
        missed += 9 - swept.found.len();
        assert!(ms(3000) < swept.took && swept.took < ms(7000), "{:?}", swept.took);
    }
    assert!(missed <= 1, "{missed} of 50 were missed");
}

#[tokio::test(start_paused = true)]
async fn where_nobody_answers_it_is_patient() {
    let swept = sweep_of(&Fake::new(0, late(0)).with(17, Manners { deaf: 5, ..late(1) }), order(254)).await;
    assert_eq!(swept.found.len(), 1);
}

/// Not more than an access point passes on, and than it keeps for sleeping stations from one beacon to the next.
#[test]
fn what_goes_over_the_air_is_asked_gently() {
    for (wireless, most) in [(true, 52), (false, 128)] {
        let begin = Instant::now();
        let mut now = begin;
        let mut curve = Schedule::new(SweepOrder { thorough: true, ..order(254) }, (mac(OWN, 0), OWN), wireless, now);
        let mut asked = Vec::new();
        loop {
            match curve.next(now) {
                Step::Ask(_) => asked.push(now - begin),
                Step::Wait(until) => now = until,
                Step::End => break,
            }
        }
        let beacon = Duration::from_micros(102_400);
        let together = |from| asked.iter().filter(|at| (from..from + beacon).contains(*at)).count();
        let worst = asked.iter().map(|at| together(*at)).max().unwrap();
        assert!(worst <= most, "{worst} in a beacon's time, wireless: {wireless}");
        assert!(asked.len() >= 10 * 254 && now - begin < Duration::from_secs(8), "{:?}", now - begin);
    }
}

#[tokio::test(start_paused = true)]
async fn a_wide_network_comes_to_an_end() {
    let swept = sweep_of(&Fake::new(100, late(1)).with(65_000, late(1)), order(65_534)).await;
    assert_eq!((swept.found.len(), swept.reported), (101, 65_533));
    assert!(swept.took < ms(9000), "{:?}", swept.took);
    assert!(swept.frames() < 2 * 65_534 + 1000, "{}", swept.frames());
    let poor = Fake { lost: 20, ..Fake::new(100, late(80)) };
    let swept = sweep_of(&poor, order(65_534)).await;
    assert!(swept.took < ms(60_000), "{:?}", swept.took);
    assert!(swept.frames() < 8 * 65_534 + 1000, "{}", swept.frames());
}

#[tokio::test(start_paused = true)]
async fn other_cards_that_claim_an_address_are_told_of_once() {
    let fake = Fake::new(1, Manners { cards: 3, ..late(5) });
    fake.says(ms(30), answer(mac(address(99), 7), OWN));
    fake.says(ms(40), answer(mac(address(99), 7), OWN));
    fake.says(ms(50), answer(mac(OWN, 0), OWN));
    let swept = sweep_of(&fake, order(254)).await;
    let expected = [(address(1).into(), mac(address(1), 1)), (OWN.into(), mac(address(99), 7))];
    assert_eq!(swept.contested, expected);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_speaks_by_itself_is_alive() {
    let fake = Fake::new(8, late(1));
    // One announces itself, another asks for its router.
    fake.says(ms(20), question(mac(address(30), 0), address(30), address(30)));
    fake.says(ms(200), question(mac(address(40), 0), address(40), address(1)));
    fake.says(ms(210), question(mac(address(999), 0), address(999), address(1)));
    let swept = sweep_of(&fake, order(254)).await;
    assert_eq!(swept.found.len(), 10, "the third was not asked for");
    assert!(swept.found[&address(30)].is_none(), "it did not answer");
}

#[tokio::test(start_paused = true)]
async fn a_host_that_boots_is_waited_for() {
    let fake = Fake::new(8, late(1)).with(50, Manners { deaf: 8, ..late(1) });
    fake.says(ms(300), question(mac(address(50), 0), Ipv4Addr::UNSPECIFIED, address(50)));
    assert_eq!(sweep_of(&fake, order(254)).await.found.len(), 9);
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_foreign_frames_does_not_hold_it_up() {
    let fake = Fake::new(8, late(1));
    for n in 0..100_000u32 {
        let stranger = Ipv4Addr::from_bits(0x0b00_0000 + n);
        fake.says(Duration::from_micros(10 * u64::from(n)), answer(mac(stranger, 0), stranger));
    }
    let swept = sweep_of(&fake, order(254)).await;
    assert_eq!(swept.found.len(), 8);
    assert!(swept.took <= ms(410), "{:?}", swept.took);
}

#[tokio::test(start_paused = true)]
async fn an_interface_that_goes_down_is_one_clear_problem() {
    let fake = Fake::new(8, late(1));
    fake.state.lock().unwrap().down = Some(Instant::now() + ms(100));
    let swept = sweep_of(&fake, SweepOrder { expected: [address(200)].into(), ..order(254) }).await;
    assert_eq!(swept.problems, ["ARP on none ended early: the interface went down; hosts may be missing"]);
    assert!(swept.found.len() == 8 && swept.unanswered.is_empty(), "{swept:?}");
    assert!(swept.took < ms(110), "{:?}", swept.took);
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_is_waited_for_but_not_for_ever() {
    let fake = Fake::new(8, late(1));
    fake.state.lock().unwrap().errors = vec![libc::ENOBUFS; 20];
    let swept = sweep_of(&fake, order(254)).await;
    assert_eq!((swept.found.len(), swept.problems.len()), (8, 0));
    let fake = Fake::new(8, late(1));
    fake.state.lock().unwrap().errors = vec![libc::ENOBUFS; 10_000];
    let swept = sweep_of(&fake, order(254)).await;
    assert_eq!(
        swept.problems,
        ["ARP on none ended early: the queue of the interface stays full; hosts may be missing"]
    );
    assert!(swept.took < ms(1100), "{:?}", swept.took);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever the network is like: it ends, nobody is told of who is not there, who is asked is a target, and all
    /// addresses are asked.
    #[test]
    fn every_sweep_ends(
        hosts in prop::collection::btree_map(1usize..300, (0u64..3000, 0u32..12, 1u8..3), 0..20),
        lost in 0u64..100,
        count in 0usize..300,
        thorough: bool,
        expected in prop::collection::hash_set(1usize..300, 0..4),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let swept = runtime.block_on(async {
            let mut fake = Fake { lost, ..Fake::new(0, late(0)) };
            for (&host, &(late, deaf, cards)) in &hosts {
                fake = fake.with(host, Manners { late: ms(late), deaf, cards, lost: 0 });
            }
            let expected = expected.iter().copied().map(address).collect();
            sweep_of(&fake, SweepOrder { expected, thorough, ..order(count) }).await
        });
        let number = |address: &Ipv4Addr| address.to_bits() as usize & 0xffff;
        let is_target = |address: &Ipv4Addr| (1..=count).contains(&number(address));
        prop_assert!(swept.took < ms(9000), "{:?}", swept.took);
        prop_assert_eq!(swept.reported, count as u64);
        prop_assert!(swept.problems.is_empty());
        prop_assert!(swept.asked.keys().all(is_target) && swept.asked.values().all(|times| *times < 120));
        prop_assert!(swept.found.keys().all(|found| is_target(found) && hosts.contains_key(&number(found))));
        for address in (1..=count).map(address) {
            prop_assert!(swept.asked.contains_key(&address));
        }
        for host in expected.into_iter().map(address) {
            let silent = is_target(&host) && !swept.found.contains_key(&host);
            prop_assert_eq!(swept.unanswered.contains(&host.into()), silent);
        }
    }
}
