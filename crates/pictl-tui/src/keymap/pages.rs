//! The table as documentation and as a sample file.

use std::fmt::Write as _;

use super::{Keymap, Mode, TABLE};

/// The table of keys for the documentation, in Markdown.
pub fn keymap_markdown() -> String {
    let keymap = Keymap::default();
    let mut out = String::new();
    for mode in Mode::ALL {
        let _ = writeln!(out, "### {}\n\n| keys | name | what it does |\n|---|---|---|", mode.title());
        for entry in TABLE.iter().filter(|e| e.mode == mode) {
            let keys: Vec<_> = keymap.of(mode, entry.command).iter().map(|k| format!("`{k}`")).collect();
            let _ = writeln!(out, "| {} | `{}.{}` | {} |", keys.join(" "), mode.word(), entry.name, entry.text);
        }
        out.push('\n');
    }
    out
}

/// The default keymap as a commented TOML text: what `config/keymap.toml` holds.
pub fn keymap_toml() -> String {
    let mut out = String::from(
        "# The keys of the dashboard. This file holds the defaults; copy what you want to change.\n\
         # A key is a character or one of: enter esc space tab shift-tab backspace delete up down left right\n\
         # home end pageup pagedown f1 … f12; ctrl- and alt- stand before it.\n",
    );
    for mode in Mode::ALL {
        let _ = write!(out, "\n# {}\n[{}]\n", mode.title(), mode.word());
        for entry in TABLE.iter().filter(|e| e.mode == mode) {
            let keys: Vec<_> = entry.keys.iter().map(|k| format!("{k:?}")).collect();
            let _ = writeln!(out, "{} = [{}] # {}", entry.name, keys.join(", "), entry.text);
        }
    }
    out
}
