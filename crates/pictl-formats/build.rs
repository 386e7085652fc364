//! Packs the IEEE's registries of MAC address prefixes, as the crate `oui-data` has them, into the table that
//! `src/makers.rs` reads. Linked directly, that crate costs every start of the program 7 ms and 9 MB: its map
//! consists of pointers, which the loader has to correct one by one (docs/design/dependencies.md).

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs, io};

/// Entries without a maker: blocks that are split further, and makers that keep their name private.
const NOBODY: [&str; 2] = ["IEEE Registration Authority", "Private"];

fn main() -> io::Result<()> {
    let mut entries = Vec::new();
    for (digits, record) in oui_data::OUI_ENTRIES.entries() {
        let prefix = u64::from_str_radix(digits, 16).map_err(io::Error::other)? << (36 - 4 * digits.len());
        // Made-up addresses have no maker, whatever some old blocks say.
        let local = prefix >> 28 & 0b10 != 0;
        let name: String = record.organization().split_whitespace().collect::<Vec<_>>().join(" ");
        if !local && !NOBODY.contains(&name.as_str()) {
            entries.push((prefix << 4 | digits.len() as u64, name));
        }
    }
    entries.sort();

    let (mut names, mut places, mut table) = (String::new(), BTreeMap::new(), Vec::new());
    for (key, name) in entries {
        let place = *places.entry(name).or_insert_with_key(|name| {
            let place = names.len() as u64;
            names.push_str(name);
            names.push('\n');
            place
        });
        table.extend((key << 24 | place).to_be_bytes());
    }
    assert!(names.len() < 1 << 24, "the place of a name has 24 bits");

    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    fs::write(Path::new(&out).join("makers.table"), table)?;
    fs::write(Path::new(&out).join("makers.names"), names)?;
    println!("cargo::rerun-if-changed=build.rs");
    Ok(())
}
