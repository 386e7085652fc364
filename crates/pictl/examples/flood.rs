//! The dashboard on a run whose 1,024 ranks say more than ranks may: what `tests/bench-run` measures `events` with.
//!
//!     flood FOLDER LINES_A_SECOND SECONDS
//!
//! Everything behind the wire is the real thing: launcher's output, dispatcher, record in FOLDER, screen in this terminal.
//! The node is made up and answers from memory, so that no network and no MPI is measured. The run begins by itself. What
//! was sent, and how long that took, stands in `sent.json` in FOLDER once all of it has been taken.
#![allow(clippy::expect_used, reason = "a measurement that cannot be prepared has failed")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, pending, ready};
use pictl_engine::ports::{
    Chunk, Connect, ConnectError, ConnectSpec, Discover, ExecError, KeySource, Loss, OperatorKey, OperatorKeys,
    OperatorSsh, Output, RemoteCommand, ScanEnd, ScanError, ScanNews, Session,
};
use pictl_engine::store::Store;
use pictl_engine::{Engine, Parts};
use pictl_formats::known_hosts::KnownHosts;
use pictl_formats::rules::Rules;
use pictl_formats::{progress, shell};
use pictl_model::link::LoginMethod;
use pictl_model::node::Member;
use pictl_model::request::{BenchRequest, Request, ScanRequest};
use pictl_model::run::{RunEvent, Workload};
use pictl_model::trust::HostKey;
use pictl_model::{NodeId, Rank};
use pictl_tui::fixtures::options;
use pictl_tui::{Doors, Options};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

const RANKS: u32 = 1_024;
/// What a slice says: that it begins, how far it is, that it is done.
const LINES_A_SLICE: usize = 4;
/// An SSH channel gives out no larger pieces.
const CHUNK: usize = 32 * 1024;
/// How often lines are sent.
const BEAT: Duration = Duration::from_millis(10);
const ADDRESS: [u8; 4] = [127, 0, 0, 1];

#[tokio::main]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [folder, rate, seconds] = &words[..] else { panic!("flood FOLDER LINES_A_SECOND SECONDS") };
    let (folder, rate) = (PathBuf::from(folder), rate.parse::<usize>().expect("lines a second"));
    let slices = rate * seconds.parse::<usize>().expect("seconds") / LINES_A_SLICE;
    let slices = u32::try_from(slices).expect("slices");

    let store = Store::new(&folder, "flood");
    prepare(&store);
    let node = Arc::new(Node { folder, rate, output: said(slices).into() });
    let parts = Parts {
        cluster: "flood".into(),
        store,
        discover: node.clone(),
        connect: node.clone(),
        keys: node.clone(),
        rules: Rules::default(),
        mpi: None,
        ssh: OperatorSsh::default(),
    };
    let Engine { requests, secrets, events, ending } = Engine::start(parts).expect("started");
    requests.send(Request::Bench(bench(slices))).expect("it lives");
    let doors = Doors { requests, secrets, events, archive: Arc::new(pictl_tui::NoArchive) };
    let left = pictl_tui::run(doors, Options { clock: pictl_tui::Clock::Wall, ..options() }).await;
    ending.wait().await;
    left.expect("a terminal");
}

fn bench(slices: u32) -> BenchRequest {
    let workload = Workload { slices: Some(slices), slice_size: Some(1_000), ..options().run_defaults.workload };
    BenchRequest { workload, ranks: Some(RANKS), ..options().run_defaults }
}

fn host_key() -> HostKey {
    HostKey { algorithm: "ssh-ed25519".into(), base64: format!("AAAAC3NzaC1lZDI1NTE5AAAAIA{:0>42}", 1) }
}

