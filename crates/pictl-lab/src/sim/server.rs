//! The SSH server of one node: its connections, its logins and the cable that can fall silent.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use russh::keys::PublicKey;
use russh::server::{
    Auth, ChannelOpenHandle, Config, Handler, Msg, PublicKeyOffer, Response, Session, VerifiedPublicKey,
};
use russh::{Channel, ChannelId, MethodKind, Pty, SshId};
use tokio::io::{AsyncReadExt, DuplexStream, copy_bidirectional, duplex};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::FaultKind;
use super::command::{self, Ask};
use super::forward;
use super::node::{Cell, Power};
use super::world::{World, authorized_keys};

/// What sshd of the 32-bit Raspberry Pi OS says first. The 64-bit one is plain Debian in that, and a scan over loopback
/// sees no MAC address either, so nothing would show that it is a Pi.
const IDENTIFICATION: &str = "SSH-2.0-OpenSSH_9.2p1 Raspbian-2+deb12u10";
/// How long data can still be under way when the session is over.
const LINGER: Duration = Duration::from_secs(2);

/// Accepts connections until the simulation ends.
pub(super) async fn serve(world: Arc<World>, cell: Arc<Cell>, listener: TcpListener) {
    loop {
        let accepted = tokio::select! {
            () = world.stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, from)) if !world.reaches(from.ip(), &cell) => reset(&stream),
            Ok((stream, _)) => {
                let connection = connection(Arc::clone(&world), Arc::clone(&cell), stream);
                let stop = world.stop.clone();
                world.tasks.spawn(async move { stop.run_until_cancelled(connection).await });
            }
            // Out of file descriptors: another connection can end meanwhile.
            Err(error) => {
                tracing::warn!(address = %cell.address, %error, "accept");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn connection(world: Arc<World>, cell: Arc<Cell>, stream: TcpStream) {
    // A segment that waits for an acknowledgement would slow every short answer.
    let _ = stream.set_nodelay(true);
    let (near, far) = duplex(64 * 1024);
    let wire = Wire { silence: CancellationToken::new(), cut: CancellationToken::new() };
    let session = session(world, Arc::clone(&cell), wire.clone(), far);
    let relay = wire.relay(&cell, stream, near);
    tokio::pin!(relay);
    tokio::select! {
        () = &mut relay => {}
        () = session => {
            let _ = tokio::time::timeout(LINGER, relay).await;
        }
    }
}

async fn session(world: Arc<World>, cell: Arc<Cell>, wire: Wire, stream: DuplexStream) {
    let delays = cell.faults.iter().filter_map(|fault| match fault {
        FaultKind::SlowBanner(delay) => Some(*delay),
        _ => None,
    });
    tokio::time::sleep(delays.sum()).await;
    let refusal = if world.spec.fast_auth { 10 } else { 300 };
    // Two looks at the node, one after the other: each locks it.
    let (methods, host_key) = (cell.methods(), cell.lock().host_key.clone());
    let config = Config {
        server_id: SshId::Standard(Cow::Borrowed(IDENTIFICATION)),
        methods,
        auth_rejection_time: Duration::from_millis(refusal),
        auth_rejection_time_initial: Some(Duration::ZERO),
        keys: vec![host_key],
        max_auth_attempts: 6,
        inactivity_timeout: None,
        ..Config::default()
    };
    let connection = Connection { world, cell, wire, channels: HashMap::new() };
    // How a connection ends is the client's business; the protocol's errors are no errors of the simulation.
    match russh::server::run_stream(Arc::new(config), stream, connection).await {
        Ok(session) => {
            if let Err(error) = session.await {
                tracing::debug!(%error, "session");
            }
        }
        Err(error) => tracing::debug!(%error, "handshake"),
    }
}

/// Closing will be a reset, without an end of the stream: as from a sshd that was killed, or a firewall.
fn reset(stream: &TcpStream) {
    // One that has gone needs no reset.
    let _ = stream.set_zero_linger();
}

/// The cable between a client and a node.
#[derive(Clone)]
struct Wire {
    /// Nothing passes any more, and neither side is notified.
    silence: CancellationToken,
    /// It breaks.
    cut: CancellationToken,
}

impl Wire {
    /// Carries bytes until one side ends; while the node has no power nothing passes, and once it has booted the
    /// connection is no longer known there.
    async fn relay(&self, cell: &Cell, mut client: TcpStream, mut server: DuplexStream) {
        let mut power = cell.power.subscribe();
        let born = *power.borrow();
        tokio::select! {
            _ = copy_bidirectional(&mut client, &mut server) => return,
            () = self.cut.cancelled() => {
                reset(&client);
                return;
            }
            () = self.silence.cancelled() => {}
            _ = power.wait_for(|now| *now != born || !now.on) => {}
        }
        let rebooted = |now: &Power| now.on && now.boot > born.boot;
        let mut lost = [0; 4096];
        loop {
            tokio::select! {
                _ = power.wait_for(rebooted) => return,
                read = client.read(&mut lost) => if !matches!(read, Ok(1..)) { return },
            }
        }
    }
}

struct Connection {
    world: Arc<World>,
    cell: Arc<Cell>,
    wire: Wire,
    /// Opened, and nothing asked for yet.
    channels: HashMap<ChannelId, Channel<Msg>>,
}

impl Connection {
    fn knows(&self, user: &str, key: &PublicKey) -> bool {
        let keys = || authorized_keys(&self.cell.lock(), &self.cell.home(false));
        user == self.cell.user
            && !self.cell.has(&FaultKind::RefusesLogins)
            && keys().iter().any(|other| other.key_data() == key.key_data())
    }

    /// Answers a request for a command or a shell.
    fn begin(&mut self, id: ChannelId, ask: Ask, session: &mut Session) -> Result<(), russh::Error> {
        let Some(channel) = self.channels.remove(&id) else { return session.channel_failure(id) };
        session.channel_success(id)?;
        let command =
            command::serve(Arc::clone(&self.world), Arc::clone(&self.cell), ask, channel, self.wire.cut.clone());
        let slow = self.cell.slowness();
        self.spawn(async move {
            tokio::time::sleep(slow).await;
            command.await;
        });
        Ok(())
    }

    /// Works on it until it is done, or the node has no power any more.
    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let (stop, boot) = (self.world.stop.clone(), self.cell.lock().boot.clone());
        self.world.tasks.spawn(async move { stop.run_until_cancelled(boot.run_until_cancelled(work)).await });
    }

    fn opens(&self, user: &str, password: &[u8]) -> bool {
        let cell = &self.cell;
        user == cell.user && !cell.has(&FaultKind::RefusesLogins) && password == cell.password.expose().as_bytes()
    }

    fn verdict(&self, good: bool) -> Auth {
        // Repeated each time, as OpenSSH's server does: otherwise a method that failed once is not offered again.
        let again = Auth::Reject { proceed_with_methods: Some(self.cell.methods()), partial_success: false };
        if good { Auth::Accept } else { again }
    }
}

impl Handler for Connection {
    type Error = russh::Error;

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, Self::Error> {
        let possible = self.cell.methods().contains(&MethodKind::Password);
        Ok(self.verdict(possible && self.opens(user, password.as_bytes())))
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        user: &str,
        _submethods: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, Self::Error> {
        if !self.cell.methods().contains(&MethodKind::KeyboardInteractive) {
            return Ok(self.verdict(false));
        }
        let Some(mut answers) = response else {
            return Ok(Auth::Partial {
                name: "".into(),
                instructions: "".into(),
                prompts: Cow::Borrowed(&[(Cow::Borrowed("Password: "), false)]),
            });
        };
        Ok(self.verdict(answers.next().is_some_and(|answer| self.opens(user, &answer))))
    }

    async fn auth_publickey_offered(&mut self, user: &str, offer: PublicKeyOffer<'_>) -> Result<Auth, Self::Error> {
        Ok(self.verdict(self.knows(user, offer.public_key)))
    }

    async fn auth_publickey(&mut self, user: &str, key: VerifiedPublicKey<'_>) -> Result<Auth, Self::Error> {
        Ok(self.verdict(self.knows(user, key.public_key)))
    }

    async fn auth_succeeded(&mut self, _session: &mut Session) -> Result<(), Self::Error> {
        if self.cell.has(&FaultKind::HostKeyChanges) {
            self.cell.change_host_key();
        }
        tokio::time::sleep(self.cell.slowness()).await;
        Ok(())
    }

    async fn channel_open_direct_tcpip(
        &mut self,
        channel: Channel<Msg>,
        host: &str,
        port: u32,
        _originator: &str,
        _originator_port: u32,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        let (world, cell) = (Arc::clone(&self.world), Arc::clone(&self.cell));
        self.spawn(forward::serve(world, cell, host.to_owned(), port, channel, reply));
        Ok(())
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        if self.cell.has(&FaultKind::SilentAfterLogin) {
            self.wire.silence.cancel();
        }
        self.channels.insert(channel.id(), channel);
        reply.accept().await;
        Ok(())
    }

    async fn channel_close(&mut self, id: ChannelId, _session: &mut Session) -> Result<(), Self::Error> {
        self.channels.remove(&id);
        Ok(())
    }

    async fn exec_request(&mut self, id: ChannelId, data: &[u8], session: &mut Session) -> Result<(), Self::Error> {
        self.begin(id, Ask::Command(String::from_utf8_lossy(data).into_owned()), session)
    }

    async fn shell_request(&mut self, id: ChannelId, session: &mut Session) -> Result<(), Self::Error> {
        self.begin(id, Ask::Shell, session)
    }

    async fn subsystem_request(
        &mut self,
        id: ChannelId,
        _name: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_failure(id)
    }

    async fn pty_request(
        &mut self,
        id: ChannelId,
        _term: &str,
        _columns: u32,
        _rows: u32,
        _width: u32,
        _height: u32,
        _modes: &[(Pty, u32)],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_success(id)
    }

    async fn env_request(
        &mut self,
        id: ChannelId,
        name: &str,
        _value: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        // What sshd of Debian accepts.
        if name == "LANG" || name.starts_with("LC_") {
            session.channel_success(id)
        } else {
            session.channel_failure(id)
        }
    }

    async fn x11_request(
        &mut self,
        id: ChannelId,
        _single: bool,
        _protocol: &str,
        _cookie: &str,
        _screen: u32,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_failure(id)
    }

    async fn window_change_request(
        &mut self,
        id: ChannelId,
        _columns: u32,
        _rows: u32,
        _width: u32,
        _height: u32,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_success(id)
    }
}
