//! Nodes as a fresh Raspberry Pi OS has them, for the tests of this room. Only the vocabulary is used here, so the unit
//! tests can include it too.
#![allow(dead_code, reason = "every test file uses a part of it")]
#![allow(clippy::expect_used, reason = "a test that cannot be prepared has failed")]

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use pictl_formats::facts::{FileKind, FileState, NodeReading};
use pictl_model::node::{Facts, IfAddr, Member, Mpi4py, MpiFamily, MpiInstall, Sighting, Sudo};
use pictl_model::run::{RunHost, RunOutcome, RunPlan, RunSummary, Workload};
use pictl_model::trust::HostKey;
use pictl_model::{MacAddr, Millis, NodeId, RunId, Timestamp};

/// When everything here begins: 20 November 2026, 08:45:01 UTC.
pub(crate) const START: Timestamp = Timestamp(1_795_164_301_000);

pub(crate) fn mac(n: u8) -> MacAddr {
    MacAddr([0xdc, 0xa6, 0x32, 0, 0, n])
}

/// The id of the node whose MAC ends with `n`.
pub(crate) fn id(n: u8) -> NodeId {
    NodeId::from_mac(mac(n))
}

pub(crate) fn address(n: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(10, 0, 0, n))
}

/// A well-formed ed25519 key with made-up bytes: 19 bytes of header, of which the last two bits lie in the first `A`.
pub(crate) fn key(n: u8) -> HostKey {
    HostKey { algorithm: "ssh-ed25519".into(), base64: format!("AAAAC3NzaC1lZDI1NTE5AAAAIA{n:0>42}") }
}

/// The operator's public key.
pub(crate) fn operator_line() -> String {
    format!("{} me@laptop", key(200).line())
}

/// The one that a rotation puts in its place.
pub(crate) fn new_operator_line() -> String {
    format!("{} me@laptop", key(201).line())
}

/// The public half of the key pair that a node makes to take the place of its own.
pub(crate) fn next_line(n: u8) -> String {
    format!("{} pi@{n} new", key(150 + n).line())
}

/// The line that a node's key pair has as its public half.
pub(crate) fn public_line(n: u8) -> String {
    format!("{} pi@{n}\n", key(100 + n).line())
}

pub(crate) fn sighting(n: u8) -> Sighting {
    Sighting {
        address: address(n),
        port: 22,
        mac: Some(mac(n)),
        vendor: Some("Raspberry Pi".into()),
        hints: Vec::new(),
        hostname: Some("raspberrypi".into()),
        ssh: Some("SSH-2.0-OpenSSH_9.2p1".into()),
        rtt: None,
        seen_by: Vec::new(),
        others: Vec::new(),
        flags: Vec::new(),
        interfaces: Vec::new(),
    }
}

pub(crate) fn member(n: u8) -> Member {
    Member {
        id: id(n),
        name: format!("pi{n:02}").parse().expect("a name"),
        address: address(n),
        port: 22,
        user: "pi".into(),
        mac: Some(mac(n)),
        host_key: None,
        head: n == 1,
        cores: Some(4),
        mpi: None,
        mpi_prefix: None,
        identity: None,
        jump: None,
        board: pictl_model::node::Board::default(),
    }
}

pub(crate) fn mpi(family: MpiFamily, version: &str) -> MpiInstall {
    let launcher = match family {
        MpiFamily::OpenMpi => "/usr/bin/mpirun.openmpi",
        MpiFamily::Mpich => "/usr/bin/mpiexec.hydra",
    };
    MpiInstall { family, version: version.into(), launcher: launcher.into() }
}

pub(crate) fn facts(n: u8) -> Facts {
    Facts {
        hostname: "raspberrypi".into(),
        machine_id: Some(format!("{n:032}")),
        os: "Debian GNU/Linux 12 (bookworm)".into(),
        codename: "bookworm".into(),
        arch: "arm64".into(),
        model: Some("Raspberry Pi 4 Model B Rev 1.4".into()),
        serial: None,
        cores: 4,
        mem_total_kib: 4_000_000,
        mem_available_kib: None,
        swap: Vec::new(),
        hpcc: None,
        user: "pi".into(),
        home: "/home/pi".into(),
        shell: None,
        sudo: Some(Sudo::NoPassword),
        addresses: vec![IfAddr { interface: "eth0".into(), address: address(n), prefix: 24 }],
        mpi: Vec::new(),
        mpi4py: None,
        clock_offset_ms: Some(3),
        throttled: None,
        kernel: Some("6.12.47+rpt-rpi-v8".into()),
        governor: Some("ondemand".into()),
        cloud_init: false,
        macs: Vec::new(),
        read_at: START,
    }
}

