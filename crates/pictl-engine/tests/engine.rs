//! The whole engine with a scan, logins and nodes from memory: requests in, events out, and what lies on the disk.
#![allow(clippy::expect_used, reason = "a test that cannot be prepared has failed")]

mod common;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use common::{address, key, member};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, pending};
use pictl_engine::ports::{
    Chunk, Connect, ConnectError, ConnectSpec, Discover, ExecError, KeySource, Loss, OperatorKey, OperatorKeys,
    OperatorSsh, Output, RemoteCommand, ScanEnd, ScanError, ScanNews, Session,
};
use pictl_engine::store::Store;
use pictl_engine::{Engine, Parts, record};
use pictl_formats::known_hosts::KnownHosts;
use pictl_formats::rules::Rules;
use pictl_formats::{progress, shell};
use pictl_model::event::{Event, Level, Stamped};
use pictl_model::link::LoginMethod;
use pictl_model::request::{BenchRequest, ExecRequest, LaunchWish, Login, OwnProgram, Request, ScanRequest};
use pictl_model::run::{RunEvent, RunOutcome, Workload};
use pictl_model::trust::HostKey;
use pictl_model::world::World;
use pictl_model::{Millis, Rank, RunId};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;

/// A subnet, an SSH library and a key store in one.
#[derive(Clone, Default)]
struct Lan {
    /// Nobody reads a board that blinks any more.
    let_go: Arc<Notify>,
}

impl Discover for Lan {
    fn scan(
        &self,
        request: ScanRequest,
        news: UnboundedSender<ScanNews>,
        cancel: CancellationToken,
    ) -> BoxFuture<'static, Result<ScanEnd, ScanError>> {
        async move {
            let started = ScanNews::Started { targets: "lan".into(), method: "memory".into(), addresses: 1 };
            for events in [started, ScanNews::Host(common::sighting(1))] {
                let _ = news.send(events);
            }
            // A look of a watch is short; otherwise it goes on until somebody has enough of it.
            if request.every.is_none() {
                cancel.cancelled().await;
            }
            Ok(ScanEnd::default())
        }
        .boxed()
    }
}

impl Connect for Lan {
    fn connect(
        &self,
        spec: ConnectSpec,
        _: Option<Arc<dyn Session>>,
    ) -> BoxFuture<'static, Result<Arc<dyn Session>, ConnectError>> {
        let (host, let_go) = (spec.address.ip().to_string(), self.let_go.clone());
        let session: Arc<dyn Session> = Arc::new(Line { host, closed: watch::channel(false).0, let_go });
        async move { Ok(session) }.boxed()
    }
}

impl OperatorKeys for Lan {
    fn find(&self, _: Option<std::path::PathBuf>) -> BoxFuture<'static, Result<Option<OperatorKey>, ConnectError>> {
        async {
            Ok(Some(OperatorKey {
                source: KeySource::File("id_ed25519".into()),
                public: common::operator_line(),
                locked: false,
            }))
        }
        .boxed()
    }
    fn ensure(&self, _: Option<std::path::PathBuf>) -> BoxFuture<'static, Result<OperatorKey, ConnectError>> {
        pending().boxed()
    }
    fn renew(&self) -> BoxFuture<'static, Result<OperatorKey, ConnectError>> {
        pending().boxed()
    }
    fn settle(&self) -> BoxFuture<'static, Result<OperatorKey, ConnectError>> {
        pending().boxed()
    }
}

struct Line {
    host: String,
    closed: watch::Sender<bool>,
    let_go: Arc<Notify>,
}

/// A board's LED while somebody reads what it says.
struct Led(Arc<Notify>);

impl Drop for Led {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

impl Line {
    /// A board that blinks: for a second, to the end of that; for longer, until nobody reads it.
    fn blink(&self, command: &str, chunks: mpsc::Sender<Chunk>) -> BoxFuture<'static, Result<Output, ExecError>> {
        assert!(command.starts_with("sudo -n "), "with root's rights");
        let (led, long) = (Led(self.let_go.clone()), !command.ends_with("pictl-identify 1"));
        async move {
            let _led = led;
            for _ in 0..2 {
                let _ = chunks.send(Chunk::Out(b"blinking ACT\n".to_vec())).await;
            }
            if long {
                pending::<()>().await;
            }
            Ok(Output { status: Some(0), ..Output::default() })
        }
        .boxed()
    }
}

