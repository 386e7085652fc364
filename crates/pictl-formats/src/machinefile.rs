//! Machinefiles (hostfiles) of Open MPI and MPICH's Hydra, whose grammars share nothing but a bare host name.

use std::net::{IpAddr, Ipv6Addr};

use pictl_model::node::MpiFamily;
use pictl_model::text::clean;
use thiserror::Error;

use crate::launcher::{LAUNCHERS, Launcher};

/// Linux has no longer user names.
const MAX_USER: usize = 32;

/// A machinefile that the launcher would refuse or misunderstand.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MachinefileError {
    /// No hosts.
    #[error("the machinefile would not name any host")]
    Empty,
    /// A host that cannot be written.
    #[error("host {host:?} cannot be written to a machinefile of {family}: {why}")]
    Host {
        /// The host.
        host: String,
        /// Whose machinefile.
        family: MpiFamily,
        /// Which rule it breaks.
        why: &'static str,
        /// What to do.
        hint: &'static str,
    },
    /// A user name that cannot be written.
    #[error("user {user:?} (for {host}) cannot be written to a machinefile of {family}")]
    User {
        /// The user.
        user: String,
        /// For which host.
        host: String,
        /// Whose machinefile.
        family: MpiFamily,
    },
    /// A line that cannot be read.
    #[error("line {line} of the machinefile: {why}")]
    Line {
        /// Its number, from 1.
        line: usize,
        /// What is wrong.
        why: &'static str,
    },
}

impl MachinefileError {
    /// What to do.
    pub fn hint(&self) -> String {
        match self {
            Self::Empty => "choose at least one node".to_owned(),
            Self::Host { hint, .. } => (*hint).to_owned(),
            Self::User { user, host, .. } => {
                format!(
                    "put `Host {host}` and `User {user}` into ~/.ssh/config on the head, and leave the user out here"
                )
            }
            Self::Line { .. } => "lines are `host slots=N` or `host:N`".to_owned(),
        }
    }
}

/// A host of a machinefile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Name or address.
    pub host: String,
    /// Its number of slots.
    pub slots: u16,
    /// The user that the launcher logs in as; `None` leaves it to SSH's configuration.
    pub user: Option<String>,
}

/// A node of the cluster, for a machinefile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its address.
    pub address: IpAddr,
    /// How many ranks it takes.
    pub slots: u16,
    /// The login on it.
    pub user: &'a str,
}

/// How hosts are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Style<'a> {
    /// By their names, and not by their addresses.
    pub names: bool,
    /// As whom the launcher may be started: a host's user is left out where it is all of these, for then launchers assume it.
    pub started_by: &'a [&'a str],
    /// Nothing is left out.
    pub users: bool,
}

/// The entries of these hosts: the one place in which they are put together.
pub fn entries<'a>(hosts: impl IntoIterator<Item = Host<'a>>, style: &Style<'_>) -> Vec<Entry> {
    let of = |host: Host<'_>| {
        let assumed = !style.started_by.is_empty() && style.started_by.iter().all(|user| *user == host.user);
        Entry {
            host: if style.names { host.name.to_owned() } else { host.address.to_string() },
            slots: host.slots,
            user: (style.users || !assumed).then(|| host.user.to_owned()),
        }
    };
    hosts.into_iter().map(of).collect()
}

const HEADER: &str = "# Written by pictl, which will write it again.\n";

/// The machinefile in the dialect of this launcher.
pub fn write(launcher: &dyn Launcher, entries: &[Entry]) -> Result<String, MachinefileError> {
    if entries.is_empty() {
        return Err(MachinefileError::Empty);
    }
    let mut lines = vec![HEADER.to_owned()];
    for (at, entry) in entries.iter().enumerate() {
        check_host(launcher, entry, &entries[..at])?;
        check_user(launcher, entry)?;
        lines.push(launcher.hostfile_line(&entry.host, entry.slots, entry.user.as_deref()) + "\n");
    }
    Ok(lines.concat())
}

fn check_host(launcher: &dyn Launcher, entry: &Entry, before: &[Entry]) -> Result<(), MachinefileError> {
    let host = &entry.host;
    let no = |why, hint| Err(MachinefileError::Host { host: clean(host, 60), family: launcher.family(), why, hint });
    if before.iter().any(|other| other.host == *host) {
        return no("it is listed twice", "give it all its slots in one line");
    }
    if entry.slots == 0 {
        return no("it has no slots", "leave it out");
    }
    if let Some((why, hint)) = launcher.refuses_host(host) {
        return no(why, hint);
    }
    let label = |l: &str| !l.is_empty() && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let is_name = || host.len() <= 253 && !host.starts_with('-') && host.split('.').all(label);
    if host.parse::<IpAddr>().is_ok() || is_name() {
        return Ok(());
    }
    no("it is neither an address nor a host name", "names have letters, digits and -")
}

