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
    /// How many of the kernel's questions are lost.
    lost: u32,
    /// How long it takes to answer one, in milliseconds.
    late: u64,
}

/// What the fake kernel does with an address.
#[derive(Clone, Copy)]
enum Entry {
    /// It asks since then.
    Asked(Instant),
    /// It was in the table before.
    Before(State),
}

/// A kernel with the network 10.0.0.0/16, as seen by the sweep.
#[derive(Default)]
struct Fake {
    hosts: HashMap<Ipv4Addr, Host>,
    /// How many entries its table holds; it drops failed ones when it needs room.
    size: usize,
    table: BTreeMap<Ipv4Addr, Entry>,
    probes: HashMap<Ipv4Addr, u32>,
    most_asking: usize,
    largest_batch: usize,
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
    fn probe(&mut self, interface: &Interface, addresses: &[Ipv4Addr]) -> io::Result<usize> {
        assert_eq!(interface.index, INTERFACE);
        let mut fake = self.lock().unwrap();
        fake.largest_batch = fake.largest_batch.max(addresses.len());
        for address in addresses {
            fake.probe(*address);
        }
        Ok(addresses.len())
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
struct Swept {
    found: Vec<Ipv4Addr>,
    known: Vec<(Ipv4Addr, bool)>,
    unanswered: Vec<IpAddr>,
    problems: Vec<String>,
    took: Duration,
}

/// Sweeps the addresses with these numbers in 10.0.0.0/16.
async fn sweep(fake: &Arc<Mutex<Fake>>, addresses: RangeInclusive<u32>, expected: &[u32], thorough: bool) -> Swept {
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
    super::sweep(Arc::clone(fake), order, notes).await;
    let mut swept = Swept { took: begin.elapsed(), ..Swept::default() };
    let mut asked = 0;
    while let Some(note) = noted.recv().await {
        match note {
            Note::Asked(count) => asked += count,
            Note::Neighbour { address, mac: told } => {
                assert_eq!(told, mac(address));
                swept.found.push(address);
            }
            Note::Known { address, fresh, .. } => swept.known.push((address, fresh)),
            Note::Unanswered { address } => swept.unanswered.push(address),
            Note::Problem(text) => swept.problems.push(text),
            other => panic!("{other:?}"),
        }
    }
    swept.found.sort_unstable();
    assert_eq!(asked, addresses.count() as u64, "each counts once");
    swept
}

fn shared(fake: Fake) -> Arc<Mutex<Fake>> {
    Arc::new(Mutex::new(fake))
}

#[tokio::test(start_paused = true)]
async fn a_quick_network_is_swept_in_well_under_a_second() {
    let fake = shared(network((1..=40).map(|n| (n * 6, Host { late: 20, ..Host::default() }))));
    let swept = sweep(&fake, 1..=253, &[], false).await;
    assert_eq!(swept.found, (1..=40).map(|n| at(n * 6)).collect::<Vec<_>>());
    assert!(swept.took < Duration::from_millis(750), "{:?}", swept.took);
    let fake = fake.lock().unwrap();
    assert!(fake.largest_batch <= A_SOCKET && fake.probes.values().all(|times| *times == 1));
}

#[tokio::test(start_paused = true)]
async fn what_stands_for_the_whole_network_is_nobody() {
    let fake = shared(network([]));
    // 10.0.255.255 is the last of them.
    sweep(&fake, 65533..=65535, &[], false).await;
    assert!(!fake.lock().unwrap().probes.contains_key(&at(65535)));
}

#[tokio::test(start_paused = true)]
async fn one_late_answer_shows_that_others_may_be_later_still() {
    let late = |late| Host { late, ..Host::default() };
    let fake = shared(network([(1, late(5)), (2, late(400)), (3, Host { lost: 2, late: 5 }), (4, late(900))]));
    let swept = sweep(&fake, 1..=253, &[], false).await;
    assert_eq!(swept.found, [at(1), at(2), at(3), at(4)]);
}

#[tokio::test(start_paused = true)]
async fn where_questions_are_lost_the_silent_are_asked_again() {
    let fake = shared(network([
        (1, Host { lost: 1, late: 5 }),
        (2, Host { lost: 0, late: 300 }),
        (3, Host { lost: 3, late: 5 }),
    ]));
    {
        // The fake loses the first three questions of a probe only: the second probe finds a host that is there.
        let fake = Arc::clone(&fake);
        tokio::spawn(async move {
            sleep(Duration::from_secs(3)).await;
            fake.lock().unwrap().hosts.get_mut(&at(3)).unwrap().lost = 0;
        });
    }
    let swept = sweep(&fake, 1..=50, &[], false).await;
    assert_eq!(swept.found, [at(1), at(2), at(3)]);
}

#[tokio::test(start_paused = true)]
async fn whoever_is_expected_is_waited_for_and_then_told_to_be_silent() {
    let fake = shared(network([(1, Host::default()), (2, Host { lost: 2, late: 5 })]));
    let swept = sweep(&fake, 1..=253, &[1, 2, 3], false).await;
    assert_eq!(swept.found, [at(1), at(2)]);
    assert_eq!(swept.unanswered, [IpAddr::from(at(3))]);
    assert!(swept.took > Duration::from_secs(3), "{:?}", swept.took);
}

#[tokio::test(start_paused = true)]
async fn a_thorough_sweep_asks_everybody_twice() {
    let fake = shared(network([(1, Host::default())]));
    let swept = sweep(&fake, 1..=20, &[], true).await;
    assert_eq!(swept.found, [at(1)]);
    let fake = fake.lock().unwrap();
    assert!(fake.probes.iter().all(|(address, times)| *times == if *address == at(1) { 1 } else { 2 }));
}

#[tokio::test(start_paused = true)]
async fn a_network_larger_than_the_table_is_swept_in_turns() {
    let hosts: Vec<_> = (1..=200).map(|n| n * 20).collect();
    let fake = shared(network(hosts.iter().map(|n| (*n, Host { late: 20, ..Host::default() }))));
    let swept = sweep(&fake, 1..=4093, &[], false).await;
    assert_eq!(swept.found, hosts.iter().map(|n| at(*n)).collect::<Vec<_>>());
    assert_eq!(swept.problems, [""; 0]);
    let fake = fake.lock().unwrap();
    assert!(fake.most_asking <= MOST, "{}", fake.most_asking);
    assert_eq!(fake.probes.len(), 4093);
}

#[tokio::test(start_paused = true)]
async fn a_table_that_is_full_of_others_is_waited_for() {
    let mut fake = network([(3, Host::default()), (300, Host::default())]);
    // Others of this machine, who hold their places.
    fake.size = 100;
    fake.table = (40_000..40_090).map(|n| (at(n), Entry::Before(State::Fresh(mac(at(n)))))).collect();
    let swept = sweep(&shared(fake), 1..=60, &[], false).await;
    assert_eq!((swept.found, swept.problems), (vec![at(3)], Vec::new()));

    let mut fake = network([(3, Host::default())]);
    fake.size = 0;
    let swept = sweep(&shared(fake), 1..=60, &[], false).await;
    assert!(swept.found.is_empty());
    assert!(swept.problems[0].starts_with("60 addresses on eth9 were not asked"), "{:?}", swept.problems);
}

#[tokio::test(start_paused = true)]
async fn what_was_in_the_table_before_is_told_apart() {
    let mut fake = network([1, 2, 5, 6].map(|n| (n, Host::default())));
    fake.table = BTreeMap::from([
        (at(1), Entry::Before(State::Fresh(mac(at(1))))),
        (at(2), Entry::Before(State::Old(mac(at(2))))),
        (at(5), Entry::Before(State::Failed)),
    ]);
    let fake = shared(fake);
    let swept = sweep(&fake, 1..=10, &[], false).await;
    assert_eq!(swept.known, [(at(1), true), (at(2), false)]);
    assert_eq!(swept.found, [at(5), at(6)]);
}

#[tokio::test(start_paused = true)]
async fn a_sweep_right_after_another_takes_no_longer() {
    let fake = shared(network([(1, Host::default())]));
    for _ in 0..6 {
        let swept = sweep(&fake, 1..=253, &[], false).await;
        assert_eq!(swept.found.len() + swept.known.len(), 1);
        assert!(swept.took < Duration::from_millis(750), "{:?}", swept.took);
    }
    // Whoever is expected gets questions of this sweep nevertheless.
    fake.lock().unwrap().hosts.insert(at(2), Host { lost: 2, late: 5 });
    let swept = sweep(&fake, 1..=253, &[2], false).await;
    assert_eq!(swept.found, [at(2)]);
}
