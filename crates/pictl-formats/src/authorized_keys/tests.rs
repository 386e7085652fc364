use std::process::Command;

use proptest::prelude::*;

use super::*;
use crate::key::tests::sample_key;

const AUTHORITY: &str = "cert-authority,principals=\"a,b\" ";

fn bare(seed: u8) -> String {
    sample_key("ssh-ed25519", seed).line()
}

fn line(seed: u8) -> String {
    format!("{} pi@pi{seed:02}", bare(seed))
}

fn picks(texts: &[&str]) -> Vec<Pick> {
    texts.iter().map(|text| Pick::parse(text).expect("a key")).collect()
}

#[test]
fn a_key_is_added_once() {
    let one = add("", &line(1)).expect("added");
    assert_eq!(one, format!("{}\n", line(1)));
    assert_eq!(add(&one, &line(1)), None);
    assert_eq!(add(&one, &line(1).replace("pi@pi01", "another comment")), None);
    assert_eq!(add(&one, &line(2)), Some(format!("{}\n{}\n", line(1), line(2))));
    let many = [line(2), line(1), line(3), line(2)];
    assert_eq!(add_all(&one, many.iter().map(String::as_str)), Some(format!("{one}{}\n{}\n", line(2), line(3))));
    assert_eq!(add_all(&one, [line(1).as_str(), "no key"]), None);
}

#[test]
fn line_ends_are_repaired_in_the_files_own_way() {
    assert_eq!(add("# mine", &line(1)), Some(format!("# mine\n{}\n", line(1))));
    assert_eq!(add("# a\r\n# b", &line(1)), Some(format!("# a\r\n# b\r\n{}\r\n", line(1))));
    assert!(contains(&format!("# a\r\n{}\r\n", bare(1)), &line(1)));
}

#[test]
fn a_key_with_options_is_there() {
    for options in ["command=\"echo \\\"hi there\\\"\",no-pty ", "from=\"10.0.0.1\"\t", "  restrict,pty  ", "\t"] {
        let text = format!("{options}{}\r\n", line(1).replace(' ', "\t"));
        let found = find(&text, &line(1)).expect("there");
        assert_eq!((found.options.as_str(), found.key.comment.as_str()), (options.trim(), "pi@pi01"));
        assert_eq!(add(&text, &line(1)), None);
        assert_eq!(remove(&text, &picks(&[&line(1)])).expect("there").text, "");
    }
    // What is in quotes is not an option, and a line that sshd does not read is not a key.
    for text in [
        format!("environment=\"X=cert-authority\" {}", line(1)),
        format!("environment=\"X=,cert-authority,\" {}", line(1)),
    ] {
        assert!(contains(&text, &line(1)), "{text}");
    }
    for text in [
        format!("# {}\n", line(1)),
        format!("command=\"open {}\n", line(1)),
        format!("no-pty, no-X11-forwarding {}\n", line(1)),
        bare(1).replace("ssh-ed", "ssh-xx"),
        bare(1)[..40].to_owned(),
    ] {
        assert!(!contains(&text, &line(1)), "{text}");
        assert!(add(&text, &line(1)).is_some_and(|added| added.starts_with(&text)));
        assert_eq!(remove(&text, &picks(&[&line(1), "pi@pi01"])), None);
    }
}

#[test]
fn a_key_that_signs_certificates_is_not_authorized_itself() {
    let text = format!("{AUTHORITY}{}\n", line(1));
    assert!(!contains(&text, &line(1)));
    let added = add(&text, &line(1)).expect("added");
    assert_eq!(added, format!("{text}{}\n", line(1)));
    assert_eq!(add(&added, &line(1)), None);
    // Removing the key removes both lines.
    assert_eq!(remove(&added, &picks(&[&bare(1)])).map(|removed| removed.entries.len()), Some(2));
}

