//! A command on a simulated node: what it is asked, who it runs as, and the few plain commands it knows. The
//! scripts of `assets/remote/` are told by their `pictl-NAME` word; see [`super::applets`].

use std::sync::Arc;
use std::time::Duration;

use pictl_formats::shell;
use russh::server::Msg;
use russh::{Channel, ChannelMsg, ChannelReadHalf, ChannelWriteHalf};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::FaultKind;
use super::applets;
use super::files::Kind;
use super::launchers;
use super::node::Cell;
use super::world::World;

/// What `uname -r` says.
pub(super) const KERNEL: &str = "6.12.47+rpt-rpi-v8";

/// What a client asks of a channel.
pub(super) enum Ask {
    /// A command line.
    Command(String),
    /// An interactive shell.
    Shell,
}

/// Nobody reads any more; the command ends, as by SIGPIPE.
pub(super) struct Gone;

/// The end of a command: its status.
pub(super) type Status = Result<u32, Gone>;

/// A command while it runs.
pub(super) struct Shell {
    pub(super) world: Arc<World>,
    pub(super) cell: Arc<Cell>,
    /// Whether it runs as root, by `sudo`.
    pub(super) root: bool,
    pub(super) input: Input,
    output: ChannelWriteHalf<Msg>,
}

/// Standard input.
pub(super) struct Input {
    chunks: mpsc::Receiver<Vec<u8>>,
    buffer: Vec<u8>,
}

impl Input {
    async fn fill(&mut self) -> bool {
        let more = self.chunks.recv().await;
        more.map(|chunk| self.buffer.extend(chunk)).is_some()
    }

    /// Up to `size` bytes; fewer at the end.
    pub(super) async fn read(&mut self, size: usize) -> Vec<u8> {
        while self.buffer.len() < size && self.fill().await {}
        let rest = self.buffer.split_off(size.min(self.buffer.len()));
        std::mem::replace(&mut self.buffer, rest)
    }

    /// A line without its end; `None` at the end.
    async fn line(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let rest = self.buffer.split_off(end + 1);
                let mut line = std::mem::replace(&mut self.buffer, rest);
                line.pop();
                return Some(String::from_utf8_lossy(&line).into_owned());
            }
            if !self.fill().await {
                return None;
            }
        }
    }
}

impl Shell {
    /// `$HOME`.
    pub(super) fn home(&self) -> String {
        self.cell.home(self.root)
    }

    /// Says a line on standard output.
    pub(super) async fn say(&self, line: impl AsRef<str>) -> Result<(), Gone> {
        self.out(format!("{}\n", line.as_ref())).await
    }

    /// Writes to standard output.
    pub(super) async fn out(&self, bytes: impl Into<Vec<u8>>) -> Result<(), Gone> {
        self.output.data_bytes(bytes.into()).await.map_err(|_| Gone)
    }

    /// Writes to standard error.
    pub(super) async fn err(&self, bytes: impl Into<Vec<u8>>) -> Result<(), Gone> {
        self.output.extended_data_bytes(1, bytes.into()).await.map_err(|_| Gone)
    }

    /// Says a line on standard error and ends with this status.
    pub(super) async fn fail(&self, status: u32, line: impl AsRef<str>) -> Status {
        self.err(format!("{}\n", line.as_ref())).await?;
        Ok(status)
    }

    /// Lets this much simulated time pass.
    pub(super) async fn pass(&self, seconds: f64) {
        self.world.pass(seconds).await;
    }
}

/// Answers a channel until its command ends or its client closes it.
pub(super) async fn serve(world: Arc<World>, cell: Arc<Cell>, ask: Ask, channel: Channel<Msg>, cut: CancellationToken) {
    let (read, output) = channel.split();
    let (sender, chunks) = mpsc::channel(16);
    let input = Input { chunks, buffer: Vec::new() };
    let mut shell = Shell { world, cell, root: false, input, output };
    let work = async {
        let status = match ask {
            Ask::Shell => {
                let why =
                    "This Raspberry Pi is simulated by pictl: there is no shell, only the commands that pictl uses.\r";
                shell.say(why).await.map(|()| 1)
            }
            Ask::Command(line) => shell.command(&line, &cut).await,
        };
        let output = &shell.output;
        if let Ok(status) = status {
            // An error here means that the client has gone, which is its right.
            let _ = output.exit_status(status).await;
        }
        let _ = output.eof().await;
        let _ = output.close().await;
    };
    tokio::select! {
        () = work => {}
        () = pump(read, sender) => {}
    }
}

/// Hands the client's data on as standard input; returns when the client has closed the channel.
async fn pump(mut read: ChannelReadHalf, sender: mpsc::Sender<Vec<u8>>) {
    let mut sender = Some(sender);
    loop {
        match read.wait().await {
            Some(ChannelMsg::Data { data }) => {
                if let Some(input) = &sender
                    && input.send(data.to_vec()).await.is_err()
                {
                    sender = None;
                }
            }
            Some(ChannelMsg::Eof) => sender = None,
            Some(ChannelMsg::Close | ChannelMsg::Signal { .. }) | None => return,
            Some(_) => {}
        }
    }
}

