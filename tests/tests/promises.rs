//! The table of promises in `docs/design/trust.md` names tests that exist.
#![allow(clippy::unwrap_used, reason = "a helper that cannot go on fails the test that called it")]

use std::fs;
use std::path::Path;

#[test]
fn every_promise_names_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let text = fs::read_to_string(root.join("docs/design/trust.md")).unwrap();
    let table = text.split_once("## Every promise has a test").unwrap().1;
    let mut promises = 0;
    for row in table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| promise")) {
        let (promise, tests) = row.trim_matches(['|', ' ']).split_once(" | ").unwrap();
        let (mut source, mut named) = (String::new(), 0);
        for word in tests.split('`').skip(1).step_by(2) {
            if Path::new(word).extension().is_some_and(|extension| extension == "rs") {
                source = fs::read_to_string(root.join(word)).unwrap_or_else(|e| panic!("{promise}: {word}: {e}"));
            } else {
                assert!(source.contains(&format!("fn {word}(")), "{promise}: there is no test {word}");
                named += 1;
            }
        }
        assert!(named > 0, "{promise}: no test");
        promises += 1;
    }
    assert!(promises > 20, "{promises} promises");
}