/// Four slices of a thousand terms of Leibniz's series.
fn sum() -> f64 {
    (0..4000).map(|k| if k % 2 == 0 { 4.0 } else { -4.0 } / f64::from(2 * k + 1)).sum()
}

/// What the program of a run says.
fn output() -> Vec<u8> {
    let mut events = vec![RunEvent::Begin { size: 1, slices: 4, slice_size: 1000, program: "pi".into() }];
    events.extend((0..4).map(|slice| RunEvent::Slice { rank: Rank(0), slice, seconds: 0.25, value: None }));
    events.extend([RunEvent::Result { value: sum(), seconds: 1.0 }, RunEvent::Done { rank: Rank(0) }]);
    events.iter().flat_map(|event| format!("[1,0]<stdout>:{}\n", progress::format(event)).into_bytes()).collect()
}

/// What two ranks say that prove that MPI works.
fn hello() -> Vec<u8> {
    let of = |rank: u32, event: RunEvent| format!("[1,{rank}]<stdout>:{}\n", progress::format(&event)).into_bytes();
    let begin = RunEvent::Begin { size: 2, slices: 0, slice_size: 0, program: "hello".into() };
    let ranks = (0..2).flat_map(|n| {
        let rank = Rank(n);
        [of(n, RunEvent::Host { rank, host: "pi01".into() }), of(n, RunEvent::Done { rank })].concat()
    });
    of(0, begin).into_iter().chain(ranks).collect()
}

impl Session for Line {
    fn host_key(&self) -> HostKey {
        key(1)
    }
    fn logged_in_by(&self) -> LoginMethod {
        LoginMethod::Key("key".into())
    }
    fn run(&self, command: RemoteCommand) -> BoxFuture<'static, Result<Output, ExecError>> {
        let words = shell::split(&command.line).expect("a command line");
        let (name, args) = shell::script(&words).expect("a script");
        let out = match name {
            "facts" => format!(
                "facts 1\nnow 1795164301000\nhostname pi01\nos Debian\ncodename bookworm\narch arm64\ncores 4\n\
                 mem_total_kib 4000000\nuser pi\nuid 1000\nhome /home/pi\nsudo no_password\naddress eth0 {}/24\n\
                 mpi openmpi /usr/bin/mpirun.openmpi mpirun.openmpi (OpenRTE) 4.1.4\nmpi4py 3.1.4 Open MPI v4.1.4\n\
                 end facts\n",
                self.host
            ),
            "put-file" => format!("sha256 {}\n", args[3]),
            "run-start" => "pid 7\n".to_owned(),
            "run-end" => "rc 0\n".to_owned(),
            "run-sweep" => "killed 0 left 0\n".to_owned(),
            other => panic!("{other}"),
        };
        async { Ok(Output { status: Some(0), out: out.into_bytes(), ..Output::default() }) }.boxed()
    }
    fn stream(
        &self,
        command: RemoteCommand,
        chunks: mpsc::Sender<Chunk>,
    ) -> BoxFuture<'static, Result<Output, ExecError>> {
        let said = match command.line.as_str() {
            line if line.contains(" pictl-identify ") => return self.blink(line, chunks),
            line if line.ends_with(" pictl-exec uptime") => b"up 3 days\nno end".to_vec(),
            line if line.contains("pictl-run-follow ") && line.contains("-smoke-") => hello(),
            line if line.contains("pictl-run-follow ") => output(),
            _ => return pending().boxed(),
        };
        async move {
            let _ = chunks.send(Chunk::Out(said)).await;
            Ok(Output { status: Some(0), ..Output::default() })
        }
        .boxed()
    }
    fn lost(&self) -> BoxFuture<'static, Loss> {
        pending().boxed()
    }
    fn close(&self) -> BoxFuture<'static, ()> {
        self.closed.send_replace(true);
        async {}.boxed()
    }
}

