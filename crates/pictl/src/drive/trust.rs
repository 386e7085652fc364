//! Questions about host keys: unknown ones in one table, changed ones one by one.

use pictl_model::NodeId;
use pictl_model::trust::{Fingerprint, TrustRow};
use pictl_model::world::World;

/// Shows a question and returns the line that is typed; `None` at the end of the input.
pub(super) type Ask<'a> = dyn FnMut(&str) -> Option<String> + 'a;

/// A host key to decide on.
struct Offered {
    name: String,
    row: TrustRow,
    /// Other nodes with the same key.
    same_as: Vec<String>,
}

/// All host keys to decide on.
pub(super) struct Offers {
    /// Unknown keys.
    fresh: Vec<Offered>,
    /// Keys that differ from the trusted one.
    changed: Vec<Offered>,
    art: bool,
}

/// What the user answered.
#[derive(Debug, PartialEq, Eq)]
enum Reply {
    Yes,
    No,
    Fingerprint(Fingerprint),
    Unclear,
}

impl Reply {
    /// A fingerprint can stand in a longer line, as `ssh-keygen -lf` prints it. An empty line is a no.
    fn of(line: &str) -> Self {
        let line = line.trim();
        match line.to_ascii_lowercase().as_str() {
            "y" | "yes" => Self::Yes,
            "" | "n" | "no" => Self::No,
            _ => line
                .split_whitespace()
                .find(|part| part.starts_with("SHA256:"))
                .map_or(Self::Unclear, |print| Self::Fingerprint(Fingerprint(print.to_owned()))),
        }
    }
}

impl Offers {
    /// `rows` with the names of `world`; `art`: with random art.
    pub(super) fn new(world: &World, rows: &[TrustRow], art: bool) -> Self {
        let offered = |row: &TrustRow| Offered {
            name: world.name_of(&row.node),
            row: row.clone(),
            same_as: row.same_as.iter().map(|n| world.name_of(n)).collect(),
        };
        let (changed, fresh) = rows.iter().map(offered).partition(|o: &Offered| o.row.before.is_some());
        Self { fresh, changed, art }
    }

    /// Shows all keys where nobody can be asked.
    pub(super) fn show(&self, say: &mut dyn FnMut(&str)) {
        self.show_fresh(say);
        for offered in &self.changed {
            self.show_changed(offered, say);
        }
        say("nobody can be asked here, without a terminal, whether these keys are right; none of them is trusted");
        if !self.fresh.is_empty() {
            say(
                "-> compare them with what the nodes print on their own consoles, then run this in a terminal, or with --trust new",
            );
        }
        if !self.changed.is_empty() {
            say(
                "-> if you reflashed that SD card, run this in a terminal, or forget the old key with `pictl nodes remove`",
            );
        }
    }

    /// Asks about all keys; returns the nodes whose keys are trusted.
    pub(super) fn ask(&self, say: &mut dyn FnMut(&str), ask: &mut Ask<'_>) -> Vec<NodeId> {
        let mut trusted = Vec::new();
        if !self.fresh.is_empty() {
            self.show_fresh(say);
            let which = if self.fresh.len() == 1 { "trust it? It is" } else { "trust them all? They are" };
            let question = format!("{which} saved and compared from now on [y/N/fingerprint] ");
            trusted.extend(decide(self.fresh.iter().collect(), &question, say, ask));
        }
        for offered in &self.changed {
            self.show_changed(offered, say);
            let question = format!("trust the new key of {}? [y/N/fingerprint] ", offered.name);
            trusted.extend(decide(vec![offered], &question, say, ask));
        }
        trusted
    }

    fn show_fresh(&self, say: &mut dyn FnMut(&str)) {
        if self.fresh.is_empty() {
            return;
        }
        say("unknown host keys:");
        for Offered { name, row, same_as } in &self.fresh {
            let twice = if same_as.is_empty() {
                String::new()
            } else {
                format!("  (the same key as {}: cloned SD cards?)", same_as.join(", "))
            };
            let address = row.address.to_string();
            let name = if *name == address { "" } else { name };
            say(&format!("  {address:<16} {name:<8} {:<20} {}{twice}", row.key.algorithm, row.fingerprint));
            self.show_art(row, say);
        }
    }

    fn show_changed(&self, Offered { name, row, .. }: &Offered, say: &mut dyn FnMut(&str)) {
        let mac = row.mac.map(|mac| format!(", MAC {mac}")).unwrap_or_default();
        say(&format!("{name} ({}{mac}) has the same network interface as before, but another host key:", row.address));
        if let Some(before) = &row.before {
            say(&format!("  before  {before}"));
        }
        say(&format!("  now     {} ({})", row.fingerprint, row.key.algorithm));
        self.show_art(row, say);
        say("  This happens when an SD card is reflashed, and also when an attacker uses that MAC address.");
    }

    fn show_art(&self, row: &TrustRow, say: &mut dyn FnMut(&str)) {
        if self.art {
            row.art.lines().for_each(|line| say(&format!("    {line}")));
        }
    }
}