#[test]
fn removing_takes_what_is_picked_and_nothing_else() {
    let long = format!("environment=\"X={}\" {}", "x".repeat(100_000), line(5));
    let stays = [
        "# pi@pi01 is the head\r\n".to_owned(),
        "\r\n".to_owned(),
        format!("\t{}\t \r\n", line(2)),
        format!("{long}\n"),
        "not a key at all\n".to_owned(),
        format!("no-pty {} pi@pi01 at home", bare(6)),
    ];
    let gone = [
        format!("{}\r\n", line(1)),
        format!("from=\"*.lan\" {} pi@pi01\n", bare(3)),
        format!("{AUTHORITY}{} pi@pi01  \n", bare(4)),
    ];
    let text = format!(
        "{}{}{}{}{}{}{}{}{}",
        stays[0], gone[0], stays[1], stays[2], gone[1], stays[3], gone[2], stays[4], stays[5]
    );
    let removed = remove(&text, &picks(&["pi@pi01"])).expect("three");
    assert_eq!(removed.text, stays.concat());
    let options: Vec<_> = removed.entries.iter().map(|entry| entry.options.as_str()).collect();
    assert_eq!(options, ["", "from=\"*.lan\"", AUTHORITY.trim()]);
    assert_eq!(remove(&removed.text, &picks(&["pi@pi01"])), None);

    // Several ways to say it at once; a last line without an end may go too.
    let fingerprints = [3, 6].map(|seed| fingerprint(&sample_key("ssh-ed25519", seed)).0);
    let by = picks(&[&fingerprints[0], &line(1), &fingerprints[1], &bare(4)]);
    let left = remove(&text, &by).expect("four");
    assert_eq!(left.text, stays[..5].concat());
    assert_eq!(left.entries.len(), 4);
    assert_eq!(remove("", &by), None);
    assert_eq!(remove(&text, &[]), None);
}

#[test]
fn what_does_not_name_a_key_is_refused() {
    let whole = fingerprint(&sample_key("ssh-ed25519", 1)).0;
    assert_eq!(Pick::parse(&format!(" {whole}\n")), Ok(Pick::Fingerprint(Fingerprint(whole.clone()))));
    let key = Pick::Key(sample_key("ssh-ed25519", 1).base64);
    assert_eq!(Pick::parse(&bare(1)), Ok(key.clone()));
    assert_eq!(Pick::parse(&format!("from=\"10.0.0.1\" {}\n", line(1))), Ok(key));
    assert_eq!(Pick::parse("pi@pi01"), Ok(Pick::Comment("pi@pi01".into())));
    assert_eq!(Pick::parse("Eve's old laptop"), Ok(Pick::Comment("Eve's old laptop".into())));
    for bad in [
        "",
        "  ",
        &whole[..30],
        &format!("{whole}="),
        "MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48",
        &bare(1)[..41],
        &bare(1)[12..],
        &format!("{}\n{}", line(1), line(2)),
        "a\nb",
    ] {
        let found = Pick::parse(bad);
        assert!(found.is_err(), "{bad} {found:?}");
    }
}

#[test]
fn what_is_not_a_key_is_neither_read_nor_written() {
    let key = parse_public(&format!("  {} two words \n", bare(7))).expect("a key");
    assert_eq!((key.algorithm.as_str(), key.comment.as_str()), ("ssh-ed25519", "two words"));
    for bad in [
        "",
        "ssh-ed25519",
        "ssh-ed25519 AAAA",
        &format!("{}\n{}", line(1), line(2)),
        &line(1).replace("ssh-ed", "ssh-xx"),
    ] {
        assert!(parse_public(bad).is_err(), "{bad}");
        assert_eq!(add("x\n", bad), None);
    }
}