fn start(data: &Path) -> Engine {
    start_on(data, Lan::default())
}

fn start_on(data: &Path, lan: Lan) -> Engine {
    let store = Store::new(data, "lab");
    let lan = Arc::new(lan);
    Engine::start(Parts {
        cluster: "lab".into(),
        store,
        discover: lan.clone(),
        connect: lan.clone(),
        keys: lan,
        rules: Rules::default(),
        mpi: None,
        ssh: OperatorSsh::default(),
    })
    .expect("started")
}

/// An engine whose cluster has one node.
fn with_a_member(data: &Path) -> (Engine, Store) {
    let store = Store::new(data, "lab");
    store.prepare().expect("prepared");
    store.save_members(&[member(1)]).expect("saved");
    let mut known = KnownHosts::default();
    assert!(known.add(&[address(1).to_string()], &key(1)));
    store.save_known_hosts(&mut known).expect("saved");
    (start(data), store)
}

/// Events up to the first that `is_last`.
async fn until(engine: &mut Engine, is_last: impl Fn(&Event) -> bool) -> Vec<Arc<Stamped>> {
    let mut events = Vec::new();
    loop {
        let event = engine.events.recv().await.expect("the engine goes on");
        events.push(event.clone());
        if is_last(&event.event) {
            return events;
        }
    }
}

fn bench() -> Request {
    Request::Bench(BenchRequest {
        workload: Workload { name: "pi".into(), slices: Some(4), slice_size: Some(1000), ..Workload::default() },
        program: None,
        launch: LaunchWish::default(),
        ranks: Some(1),
        repeat: 1,
        nodes: Vec::new(),
        timeout: None,
        login: Login::default(),
    })
}

fn uptime() -> Request {
    let command = "uptime".into();
    Request::Exec(ExecRequest { nodes: Vec::new(), command, timeout: None, login: Login::default() })
}

fn finished(event: &Event) -> bool {
    matches!(event, Event::Run { event: RunEvent::Finished { .. }, .. } | Event::Refused { .. })
}

fn fold<'a>(events: impl IntoIterator<Item = &'a Stamped>) -> World {
    let mut world = World::default();
    for event in events {
        world.apply(event);
    }
    world
}

#[tokio::test]
async fn nothing_is_started_when_a_file_of_the_program_cannot_be_read() {
    let dir = tempfile::tempdir().expect("a folder");
    let (mut engine, _) = with_a_member(dir.path());
    let Request::Bench(mut request) = bench() else { unreachable!() };
    let gone = dir.path().join("gone.py");
    let words = vec!["python3".to_owned(), gone.display().to_string()];
    request.program = Some(OwnProgram { words, files: vec![gone], private: false, input: false });
    engine.requests.send(Request::Bench(request)).expect("it lives");
    let events = until(&mut engine, finished).await;
    let run = fold(events.iter().map(AsRef::as_ref)).run.expect("a run");
    let summary = run.summary.expect("it ended");
    assert_eq!(summary.outcome, RunOutcome::Failed);
    assert!(summary.reason.as_ref().is_some_and(|r| r.starts_with("cannot read ")), "{summary:?}");
    assert_eq!((run.launched, run.swept.len()), (None, 0), "nothing was begun on the node");
    engine.requests.send(Request::Shutdown).expect("it lives");
    engine.ending.wait().await;
}

