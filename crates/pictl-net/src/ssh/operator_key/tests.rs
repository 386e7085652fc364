//! The folder's keys, also when a rotation stops half-way. No test has an agent: see `tests/agent.rs` for those.

use std::collections::BTreeMap;

use super::*;
use crate::ssh::keys::successor;

struct Home {
    dir: tempfile::TempDir,
    keys: KeyFolder,
}

impl Home {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let keys = KeyFolder::new(dir.path().join(".ssh"), "me@here".into());
        Self { dir, keys }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(".ssh").join(name)
    }

    /// A key of the user's, locked or not; gives its public line.
    fn save(&self, name: &str, algorithm: Algorithm, locked: bool) -> String {
        make_private_folder(&self.keys.folder).unwrap();
        let mut key = PrivateKey::random(&mut russh::keys::key::safe_rng(), algorithm).unwrap();
        key.set_comment(name);
        let public = key.public_key().to_openssh().unwrap();
        fs::write(self.path(&format!("{name}.pub")), format!("{public}\n")).unwrap();
        if locked {
            key = key.encrypt(&mut russh::keys::key::safe_rng(), "secret").unwrap();
        }
        key.write_openssh_file(self.path(name), LineEnding::LF).unwrap();
        public
    }

    /// What is in the folder.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let files = fs::read_dir(&self.keys.folder).unwrap().flatten();
        files.map(|f| (f.file_name().into_string().unwrap(), fs::read(f.path()).unwrap())).collect()
    }

    fn restore(&self, files: &BTreeMap<String, Vec<u8>>) {
        fs::remove_dir_all(&self.keys.folder).unwrap();
        make_private_folder(&self.keys.folder).unwrap();
        for (name, bytes) in files {
            fs::write(self.path(name), bytes).unwrap();
        }
    }

    async fn find(&self) -> Option<OperatorKey> {
        self.keys.find(None).await.unwrap()
    }
}

fn p256() -> Algorithm {
    Algorithm::Ecdsa { curve: russh::keys::EcdsaCurve::NistP256 }
}

#[tokio::test]
async fn a_key_is_made_once_and_found_again() {
    let home = Home::new();
    assert_eq!(home.find().await, None);
    let made = home.keys.ensure(None).await.unwrap();
    assert!(made.public.starts_with("ssh-ed25519 ") && made.public.ends_with(" me@here"), "{}", made.public);
    assert_eq!(home.keys.ensure(None).await.unwrap(), made);
    assert_eq!(home.files().into_keys().collect::<Vec<_>>(), ["pictl_ed25519", "pictl_ed25519.pub"]);
    #[cfg(unix)]
    for (path, mode) in [("", 0o700), ("pictl_ed25519", 0o600), ("pictl_ed25519.pub", 0o644)] {
        let found = std::os::unix::fs::MetadataExt::mode(&fs::metadata(home.path(path)).unwrap());
        assert_eq!(found & 0o777, mode, "{path}");
    }
}

#[tokio::test]
async fn two_that_make_it_at_once_get_the_same_one() {
    let home = Home::new();
    let both = (0..8).map(|_| {
        let keys = home.keys.clone();
        tokio::task::spawn_blocking(move || keys.make(&keys.own()).unwrap().public)
    });
    let mut made: Vec<_> = futures_util::future::join_all(both).await.into_iter().map(Result::unwrap).collect();
    made.dedup();
    assert_eq!(made, [home.find().await.unwrap().public]);
}

#[tokio::test]
async fn the_usual_keys_are_found_in_their_order_and_locked_ones_last() {
    let home = Home::new();
    let locked = home.save("id_ed25519", Algorithm::Ed25519, true);
    let found = home.find().await.unwrap();
    // The comment of a locked key stands in its public half only.
    assert_eq!((found.public, found.locked), (locked.clone(), true));

    let usual = home.save("id_ecdsa", p256(), false);
    let found = home.find().await.unwrap();
    assert_eq!((found.path(), &found.public, found.locked), (Some(&*home.path("id_ecdsa")), &usual, false));
    assert_eq!(home.keys.ensure(None).await.unwrap(), found);

    fs::remove_file(home.path("id_ecdsa")).unwrap();
    let made = home.keys.ensure(None).await.unwrap();
    assert_eq!(made.path(), Some(&*home.path(OWN)));
    assert_eq!(home.find().await.unwrap(), made);

    let by_name = home.keys.ensure(Some(home.path("id_ed25519"))).await.unwrap();
    assert_eq!((by_name.public, by_name.locked), (locked, true));
}

#[tokio::test]
async fn a_public_half_alone_is_no_key_unless_it_is_asked_for() {
    let home = Home::new();
    let public = home.save("id_ed25519", Algorithm::Ed25519, false);
    fs::remove_file(home.path("id_ed25519")).unwrap();
    assert_eq!(home.find().await, None);
    let by_name = home.keys.find(Some(home.path("id_ed25519"))).await.unwrap().unwrap();
    assert_eq!((by_name.source, by_name.public), (KeySource::Agent, public));
}

#[tokio::test]
async fn a_key_asked_for_by_name_must_be_there() {
    let home = Home::new();
    let error = home.keys.find(Some(home.path("absent"))).await.unwrap_err();
    assert!(matches!(error, ConnectError::Key { .. }));
}

#[tokio::test]
async fn a_file_of_that_name_that_is_no_key_is_left_alone() {
    let home = Home::new();
    make_private_folder(&home.keys.folder).unwrap();
    fs::write(home.path(OWN), "notes").unwrap();
    assert!(matches!(home.keys.ensure(None).await, Err(ConnectError::Key { .. })));
    assert_eq!(home.files()[OWN], b"notes");
}

