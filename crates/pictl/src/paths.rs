//! The folders of pictl on the operator, by the XDG base directory rules.

use std::path::PathBuf;

use anyhow::Context as _;
use etcetera::BaseStrategy as _;

use crate::exit::Trouble;

/// The operator's folders.
#[derive(Clone, Debug)]
pub(crate) struct Paths {
    /// The operator's login name.
    pub user: String,
    /// The home directory.
    pub home: PathBuf,
    /// `$XDG_CONFIG_HOME/pictl`.
    pub config: PathBuf,
    /// `$XDG_DATA_HOME/pictl`.
    pub data: PathBuf,
    /// The operator's SSH keys.
    pub ssh: PathBuf,
}

impl Paths {
    /// The folders of this user.
    pub(crate) fn of_user() -> Result<Self, Trouble> {
        let base = etcetera::base_strategy::Xdg::new()
            .context("there is no home directory: set HOME")
            .map_err(Trouble::access)?;
        let home = base.home_dir().to_owned();
        Ok(Self {
            user: std::env::var("USER").unwrap_or_else(|_| "me".to_owned()),
            config: base.config_dir().join("pictl"),
            data: base.data_dir().join("pictl"),
            ssh: home.join(".ssh"),
            home,
        })
    }
}
