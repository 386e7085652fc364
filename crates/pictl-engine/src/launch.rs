//! One launch on the head, from the files it needs to the last process swept: used by runs and by the smoke test.
//!
//! What can be counted on, and what not, was measured (launchers 4.1, 5.0 and Hydra): exit status 0 proves nothing, a
//! launcher may hang after its last rank, a second TERM within 5 s makes Open MPI 4 leave its ranks behind, and after a
//! node's power loss only KILL ends a launcher. Hence the ladder below, and a sweep of every node at the end.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use ipnet::IpNet;
use pictl_formats::launcher::{Demux, Line};
use pictl_formats::progress;

use pictl_model::node::{Facts, MpiFamily, MpiInstall};
use pictl_model::run::{RunEvent, RunPhase, Stream};
use pictl_model::text::{MAX_LINE, clean_bytes};
use pictl_model::units::Rank;
use pictl_model::{NodeId, RunId};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};

use crate::ports::{Chunk, ExecError, Session};
use crate::programs::compiled_name;
use crate::remote::{PutFile, RemoteError, failure, put_file, run};
use crate::script::{Rights, Script};

/// For the small scripts that start, stop and ask.
const SHORT: Duration = Duration::from_secs(20);
/// For compiling a program on the slowest Pi.
const COMPILE: Duration = Duration::from_secs(120);
/// A launcher asked to stop is killed after this; Open MPI needs up to 2 s, and must not be asked twice before 6 s.
const GRACE: Duration = Duration::from_secs(8);
/// Once killed, its output is followed for this long at most.
const LAST_WORDS: Duration = Duration::from_secs(3);
/// From launch to the first sign of life of the program.
const FIRST_LINE: Duration = Duration::from_secs(60);
/// From the last rank's last line to the launcher's end; Open MPI 5 was seen never to end.
const EXIT: Duration = Duration::from_secs(10);
/// For looking over one node that may be gone.
const SWEEP: Duration = Duration::from_secs(10);

/// Everything a launch needs.
#[derive(Clone)]
pub struct Launch {
    /// Its run.
    pub run: RunId,
    /// Where the launcher runs.
    pub head: NodeId,
    /// Which launcher it is; decides how its output is read.
    pub install: MpiInstall,
    /// Number of ranks.
    pub ranks: u32,
    /// The launcher's command line.
    pub command: Vec<String>,
    /// The hostfile, written into the run's folder on the head.
    pub hostfile: String,
    /// Programs, written to every node.
    pub files: Vec<PutFile>,
    /// The run is ended after this.
    pub limit: Option<Duration>,
    /// Connections to all of its nodes.
    pub sessions: BTreeMap<NodeId, Arc<dyn Session>>,
}

/// What comes out of a launch while it goes on.
#[derive(Debug)]
pub enum News {
    /// Something for the run's event stream.
    Event(RunEvent),
    /// The program's output as it came, for the record.
    Bytes(Vec<u8>),
    /// A line of the protocol arrived damaged.
    Damaged,
    /// It is over; nothing follows.
    Over(End),
}

/// How a launch ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct End {
    /// The launcher's exit status, when it could be had.
    pub status: Option<i32>,
    /// Why it could not be started, or what was wrong with how it ended: one sentence.
    pub problem: Option<String>,
    /// What to do about that.
    pub hint: Option<String>,
}

/// What the owner of a launch may ask of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// End it in good order.
    Stop,
    /// End it now.
    Kill,
}

/// Where a job's connections are to go: a head with several networks (Wi-Fi, containers, tunnels) else tries all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pin {
    /// The head's network.
    pub subnet: Option<IpNet>,
    /// The nodes' interfaces that have their addresses, the head's first, each name once.
    pub interfaces: Vec<String>,
}

impl Pin {
    /// The network and the interfaces by which these nodes, the head first, have these addresses.
    pub fn of<'a>(nodes: impl IntoIterator<Item = (&'a Facts, IpAddr)>) -> Self {
        let mut pin = Self::default();
        for (facts, address) in nodes {
            let Some(found) = facts.addresses.iter().find(|a| a.address == address) else { continue };
            if !pin.interfaces.contains(&found.interface) {
                pin.interfaces.push(found.interface.clone());
            }
            pin.subnet = pin.subnet.or_else(|| IpNet::new(found.address, found.prefix).ok().map(|net| net.trunc()));
        }
        pin
    }
}

/// The hostfile's place on the head, for the command line.
pub fn hostfile_path(home: &str, run: &RunId) -> String {
    format!("{home}/.pictl/runs/{run}/hostfile")
}

