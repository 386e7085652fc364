//! `run-start`, `run-times`, `run-follow`, `run-end`, `run-stop` and `run-sweep`: a run's folder and its processes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::files::USER;
use super::job::{Job, Running};
use super::launch;
use super::node::{Cell, Process};
use super::shell::{Shell, Status};

/// How long `run-end` waits for the status of a launcher that is gone.
const STATUS_LIMIT: Duration = Duration::from_secs(2);
/// How long `run-sweep` gives processes after TERM, and after KILL.
const SWEEP_LIMITS: [Duration; 2] = [Duration::from_secs(2), Duration::from_millis(200)];

fn folder(shell: &Shell, run: &str) -> String {
    format!("{}/.pictl/runs/{run}", shell.home())
}

fn pid_of(shell: &Shell, folder: &str) -> Option<u32> {
    shell.cell.lock().files.text(&format!("{folder}/pid"))?.trim().parse().ok()
}

/// `run-start RUN SECONDS COMMAND…`
pub(super) async fn start(shell: &mut Shell, args: &[String]) -> Status {
    let [run, limit, command @ ..] = args else {
        return shell.fail(2, "pictl-run-start: 7: 2: parameter not set").await;
    };
    let folder = folder(shell, run);
    let (there, started) = {
        let state = shell.cell.lock();
        (state.files.is_dir(&folder), state.files.get(&format!("{folder}/pid")).is_some())
    };
    if !there {
        return shell.fail(2, format!("pictl-run-start: 9: cd: can't cd to {folder}")).await;
    }
    if started {
        return shell.fail(3, format!("run {run} was started before")).await;
    }
    let seconds = limit.parse().unwrap_or(0);
    let wrapper = Running::start(&shell.cell, run, false);
    let launcher = Running::start(&shell.cell, run, false);
    let pid = launcher.pid;
    {
        let mut state = shell.cell.lock();
        for (name, content) in [("out", String::new()), ("err", String::new()), ("pid", format!("{pid}\n"))] {
            state.files.write(&format!("{folder}/{name}"), content, 0o644, USER);
        }
    }
    let job = Job::new(Arc::clone(&shell.world), Arc::clone(&shell.cell), run, folder);
    let limit = (seconds > 0).then(|| Duration::from_secs(seconds));
    let stop = shell.world.stop.clone();
    let launch = launch::launch(job, limit, command.to_vec(), launcher, wrapper);
    shell.world.tasks.spawn(async move { stop.run_until_cancelled(launch).await });
    shell.say(format!("pid {pid}")).await.map(|()| 0)
}

/// `run-times RUN`: this host's clock, and no marks: what is read later counts as news.
pub(super) async fn times(shell: &mut Shell, args: &[String]) -> Status {
    let folder = folder(shell, args.first().map_or("", String::as_str));
    if !shell.cell.lock().files.is_dir(&folder) {
        return shell.fail(3, format!("pictl-run-times: 4: cd: can't cd to {folder}")).await;
    }
    let now = std::time::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs_f64();
    shell.say(format!("now {now:.9}")).await.map(|()| 0)
}

/// `run-input RUN OFFSET SIZE [end]`, the bytes on standard input.
pub(super) async fn input(shell: &mut Shell, args: &[String]) -> Status {
    let [run, offset, size, more @ ..] = args else {
        return shell.fail(2, "pictl-run-input: 8: 2: parameter not set").await;
    };
    let number = |word: &str| word.parse::<usize>().unwrap_or(0);
    let folder = folder(shell, run);
    let bytes = shell.input.read(number(size)).await;
    let path = format!("{folder}/in");
    {
        let mut state = shell.cell.lock();
        if let Some(there) = state.files.read(&path).map(<[u8]>::len) {
            let known = there.saturating_sub(number(offset)).min(bytes.len());
            state.files.append(&path, &bytes[known..]);
            if more.first().is_some_and(|word| word == "end") {
                state.files.write(&format!("{folder}/in.end"), "", 0o644, USER);
            }
        }
    }
    shell.cell.changed.notify_waiters();
    shell.say("input").await.map(|()| 0)
}

