//! Whatever is pressed on a terminal of whatever size: no panic, and never a request out of a text field.

use proptest::prelude::*;

use crate::fixtures::SCENES;
use crate::keymap::TABLE;

/// Keys that mean something, and some that do not.
fn key() -> impl Strategy<Value = String> {
    let mut keys: Vec<String> = TABLE.iter().flat_map(|entry| entry.keys).map(|k| (*k).to_owned()).collect();
    keys.extend(["1", "9", "z", "ü", "語", "backspace", "delete", "left", "ctrl-w", "f5", "insert"].map(str::to_owned));
    proptest::sample::select(keys)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn no_key_and_no_size_panics(
        scene in 0..SCENES.len(),
        keys in proptest::collection::vec((key(), 0_u64..600), 0..24),
        sizes in proptest::collection::vec((1_u16..=300, 1_u16..=100), 1..4),
        ascii in any::<bool>(),
        banner in any::<bool>(),
    ) {
        let mut session = (SCENES[scene].1)();
        session.app.cx.options.ascii = ascii;
        session.app.cx.options.banner = banner.then(|| "SIMULATED".to_owned());
        for (nth, (key, wait)) in keys.iter().enumerate() {
            session.keys(key).wait(*wait);
            let (width, height) = sizes[nth % sizes.len()];
            session.picture(width, height);
        }
        for (width, height) in sizes {
            session.picture(width, height);
        }
    }
}

#[test]
fn small_screens_do_not_panic() {
    for (_, make) in SCENES {
        let mut session = make();
        for height in 1..16 {
            // Every width at some heights; all of both would take minutes.
            for width in (1 + height % 5..50).step_by(5) {
                session.picture(width, height);
            }
        }
        session.picture(4, 300);
    }
}

#[test]
fn figures_beyond_all_reason_do_not_hang_or_panic() {
    use pictl_model::Rank;
    use pictl_model::run::RunEvent;
    let mut session = crate::fixtures::scene("run-running").expect("a scene");
    let run = session.app.cx.world.run.as_ref().expect("a run").plan.id.clone();
    let begin = RunEvent::Begin { size: u32::MAX, slices: u32::MAX, slice_size: u64::MAX, program: String::new() };
    let part = RunEvent::Part { rank: Rank(u32::MAX - 1), slice: u32::MAX, fraction: f32::NAN };
    let slice = RunEvent::Slice { rank: Rank(7), slice: 0, seconds: f64::NAN, value: Some(f64::INFINITY) };
    for event in [begin, part, slice] {
        session.event(pictl_model::Event::Run { run: run.clone(), event });
    }
    session.keys("G pageup").picture(120, 40);
}

#[test]
fn a_clock_put_back_keeps_no_dialog_shut() {
    use crate::messages::Msg;
    let mut session = crate::fixtures::scene("apply").expect("a scene");
    session.effects.clear();
    let before = pictl_model::Timestamp(crate::fixtures::BEGIN.0 - 3_600_000);
    let enter = "enter".parse().expect("a key");
    assert_eq!(session.app.update(before, Msg::Key(enter)).len(), 1, "the answer");
}
