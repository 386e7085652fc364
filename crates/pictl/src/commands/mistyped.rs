//! A program file that is not here: refused before anything is connected or launched.

use std::fs;
use std::path::Path;

use strsim::osa_distance;

use crate::exit::Trouble;

/// Programs that take the file of another program as their first argument that is not an option.
const INTERPRETERS: [&str; 7] = ["python", "python3", "sh", "bash", "dash", "perl", "ruby"];
/// Endings of programs that are given by themselves.
const SCRIPTS: [&str; 4] = ["py", "sh", "pl", "rb"];
/// Most letters put in, left out or replaced, and neighbours exchanged, by which a file that may be meant differs from what was typed.
const TYPING_ERRORS: usize = 2;

/// Fails when the program of this command line can only be a file of this computer, and is not there. A path that begins with `/`
/// or `~` can be a file of the nodes, and a name without a folder and an ending a command of theirs.
pub(super) fn check(words: &[String]) -> Result<(), Trouble> {
    let Some(program) = program_file(words) else { return Ok(()) };
    if program.starts_with(['/', '~', '$']) || Path::new(program).exists() {
        return Ok(());
    }
    let meant = similar(Path::new(program)).map(|meant| format!("; did you mean {meant}?")).unwrap_or_default();
    Err(Trouble::usage(anyhow::anyhow!(
        "there is no file {} here{meant} (a program is copied from this computer; one that is on the nodes is given by its \
         absolute path)",
        pictl_model::text::clean(program, 200)
    )))
}

/// The word that is a file with the program.
fn program_file(words: &[String]) -> Option<&str> {
    let (first, rest) = words.split_first()?;
    if is_file_name(first) {
        return Some(first);
    }
    let name = first.rsplit('/').next().unwrap_or_default();
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    if !INTERPRETERS.iter().any(|known| known.trim_end_matches('3') == name) {
        return None;
    }
    let mut rest = rest.iter();
    match rest.next()?.as_str() {
        // The only option of Python's that people give before their program.
        "-u" => rest.next().map(String::as_str),
        option if option.starts_with('-') => None,
        file => Some(file),
    }
}

/// It has a folder, or the ending of a script.
fn is_file_name(word: &str) -> bool {
    let path = Path::new(word);
    let script = path.extension().and_then(|e| e.to_str()).is_some_and(|e| SCRIPTS.contains(&e));
    script || (word.contains('/') && !word.starts_with('/'))
}

/// The file beside it whose name is most like it, if one is.
fn similar(path: &Path) -> Option<String> {
    let wanted = path.file_name()?.to_str()?.to_lowercase();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let entries = fs::read_dir(folder.unwrap_or(Path::new("."))).ok()?;
    let names =
        entries.flatten().filter(|entry| entry.path().is_file()).filter_map(|e| e.file_name().into_string().ok());
    let (_, name) = names
        .map(|name| (osa_distance(&wanted, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= TYPING_ERRORS)
        .min()?;
    Some(folder.map_or(name.clone(), |folder| folder.join(&name).display().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn commands_of_the_nodes_and_their_own_files_are_not_looked_for_here() {
        for line in [
            "hostname",
            "python3 -c print(1)",
            "python3 -m mpi4py.bench helloworld",
            "python3 /home/pi/heat.py 3",
            "/home/pi/heat 3",
            "~/heat",
            "sh -c hostname",
            "bash",
            "uname -a",
        ] {
            assert!(check(&words(line)).is_ok(), "{line}");
        }
    }

    #[test]
    fn a_mistyped_file_is_refused_and_the_one_that_is_meant_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("heat.py");
        fs::write(&file, "").unwrap();
        assert!(check(&["python3".into(), file.to_str().unwrap().into()]).is_ok());
        assert_eq!(similar(&dir.path().join("haet.py")), Some(file.display().to_string()));
        assert_eq!(similar(&dir.path().join("Heat.py")), Some(file.display().to_string()));
        assert_eq!(similar(&dir.path().join("other.py")), None);
        for line in [
            "python3 no-such-file.py 3",
            "python3 -u no-such-file.py",
            "no-such-file.py",
            "./no-such-file",
            "python3.11 no-such",
        ] {
            let error = check(&words(line)).unwrap_err();
            assert_eq!(error.exit, crate::exit::Exit::Usage);
            assert!(error.to_string().starts_with("there is no file "), "{line}: {error}");
        }
        assert_eq!(osa_distance("kitten", "sitting"), 3);
        assert_eq!(osa_distance("haet", "heat"), 1);
    }
}
