//! `reach` and `launcher-state`: what a node's network and its MPI look like to the others. No firewall is simulated.

use std::time::Duration;

use super::launchers::Simulated;
use super::shell::{Shell, Status};

/// A port as the kernel gives it, and the lowest that Open MPI's ranks use.
const PORTS: [u16; 2] = [41_000, 1024];

/// `reach listen SECONDS` or `reach try SECONDS ADDRESS PORT…`
pub(super) async fn reach(shell: &mut Shell, args: &[String]) -> Status {
    match args {
        [mode, seconds] if mode == "listen" => {
            for port in PORTS {
                shell.say(format!("port {port}")).await?;
            }
            for _ in 0..seconds.parse().unwrap_or(0_u32) * 2 {
                shell.say(".").await?;
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            Ok(0)
        }
        [_, _, targets @ ..] => {
            for target in targets.chunks_exact(2) {
                shell.say(format!("ok {} {}", target[0], target[1])).await?;
            }
            Ok(0)
        }
        _ => Ok(0),
    }
}

/// `launcher-state FOLDER DAEMON…`
pub(super) async fn launcher_state(shell: &mut Shell, args: &[String]) -> Status {
    for daemon in args.iter().skip(1) {
        let there = {
            let state = shell.cell.lock();
            let installed = state.mpi.iter().filter_map(|family| Simulated::of(*family));
            installed.flat_map(Simulated::programs).any(|program| program == daemon)
        };
        let path = if there { format!("/usr/bin/{daemon}") } else { "-".to_owned() };
        shell.say(format!("daemon {daemon} {path}")).await?;
    }
    Ok(0)
}
