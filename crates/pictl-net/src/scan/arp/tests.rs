//! Scans of networks that lose, delay and forge packets.

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

/// A frame on its way: when it arrives, a number that keeps the order, and the frame.
type UnderWay = Reverse<(Instant, u64, [u8; FRAME])>;

/// A network with some hosts.
struct Fake {
    hosts: HashMap<Ipv4Addr, Behaviour>,
    /// Lost frames of 100, in each direction.
    lost: u64,
    state: Mutex<State>,
    sent: Notify,
}

/// How a host behaves.
#[derive(Clone, Copy, Default)]
struct Behaviour {
    late: Duration,
    /// Questions that it misses before it wakes up.
    deaf: u32,
    /// Network interfaces that answer for it.
    interfaces: u8,
    /// Lost questions and answers of 100.
    lost: u64,
}

#[derive(Default)]
struct State {
    random: u64,
    number: u64,
    asked: HashMap<Ipv4Addr, u32>,
    under_way: BinaryHeap<UnderWay>,
    /// Errors of the next frames that are sent.
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

fn mac(address: Ipv4Addr, interface: u8) -> MacAddr {
    let [.., c, d] = address.octets();
    MacAddr([2, 0, 0, 1 + interface, c, d])
}

fn address(number: usize) -> Ipv4Addr {
    Ipv4Addr::from_bits(Ipv4Addr::new(10, 0, 0, 0).to_bits() + number as u32)
}

impl Fake {
    /// Hosts at 10.0.0.1 and up.
    fn new(hosts: usize, behaviour: Behaviour) -> Self {
        let hosts = (1..=hosts).map(|host| (address(host), behaviour)).collect();
        Self { hosts, lost: 0, state: Mutex::default(), sent: Notify::new() }.seeded(1)
    }

    fn with(mut self, host: usize, behaviour: Behaviour) -> Self {
        self.hosts.insert(address(host), behaviour);
        self
    }

    /// With random numbers of its own, the same each time.
    fn seeded(self, run: u64) -> Self {
        self.state.lock().unwrap().random = run.wrapping_mul(0x2545_f491_4f6c_dd1d);
        self
    }

