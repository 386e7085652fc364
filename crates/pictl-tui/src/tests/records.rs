//! Records that earlier versions wrote: their last screen.

use std::fs;
use std::path::Path;

use pictl_model::world::World;
use pictl_model::{Stamped, Timestamp};

use super::screens::text;
use crate::fixtures::{BEGIN, Session, options};
use crate::{Clock, Player, Scrub};

/// The dashboard at the end of a record.
fn at_the_end(dir: &Path) -> Session {
    let events = fs::read_to_string(dir.join("events.jsonl")).unwrap();
    let mut world = World::default();
    for line in events.lines() {
        world.apply(&serde_json::from_str::<Stamped>(line).unwrap());
    }
    let (begin, end): (Timestamp, _) = (world.run.as_ref().unwrap().planned, world.now);
    let player = Player::new(begin, end, 1.0);
    player.scrub(Scrub::Pause);
    let mut session = Session::new(crate::Options { clock: Clock::Record(player), ..options() });
    session.app.cx.world = world;
    session.wait((end - BEGIN).0);
    session
}

#[test]
fn records_of_earlier_versions_end_with_the_screen_of_their_run() {
    let runs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/fixtures/runs");
    for entry in fs::read_dir(runs).unwrap().map(Result::unwrap) {
        let picture = at_the_end(&entry.path()).picture(110, 36);
        let name = entry.file_name().into_string().unwrap();
        insta::assert_snapshot!(format!("record_{name}"), text(&picture));
    }
}
