//! The same interface where there are no namespaces: it says what it would take.

use std::ffi::{OsStr, OsString};
use std::process::{Command, ExitStatus};

use super::{LabError, LabSpec, NodeStatus, Progress, Setting};

fn not_here<T>() -> Result<T, LabError> {
    Err(LabError::NotHere { needs: "Linux, root and systemd-nspawn; `pictl demo` works here".into() })
}

/// A virtual cluster; never made on this system.
#[derive(Debug, Clone)]
pub enum Lab {}

impl Lab {
    /// Not on this system.
    pub fn up(_spec: LabSpec, _progress: &mut dyn FnMut(Progress)) -> Result<Self, LabError> {
        not_here()
    }

    /// Not on this system.
    pub fn open(_name: &str) -> Result<Self, LabError> {
        not_here()
    }

    /// Not on this system.
    pub fn list() -> Result<Vec<String>, LabError> {
        not_here()
    }

    /// Not on this system.
    pub fn remove(_name: &str) -> Result<bool, LabError> {
        not_here()
    }

    /// Not on this system.
    pub fn down(self) -> Result<(), LabError> {
        match self {}
    }

    /// Not on this system.
    pub fn spec(&self) -> &LabSpec {
        match *self {}
    }

    /// Not on this system.
    pub fn status(&self) -> Vec<NodeStatus> {
        match *self {}
    }

    /// Not on this system.
    pub fn kill(&self, _node: &str) -> Result<(), LabError> {
        match *self {}
    }

    /// Not on this system.
    pub fn start(&self, _node: &str) -> Result<(), LabError> {
        match *self {}
    }

    /// Not on this system.
    pub fn unplug(&self, _node: &str) -> Result<(), LabError> {
        match *self {}
    }

    /// Not on this system.
    pub fn plug(&self, _node: &str) -> Result<(), LabError> {
        match *self {}
    }

    /// Not on this system.
    pub fn set(&self, _node: &str, _settings: &[Setting]) -> Result<(), LabError> {
        match *self {}
    }

    /// Not on this system.
    pub fn operator_command(&self, _program: impl AsRef<OsStr>) -> Command {
        match *self {}
    }

    /// Not on this system.
    pub fn exec(&self, _command: &[OsString]) -> Result<ExitStatus, LabError> {
        match *self {}
    }

    /// Not on this system.
    pub fn shell(&self) -> Result<ExitStatus, LabError> {
        match *self {}
    }
}

/// Not on this system.
pub fn install_missing(_progress: &mut dyn FnMut(Progress)) -> Result<(), LabError> {
    not_here()
}

/// Nothing that could be installed would help on this system.
pub fn missing_packages() -> Vec<String> {
    Vec::new()
}
