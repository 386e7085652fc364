//! What must be on the nodes before a launcher starts, and its start.

use std::time::Duration;

use futures_util::future::join_all;
use pictl_model::node::MpiFamily;
use pictl_model::run::{RunEvent, RunPhase};

use super::{Launch, SHORT, Sessions};
use crate::programs::compiled_name;
use crate::remote::{PutFile, RemoteError, failure, put_file, run};
use crate::script::{Rights, Script};

/// For compiling a program on the slowest Pi.
const COMPILE: Duration = Duration::from_secs(120);

/// Copies, compiles, writes the hostfile and starts the launcher.
pub(super) async fn start(launch: &Launch, sessions: &Sessions, tell: &impl Fn(RunEvent)) -> Result<(), RemoteError> {
    let head = sessions
        .get(&launch.head)
        .ok_or_else(|| RemoteError::new("the head is not connected", "check its power and cable"))?;
    let copies = sessions.values().flat_map(|session| {
        launch.files.iter().map(move |file| put_file(session.as_ref(), Rights::User, file.clone()))
    });
    for copied in join_all(copies).await {
        copied?;
    }
    for name in launch.files.iter().filter_map(compiled_name) {
        compile(launch, sessions, name).await?;
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
    put_file(&**head, Rights::User, hostfile).await?;
    tell(RunEvent::Phase { phase: RunPhase::Launching });
    let limit = launch.limit.map_or(0, |l| l.as_secs().max(1)).to_string();
    let mut args = vec![launch.run.as_str(), &limit];
    args.extend(launch.command.iter().map(String::as_str));
    run(&**head, Script::RUN_START.command(&args, Some(SHORT))).await.map(|_| ())
}

/// Compiles a program in C on every node at once: each for its own processor, which would not hold for one binary made on
/// the head, and nothing has to come back and go out again.
async fn compile(launch: &Launch, sessions: &Sessions, name: &str) -> Result<(), RemoteError> {
    let (family, packages) = match launch.install.family {
        MpiFamily::OpenMpi => ("openmpi", "gcc libc6-dev libopenmpi-dev"),
        MpiFamily::Mpich => ("mpich", "gcc libc6-dev libmpich-dev"),
    };
    let command = || Script::COMPILE.command(&[name, family], Some(COMPILE));
    let answers = join_all(sessions.values().map(|session| session.run(command()))).await;
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