/// Asks until all of `open` are decided on: `y` trusts all that are left, a fingerprint those that have it.
fn decide(mut open: Vec<&Offered>, question: &str, say: &mut dyn FnMut(&str), ask: &mut Ask<'_>) -> Vec<NodeId> {
    let mut trusted: Vec<&Offered> = Vec::new();
    while !open.is_empty() {
        match ask(question).as_deref().map_or(Reply::No, Reply::of) {
            Reply::Yes => trusted.append(&mut open),
            Reply::No => break,
            Reply::Unclear => say("type y, n, or a fingerprint (SHA256:…) that you know to be right"),
            Reply::Fingerprint(known) => {
                let (same, rest): (Vec<_>, Vec<_>) = open.into_iter().partition(|o| o.row.fingerprint == known);
                open = rest;
                let names: Vec<_> = same.iter().map(|o| o.name.as_str()).collect();
                match (names.is_empty(), open.len()) {
                    (true, _) => say("no key here has that fingerprint: do not trust these keys before you know why"),
                    (false, 0) => say(&format!("{}: that is the key", names.join(", "))),
                    (false, left) => say(&format!("{}: that is the key; {left} left", names.join(", "))),
                }
                trusted.extend(same);
            }
        }
    }
    trusted.into_iter().map(|o| o.row.node.clone()).collect()
}

#[cfg(test)]
mod tests {
    use pictl_model::trust::HostKey;

    use super::*;

    const OLD: &str = "SHA256:oldoldoldoldoldoldoldoldoldoldoldoldoldoldo";

    fn fingerprint(n: u8) -> String {
        format!("SHA256:{}", char::from(b'a' + n).to_string().repeat(43))
    }

    fn row(n: u8, before: bool) -> TrustRow {
        TrustRow {
            node: NodeId::from_address([10, 0, 0, n].into(), 22),
            address: [10, 0, 0, n].into(),
            mac: None,
            key: HostKey { algorithm: "ssh-ed25519".into(), base64: String::new() },
            fingerprint: Fingerprint(fingerprint(n)),
            same_as: Vec::new(),
            before: before.then(|| Fingerprint(OLD.into())),
            art: "+--[ED25519 256]--+".into(),
        }
    }

    /// Who is trusted (by the last number of the address) and what was shown, after these lines were typed.
    fn answered(rows: &[TrustRow], art: bool, typed: &[&str]) -> (Vec<u8>, String) {
        let mut typed = typed.iter();
        let (mut shown, mut questions) = (String::new(), String::new());
        let trusted =
            Offers::new(&World::default(), rows, art).ask(&mut |line| shown.extend([line, "\n"]), &mut |question| {
                questions.extend([question, "\n"]);
                typed.next().map(|line| (*line).to_owned())
            });
        assert_eq!(typed.next(), None, "more was typed than asked\n{shown}{questions}");
        let numbers = trusted.iter().map(|id| rows.iter().find(|r| r.node == *id).expect("a row"));
        let number = |row: &TrustRow| row.address.to_string().rsplit('.').next().and_then(|n| n.parse().ok());
        (numbers.map(|row| number(row).expect("a number")).collect(), shown + &questions)
    }

    #[test]
    fn only_a_clear_yes_is_a_yes() {
        let rows = [row(1, false), row(2, false)];
        for (typed, trusted) in [("y", vec![1, 2]), (" YES ", vec![1, 2]), ("n", vec![]), ("", vec![]), ("No", vec![])]
        {
            assert_eq!(answered(&rows, false, &[typed]).0, trusted, "{typed:?}");
        }
        assert_eq!(answered(&rows, false, &[]).0, [0; 0], "the terminal is gone");
        let (trusted, shown) = answered(&rows, false, &["yy", "ok", "n"]);
        assert_eq!(trusted, [0; 0]);
        assert_eq!(shown.matches("that you know to be right").count(), 2, "{shown}");
    }

    #[test]
    fn a_fingerprint_takes_the_nodes_that_have_it() {
        let rows =
            [row(1, false), row(2, false), TrustRow { fingerprint: Fingerprint(fingerprint(1)), ..row(3, false) }];
        let pasted = format!("256 {} root@raspberrypi (ED25519)", fingerprint(1));
        let (trusted, shown) = answered(&rows, false, &[&pasted, "n"]);
        assert_eq!(trusted, [1, 3]);
        assert!(shown.contains("that is the key; 1 left"), "{shown}");
        assert_eq!(answered(&rows, false, &[&fingerprint(2), &fingerprint(1)]).0, [2, 1, 3]);
        let (trusted, shown) = answered(&rows, false, &[&fingerprint(9), "n"]);
        assert_eq!(trusted, [0; 0]);
        assert!(shown.contains("before you know why"), "{shown}");
    }

    #[test]
    fn a_key_in_the_place_of_another_is_asked_about_by_itself() {
        let rows = [row(1, true), row(2, false), row(3, true)];
        assert_eq!(answered(&rows, false, &["y", "n", "y"]).0, [2, 3]);
        let (trusted, shown) = answered(&rows, false, &["y", &fingerprint(2), "n", ""]);
        assert_eq!(trusted, [2], "the fingerprint of another node is no answer\n{shown}");
        assert_eq!(shown.matches(OLD).count(), 2, "{shown}");
        assert!(shown.contains("trust the new key of 10.0.0.1?"), "{shown}");
    }

    #[test]
    fn random_art_is_shown_on_request() {
        let rows = [row(1, false), row(2, true)];
        assert_eq!(answered(&rows, true, &["n", "n"]).1.matches("+--[ED25519 256]--+").count(), 2);
        assert!(!answered(&rows, false, &["n", "n"]).1.contains("+--["));
    }

    #[test]
    fn where_nobody_can_be_asked_everything_is_shown_with_what_to_do() {
        let mut shown = String::new();
        let rows = [row(1, false), row(2, true)];
        Offers::new(&World::default(), &rows, false).show(&mut |line| shown.extend([line, "\n"]));
        for part in [&fingerprint(1), &fingerprint(2), OLD, "nobody can be asked", "--trust new", "pictl nodes remove"]
        {
            assert!(shown.contains(part), "{part}\n{shown}");
        }
    }
}