/// An inventory of one node, whose key is known.
fn prepare(store: &Store) {
    let member = Member {
        id: NodeId::from_address(ADDRESS.into(), 22),
        name: "pi01".parse().expect("a name"),
        address: ADDRESS.into(),
        port: 22,
        user: "pi".into(),
        mac: None,
        host_key: None,
        head: true,
        cores: None,
        mpi: None,
        mpi_prefix: None,
        identity: None,
        jump: None,
        board: pictl_model::node::Board::default(),
    };
    store.prepare().expect("a folder");
    store.save_members(&[member]).expect("saved");
    let mut known = KnownHosts::default();
    assert!(known.add(&["127.0.0.1".to_owned()], &host_key()));
    store.save_known_hosts(&mut known).expect("saved");
}

/// What the program says.
struct Said {
    lines: u64,
    text: Vec<u8>,
    /// Where each line ends.
    ends: Vec<usize>,
}

/// What the program says: each slice in [`LINES_A_SLICE`] lines, the ranks in turns.
fn said(slices: u32) -> Said {
    let mut all = Said { lines: 0, text: Vec::new(), ends: Vec::new() };
    let mut say = |rank: u32, event: &RunEvent| {
        let line = format!("[1,{rank}]<stdout>:{}\n", progress::format(event));
        all.text.extend_from_slice(line.as_bytes());
        all.ends.push(all.text.len());
        all.lines += 1;
    };
    say(0, &RunEvent::Begin { size: RANKS, slices, slice_size: 1_000, program: "pi".into() });
    for n in 0..RANKS {
        say(n, &RunEvent::Host { rank: Rank(n), host: "pi01".into() });
    }
    for first in (0..slices).step_by(RANKS as usize) {
        let round = first..slices.min(first + RANKS);
        let rank = |slice: u32| Rank(slice - first);
        for slice in round.clone() {
            say(slice - first, &RunEvent::Assign { rank: rank(slice), slice });
        }
        for fraction in [0.333, 0.667] {
            for slice in round.clone() {
                say(slice - first, &RunEvent::Part { rank: rank(slice), slice, fraction });
            }
        }
        for slice in round {
            let (seconds, value) = (0.412_345, Some(std::f64::consts::PI / f64::from(slices)));
            say(slice - first, &RunEvent::Slice { rank: rank(slice), slice, seconds, value });
        }
    }
    // What the series adds up to after an even number of terms lies this far from π.
    let value = std::f64::consts::PI - 1.0 / (f64::from(slices) * 1_000.0);
    say(0, &RunEvent::Result { value, seconds: 1.0 });
    for n in 0..RANKS {
        say(n, &RunEvent::Done { rank: Rank(n) });
    }
    all
}

/// What the two ranks say that prove, before the first run, that MPI works.
async fn proof(chunks: mpsc::Sender<Chunk>) {
    let mut text = String::new();
    for rank in 0..2 {
        let host = RunEvent::Host { rank: Rank(rank), host: "pi01".into() };
        let mut say = |event: &RunEvent| {
            text.extend(["[1,", &rank.to_string(), "]<stdout>:", &progress::format(event), "\n"]);
        };
        if rank == 0 {
            say(&RunEvent::Begin { size: 2, slices: 0, slice_size: 0, program: "smoke".into() });
        }
        say(&host);
        say(&RunEvent::Done { rank: Rank(rank) });
    }
    let _ = chunks.send(Chunk::Out(text.into_bytes())).await;
}

/// A node, the way to it, and the key to it.
#[derive(Clone)]
struct Node {
    folder: PathBuf,
    rate: usize,
    output: Arc<Said>,
}

impl Node {
    /// Sends the output at its rate, or as fast as it is taken.
    async fn flood(self, chunks: mpsc::Sender<Chunk>) {
        let Said { lines, text, ends } = &*self.output;
        let a_beat = (self.rate as f64 * BEAT.as_secs_f64()) as usize;
        let began = Instant::now();
        let mut at = 0;
        for (beat, due) in ends.chunks(a_beat).zip(0_u32..) {
            sleep_until(began + BEAT * due).await;
            let end = beat.last().copied().unwrap_or(at);
            for chunk in text[at..end].chunks(CHUNK) {
                if chunks.send(Chunk::Out(chunk.to_vec())).await.is_err() {
                    return;
                }
            }
            at = end;
        }
        let report = format!("{{\"lines\": {lines}, \"seconds\": {:.3}}}\n", began.elapsed().as_secs_f64());
        write(&self.folder.join("sent.json"), &report);
    }
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).expect("written");
}

