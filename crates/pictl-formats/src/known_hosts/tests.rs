use std::process::Command;

use hmac::{Hmac, KeyInit, Mac};
use proptest::prelude::*;

use super::*;
use crate::key::tests::sample_key;

const ED: &str = "ssh-ed25519";
const RSA: &str = "ssh-rsa";
const ECDSA: &str = "ecdsa-sha2-nistp256";

fn key(algorithm: &str, seed: u8) -> String {
    sample_key(algorithm, seed).line()
}

/// A hashed name as `ssh-keygen -H` writes it.
fn hashed(host: &str, salt: [u8; 20]) -> String {
    let mac = Hmac::<sha1::Sha1>::new_from_slice(&salt).expect("any length").chain_update(host.as_bytes());
    format!("|1|{}|{}", STANDARD.encode(salt), STANDARD.encode(mac.finalize().into_bytes()))
}

fn read(text: &str) -> KnownHosts {
    let (known, problems) = KnownHosts::parse(text);
    assert_eq!(problems, []);
    known
}

/// One line of each kind that OpenSSH knows.
fn every_kind() -> String {
    [
        "# a comment".to_owned(),
        String::new(),
        format!("plain {}", key(ED, 1)),
        format!("pi01,10.0.0.31 {} with a comment", key(ED, 2)),
        format!("{} {}", hashed("secret", [7; 20]), key(ED, 3)),
        format!("{} {}", hashed("[secret]:2222", [9; 20]), key(ED, 4)),
        format!("*.lan,!evil.lan {}", key(ED, 5)),
        format!("node?? {}", key(ED, 6)),
        format!("[plain]:2222 {}", key(ED, 7)),
        format!("\ttabbed\t{}", key(ED, 8).replace(' ', "\t")),
        format!("UPPER {}", key(ED, 9)),
        format!("@revoked gone {}", key(ED, 10)),
        format!("@cert-authority signed {}", key(ED, 11)),
        format!("windows {}\r", key(ED, 12)),
        format!("!only {}", key(ED, 13)),
        format!("10.0.0.* {}", key(ED, 14)),
        format!("fe80::1 {}", key(ED, 15)),
        format!("[*]:2200 {}", key(ED, 16)),
        format!("plain,second {}", key(RSA, 18)),
        format!("plain {} # another comment", key(ECDSA, 19)),
        format!("  indented  {}  ", key(ED, 20)),
        format!("@revoked {} {}", hashed("secret", [11; 20]), key(ED, 21)),
        format!("@cert-authority *.signed.lan,!not.signed.lan {}", key(ED, 22)),
        format!("!evil.lab,*.lab {}\r", key(ED, 23)),
        format!("{} {}\r", hashed("windows-secret", [13; 20]), key(ED, 24)),
        format!("[10.1.0.*]:22??,[fe80::1]:2222 {}", key(ED, 25)),
        format!("[colon]:22 {}", key(ED, 26)),
        format!("@revoked * {}", key(ED, 29)),
        format!("*,!starred {}", key(ED, 30)),
        format!("a**b,c?*d {}", key(ED, 31)),
        format!("last {}", key(ED, 17)),
    ]
    .join("\n")
}

#[test]
fn the_same_lines_match_as_with_ssh_keygen() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("known_hosts");
    let bad = format!("|1|bad|hash= {}\n@unknown marked {}\nnokey\n", key(ED, 27), key(ED, 28));
    let text = bad + &every_kind();
    std::fs::write(&path, &text).expect("written");
    let (known, problems) = KnownHosts::parse(&text);
    assert_eq!(problems.len(), 3);
    for field in [
        "second",
        "indented",
        "x.signed.lan",
        "not.signed.lan",
        "a.lab",
        "evil.lab",
        "windows-secret",
        "[10.1.0.7]:2201",
        "[10.1.0.7]:222",
        "10.1.0.7",
        "[fe80::1]:2222",
        "[FE80::1]:2222",
        "[colon]:22",
        "colon",
        "marked",
        "nokey",
        "starred",
        "ab",
        "axxb",
        "cd",
        "cxd",
        "plain,second",
        "pi01,10.0.0.31",
        "!only",
        "plain",
        "pi01",
        "10.0.0.31",
        "10.0.0.32",
        "10.0.1.1",
        "secret",
        "[secret]:2222",
        "a.lan",
        "evil.lan",
        "lan",
        "node01",
        "node1",
        "node001",
        "[plain]:2222",
        "[plain]:23",
        "tabbed",
        "upper",
        "UPPER",
        "gone",
        "signed",
        "windows",
        "only",
        "fe80::1",
        "[x]:2200",
        "last",
        "las",
        "unknown",
        "a",
        "*",
        "comment",
        "#",
    ] {
        let output = Command::new("ssh-keygen")
            .args(["-F", field, "-f"])
            .arg(&path)
            .output()
            .expect("ssh-keygen is needed for this test: install openssh-client");
        // `# Host NAME found: line N` and CA or REVOKED, before each line.
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let theirs: Vec<(usize, &str)> = said
            .lines()
            .filter_map(|line| {
                let (number, mark) = line.strip_prefix("# Host ")?.split_once(" found: line ")?.1.split_once(' ')?;
                Some((number.parse().ok()?, mark))
            })
            .collect();
        let ours: Vec<(usize, &str)> = (1..)
            .zip(&known.lines)
            .filter_map(|(number, line)| {
                let entry = line.entry.as_ref().filter(|e| e.is_of(&field.to_ascii_lowercase()))?;
                let mark = match entry.marker {
                    Marker::None => "",
                    Marker::Revoked => "REVOKED",
                    Marker::CertAuthority => "CA",
                };
                Some((number, mark))
            })
            .collect();
        assert_eq!(ours, theirs, "{field}: {said}");
    }
}

