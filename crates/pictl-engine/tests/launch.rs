//! Launches on nodes that follow a script, with a clock that is turned instead of waited for.
#![allow(clippy::expect_used, reason = "a test that cannot be prepared has failed")]

mod common;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{id, key, mpi};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, pending};
use pictl_engine::launch::{Control, End, Launch, LaunchInput, News, Place, Taken, go};
use pictl_engine::ports::{Chunk, ExecError, Loss, Output, RemoteCommand, Session};
use pictl_engine::remote::PutFile;
use pictl_formats::hash::sha256_hex;
use pictl_formats::rules::RuleReader;
use pictl_formats::{progress, shell};
use pictl_model::link::LoginMethod;
use pictl_model::node::MpiFamily;
use pictl_model::run::{RunEvent, RunPhase, Stream};
use pictl_model::trust::HostKey;
use pictl_model::{NodeId, Rank, Timestamp};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep};

/// How the launcher on the head ends.
#[derive(Clone, Copy, PartialEq)]
enum Ends {
    /// By itself, once it has said everything.
    Itself,
    /// So many seconds after the signal.
    On(&'static str, u64),
    Never,
    /// The connection breaks once everything was said.
    Lost,
}

/// A node that does what its script says.
struct Pi {
    began: Instant,
    /// What the launcher says, each so many seconds after what it said before.
    says: Vec<(u64, Chunk)>,
    ends: Ends,
    /// The answer to the question when output was written.
    times: &'static str,
    /// The answer to the cleanup; `None` for a node that does not answer any more.
    cleanup: Option<&'static str>,
    /// What `put-file` fails with, or waits for ever.
    put: Put,
    /// What comes of its connections to the others.
    tries: &'static str,
    /// What it says of the launcher's daemons.
    state: &'static str,
    heard: Mutex<Vec<(u64, String)>>,
    signal: watch::Sender<&'static str>,
}

#[derive(Clone, Copy, PartialEq)]
enum Put {
    Works,
    Fails,
    Hangs,
}

impl Pi {
    fn new(says: Vec<(u64, Chunk)>, ends: Ends) -> Self {
        Self {
            began: Instant::now(),
            says,
            ends,
            times: "",
            cleanup: Some("killed 0 left 0\n"),
            put: Put::Works,
            tries: "",
            state: "",
            heard: Mutex::default(),
            signal: watch::channel("").0,
        }
    }

    /// Seconds since the beginning at which commands of this name came, and their arguments.
    fn heard(&self, name: &str) -> Vec<(u64, String)> {
        let heard = self.heard.lock().expect("not poisoned");
        heard.iter().filter_map(|(at, c)| Some((*at, c.strip_prefix(name)?.trim().to_owned()))).collect()
    }

    /// The script's name and its arguments.
    fn hear(&self, command: &RemoteCommand) -> Vec<String> {
        let words = shell::split(&command.line).expect("a command line");
        let (name, args) = shell::script(&words).expect("a script");
        let words: Vec<_> = std::iter::once(name.to_owned()).chain(args.iter().cloned()).collect();
        let at = self.began.elapsed().as_secs();
        self.heard.lock().expect("not poisoned").push((at, words.join(" ")));
        words
    }

    async fn answer(&self, command: RemoteCommand) -> Result<Output, ExecError> {
        let words = self.hear(&command);
        let out = match words[0].as_str() {
            "put-file" => match self.put {
                Put::Works => format!("sha256 {}\n", words[4]),
                Put::Hangs => pending().await,
                Put::Fails => {
                    let err = b"cat: write error: No space left on device\n".to_vec();
                    return Ok(Output { status: Some(1), err, ..Output::default() });
                }
            },
            // There is a large file of zeros everywhere, and nothing else.
            "file-hash" if words[1].ends_with("zeros") => format!("sha256 {} 644\n", sha256_hex(&zeros())),
            "file-hash" => "sha256 - -\n".to_owned(),
            "run-start" => "pid 7\n".to_owned(),
            "run-input" => "input\n".to_owned(),
            "run-times" => self.times.to_owned(),
            "reach" => self.tries.to_owned(),
            "launcher-state" => self.state.to_owned(),
            "pair-check" => String::new(),
            "run-end" if self.ends == Ends::Lost => return Err(ExecError::Lost("gone".into())),
            "run-end" => "rc 3\n".to_owned(),
            "run-stop" => {
                let signal = if words[2] == "TERM" { "TERM" } else { "KILL" };
                self.signal.send_replace(signal);
                "sent\n".to_owned()
            }
            "run-sweep" => match self.cleanup {
                Some(said) => said.to_owned(),
                None => pending().await,
            },
            other => panic!("{other}"),
        };
        Ok(Output { status: Some(0), out: out.into_bytes(), ..Output::default() })
    }