impl Shell {
    async fn command(&mut self, line: &str, cut: &CancellationToken) -> Status {
        let Ok(words) = shell::split(line) else {
            return self.fail(2, "sh: 1: Syntax error: Unterminated quoted string").await;
        };
        let mut words = words.as_slice();
        if words.first().is_some_and(|word| word == "sudo") {
            words = match self.sudo(&words[1..]).await? {
                Ok(rest) => rest,
                Err(status) => return Ok(status),
            };
        }
        let nested;
        if let [sh, c, script] = words
            && sh == "sh"
            && c == "-c"
        {
            nested = shell::split(script).unwrap_or_default();
            words = &nested;
        }
        if self.cell.has(&FaultKind::EndlessOutput) {
            loop {
                self.out("and so on\n".repeat(800)).await?;
            }
        }
        let script = match words {
            [sh, c, _, name, args @ ..] if sh == "sh" && c == "-c" => {
                name.strip_prefix("pictl-").map(|name| (name, args))
            }
            _ => None,
        };
        let Some((name, args)) = script else { return self.plain(words).await };
        if self.cell.has(&FaultKind::CloseDuringCommand { script: name.to_owned() }) {
            self.out("and then ").await?;
            cut.cancel();
            std::future::pending::<()>().await;
        }
        if self.cell.has(&FaultKind::WrongOutput) {
            let other =
                "\x1b[2J\x1b[31mWelcome to fish\x07\nfacts 9\nhostname \x1b]0;owned\x07\nS 1 2 3\npublic nothing\n";
            return self.out(other).await.map(|()| 0);
        }
        applets::run(self, name, args).await
    }

    /// `sudo` and its options: the command that is left, or the status it ends with.
    async fn sudo<'a>(&mut self, mut words: &'a [String]) -> Result<Result<&'a [String], u32>, Gone> {
        let (mut never_ask, mut by_input) = (false, false);
        while let Some((option, rest)) = words.split_first().filter(|(word, _)| word.starts_with('-')) {
            words = rest;
            match option.as_str() {
                "-n" => never_ask = true,
                "-S" => by_input = true,
                "-p" => words = words.get(1..).unwrap_or_default(),
                _ => {}
            }
        }
        if self.cell.has(&FaultKind::SudoRefuses) {
            if by_input {
                self.input.line().await;
            }
            let why = if never_ask {
                "sudo: a password is required".into()
            } else {
                format!("{} is not in the sudoers file.", self.cell.user)
            };
            return self.fail(1, why).await.map(Err);
        }
        if self.world.spec.sudo_password {
            if never_ask {
                return self.fail(1, "sudo: a password is required").await.map(Err);
            }
            if !by_input {
                let why = "sudo: a terminal is required to read the password; either use the -S option to read from \
                    standard input or configure an askpass helper\nsudo: a password is required";
                return self.fail(1, why).await.map(Err);
            }
            for wrong in 0.. {
                match self.input.line().await {
                    Some(word) if word == self.cell.password.expose() => break,
                    Some(_) if wrong < 2 => self.err("Sorry, try again.\n").await?,
                    Some(_) => return self.fail(1, "sudo: 3 incorrect password attempts").await.map(Err),
                    None => {
                        let s = if wrong == 1 { "" } else { "s" };
                        let tried = if wrong == 0 {
                            "sudo: a password is required".into()
                        } else {
                            format!("sudo: {wrong} incorrect password attempt{s}")
                        };
                        return self.fail(1, format!("sudo: no password was provided\n{tried}")).await.map(Err);
                    }
                }
            }
        }
        self.root = true;
        Ok(Ok(words))
    }

    /// The plain commands that every Pi knows.
    async fn plain(&mut self, words: &[String]) -> Status {
        let Some((name, args)) = words.split_first() else { return Ok(0) };
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        if name == "sleep" {
            let seconds = args.first().and_then(|word| word.parse().ok()).unwrap_or(0.0);
            tokio::time::sleep(Duration::try_from_secs_f64(seconds).unwrap_or_default()).await;
            return Ok(0);
        }
        let answer = answer(&self.cell, self.root, name, &args);
        self.out(answer.out).await?;
        self.err(answer.err).await?;
        Ok(answer.status)
    }
}

/// What a plain command says.
pub(super) struct Answer {
    pub(super) status: u32,
    pub(super) out: Vec<u8>,
    pub(super) err: Vec<u8>,
}

impl Answer {
    fn good(out: impl Into<Vec<u8>>) -> Self {
        Self { status: 0, out: out.into(), err: Vec::new() }
    }

    fn bad(status: u32, err: String) -> Self {
        Self { status, out: Vec::new(), err: err.into_bytes() }
    }
}

