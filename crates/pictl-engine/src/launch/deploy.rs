//! The files that must be on the nodes before a launcher starts, and its start.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{join_all, try_join_all};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use pictl_formats::launcher;
use pictl_model::NodeId;
use pictl_model::run::{RunEvent, RunPhase};

use super::{Launch, RSH, SHORT, Sessions};
use crate::ports::Session;
use crate::programs::compiled_name;
use crate::remote::{PutFile, RemoteError, failure, put_file, run};
use crate::script::{Rights, Script};

/// What a launcher uses in the place of `ssh`.
const RSH_TEXT: &str = include_str!("../../../../assets/remote/rsh.sh");
/// For compiling a program on the slowest Pi.
const COMPILE: Duration = Duration::from_secs(120);
/// Most files that are sent at the same time.
const MAX_FILES: usize = 256;
/// Most bytes of them: a laptop has that much memory to spare.
const MAX_BYTES: usize = 256 << 20;

/// Copies, compiles, writes the hostfile and starts the launcher.
pub(super) async fn start(
    launch: &Launch,
    sessions: &Sessions,
    publish: &impl Fn(RunEvent),
) -> Result<(), RemoteError> {
    let head = sessions
        .get(&launch.head)
        .ok_or_else(|| RemoteError::new("the head is not connected", "check its power and cable"))?;
    let largest = launch.files.iter().map(|file| file.content.len()).max().unwrap_or(0);
    let mut copies = Vec::new();
    for (node, session) in nodes(sessions) {
        copies.extend(launch.files.iter().map(move |file| put(node, session, file.clone())));
    }
    let mut copies = stream::iter(copies).buffer_unordered((MAX_BYTES / largest.max(1)).clamp(1, MAX_FILES));
    while copies.try_next().await?.is_some() {}
    for name in launch.files.iter().filter_map(compiled_name) {
        compile(launch, sessions, name).await?;
    }
    let file = |name: &str, text: &str| {
        PutFile::new(format!("~/.pictl/runs/{}/{name}", launch.run), 0o600, text.as_bytes().to_vec())
    };
    put(&launch.head, head, file("hostfile", &launch.hostfile)).await?;
    if let Some(text) = &launch.ssh_config {
        // In a tree of daemons every node starts others.
        let all = sessions.iter().filter(|(node, _)| **node == launch.head || !launch.head.is_operator());
        try_join_all(all.map(|(node, session)| put(node, session, file("ssh_config", text)))).await?;
    }
    if launch.command.iter().any(|word| word.ends_with(&format!("/{}/{RSH}", launch.run))) {
        put(&launch.head, head, file(RSH, RSH_TEXT)).await?;
    }
    if launch.input {
        // That it is there says that input will come.
        let path = format!("~/.pictl/runs/{}/in", launch.run);
        put(&launch.head, head, PutFile::new(path, 0o600, Vec::new())).await?;
    }
    publish(RunEvent::Phase { phase: RunPhase::Launching });
    let limit = launch.limit.map_or(0, |l| l.as_secs().max(1)).to_string();
    let mut args = vec![launch.run.as_str(), &limit];
    args.extend(launch.command.iter().map(String::as_str));
    run(&**head, Script::RUN_START.command(&args, Some(SHORT))).await.map(|_| ())
}

/// Writes a file. An error names the node by its id, which [`RunPlan`](pictl_model::run::RunPlan) knows by name.
async fn put(node: &NodeId, session: &Arc<dyn Session>, file: PutFile) -> Result<(), RemoteError> {
    let written = put_file(&**session, Rights::User, file).await;
    written.map(|_| ()).map_err(|e| RemoteError { message: format!("{node}: {}", e.message), ..e })
}

/// The connections to nodes that compute. A launcher outside of the cluster does not need the program.
fn nodes(sessions: &Sessions) -> impl Iterator<Item = (&NodeId, &Arc<dyn Session>)> {
    sessions.iter().filter(|(node, _)| !node.is_operator())
}

/// Compiles a program in C on every node at the same time: each node makes a binary for its own processor.
async fn compile(launch: &Launch, sessions: &Sessions, name: &str) -> Result<(), RemoteError> {
    let compiler = launcher::compiler_of(&launch.install);
    let command = || Script::COMPILE.command(&[name, &compiler], Some(COMPILE));
    let answers = join_all(nodes(sessions).map(|(_, session)| session.run(command()))).await;
    let answers = answers.into_iter().collect::<Result<Vec<_>, _>>()?;
    let missing = answers.iter().filter(|output| output.status == Some(4)).count();
    if missing > 0 {
        return Err(RemoteError::new(
            match answers.len() {
                1 => "the node has no C compiler for MPI".to_owned(),
                all => format!("no C compiler for MPI on {missing} of {all} nodes"),
            },
            if let Some(prefix) = launch.install.prefix() {
                format!("{compiler} must be there, and gcc: {prefix} is the MPI of this cluster")
            } else {
                let packages = launcher::of(&launch.install).compiler().packages;
                format!("install it: pictl exec -- sudo apt-get install -y {packages}")
            },
        ));
    }
    answers.iter().find(|output| output.status != Some(0)).map_or(Ok(()), |output| Err(failure(output)))
}
