//! The programs that the simulated launcher can run. They compute what the real ones compute and tell it in the same
//! lines; how long it takes is the node's model.

use std::sync::Arc;

use tokio::sync::{Barrier, mpsc};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::job::{Job, Running};
use super::node::Cell;
use super::plain;
use super::rank::{How, RankEnd, RankTask};
use super::slice::{Series, Slice, Terms, rounded};

/// A program with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Program {
    /// `pi.py` or `primes.py`.
    Sliced { path: String, slices: u64, terms: Terms },
    /// `hello.py`.
    Hello { path: String },
    /// `hostname.py`.
    Hostname { path: String },
    /// `pingpong.py`.
    PingPong { path: String },
    /// A plain command.
    Plain(Vec<String>),
    /// A plain command behind `rank.sh`.
    Own(Vec<String>),
}

impl Program {
    /// The program of a command line; otherwise the status and what is said.
    pub(super) fn parse(words: &[String], home: &str) -> Result<Self, (u32, String)> {
        let Some((first, mut args)) = words.split_first() else { return Err((1, String::new())) };
        if let [script, _folder, words @ ..] = args
            && first == "sh"
            && script.ends_with("/rank.sh")
        {
            return Ok(Self::Own(words.to_vec()));
        }
        if !first.rsplit('/').next().is_some_and(|name| name == "python3" || name == "python") {
            return Ok(Self::Plain(words.to_vec()));
        }
        // Isolated, and by the program that starts those of its own folder.
        let mut folder = home.to_owned();
        if let [isolated, start, rest @ ..] = args
            && isolated == "-I"
            && let Some(of_start) = start.strip_suffix("/start.py")
        {
            (folder, args) = (of_start.to_owned(), rest);
        }
        if let [m, mpi4py, rest @ ..] = args
            && m == "-m"
            && mpi4py == "mpi4py"
        {
            args = rest;
        }
        let unknown = || {
            (
                1,
                "this Pi is simulated: it runs pi, primes, hello, hostname and pingpong, and plain commands\n"
                    .to_owned(),
            )
        };
        let (path, args) = args.split_first().ok_or_else(unknown)?;
        let path = if path.starts_with('/') { path.clone() } else { format!("{folder}/{path}") };
        match path.rsplit('/').next() {
            Some("hello.py") => Ok(Self::Hello { path }),
            Some("hostname.py") => Ok(Self::Hostname { path }),
            Some("pingpong.py") => Ok(Self::PingPong { path }),
            Some("pi.py") => sliced(Series::Pi, path, args),
            Some("primes.py") => sliced(Series::Primes, path, args),
            _ => Err(unknown()),
        }
    }
}

/// A program that works in slices, as its arguments want them.
fn sliced(series: Series, path: String, args: &[String]) -> Result<Program, (u32, String)> {
    let (mut slices, mut length) = (64_u64, series.length());
    let wrong = |why: String| Err((2, format!("{}.py: error: {why}\n", series.name())));
    let mut args = args.iter();
    while let Some(word) = args.next() {
        let (name, value) = word.split_once('=').map_or((word.as_str(), None), |(name, value)| (name, Some(value)));
        let value = value.or_else(|| args.next().map(String::as_str));
        let number = value.and_then(|value| value.parse().ok());
        match (name, number) {
            ("--slices", Some(number)) => slices = number,
            ("--slice-size", Some(number)) => length = number,
            _ => return wrong(format!("argument {name}: not understood")),
        }
    }
    // More than anybody waits for, and less than overflows.
    if slices.checked_mul(length).is_none_or(|terms| terms > 1 << 60) {
        return wrong("too many terms".to_owned());
    }
    Ok(Program::Sliced { path, slices, terms: Terms { series, length } })
}

