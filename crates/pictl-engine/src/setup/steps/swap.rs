//! Swap on the SD card. It makes ranks slow and wears the card, so a node that has it gets a warning; nothing is changed.

use pictl_model::node::Facts;
use pictl_model::step::StepId;

use crate::setup::check::{Check, Subject};
use crate::setup::step::{Reads, Step, Wanted, no_news, no_reply};

pub(super) const STEP: Step = Step {
    id: StepId::Swap,
    needs: &[StepId::Facts],
    waits_for: &[],
    wanted: Wanted::ByDefault,
    reads: |_| Reads::ALL,
    changes: |_| false,
    guards_rotation: false,
    objections: |_| Vec::new(),
    remarks: |_, _| Vec::new(),
    check,
    line: no_news,
    reply: no_reply,
};

fn check(subject: &Subject) -> Check {
    let facts = &subject.reading.facts;
    let on_disk: Vec<_> = facts.swap.iter().filter(|swap| !swap.is_in_memory()).collect();
    let mib: u64 = on_disk.iter().map(|swap| swap.kib / 1024).sum();
    match &on_disk[..] {
        [] if facts.swap.is_empty() => Check::AlreadySo("swap is off".into()),
        // Compressed memory is slower than memory, but it wears nothing.
        [] => Check::AlreadySo("swap is in memory only".into()),
        [first, more @ ..] => {
            let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
            Check::Warn {
                message: format!(
                    "swap is on: {mib} MiB in {}{more}; ranks that swap are slow, and it wears the SD card",
                    first.path
                ),
                hint: Some(hint(facts).into()),
            }
        }
    }
}

/// How to switch it off, by what manages swap on that release.
fn hint(facts: &Facts) -> &'static str {
    match facts.codename.as_str() {
        "buster" | "bullseye" | "bookworm" => {
            "switch it off on the node: `sudo dphys-swapfile swapoff && sudo systemctl disable dphys-swapfile`; without \
             dphys-swapfile: `sudo swapoff -a`, and remove its line from /etc/fstab"
        }
        _ => {
            "switch it off on the node: `sudo swapoff -a`, and `Mechanism=none` below `[Main]` in /etc/rpi/swap.conf for \
             every later boot; without rpi-swap: remove its line from /etc/fstab"
        }
    }
}
