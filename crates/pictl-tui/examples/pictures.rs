//! Writes the README's pictures of the real screens into a folder: `cargo run -p pictl-tui --example pictures -- DIR`.

use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dir = PathBuf::from(std::env::args_os().nth(1).ok_or("name the folder to write into")?);
    std::fs::create_dir_all(&dir)?;
    for (name, svg) in pictl_tui::pictures() {
        std::fs::write(dir.join(name).with_extension("svg"), svg)?;
    }
    Ok(())
}
