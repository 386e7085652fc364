//! Asks every address of a local network for its MAC address by ARP (RFC 826).

mod frame;
mod schedule;

use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::{Instant, sleep_until, timeout};

use super::hub::Note;
use super::interfaces::{self, Interface};
pub(super) use schedule::{Order, about};
use schedule::{Schedule, Step};

/// What is not done where ARP fails here.
const ASKING: &str = "no ARP question could be sent";

/// Frames handled between two questions, however many wait.
const MOST_HEARD: usize = 16;

/// How long a question may wait for room in the queue of the interface, and the time between two attempts.
const FULL: Duration = Duration::from_secs(1);
const AGAIN: Duration = Duration::from_millis(2);

/// Something that carries Ethernet frames.
pub(super) trait Wire: Send + Sync {
    /// Sends one whole frame.
    fn send(&self, frame: &[u8]) -> impl Future<Output = io::Result<()>> + Send;

    /// Receives one frame; what is longer than `buffer` is cut off. The future may be dropped without losing a frame.
    fn receive(&self, buffer: &mut [u8]) -> impl Future<Output = io::Result<usize>> + Send;
}

/// Scans on one interface. Reports every host that answers, other network interfaces that claim the same address, and
/// at an orderly end the addresses of `order.expected` that stayed silent.
pub(super) async fn scan(wire: impl Wire, interface: Interface, order: Order, notes: UnboundedSender<Note>) {
    let wireless = interfaces::is_wireless(&interface.subnet.interface);
    let own = (interface.mac, interface.subnet.address);
    let schedule = Schedule::new(order, own, wireless, Instant::now());
    let mut scan = ArpScan { wire, interface, notes, schedule, reported: 0 };
    if let Err(error) = scan.run().await {
        let Interface { subnet, .. } = &scan.interface;
        let text = format!("ARP on {} ended early: {}; hosts may be missing", subnet.interface, why(&error));
        scan.report(Note::Problem(text));
        for address in scan.schedule.unasked() {
            scan.report(Note::Unasked { address: address.into(), what: ASKING, why: why(&error) });
        }
    } else {
        scan.schedule.unanswered().for_each(|address| scan.report(Note::Unanswered { address: address.into() }));
    }
}

/// The message for an error of a packet socket.
fn why(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(libc::ENETDOWN) => "the interface went down".into(),
        Some(libc::ENODEV | libc::ENXIO) => "the interface is gone".into(),
        Some(libc::ENOBUFS) => "the queue of the interface stays full".into(),
        _ => error.to_string(),
    }
}

struct ArpScan<W> {
    wire: W,
    interface: Interface,
    notes: UnboundedSender<Note>,
    schedule: Schedule,
    /// How many addresses were reported as asked.
    reported: u64,
}

impl<W: Wire> ArpScan<W> {
    async fn run(&mut self) -> io::Result<()> {
        loop {
            match self.schedule.next(Instant::now()) {
                Step::Ask(address) => {
                    if let Err(error) = self.ask(address).await {
                        self.schedule.not_asked(address);
                        return Err(error);
                    }
                    for _ in 0..MOST_HEARD {
                        if !self.receive_ready()? {
                            break;
                        }
                    }
                }
                Step::Wait(until) => {
                    self.report_progress();
                    self.receive_until(until).await?;
                }
                Step::End => {
                    self.report_progress();
                    return Ok(());
                }
            }
        }
    }

    /// Sends the question. While the queue is full it waits, and receives meanwhile.
    async fn ask(&mut self, address: Ipv4Addr) -> io::Result<()> {
        let Interface { mac, subnet, .. } = &self.interface;
        let frame = frame::question(*mac, subnet.address, address);
        let give_up = Instant::now() + FULL;
        loop {
            let full = io::Error::from_raw_os_error(libc::ENOBUFS);
            match timeout(FULL, self.wire.send(&frame)).await.unwrap_or(Err(full)) {
                Err(error) if error.raw_os_error() == Some(libc::ENOBUFS) && Instant::now() < give_up => {
                    let again = Instant::now() + AGAIN;
                    while Instant::now() < again {
                        self.receive_until(again).await?;
                    }
                }
                sent => return sent,
            }
        }
    }

    /// Handles a frame if one has arrived; `false` if none has.
    fn receive_ready(&mut self) -> io::Result<bool> {
        let mut frame = [0; 64];
        let Some(received) = self.wire.receive(&mut frame).now_or_never() else { return Ok(false) };
        let length = received?;
        self.handle(&frame[..length]);
        Ok(true)
    }

    /// Handles one frame, or none until `until`.
    async fn receive_until(&mut self, until: Instant) -> io::Result<()> {
        let mut frame = [0; 64];
        tokio::select! {
            biased;
            received = self.wire.receive(&mut frame) => {
                let length = received?;
                self.handle(&frame[..length]);
            }
            () = sleep_until(until) => {}
        }
        Ok(())
    }

    fn handle(&mut self, frame: &[u8]) {
        if let Some(packet) = frame::parse(frame)
            && let Some(note) = self.schedule.handle(packet, Instant::now())
        {
            self.report(note);
        }
    }

    fn report_progress(&mut self) {
        let asked = self.schedule.asked();
        if asked > self.reported {
            self.report(Note::Asked(asked - self.reported));
            self.reported = asked;
        }
    }

    /// A receiver that is gone ends this task.
    fn report(&self, note: Note) {
        let _ = self.notes.send(note);
    }
}

#[cfg(test)]
mod tests;