/// `ssh-keygen -l` reads authorized_keys nearly as sshd does: only a second space after the options puts it off.
#[test]
fn the_same_lines_are_keys_as_with_ssh_keygen() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keys");
    let text = [
        line(1),
        format!("  {}\r", bare(2)),
        format!("command=\"echo \\\"a b\\\" # x\",no-pty {} with a comment", bare(3)),
        format!("# {}", bare(4)),
        format!("no-pty, x {}", bare(5)),
        format!("command=\"open {}", bare(6)),
        format!("{AUTHORITY}{}", bare(7).replace(' ', "\t")),
        format!("ssh-rsa {}", sample_key("ssh-ed25519", 8).base64),
        bare(9),
    ]
    .join("\n");
    std::fs::write(&path, &text).expect("written");
    let output = Command::new("ssh-keygen").args(["-l", "-f"]).arg(&path).output();
    let said = output.expect("ssh-keygen is needed for this test: install openssh-client").stdout;
    let said = String::from_utf8(said).expect("text");
    let theirs: Vec<_> = said.lines().filter_map(|line| line.split(' ').nth(1)).collect();
    let ours: Vec<_> = entries(&text).map(|entry| entry.key.fingerprint().0).collect();
    assert_eq!(ours, theirs, "{said}");
}

/// Files of lines as people, programs and nobody would write them.
fn file() -> impl Strategy<Value = String> {
    let options = "(|[ \t]{1,2}|#|no-pty |from=\"[a ,\\\\\"]{0,6}\"[ \t]|cert-authority |[a\" ,=\\\\]{1,6} )";
    let entry = (options, 0..4_u8, "( |\t)?[a-z@ \u{7}é]{0,6}")
        .prop_map(|(options, seed, comment)| options + &bare(seed) + &comment);
    let line = prop_oneof![3 => entry, 1 => any::<String>(), 1 => Just(line(0))];
    let end = prop_oneof![4 => Just("\n"), 1 => Just("\r\n"), 1 => Just("")];
    prop::collection::vec((line, end), 0..8).prop_map(|lines| lines.into_iter().map(|(line, end)| line + end).collect())
}

fn any_pick() -> impl Strategy<Value = Pick> {
    prop_oneof![
        (0..4_u8).prop_map(|seed| Pick::Key(sample_key("ssh-ed25519", seed).base64)),
        (0..4_u8).prop_map(|seed| Pick::Fingerprint(fingerprint(&sample_key("ssh-ed25519", seed)))),
        "[a-z@]{0,2}".prop_map(Pick::Comment),
    ]
}

proptest! {
    #[test]
    fn a_key_is_added_at_the_end(text in file(), seed in 0..6_u8) {
        match add(&text, &line(seed)) {
            Some(added) => {
                prop_assert!(!contains(&text, &line(seed)));
                prop_assert!(added.starts_with(&text));
                prop_assert_eq!(entries(&added).count(), entries(&text).count() + 1);
                prop_assert_eq!(add(&added, &line(seed)), None);
            }
            None => prop_assert!(contains(&text, &line(seed))),
        }
    }

    #[test]
    fn what_was_added_can_be_removed_again(text in file(), seed in 4..6_u8) {
        let added = add(&text, &bare(seed)).expect("not there before");
        let removed = remove(&added, &picks(&[&bare(seed)])).expect("there");
        prop_assert_eq!(removed.text.trim_end_matches(['\r', '\n']), text.trim_end_matches(['\r', '\n']));
        prop_assert!(removed.text.starts_with(&text) && removed.entries.len() == 1);
    }

    #[test]
    fn everything_else_stays_byte_for_byte(text in file(), picks in prop::collection::vec(any_pick(), 0..3)) {
        let meant = |entry: &Entry| picks.iter().any(|pick| pick.means(&entry.key));
        let gone: Vec<_> = entries(&text).filter(meant).collect();
        match remove(&text, &picks) {
            None => prop_assert_eq!(gone, []),
            Some(removed) => {
                prop_assert_eq!(&removed.entries, &gone);
                let mut old = text.split_inclusive('\n');
                prop_assert!(removed.text.split_inclusive('\n').all(|stays| old.any(|line| line == stays)));
                prop_assert_eq!(removed.text.split_inclusive('\n').count() + gone.len(), text.split_inclusive('\n').count());
                prop_assert_eq!(remove(&removed.text, &picks), None);
            }
        }
    }
}
