use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex};

use tokio::sync::mpsc;

use super::*;
use crate::scan::interfaces::{Kind, Subnet};

const INTERFACE: u32 = 7;

/// A host as the fake network has it.
#[derive(Clone, Copy, Default)]
struct Host {
    /// How many of the kernel's requests are lost.
    lost: u32,
    /// How long it takes to answer one, in milliseconds.
    late: u64,
}

/// What the fake kernel does with an address.
#[derive(Clone, Copy)]
enum Entry {
    /// It has been asking since then.
    Asked(Instant),
    /// It was in the table before.
    Before(State),
}

/// A kernel with the network 10.0.0.0/16, as the scan sees it.
#[derive(Default)]
struct Fake {
    hosts: HashMap<Ipv4Addr, Host>,
    /// How many entries its table holds; it drops failed ones when it needs room.
    size: usize,
    table: BTreeMap<Ipv4Addr, Entry>,
    probes: HashMap<Ipv4Addr, u32>,
    most_asking: usize,
    largest_batch: usize,
    /// It sends nothing, for this reason.
    refuses: Option<i32>,
}

impl Fake {
    fn state(&self, address: Ipv4Addr, entry: Entry) -> State {
        let since = match entry {
            Entry::Before(state) => return state,
            Entry::Asked(since) => since.elapsed(),
        };
        // It asks at once, after 1 and after 2 seconds, and gives up after 3.
        let answer = self.hosts.get(&address).filter(|host| host.lost < 3);
        let answer = answer.map(|host| Duration::from_millis(u64::from(host.lost) * 1000 + host.late));
        match answer {
            Some(answer) if answer < Duration::from_secs(3) && since >= answer => State::Fresh(mac(address)),
            _ if since >= Duration::from_secs(3) => State::Failed,
            _ => State::Asking,
        }
    }

    fn probe(&mut self, address: Ipv4Addr) {
        *self.probes.entry(address).or_default() += 1;
        let state = self.table.get(&address).map(|entry| self.state(address, *entry));
        if matches!(state, Some(State::Asking | State::Fresh(_) | State::Old(_))) {
            return;
        }
        if self.table.len() >= self.size {
            let failed = |(at, entry): (&Ipv4Addr, &Entry)| (self.state(*at, *entry) == State::Failed).then_some(*at);
            let Some(failed) = self.table.iter().find_map(failed) else { return };
            self.table.remove(&failed);
        }
        self.table.insert(address, Entry::Asked(Instant::now()));
    }
}

impl Kernel for Arc<Mutex<Fake>> {
    fn probe(&mut self, interface: &Interface, addresses: &[Ipv4Addr]) -> io::Result<Probed> {
        assert_eq!(interface.index, INTERFACE);
        let mut fake = self.lock().unwrap();
        fake.largest_batch = fake.largest_batch.max(addresses.len());
        let mut refused = Vec::new();
        for address in addresses {
            match fake.refuses {
                Some(errno) => refused.push((*address, io::Error::from_raw_os_error(errno))),
                None => fake.probe(*address),
            }
        }
        Ok(Probed { tried: addresses.len(), refused })
    }

    fn table(&mut self) -> io::Result<Vec<Neighbour>> {
        let mut fake = self.lock().unwrap();
        let state = |(address, entry): (&Ipv4Addr, &Entry)| Neighbour {
            interface: INTERFACE,
            address: (*address).into(),
            state: fake.state(*address, *entry),
        };
        let entries: Vec<_> = fake.table.iter().map(state).collect();
        let asking = entries.iter().filter(|entry| entry.state == State::Asking).count();
        fake.most_asking = fake.most_asking.max(asking);
        Ok(entries)
    }
}

fn mac(address: Ipv4Addr) -> MacAddr {
    let [_, _, high, low] = address.octets();
    MacAddr([2, 0, 0, 0, high, low])
}

fn at(n: u32) -> Ipv4Addr {
    (u32::from(Ipv4Addr::new(10, 0, 0, 0)) + n).into()
}

/// A network with `hosts`, and the kernel's usual table.
fn network(hosts: impl IntoIterator<Item = (u32, Host)>) -> Fake {
    let hosts = hosts.into_iter().map(|(n, host)| (at(n), host)).collect();
    Fake { hosts, size: TABLE, ..Fake::default() }
}

#[derive(Debug, Default)]
struct Outcome {
    found: Vec<Ipv4Addr>,
    known: Vec<(Ipv4Addr, bool)>,
    unanswered: Vec<IpAddr>,
    unasked: BTreeMap<IpAddr, String>,
    problems: Vec<String>,
    took: Duration,
}