    async fn follow(&self, command: RemoteCommand, chunks: mpsc::Sender<Chunk>) -> Result<Output, ExecError> {
        let words = self.hear(&command);
        if words[0] == "reach" {
            let ports = b"port 41000\nport 1024\n.\n".to_vec();
            chunks.send(Chunk::Out(ports)).await.expect("somebody reads");
            return pending().await;
        }
        assert_eq!(words[0], "run-follow");
        let mut signal = self.signal.subscribe();
        let ended = async {
            match self.ends {
                Ends::On(which, after) => {
                    signal.wait_for(|s| *s == which).await.expect("the sender lives");
                    sleep(Duration::from_secs(after)).await;
                }
                _ => pending().await,
            }
        };
        let talking = async {
            for (after, chunk) in self.says.clone() {
                sleep(Duration::from_secs(after)).await;
                chunks.send(chunk).await.expect("somebody reads");
            }
            match self.ends {
                Ends::Itself | Ends::Lost => {}
                Ends::On(..) | Ends::Never => pending().await,
            }
        };
        tokio::select! { () = ended => {} () = talking => {} }
        if self.ends == Ends::Lost { Err(ExecError::Lost("no answer".into())) } else { Ok(Output::default()) }
    }
}

/// The connection to a [`Pi`]; the test keeps another hand on it.
struct Line(Arc<Pi>);

impl Session for Line {
    fn host_key(&self) -> HostKey {
        key(1)
    }
    fn logged_in_by(&self) -> LoginMethod {
        LoginMethod::Key("key".into())
    }
    fn run(&self, command: RemoteCommand) -> BoxFuture<'static, Result<Output, ExecError>> {
        let pi = self.0.clone();
        async move { pi.answer(command).await }.boxed()
    }
    fn stream(
        &self,
        command: RemoteCommand,
        chunks: mpsc::Sender<Chunk>,
    ) -> BoxFuture<'static, Result<Output, ExecError>> {
        let pi = self.0.clone();
        async move { pi.follow(command, chunks).await }.boxed()
    }
    fn lost(&self) -> BoxFuture<'static, Loss> {
        pending().boxed()
    }
    fn close(&self) -> BoxFuture<'static, ()> {
        async {}.boxed()
    }
}

/// What came out of a launch, and how many seconds it took.
#[derive(Default)]
struct Seen {
    events: Vec<RunEvent>,
    past: Vec<(Timestamp, RunEvent)>,
    proved: bool,
    bytes: Vec<u8>,
    damaged: usize,
    notices: Vec<String>,
    end: End,
    took: u64,
}

impl Seen {
    fn phases(&self) -> Vec<RunPhase> {
        self.events.iter().filter_map(|e| if let RunEvent::Phase { phase } = e { Some(*phase) } else { None }).collect()
    }

    fn lines(&self) -> Vec<(Stream, Option<Rank>, &str)> {
        let output = |e| match e {
            &RunEvent::Output { stream, rank, ref line } => Some((stream, rank, line.as_str())),
            _ => None,
        };
        self.events.iter().filter_map(output).collect()
    }

    fn swept(&self) -> BTreeMap<NodeId, Option<u32>> {
        let swept = |e: &RunEvent| match e {
            RunEvent::Swept { node, left, .. } => Some((node.clone(), *left)),
            _ => None,
        };
        self.events.iter().filter_map(swept).collect()
    }
}

fn launch(head: &Arc<Pi>, other: &Arc<Pi>) -> Launch {
    let file = PutFile::new("~/.pictl/bench/pi.py".into(), 0o644, b"print()".to_vec());
    let session = |pi: &Arc<Pi>| -> Arc<dyn Session> { Arc::new(Line(pi.clone())) };
    Launch {
        run: "20261120-084501-pi-0007".parse().expect("a run id"),
        head: id(1),
        install: mpi(MpiFamily::OpenMpi, "4.1.4"),
        places: Vec::new(),
        own: false,
        ranks: 2,
        command: vec!["mpirun".into(), "-n".into(), "2".into(), "a b".into()],
        hostfile: "10.0.0.1 slots=4\n".into(),
        ssh_config: None,
        rules: RuleReader::default(),
        files: vec![file],
        limit: None,
        silence: None,
        proof: None,
        input: false,
        joined: None,
        sessions: BTreeMap::from([(id(1), session(head)), (id(2), session(other))]),
    }
}

/// Runs `launch` to its end, with `orders` given so many seconds after the beginning.
async fn run(launch: Launch, orders: &[(u64, Control)]) -> Seen {
    run_with(launch, orders.iter().map(|(at, order)| (*at, LaunchInput::Asked(*order))).collect()).await
}