/// `run-follow RUN OUT ERR`
pub(super) async fn follow(shell: &mut Shell, args: &[String]) -> Status {
    let folder = folder(shell, args.first().map_or("", String::as_str));
    if !shell.cell.lock().files.is_dir(&folder) {
        return shell.fail(3, format!("pictl-run-follow: 4: cd: can't cd to {folder}")).await;
    }
    let Some(pid) = pid_of(shell, &folder) else {
        return shell.fail(3, "cat: pid: No such file or directory").await;
    };
    let paths = ["out", "err"].map(|name| format!("{folder}/{name}"));
    let known = |n: usize| args.get(n).and_then(|word| word.parse().ok()).unwrap_or(0);
    let mut seen: [usize; 2] = [known(1), known(2)];
    loop {
        let changed = shell.cell.changed.notified();
        tokio::pin!(changed);
        changed.as_mut().enable();
        // Both under one lock: what the launcher wrote before it was gone is here when it is seen to be gone.
        let (news, alive) = {
            let state = shell.cell.lock();
            let rest =
                |i: usize| state.files.read(&paths[i]).and_then(|all| all.get(seen[i]..)).unwrap_or_default().to_vec();
            ([rest(0), rest(1)], state.processes.contains_key(&pid))
        };
        let quiet = news.iter().all(Vec::is_empty);
        let [out, err] = news;
        seen = [seen[0] + out.len(), seen[1] + err.len()];
        if !out.is_empty() {
            shell.out(out).await?;
        }
        if !err.is_empty() {
            shell.err(err).await?;
        }
        if !alive {
            return Ok(0);
        }
        if quiet {
            changed.await;
        }
    }
}

/// `run-end RUN`
pub(super) async fn end(shell: &mut Shell, args: &[String]) -> Status {
    let folder = folder(shell, args.first().map_or("", String::as_str));
    let look = |shell: &Shell| {
        let pid = pid_of(shell, &folder);
        let state = shell.cell.lock();
        match state.files.text(&format!("{folder}/rc")) {
            Some(rc) => Some(format!("rc {}", rc.trim_end())),
            None => pid.filter(|pid| state.processes.contains_key(pid)).map(|_| "running".into()),
        }
    };
    let mut said = look(shell);
    if said.is_none() && shell.cell.lock().files.is_dir(&folder) {
        tokio::time::sleep(STATUS_LIMIT).await;
        said = look(shell);
    }
    shell.say(said.unwrap_or_else(|| "lost".into())).await.map(|()| 0)
}

/// `run-stop RUN SIGNAL`
pub(super) async fn stop(shell: &mut Shell, args: &[String]) -> Status {
    let [run, signal, ..] = args else { return shell.say("gone").await.map(|()| 0) };
    let pid = pid_of(shell, &folder(shell, run));
    let process = pid.and_then(|pid| shell.cell.lock().processes.get(&pid).filter(|p| p.mark == *run).cloned());
    let said = match (process, signal.as_str()) {
        (Some(process), "TERM" | "15") => {
            process.term.cancel();
            "sent"
        }
        (Some(process), "KILL" | "9") => {
            process.kill.cancel();
            "sent"
        }
        _ => "gone",
    };
    shell.say(said).await.map(|()| 0)
}

/// `run-sweep RUN`
pub(super) async fn sweep(shell: &mut Shell, args: &[String]) -> Status {
    let run = args.first().map_or("", String::as_str);
    let found = marked(&shell.cell, run);
    for process in found.values() {
        process.term.cancel();
    }
    gone(&shell.cell, run, &found, SWEEP_LIMITS[0]).await;
    for process in found.values() {
        process.kill.cancel();
    }
    gone(&shell.cell, run, &found, SWEEP_LIMITS[1]).await;
    let left = marked(&shell.cell, run).len();
    if left == 0 {
        let folder = folder(shell, run);
        shell.cell.lock().files.remove_tree(&folder);
    }
    shell.say(format!("killed {} left {left}", found.len())).await.map(|()| 0)
}

fn marked(cell: &Cell, run: &str) -> BTreeMap<u32, Process> {
    let state = cell.lock();
    state.processes.iter().filter(|(_, p)| p.mark == run).map(|(pid, p)| (*pid, p.clone())).collect()
}

/// Waits until none of these is left, or the limit has passed.
async fn gone(cell: &Cell, run: &str, found: &BTreeMap<u32, Process>, limit: Duration) {
    let all_gone = async {
        loop {
            let changed = cell.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if !marked(cell, run).keys().any(|pid| found.contains_key(pid)) {
                return;
            }
            changed.await;
        }
    };
    let _ = tokio::time::timeout(limit, all_gone).await;
}