#[test]
fn removing_is_what_ssh_keygen_does() {
    for field in ["plain", "pi01", "secret", "a.lan", "gone", "signed", "[plain]:2222", "unknown"] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("known_hosts");
        std::fs::write(&path, every_kind() + "\n").expect("written");
        let status = Command::new("ssh-keygen").args(["-R", field, "-f"]).arg(&path).output();
        status.expect("ssh-keygen is needed for this test: install openssh-client");
        let theirs = std::fs::read_to_string(&path).expect("read");

        let mut ours = read(&(every_kind() + "\n"));
        let (host, port) = match field.strip_prefix('[').and_then(|f| f.split_once("]:")) {
            Some((host, port)) => (host, port.parse().expect("a port")),
            None => (field, 22),
        };
        ours.remove(host, port);
        assert_eq!(ours.to_string(), theirs, "{field}");
    }
}

#[test]
fn keys_are_judged_by_all_lines_of_the_host() {
    let text = [
        format!("a {}", key(ED, 1)),
        format!("a {}", key(RSA, 1)),
        format!("b {}", key(RSA, 2)),
        format!("@revoked * {}", key(ED, 66)),
        format!("a {}", key(ED, 66)),
        format!("@cert-authority c {}", key(ED, 3)),
        format!("d {}", key(ED, 4)),
        format!("d {}", key(ED, 5)),
    ]
    .join("\n");
    let known = read(&text);
    for (host, port, offered, trust) in [
        ("a", 22, (ED, 1), Trust::Known),
        ("A", 22, (ED, 1), Trust::Known),
        ("a", 22, (RSA, 1), Trust::Known),
        ("a", 22, (ED, 2), Trust::Changed),
        ("a", 22, (ECDSA, 1), Trust::OtherAlgorithm),
        ("a", 2222, (ED, 1), Trust::Unknown),
        ("b", 22, (ED, 1), Trust::OtherAlgorithm),
        ("a", 22, (ED, 66), Trust::Revoked),
        ("new", 22, (ED, 66), Trust::Revoked),
        ("c", 22, (ED, 3), Trust::Unknown),
        ("d", 22, (ED, 5), Trust::Known),
        ("d", 22, (ED, 6), Trust::Changed),
        ("e", 22, (ED, 1), Trust::Unknown),
    ] {
        assert_eq!(known.judge(host, port, &sample_key(offered.0, offered.1)), trust, "{host}:{port} {offered:?}");
    }
    assert_eq!(known.algorithms_of("a", 22), [ED, RSA]);
    assert_eq!(known.keys_of("b", 22), [sample_key(RSA, 2)]);
}