/// The same with all that a launch may be seen.
async fn run_with(launch: Launch, inputs: Vec<(u64, LaunchInput)>) -> Seen {
    let (control, asked) = mpsc::unbounded_channel();
    let (report, mut news) = mpsc::unbounded_channel();
    let began = Instant::now();
    let ordering = async {
        for (at, input) in inputs {
            tokio::time::sleep_until(began + Duration::from_secs(at)).await;
            let _ = control.send(input);
        }
        // The sender of orders stays as long as the launch.
        pending::<()>().await;
    };
    let mut seen = Seen::default();
    let mut over = 0;
    let reading = async {
        while let Some(news) = news.recv().await {
            assert_eq!(over, 0, "nothing follows the end");
            match news {
                // Places are noted by the wall's clock, which is not turned here.
                News::Event(RunEvent::Read { .. }) | News::Past { event: RunEvent::Read { .. }, .. } => {}
                News::Event(event) => seen.events.push(event),
                News::Past { at, event } => seen.past.push((at, event)),
                News::Proved => seen.proved = true,
                News::Bytes(piece) => seen.bytes.extend(piece.bytes),
                News::Damaged => seen.damaged += 1,
                News::Notice(text) => seen.notices.push(text),
                News::Over(end) => (seen.end, over) = (end, 1),
            }
        }
    };
    // What is not read takes the room for more.
    let launching = async { tokio::join!(go(launch, asked, report), reading) };
    tokio::select! { _ = launching => {} () = ordering => {} }
    seen.took = began.elapsed().as_secs();
    assert_eq!(over, 1);
    seen
}

/// A line of rank `rank`, as Open MPI 4 tags it.
fn tagged(rank: u32, text: &str) -> Vec<u8> {
    format!("[1,{rank}]<stdout>:{text}\n").into_bytes()
}

fn record(rank: u32, event: &RunEvent) -> Chunk {
    Chunk::Out(tagged(rank, &progress::format(event)))
}

fn host(rank: u32) -> Chunk {
    record(rank, &RunEvent::Host { rank: Rank(rank), host: format!("pi{:02}", rank + 1) })
}

fn done(rank: u32) -> Chunk {
    record(rank, &RunEvent::Done { rank: Rank(rank) })
}

fn zeros() -> Vec<u8> {
    vec![0; 2 << 20]
}

fn pis(says: Vec<(u64, Chunk)>, ends: Ends) -> (Arc<Pi>, Arc<Pi>) {
    (Arc::new(Pi::new(says, ends)), Arc::new(Pi::new(Vec::new(), Ends::Itself)))
}

#[tokio::test(start_paused = true)]
async fn a_run_goes_from_its_files_to_its_sweep() {
    let says = vec![(1, host(0)), (1, host(1)), (5, done(0)), (1, done(1))];
    let (head, other) = pis(says.clone(), Ends::Itself);
    let seen = run(Launch { limit: Some(Duration::from_millis(1500)), ..launch(&head, &other) }, &[]).await;
    let phases = [RunPhase::Deploying, RunPhase::Launching, RunPhase::Running, RunPhase::Sweeping];
    assert_eq!(seen.phases(), phases);
    assert_eq!(seen.end, End { status: Some(3), ..End::default() });
    assert_eq!(seen.events.iter().filter(|e| matches!(e, RunEvent::Done { .. })).count(), 2);
    assert_eq!(seen.swept(), BTreeMap::from([(id(1), Some(0)), (id(2), Some(0))]));
    let raw: Vec<u8> = says.iter().flat_map(|(_, c)| if let Chunk::Out(b) = c { b.clone() } else { vec![] }).collect();
    assert_eq!(seen.bytes, raw);
    // The program goes everywhere, the hostfile to the head.
    assert_eq!((head.heard("put-file").len(), other.heard("put-file").len()), (2, 1));
    let hostfile = &head.heard("put-file")[1].1;
    assert!(hostfile.starts_with("~/.pictl/runs/20261120-084501-pi-0007/hostfile 600 17 "), "{hostfile}");
    assert_eq!(head.heard("run-start")[0].1, "20261120-084501-pi-0007 1 mpirun -n 2 a b");
    assert!(head.heard("run-stop").is_empty() && other.heard("run-start").is_empty());
}

#[tokio::test(start_paused = true)]
async fn standard_input_goes_to_the_head_piece_by_piece_until_it_ends() {
    let says = vec![(1, host(0)), (8, done(0)), (1, done(1))];
    let (head, other) = pis(says.clone(), Ends::Itself);
    let typed = |text: &str, end| LaunchInput::Typed { bytes: text.into(), end };
    let inputs = vec![(0, typed("ab", false)), (3, typed("cde", false)), (5, typed("", true))];
    run_with(Launch { input: true, ..launch(&head, &other) }, inputs).await;
    let sent: Vec<String> = head.heard("run-input").into_iter().map(|(_, words)| words).collect();
    let run = "20261120-084501-pi-0007";
    assert_eq!(sent, [format!("{run} 0 2"), format!("{run} 2 3"), format!("{run} 5 0 end")]);
    assert!(head.heard("put-file").iter().any(|(_, words)| words.contains("/in 600 0 ")), "it is announced");
    assert!(other.heard("run-input").is_empty());

    // Without input nothing is announced and nothing sent; who joins a run ends the input of who left it.
    let (head, other) = pis(says.clone(), Ends::Itself);
    run_with(launch(&head, &other), Vec::new()).await;
    assert!(head.heard("run-input").is_empty() && head.heard("put-file").len() == 2);
    let (head, other) = pis(says, Ends::Itself);
    run_with(Launch { joined: Some(Taken::default()), ..launch(&head, &other) }, Vec::new()).await;
    assert_eq!(head.heard("run-input")[0].1, format!("{run} 0 0 end"));
}

