//! Asking every address of a local network for its hardware address (RFC 826).

use std::collections::HashMap;
use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use pictl_model::ids::MacAddr;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::hub::Note;
use super::own::Interface;

/// An Ethernet header and an ARP packet for IPv4.
const FRAME: usize = 42;
/// What the ARP header says for IPv4 over Ethernet: hardware type, protocol type, both address lengths.
const IPV4_OVER_ETHERNET: [u8; 6] = [0, 1, 8, 0, 6, 4];

/// Four questions every 2 ms: 2000 a second are 1 Mbit/s of broadcast, which Wi-Fi still carries.
const PACE: Duration = Duration::from_millis(2);
const BURST: usize = 4;

/// Frames taken in between two bursts, however many come.
const MOST_HEARD: usize = 64;

/// How long each round listens after its last question. Wi-Fi in power save answers after hundreds of milliseconds, and
/// loses broadcasts: silent addresses are asked again.
const LISTEN: [Duration; 3] = [Duration::from_millis(300), Duration::from_millis(500), Duration::from_millis(500)];

/// The frame that asks who has `target`.
pub(super) fn question(mac: MacAddr, own: Ipv4Addr, target: Ipv4Addr) -> [u8; FRAME] {
    let mut frame = [0; FRAME];
    frame[..6].fill(0xff);
    frame[6..12].copy_from_slice(&mac.0);
    frame[12..14].copy_from_slice(&[0x08, 0x06]);
    frame[14..20].copy_from_slice(&IPV4_OVER_ETHERNET);
    frame[21] = 1;
    frame[22..28].copy_from_slice(&mac.0);
    frame[28..32].copy_from_slice(&own.octets());
    frame[38..42].copy_from_slice(&target.octets());
    frame
}

/// Who speaks in an ARP frame, be it an answer or a question: `None` for anything malformed.
pub(super) fn speaker(frame: &[u8]) -> Option<(Ipv4Addr, MacAddr)> {
    let frame = frame.first_chunk::<FRAME>()?;
    let is_arp = frame[12..14] == [0x08, 0x06] && frame[14..20] == IPV4_OVER_ETHERNET;
    let operation = u16::from_be_bytes([frame[20], frame[21]]);
    let mac: [u8; 6] = frame[22..28].try_into().ok()?;
    let address = Ipv4Addr::new(frame[28], frame[29], frame[30], frame[31]);
    // The group bit: no card has such an address.
    let card = mac != [0; 6] && mac[0] & 1 == 0;
    (is_arp && matches!(operation, 1 | 2) && card && !address.is_unspecified()).then_some((address, MacAddr(mac)))
}

/// Something that carries Ethernet frames.
pub(super) trait Wire: Send + Sync {
    /// Sends one whole frame.
    fn send(&self, frame: &[u8]) -> impl Future<Output = io::Result<()>> + Send;

    /// Receives one frame; what is longer than `buffer` is cut. May be dropped without losing a frame.
    fn receive(&self, buffer: &mut [u8]) -> impl Future<Output = io::Result<usize>> + Send;
}

/// One sweep over `targets` on one interface, telling of every host that answers.
pub(super) async fn sweep(wire: impl Wire, interface: Interface, targets: Vec<Ipv4Addr>, notes: UnboundedSender<Note>) {
    let name = interface.subnet.interface.clone();
    if let Err(error) =
        (Sweep { wire, interface, notes: notes.clone(), hosts: HashMap::new(), answered: 0 }).run(targets).await
    {
        let _ = notes.send(Note::Problem(format!("ARP on {name} ended early: {error}")));
    }
}

struct Sweep<W> {
    wire: W,
    interface: Interface,
    notes: UnboundedSender<Note>,
    hosts: HashMap<Ipv4Addr, Target>,
    answered: usize,
}

/// An address that was asked.
struct Target {
    /// The last time.
    asked: Instant,
    /// Who answered first.
    mac: Option<MacAddr>,
    /// Somebody else answered too.
    contested: bool,
}

impl<W: Wire> Sweep<W> {
    async fn run(mut self, targets: Vec<Ipv4Addr>) -> io::Result<()> {
        let mut silent = targets;
        let mut before = 0;
        for (round, listen) in LISTEN.into_iter().enumerate() {
            self.ask(&silent, round == 0).await?;
            let until = Instant::now() + listen;
            // The clock is looked at as well: somebody who floods the network must not keep the round going.
            while self.answered < self.hosts.len() && Instant::now() < until && self.hear_until(until).await? {}
            silent.retain(|address| self.hosts.get(address).is_none_or(|target| target.mac.is_none()));
            // A second round that finds nobody new shows that the network loses nothing worth a third.
            if silent.is_empty() || (round > 0 && self.answered == before) {
                break;
            }
            before = self.answered;
        }
        Ok(())
    }

