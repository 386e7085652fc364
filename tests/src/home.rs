//! A home directory of its own for each test.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::pictl;

/// An empty home directory, and the environment that makes pictl live in it. It is removed when dropped.
///
/// Nothing of the developer's own environment reaches the program but `PATH`: no agent, no colours, no locale.
#[derive(Debug)]
pub struct Home {
    dir: TempDir,
}

impl Home {
    /// An empty home.
    #[expect(clippy::new_without_default, reason = "making a directory is no default value")]
    pub fn new() -> Self {
        let dir = tempfile::Builder::new().prefix("pictl-home-").tempdir().expect("a temporary directory can be made");
        std::fs::create_dir(dir.path().join("tmp")).expect("it can be filled");
        Self { dir }
    }

    /// Writes the user's `pictl.toml`.
    pub fn prefer(&self, preferences: &str) {
        let folder = self.path().join("config/pictl");
        std::fs::create_dir_all(&folder).expect("a home can be filled");
        std::fs::write(folder.join("pictl.toml"), preferences).expect("a home can be filled");
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The whole environment of a program that lives here.
    pub fn environment(&self) -> Vec<(OsString, OsString)> {
        let home = self.path();
        let mut all = vec![
            ("HOME".into(), home.into()),
            ("XDG_CONFIG_HOME".into(), home.join("config").into()),
            ("XDG_DATA_HOME".into(), home.join("data").into()),
            ("XDG_STATE_HOME".into(), home.join("state").into()),
            ("XDG_CACHE_HOME".into(), home.join("cache").into()),
            ("TMPDIR".into(), home.join("tmp").into()),
            ("TERM".into(), "xterm-256color".into()),
            ("LC_ALL".into(), "C.UTF-8".into()),
        ];
        all.extend(std::env::var_os("PATH").map(|path| ("PATH".into(), path)));
        all
    }

    /// `pictl` with these arguments, ready to run here.
    pub fn pictl(&self, args: &[&str]) -> Command {
        let mut command = Command::new(pictl());
        command.args(args).env_clear().envs(self.environment()).current_dir(self.path());
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_sees_this_home_and_nothing_else() {
        let home = Home::new();
        let output = Command::new("env").env_clear().envs(home.environment()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains(&format!("HOME={}\n", home.path().display())), "{text}");
        assert!(!text.contains("CARGO"), "{text}");
        let path = home.path().to_owned();
        drop(home);
        assert!(!path.exists());
    }
}