#[test]
fn bad_lines_are_reported_and_stay() {
    let text = format!(
        "@other x {}\nonly\na ssh-ed25519\na ssh-ed25519 !!!\na ssh-rsa {}\n|1|short|x= {}\n|2|x {}\r\nok {}",
        key(ED, 1),
        sample_key(ED, 1).base64,
        key(ED, 1),
        key(ED, 1),
        key(ED, 1)
    );
    let (known, problems) = KnownHosts::parse(&text);
    assert_eq!(problems.iter().map(|p| p.line).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(known.to_string(), text);
    assert_eq!(known.judge("ok", 22, &sample_key(ED, 1)), Trust::Known);
}

#[test]
fn a_key_is_recorded_once() {
    let mut known = read("# mine");
    let hosts = ["PI01".to_owned(), host_field("10.0.0.31", 2222)];
    assert!(known.add(&hosts, &sample_key(ED, 1)));
    assert_eq!(known.to_string(), format!("# mine\npi01,[10.0.0.31]:2222 {}\n", key(ED, 1)));
    assert_eq!(known.judge("10.0.0.31", 2222, &sample_key(ED, 1)), Trust::Known);
    assert!(!known.add(&hosts, &sample_key(ED, 1)));
    assert!(known.add(&hosts, &sample_key(RSA, 1)));
    for bad in ["", "a b", "a,b", "*", "!x", "|1|a", "a\nb", "#"] {
        assert!(!known.add(&[bad.to_owned()], &sample_key(ED, 1)), "{bad}");
    }
    assert!(!known.add(&["x".to_owned()], &HostKey { algorithm: ED.into(), base64: "AAAA".into() }));
    assert_eq!(known.remove("pi01", 22), 2);
    assert_eq!(known.to_string(), "# mine\n");
}

#[test]
fn a_host_is_forgotten_and_its_neighbours_are_not() {
    let text = [
        format!("# pi01\npi01 {} by hand\r\n", key(ED, 1)),
        format!("pi02,PI01,10.0.0.31 {}  two hosts\n", key(ED, 2)),
        format!("{} {}\n", hashed("pi01", [7; 20]), key(RSA, 3)),
        format!("{} {}\n", hashed("pi02", [8; 20]), key(RSA, 4)),
        format!("\tpi*,!pi09\t{}\n", key(ED, 5)),
        format!("@revoked pi01 {}\n", key(ED, 6)),
        format!("@cert-authority pi01 {}\n", key(ED, 7)),
        format!("[pi01]:2222,!pi02 {}\n", key(ED, 8)),
        format!("pi01 {}", key(ED, 9)),
    ];
    let hosts = ["Pi01".to_owned(), "10.0.0.31".to_owned()];
    let left = [
        "# pi01\n".to_owned(),
        format!("pi02 {}  two hosts\n", key(ED, 2)),
        text[3].clone(),
        format!("\tpi*,!pi09,!pi01\t{}\n", key(ED, 5)),
        text[5..8].concat(),
    ];
    let mut known = read(&text.concat());
    assert_eq!(known.forget(&hosts, |_| true), 5);
    assert_eq!(known.to_string(), left.concat());
    assert_eq!(known.judge("pi01", 22, &sample_key(ED, 1)), Trust::Unknown);
    assert_eq!(known.judge("pi03", 22, &sample_key(ED, 5)), Trust::Known);
    assert_eq!(known.forget(&hosts, |_| true), 0);

    // One key only, and not for a host whose name means many.
    let mut known = read(&text.concat());
    assert_eq!(known.forget(&hosts, |key| *key == sample_key(ED, 9)), 1);
    assert_eq!(known.to_string(), text[..8].concat());
    assert_eq!(known.forget(&["*".to_owned(), String::new()], |_| true), 0);
}

#[test]
fn a_reflashed_host_has_one_key() {
    let hosts = ["pi01".to_owned(), "10.0.0.31".to_owned()];
    let text = format!("pi01 {}\npi01,10.0.0.31 {}\n* {}\n", key(ED, 1), key(RSA, 1), key(ECDSA, 1));
    let mut known = read(&text);
    assert!(known.replace(&hosts, &sample_key(ED, 2)));
    assert_eq!(known.to_string(), format!("*,!pi01,!10.0.0.31 {}\npi01,10.0.0.31 {}\n", key(ECDSA, 1), key(ED, 2)));
    assert_eq!(known.judge("pi01", 22, &sample_key(ED, 1)), Trust::Changed);
    assert!(!known.replace(&hosts, &sample_key(ED, 2)));
    // A key that cannot be recorded does not remove the recorded one.
    let before = known.clone();
    assert!(!known.replace(&hosts, &HostKey { algorithm: ED.into(), base64: "AAAA".into() }));
    assert!(!known.replace(&["a b".to_owned()], &sample_key(ED, 2)));
    assert_eq!(known, before);
}

#[test]
fn fingerprints_are_those_of_ssh_keygen() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("key");
    let run = |args: &[&str]| {
        let output = Command::new("ssh-keygen").args(args).arg(&path).output();
        let output = output.expect("ssh-keygen is needed for this test: install openssh-client");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    };
    run(&["-q", "-t", "ed25519", "-N", "", "-f"]);
    let line = std::fs::read_to_string(path.with_extension("pub")).expect("the public key");
    let mut fields = line.split(' ').map(str::to_owned);
    let key = HostKey { algorithm: fields.next().expect("a type"), base64: fields.next().expect("a key") };
    let said = run(&["-l", "-f"]);
    assert_eq!(Some(fingerprint(&key).0.as_str()), said.split(' ').nth(1));
    // GitHub's published key and fingerprint.
    let github = HostKey {
        algorithm: ED.into(),
        base64: "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl".into(),
    };
    assert_eq!(fingerprint(&github).0, "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU");
}

