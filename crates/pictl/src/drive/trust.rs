//! Host keys are shown and asked about: those never seen in one table, those in the place of another one by one.

use pictl_model::NodeId;
use pictl_model::trust::{Fingerprint, TrustRow};
use pictl_model::world::World;

/// Shows a question and gives the line that is typed; `None` when there is none to come.
pub(super) type Ask<'a> = dyn FnMut(&str) -> Option<String> + 'a;

/// A key that is asked about.
struct Offered {
    name: String,
    row: TrustRow,
    /// Who else has this key.
    twins: Vec<String>,
}

/// All keys that are asked about.
pub(super) struct Offers {
    /// Of hosts never seen.
    fresh: Vec<Offered>,
    /// In the place of a key that was trusted so far.
    anew: Vec<Offered>,
    art: bool,
}

/// What a line says.
#[derive(Debug, PartialEq, Eq)]
enum Reply {
    Yes,
    No,
    Fingerprint(Fingerprint),
    Unclear,
}

impl Reply {
    /// A fingerprint may stand among other words, as `ssh-keygen -lf` prints it. An empty line is a no.
    fn of(line: &str) -> Self {
        let line = line.trim();
        match line.to_ascii_lowercase().as_str() {
            "y" | "yes" => Self::Yes,
            "" | "n" | "no" => Self::No,
            _ => line
                .split_whitespace()
                .find(|word| word.starts_with("SHA256:"))
                .map_or(Self::Unclear, |word| Self::Fingerprint(Fingerprint(word.to_owned()))),
        }
    }
}

impl Offers {
    /// `rows` in the words of `world`; `art`: with their random art.
    pub(super) fn new(world: &World, rows: &[TrustRow], art: bool) -> Self {
        let offered = |row: &TrustRow| Offered {
            name: world.name_of(&row.node),
            row: row.clone(),
            twins: row.same_as.iter().map(|n| world.name_of(n)).collect(),
        };
        let (anew, fresh) = rows.iter().map(offered).partition(|o: &Offered| o.row.before.is_some());
        Self { fresh, anew, art }
    }

    /// Shows all of them where nobody can be asked.
    pub(super) fn show(&self, tell: &mut dyn FnMut(&str)) {
        self.show_fresh(tell);
        for offered in &self.anew {
            self.show_anew(offered, tell);
        }
        tell("nobody can be asked here whether these are the right keys; none of them is trusted");
        if !self.fresh.is_empty() {
            tell(
                "-> compare them with what the nodes' own consoles print, then run it at a terminal, or with --trust new",
            );
        }
        if !self.anew.is_empty() {
            tell("-> if you wrote that card anew, run it at a terminal, or forget the old key by `pictl nodes remove`");
        }
    }

    /// Asks about them; the nodes whose keys are trusted.
    pub(super) fn ask(&self, tell: &mut dyn FnMut(&str), ask: &mut Ask<'_>) -> Vec<NodeId> {
        let mut trusted = Vec::new();
        if !self.fresh.is_empty() {
            self.show_fresh(tell);
            let which = if self.fresh.len() == 1 { "trust it? It is" } else { "trust them all? They are" };
            let question = format!("{which} kept and compared from now on [y/N/fingerprint] ");
            trusted.extend(decide(self.fresh.iter().collect(), &question, tell, ask));
        }
        for offered in &self.anew {
            self.show_anew(offered, tell);
            let question = format!("trust the new key of {}? [y/N/fingerprint] ", offered.name);
            trusted.extend(decide(vec![offered], &question, tell, ask));
        }
        trusted
    }

    fn show_fresh(&self, tell: &mut dyn FnMut(&str)) {
        if self.fresh.is_empty() {
            return;
        }
        tell("host keys never seen before:");
        for Offered { name, row, twins } in &self.fresh {
            let twice = if twins.is_empty() {
                String::new()
            } else {
                format!("  (the same key as {}: cloned cards?)", twins.join(", "))
            };
            let address = row.address.to_string();
            let name = if *name == address { "" } else { name };
            tell(&format!("  {address:<16} {name:<8} {:<20} {}{twice}", row.key.algorithm, row.fingerprint));
            self.show_art(row, tell);
        }
    }

    fn show_anew(&self, Offered { name, row, .. }: &Offered, tell: &mut dyn FnMut(&str)) {
        let card = row.mac.map(|mac| format!(", network card {mac}")).unwrap_or_default();
        tell(&format!(
            "{name} ({}{card}) is the same network card as before and has another host key now:",
            row.address
        ));
        if let Some(before) = &row.before {
            tell(&format!("  before  {before}"));
        }
        tell(&format!("  now     {} ({})", row.fingerprint, row.key.algorithm));
        self.show_art(row, tell);
        tell(
            "  A card that was written anew looks like this, and so does somebody in between who uses that card's address.",
        );
    }

    fn show_art(&self, row: &TrustRow, tell: &mut dyn FnMut(&str)) {
        if self.art {
            row.art.lines().for_each(|line| tell(&format!("    {line}")));
        }
    }
}

/// Asks until it is clear of every one of `open`: `y` takes all that are left, a fingerprint those that have it.
fn decide(mut open: Vec<&Offered>, question: &str, tell: &mut dyn FnMut(&str), ask: &mut Ask<'_>) -> Vec<NodeId> {
    let mut trusted: Vec<&Offered> = Vec::new();
    while !open.is_empty() {
        match ask(question).as_deref().map_or(Reply::No, Reply::of) {
            Reply::Yes => trusted.append(&mut open),
            Reply::No => break,
            Reply::Unclear => tell("y, n, or a fingerprint (SHA256:…) that you know to be right"),
            Reply::Fingerprint(known) => {
                let (same, rest): (Vec<_>, Vec<_>) = open.into_iter().partition(|o| o.row.fingerprint == known);
                open = rest;
                let names: Vec<_> = same.iter().map(|o| o.name.as_str()).collect();
                match (names.is_empty(), open.len()) {
                    (true, _) => tell("no key here has that fingerprint: do not trust them before you know why"),
                    (false, 0) => tell(&format!("{}: that is the key", names.join(", "))),
                    (false, left) => tell(&format!("{}: that is the key; {left} left", names.join(", "))),
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
        for words in [&fingerprint(1), &fingerprint(2), OLD, "nobody can be asked", "--trust new", "pictl nodes remove"]
        {
            assert!(shown.contains(words), "{words}\n{shown}");
        }
    }
}