/// A node that nothing was done on.
pub(crate) fn reading(n: u8) -> NodeReading {
    let missing = |path: &str| FileState::Missing { path: path.into() };
    let hosts = FileState::There {
        path: "/etc/hosts".into(),
        mode: 0o644,
        content: b"127.0.0.1\tlocalhost\n127.0.1.1\traspberrypi\n".to_vec(),
    };
    NodeReading {
        facts: facts(n),
        uid: 1000,
        files: BTreeMap::from([
            (FileKind::Hosts, hosts),
            (FileKind::AuthorizedKeys, missing("/home/pi/.ssh/authorized_keys")),
            (FileKind::KnownHosts, missing("/home/pi/.ssh/known_hosts")),
            (FileKind::PublicKey, missing("/home/pi/.ssh/id_ed25519.pub")),
            (FileKind::NextKey, missing("/home/pi/.ssh/id_ed25519.new.pub")),
            (FileKind::OldKeys, missing("/home/pi/.ssh/id_ed25519.pub.old")),
            (FileKind::PasswordLogin, missing("/etc/ssh/sshd_config.d/00-pictl-password-login.conf")),
            (FileKind::Machinefile, missing("/home/pi/machinefile")),
        ]),
        host_keys: vec![key(n)],
        complete: true,
        boot_id: Some(format!("boot-{n}")),
        mpirun: None,
        mpi4py_failed: None,
        home_mode: Some(0o755),
        ssh_mode: None,
        passwords: None,
    }
}

/// The same with MPI and mpi4py installed.
pub(crate) fn with_mpi(mut reading: NodeReading, family: MpiFamily, version: &str) -> NodeReading {
    reading.facts.mpi.push(mpi(family, version));
    reading.facts.mpi4py = Some(Mpi4py { version: "3.1.4".into(), family: Some(family) });
    reading
}

/// What `facts keys` tells of such a node.
pub(crate) fn part(reading: &NodeReading) -> NodeReading {
    let mut part = NodeReading { complete: false, ..reading.clone() };
    part.facts.mpi.clear();
    part.facts.addresses.clear();
    (part.facts.mpi4py, part.facts.cores, part.facts.mem_total_kib) = (None, 0, 0);
    (part.facts.arch, part.facts.model, part.facts.kernel) = (String::new(), None, None);
    part
}

/// Nothing is where `file` was.
pub(crate) fn take_away(reading: &mut NodeReading, kind: FileKind) {
    let path = reading.files[&kind].path().to_owned();
    reading.files.insert(kind, FileState::Missing { path });
}

/// Makes `file` hold `content` with `mode`.
pub(crate) fn put(reading: &mut NodeReading, kind: FileKind, mode: u32, content: &[u8]) {
    let path = reading.files[&kind].path().to_owned();
    reading.files.insert(kind, FileState::There { path, mode, content: content.to_vec() });
}

/// A run of `ranks` ranks on the nodes 1 to `nodes`.
pub(crate) fn plan(id: &str, ranks: u32, nodes: u8) -> RunPlan {
    RunPlan {
        id: id.parse::<RunId>().expect("a run id"),
        series: None,
        workload: Workload { name: "pi".into(), slices: Some(4), slice_size: Some(1000), ..Workload::default() },
        ranks,
        hosts: (1..=nodes)
            .map(|n| RunHost { node: self::id(n), name: format!("pi{n:02}"), address: address(n), slots: 4 })
            .collect(),
        head: self::id(1),
        mpi: mpi(MpiFamily::OpenMpi, "4.1.4"),
        command: vec!["mpirun".into()],
        planned_at: START,
    }
}

/// The end of a run that succeeded, with nothing told of its ranks and nodes.
pub(crate) fn summary(plan: &RunPlan) -> RunSummary {
    RunSummary {
        id: plan.id.clone(),
        workload: plan.workload.clone(),
        series: plan.series.clone(),
        outcome: RunOutcome::Succeeded,
        reason: None,
        hint: None,
        started: plan.planned_at,
        elapsed: Millis(5_000),
        program_seconds: None,
        value: None,
        expected: None,
        tolerance: None,
        exit_status: Some(0),
        ranks: Vec::new(),
        nodes: Vec::new(),
        validity: None,
        dropped: 0,
    }
}