/// Scans the addresses with these numbers in 10.0.0.0/16.
async fn scan(fake: &Arc<Mutex<Fake>>, addresses: RangeInclusive<u32>, expected: &[u32], thorough: bool) -> Outcome {
    let subnet = Subnet { interface: "eth9".into(), net: "10.0.0.0/16".parse().unwrap(), address: at(65000) };
    let interface = Interface { index: INTERFACE, kind: Kind::Physical, mac: mac(at(65000)), subnet };
    let expected = expected.iter().map(|n| at(*n)).collect();
    let order = Order {
        networks: vec![(interface, addresses.clone().map(at).collect())],
        expected,
        thorough,
        ..Order::default()
    };
    let (notes, mut noted) = mpsc::unbounded_channel();
    let begin = Instant::now();
    super::scan(Arc::clone(fake), order, notes).await;
    let mut outcome = Outcome { took: begin.elapsed(), ..Outcome::default() };
    let mut asked = 0;
    while let Some(note) = noted.recv().await {
        match note {
            Note::Asked(count) => asked += count,
            Note::Neighbour { address, mac: reported } => {
                assert_eq!(reported, mac(address));
                outcome.found.push(address);
            }
            Note::Known { address, fresh, .. } => outcome.known.push((address, fresh)),
            Note::Unanswered { address } => outcome.unanswered.push(address),
            Note::Unasked { address, why, .. } => drop(outcome.unasked.insert(address, why)),
            Note::Problem(text) => outcome.problems.push(text),
            other => panic!("{other:?}"),
        }
    }
    outcome.found.sort_unstable();
    assert_eq!(asked, addresses.count() as u64, "each counts once");
    outcome
}

fn shared(fake: Fake) -> Arc<Mutex<Fake>> {
    Arc::new(Mutex::new(fake))
}

#[tokio::test(start_paused = true)]
async fn a_scan_of_a_quick_network_takes_well_under_a_second() {
    let fake = shared(network((1..=40).map(|n| (n * 6, Host { late: 20, ..Host::default() }))));
    let outcome = scan(&fake, 1..=253, &[], false).await;
    assert_eq!(outcome.found, (1..=40).map(|n| at(n * 6)).collect::<Vec<_>>());
    assert!(outcome.took < Duration::from_millis(750), "{:?}", outcome.took);
    let fake = fake.lock().unwrap();
    assert!(fake.largest_batch <= PER_SOCKET && fake.probes.values().all(|times| *times == 1));
}

#[tokio::test(start_paused = true)]
async fn the_broadcast_address_is_not_a_host() {
    let fake = shared(network([]));
    // 10.0.255.255 is the last of them.
    scan(&fake, 65533..=65535, &[], false).await;
    assert!(!fake.lock().unwrap().probes.contains_key(&at(65535)));
}

#[tokio::test(start_paused = true)]
async fn one_late_answer_makes_the_scan_wait_for_later_ones() {
    let late = |late| Host { late, ..Host::default() };
    let fake = shared(network([(1, late(5)), (2, late(400)), (3, Host { lost: 2, late: 5 }), (4, late(900))]));
    let outcome = scan(&fake, 1..=253, &[], false).await;
    assert_eq!(outcome.found, [at(1), at(2), at(3), at(4)]);
}

#[tokio::test(start_paused = true)]
async fn where_requests_are_lost_silent_addresses_are_asked_again() {
    let fake = shared(network([
        (1, Host { lost: 1, late: 5 }),
        (2, Host { lost: 0, late: 300 }),
        (3, Host { lost: 3, late: 5 }),
    ]));
    {
        // The fake loses the first three requests of each probe: the second probe finds the host.
        let fake = Arc::clone(&fake);
        tokio::spawn(async move {
            sleep(Duration::from_secs(3)).await;
            fake.lock().unwrap().hosts.get_mut(&at(3)).unwrap().lost = 0;
        });
    }
    let outcome = scan(&fake, 1..=50, &[], false).await;
    assert_eq!(outcome.found, [at(1), at(2), at(3)]);
}

#[tokio::test(start_paused = true)]
async fn an_expected_host_is_waited_for_and_then_reported_silent() {
    let fake = shared(network([(1, Host::default()), (2, Host { lost: 2, late: 5 })]));
    let outcome = scan(&fake, 1..=253, &[1, 2, 3], false).await;
    assert_eq!(outcome.found, [at(1), at(2)]);
    assert_eq!(outcome.unanswered, [IpAddr::from(at(3))]);
    assert!(outcome.took > Duration::from_secs(3), "{:?}", outcome.took);
}