    /// Asks `targets` at the pace of [`PACE`], listening meanwhile.
    async fn ask(&mut self, targets: &[Ipv4Addr], first: bool) -> io::Result<()> {
        let mut pace = interval(PACE);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for burst in targets.chunks(BURST) {
            pace.tick().await;
            for &address in burst {
                let Interface { mac, subnet, .. } = &self.interface;
                let frame = question(*mac, subnet.address, address);
                match self.wire.send(&frame).await {
                    // A full device queue: the next round asks again.
                    Err(error) if error.raw_os_error() == Some(libc::ENOBUFS) => {}
                    sent => sent?,
                }
                let asked = Instant::now();
                let target = Target { asked, mac: None, contested: false };
                self.hosts.entry(address).or_insert(target).asked = asked;
            }
            if first {
                let _ = self.notes.send(Note::Asked(burst.len() as u64));
            }
            for _ in 0..MOST_HEARD {
                if !self.hear_until(Instant::now()).await? {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Takes in one frame; `false` when none came until then.
    async fn hear_until(&mut self, until: Instant) -> io::Result<bool> {
        let mut frame = [0; 64];
        let length = tokio::select! {
            biased;
            received = self.wire.receive(&mut frame) => received?,
            () = sleep_until(until) => return Ok(false),
        };
        let Some((address, mac)) = speaker(&frame[..length]) else { return Ok(true) };
        let Some(target) = self.hosts.get_mut(&address) else { return Ok(true) };
        match target.mac {
            _ if mac == self.interface.mac => {}
            None => {
                target.mac = Some(mac);
                self.answered += 1;
                let _ = self.notes.send(Note::Arp { address, mac, rtt: target.asked.elapsed() });
            }
            Some(first) if first != mac && !target.contested => {
                target.contested = true;
                let text = format!("{address} is claimed by two cards: {first} and {mac}");
                let _ = self.notes.send(Note::Problem(text));
            }
            Some(_) => {}
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio::sync::{Mutex, mpsc};

    use super::*;
    use crate::scan::own::{Kind, Subnet};

    /// As tcpdump shows a real one: `Request who-has 192.168.1.7 tell 192.168.1.2`.
    #[test]
    fn a_question_is_the_bytes_of_the_standard() {
        let mac = MacAddr([0xdc, 0xa6, 0x32, 1, 2, 3]);
        let frame = question(mac, Ipv4Addr::new(192, 168, 1, 2), Ipv4Addr::new(192, 168, 1, 7));
        let expected = [
            0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xdc, 0xa6, 0x32, 1, 2, 3, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1, 0xdc, 0xa6,
            0x32, 1, 2, 3, 192, 168, 1, 2, 0, 0, 0, 0, 0, 0, 192, 168, 1, 7,
        ];
        assert_eq!(frame, expected);
    }

    #[test]
    fn only_sound_frames_are_believed() {
        let good = question(MacAddr([2, 0, 0, 0, 0, 1]), Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2));
        let spoilt = |at: usize, byte: u8| {
            let mut frame = good;
            frame[at] = byte;
            speaker(&frame)
        };
        assert_eq!(speaker(&good), Some((Ipv4Addr::new(10, 0, 0, 1), MacAddr([2, 0, 0, 0, 0, 1]))));
        assert!(spoilt(21, 2).is_some(), "an answer");
        assert_eq!(spoilt(21, 3), None, "another operation");
        assert_eq!(spoilt(12, 0x86), None, "another protocol");
        assert_eq!(spoilt(18, 8), None, "another address length");
        assert_eq!(spoilt(22, 0x01), None, "a group address");
        assert_eq!(speaker(&good[..41]), None, "too short");
    }

    /// Hosts at 10.0.0.1 and up to `hosts`, as a lossy network lets them be heard.
    struct Fake {
        hosts: u8,
        /// Questions to each host that are lost before one arrives.
        lost: u8,
        /// How late each answer comes.
        late: Duration,
        /// Cards that answer for each host.
        cards: u8,
        asked: Mutex<HashMap<u8, u8>>,
        answers: Mutex<mpsc::UnboundedReceiver<(Instant, u8, u8)>>,
        to_answer: UnboundedSender<(Instant, u8, u8)>,
    }

    impl Fake {
        fn new(hosts: u8, lost: u8, late: u64) -> Self {
            let (to_answer, answers) = mpsc::unbounded_channel();
            let (asked, answers) = (Mutex::default(), Mutex::new(answers));
            Self { hosts, lost, late: Duration::from_millis(late), cards: 1, asked, answers, to_answer }
        }
    }

    fn mac(host: u8, card: u8) -> MacAddr {
        MacAddr([2, 0, 0, 0, 1 + card, host])
    }

    impl Wire for &Fake {
        async fn send(&self, frame: &[u8]) -> io::Result<()> {
            let host = frame[41];
            let mut asked = self.asked.lock().await;
            let times = asked.entry(host).or_default();
            *times += 1;
            if host <= self.hosts && *times > self.lost {
                for card in 0..self.cards {
                    self.to_answer.send((Instant::now() + self.late, host, card)).unwrap();
                }
            }
            Ok(())
        }

        async fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
            let mut answers = self.answers.lock().await;
            // Held by its sender, so it never ends; a dropped wait must not lose the answer.
            let (host, card) = loop {
                match answers.try_recv() {
                    Ok((when, host, card)) if when <= Instant::now() => break (host, card),
                    Ok(early) => {
                        self.to_answer.send(early).unwrap();
                        tokio::time::sleep(Duration::from_millis(1)).await;
                    }
                    Err(_) => tokio::time::sleep(Duration::from_millis(1)).await,
                }
            };
            let frame = question(mac(host, card), Ipv4Addr::new(10, 0, 0, host), Ipv4Addr::new(10, 0, 0, 254));
            buffer[..FRAME].copy_from_slice(&frame);
            Ok(FRAME)
        }
    }

    /// A sweep over 10.0.0.1 to 10.0.0.100: whom it found, how long it took, how often each address was asked.
    async fn swept(fake: &Fake) -> (usize, Duration, HashMap<u8, u8>) {
        let (found, took, problems) = swept_with_problems(fake).await;
        assert_eq!(problems, [""; 0]);
        (found, took, fake.asked.lock().await.clone())
    }

    async fn swept_with_problems(fake: &Fake) -> (usize, Duration, Vec<String>) {
        let (notes, mut noted) = mpsc::unbounded_channel();
        let subnet =
            Subnet { interface: "eth0".into(), net: "10.0.0.0/24".parse().unwrap(), address: [10, 0, 0, 254].into() };
        let interface = Interface { index: 1, kind: Kind::Card, mac: MacAddr([2, 0, 0, 0, 0, 1]), subnet };
        let begin = Instant::now();
        sweep(fake, interface, (1..=100).map(|n| Ipv4Addr::new(10, 0, 0, n)).collect(), notes).await;
        let (mut found, mut asked, mut problems) = (0, 0, Vec::new());
        while let Some(note) = noted.recv().await {
            match note {
                Note::Arp { address, mac: heard, .. } => {
                    assert_eq!(heard, mac(address.octets()[3], 0));
                    found += 1;
                }
                Note::Asked(count) => asked += count,
                Note::Problem(text) => problems.push(text),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(asked, 100);
        (found, begin.elapsed(), problems)
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_that_two_cards_claim_is_told_of_once() {
        let fake = Fake { cards: 3, ..Fake::new(1, 0, 5) };
        let (found, _, problems) = swept_with_problems(&fake).await;
        let expected = "10.0.0.1 is claimed by two cards: 02:00:00:00:01:01 and 02:00:00:00:02:01";
        assert_eq!((found, problems), (1, vec![expected.to_owned()]));
    }

    #[tokio::test(start_paused = true)]
    async fn a_network_where_all_answer_is_swept_once() {
        let (found, took, asked) = swept(&Fake::new(100, 0, 0)).await;
        assert_eq!(found, 100);
        assert!(took < Duration::from_millis(100), "{took:?}");
        assert!(asked.values().all(|times| *times == 1));
    }

    #[tokio::test(start_paused = true)]
    async fn silent_addresses_are_asked_again_and_those_that_answered_are_not() {
        let (found, took, asked) = swept(&Fake::new(30, 0, 5)).await;
        assert_eq!(found, 30);
        assert!(took < Duration::from_secs(1), "{took:?}");
        assert!(asked.iter().all(|(host, times)| *times == if *host <= 30 { 1 } else { 2 }), "{asked:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn hosts_whose_first_question_is_lost_or_who_answer_late_are_found() {
        assert_eq!(swept(&Fake::new(30, 1, 5)).await.0, 30);
        assert_eq!(swept(&Fake::new(30, 0, 450)).await.0, 30);
    }

    proptest! {
        #[test]
        fn what_is_asked_is_understood(mac in any::<[u8; 6]>(), own in 1u32.., target in any::<u32>()) {
            let (mac, own) = (MacAddr([mac[0] & 0xfe, mac[1], mac[2], mac[3], mac[4], mac[5] | 1]), Ipv4Addr::from(own));
            prop_assert_eq!(speaker(&question(mac, own, target.into())), Some((own, mac)));
        }

        #[test]
        fn no_bytes_upset_it(frame in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = speaker(&frame);
        }
    }
}