#[tokio::test]
async fn a_run_in_a_fresh_session_is_recorded_and_replays_to_the_same() {
    let dir = tempfile::tempdir().expect("a folder");
    let (mut engine, store) = with_a_member(dir.path());
    engine.requests.send(bench()).expect("it lives");
    let events = until(&mut engine, finished).await;
    assert!(events.windows(2).all(|pair| pair[0].seq + 1 == pair[1].seq), "numbered without holes");
    let live = fold(events.iter().map(AsRef::as_ref)).run.expect("a run");
    let summary = live.summary.clone().expect("it ended");
    assert_eq!((summary.outcome, summary.value), (RunOutcome::Succeeded, Some(sum())), "{summary:?}");

    // What the front end saw is on the disk already.
    let id: RunId = record::find(&store.runs(), "last").expect("found");
    let (events, torn) = record::events(&store.runs(), &id).expect("readable");
    let replayed = fold(&events);
    assert!(!torn);
    assert_eq!(replayed.run, Some(live));
    assert_eq!(record::read(&store.runs(), &id).expect("readable").summary, Some(summary));
    assert_eq!(fs::read(store.runs().join(id.as_str()).join("output.log")).expect("there"), output());
    engine.requests.send(Request::Shutdown).expect("it lives");
    engine.ending.wait().await;
}

#[tokio::test]
async fn a_record_that_cannot_be_saved_is_reported_once_and_the_run_goes_on() {
    let dir = tempfile::tempdir().expect("a folder");
    let (mut engine, store) = with_a_member(dir.path());
    fs::remove_dir(store.runs()).expect("empty");
    fs::write(store.runs(), b"in the way").expect("written");
    engine.requests.send(bench()).expect("it lives");
    let events = until(&mut engine, finished).await;
    engine.requests.send(Request::Shutdown).expect("it lives");
    let rest = until(&mut engine, |e| matches!(e, Event::Ended)).await;
    let world = fold(events.iter().chain(&rest).map(AsRef::as_ref));
    let summary = world.run.and_then(|r| r.summary).expect("it ended");
    assert_eq!(summary.outcome, RunOutcome::Succeeded);
    let errors: Vec<_> = world.notices.iter().filter(|n| n.level == Level::Error).collect();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].text.contains("record of this run") && errors[0].text.contains("XDG_DATA_HOME"), "{errors:?}");
    engine.ending.wait().await;
}

#[tokio::test]
async fn a_command_s_last_line_counts_without_its_end() {
    let dir = tempfile::tempdir().expect("a folder");
    let (mut engine, _) = with_a_member(dir.path());
    engine.requests.send(uptime()).expect("it lives");
    let events = until(&mut engine, |e| matches!(e, Event::ExecFinished { .. })).await;
    let exec = fold(events.iter().map(AsRef::as_ref)).exec.expect("a command");
    let node = exec.nodes.values().next().expect("one node");
    assert_eq!(node.lines.iter().map(|(_, line)| line.as_str()).collect::<Vec<_>>(), ["up 3 days", "no end"]);
    assert_eq!(node.status, Some(0));
}

#[tokio::test]
async fn a_run_left_running_is_reported_in_a_watch_and_left_alone_otherwise() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Store::new(dir.path(), "lab");
    store.prepare().expect("prepared");
    let plan = common::plan("20261120-084501-pi-0007", 1, 1);
    drop(record::Recorder::begin(&store.runs(), &plan, &World::default()).expect("begun"));
    let lock = store.runs().join(plan.id.as_str()).join("lock");
    fs::remove_file(&lock).expect("there");

    let (mut engine, _) = with_a_member(dir.path());
    engine.requests.send(uptime()).expect("it lives");
    until(&mut engine, |e| matches!(e, Event::ExecFinished { .. })).await;
    assert!(!lock.exists(), "a command took the lock of a run that is none of its business");

    engine.requests.send(Request::Watch { login: Login::default() }).expect("it lives");
    let events = until(&mut engine, |e| matches!(e, Event::Unfinished { .. })).await;
    assert!(matches!(events.last().map(|e| &e.event), Some(Event::Unfinished { runs }) if *runs == [plan]));
}

#[tokio::test]
async fn a_scan_is_stopped_by_a_cancel() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut engine = start(dir.path());
    engine.requests.send(Request::Scan(ScanRequest::default())).expect("it lives");
    until(&mut engine, |e| matches!(e, Event::Seen { .. })).await;
    engine.requests.send(Request::Cancel).expect("it lives");
    let events = until(&mut engine, |e| matches!(e, Event::ScanFinished { .. })).await;
    assert!(matches!(events.last().map(|e| &e.event), Some(Event::ScanFinished { found: 1, .. })));
}

