//! `pictl run` and `pictl attach`.

use std::fs;
use std::path::{Path, PathBuf};

use pictl_engine::payload::{FileError, MOST_BYTES, secret_in};
use pictl_engine::record;
use pictl_model::node::Member;
use pictl_model::request::{BenchRequest, LaunchWish, OwnProgram, Request};
use pictl_model::run::Workload;

use super::chosen::chosen;
use super::input;
use super::launch::{carry_out, over, print_end};
use crate::cli;
use crate::drive::Session;
use crate::exit::{Exit, Trouble};
use crate::front::Front;
use crate::secrets::Secrets;
use crate::wire::Setting;

/// System folders: a file there belongs to the node, where it may differ.
const SYSTEM: [&str; 11] =
    ["/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/opt", "/proc", "/sbin", "/sys", "/usr"];

/// Runs the user's own program.
pub(crate) async fn run(setting: &Setting, args: &cli::Run) -> Result<Exit, Trouble> {
    let mut request = request(setting, args, &setting.store().members()?)?;
    if args.stdin && args.launch.detach {
        return Err(Trouble::usage(anyhow::anyhow!(
            "a run that is left running gets no input: leave out --stdin or --detach"
        )));
    }
    if let Some(program) = &mut request.program {
        program.input = !args.launch.detach && input::is_for_program(args.stdin);
    }
    carry_out(setting, &args.launch, request).await
}

/// The run that `args` ask for, on a cluster of `members`.
pub(crate) fn request(setting: &Setting, args: &cli::Run, members: &[Member]) -> Result<BenchRequest, Trouble> {
    super::mistyped::check(&args.words)?;
    let chosen = chosen(setting, &args.launch.hosts, members)?;
    Ok(BenchRequest {
        workload: Workload::default(),
        program: Some(OwnProgram {
            words: args.words.clone(),
            files: files(&args.words, &args.files, args.private_files)?,
            private: args.private_files,
            input: false,
        }),
        launch: LaunchWish { slots: chosen.slots, ..setting.launch(&args.launch, members)? },
        ranks: args.ranks,
        repeat: 1,
        nodes: chosen.nodes,
        timeout: setting.timeout(&args.launch),
        login: setting.login(setting.interactive()),
    })
}

/// Joins a run that was left running and shows it to its end.
pub(crate) async fn attach(setting: &Setting, args: &cli::Attach) -> Result<Exit, Trouble> {
    let run = record::find(&setting.store().runs(), &args.run)?;
    let secrets = Secrets::read(&setting.login_args)?;
    let mut session = Session::start(setting, Front::of(&setting.global, false), secrets)?;
    let login = setting.login(setting.interactive());
    let exit = session.go(Request::Attach { run, login }, over).await?;
    print_end(session.front, &session.world);
    Ok(session.end(exit).await)
}

/// The files to copy to the nodes: those of `--file`, and those among the arguments.
fn files(words: &[String], asked: &[PathBuf], private: bool) -> Result<Vec<PathBuf>, Trouble> {
    for file in asked {
        let metadata =
            fs::metadata(file).map_err(|e| Trouble::usage(anyhow::anyhow!("--file {}: {e}", file.display())))?;
        if !metadata.is_file() {
            return Err(Trouble::usage(anyhow::anyhow!("--file {}: it is not a file", file.display())));
        }
    }
    let named = words.iter().map(PathBuf::from).filter(|word| !is_system_file(word) && word.is_file());
    let files: Vec<_> = named.chain(asked.iter().cloned()).collect();
    if let Some((path, why)) = files.iter().filter(|_| !private).find_map(|file| Some((file, secret_in(file)?))) {
        let error = FileError::Secret { path: path.clone(), why };
        return Err(Trouble::usage(anyhow::anyhow!("{error}; {}", error.hint())));
    }
    let size: u64 = files.iter().filter_map(|file| fs::metadata(file).ok()).map(|metadata| metadata.len()).sum();
    if size > MOST_BYTES {
        return Err(Trouble::usage(anyhow::anyhow!(
            "the program's files are {size} bytes together, and at most {MOST_BYTES} are copied; copy large data to the \
             nodes yourself, and give its path there"
        )));
    }
    Ok(files)
}

fn is_system_file(path: &Path) -> bool {
    SYSTEM.iter().any(|folder| path.starts_with(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_that_are_files_are_copied_and_system_files_are_not() {
        let dir = tempfile::tempdir().unwrap();
        let own = dir.path().join("my.py");
        fs::write(&own, "").unwrap();
        let word = |path: &Path| path.to_str().unwrap().to_owned();
        let words = ["/bin/sh".to_owned(), word(&own), word(dir.path()), "--my.py".to_owned()];
        assert_eq!(files(&words, &[], false).unwrap(), std::slice::from_ref(&own));
        assert_eq!(files(&[], std::slice::from_ref(&own), false).unwrap(), [own]);
        fs::File::create(dir.path().join("large")).unwrap().set_len(MOST_BYTES + 1).unwrap();
        let error = files(&[word(&dir.path().join("large"))], &[], false).unwrap_err();
        assert!(error.to_string().contains("67108865 bytes together"), "{error}");
        for bad in [dir.path().join("none"), dir.path().to_owned()] {
            let error = files(&[], &[bad], false).unwrap_err();
            assert_eq!(error.exit, Exit::Usage);
            assert!(error.to_string().starts_with("--file "), "{error}");
        }
    }
}