#[tokio::test(start_paused = true)]
async fn a_thorough_scan_asks_every_address_twice() {
    let fake = shared(network([(1, Host::default())]));
    let outcome = scan(&fake, 1..=20, &[], true).await;
    assert_eq!(outcome.found, [at(1)]);
    let fake = fake.lock().unwrap();
    assert!(fake.probes.iter().all(|(address, times)| *times == if *address == at(1) { 1 } else { 2 }));
}

#[tokio::test(start_paused = true)]
async fn a_network_larger_than_the_table_is_probed_in_turns() {
    let hosts: Vec<_> = (1..=200).map(|n| n * 20).collect();
    let fake = shared(network(hosts.iter().map(|n| (*n, Host { late: 20, ..Host::default() }))));
    let outcome = scan(&fake, 1..=4093, &[], false).await;
    assert_eq!(outcome.found, hosts.iter().map(|n| at(*n)).collect::<Vec<_>>());
    assert_eq!(outcome.problems, [""; 0]);
    let fake = fake.lock().unwrap();
    assert!(fake.most_asking <= MOST, "{}", fake.most_asking);
    assert_eq!(fake.probes.len(), 4093);
}

#[tokio::test(start_paused = true)]
async fn a_full_table_is_waited_for() {
    let mut fake = network([(3, Host::default()), (300, Host::default())]);
    // Entries of other programs, which stay in the table.
    fake.size = 100;
    fake.table = (40_000..40_090).map(|n| (at(n), Entry::Before(State::Fresh(mac(at(n)))))).collect();
    let outcome = scan(&shared(fake), 1..=60, &[], false).await;
    assert_eq!((outcome.found, outcome.problems), (vec![at(3)], Vec::new()));

    let mut fake = network([(3, Host::default())]);
    fake.size = 0;
    let outcome = scan(&shared(fake), 1..=60, &[], false).await;
    assert!(outcome.found.is_empty());
    assert!(outcome.problems[0].starts_with("60 addresses on eth9 were not asked"), "{:?}", outcome.problems);
}

#[tokio::test(start_paused = true)]
async fn entries_from_before_are_reported_as_such() {
    let mut fake = network([1, 2, 5, 6].map(|n| (n, Host::default())));
    fake.table = BTreeMap::from([
        (at(1), Entry::Before(State::Fresh(mac(at(1))))),
        (at(2), Entry::Before(State::Old(mac(at(2))))),
        (at(5), Entry::Before(State::Failed)),
    ]);
    let fake = shared(fake);
    let outcome = scan(&fake, 1..=10, &[], false).await;
    assert_eq!(outcome.known, [(at(1), true), (at(2), false)]);
    assert_eq!(outcome.found, [at(5), at(6)]);
}

#[tokio::test(start_paused = true)]
async fn a_scan_right_after_another_takes_no_longer() {
    let fake = shared(network([(1, Host::default())]));
    for _ in 0..6 {
        let outcome = scan(&fake, 1..=253, &[], false).await;
        assert_eq!(outcome.found.len() + outcome.known.len(), 1);
        assert!(outcome.took < Duration::from_millis(750), "{:?}", outcome.took);
    }
    // An expected host is asked in this scan nevertheless.
    fake.lock().unwrap().hosts.insert(at(2), Host { lost: 2, late: 5 });
    let outcome = scan(&fake, 1..=253, &[2], false).await;
    assert_eq!(outcome.found, [at(2)]);
}

/// A firewall or a policy of this machine drops what is sent: that is no silence of the network, and no full table.
#[tokio::test(start_paused = true)]
async fn what_the_system_refuses_to_send_is_reported_with_its_error_and_is_no_silence() {
    let fake = Arc::new(Mutex::new(Fake { refuses: Some(libc::EPERM), ..network([(7, Host::default())]) }));
    let outcome = scan(&fake, 1..=9, &[7], false).await;
    assert_eq!((outcome.found.len(), outcome.unanswered.len()), (0, 0));
    let why = io::Error::from_raw_os_error(libc::EPERM).to_string();
    assert_eq!(outcome.unasked, (1..=9).map(|n| (at(n).into(), why.clone())).collect::<BTreeMap<_, _>>());
    assert_eq!(outcome.problems, [""; 0]);
}