/// What the firmware says to a question that it does not know.
fn unregistered() -> Answer {
    Answer { status: 1, ..Answer::good("error=1 error_msg=\"Command not registered\"\n") }
}

/// The power chip's readings of rails that take so many watts together: their names, volts and shares are about those of a
/// Pi 5; the 5 V rail has no current.
fn rails(watts: f64) -> String {
    let rails = [("3V3_SYS", 3.31, 0.2), ("DDR_VDD2", 1.11, 0.15), ("VDD_CORE", 0.85, 0.65)];
    let amps = rails.map(|(name, volts, share)| format!("{:>11}_A current(0)={:.8}A\n", name, watts * share / volts));
    let volts = rails.map(|(name, volts, _)| format!("{name:>11}_V volt(8)={volts:.8}V\n"));
    format!("{}{}{:>11}_V volt(24)=5.08960000V\n", amps.concat(), volts.concat(), "EXT5V")
}

/// A plain command that answers at once.
pub(super) fn answer(cell: &Cell, root: bool, name: &str, args: &[&str]) -> Answer {
    let mut state = cell.lock();
    let hostname = state.hostname.clone();
    let user = if root { "root" } else { &cell.user };
    match (name.rsplit('/').next().unwrap_or(name), args) {
        ("true" | ":", _) => Answer::good(""),
        ("false", _) => Answer { status: 1, ..Answer::good("") },
        ("echo", words) => Answer::good(format!("{}\n", words.join(" "))),
        ("hostname", _) | ("uname", ["-n"]) => Answer::good(format!("{hostname}\n")),
        ("whoami", _) | ("id", ["-un"]) => Answer::good(format!("{user}\n")),
        ("id", []) if root => Answer::good("uid=0(root) gid=0(root) groups=0(root)\n"),
        ("id", []) => {
            Answer::good(format!("uid=1000({user}) gid=1000({user}) groups=1000({user}),27(sudo),44(video)\n"))
        }
        ("id", ["-u"]) => Answer::good(if root { "0\n" } else { "1000\n" }),
        ("uname", ["-a"]) => Answer::good(format!(
            "Linux {hostname} {KERNEL} #1 SMP PREEMPT Debian 1:6.12.47-1+rpt1~bookworm (2025-09-16) aarch64 \
             GNU/Linux\n"
        )),
        ("uname", ["-m"]) => Answer::good("aarch64\n"),
        ("uname", ["-r"]) => Answer::good(format!("{KERNEL}\n")),
        ("uname", [] | ["-s"]) => Answer::good("Linux\n"),
        ("uptime", _) => {
            let reading = state.heat.read();
            let minutes = (reading.uptime / 60.0) as u64;
            let load = reading.load;
            Answer::good(format!(
                " up {}:{:02},  1 user,  load average: {load:.2}, {load:.2}, {load:.2}\n",
                minutes / 60,
                minutes % 60
            ))
        }
        ("vcgencmd", words) => {
            let reading = state.heat.read();
            match words {
                ["measure_temp"] => Answer::good(format!("temp={:.1}'C\n", reading.temp)),
                ["measure_clock", "arm"] => {
                    Answer::good(format!("frequency({})={:.0}\n", cell.model.board.clock_index(), reading.clock))
                }
                ["measure_volts", ..] => Answer::good(format!("volt={:.4}V\n", reading.volts)),
                ["pmic_read_adc"] => reading.watts.map_or_else(unregistered, |watts| Answer::good(rails(watts))),
                ["get_throttled"] => Answer::good(format!("throttled={:#x}\n", reading.flags)),
                _ => unregistered(),
            }
        }
        (name, ["--version"]) if launchers::version(&state.mpi, name).is_some() => {
            Answer::good(launchers::version(&state.mpi, name).unwrap_or_default())
        }
        ("cat", paths) => {
            let mut answer = Answer::good("");
            for path in paths {
                if let Some(content) = state.files.read(path) {
                    answer.out.extend(content);
                } else {
                    answer.err.extend(format!("cat: {path}: No such file or directory\n").into_bytes());
                    answer.status = 1;
                }
            }
            answer
        }
        ("ls", paths) => {
            let path = paths
                .iter()
                .find(|word| !word.starts_with('-'))
                .map_or_else(|| cell.home(root), |word| (*word).to_owned());
            match state.files.get(&path).map(|entry| &entry.kind) {
                Some(Kind::Dir) => Answer::good(
                    state.files.list(&path).into_iter().fold(String::new(), |text, name| text + &name + "\n"),
                ),
                Some(_) => Answer::good(format!("{path}\n")),
                None => Answer::bad(2, format!("ls: cannot access '{path}': No such file or directory\n")),
            }
        }
        _ => Answer::bad(127, format!("sh: 1: {name}: not found (this Pi is simulated and knows few commands)\n")),
    }
}
