use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use pictl_model::node::{Hpcc, Mpi4py, MpiFamily};

use super::*;
use crate::hash::sha256_hex;
use crate::key::tests::sample_key;

/// A Pi's answer as the script gives it.
fn answer() -> String {
    format!(
        "Welcome to this machine!\nfacts 1\nnow 1700000000500\nhostname raspberrypi\nstatic_hostname raspberrypi\n\
         machine_id 0123456789abcdef0123456789abcdef\nos \"Debian GNU/Linux 12 (bookworm)\"\ncodename bookworm\narch arm64\n\
         model Raspberry Pi 4 Model B Rev 1.5\nserial 10000000abcdef01\ncores 4\nmem_total_kib 3884432\nmem_available_kib 3500000\nuser pi\nuid 1000\n\
         home /home/pi\nsudo no_password\naddress eth0 10.0.0.31/24\naddress eth0 fe80::1/64\naddress bad\n\
         mpi openmpi /usr/bin/mpirun.openmpi mpirun.openmpi (OpenRTE) 4.1.4\nmpi mpich /usr/bin/mpiexec.hydra  Version: 4.0.2\n\
         mpi4py 3.1.4 Open MPI v4.1.4, package: Debian OpenMPI\nthrottled throttled=0x50005\nhpcc libmpi.so.40 /usr/lib/openblas-pthread/libblas.so.3\nkernel 6.12.47+rpt-rpi-v8\n\
         governor ondemand\ncloud_init yes\nswap /var/swap 524272\nswap /dev/zram0 1048560\nswap none 1\nswap /x y\n\
         file hosts /etc/hosts 644 {}.\nfile authorized_keys /home/my pi/.ssh/authorized_keys - -\n\
         file known_hosts /home/pi/.ssh/known_hosts ! unreadable\nfile public_key /home/pi/.ssh/id_ed25519.pub 644 .\n\
         host_key {}\nhost_key ssh-rsa garbage\nboot_id 11111111-2222\n\
         mode 755 1000 /home/pi\nmode 2775 1000 /home/pi/.ssh\nmode x 1 /home/pi/.ssh\nend facts\nlogout\n",
        STANDARD.encode("127.0.0.1 localhost\n"),
        sample_key("ssh-ed25519", 1).line(),
    )
}

fn read(text: &str) -> Result<NodeReading, FactsError> {
    parse(text.as_bytes(), Timestamp(1_700_000_000_100), Millis(200))
}

#[test]
fn a_full_answer_is_read() {
    let reading = read(&answer()).expect("facts");
    let facts = &reading.facts;
    assert_eq!((facts.hostname.as_str(), facts.user.as_str(), reading.uid), ("raspberrypi", "pi", 1000));
    assert_eq!((facts.os.as_str(), facts.codename.as_str()), ("Debian GNU/Linux 12 (bookworm)", "bookworm"));
    assert_eq!((facts.cores, facts.mem_total_kib, facts.sudo), (4, 3_884_432, Some(Sudo::NoPassword)));
    // The clock was asked half a round trip before the answer came.
    assert_eq!(facts.clock_offset_ms, Some(500));
    // What the script itself takes, here 150 of the 200 ms, is no difference of the clocks.
    let long = answer().replace("end facts", "now_end 1700000000610\nend facts");
    let long = long.replace("now 1700000000500", "now 1700000000460");
    assert_eq!(read(&long).expect("facts").facts.clock_offset_ms, Some(535));
    assert_eq!(facts.throttled, Some(Throttled(0x50005)));
    assert_eq!((facts.kernel.as_deref(), facts.governor.as_deref()), (Some("6.12.47+rpt-rpi-v8"), Some("ondemand")));
    assert_eq!(facts.mem_available_kib, Some(3_500_000));
    assert_eq!(facts.hpcc, Some(Hpcc { family: Some(MpiFamily::OpenMpi), open_blas: true }));
    assert_eq!(hpcc_of("unknown /"), Hpcc { family: None, open_blas: false });
    assert!(facts.cloud_init);
    let swap: Vec<_> = facts.swap.iter().map(|s| (s.path.as_str(), s.kib, s.is_in_memory())).collect();
    assert_eq!(swap, [("/var/swap", 524_272, false), ("/dev/zram0", 1_048_560, true)]);
    assert_eq!(facts.addresses.len(), 2);
    assert_eq!((facts.addresses[0].interface.as_str(), facts.addresses[0].prefix), ("eth0", 24));
    let install = |family, version: &str, launcher: &str| MpiInstall {
        family,
        version: version.into(),
        launcher: launcher.into(),
    };
    assert_eq!(
        facts.mpi,
        [
            install(MpiFamily::OpenMpi, "4.1.4", "/usr/bin/mpirun.openmpi"),
            install(MpiFamily::Mpich, "4.0.2", "/usr/bin/mpiexec.hydra"),
        ]
    );
    assert_eq!(facts.mpi4py, Some(Mpi4py { version: "3.1.4".into(), family: Some(MpiFamily::OpenMpi) }));
    assert_eq!(reading.host_keys, [sample_key("ssh-ed25519", 1)]);
    assert_eq!(reading.mpi4py_failed, None);
    let failed = |line: &str| {
        read(&answer().replace("end facts", &format!("mpi4py_failed {line}\nend facts"))).expect("facts").mpi4py_failed
    };
    let (family, attempt, reason) = (MpiFamily::Mpich, "now-1".to_owned(), "pip found nothing".to_owned());
    assert_eq!(failed("mpich now-1 pip found nothing"), Some(FailedBuild { family, attempt, reason }));
    assert_eq!(failed("other now-1 x"), None);
}

