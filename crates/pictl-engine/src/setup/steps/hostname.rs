//! The node's host name, for now and for every boot: cloud-init is switched off for it, or the old name would come back.

use pictl_model::step::StepId;

use crate::remote::RemoteError;
use crate::script::Script;
use crate::setup::action::{Action, Outcome, Replied, ScriptRun};
use crate::setup::check::{Check, Subject};
use crate::setup::step::{Reads, Step, Wanted, no_news};

pub(super) const STEP: Step = Step {
    id: StepId::Hostname,
    needs: &[StepId::Facts, StepId::Hosts],
    waits_for: &[],
    wanted: Wanted::ByDefault,
    reads: |_| Reads::ALL,
    changes: |_| true,
    guards_rotation: false,
    objections: |_| Vec::new(),
    remarks: |_, _| Vec::new(),
    check,
    line: no_news,
    reply,
};

fn check(subject: &Subject) -> Check {
    let (now, wanted) = (&subject.reading.facts.hostname, &subject.me.name);
    let backup = format!("{}/hostname", subject.plan.backup);
    if now == wanted.as_str() {
        return Check::AlreadySo(format!("it is called {wanted}"));
    }
    Check::change(
        format!("name it {wanted}"),
        vec![format!("- {now}"), format!("+ {wanted}")],
        vec![Action::Run(ScriptRun::new(Script::SET_HOSTNAME, &[wanted.as_str(), &backup]).as_root())],
    )
}

/// The kernel decides: a machine may accept a name and keep its own.
fn reply(replied: &mut Replied) -> Result<Outcome, RemoteError> {
    let now = replied.answer("hostname ")?;
    if replied.run().is_none_or(|run| run.args.first() != Some(&now)) {
        return Err(RemoteError::new(format!("its host name is still {now}"), "check `hostnamectl` on the node"));
    }
    Ok(Outcome::learnt(|memory| memory.reading.facts.hostname = now))
}