#[tokio::test]
async fn a_rotation_ends_with_the_new_key_in_the_old_ones_place() {
    let home = Home::new();
    let old = home.keys.ensure(None).await.unwrap();
    let new = home.keys.renew().await.unwrap();
    assert_ne!(new.public, old.public);
    assert_eq!(new.path(), Some(&*home.path("pictl_ed25519.new")));
    // Until then the old one is in use, and the new one is made once.
    assert_eq!(home.find().await.unwrap(), old);
    assert_eq!(home.keys.renew().await.unwrap(), new);

    let settled = home.keys.settle().await.unwrap();
    assert_eq!((settled.path(), &settled.public), (Some(&*home.path(OWN)), &new.public));
    assert_eq!(home.keys.settle().await.unwrap(), settled);
    let kept = load(&home.path("pictl_ed25519.old")).unwrap();
    assert_eq!(kept.public, old.public);
    let names = ["pictl_ed25519", "pictl_ed25519.old", "pictl_ed25519.old.pub", "pictl_ed25519.pub"];
    assert_eq!(home.files().into_keys().collect::<Vec<_>>(), names);
    for name in [OWN, "pictl_ed25519.old"] {
        let public = fs::read_to_string(home.path(&format!("{name}.pub"))).unwrap();
        assert_eq!(public.trim(), load(&home.path(name)).unwrap().public);
    }
}

/// The states in which a rotation of `before` can stop, made by hand in the order in which `replace` goes.
fn stops(before: &BTreeMap<String, Vec<u8>>) -> Vec<BTreeMap<String, Vec<u8>>> {
    let mut state = before.clone();
    let mut states = vec![state.clone()];
    let steps: [&[(&str, Option<&str>)]; 5] = [
        &[("pictl_ed25519", Some("pictl_ed25519.old"))],
        &[("pictl_ed25519.pub", Some("pictl_ed25519.old.pub"))],
        &[("pictl_ed25519.pub", None)],
        &[("pictl_ed25519.new", Some("pictl_ed25519")), ("pictl_ed25519.new", None)],
        &[("pictl_ed25519.new.pub", Some("pictl_ed25519.pub")), ("pictl_ed25519.new.pub", None)],
    ];
    for step in steps {
        for (from, to) in step {
            match to {
                Some(to) => state.insert((*to).into(), state[*from].clone()),
                None => state.remove(*from),
            };
        }
        states.push(state.clone());
    }
    states
}

#[tokio::test]
async fn a_rotation_that_stops_anywhere_leaves_usable_pairs_and_goes_on() {
    let home = Home::new();
    let old = home.keys.ensure(None).await.unwrap().public;
    let new = home.keys.renew().await.unwrap().public;
    let before = home.files();
    home.keys.settle().await.unwrap();
    let after = home.files();
    let stops = stops(&before);
    assert!(*stops.last().unwrap() == after, "the test goes through the states that there are");
    for (step, state) in stops.iter().enumerate() {
        home.restore(state);
        // What is found is a key of before or after; where it is the old one, the new one is offered with it.
        let found = home.find().await.unwrap();
        assert!(!found.locked);
        if found.public == old {
            let next = successor(found.path().unwrap()).expect("the key that hosts may know alone");
            assert_eq!(load(&next).unwrap().public, new, "step {step}");
        } else {
            assert_eq!(found.public, new, "step {step}");
        }
        // No public half is beside another key's private half, which OpenSSH would offer for it.
        for name in [OWN, "pictl_ed25519.new", "pictl_ed25519.old"] {
            if let (Ok(key), Ok(public)) =
                (load(&home.path(name)), fs::read_to_string(home.path(&format!("{name}.pub"))))
            {
                assert_eq!(public.trim(), key.public, "step {step}");
            }
        }
        assert_eq!(home.keys.settle().await.unwrap().public, new, "step {step}");
        assert!(home.files() == after, "step {step}");
    }
}

#[tokio::test]
async fn without_a_key_of_its_own_before_a_rotation_has_nothing_to_keep() {
    let home = Home::new();
    home.save("id_ed25519", Algorithm::Ed25519, false);
    assert!(home.keys.pending().await.is_none());
    let new = home.keys.renew().await.unwrap().public;
    assert_eq!(home.keys.pending().await.unwrap().public, new, "some hosts may know it alone");
    assert_eq!(home.keys.settle().await.unwrap().public, new);
    assert!(home.keys.pending().await.is_none());
    assert_eq!(home.find().await.unwrap().public, new);
    assert!(!home.path("pictl_ed25519.old").exists());
}

#[test]
fn a_file_is_there_as_a_whole_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    write(&path, b"one", Mode::Private, IfThere::Keep).unwrap();
    assert_eq!(write(&path, b"two", Mode::Private, IfThere::Keep).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(fs::read(&path).unwrap(), b"one");
    write(&path, b"two", Mode::Private, IfThere::Replace).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"two");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "no part of it is left");
}

#[tokio::test]
async fn a_key_of_rsa_is_made_where_it_is_wanted() {
    let home = Home::new();
    let keys = home.keys.clone().making(KeyType::Rsa);
    let made = keys.ensure(None).await.unwrap();
    assert!(made.public.starts_with("ssh-rsa ") && made.public.ends_with(" me@here"), "{}", made.public);
    // The name of the type, an exponent of 3 bytes, and a modulus of 4096 bits with a zero before it, in base64.
    let blob = made.public.split(' ').nth(1).map(str::len);
    assert_eq!(blob, Some((4 + 7 + 4 + 3 + 4 + 513_usize).div_ceil(3) * 4));
    // One that is there stays.
    assert_eq!(home.keys.ensure(None).await.unwrap().public, made.public);
}
