//! Joining a run that was left running.

use pictl_model::RunId;
use pictl_model::request::{Ground, Login, Refusal};

use crate::dispatcher::Dispatcher;

impl Dispatcher {
    pub(in crate::dispatcher) fn attach_requested(&mut self, run: RunId, _login: Login) {
        let reason = format!("{run} cannot be joined");
        self.refuse("attach", Ground::Input, vec![Refusal { node: None, reason, hint: String::new() }]);
    }
}
