//! Finding a board among others: its LED blinks.

use pictl_model::event::Event;
use pictl_model::request::Login;
use pictl_model::{Millis, NodeId};

use super::Dispatcher;

impl Dispatcher {
    pub(super) fn identify_requested(&mut self, nodes: Vec<NodeId>, _time: Millis, _login: Login) {
        for node in nodes {
            let problem = Some("not yet".to_owned());
            self.publish(Event::Blinking { node, on: false, problem });
        }
    }
}
