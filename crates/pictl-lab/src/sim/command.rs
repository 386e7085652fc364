//! A command on a simulated node: what a client asks for, and as whom it runs. The scripts of `assets/remote/` are recognised
//! by their `pictl-NAME` argument, see [`super::scripts`]; for others see [`super::plain`].

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use pictl_formats::shell;
use russh::server::Msg;
use russh::{Channel, ChannelMsg, ChannelReadHalf};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::FaultKind;
use super::node::Cell;
use super::plain::answer;
use super::scripts;
use super::shell::{Gone, Input, Shell, Status};
use super::world::World;

/// What a client asks of a channel.
pub(super) enum Ask {
    /// A command line.
    Command(String),
    /// An interactive shell.
    Shell,
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
        let carried = shell::carried(line);
        if carried.is_some() {
            self.out(shell::BEGIN).await?;
            self.err(shell::BEGIN).await?;
        }
        let Ok(words) = shell::split(carried.as_deref().unwrap_or(line)) else {
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
        let is_sh = |word: &str| matches!(word, "sh" | "/bin/sh");
        if let [sh, c, script] = words
            && is_sh(sh)
            && c == "-c"
        {
            nested = shell::split(script).unwrap_or_default();
            words = &nested;
        }
        let script = shell::script(words);
        if let Some(("exec", [line])) = script {
            return self.attended(line, cut).await;
        }
        if self.cell.has(&FaultKind::EndlessOutput) {
            loop {
                self.out("and so on\n".repeat(800)).await?;
            }
        }
        // The text reads on to the line that its input begins after.
        if let [_, _, text, ..] = words
            && script.is_some()
            && text.starts_with("while IFS= read -r line")
        {
            while self.input.line().await.is_some_and(|line| line != "@pictl-input") {}
        }
        // Nothing that is simulated is cut off: what is to go on by itself is answered as if it were asked for directly.
        let script = match script {
            Some(("detach", [name, _, args @ ..])) => Some((name.as_str(), args)),
            other => other,
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
        scripts::run(self, name, args).await
    }

    /// A command of the user, which ends when standard input does.
    fn attended<'a>(
        &'a mut self,
        line: &'a str,
        cut: &'a CancellationToken,
    ) -> Pin<Box<dyn Future<Output = Status> + Send + 'a>> {
        Box::pin(async move {
            let mut watched = std::mem::replace(&mut self.input, Input::none());
            tokio::select! {
                status = self.command(line, cut) => status,
                () = watched.end() => Ok(143),
            }
        })
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
