//! The operating system of a host according to the identification string of its SSH server (its banner).

use std::fmt;

/// Releases of Debian, and of Raspbian, which follows it, by their OpenSSH version.
const DEBIAN: [(&str, &str, &str); 6] = [
    ("6.7", "8", "jessie"),
    ("7.4", "9", "stretch"),
    ("7.9", "10", "buster"),
    ("8.4", "11", "bullseye"),
    ("9.2", "12", "bookworm"),
    ("10.0", "13", "trixie"),
];

/// Releases of Ubuntu with long-term support by their OpenSSH version, which no earlier release has.
const UBUNTU: [(&str, &str); 6] =
    [("6.6.1", "14.04"), ("7.2", "16.04"), ("7.6", "18.04"), ("8.2", "20.04"), ("8.9", "22.04"), ("9.6", "24.04")];

/// A release of a Linux distribution. Its `Display` form is complete: `Debian 12 (bookworm)`, `Ubuntu 24.04 LTS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Release {
    /// `Debian`, `Raspbian` or `Ubuntu`.
    pub system: &'static str,
    /// The number of the release, and its code name or `LTS`; `None` if the banner does not show it.
    pub number: Option<(&'static str, &'static str)>,
}

impl Release {
    /// Without the code name: `Debian 12`.
    pub fn short(&self) -> String {
        self.number.map_or_else(|| self.system.to_owned(), |(number, _)| format!("{} {number}", self.system))
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.system, self.number) {
            (system, None) => f.write_str(system),
            ("Ubuntu", Some((number, support))) => write!(f, "Ubuntu {number} {support}"),
            (system, Some((number, name))) => write!(f, "{system} {number} ({name})"),
        }
    }
}

/// The software and the comment of a banner such as `SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3`.
fn parts(banner: &str) -> Option<(&str, &str)> {
    let rest = banner.strip_prefix("SSH-2.0-").or_else(|| banner.strip_prefix("SSH-1.99-"))?;
    Some(rest.split_once(' ').unwrap_or((rest, "")))
}

/// The release of Debian, Raspbian or Ubuntu according to a banner.
pub fn release_of_banner(banner: &str) -> Option<Release> {
    let (software, comment) = parts(banner)?;
    let openssh = software.strip_prefix("OpenSSH_").map_or("", |v| v.split('p').next().unwrap_or(v));
    if let Some(system) = ["Debian", "Raspbian"].into_iter().find(|system| comment.starts_with(system)) {
        // Security updates have the release in their number; before the first one only the version of OpenSSH shows it.
        let update = comment.split_once("+deb").and_then(|(_, update)| update.split('u').next());
        let known = DEBIAN.iter().find(|known| update.map_or(known.0 == openssh, |release| known.1 == release));
        return Some(Release { system, number: known.map(|(_, number, name)| (*number, *name)) });
    }
    comment.starts_with("Ubuntu").then(|| {
        let known = UBUNTU.iter().find(|known| known.0 == openssh);
        Release { system: "Ubuntu", number: known.map(|(_, number)| (*number, "LTS")) }
    })
}

/// The operating system according to a banner: a release, or what other servers show of theirs.
pub fn os_of_banner(banner: &str) -> Option<String> {
    if let Some(release) = release_of_banner(banner) {
        return Some(release.to_string());
    }
    let (software, comment) = parts(banner)?;
    let others = [
        (comment, "FreeBSD", "FreeBSD"),
        (comment, "NetBSD", "NetBSD"),
        (software, "OpenSSH_for_Windows", "Windows"),
        (software, "dropbear", "small Linux (Dropbear)"),
        (software, "ROSSSH", "RouterOS"),
        (software, "Cisco", "Cisco IOS"),
    ];
    others.into_iter().find(|(text, begins, _)| text.starts_with(begins)).map(|(_, _, system)| system.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn banners_show_the_release() {
        for (banner, os) in [
            ("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10", Some("Debian 12 (bookworm)")),
            ("SSH-2.0-OpenSSH_9.2p1 Raspbian-2+deb12u3", Some("Raspbian 12 (bookworm)")),
            ("SSH-2.0-OpenSSH_10.0p2 Debian-7", Some("Debian 13 (trixie)")),
            ("SSH-2.0-OpenSSH_8.4p1 Debian-5+deb11u1", Some("Debian 11 (bullseye)")),
            ("SSH-2.0-OpenSSH_9.9p1 Debian-3", Some("Debian")),
            ("SSH-2.0-OpenSSH_7.9p1 Raspbian-10+deb10u2+rpt1", Some("Raspbian 10 (buster)")),
            ("SSH-2.0-OpenSSH_7.4p1 Raspbian-10+deb9u7", Some("Raspbian 9 (stretch)")),
            ("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb99u1", Some("Debian")),
            ("SSH-2.0-OpenSSH_9.6p1 Ubuntu-3ubuntu13.5", Some("Ubuntu 24.04 LTS")),
            ("SSH-2.0-OpenSSH_8.9p1 Ubuntu-3", Some("Ubuntu 22.04 LTS")),
            ("SSH-2.0-OpenSSH_9.3p1 Ubuntu-1ubuntu3", Some("Ubuntu")),
            ("SSH-2.0-OpenSSH_9.8", None),
            ("SSH-2.0-OpenSSH_9.6 FreeBSD-20240701", Some("FreeBSD")),
            ("SSH-2.0-OpenSSH_for_Windows_9.5", Some("Windows")),
            ("SSH-2.0-dropbear_2022.83", Some("small Linux (Dropbear)")),
            ("SSH-1.99-Cisco-1.25", Some("Cisco IOS")),
            ("SSH-2.0-Go", None),
            ("", None),
        ] {
            assert_eq!(os_of_banner(banner).as_deref(), os, "{banner}");
        }
    }
}
