//! The few plain commands that a simulated node knows.

use super::files::Kind;
use super::launchers;
use super::node::Cell;

/// What `uname -r` says.
pub(super) const KERNEL: &str = "6.12.47+rpt-rpi-v8";

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
