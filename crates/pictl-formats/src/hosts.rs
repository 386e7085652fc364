//! `/etc/hosts` of a node.

use std::net::IpAddr;

use pictl_model::ids::HostName;

use crate::blocks::{self, BlockError};

/// The new `/etc/hosts` of a node: `text` with
///
/// * the cluster's block of `address<TAB>name` lines for `names`,
/// * no name elsewhere that contradicts the block (see [`contradictions`]),
/// * no loopback address for the node's own name, neither the present one (`own.0`) nor the wanted one (`own.1`),
///   with or without a domain: the `127.0.1.1` line that Debian writes makes MPI's processes look for each other on
///   the wrong machine,
/// * a line `127.0.0.1 localhost`, put first when it was missing.
///
/// All other lines stay byte for byte.
pub fn desired(
    text: &str,
    cluster: &str,
    names: &[(IpAddr, HostName)],
    own: (&str, &HostName),
) -> Result<String, BlockError> {
    let body: Vec<String> = names.iter().map(|(address, name)| format!("{address}\t{name}\n")).collect();
    // The cluster's own block is written as a whole, so it is of no interest what it holds now. Its place stays.
    let empty = match blocks::get(text, cluster)? {
        Some(_) => blocks::upsert(text, cluster, "")?,
        None => text.to_owned(),
    };
    let foreign: String = empty.split_inclusive('\n').filter_map(|line| repaired(line, names, own)).collect();
    let mut lines = blocks::upsert(&foreign, cluster, &body.concat())?;
    let has_localhost = lines
        .lines()
        .filter_map(fields)
        .any(|(address, mut names)| address == "127.0.0.1" && names.any(|name| name == "localhost"));
    if !has_localhost {
        lines.insert_str(0, "127.0.0.1\tlocalhost\n");
    }
    Ok(lines)
}

/// A line that leads a name of the cluster to another address than the cluster's block does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// The line's number, from 1.
    pub line: usize,
    /// The name, as the cluster writes it.
    pub name: HostName,
    /// Where the line leads it.
    pub address: IpAddr,
}

/// What contradicts the cluster's block: every other line that gives one of `names` another address, whatever its family and
/// whether it stands above or below, also in the block of another cluster. The system's resolver merges all lines of a name,
/// so each of them can decide where a login ends. Lines with the same address as the block's are no contradiction, nor are other
/// names of a node.
pub fn contradictions(text: &str, cluster: &str, names: &[(IpAddr, HostName)]) -> Vec<Contradiction> {
    let own = blocks::lines_of(text, cluster);
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate().filter(|(at, _)| !own.contains(at)) {
        let Some((address, of_line)) = fields(line) else { continue };
        let Some(address) = resolved(address) else { continue };
        for (right, name) in names {
            if address != right.to_canonical() && of_line.clone().any(|word| is_same(word, name.as_str())) {
                found.push(Contradiction { line: at + 1, name: name.clone(), address });
            }
        }
    }
    found
}

/// Address and names of a line, if it has any.
fn fields(line: &str) -> Option<(&str, impl Iterator<Item = &str> + Clone)> {
    let mut fields = line.split('#').next()?.split_ascii_whitespace();
    Some((fields.next()?, fields))
}

