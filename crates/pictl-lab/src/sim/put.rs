//! `put-file` as its script does it, step by step on the virtual file tree.

use pictl_formats::hash::sha256_hex;

use super::FaultKind;
use super::files::{Entry, Files, Kind, ROOT, USER, parent};
use super::shell::{Shell, Status};

const TEMPLATE: &str = ".pictl-XXXXXX"; // mktemp puts letters of chance in the place of each X; its error shows them as they are

/// `put-file PATH MODE SIZE SHA256 EXPECT BACKUP`, content on standard input.
pub(super) async fn put_file(shell: &mut Shell, args: &[String]) -> Status {
    let [path, mode, size, hash, expect, backup] = args else {
        return shell.fail(2, format!("pictl-put-file: 6: {}: parameter not set", args.len() + 1)).await;
    };
    let Ok(size) = size.parse::<usize>() else {
        return shell.fail(1, format!("head: invalid number of bytes: '{size}'")).await;
    };
    let Ok(bits) = u32::from_str_radix(mode, 8) else {
        return shell.fail(1, format!("chmod: invalid mode: '{mode}'")).await;
    };
    let home = shell.home();
    let absolute = |path: &str| match path.strip_prefix("~/") {
        Some(rest) => format!("{home}/{rest}"),
        None if path.starts_with('/') => path.to_owned(),
        None => format!("{home}/{path}"),
    };
    let (path, backup) = (absolute(path), (backup != "-").then(|| absolute(backup)));

    // The script makes its directory and its temporary file before it reads, so errors of these come first.
    if let Err(why) = check(shell, &path) {
        return shell.fail(1, why).await;
    }
    let content = shell.input.read(size).await;
    if shell.cell.has(&FaultKind::DiskFull) {
        return shell.fail(1, "head: error writing 'standard output': No space left on device").await;
    }
    let file = Wanted { path: &path, mode, bits, hash, expect, backup: backup.as_deref(), content };
    match put(shell, file) {
        Ok(sum) => shell.say(format!("sha256 {sum}")).await.map(|()| 0),
        Err((status, why)) => shell.fail(status, why).await,
    }
}

fn may_write(shell: &Shell, dir: &str) -> bool {
    let inside = |top: &str| dir == top || dir.starts_with(&format!("{top}/"));
    shell.root || inside(&shell.home()) || inside("/tmp")
}

fn check(shell: &Shell, path: &str) -> Result<(), String> {
    let state = shell.cell.lock();
    let real = state.files.resolve(path).ok_or_else(|| format!("{path} is a link to nowhere"))?;
    let dir = parent(&real);
    if may_write(shell, dir) {
        Ok(())
    } else if state.files.is_dir(dir) {
        Err(format!("mktemp: failed to create file via template '{real}{TEMPLATE}': Permission denied"))
    } else {
        Err(format!("mkdir: cannot create directory '{dir}': Permission denied"))
    }
}

/// The arguments, and what arrived.
struct Wanted<'a> {
    path: &'a str,
    /// As it was written, and what it means.
    mode: &'a str,
    bits: u32,
    hash: &'a str,
    expect: &'a str,
    backup: Option<&'a str>,
    content: Vec<u8>,
}

fn put(shell: &Shell, wanted: Wanted<'_>) -> Result<String, (u32, String)> {
    let Wanted { path, mode, bits, hash, expect, backup, content } = wanted;
    let mut state = shell.cell.lock();
    let files = &mut state.files;
    let me = if shell.root { ROOT } else { USER };
    // What root makes belongs to whom the folder belongs to.
    let owner_in = |files: &Files, dir: &str| files.get(dir).filter(|_| shell.root).map_or(me, |folder| folder.owner);
    // Through a link the file behind it is written, and the link stays.
    let path = &files.resolve(path).unwrap_or_else(|| path.to_owned());
    let dir = parent(path);
    let ssh = dir.ends_with("/.ssh");
    if !files.is_dir(dir) {
        let private = ssh || dir.ends_with("/.pictl") || dir.contains("/.pictl/");
        files.make_dirs(dir, if private { 0o700 } else { 0o755 }, owner_in(files, parent(dir)));
    }
    if let Some(entry) = files.entry(dir).filter(|_| ssh) {
        entry.mode &= !0o022;
    }
    if sha256_hex(&content) != hash {
        return Err((4, "what arrived is not what was sent".into()));
    }
    let old = match files.get(path) {
        Some(Entry { kind: Kind::Dir, .. }) => return Err((1, format!("{path} is not a regular file"))),
        old => old.cloned(),
    };
    let now = files.read(path).map_or_else(|| "-".into(), sha256_hex);
    // Nothing to change. The script compares the mode as it is written.
    if now == hash && old.as_ref().is_some_and(|entry| format!("{:o}", entry.mode) == mode) {
        return Ok(now);
    }
    if expect != "any" && now != expect {
        return Err((3, format!("{path} was changed by somebody else meanwhile")));
    }
    let mut owner = owner_in(files, dir);
    if let Some(Entry { kind: Kind::File(before), mode: mode_before, owner: owner_before }) = old {
        if let Some(backup) = backup.filter(|backup| files.get(backup).is_none()) {
            files.make_dirs(parent(backup), 0o700, me);
            files.write(backup, before, mode_before, if shell.root { owner_before } else { me });
        }
        if shell.root {
            owner = owner_before;
        }
    }
    let sum = sha256_hex(&content);
    files.write(path, content, bits, owner);
    Ok(sum)
}