impl Discover for Node {
    fn scan(
        &self,
        _: ScanRequest,
        _: mpsc::UnboundedSender<ScanNews>,
        _: CancellationToken,
    ) -> BoxFuture<'static, Result<ScanEnd, ScanError>> {
        ready(Ok(ScanEnd::default())).boxed()
    }
}

impl Connect for Node {
    fn connect(
        &self,
        _: ConnectSpec,
        _: Option<Arc<dyn Session>>,
    ) -> BoxFuture<'static, Result<Arc<dyn Session>, ConnectError>> {
        let session: Arc<dyn Session> = Arc::new(self.clone());
        ready(Ok(session)).boxed()
    }
}

impl OperatorKeys for Node {
    fn find(&self, _: Option<PathBuf>) -> BoxFuture<'static, Result<Option<OperatorKey>, ConnectError>> {
        ready(Ok(Some(OperatorKey {
            source: KeySource::File("id_ed25519".into()),
            public: host_key().line(),
            locked: false,
        })))
        .boxed()
    }
    fn ensure(&self, _: Option<PathBuf>) -> BoxFuture<'static, Result<OperatorKey, ConnectError>> {
        pending().boxed()
    }
    fn renew(&self) -> BoxFuture<'static, Result<OperatorKey, ConnectError>> {
        pending().boxed()
    }
    fn settle(&self) -> BoxFuture<'static, Result<OperatorKey, ConnectError>> {
        pending().boxed()
    }
}

impl Session for Node {
    fn host_key(&self) -> HostKey {
        host_key()
    }
    fn logged_in_by(&self) -> LoginMethod {
        LoginMethod::Key("key".into())
    }
    fn run(&self, command: RemoteCommand) -> BoxFuture<'static, Result<Output, ExecError>> {
        let words = shell::split(&command.line).expect("a command line");
        let (name, args) = shell::script(&words).expect("a script");
        let out = match name {
            "facts" => "facts 1\nnow 1795164301000\nhostname pi01\nos Debian\ncodename bookworm\narch arm64\ncores 4\n\
                        mem_total_kib 4000000\nuser pi\nuid 1000\nhome /home/pi\nsudo no_password\n\
                        address lo 127.0.0.1/8\nmpi openmpi /usr/bin/mpirun.openmpi mpirun.openmpi (OpenRTE) 4.1.4\n\
                        mpi4py 3.1.4 Open MPI v4.1.4\nend facts\n"
                .to_owned(),
            "put-file" => format!("sha256 {}\n", args[3]),
            "run-start" => "pid 7\n".to_owned(),
            "run-end" => "rc 0\n".to_owned(),
            "run-sweep" => "killed 0 left 0\n".to_owned(),
            _ => String::new(),
        };
        ready(Ok(Output { status: Some(0), out: out.into_bytes(), ..Output::default() })).boxed()
    }
    fn stream(
        &self,
        command: RemoteCommand,
        chunks: mpsc::Sender<Chunk>,
    ) -> BoxFuture<'static, Result<Output, ExecError>> {
        let said = if !command.line.contains("pictl-run-follow ") {
            return pending().boxed();
        } else if command.line.contains("-smoke-") {
            proof(chunks).boxed()
        } else {
            self.clone().flood(chunks).boxed()
        };
        said.map(|()| Ok(Output { status: Some(0), ..Output::default() })).boxed()
    }
    fn lost(&self) -> BoxFuture<'static, Loss> {
        pending().boxed()
    }
    fn close(&self) -> BoxFuture<'static, ()> {
        ready(()).boxed()
    }
}