fn check_user(launcher: &dyn Launcher, entry: &Entry) -> Result<(), MachinefileError> {
    match &entry.user {
        Some(user) if user.len() > MAX_USER || !launcher.accepts_user(user) => {
            Err(MachinefileError::User { user: clean(user, 40), host: entry.host.clone(), family: launcher.family() })
        }
        _ => Ok(()),
    }
}

/// The MPI in whose dialect a machinefile is; `None` when every line is right in all of them.
pub fn family_of(text: &str) -> Option<MpiFamily> {
    let lines = text.lines().filter_map(|line| line.split('#').next()).map(str::trim);
    let mut owners = lines
        .filter(|line| !line.is_empty())
        .filter_map(|line| LAUNCHERS.into_iter().find(|launcher| launcher.is_own_line(line)).map(Launcher::family));
    owners.next()
}

/// A host as a machinefile lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its line, from 1.
    pub line: usize,
    /// Name or address.
    pub name: String,
    /// Its number of slots, where the line says one.
    pub slots: Option<u16>,
    /// The user to log in as, where the line says one.
    pub user: Option<String>,
}

/// Reads a machinefile of either family. A host without a number of slots counts as one slot; a host that stands
/// there twice is two entries.
pub fn parse(text: &str) -> Result<Vec<Entry>, MachinefileError> {
    let entry = |host: Listed| Entry { host: host.name, slots: host.slots.unwrap_or(1), user: host.user };
    Ok(hosts(text)?.into_iter().map(entry).collect())
}

/// Reads a machinefile of either family, line by line.
pub fn hosts(text: &str) -> Result<Vec<Listed>, MachinefileError> {
    let mut hosts = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default();
        let line = line.split("//").next().unwrap_or_default().replace('=', " = ");
        let mut words = line.split_ascii_whitespace().peekable();
        if let Some(host) = words.next() {
            hosts.push(host_of(at + 1, host, words).map_err(|why| MachinefileError::Line { line: at + 1, why })?);
        }
    }
    Ok(hosts)
}

fn host_of<'a>(line: usize, host: &str, words: impl Iterator<Item = &'a str>) -> Result<Listed, &'static str> {
    if host.starts_with(['^', '+']) {
        return Err("exclusions and relative hosts are not supported");
    }
    let (mut user, host) = match host.split_once('@') {
        Some((user, host)) => (Some(user.to_owned()), host),
        None => (None, host),
    };
    let number = |text: &str| text.parse::<u16>().ok().filter(|&n| n > 0).ok_or("the number of slots is 1 to 65535");
    let (host, mut slots) = match host.rsplit_once(':') {
        Some((name, count)) if host.parse::<Ipv6Addr>().is_err() => (name, Some(number(count)?)),
        _ => (host, None),
    };
    if host.is_empty() || host.starts_with('-') {
        return Err("a host is expected first");
    }
    let mut words = words.peekable();
    while let Some(key) = words.next() {
        let value = words.next_if_eq(&"=").and_then(|_| words.next()).ok_or("key=value is expected after the host")?;
        match key {
            "slots" | "cpu" | "count" => slots = Some(number(value)?),
            "user" | "username" => user = Some(value.to_owned()),
            // The rest (max_slots, port, binding) does not say who takes part.
            _ => {}
        }
    }
    Ok(Listed { line, name: host.to_owned(), slots, user })
}

#[cfg(test)]
mod tests {
    use MpiFamily::{Mpich, OpenMpi};
    use proptest::prelude::*;

    use super::*;
    use crate::launcher;

    fn write(family: MpiFamily, entries: &[Entry]) -> Result<String, MachinefileError> {
        super::write(launcher::of_family(family), entries)
    }

    fn entry(host: &str, slots: u16, user: &str) -> Entry {
        Entry { host: host.into(), slots, user: (!user.is_empty()).then(|| user.into()) }
    }

    #[test]
    fn a_written_machinefile_shows_its_mpi() {
        let entries = [entry("10.0.0.31", 4, "pi"), entry("pi02", 2, "")];
        for family in [OpenMpi, Mpich] {
            assert_eq!(family_of(&write(family, &entries).expect("written")), Some(family));
        }
        assert_eq!(family_of("# pi01:4\npi01\n\npi02 # slots=2\n"), None);
        assert_eq!(family_of("fe80::1\n"), None);
    }