#[tokio::test]
async fn a_watch_makes_pass_after_pass_by_itself_until_it_is_stopped() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut engine = start(dir.path());
    let every = Some(Millis(1));
    engine.requests.send(Request::Scan(ScanRequest { every, ..ScanRequest::default() })).expect("it lives");
    let events = until(&mut engine, |e| matches!(e, Event::ScanStarted { again: true, .. })).await;
    let looked = events.iter().filter(|e| matches!(e.event, Event::ScanFinished { found: 1, .. })).count();
    let world = fold(events.iter().map(AsRef::as_ref));
    assert_eq!((looked, world.watching), (1, Some(Millis(500))), "not without a pause");
    engine.requests.send(Request::StopScan).expect("it lives");
    until(&mut engine, |e| matches!(e, Event::Watching { every: None })).await;
    engine.requests.send(Request::Shutdown).expect("it lives");
    let rest = until(&mut engine, |e| matches!(e, Event::Ended)).await;
    assert!(rest.iter().all(|e| !matches!(e.event, Event::ScanStarted { .. })));
}

fn identify(engine: &Engine, seconds: u64) {
    let (nodes, time) = (vec![common::id(1)], Millis(seconds * 1_000));
    engine.requests.send(Request::Identify { nodes, time, login: Login::default() }).expect("it lives");
}

fn blinks(events: &[Arc<Stamped>]) -> Vec<(bool, Option<String>)> {
    let blinks = events.iter().filter_map(|e| match &e.event {
        Event::Blinking { on, problem, .. } => Some((*on, problem.clone())),
        _ => None,
    });
    blinks.collect()
}

#[tokio::test]
async fn a_board_blinks_until_its_time_is_over_or_nobody_wants_it() {
    let dir = tempfile::tempdir().expect("a folder");
    drop(with_a_member(dir.path()));
    let lan = Lan::default();
    let mut engine = start_on(dir.path(), lan.clone());
    let dark = |e: &Event| matches!(e, Event::Blinking { on: false, .. });
    identify(&engine, 1);
    let events = until(&mut engine, dark).await;
    assert_eq!(blinks(&events), [(true, None), (false, None)], "said once");
    lan.let_go.notified().await;

    identify(&engine, 600);
    until(&mut engine, |e| matches!(e, Event::Blinking { on: true, .. })).await;
    engine.requests.send(Request::Cancel).expect("it lives");
    assert_eq!(blinks(&until(&mut engine, dark).await), [(false, None)]);
    lan.let_go.notified().await;

    // Nor does it go on when pictl ends.
    identify(&engine, 600);
    until(&mut engine, |e| matches!(e, Event::Blinking { on: true, .. })).await;
    engine.requests.send(Request::Shutdown).expect("it lives");
    engine.ending.wait().await;
    lan.let_go.notified().await;
}

#[tokio::test]
async fn an_engine_that_nobody_holds_any_more_ends() {
    let dir = tempfile::tempdir().expect("a folder");
    let Engine { requests, secrets, mut events, ending } = start(dir.path());
    drop((requests, secrets));
    let mut last = None;
    while let Some(event) = events.recv().await {
        last = Some(event.event.clone());
    }
    assert_eq!(last, Some(Event::Ended));
    ending.wait().await;
}

#[tokio::test]
async fn an_engine_that_could_keep_nothing_does_not_start() {
    let dir = tempfile::tempdir().expect("a folder");
    let data = dir.path().join("data");
    fs::write(&data, b"").expect("written");
    let lan = Arc::new(Lan::default());
    let parts = Parts {
        cluster: "lab".into(),
        store: Store::new(&data, "lab"),
        discover: lan.clone(),
        connect: lan.clone(),
        keys: lan,
        rules: Rules::default(),
        mpi: None,
        ssh: OperatorSsh::default(),
    };
    let events = Engine::start(parts).err().expect("refused").to_string();
    assert!(events.contains("XDG_DATA_HOME"), "{events}");
}