/// Starts one rank on each of these nodes.
pub(super) fn start(
    job: &Arc<Job>,
    program: &Program,
    places: &[(Arc<Cell>, String)],
    tag: bool,
    ranks: &mut JoinSet<RankEnd>,
) {
    let size = places.len();
    let mut parts = parts(program, places);
    for (rank, (cell, host)) in places.iter().enumerate().rev() {
        let Some(part) = parts.pop() else { return };
        let running = Running::start(cell, &job.run, true);
        let me = RankTask { job: Arc::clone(job), cell: Arc::clone(cell), rank, size, tag };
        let host = host.clone();
        ranks.spawn(async move {
            let (term, kill) = (running.process.term.clone(), running.process.kill.clone());
            let how = tokio::select! {
                biased;
                () = kill.cancelled() => How::Signalled(9),
                () = term.cancelled() => How::Signalled(15),
                how = me.work(part) => how,
            };
            let how = if running.is_lost() { How::Lost } else { how };
            RankEnd { rank, host, pid: running.pid, how }
        });
    }
}

/// What a rank has to do, and its channels to the others.
enum Part {
    Control {
        path: String,
        slices: u64,
        terms: Terms,
        answers: mpsc::UnboundedReceiver<(usize, f64)>,
        workers: Vec<Order>,
    },
    Worker {
        path: String,
        terms: Terms,
        orders: mpsc::UnboundedReceiver<Option<u64>>,
        answers: mpsc::UnboundedSender<(usize, f64)>,
    },
    Hello {
        path: String,
        all: Arc<Barrier>,
    },
    Hostname {
        path: String,
    },
    PingPong {
        path: String,
        all: Arc<Barrier>,
        cells: Vec<Arc<Cell>>,
    },
    Plain(Vec<String>),
    Own(Vec<String>),
}

/// The way to a worker: the number of a slice, or that there are no more.
type Order = mpsc::UnboundedSender<Option<u64>>;

fn parts(program: &Program, places: &[(Arc<Cell>, String)]) -> Vec<Part> {
    let size = places.len();
    match program {
        Program::Hostname { path } => (0..size).map(|_| Part::Hostname { path: path.clone() }).collect(),
        Program::PingPong { path } => {
            let all = Arc::new(Barrier::new(size));
            let cells: Vec<_> = places.iter().map(|(cell, _)| Arc::clone(cell)).collect();
            let part = |_| Part::PingPong { path: path.clone(), all: Arc::clone(&all), cells: cells.clone() };
            (0..size).map(part).collect()
        }
        Program::Plain(words) => (0..size).map(|_| Part::Plain(words.clone())).collect(),
        Program::Own(words) => (0..size).map(|_| Part::Own(words.clone())).collect(),
        Program::Hello { path } => {
            let all = Arc::new(Barrier::new(size));
            (0..size).map(|_| Part::Hello { path: path.clone(), all: Arc::clone(&all) }).collect()
        }
        Program::Sliced { path, slices, terms } => {
            let (sender, answers) = mpsc::unbounded_channel();
            let (orders, receivers): (Vec<_>, Vec<_>) = (1..size).map(|_| mpsc::unbounded_channel()).unzip();
            let worker = |orders| Part::Worker { path: path.clone(), terms: *terms, orders, answers: sender.clone() };
            let workers = receivers.into_iter().map(worker);
            let control =
                Part::Control { path: path.clone(), slices: *slices, terms: *terms, answers, workers: orders };
            std::iter::once(control).chain(workers).collect()
        }
    }
}

impl RankTask {
    async fn work(&self, part: Part) -> How {
        let ended = match part {
            Part::Plain(words) => self.plain(&words),
            Part::Own(words) => self.own(&words).await,
            Part::Hello { path, all } => self.hello(&path, &all).await,
            Part::Hostname { path } => self.hostname(&path),
            Part::PingPong { path, all, cells } => self.pingpong(&path, &all, &cells).await,
            Part::Control { path, slices, terms, answers, workers } => {
                self.control(&path, slices, terms, answers, workers).await
            }
            Part::Worker { path, terms, orders, answers } => self.worker(&path, terms, orders, answers).await,
        };
        ended.err().unwrap_or(How::Finished)
    }