/// Names that overlap with the patterns of [`file`].
const NAMES: [&str; 5] = ["a", "ab", "b.lan", "[a]:2222", "10.0.0.1"];

/// Files of lines as people, programs and nobody would write them.
fn file() -> impl Strategy<Value = String> {
    let one =
        prop_oneof![4 => prop::sample::select(NAMES.to_vec()).prop_map(str::to_owned), 2 => "!?[abAB*?.\\[\\]:,]{1,4}"];
    let names = prop::collection::vec(one, 1..4).prop_map(|names| names.join(","));
    let hashed = (prop::sample::select(NAMES.to_vec()), any::<[u8; 20]>()).prop_map(|(name, salt)| hashed(name, salt));
    let hosts = prop_oneof![3 => names, 1 => hashed];
    let algorithm = prop::sample::select(vec![ED, RSA]);
    let marker = "(|||[ \t]|@revoked |@cert-authority |@x |#)";
    let entry =
        (marker, hosts, algorithm, 0..3_u8, "( [a-z]{0,5})?").prop_map(|(marker, hosts, algorithm, seed, comment)| {
            format!("{marker}{hosts} {}{comment}", key(algorithm, seed))
        });
    let line = prop_oneof![5 => entry, 1 => any::<String>()];
    let end = prop_oneof![4 => Just("\n"), 1 => Just("\r\n")];
    prop::collection::vec((line, end), 0..8).prop_map(|lines| lines.into_iter().map(|(line, end)| line + end).collect())
}

proptest! {
    #[test]
    fn every_byte_is_kept(text in prop_oneof![any::<String>(), file()], seed in 10_u8..) {
        let (mut known, _) = KnownHosts::parse(&text);
        prop_assert_eq!(known.to_string(), text.clone());
        known.add(&["pi01".to_owned()], &sample_key(ED, seed));
        prop_assert!(known.to_string().starts_with(&text));
        prop_assert_eq!(known.judge("pi01", 22, &sample_key(ED, seed)), Trust::Known);
    }

    #[test]
    fn what_is_forgotten_is_unknown_and_the_rest_is_as_before(text in file(), host in prop::sample::select(NAMES.to_vec())) {
        let (mut known, _) = KnownHosts::parse(&text);
        let before = known.clone();
        let changed = known.forget(&[host.to_owned()], |_| true);
        let records = |known: &KnownHosts, host: &str| {
            known.lines.iter().filter(|line| line.records(host)).filter_map(|line| line.entry.clone()).map(|e| e.key).collect::<Vec<_>>()
        };
        prop_assert_eq!(records(&known, host), []);
        prop_assert_eq!(records(&before, host).len(), changed);
        for other in NAMES.iter().filter(|other| **other != host) {
            prop_assert_eq!(records(&known, other), records(&before, other), "{}", other);
        }
        // Lines for other hosts are the same, in order; and the text matches the memory.
        let others = before.lines.iter().filter(|line| !line.records(host));
        let mut after = known.lines.iter();
        prop_assert!(others.clone().all(|line| after.any(|left| left == line)));
        prop_assert_eq!(&KnownHosts::parse(&known.to_string()).0, &known);
        prop_assert_eq!(known.forget(&[host.to_owned()], |_| true), 0);
    }

    #[test]
    fn one_key_is_left_of_what_is_replaced(text in file(), host in prop::sample::select(NAMES.to_vec()), seed in 0..4_u8) {
        let (mut known, _) = KnownHosts::parse(&text);
        let key = sample_key(ED, seed);
        let field = [host.to_owned()];
        known.replace(&field, &key);
        let keys: Vec<_> = known.entries_of(host).filter(|e| e.marker == Marker::None).map(|e| e.key.clone()).collect();
        prop_assert!(!keys.is_empty() && keys.iter().all(|left| *left == key));
        prop_assert!(!known.replace(&field, &key));
    }

    #[test]
    fn lines_of_hostile_parts_never_panic(line in "(@revoked |@x |)[|!*?,\\[\\]:a1=/+]{0,30}[ \t](ssh-rsa|ssh-ed25519)[ \t][A-Za-z0-9+/=]{0,40}") {
        let (known, _) = KnownHosts::parse(&line);
        let _ = known.judge("a1", 1, &sample_key(ED, 1));
    }
}
