//! A key pair of the node, with which it logs in to the others; the private key never leaves it.

use pictl_formats::facts::{FileKind, FileState};
use pictl_model::step::StepId;

use crate::remote::RemoteError;
use crate::script::Script;
use crate::setup::action::{Action, Outcome, Replied, ScriptRun};
use crate::setup::check::{Check, Subject, fail};
use crate::setup::keys::next_key;
use crate::setup::step::{Reads, Step, Wanted, no_news};

pub(super) const STEP: Step = Step {
    id: StepId::NodeKey,
    needs: &[StepId::Facts],
    waits_for: &[],
    wanted: Wanted::ByDefault,
    reads: |_| Reads::KEYS,
    changes: |_| true,
    guards_rotation: false,
    objections: |_| Vec::new(),
    remarks: |_, _| Vec::new(),
    check,
    line: no_news,
    reply,
};

/// Says that a pair is made beside the present one.
const NEXT: &str = "next";

fn check(subject: &Subject) -> Check {
    let Subject { plan, me, reading, .. } = *subject;
    let comment = format!("{}@{}", me.user, me.name);
    let make = |more: &[&str]| {
        let args = [&[comment.as_str()], more].concat();
        vec![Action::Run(ScriptRun::new(Script::NODE_KEY, &args))]
    };
    match reading.files.get(&FileKind::PublicKey) {
        Some(FileState::NotReported { path }) => fail(format!("the node did not report {path}"), "run the setup again"),
        Some(FileState::Unusable { path, why }) => fail(format!("{path} is {why}"), why.hint(path)),
        Some(FileState::There { .. }) if !plan.keys.work.rotate_nodes => Check::AlreadySo("it has a key pair".into()),
        Some(FileState::There { .. }) if plan.keys.renewed.contains(&me.node) && next_key(reading).is_some() => {
            Check::AlreadySo("it has made a new key pair".into())
        }
        Some(FileState::There { .. }) => Check::change(
            "make a new key pair beside the present one",
            vec!["+ ~/.ssh/id_ed25519.new and its public half".into()],
            make(&[NEXT]),
        ),
        _ => {
            Check::change("make an ed25519 key pair", vec!["+ ~/.ssh/id_ed25519 and its public half".into()], make(&[]))
        }
    }
}

fn reply(replied: &mut Replied) -> Result<Outcome, RemoteError> {
    let line = replied.answer("public ")?.into_bytes();
    let next = replied.run().is_some_and(|run| run.args.iter().skip(1).any(|arg| arg == NEXT));
    Ok(Outcome::learnt(move |memory| {
        if next {
            memory.file(FileKind::NextKey, 0o644, line);
            memory.keys.renewed.insert(memory.node.clone());
        } else {
            memory.file(FileKind::PublicKey, 0o644, line);
        }
    }))
}