    #[test]
    fn a_user_is_left_out_where_every_launcher_assumes_it() {
        let address = IpAddr::from([10, 0, 0, 31]);
        let host = |user| Host { name: "pi01", address, slots: 4, user };
        let user_of = |user, started_by: &[&str], users| {
            let style = Style { names: false, started_by, users };
            entries([host(user)], &style).remove(0).user
        };
        assert_eq!(user_of("pi", &["pi"], false), None, "on the head");
        assert_eq!(user_of("ada", &["pi"], false), Some("ada".to_owned()));
        assert_eq!(user_of("pi", &["pi", "me"], false), Some("pi".to_owned()), "on the head or an outside master");
        assert_eq!(user_of("pi", &[], false), Some("pi".to_owned()), "nobody knows where");
        assert_eq!(user_of("pi", &["pi"], true), Some("pi".to_owned()));
        let named = |names| entries([host("pi")], &Style { names, ..Style::default() }).remove(0).host;
        assert_eq!((named(true), named(false)), ("pi01".to_owned(), "10.0.0.31".to_owned()));
    }

    #[test]
    fn each_family_gets_its_own_dialect() {
        let entries = [entry("10.0.0.31", 4, "pi"), entry("pi02", 1, "")];
        assert_eq!(write(OpenMpi, &entries), Ok(format!("{HEADER}pi@10.0.0.31 slots=4\npi02 slots=1\n")));
        assert_eq!(write(Mpich, &entries), Ok(format!("{HEADER}10.0.0.31:4 user=pi\npi02:1\n")));
    }

    #[test]
    fn what_a_launcher_would_misread_is_refused() {
        for (family, bad) in [
            (OpenMpi, entry("pi02.local", 1, "")),
            (OpenMpi, entry("pi 2", 1, "")),
            (OpenMpi, entry("pi02", 0, "")),
            (OpenMpi, entry("-oProxyCommand", 1, "")),
            (OpenMpi, entry("pi02\nx", 1, "")),
            (OpenMpi, entry("pi02", 1, "first.last")),
            (OpenMpi, entry("pi02", 1, "_x")),
            (OpenMpi, entry("pi02", 1, "a b")),
            (OpenMpi, entry("fd00::1", 1, "")),
            (Mpich, entry("fe80::1", 1, "")),
            (Mpich, entry("pi02", 1, "-x")),
            (Mpich, entry("pi02:3", 1, "")),
        ] {
            assert!(write(family, std::slice::from_ref(&bad)).is_err(), "{family} {bad:?}");
        }
        assert!(write(Mpich, &[entry("pi02.local", 1, "first.last")]).is_ok());
        assert!(write(OpenMpi, &[entry("pi01", 1, ""), entry("pi01", 1, "")]).is_err());
        assert_eq!(write(OpenMpi, &[]), Err(MachinefileError::Empty));
    }

    #[test]
    fn both_dialects_are_read() {
        let text = "# all\r\npi@10.0.0.31 slots=4 max_slots = 8 // fast\r\n\npi02:3 user=ada\nfe80::1\npi03 cpu = 2\n";
        let expected =
            [entry("10.0.0.31", 4, "pi"), entry("pi02", 3, "ada"), entry("fe80::1", 1, ""), entry("pi03", 2, "")];
        assert_eq!(parse(text).as_deref(), Ok(expected.as_slice()));
        for bad in ["^pi01", "+n2", "pi01 slots", "pi01 slots=0", "pi01 slots=many", "pi01:x", "pi01 junk", "@", ":3"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            hosts in prop::collection::btree_map("pi[0-9]{1,3}|10\\.0\\.0\\.[1-9]", 1u16..100, 1..20),
            user in prop::option::of("[a-z][a-z0-9_-]{0,8}"),
        ) {
            let entry = |(host, slots)| Entry { host, slots, user: user.clone() };
            let entries: Vec<Entry> = hosts.into_iter().map(entry).collect();
            for family in [OpenMpi, Mpich] {
                let text = write(family, &entries).expect("written");
                let read = parse(&text);
                prop_assert_eq!(read.as_ref(), Ok(&entries));
            }
        }

        #[test]
        fn garbage_never_panics(text in any::<String>()) {
            let _ = parse(&text);
        }
    }
}