#[test]
fn modes_and_the_boot_are_told() {
    let reading = read(&answer()).expect("facts");
    assert_eq!((reading.home_mode, reading.ssh_mode), (Some(0o755), Some(0o2775)));
    assert_eq!(reading.boot_id.as_deref(), Some("11111111-2222"));
    assert!(reading.complete);
}

#[test]
fn a_part_has_gaps_that_earlier_facts_fill() {
    let full = read(&answer()).expect("facts");
    let gone = ["arch", "cores", "mem_total_kib", "mpi", "mpi4py", "address", "now", "sudo", "model"];
    let part: String = answer()
        .replace("hostname raspberrypi", "hostname pi01")
        .replace("facts 1\n", "facts 1\npart keys\n")
        .split_inclusive('\n')
        .filter(|line| !gone.iter().any(|key| line.split(' ').next() == Some(key)))
        .collect();
    let mut part = read(&part).expect("a part of the facts");
    assert!(!part.complete && part.facts.mpi.is_empty() && part.facts.cores == 0);
    assert_eq!(part.files, full.files);
    let mut unsaid = part.clone();
    unsaid.files.remove(&FileKind::Hosts);
    unsaid.files.insert(FileKind::Hosts, FileState::NotReported { path: "hosts".into() });
    part.fill_from(&full.facts);
    assert_eq!(part.facts, Facts { hostname: "pi01".into(), ..full.facts.clone() });
    let mut known = full.clone();
    known.update(unsaid);
    assert_eq!((known.facts, known.files, known.complete), (part.facts, full.files, true));
}

#[test]
fn files_are_there_missing_or_unusable() {
    let files = read(&answer()).expect("facts").files;
    let hosts = &files[&FileKind::Hosts];
    assert_eq!(hosts.content(), b"127.0.0.1 localhost\n");
    assert_eq!(hosts.sha256_hex(), sha256_hex(b"127.0.0.1 localhost\n"));
    assert_eq!(
        files[&FileKind::AuthorizedKeys],
        FileState::Missing { path: "/home/my pi/.ssh/authorized_keys".into() }
    );
    assert_eq!(files[&FileKind::AuthorizedKeys].sha256_hex(), "-");
    assert!(matches!(&files[&FileKind::KnownHosts], FileState::Unusable { why: Unusable::Unreadable, .. }));
    assert_eq!(files[&FileKind::KnownHosts].sha256_hex(), "?");
    let empty = FileState::There { path: "/home/pi/.ssh/id_ed25519.pub".into(), mode: 0o644, content: Vec::new() };
    assert_eq!(files[&FileKind::PublicKey], empty);
    // Not a word about it in the answer.
    assert!(matches!(files[&FileKind::Machinefile], FileState::NotReported { .. }));
    assert_eq!(files[&FileKind::Machinefile].sha256_hex(), "?");
}

