//! Files of public keys on this computer.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// The most that is read: a few hundred public keys.
const MOST: u64 = 64 << 10;

/// Why a public key file cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyFileError {
    /// The system said so.
    #[error("cannot read {}: {error}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What it said.
        error: io::Error,
    },
    /// A folder, a device or a pipe, which might never end.
    #[error("{} is not a file", path.display())]
    NoFile {
        /// What was named.
        path: PathBuf,
    },
    /// It is larger than any file of public keys.
    #[error("{} is not a public key file: it is larger than 64 KiB", path.display())]
    TooLarge {
        /// Which file.
        path: PathBuf,
    },
}

/// The text of a file of public keys; `~/` stands for the user's home.
pub(crate) fn public_key(named: &Path) -> Result<String, KeyFileError> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let path = match (named.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => named.to_owned(),
    };
    let failed = |error| KeyFileError::Io { path: path.clone(), error };
    if !path.metadata().map_err(failed)?.is_file() {
        return Err(KeyFileError::NoFile { path });
    }
    let mut text = String::new();
    File::open(&path).and_then(|file| file.take(MOST + 1).read_to_string(&mut text)).map_err(failed)?;
    if text.len() as u64 > MOST {
        return Err(KeyFileError::TooLarge { path });
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ordinary_files_of_a_sensible_size_are_read() {
        let shown = |path: &str| public_key(Path::new(path)).map_err(|e| e.to_string());
        assert!(shown(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).is_ok());
        assert!(shown("/nowhere/key.pub").unwrap_err().starts_with("cannot read /nowhere/key.pub: "));
        assert_eq!(shown("/dev/zero"), Err("/dev/zero is not a file".to_owned()));
        assert_eq!(shown("/"), Err("/ is not a file".to_owned()));
    }
}