    /// Puts a frame on the wire that was not asked for.
    fn inject(&self, when: Duration, frame: [u8; FRAME]) {
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
        if let Some(behaviour) = self.hosts.get(&target)
            && times > behaviour.deaf
        {
            for interface in 0..behaviour.interfaces.max(1) {
                if !state.loses(self.lost.max(behaviour.lost)) && !state.loses(self.lost.max(behaviour.lost)) {
                    state.put(Instant::now() + behaviour.late, answer(mac(target, interface), target));
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

/// The result of a scan.
#[derive(Debug, Default)]
struct Outcome {
    found: HashMap<Ipv4Addr, Option<Duration>>,
    took: Duration,
    problems: Vec<String>,
    contested: Vec<(std::net::IpAddr, MacAddr)>,
    unanswered: Vec<std::net::IpAddr>,
    /// Those for which no question was sent.
    unasked: Vec<std::net::IpAddr>,
    asked: HashMap<Ipv4Addr, u32>,
    reported: u64,
}

impl Outcome {
    fn frames(&self) -> u32 {
        self.asked.values().sum()
    }
}

async fn scan_of(fake: &Fake, order: Order) -> Outcome {
    let (notes, mut noted) = mpsc::unbounded_channel();
    let subnet = Subnet { interface: "none".into(), net: "10.0.0.0/16".parse().unwrap(), address: OWN };
    let interface = Interface { index: 1, kind: Kind::Physical, mac: mac(OWN, 0), subnet };
    let begin = Instant::now();
    scan(fake, interface, order, notes).await;
    let mut outcome = Outcome { took: begin.elapsed(), ..Outcome::default() };
    while let Some(note) = noted.recv().await {
        match note {
            Note::Arp { address, mac: heard, rtt } => {
                assert!(
                    (0..3).any(|interface| heard == mac(address, interface)),
                    "{address} has another MAC than {heard}"
                );
                assert!(outcome.found.insert(address, rtt).is_none(), "{address} is reported once");
            }
            Note::Asked(count) => outcome.reported += count,
            Note::Problem(text) => outcome.problems.push(text),
            Note::Contested { address, mac } => outcome.contested.push((address, mac)),
            Note::Unanswered { address } => outcome.unanswered.push(address),
            Note::Unasked { address, .. } => outcome.unasked.push(address),
            other => panic!("{other:?}"),
        }
    }
    outcome.asked.clone_from(&fake.state.lock().unwrap().asked);
    outcome
}

/// The addresses from 10.0.0.1 on, without that of this machine.
fn order(count: usize) -> Order {
    Order { targets: (1..=count).map(address).filter(|address| *address != OWN).collect(), ..Order::default() }
}

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn late(milliseconds: u64) -> Behaviour {
    Behaviour { late: ms(milliseconds), ..Behaviour::default() }
}

#[tokio::test(start_paused = true)]
async fn a_quick_network_is_scanned_within_400_ms() {
    let outcome = scan_of(&Fake::new(8, late(1)), order(254)).await;
    assert_eq!((outcome.found.len(), outcome.reported), (8, 254));
    assert!(outcome.took <= ms(400), "{:?}", outcome.took);
    // Three passes, and samples.
    assert!(outcome.frames() < 3 * 254 + 40, "{}", outcome.frames());
    assert!(outcome.asked.values().all(|times| *times >= 2), "{:?}", outcome.asked);
}

/// Four times as fast as nmap, which takes 9.6 s.
#[tokio::test(start_paused = true)]
async fn a_large_network_of_many_hosts_is_scanned_within_two_seconds() {
    let outcome = scan_of(&Fake::new(200, late(1)), order(4094)).await;
    assert_eq!((outcome.found.len(), outcome.reported), (200, 4094));
    assert!(outcome.took < ms(1800), "{:?}", outcome.took);
}

#[tokio::test(start_paused = true)]
async fn the_scan_ends_when_all_have_answered() {
    let outcome = scan_of(&Fake::new(100, late(1)), order(100)).await;
    assert_eq!((outcome.found.len(), outcome.reported), (100, 100));
    assert!(outcome.took < ms(50), "{:?}", outcome.took);
    assert_eq!(scan_of(&Fake::new(0, late(0)), order(0)).await.reported, 0);
}

#[tokio::test(start_paused = true)]
async fn the_first_question_has_350_ms_for_its_answer() {
    let sleeper = Behaviour { late: ms(345), ..Behaviour::default() };
    for host in [9, 254] {
        let outcome = scan_of(&Fake::new(8, late(1)).with(host, sleeper), order(254)).await;
        assert_eq!(outcome.found.len(), 9, "{host}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_sleeping_host_makes_the_scan_patient_with_the_others() {
    let fake = Fake::new(8, late(1)).with(20, late(300)).with(200, late(2000));
    let outcome = scan_of(&fake, order(254)).await;
    assert_eq!(outcome.found.len(), 10);
    assert!(outcome.took < ms(3500), "{:?}", outcome.took);
    let fake =
        Fake::new(8, late(1)).with(20, Behaviour { deaf: 1, ..late(1) }).with(200, Behaviour { deaf: 8, ..late(1) });
    assert_eq!(scan_of(&fake, order(254)).await.found.len(), 10, "one did not hear its first question");
}

#[tokio::test(start_paused = true)]
async fn the_scan_is_patient_with_an_expected_host_alone() {
    let expecting = |host| Order { expected: [address(host)].into(), ..order(254) };
    let outcome = scan_of(&Fake::new(8, late(1)).with(200, late(1990)), expecting(200)).await;
    assert_eq!(outcome.found.len(), 9);
    assert!(outcome.unanswered.is_empty());

    let outcome = scan_of(&Fake::new(8, late(1)), expecting(200)).await;
    assert_eq!((outcome.found.len(), &outcome.unanswered[..]), (8, &[address(200).into()][..]));
    assert!(ms(2000) < outcome.took && outcome.took < ms(2500), "{:?}", outcome.took);
    assert_eq!(outcome.asked[&address(200)], 10);
    assert!(outcome.asked[&address(201)] == 3, "the others are not asked again");

    let there = scan_of(&Fake::new(8, late(1)), expecting(8)).await;
    assert!(there.took <= ms(400) && there.unanswered.is_empty(), "{:?}", there.took);
}

#[tokio::test(start_paused = true)]
async fn expected_and_known_hosts_are_asked_first() {
    let fake = Fake::new(0, late(0)).with(254, late(0)).with(253, late(0));
    let order = Order { first: vec![address(253)], expected: [address(254)].into(), ..order(254) };
    let outcome = scan_of(&fake, order).await;
    assert!(outcome.found.values().all(|rtt| rtt.is_some_and(|rtt| rtt < ms(2))), "{:?}", outcome.found);
    assert!(fake.state.lock().unwrap().asked.len() == 254);
}

/// 1600 hosts on 200 networks where every fifth frame is lost, in each direction.
#[tokio::test(start_paused = true)]
async fn a_network_that_loses_packets_is_asked_until_all_hosts_are_found() {
    let (mut missed, mut slowest) = (0, Duration::ZERO);
    for run in 1..=200 {
        let mut fake = Fake { lost: 20, ..Fake::new(0, late(0)) }.seeded(run);
        for host in 1..=8 {
            fake = fake.with(host * 31, late(80));
        }
        let outcome = scan_of(&fake, order(254)).await;
        missed += 8 - outcome.found.len();
        slowest = slowest.max(outcome.took);
    }
    assert!(missed <= 1, "{missed} of 1600 were missed");
    assert!(slowest < ms(3500), "{slowest:?}");
}

/// No answer is late, so only the loss can show it; with few hosts, the answers alone seldom show it.
#[tokio::test(start_paused = true)]
async fn loss_alone_is_noticed() {
    for hosts in [3, 8] {
        let mut missed = 0;
        for run in 1..=100 {
            let fake = Fake { lost: 20, ..Fake::new(hosts, late(1)) }.seeded(run);
            missed += hosts - scan_of(&fake, order(254)).await.found.len();
        }
        assert!(missed <= 1, "{missed} of {} were missed", 100 * hosts);
    }
}

#[tokio::test(start_paused = true)]
async fn a_thorough_scan_finds_a_host_that_loses_half_of_its_packets() {
    let mut missed = 0;
    for run in 1..=50 {
        let fake = Fake::new(8, late(1)).with(99, Behaviour { lost: 50, ..late(1) }).seeded(run);
        let outcome = scan_of(&fake, Order { thorough: true, ..order(254) }).await;
        missed += 9 - outcome.found.len();
        assert!(ms(3000) < outcome.took && outcome.took < ms(7000), "{:?}", outcome.took);
    }
    assert!(missed <= 1, "{missed} of 50 were missed");
}

#[tokio::test(start_paused = true)]
async fn the_scan_is_patient_where_no_host_answers() {
    let outcome = scan_of(&Fake::new(0, late(0)).with(17, Behaviour { deaf: 5, ..late(1) }), order(254)).await;
    assert_eq!(outcome.found.len(), 1);
}

/// At most what an access point forwards, and what it keeps for sleeping stations from one beacon to the next.
#[test]
fn a_wireless_network_is_asked_gently() {
    for (wireless, most) in [(true, 52), (false, 128)] {
        let begin = Instant::now();
        let mut now = begin;
        let mut curve = Schedule::new(Order { thorough: true, ..order(254) }, (mac(OWN, 0), OWN), wireless, now);
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
    let outcome = scan_of(&Fake::new(100, late(1)).with(65_000, late(1)), order(65_534)).await;
    assert_eq!((outcome.found.len(), outcome.reported), (101, 65_533));
    assert!(outcome.took < ms(9000), "{:?}", outcome.took);
    assert!(outcome.frames() < 2 * 65_534 + 1000, "{}", outcome.frames());
    let poor = Fake { lost: 20, ..Fake::new(100, late(80)) };
    let outcome = scan_of(&poor, order(65_534)).await;
    assert!(outcome.took < ms(60_000), "{:?}", outcome.took);
    assert!(outcome.frames() < 8 * 65_534 + 1000, "{}", outcome.frames());
}

#[tokio::test(start_paused = true)]
async fn other_interfaces_that_claim_an_address_are_reported_once() {
    let fake = Fake::new(1, Behaviour { interfaces: 3, ..late(5) });
    fake.inject(ms(30), answer(mac(address(99), 7), OWN));
    fake.inject(ms(40), answer(mac(address(99), 7), OWN));
    fake.inject(ms(50), answer(mac(OWN, 0), OWN));
    let outcome = scan_of(&fake, order(254)).await;
    let expected = [(address(1).into(), mac(address(1), 1)), (OWN.into(), mac(address(99), 7))];
    assert_eq!(outcome.contested, expected);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_sends_unasked_is_found() {
    let fake = Fake::new(8, late(1));
    // One announces itself, another asks for its router.
    fake.inject(ms(20), question(mac(address(30), 0), address(30), address(30)));
    fake.inject(ms(200), question(mac(address(40), 0), address(40), address(1)));
    fake.inject(ms(210), question(mac(address(999), 0), address(999), address(1)));
    let outcome = scan_of(&fake, order(254)).await;
    assert_eq!(outcome.found.len(), 10, "the third was not asked for");
    assert!(outcome.found[&address(30)].is_none(), "it did not answer");
}

#[tokio::test(start_paused = true)]
async fn a_host_that_boots_is_waited_for() {
    let fake = Fake::new(8, late(1)).with(50, Behaviour { deaf: 8, ..late(1) });
    fake.inject(ms(300), question(mac(address(50), 0), Ipv4Addr::UNSPECIFIED, address(50)));
    assert_eq!(scan_of(&fake, order(254)).await.found.len(), 9);
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_foreign_frames_does_not_delay_the_scan() {
    let fake = Fake::new(8, late(1));
    for n in 0..100_000u32 {
        let stranger = Ipv4Addr::from_bits(0x0b00_0000 + n);
        fake.inject(Duration::from_micros(10 * u64::from(n)), answer(mac(stranger, 0), stranger));
    }
    let outcome = scan_of(&fake, order(254)).await;
    assert_eq!(outcome.found.len(), 8);
    assert!(outcome.took <= ms(410), "{:?}", outcome.took);
}

#[tokio::test(start_paused = true)]
async fn an_interface_that_goes_down_is_one_clear_problem() {
    let fake = Fake::new(8, late(1));
    fake.state.lock().unwrap().down = Some(Instant::now() + ms(100));
    let outcome = scan_of(&fake, Order { expected: [address(200)].into(), ..order(254) }).await;
    assert_eq!(outcome.problems, ["ARP on none ended early: the interface went down; hosts may be missing"]);
    assert!(outcome.found.len() == 8 && outcome.unanswered.is_empty(), "{outcome:?}");
    assert!(outcome.took < ms(110), "{:?}", outcome.took);
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_is_waited_for_but_not_for_ever() {
    let fake = Fake::new(8, late(1));
    fake.state.lock().unwrap().errors = vec![libc::ENOBUFS; 20];
    let outcome = scan_of(&fake, order(254)).await;
    assert_eq!((outcome.found.len(), outcome.problems.len()), (8, 0));
    let fake = Fake::new(8, late(1));
    fake.state.lock().unwrap().errors = vec![libc::ENOBUFS; 10_000];
    let outcome = scan_of(&fake, order(254)).await;
    assert_eq!(
        outcome.problems,
        ["ARP on none ended early: the queue of the interface stays full; hosts may be missing"]
    );
    assert_eq!(outcome.unasked.len() + outcome.found.len(), order(254).targets.len(), "nobody is taken for silent");
    assert!(outcome.took < ms(1100), "{:?}", outcome.took);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// On any network: the scan ends, no host is reported that is not there, only targets are asked, and all of them.
    #[test]
    fn every_scan_ends(
        hosts in prop::collection::btree_map(1usize..300, (0u64..3000, 0u32..12, 1u8..3), 0..20),
        lost in 0u64..100,
        count in 0usize..300,
        thorough: bool,
        expected in prop::collection::hash_set(1usize..300, 0..4),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let outcome = runtime.block_on(async {
            let mut fake = Fake { lost, ..Fake::new(0, late(0)) };
            for (&host, &(late, deaf, interfaces)) in &hosts {
                fake = fake.with(host, Behaviour { late: ms(late), deaf, interfaces, lost: 0 });
            }
            let expected = expected.iter().copied().map(address).collect();
            scan_of(&fake, Order { expected, thorough, ..order(count) }).await
        });
        let number = |address: &Ipv4Addr| address.to_bits() as usize & 0xffff;
        let is_target = |address: &Ipv4Addr| (1..=count).contains(&number(address));
        prop_assert!(outcome.took < ms(9000), "{:?}", outcome.took);
        prop_assert_eq!(outcome.reported, count as u64);
        prop_assert!(outcome.problems.is_empty());
        prop_assert!(outcome.asked.keys().all(is_target) && outcome.asked.values().all(|times| *times < 120));
        prop_assert!(outcome.found.keys().all(|found| is_target(found) && hosts.contains_key(&number(found))));
        for address in (1..=count).map(address) {
            prop_assert!(outcome.asked.contains_key(&address));
        }
        for host in expected.into_iter().map(address) {
            let silent = is_target(&host) && !outcome.found.contains_key(&host);
            prop_assert_eq!(outcome.unanswered.contains(&host.into()), silent);
        }
    }
}