/// Goes the whole way; `control` may shorten it. Ends only after the nodes were swept.
pub async fn go(launch: Launch, mut control: mpsc::UnboundedReceiver<Control>, news: mpsc::UnboundedSender<News>) {
    let tell = |event| {
        // A receiver that is gone wants no news; the launch must still be brought to its end.
        let _ = news.send(News::Event(event));
    };
    tell(RunEvent::Phase { phase: RunPhase::Deploying });
    let started = tokio::select! {
        started = start(&launch, &tell) => started,
        Some(_) = control.recv() => Err(RemoteError::new("stopped before it was started", "")),
    };
    let end = match started {
        Err(e) => End { status: None, problem: Some(e.message), hint: Some(e.hint).filter(|h| !h.is_empty()) },
        Ok(head) => {
            let problem = follow(&launch, &*head, &mut control, &news).await;
            tell(RunEvent::Phase { phase: RunPhase::Sweeping });
            End { status: status(&launch.run, &*head).await, problem, hint: None }
        }
    };
    sweep(&launch, &tell).await;
    let _ = news.send(News::Over(end));
}

async fn start(launch: &Launch, tell: &impl Fn(RunEvent)) -> Result<Arc<dyn Session>, RemoteError> {
    let head = launch
        .sessions
        .get(&launch.head)
        .cloned()
        .ok_or_else(|| RemoteError::new("the head is not connected", "check its power and cable"))?;
    let copies = launch.sessions.values().flat_map(|session| {
        launch.files.iter().map(move |file| put_file(session.as_ref(), Rights::User, file.clone()))
    });
    for copied in join_all(copies).await {
        copied?;
    }
    for name in launch.files.iter().filter_map(compiled_name) {
        compile(launch, name).await?;
    }
    let hostfile = PutFile {
        kind: None,
        path: format!("~/.pictl/runs/{}/hostfile", launch.run),
        mode: 0o600,
        content: launch.hostfile.clone().into_bytes(),
        expect: None,
        backup: None,
        root: false,
    };
    put_file(&*head, Rights::User, hostfile).await?;
    tell(RunEvent::Phase { phase: RunPhase::Launching });
    let limit = launch.limit.map_or(0, |l| l.as_secs().max(1)).to_string();
    let mut args = vec![launch.run.as_str(), &limit];
    args.extend(launch.command.iter().map(String::as_str));
    run(&*head, Script::RUN_START.command(&args, Some(SHORT))).await?;
    Ok(head)
}

/// Compiles a program in C on every node at once: each for its own processor, which would not hold for one binary made on
/// the head, and nothing has to come back and go out again.
async fn compile(launch: &Launch, name: &str) -> Result<(), RemoteError> {
    let (family, packages) = match launch.install.family {
        MpiFamily::OpenMpi => ("openmpi", "gcc libc6-dev libopenmpi-dev"),
        MpiFamily::Mpich => ("mpich", "gcc libc6-dev libmpich-dev"),
    };
    let command = || Script::COMPILE.command(&[name, family], Some(COMPILE));
    let answers = join_all(launch.sessions.values().map(|session| session.run(command()))).await;
    let answers = answers.into_iter().collect::<Result<Vec<_>, _>>()?;
    let missing = answers.iter().filter(|output| output.status == Some(4)).count();
    if missing > 0 {
        return Err(RemoteError::new(
            format!("{missing} of {} nodes have no C compiler for MPI", answers.len()),
            format!("install it: pictl exec -- sudo apt-get install -y {packages}"),
        ));
    }
    answers.iter().find(|output| output.status != Some(0)).map_or(Ok(()), |output| Err(failure(output)))
}

