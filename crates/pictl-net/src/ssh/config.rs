//! The configuration of OpenSSH's client on the operator: this module reads its files, [`pictl_formats::ssh_config`]
//! parses them.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _};
use std::path::{Component, Path, PathBuf};

use pictl_formats::pattern;
use pictl_formats::ssh_config::{Problem, SshConfig};

/// Bytes read of one file.
const MAX_FILE: u64 = 1 << 20;

/// Files that one `Include` may mean.
const MAX_INCLUDED: usize = 256;

/// Reads `path` (usually `~/.ssh/config`) and what it includes; `home` is the home folder of the operator. A missing
/// file is an empty configuration. As in OpenSSH, relative names in `Include` start at `~/.ssh`, and files that other
/// users may write to are not used. These, and files that cannot be read, are reported as problems; the rest counts.
pub fn load(path: &Path, home: &Path) -> (SshConfig, Vec<Problem>) {
    let mut refused = Vec::new();
    let text = read(path, &mut refused).unwrap_or_default();
    let mut include = |argument: &str| {
        let files = included(argument, home);
        files.into_iter().filter_map(|file| Some((file.display().to_string(), read(&file, &mut refused)?))).collect()
    };
    let (config, mut problems) = SshConfig::parse(&text, &mut include);
    problems.extend(refused);
    (config, problems)
}

/// The text of a file. Unless it is missing, a file that cannot be used is a problem.
fn read(path: &Path, refused: &mut Vec<Problem>) -> Option<String> {
    match read_safe(path) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => {
            refused.push(Problem {
                file: path.display().to_string(),
                line: 1,
                text: format!("the file is not read: {error}"),
            });
            None
        }
    }
}

fn read_safe(path: &Path) -> io::Result<String> {
    let file = File::open(path)?;
    let about = file.metadata()?;
    if !about.is_file() {
        return Err(io::Error::other("it is not an ordinary file"));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let me = rustix::process::getuid().as_raw();
        if about.uid() != 0 && about.uid() != me {
            return Err(io::Error::other("it belongs to another user"));
        }
        if about.mode() & 0o022 != 0 {
            return Err(io::Error::other("other users may write to it; chmod go-w helps"));
        }
    }
    let mut bytes = Vec::new();
    file.take(MAX_FILE).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The files that an argument of `Include` means, in the order of their names.
fn included(argument: &str, home: &Path) -> Vec<PathBuf> {
    let path = match argument.strip_prefix("~/") {
        Some(rest) => home.join(rest),
        None => home.join(".ssh").join(argument),
    };
    let mut found = vec![PathBuf::new()];
    for part in path.components() {
        found = match part {
            Component::Normal(name) if name.to_string_lossy().contains(['*', '?', '[']) => {
                let name = name.to_string_lossy();
                found.iter().flat_map(|folder| entries(folder, &name)).take(MAX_INCLUDED).collect()
            }
            part => found.into_iter().map(|folder| folder.join(part)).collect(),
        };
    }
    found
}

/// The entries of `folder` that match `pattern`, sorted. Sets in brackets are not supported. Hidden names match only
/// where the pattern shows their dot.
fn entries(folder: &Path, pattern: &str) -> Vec<PathBuf> {
    let names = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let mut found: Vec<_> = names
        .filter(|name| {
            let name = name.to_string_lossy();
            (!name.starts_with('.') || pattern.starts_with('.')) && pattern::matches(pattern, &name)
        })
        .map(|name| folder.join(name))
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A home folder with these files under `.ssh`.
    fn home(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = dir.path().join(".ssh").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            protect(&path, 0o600);
        }
        dir
    }

    #[cfg(unix)]
    fn protect(path: &Path, mode: u32) {
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    }

    fn user_of(home: &Path, host: &str) -> (Option<String>, Vec<Problem>) {
        let (config, problems) = load(&home.join(".ssh/config"), home);
        (config.lookup(&[host], &home.display().to_string()).user, problems)
    }

    #[test]
    fn without_a_file_nothing_is_configured() {
        let home = home(&[]);
        assert_eq!(user_of(home.path(), "pi"), (None, Vec::new()));
    }

    #[test]
    fn included_files_are_found_by_wildcards_in_any_part_and_in_order() {
        let home = home(&[
            ("config", "Include conf.d/*.conf ~/.ssh/lab-?/config nowhere/* absent\nHost *\n  User last\n"),
            ("conf.d/20-late.conf", "Host pi\n  User late\n"),
            ("conf.d/10-early.conf", "Host pi\n  User early\n"),
            ("conf.d/.hidden.conf", "Host *\n  User hidden\n"),
            ("conf.d/notes.txt", "Host *\n  User notes\n"),
            ("lab-1/config", "Host node\n  User lab\n"),
        ]);
        for (host, user) in [("pi", "early"), ("node", "lab"), ("other", "last")] {
            assert_eq!(user_of(home.path(), host), (Some(user.into()), Vec::new()), "{host}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_write_to_is_not_used() {
        let home = home(&[("config", "Include more\nHost pi\n  User good\n"), ("more", "Host pi\n  User bad\n")]);
        protect(&home.path().join(".ssh/more"), 0o620);
        let (user, problems) = user_of(home.path(), "pi");
        assert_eq!(user.as_deref(), Some("good"));
        assert!(matches!(&problems[..], [one] if one.file.ends_with("/more") && one.text.contains("may write")));
        protect(&home.path().join(".ssh/config"), 0o606);
        assert_eq!(user_of(home.path(), "pi").0, None);
    }

    #[test]
    fn a_folder_and_a_file_in_a_circle_are_reported() {
        let home = home(&[("config", "Include conf.d\nInclude config\n"), ("conf.d/x", "")]);
        let (_, problems) = user_of(home.path(), "pi");
        assert!(problems.iter().any(|p| p.text.contains("not an ordinary file")), "{problems:?}");
    }

    #[test]
    fn wildcards() {
        let matches = pattern::matches;
        for (pattern, name) in [("*", ""), ("*.conf", "a.conf"), ("a?c", "abc"), ("*a*b*", "xxaxxbxx"), ("", "")] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("*.conf", "a.conf~"), ("a?c", "ac"), ("", "a"), ("[ab]", "a")] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }
}