#[test]
fn garbled_files_are_unusable_and_not_empty() {
    for garbled in ["644 QUJD", "644 !!!.", "9x9 QUJD."] {
        let text = answer().replace("644 .", garbled);
        let files = read(&text).expect("facts").files;
        assert!(matches!(files[&FileKind::PublicKey], FileState::Unusable { why: Unusable::Garbled, .. }), "{garbled}");
    }
}

#[test]
fn broken_answers_say_what_is_wrong() {
    assert_eq!(read("sh: not found\n"), Err(FactsError::NotFacts { said: "sh: not found".into() }));
    assert_eq!(read(&answer().replace("end facts\n", "")), Err(FactsError::Truncated));
    assert_eq!(parse(&vec![b'x'; MAX_TEXT + 1], Timestamp(0), Millis(0)), Err(FactsError::TooLong));
    for (line, key) in [
        ("hostname raspberrypi\n", "hostname"),
        ("home /home/pi\n", "home"),
        ("uid 1000\n", "uid"),
        ("cores 4\n", "cores"),
        ("user pi\n", "user"),
    ] {
        let without = answer().replacen(&format!("\n{line}"), "\n", 1);
        assert_eq!(read(&without), Err(FactsError::Missing { key }), "{line}");
    }
    assert_eq!(read(&answer().replace("cores 4", "cores many")), Err(FactsError::Missing { key: "cores" }));
}

#[test]
fn values_are_tamed() {
    let text = answer()
        .replace("model Raspberry", "model \x1b]0;x\x07\u{202e}Raspberry")
        .replace("user pi", &format!("user {}", "p".repeat(5_000)));
    let facts = read(&text).expect("facts").facts;
    assert!(facts.model.is_some_and(|m| m.starts_with("]0;xRaspberry")));
    assert_eq!(facts.user.len(), MAX_VALUE);
    let flood = answer().replace("address bad\n", &"address eth0 10.0.0.1/24\n".repeat(10_000));
    assert_eq!(read(&flood).expect("facts").facts.addresses.len(), MAX_LIST);
}

proptest! {
    #[test]
    fn garbage_never_panics(
        keys in prop::collection::vec("file hosts|mpi openmpi|mpi4py|address|host_key|throttled|now|cores", 0..20),
        value in "[ -~é]{0,40}",
    ) {
        let lines: Vec<String> = keys.iter().map(|key| format!("{key}{value}\n")).collect();
        let _ = read(&format!("facts 1\n{}end facts\n", lines.concat()));
    }

    #[test]
    fn a_damaged_answer_never_panics(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = answer().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = parse(&bytes, Timestamp(i64::MIN), Millis(u64::MAX));
    }
}

#[test]
fn an_mpi_in_a_folder_of_its_own_is_found_beside_the_distributions() {
    let mpi = |value: &str| mpi_of(value).map(|mpi| (mpi.family, mpi.place()));
    assert_eq!(
        mpi("openmpi /opt/openmpi/bin/mpirun mpirun (Open MPI) 5.0.7 Report bugs to"),
        Some((MpiFamily::OpenMpi, "5.0.7 in /opt/openmpi".to_owned()))
    );
    assert_eq!(
        mpi("mpich /home/pi/mpi-install/bin/mpiexec.hydra HYDRA build details: Version: 3.2 Release Date:"),
        Some((MpiFamily::Mpich, "3.2 in /home/pi/mpi-install".to_owned()))
    );
    // MPICH's `mpirun` is its launcher under another name, and not Open MPI's; a program that says nothing is no launcher.
    assert_eq!(mpi("openmpi /home/pi/mpi-install/bin/mpirun HYDRA build details: Version: 3.2"), None);
    assert_eq!(mpi("openmpi /home/pi/mpi-install/bin/mpirun "), None);
    assert_eq!(mpi("openmpi bin/mpirun mpirun (Open MPI) 5.0.7"), None);
    let prefix: MpiPrefix = "~/mpi-install".parse().expect("a prefix");
    let words = arguments_with(Some(&prefix));
    assert_eq!(words[..3], ["mpi", "prefix=~/mpi-install", "openmpi=mpirun.openmpi=mpirun"]);
    assert_eq!(words[2..], arguments(&[])[1..]);
}