/// The address that a line means; an IPv6 address can end in a zone. Other lines mean nothing to the system's resolver.
fn resolved(address: &str) -> Option<IpAddr> {
    let address = address.split_once('%').map_or(address, |(address, _)| address);
    address.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

/// Names of hosts have no case, and a final dot changes nothing.
fn is_same(word: &str, name: &str) -> bool {
    word.strip_suffix('.').unwrap_or(word).eq_ignore_ascii_case(name)
}

fn label(word: &str) -> &str {
    word.split('.').next().unwrap_or(word)
}

/// The line without the names that have no place on it; `None` when no name is left.
fn repaired(line: &str, names: &[(IpAddr, HostName)], own: (&str, &HostName)) -> Option<String> {
    let Some((text, of_line)) = fields(line) else { return Some(line.to_owned()) };
    let Some(address) = resolved(text) else { return Some(line.to_owned()) };
    let elsewhere = |name: &str| {
        names.iter().any(|(right, member)| right.to_canonical() != address && is_same(name, member.as_str()))
    };
    // With a domain, a member's name can be that of another host; not so on a loopback address or beside the name itself.
    let misplaced: Vec<&str> = of_line.clone().filter(|name| elsewhere(name)).collect();
    let is_wrong = |name: &str| {
        let of_own = is_same(label(name), own.0) || is_same(label(name), own.1.as_str());
        elsewhere(name)
            || misplaced.iter().any(|wrong| is_same(label(name), label(wrong)))
            || (address.is_loopback() && !is_localhost(name) && (of_own || elsewhere(label(name))))
            || (is_same(name, "localhost") && !address.is_loopback())
    };
    let (gone, left): (Vec<&str>, Vec<&str>) = of_line.partition(|name| is_wrong(name));
    if gone.is_empty() {
        return Some(line.to_owned());
    }
    let comment = line.trim_end().split_once('#').map(|(_, text)| format!(" #{text}")).unwrap_or_default();
    let end = if line.ends_with('\n') { "\n" } else { "" };
    (!left.is_empty()).then(|| format!("{text}\t{}{comment}{end}", left.join(" ")))
}

fn is_localhost(name: &str) -> bool {
    is_same(label(name), "localhost")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(text: &str) -> HostName {
        text.parse().expect("a host name")
    }

    fn members() -> [(IpAddr, HostName); 2] {
        [([10, 0, 0, 1].into(), name("pi01")), ([10, 0, 0, 2].into(), name("pi02"))]
    }

    fn after(text: &str, current: &str) -> String {
        desired(text, "lab", &members(), (current, &name("pi01"))).expect("hosts")
    }

    const BLOCK: &str = "# >>> pictl lab >>>\n10.0.0.1\tpi01\n10.0.0.2\tpi02\n# <<< pictl lab <<<\n";

    #[test]
    fn debians_file_loses_its_own_name_and_gains_the_block() {
        let text = "127.0.0.1\tlocalhost\n::1\t\tlocalhost ip6-localhost\n\n127.0.1.1\traspberrypi\n";
        let expected = format!("127.0.0.1\tlocalhost\n::1\t\tlocalhost ip6-localhost\n\n{BLOCK}");
        assert_eq!(after(text, "raspberrypi"), expected);
    }

    /// A line of others, and what is left of it.
    const LINES: &[(&str, &str)] = &[
        // The own name on a loopback address, as Debian writes it.
        ("127.0.1.1 pi01", ""),
        ("127.0.1.1 raspberrypi.local raspberrypi", ""),
        ("127.0.1.1 PI01.lan  other # mine", "127.0.1.1\tother # mine\n"),
        ("127.0.1.1 pi010 pi1", "127.0.1.1 pi010 pi1\n"),
        ("127.0.1.1 otherhost", "127.0.1.1 otherhost\n"),
        ("::1 localhost pi01", "::1\tlocalhost\n"),
        // A member's name with another address, of any kind.
        ("127.0.1.2 pi02", ""),
        ("127.0.1.1 pi02", ""),
        ("127.0.1.1 pi02.local", ""),
        ("192.168.1.5 pi01", ""),
        ("10.0.0.3 pi02 # old", ""),
        ("10.0.0.3 PI02.", ""),
        ("10.0.0.3 printer pi02 nas", "10.0.0.3\tprinter nas\n"),
        ("10.0.0.3 pi02.lan pi02", ""),
        ("10.0.0.1 pi02", ""),
        ("10.0.0.1 pi01 pi02 head", "10.0.0.1\tpi01 head\n"),
        ("::1 pi02", ""),
        ("fe80::1%eth0 pi02", ""),
        ("2001:db8::2 ip6host pi02", "2001:db8::2\tip6host\n"),
        ("10.0.0.9 localhost", ""),
        // What does not contradict the block stays.
        ("10.0.0.2 pi02", "10.0.0.2 pi02\n"),
        ("::ffff:10.0.0.2 pi02", "::ffff:10.0.0.2 pi02\n"),
        ("10.0.0.2\tpi02.lan  pi02 storage # mine", "10.0.0.2\tpi02.lan  pi02 storage # mine\n"),
        ("10.0.0.2 raspberrypi", "10.0.0.2 raspberrypi\n"),
        ("10.0.0.3 pi02.elsewhere.org", "10.0.0.3 pi02.elsewhere.org\n"),
        ("10.0.0.3 pi020", "10.0.0.3 pi020\n"),
        ("# 127.0.1.1 pi01", "# 127.0.1.1 pi01\n"),
        ("10.0.0.3 # pi02", "10.0.0.3 # pi02\n"),
        ("10.0.0.300 pi02", "10.0.0.300 pi02\n"),
        ("pi02 10.0.0.3", "pi02 10.0.0.3\n"),
    ];

    #[test]
    fn names_go_that_contradict_the_block_and_nothing_else() {
        for (line, left) in LINES {
            let text = format!("127.0.0.1 localhost\n{line}\n");
            assert_eq!(after(&text, "raspberrypi"), format!("127.0.0.1 localhost\n{left}{BLOCK}"), "{line}");
            // Below the block they are as wrong.
            let text = format!("127.0.0.1 localhost\n{BLOCK}{line}\n");
            assert_eq!(after(&text, "raspberrypi"), format!("127.0.0.1 localhost\n{BLOCK}{left}"), "below: {line}");
            // Duplicates go with them.
            let text = format!("127.0.0.1 localhost\n{line}\n{line}\n");
            assert_eq!(
                after(&text, "raspberrypi"),
                format!("127.0.0.1 localhost\n{left}{left}{BLOCK}"),
                "twice: {line}"
            );
        }
    }

    #[test]
    fn another_clusters_block_does_not_contradict_either() {
        let other = "# >>> pictl old >>>\n10.0.0.7\tpi02\n10.0.0.8\tnas\n# <<< pictl old <<<\n";
        let text = format!("127.0.0.1 localhost\n{other}");
        let left = other.replace("10.0.0.7\tpi02\n", "");
        assert_eq!(after(&text, "pi01"), format!("127.0.0.1 localhost\n{left}{BLOCK}"));
    }

    #[test]
    fn contradictions_are_found_with_line_name_and_address() {
        let found = |text: &str| -> Vec<(usize, String, String)> {
            let all = contradictions(text, "lab", &members());
            all.into_iter().map(|c| (c.line, c.name.to_string(), c.address.to_string())).collect()
        };
        let text = format!("127.0.0.1 localhost\n127.0.1.2 x PI02\n{BLOCK}::1 pi01 pi02\n10.0.0.2 pi02\n");
        let expected = [(2, "pi02", "127.0.1.2"), (7, "pi01", "::1"), (7, "pi02", "::1")];
        assert_eq!(found(&text), expected.map(|(line, name, at)| (line, name.to_owned(), at.to_owned())));
        assert_eq!(found(&after(&text, "pi01")), []);
        // What the block itself says of an earlier time is not of others.
        assert_eq!(found("# >>> pictl lab >>>\n10.0.0.9\tpi02\n# <<< pictl lab <<<\n"), []);
    }

    #[test]
    fn localhost_stays_and_is_put_in_when_missing() {
        assert_eq!(after("", "x"), format!("127.0.0.1\tlocalhost\n{BLOCK}"));
        assert_eq!(after("127.0.0.1 localhost pi01\n", "localhost"), format!("127.0.0.1\tlocalhost\n{BLOCK}"));
    }

    proptest! {
        #[test]
        fn a_second_time_changes_nothing_and_nothing_contradicts(
            text in "((127.0.[01].1|10.0.0.[12]|::1|#|)[ \t]((pi0[12]|localhost|x.y|pi02.y)[ \t]?){0,3}(#c)?\r?\n?){0,6}",
        ) {
            let once = after(&text, "raspberrypi");
            prop_assert_eq!(contradictions(&once, "lab", &members()), []);
            prop_assert_eq!(after(&once, "raspberrypi"), once);
        }
    }
}