#[tokio::test(start_paused = true)]
async fn a_stop_is_one_term_however_often_it_is_asked_for() {
    let (head, other) = pis(vec![(1, host(0))], Ends::On("TERM", 2));
    let seen = run(launch(&head, &other), &[(3, Control::Stop), (4, Control::Stop), (4, Control::Stop)]).await;
    assert_eq!(head.heard("run-stop"), [(3, "20261120-084501-pi-0007 TERM".to_owned())]);
    assert_eq!(seen.took, 5);
    assert_eq!(seen.end.problem, None);
    assert!(seen.phases().ends_with(&[RunPhase::Stopping, RunPhase::Sweeping]));
}

#[tokio::test(start_paused = true)]
async fn a_launcher_that_does_not_heed_term_is_killed_after_eight_seconds() {
    let (head, other) = pis(vec![(1, host(0))], Ends::On("KILL", 0));
    let seen = run(launch(&head, &other), &[(3, Control::Stop)]).await;
    let signals: Vec<_> = head.heard("run-stop").into_iter().map(|(at, c)| (at, c[24..].to_owned())).collect();
    assert_eq!(signals, [(3, "TERM".to_owned()), (11, "KILL".to_owned())]);
    assert_eq!(seen.took, 11);
}

#[tokio::test(start_paused = true)]
async fn a_kill_kills_at_once_also_after_a_stop() {
    for orders in [&[(3, Control::Kill)][..], &[(2, Control::Stop), (3, Control::Kill)]] {
        let (head, other) = pis(vec![(1, host(0))], Ends::On("KILL", 0));
        let seen = run(launch(&head, &other), orders).await;
        let last = head.heard("run-stop").pop().expect("a signal");
        assert_eq!((last.0, &last.1[24..], seen.took), (3, "KILL", 3));
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_even_be_killed_is_followed_no_longer_and_cleaned_up() {
    let (head, other) = pis(vec![(1, host(0))], Ends::Never);
    let seen = run(launch(&head, &other), &[(3, Control::Kill)]).await;
    assert_eq!(seen.took, 6);
    assert_eq!(seen.swept().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_program_that_prints_nothing_is_stopped_with_that_reason() {
    let (head, other) = pis(Vec::new(), Ends::On("TERM", 1));
    let seen = run(launch(&head, &other), &[]).await;
    assert_eq!(head.heard("run-stop")[0].0, 60);
    assert_eq!(seen.end.problem.as_deref(), Some("the program printed nothing within 60 s"));
}

#[tokio::test(start_paused = true)]
async fn what_a_launcher_prints_by_itself_does_not_change_how_long_the_program_is_waited_for() {
    let warning = || Chunk::Err(b"plm:rsh: Warning: setpgid failed\n".to_vec());
    for silence in [None, Some(Duration::from_secs(600))] {
        let (head, other) = pis(vec![(5, warning()), (30, warning())], Ends::On("TERM", 1));
        let seen = run(Launch { silence, ..launch(&head, &other) }, &[]).await;
        assert_eq!(head.heard("run-stop")[0].0, 60);
        assert_eq!(seen.end.problem.as_deref(), Some("the program printed nothing within 60 s"));
    }
    // A rank's own line on standard error is output of the program.
    let (head, other) = pis(vec![(5, Chunk::Err(b"[1,0]<stderr>:hello\n".to_vec()))], Ends::On("TERM", 1));
    let silence = Some(Duration::from_secs(600));
    let seen = run(Launch { silence, ..launch(&head, &other) }, &[]).await;
    assert_eq!(head.heard("run-stop")[0].0, 605);
    assert_eq!(seen.end.problem.as_deref(), Some("no rank printed anything for 600 s"));
}

fn places() -> Vec<Place> {
    let place = |n: u8| Place {
        node: id(n),
        name: format!("pi{n:02}"),
        address: [10, 0, 0, n].into(),
        user: "pi".into(),
        port: 22,
    };
    vec![place(1), place(2)]
}

const BLOCKED: &str = "ok 10.0.0.1 1024\nbad 10.0.0.1 41000 timeout\n";

#[tokio::test(start_paused = true)]
async fn a_launch_that_hangs_by_a_firewall_is_stopped_with_both_ends() {
    let (head, mut other) = pis(Vec::new(), Ends::On("TERM", 1));
    Arc::get_mut(&mut other).expect("nobody else has it").tries = BLOCKED;
    let seen = run(Launch { places: places(), ..launch(&head, &other) }, &[]).await;
    assert_eq!(head.heard("run-stop")[0].0, 5);
    assert_eq!(other.heard("reach")[1].1, "try 4 10.0.0.1 41000 10.0.0.1 1024");
    let problem = seen.end.problem.expect("a problem");
    assert!(problem.starts_with("pi02 cannot connect to pi01 (10.0.0.1) on TCP port 41000: no answer"), "{problem}");
    assert!(seen.end.hint.is_some_and(|hint| hint.contains("1024 to 65535")));
}

/// Hydra starts ranks on the nodes that it reaches.
#[tokio::test(start_paused = true)]
async fn a_launch_that_waits_for_one_node_is_stopped_though_the_others_are_at_work() {
    let (head, mut other) = pis(vec![(1, host(0))], Ends::On("TERM", 1));
    Arc::get_mut(&mut other).expect("nobody else has it").tries = BLOCKED;
    let seen = run(Launch { places: places(), ..launch(&head, &other) }, &[]).await;
    assert_eq!(head.heard("run-stop")[0].0, 5);
    assert!(seen.end.problem.is_some_and(|problem| problem.starts_with("pi02 cannot connect to pi01")));
}

#[tokio::test(start_paused = true)]
async fn a_program_at_work_is_not_stopped_for_a_connection_that_it_may_not_need() {
    let says = vec![(1, host(0)), (1, host(1)), (100, done(0)), (0, done(1))];
    let (head, mut other) = pis(says, Ends::Itself);
    Arc::get_mut(&mut other).expect("nobody else has it").tries = BLOCKED;
    let seen = run(Launch { places: places(), ..launch(&head, &other) }, &[]).await;
    assert!(head.heard("run-stop").is_empty());
    assert_eq!((seen.notices.len(), seen.end.problem), (1, None), "{:?}", seen.notices);
    assert!(seen.notices[0].starts_with("pi02 cannot connect to pi01"), "{:?}", seen.notices);
    // It is the reason where the program is stopped for its silence.
    let (head, mut other) = pis(vec![(1, host(0)), (1, host(1))], Ends::On("TERM", 1));
    Arc::get_mut(&mut other).expect("nobody else has it").tries = BLOCKED;
    let silence = Some(Duration::from_secs(100));
    let seen = run(Launch { places: places(), silence, ..launch(&head, &other) }, &[]).await;
    assert!(seen.end.problem.is_some_and(|problem| problem.starts_with("pi02 cannot connect to pi01")));
}

#[tokio::test(start_paused = true)]
async fn a_daemon_that_is_missing_is_named_with_its_node() {
    let error = Chunk::Err(b"bash: line 1: orted: command not found\n".to_vec());
    let (head, mut other) = pis(vec![(2, error)], Ends::Itself);
    Arc::get_mut(&mut other).expect("nobody else has it").state = "daemon orted -\n";
    let seen = run(Launch { places: places(), ..launch(&head, &other) }, &[]).await;
    assert_eq!(seen.end.problem.as_deref(), Some("pi02: orted, which Open MPI 4.1 starts there, is missing"));
    let hint = "install it again: pictl exec --nodes pi02 -- \"sudo apt-get update && sudo apt-get install --reinstall -y \
                openmpi-bin\"";
    assert_eq!(seen.end.hint.as_deref(), Some(hint));
    // What the user stops needs no reason.
    let seen = run(Launch { places: places(), ..launch(&head, &other) }, &[(1, Control::Stop)]).await;
    assert_eq!(seen.end.problem, None);
}

#[tokio::test(start_paused = true)]
async fn what_the_launcher_prints_is_explained_by_what_is_found_on_the_nodes() {
    for (printed, state, problem, hint) in [
        (
            // It answers pictl: neither power nor cable is the cause.
            "ssh: connect to host 10.0.0.2 port 22: Connection timed out\n",
            "daemon orted /usr/bin/orted\n",
            "pi01 cannot reach pi02 (10.0.0.2), although that answers pictl",
            "ip route get 10.0.0.2` on pi01",
        ),
        (
            "Both TCP interface include and exclude lists were specified:\n\n  Include: 10.0.0.0/24\n",
            "setting /home/pi/.openmpi/mca-params.conf 2 oob_tcp_if_exclude = lo\n",
            "pi02: line 2 of /home/pi/.openmpi/mca-params.conf (oob_tcp_if_exclude = lo) contradicts",
            "take that line out of /home/pi/.openmpi/mca-params.conf on pi02",
        ),
        (
            "ORTE was unable to reliably start one or more daemons.\n",
            "tmp /tmp head: write error: No space left on device\n",
            "pi02: nothing can be written to /tmp: head: write error: No space left on device",
            "on pi02",
        ),
        (
            "bash: line 1: /usr/bin/orted: Permission denied\n",
            "broken orted /usr/bin/orted may not be executed\n",
            "pi02: /usr/bin/orted may not be executed",
            "--nodes pi02 -- \"sudo apt-get update",
        ),
    ] {
        let (head, mut other) = pis(vec![(1, Chunk::Err(printed.as_bytes().to_vec()))], Ends::Itself);
        Arc::get_mut(&mut other).expect("nobody else has it").state = state;
        let seen = run(Launch { places: places(), ..launch(&head, &other) }, &[]).await;
        let (found, advice) = (seen.end.problem.expect("a problem"), seen.end.hint.expect("a hint"));
        assert!(found.starts_with(problem) && advice.contains(hint), "{found}\n{advice}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_rank_that_may_wait_for_others_is_remarked() {
    let (head, other) = pis(vec![(1, host(0)), (100, done(0))], Ends::Itself);
    let seen = run(Launch { own: true, ranks: 1, ..launch(&head, &other) }, &[]).await;
    assert!(seen.notices.len() == 1 && seen.notices[0].contains("-n 2"), "{:?}", seen.notices);
}

#[tokio::test(start_paused = true)]
async fn silence_after_the_first_line_is_the_program_s_own_business() {
    let (head, other) = pis(vec![(59, host(0)), (7200, done(0)), (0, done(1))], Ends::Itself);
    let seen = run(launch(&head, &other), &[]).await;
    assert!(head.heard("run-stop").is_empty());
    assert_eq!((seen.took, seen.end.problem), (7259, None));
}

#[tokio::test(start_paused = true)]
async fn a_launcher_that_does_not_end_after_its_last_rank_is_ended() {
    let (head, other) = pis(vec![(1, done(0)), (1, done(1)), (5, host(0))], Ends::On("TERM", 1));
    let seen = run(launch(&head, &other), &[]).await;
    assert_eq!(head.heard("run-stop"), [(12, "20261120-084501-pi-0007 TERM".to_owned())]);
    assert_eq!(seen.end.problem, None, "all work was done");
}

#[tokio::test(start_paused = true)]
async fn one_rank_s_last_line_counts_once() {
    let (head, other) = pis(vec![(1, done(0)), (0, done(0)), (100, done(1))], Ends::Itself);
    let seen = run(launch(&head, &other), &[]).await;
    assert!(head.heard("run-stop").is_empty());
    assert_eq!(seen.took, 101);
}

#[tokio::test(start_paused = true)]
async fn a_lost_head_is_reported_and_the_others_are_cleaned_up() {
    let (head, other) = pis(vec![(1, host(0))], Ends::Lost);
    let seen = run(launch(&head, &other), &[(5, Control::Kill)]).await;
    assert_eq!(seen.took, 5);
    assert_eq!(seen.end.problem.as_deref(), Some("the connection to the head broke: connection lost: no answer"));
    assert_eq!(seen.end.status, None);
    assert_eq!(seen.swept()[&id(2)], Some(0));
}

/// The word that there is a new connection to the head.
fn again(pi: &Arc<Pi>) -> LaunchInput {
    LaunchInput::Connected(id(1), Arc::new(Line(pi.clone())))
}

#[tokio::test(start_paused = true)]
async fn with_a_new_connection_to_the_head_a_run_goes_on_where_reading_ended() {
    let (head, other) = pis(vec![(1, host(0)), (1, done(0))], Ends::Lost);
    let length = [host(0), done(0)].map(|c| if let Chunk::Out(b) = c { b.len() } else { 0 }).iter().sum::<usize>();
    let mut later = Pi::new(vec![(0, done(1))], Ends::Itself);
    // Written half a minute before it is read.
    later.times = "now 100\n60 0 0\n70 100000 0\n";
    let later = Arc::new(later);
    let seen = run_with(launch(&head, &other), vec![(30, again(&later))]).await;
    assert_eq!(later.heard("run-follow")[0].1, format!("20261120-084501-pi-0007 {length} 0"));
    assert_eq!((seen.took, seen.end.problem), (30, None));
    let sight: Vec<_> =
        seen.events.iter().filter(|e| matches!(e, RunEvent::OutOfSight { .. } | RunEvent::InSight)).collect();
    assert!(matches!(sight[..], [RunEvent::OutOfSight { .. }, RunEvent::InSight]), "{sight:?}");
    let [(at, RunEvent::Done { rank: Rank(1) })] = seen.past[..] else { panic!("{:?}", seen.past) };
    let ago = (pictl_model_now() - at).seconds();
    assert!((35.0..45.0).contains(&ago), "{ago} s ago");
    assert!(head.heard("run-sweep").is_empty() && later.heard("run-sweep").len() == 1, "by the connection there is");
}

fn pictl_model_now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    Timestamp(since.as_millis().try_into().expect("before the year 292 million"))
}

#[tokio::test(start_paused = true)]
async fn a_stop_while_the_head_is_out_of_sight_is_done_when_it_is_back() {
    let (head, other) = pis(vec![(1, host(0))], Ends::Lost);
    let later = Arc::new(Pi::new(Vec::new(), Ends::On("TERM", 1)));
    let seen = run_with(launch(&head, &other), vec![(5, LaunchInput::Asked(Control::Stop)), (30, again(&later))]).await;
    assert!(head.heard("run-stop").is_empty());
    assert_eq!(later.heard("run-stop"), [(30, "20261120-084501-pi-0007 TERM".to_owned())]);
    assert_eq!(seen.took, 31);
}

#[tokio::test(start_paused = true)]
async fn a_large_file_is_sent_only_where_it_is_not() {
    let (head, other) = pis(vec![(1, done(0)), (1, done(1))], Ends::Itself);
    let mut launch = launch(&head, &other);
    let path = |name: &str| format!("~/.pictl/programs/x/{name}");
    for (name, content) in [("zeros", zeros()), ("ones", vec![1; 2 << 20])] {
        launch.files.push(PutFile { path: path(name), content, ..launch.files[0].clone() });
    }
    run(launch, &[]).await;
    for pi in [&head, &other] {
        assert_eq!(pi.heard("file-hash").len(), 2, "a small file is not asked for");
        let sent = pi.heard("put-file").into_iter().filter(|(_, args)| args.contains("/programs/x/"));
        assert_eq!(sent.map(|(_, args)| args.starts_with(&path("ones"))).collect::<Vec<_>>(), [true]);
    }
}

/// Hydra lets ranks go on that do not use MPI.
#[tokio::test(start_paused = true)]
async fn a_rank_that_failed_ends_the_run() {
    let exit = record(1, &RunEvent::Exit { rank: Rank(1), status: 7 });
    let (head, other) = pis(vec![(1, host(0)), (1, host(1)), (1, exit), (4, host(0))], Ends::On("TERM", 1));
    let seen = run(launch(&head, &other), &[]).await;
    assert_eq!(
        head.heard("run-stop"),
        [(13, "20261120-084501-pi-0007 TERM".to_owned())],
        "ten seconds after the failure"
    );
    assert_eq!((seen.took, seen.end.problem), (14, None));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_joined_is_not_started_again() {
    let (head, other) = pis(vec![(1, done(1))], Ends::Itself);
    let taken = Taken { out: 70, err: 3, done: [Rank(0)].into(), running: true, ..Taken::default() };
    let seen = run(Launch { joined: Some(taken), ..launch(&head, &other) }, &[]).await;
    assert!(head.heard("put-file").is_empty() && head.heard("run-start").is_empty());
    assert_eq!(head.heard("run-follow")[0].1, "20261120-084501-pi-0007 70 3");
    assert_eq!(seen.phases(), [RunPhase::Sweeping], "it was running before");
    assert_eq!(seen.end, End { status: Some(3), ..End::default() });
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_joined_after_its_last_rank_is_not_waited_for_long() {
    let (head, other) = pis(Vec::new(), Ends::On("TERM", 1));
    let taken = Taken { out: 70, done: [Rank(0), Rank(1)].into(), running: true, ..Taken::default() };
    let seen = run(Launch { joined: Some(taken), ..launch(&head, &other) }, &[]).await;
    assert_eq!(head.heard("run-stop")[0].0, 10, "as one that was watched all the time");
    assert_eq!(seen.end.problem, None, "all work was done");
}

#[tokio::test(start_paused = true)]
async fn a_program_that_reports_how_it_prepares_has_begun() {
    let note = RunEvent::Note { text: "pi02 makes a virtual environment".into() };
    let says = vec![(1, record(0, &note)), (200, host(0)), (0, host(1)), (1, done(0)), (0, done(1))];
    let (head, other) = pis(says, Ends::Itself);
    let seen = run(Launch { silence: Some(Duration::from_secs(600)), ..launch(&head, &other) }, &[]).await;
    assert_eq!((seen.end.problem, head.heard("run-stop").len()), (None, 0), "the 60 s for its first line are over");
}

#[tokio::test(start_paused = true)]
async fn a_silence_that_is_too_long_ends_a_run() {
    let (head, other) = pis(vec![(1, host(0)), (90, host(1))], Ends::On("TERM", 1));
    let limit = Some(Duration::from_secs(100));
    let seen = run(Launch { silence: limit, ..launch(&head, &other) }, &[]).await;
    assert_eq!(head.heard("run-stop")[0].0, 191, "a hundred seconds after the last word");
    assert_eq!(seen.end.problem.as_deref(), Some("no rank printed anything for 100 s"));
}

#[tokio::test(start_paused = true)]
async fn a_node_that_does_not_answer_the_sweep_is_said_to_be_unknown() {
    let (head, mut other) = pis(vec![(1, done(0)), (0, done(1))], Ends::Itself);
    Arc::get_mut(&mut other).expect("nobody else has it").cleanup = None;
    let seen = run(launch(&head, &other), &[]).await;
    assert_eq!(seen.swept(), BTreeMap::from([(id(1), Some(0)), (id(2), None)]));
    assert_eq!(seen.took, 11, "asked for ten seconds and not longer");

    let (mut head, mut other) = pis(vec![(1, done(0)), (0, done(1))], Ends::Itself);
    Arc::get_mut(&mut head).expect("nobody else has it").cleanup = Some("killed 3 left 1\n");
    Arc::get_mut(&mut other).expect("nobody else has it").cleanup = Some("bash: no\n");
    let seen = run(launch(&head, &other), &[]).await;
    assert_eq!(seen.swept(), BTreeMap::from([(id(1), Some(1)), (id(2), None)]));
    assert!(seen.events.iter().any(|e| matches!(e, RunEvent::Swept { killed: 3, .. })));
}

#[tokio::test(start_paused = true)]
async fn damaged_records_are_counted_and_glued_ones_are_all_read() {
    let good = progress::format(&RunEvent::Done { rank: Rank(0) });
    let damaged = good.replace("\"r\":0", "\"r\":9");
    let says = vec![
        (1, Chunk::Out(tagged(0, &damaged))),
        (0, Chunk::Out(tagged(0, &format!("{good}{}", progress::format(&RunEvent::Done { rank: Rank(1) }))))),
        (0, Chunk::Err(b"[1,1]<stderr>:a warn".to_vec())),
        (0, Chunk::Err(b"ing \x1b[31mred\x1b[0m\n".to_vec())),
        (0, Chunk::Out(b"no end".to_vec())),
    ];
    let (head, other) = pis(says, Ends::Itself);
    let seen = run(launch(&head, &other), &[]).await;
    assert_eq!(seen.damaged, 1);
    assert_eq!(seen.events.iter().filter(|e| matches!(e, RunEvent::Done { .. })).count(), 2);
    let lines = [(Stream::Err, Some(Rank(1)), "a warning red"), (Stream::Out, None, "no end")];
    assert_eq!(seen.lines(), lines);
}

#[tokio::test(start_paused = true)]
async fn what_a_program_prints_last_without_an_end_of_line_is_shown() {
    let mpi = r#"{"e":"mpi","r":1,"library":"Open MPI v4.1.4"}"#;
    let mpi = format!("@pictl {mpi} {:04x}", progress::crc(mpi.as_bytes()));
    let ended = |rank| progress::format(&RunEvent::Done { rank: Rank(rank) });
    let says = vec![
        (1, Chunk::Out(tagged(0, &format!("how many? {}", ended(0))))),
        (0, Chunk::Out(tagged(1, &format!("reads: {mpi}")))),
        (0, Chunk::Out(tagged(1, &format!("  rank 0 of 1{}", ended(1))))),
    ];
    let (head, other) = pis(says, Ends::Itself);
    let seen = run(launch(&head, &other), &[]).await;
    let out = |rank, text| (Stream::Out, Some(Rank(rank)), text);
    assert_eq!(seen.lines(), [out(0, "how many?"), out(1, "reads:"), out(1, "  rank 0 of 1")]);
    assert_eq!((seen.damaged, seen.events.iter().filter(|e| matches!(e, RunEvent::Done { .. })).count()), (0, 2));
    let alone = |e: &&RunEvent| matches!(e, RunEvent::Mpi { rank: Rank(1), size: Some(1), .. });
    assert!(seen.events.iter().find(alone).is_some(), "what it says of itself counts, too: {:?}", seen.events);
}

#[tokio::test(start_paused = true)]
async fn a_megabyte_without_a_line_end_costs_one_bounded_line() {
    let says = (0..256).map(|_| (0, Chunk::Out(vec![b'x'; 4096]))).collect();
    let (head, other) = pis(says, Ends::Itself);
    let seen = run(launch(&head, &other), &[]).await;
    assert_eq!(seen.bytes.len(), 1 << 20, "the record has all of it");
    let lines = seen.lines();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].2.chars().count(), pictl_model::text::MAX_LINE);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_cannot_be_written_ends_it_before_the_launch() {
    let (head, mut other) = pis(Vec::new(), Ends::Itself);
    Arc::get_mut(&mut other).expect("nobody else has it").put = Put::Fails;
    let seen = run(launch(&head, &other), &[]).await;
    assert!(seen.end.problem.as_ref().is_some_and(|p| p.contains("No space left on device")));
    assert_eq!(seen.end.hint.as_deref(), Some("free some space on the node's SD card"));
    assert!(head.heard("run-start").is_empty());
    assert_eq!(seen.swept().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_stop_while_files_are_copied_starts_nothing() {
    let (head, mut other) = pis(Vec::new(), Ends::Itself);
    Arc::get_mut(&mut other).expect("nobody else has it").put = Put::Hangs;
    let seen = run(launch(&head, &other), &[(2, Control::Stop)]).await;
    let end = End { problem: Some("stopped before it was started".into()), ..End::default() };
    assert_eq!((seen.end, seen.took), (end, 2));
    assert!(head.heard("run-start").is_empty());
}

#[tokio::test(start_paused = true)]
async fn without_a_head_there_is_no_launch() {
    let (head, other) = pis(Vec::new(), Ends::Itself);
    let mut launch = launch(&head, &other);
    launch.sessions.remove(&id(1));
    let seen = run(launch, &[]).await;
    assert_eq!(seen.end.problem.as_deref(), Some("the head is not connected"));
    assert_eq!(seen.swept().keys().collect::<Vec<_>>(), [&id(2)]);
}

#[tokio::test(start_paused = true)]
async fn a_launch_whose_owner_is_gone_comes_to_its_end() {
    let (head, other) = pis(vec![(1, host(0)), (20, done(0)), (0, done(1))], Ends::Itself);
    let (control, asked) = mpsc::unbounded_channel();
    let (report, news) = mpsc::unbounded_channel();
    drop((control, news));
    go(launch(&head, &other), asked, report).await;
    assert_eq!((head.heard("run-sweep").len(), other.heard("run-sweep").len()), (1, 1));
    assert_eq!(head.heard("run-start").len(), 1);
}