/// Reads the launcher's output to its end, and stops it when asked or when it is overdue. What was wrong, if anything.
async fn follow(
    launch: &Launch,
    head: &dyn Session,
    control: &mut mpsc::UnboundedReceiver<Control>,
    news: &mpsc::UnboundedSender<News>,
) -> Option<String> {
    let (chunks, mut arriving) = mpsc::channel(256);
    let mut reader = Reader::new(launch, news.clone());
    let mut followed = head.stream(Script::RUN_FOLLOW.command(&[launch.run.as_str()], None), chunks);
    let mut ended: Option<Result<(), ExecError>> = None;
    let mut problem = None;
    let mut deadline = Instant::now() + FIRST_LINE;
    let mut rung = Rung::Watching;
    loop {
        let signal = tokio::select! {
            chunk = arriving.recv() => match chunk {
                Some(chunk) => {
                    reader.take(chunk);
                    if rung == Rung::Watching {
                        deadline = if reader.all_done() { deadline.min(Instant::now() + EXIT) } else { far() };
                    }
                    continue;
                }
                // Everything that was sent has been read, and nobody sends any more.
                None if ended.is_some() => break,
                None => { ended = Some((&mut followed).await.map(|_| ())); break; }
            },
            result = &mut followed, if ended.is_none() => {
                ended = Some(result.map(|_| ()));
                continue;
            }
            Some(asked) = control.recv() => match (asked, rung) {
                (Control::Stop, Rung::Watching) => "TERM",
                (Control::Kill, _) => "KILL",
                // Asked a second time within seconds, Open MPI 4 leaves its ranks behind.
                (Control::Stop, _) => continue,
            },
            () = sleep_until(deadline) => match rung {
                Rung::Watching if reader.all_done() => "TERM",
                Rung::Watching => {
                    problem = Some(format!("the program gave no sign of life within {} s", FIRST_LINE.as_secs()));
                    "TERM"
                }
                Rung::Asked => "KILL",
                // The launcher cannot be read any more; the sweep will find what is left.
                Rung::Killed => break,
            },
        };
        (rung, deadline) = match signal {
            "TERM" => (Rung::Asked, Instant::now() + GRACE),
            _ => (Rung::Killed, Instant::now() + LAST_WORDS),
        };
        reader.tell(RunEvent::Phase { phase: RunPhase::Stopping });
        // A head that does not answer is no reason to stop reading: the deadline goes on.
        let _ =
            timeout(LAST_WORDS, head.run(Script::RUN_STOP.command(&[launch.run.as_str(), signal], Some(SHORT)))).await;
    }
    reader.finish();
    match ended {
        Some(Err(e)) => Some(format!("the connection to the head broke: {e}")),
        _ => problem,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rung {
    Watching,
    Asked,
    Killed,
}

/// A deadline that no run lives to see; limits on silence while ranks work belong to the program.
fn far() -> Instant {
    Instant::now() + Duration::from_secs(365 * 24 * 3600)
}

async fn status(id: &RunId, head: &dyn Session) -> Option<i32> {
    let asked = timeout(SHORT, head.run(Script::RUN_END.command(&[id.as_str()], Some(SHORT)))).await;
    let output = asked.ok()?.ok()?;
    String::from_utf8_lossy(&output.out).trim().strip_prefix("rc ")?.parse().ok()
}

async fn sweep(launch: &Launch, tell: &impl Fn(RunEvent)) {
    let nodes = launch.sessions.iter().map(|(node, session)| async move {
        let command = Script::RUN_SWEEP.command(&[launch.run.as_str()], Some(SWEEP));
        let said = timeout(SWEEP, session.run(command)).await.ok().and_then(Result::ok);
        (node.clone(), said.and_then(|output| counts(&String::from_utf8_lossy(&output.out))))
    });
    for (node, found) in join_all(nodes).await {
        let (killed, left) = found.map_or((0, None), |(killed, left)| (killed, Some(left)));
        tell(RunEvent::Swept { node, killed, left });
    }
}

/// `killed N left N`.
fn counts(said: &str) -> Option<(u32, u32)> {
    let mut words = said.split_whitespace();
    match (words.next()?, words.next()?.parse(), words.next()?, words.next()?.parse()) {
        ("killed", Ok(killed), "left", Ok(left)) => Some((killed, left)),
        _ => None,
    }
}

/// Makes events of the launcher's output.
struct Reader {
    out: Demux,
    err: Demux,
    ranks: u32,
    /// Ranks whose last line arrived.
    done: BTreeSet<Rank>,
    running: bool,
    published: progress::Published,
    news: mpsc::UnboundedSender<News>,
}

impl Reader {
    fn new(launch: &Launch, news: mpsc::UnboundedSender<News>) -> Self {
        let demux = || Demux::new(launch.install.family, launch.install.major());
        Self {
            out: demux(),
            err: demux(),
            ranks: launch.ranks,
            done: BTreeSet::new(),
            running: false,
            published: progress::Published::default(),
            news,
        }
    }

    fn all_done(&self) -> bool {
        self.done.len() >= self.ranks as usize
    }

    fn tell(&self, event: RunEvent) {
        let _ = self.news.send(News::Event(event));
    }

    fn take(&mut self, chunk: Chunk) {
        let (stream, lines, bytes) = match chunk {
            Chunk::Out(bytes) => (Stream::Out, self.out.push(&bytes), bytes),
            Chunk::Err(bytes) => (Stream::Err, self.err.push(&bytes), bytes),
        };
        let _ = self.news.send(News::Bytes(bytes));
        for line in lines {
            self.line(stream, &line);
        }
    }

    fn finish(&mut self) {
        for (stream, lines) in [(Stream::Out, self.out.finish()), (Stream::Err, self.err.finish())] {
            for line in lines {
                self.line(stream, &line);
            }
        }
    }

    fn line(&mut self, stream: Stream, line: &Line) {
        let text = String::from_utf8_lossy(&line.text);
        let mut spoke = false;
        // Open MPI 5 glues lines together: one line may hold several records, or a record and other text.
        for record in progress::records(&text) {
            spoke = true;
            match record {
                Ok(event) => self.event(event),
                Err(_) => {
                    let _ = self.news.send(News::Damaged);
                }
            }
        }
        if spoke {
            return;
        }
        if let Some(event) = self.published.line(&text, crate::clock::now()) {
            self.event(event);
        }
        self.event(RunEvent::Output {
            // The launcher's tag knows the program's own stream better than the pipe it came by.
            stream: if line.rank.is_some() { line.stream } else { stream },
            rank: line.rank,
            line: clean_bytes(&line.text, MAX_LINE),
        });
    }

    fn event(&mut self, event: RunEvent) {
        if let RunEvent::Done { rank } = event {
            self.done.insert(rank);
        }
        if !self.running && !matches!(event, RunEvent::Output { stream: Stream::Err, .. }) {
            self.running = true;
            self.tell(RunEvent::Phase { phase: RunPhase::Running });
        }
        self.tell(event);
    }
}
