//! What a wide scan means, before it begins.

use pictl_model::request::ScanRequest;

use super::questions::text;
use super::{Page, keys_of};
use crate::app::{App, Outlook};
use crate::keymap::Command;
use crate::theme::Theme;
use crate::words::{count, roughly};

pub(super) fn page(app: &App, theme: Theme, request: &ScanRequest, outlook: Outlook, width: usize) -> Page {
    let mut lines = Vec::new();
    let addresses = count(usize::try_from(outlook.addresses).unwrap_or(usize::MAX), "address");
    let targets = request.targets.join(", ");
    text(theme, &mut lines, &format!("{targets} has {addresses}, and each of them is asked."), width);
    if let Some(time) = outlook.about {
        text(theme, &mut lines, &format!("That takes about {}.", roughly(time)), width);
    }
    text(theme, &mut lines, "A part of it is scanned sooner, such as 10.0.0.0/24.", width);
    Page {
        title: format!("Scan {addresses}?"),
        lines,
        focus: None,
        keys: keys_of(app, &[(Command::Accept, "scan them all"), (Command::Refuse, "leave it")]),
        width: 66,
        border: theme.warn(),
    }
}
