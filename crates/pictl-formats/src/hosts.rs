//! `/etc/hosts` of a node.

use std::net::IpAddr;

use pictl_model::ids::HostName;

use crate::blocks::{self, BlockError};

/// The new `/etc/hosts` of a node: `text` with
///
/// * the cluster's block of `address<TAB>name` lines for `names`,
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
    let foreign: String = text.split_inclusive('\n').filter_map(|line| without_own(line, own)).collect();
    // The block comes after that: the addresses of simulated nodes are loopback ones too.
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

/// Address and names of a line, if it has any.
fn fields(line: &str) -> Option<(&str, impl Iterator<Item = &str>)> {
    let mut fields = line.split('#').next()?.split_ascii_whitespace();
    Some((fields.next()?, fields))
}

/// The line without the own names of the node, if its address is a loopback one; `None` when no name is left.
fn without_own(line: &str, own: (&str, &HostName)) -> Option<String> {
    let Some((address, names)) = fields(line) else { return Some(line.to_owned()) };
    if !address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()) {
        return Some(line.to_owned());
    }
    let is_own = |name: &str| {
        let label = name.split('.').next().unwrap_or(name);
        label != "localhost" && (label.eq_ignore_ascii_case(own.0) || label.eq_ignore_ascii_case(own.1.as_str()))
    };
    let (gone, left): (Vec<&str>, Vec<&str>) = names.partition(|name| is_own(name));
    if gone.is_empty() {
        return Some(line.to_owned());
    }
    let comment = line.trim_end().split_once('#').map(|(_, text)| format!(" #{text}")).unwrap_or_default();
    let end = if line.ends_with('\n') { "\n" } else { "" };
    (!left.is_empty()).then(|| format!("{address}\t{}{comment}{end}", left.join(" ")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(text: &str) -> HostName {
        text.parse().expect("a host name")
    }

    fn after(text: &str, current: &str) -> String {
        let names = [([10, 0, 0, 1].into(), name("pi01")), ([10, 0, 0, 2].into(), name("pi02"))];
        desired(text, "lab", &names, (current, &name("pi01"))).expect("hosts")
    }

    const BLOCK: &str = "# >>> pictl lab >>>\n10.0.0.1\tpi01\n10.0.0.2\tpi02\n# <<< pictl lab <<<\n";

    #[test]
    fn debians_file_loses_its_own_name_and_gains_the_block() {
        let text = "127.0.0.1\tlocalhost\n::1\t\tlocalhost ip6-localhost\n\n127.0.1.1\traspberrypi\n";
        let expected = format!("127.0.0.1\tlocalhost\n::1\t\tlocalhost ip6-localhost\n\n{BLOCK}");
        assert_eq!(after(text, "raspberrypi"), expected);
    }

    #[test]
    fn only_own_names_on_loopback_lines_go() {
        for (line, left) in [
            ("127.0.1.1 pi01", ""),
            ("127.0.1.1 raspberrypi.local raspberrypi", ""),
            ("127.0.1.1 PI01.lan  other # mine", "127.0.1.1\tother # mine\n"),
            ("127.0.1.1 pi010 pi1", "127.0.1.1 pi010 pi1\n"),
            ("127.0.1.1 otherhost", "127.0.1.1 otherhost\n"),
            ("192.168.1.5 pi01", "192.168.1.5 pi01\n"),
            ("::1 localhost pi01", "::1\tlocalhost\n"),
            ("# 127.0.1.1 pi01", "# 127.0.1.1 pi01\n"),
        ] {
            let text = format!("127.0.0.1 localhost\n{line}\n");
            assert_eq!(after(&text, "raspberrypi"), format!("127.0.0.1 localhost\n{left}{BLOCK}"), "{line}");
        }
    }

    #[test]
    fn localhost_stays_and_is_put_in_when_missing() {
        assert_eq!(after("", "x"), format!("127.0.0.1\tlocalhost\n{BLOCK}"));
        assert_eq!(after("127.0.0.1 localhost pi01\n", "localhost"), format!("127.0.0.1\tlocalhost\n{BLOCK}"));
    }

    proptest! {
        #[test]
        fn a_second_time_changes_nothing(text in "((127.0.[01].1|10.0.0.1|#|)[ \t]((pi01|localhost|x.y)[ \t]?){0,3}(#c)?\r?\n?){0,6}") {
            let once = after(&text, "raspberrypi");
            prop_assert_eq!(after(&once, "raspberrypi"), once);
        }
    }
}