    /// As `rank.sh` runs it: rank 0 has the run's standard input, which `cat` copies.
    async fn own(&self, words: &[String]) -> Result<(), How> {
        self.say_host();
        let ended = match words {
            [cat] if cat == "cat" => {
                if self.rank == 0 {
                    for line in String::from_utf8_lossy(&self.job.input().await).lines() {
                        self.print("stdout", line);
                    }
                }
                Ok(())
            }
            words => self.plain(words),
        };
        match &ended {
            Err(How::Exited(status)) => {
                self.say(&format!(r#"{{"e":"exit","r":{},"status":{status}}}"#, self.rank));
            }
            _ => self.say_done(),
        }
        ended
    }

    fn plain(&self, words: &[String]) -> Result<(), How> {
        let args: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
        let answer = plain::answer(&self.cell, false, words.first().map_or("", String::as_str), &args);
        for (stream, bytes) in [("stdout", answer.out), ("stderr", answer.err)] {
            for line in String::from_utf8_lossy(&bytes).lines() {
                self.print(stream, line);
            }
        }
        if answer.status == 0 { Ok(()) } else { Err(How::Exited(answer.status)) }
    }

    async fn hello(&self, path: &str, all: &Barrier) -> Result<(), How> {
        self.python(path)?;
        self.say_begin("hello", 0, 0);
        self.say_host();
        all.wait().await;
        if self.rank == 0 {
            let total: usize = (0..self.size).sum();
            self.say(&format!(r#"{{"e":"result","value":{total},"s":0.0}}"#));
        }
        self.say_done();
        Ok(())
    }

    /// Rank 0 of a program in slices: hands out, works, adds up.
    async fn control(
        &self,
        path: &str,
        slices: u64,
        terms: Terms,
        mut answers: mpsc::UnboundedReceiver<(usize, f64)>,
        mut workers: Vec<Order>,
    ) -> Result<(), How> {
        self.python(path)?;
        self.say_begin(terms.series.name(), usize::try_from(slices).unwrap_or(usize::MAX), terms.length);
        self.say_host();
        let start = Instant::now();
        let (mut handed, mut finished, mut total) = (0, 0, 0.0);
        // A worker that died takes no orders; the launcher deals with that.
        let hand_to = |worker: &mut Order, handed: &mut u64| {
            let order = (*handed < slices).then_some(*handed);
            *handed += u64::from(order.is_some());
            let _ = worker.send(order);
        };
        for _ in 0..2 {
            for worker in &mut workers {
                hand_to(worker, &mut handed);
            }
        }
        let mut mine: Option<Slice> = None;
        while finished < slices {
            if mine.is_none() && handed < slices {
                mine = Some(Slice::begin(self, handed, terms));
                handed += 1;
            }
            let answer = match &mine {
                // Without workers nothing comes any more; the launcher ends a rank that waits for ever.
                None => match answers.recv().await {
                    None => std::future::pending().await,
                    answer => answer,
                },
                Some(_) => answers.try_recv().ok(),
            };
            if let Some((worker, value)) = answer {
                total += value;
                finished += 1;
                hand_to(&mut workers[worker - 1], &mut handed);
            } else if let Some(slice) = &mut mine
                && let Some(value) = slice.piece(self).await
            {
                total += value;
                finished += 1;
                mine = None;
            }
        }
        let seconds = rounded(start.elapsed());
        self.say(&format!(r#"{{"e":"result","value":{total:?},"s":{seconds:?}}}"#));
        self.say_done();
        Ok(())
    }

    /// Every other rank: computes what it is given.
    async fn worker(
        &self,
        path: &str,
        terms: Terms,
        mut orders: mpsc::UnboundedReceiver<Option<u64>>,
        answers: mpsc::UnboundedSender<(usize, f64)>,
    ) -> Result<(), How> {
        self.python(path)?;
        self.say_host();
        loop {
            match orders.recv().await {
                Some(Some(number)) => {
                    let mut slice = Slice::begin(self, number, terms);
                    let value = loop {
                        if let Some(value) = slice.piece(self).await {
                            break value;
                        }
                    };
                    // Rank 0 may be gone; then the launcher ends this one too.
                    let _ = answers.send((self.rank, value));
                }
                Some(None) => break,
                // Rank 0 died: a receive without a sender waits until the launcher ends it.
                None => std::future::pending().await,
            }
        }
        self.say_done();
        Ok(())
    }
}
