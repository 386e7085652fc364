//! A node's virtual file tree: path to content, mode and owner, in memory.

use std::collections::BTreeMap;

/// Root's and the login user's numbers.
pub(super) const ROOT: u32 = 0;
/// The first user of a Debian system.
pub(super) const USER: u32 = 1000;

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) kind: Kind,
    /// Permission bits.
    pub(super) mode: u32,
    /// User number.
    pub(super) owner: u32,
}

/// The kinds of entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    File(Vec<u8>),
    Dir,
    /// A symbolic link to this path.
    Link(String),
}

/// The tree. Paths are absolute and in [`normal`] form.
#[derive(Clone, Debug, Default)]
pub(super) struct Files(BTreeMap<String, Entry>);

/// The path without `.`, `..` and doubled slashes.
pub(super) fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// The directory that holds `path`.
pub(super) fn parent(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) | None => "/",
        Some(slash) => &path[..slash],
    }
}

impl Files {
    /// `path` with every link in it followed; a part that is not there stays as it is. `None`: too many links.
    pub(super) fn resolve(&self, path: &str) -> Option<String> {
        let mut path = normal(path);
        'again: for _ in 0..16 {
            for (at, _) in path.clone().match_indices('/').skip(1).chain([(path.len(), "")]) {
                if let Some(Entry { kind: Kind::Link(to), .. }) = self.0.get(&path[..at]) {
                    let start = if to.starts_with('/') { String::new() } else { format!("{}/", parent(&path[..at])) };
                    path = normal(&format!("{start}{to}{}", &path[at..]));
                    continue 'again;
                }
            }
            return Some(path);
        }
        None
    }

    /// What stands at the path, links followed.
    pub(super) fn get(&self, path: &str) -> Option<&Entry> {
        self.0.get(&self.resolve(path)?)
    }

    /// The content of the file at the path, links followed.
    pub(super) fn read(&self, path: &str) -> Option<&[u8]> {
        match &self.get(path)?.kind {
            Kind::File(content) => Some(content),
            _ => None,
        }
    }

    /// What stands at the path, links followed, to be changed.
    pub(super) fn entry(&mut self, path: &str) -> Option<&mut Entry> {
        let path = self.resolve(path)?;
        self.0.get_mut(&path)
    }

    /// The same as text.
    pub(super) fn text(&self, path: &str) -> Option<String> {
        self.read(path).map(|content| String::from_utf8_lossy(content).into_owned())
    }

    /// Whether a directory stands there.
    pub(super) fn is_dir(&self, path: &str) -> bool {
        let path = normal(path);
        path == "/" || self.get(&path).is_some_and(|entry| entry.kind == Kind::Dir)
    }

    /// Puts a file there, making directories as needed.
    pub(super) fn write(&mut self, path: &str, content: impl Into<Vec<u8>>, mode: u32, owner: u32) {
        let path = self.resolve(path).unwrap_or_else(|| normal(path));
        self.make_dirs(parent(&path), 0o755, owner);
        self.0.insert(path, Entry { kind: Kind::File(content.into()), mode, owner });
    }

    /// Puts a symbolic link there.
    pub(super) fn link(&mut self, path: &str, to: &str, owner: u32) {
        let path = normal(path);
        self.make_dirs(parent(&path), 0o755, owner);
        self.0.insert(path, Entry { kind: Kind::Link(to.to_owned()), mode: 0o777, owner });
    }

    /// Adds to the end of a file; nothing happens when it is not there.
    pub(super) fn append(&mut self, path: &str, more: &[u8]) {
        if let Some(Entry { kind: Kind::File(content), .. }) = self.0.get_mut(path) {
            content.extend_from_slice(more);
        }
    }

    /// Makes the directory and those above it where they are missing.
    pub(super) fn make_dirs(&mut self, path: &str, mode: u32, owner: u32) {
        let path = self.resolve(path).unwrap_or_else(|| normal(path));
        for (at, _) in path.match_indices('/').skip(1).chain([(path.len(), "")]).filter(|(at, _)| *at > 1) {
            self.0.entry(path[..at].to_owned()).or_insert(Entry { kind: Kind::Dir, mode, owner });
        }
    }

    /// Puts it there as it is, in place of what stands there.
    pub(super) fn put(&mut self, path: &str, entry: Entry) {
        self.0.insert(normal(path), entry);
    }

    /// Moves what stands there, a single file or link, over what stands at the other path. Nothing happens when there is none.
    pub(super) fn rename(&mut self, from: &str, to: &str) {
        if let Some(entry) = self.0.remove(&normal(from)) {
            self.0.insert(normal(to), entry);
        }
    }

    /// Takes away what stands there and everything below.
    pub(super) fn remove_tree(&mut self, path: &str) {
        let path = normal(path);
        let inside = format!("{path}/");
        self.0.retain(|other, _| *other != path && !other.starts_with(&inside));
    }

    /// The names in a directory, sorted.
    pub(super) fn list(&self, path: &str) -> Vec<String> {
        let dir = self.resolve(path).unwrap_or_else(|| normal(path));
        let prefix = if dir == "/" { dir } else { format!("{dir}/") };
        let inside = self.0.range(prefix.clone()..).take_while(|(path, _)| path.starts_with(&prefix));
        inside
            .filter_map(|(path, _)| path.get(prefix.len()..))
            .filter(|rest| !rest.contains('/'))
            .map(str::to_owned)
            .collect()
    }

    /// Every path with its entry.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &Entry)> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_followed_in_the_middle_and_at_the_end() {
        let mut files = Files::default();
        files.write("/srv/real/hosts", "x", 0o644, ROOT);
        files.link("/etc", "srv/real", ROOT);
        files.link("/srv/real/alias", "hosts", ROOT);
        assert_eq!(files.resolve("/etc/alias").as_deref(), Some("/srv/real/hosts"));
        assert_eq!(files.text("//etc/./alias").as_deref(), Some("x"));
        files.link("/loop", "/loop", ROOT);
        assert_eq!(files.resolve("/loop/x"), None);
    }

    #[test]
    fn a_directory_lists_its_own_names_only() {
        let mut files = Files::default();
        files.write("/home/pi/.ssh/id", "x", 0o600, USER);
        files.write("/home/pi/a", "x", 0o644, USER);
        assert_eq!(files.list("/home/pi"), [".ssh", "a"]);
        assert_eq!(files.list("/"), ["home"]);
        assert!(files.is_dir("/home") && !files.is_dir("/home/pi/a"));
        files.remove_tree("/home/pi/.ssh");
        assert_eq!(files.list("/home/pi"), ["a"]);
    }
}
