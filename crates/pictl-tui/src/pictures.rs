//! The pictures of the README, made from the real screens.

use crate::fixtures::{Session, options, scene};
use crate::svg::svg;

/// Columns and rows of the pictures.
const SIZE: (u16, u16) = (100, 30);

/// Name and SVG of each picture. The same program gives the same bytes, so a check can compare them with the files.
pub fn pictures() -> Vec<(String, String)> {
    let scenes = [
        ("nodes", "found-4"),
        ("setup", "setup-running"),
        ("keys", "keys-failing"),
        ("run", "run-running"),
        ("timeline", "run-slow-timeline"),
    ];
    scenes
        .into_iter()
        .map(|(name, from)| {
            let mut session = scene(from).unwrap_or_else(|| Session::new(options()));
            if name == "nodes" {
                session.keys("a");
            }
            let picture = session.picture(SIZE.0, SIZE.1);
            (name.to_owned(), svg(&picture, &format!("pictl: {name}")))
        })
        .collect()
}
