//! The text of an inventory, and the changes that several programs make in it at the same time.

use std::collections::BTreeSet;
use std::ops::Range;

use pictl_model::node::Member;
use pictl_model::{HostName, NodeId};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A change of the inventory. It is made to the file as it is when it is saved: others may have changed it meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A new member. One that is there already stays as it is; a name that somebody else has by now gives way to the next free
    /// one, and so does the part of the head node.
    Add(Box<Member>),
    /// What differs from `before` to `after`, field by field.
    Set {
        /// The entry as this program knew it; none: it is new.
        before: Option<Box<Member>>,
        /// The entry as it is to be.
        after: Box<Member>,
    },
    /// This member goes.
    Remove(NodeId),
}

/// A change that does not fit to what others have saved meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("another node is called {name}: it was added or renamed meanwhile")]
pub struct Conflict {
    /// The name that two nodes would have.
    pub name: HostName,
}

/// `members`, as they are in the file, with `changes` made.
pub fn merge(mut members: Vec<Member>, changes: &[Change]) -> Result<Vec<Member>, Conflict> {
    let mut named = BTreeSet::new();
    for change in changes {
        match change {
            Change::Add(new) if members.iter().all(|m| m.id != new.id) => {
                let name = if members.iter().any(|m| m.name == new.name) {
                    next_free(&new.name, &members.iter().map(|m| &m.name).collect())
                } else {
                    new.name.clone()
                };
                let head = new.head && members.iter().all(|m| !m.head);
                members.push(Member { name, head, ..(**new).clone() });
            }
            Change::Add(_) => {}
            Change::Set { before, after } => {
                let Some(at) = members.iter().position(|m| m.id == after.id) else {
                    // Somebody has removed it, and it stays away.
                    if before.is_none() {
                        named.insert(after.name.clone());
                        insert(&mut members, (**after).clone());
                    }
                    continue;
                };
                let member = with_difference(&members[at], before.as_deref(), after);
                if member.name != members[at].name {
                    named.insert(member.name.clone());
                }
                let head = member.head && !members[at].head;
                members[at] = member;
                if head {
                    only_head(&mut members, at);
                }
            }
            Change::Remove(node) => members.retain(|m| m.id != *node),
        }
    }
    // After all changes: names may be exchanged.
    for name in named {
        if members.iter().filter(|m| m.name == name).count() > 1 {
            return Err(Conflict { name });
        }
    }
    members.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(members)
}

fn insert(members: &mut Vec<Member>, member: Member) {
    let head = member.head;
    members.push(member);
    if head {
        let last = members.len() - 1;
        only_head(members, last);
    }
}

fn only_head(members: &mut [Member], head: usize) {
    for (at, member) in members.iter_mut().enumerate() {
        member.head &= at == head;
    }
}

/// `theirs` with the fields that differ from `before` to `after`. It goes by the names of the fields, so that a new one needs
/// no word here.
fn with_difference(theirs: &Member, before: Option<&Member>, after: &Member) -> Member {
    let table = |member: &Member| toml::Table::try_from(member).unwrap_or_default();
    let (mut merged, before, after) = (table(theirs), before.map(table).unwrap_or_default(), table(after));
    for name in before.keys().chain(after.keys()) {
        match (before.get(name), after.get(name)) {
            (was, is) if was == is => {}
            (_, Some(is)) => {
                merged.insert(name.clone(), is.clone());
            }
            (_, None) => {
                merged.remove(name);
            }
        }
    }
    merged.try_into().unwrap_or_else(|_| theirs.clone())
}

/// The first free name after `name`: its number counts up, with as many digits.
fn next_free(name: &HostName, taken: &BTreeSet<&HostName>) -> HostName {
    let stem = name.as_str().trim_end_matches(|c: char| c.is_ascii_digit());
    let width = name.as_str().len() - stem.len();
    let mut names = (1..).map_while(|n: u32| format!("{stem}{n:0width$}").parse::<HostName>().ok());
    names.find(|name| !taken.contains(name)).unwrap_or_else(|| name.clone())
}

#[derive(Serialize)]
struct Written<'a> {
    version: u32,
    node: &'a [Member],
}

/// The file's text.
pub(super) fn write(members: &[Member]) -> Result<String, toml::ser::Error> {
    let text = toml::to_string(&Written { version: 1, node: members })?;
    Ok(format!("# The nodes of this cluster, kept by pictl.\n{text}"))
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    #[serde(rename = "version")]
    _version: u32,
    #[serde(default)]
    node: Vec<toml::Spanned<Member>>,
}

/// Why an inventory cannot be used.
#[derive(Debug)]
pub(super) enum Unreadable {
    /// A newer pictl wrote it.
    Newer(u32),
    /// Something in it makes no sense: where, what, and how to mend it.
    Damaged(String),
}

/// Reads the file's text.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Member>, Unreadable> {
    let text = std::str::from_utf8(bytes).map_err(|e| {
        let line = bytes[..e.valid_up_to()].split(|b| *b == b'\n').count();
        Unreadable::Damaged(format!("line {line}: a byte that is not text (UTF-8)"))
    })?;
    let wrong = |e: toml::de::Error| {
        let place = e.span().map(|span| format!("{}: ", place(text, &span))).unwrap_or_default();
        Unreadable::Damaged(format!("{place}{}", e.message().trim_end().replace('\n', "; ")))
    };
    let Version { version } = toml::from_str(text).map_err(wrong)?;
    if version > 1 {
        return Err(Unreadable::Newer(version));
    }
    let file: Read = toml::from_str(text).map_err(wrong)?;
    let nodes: Vec<_> = file.node.into_iter().map(|node| (node.span(), node.into_inner())).collect();
    for (at, (span, member)) in nodes.iter().enumerate() {
        if let Some((key, why)) = fault(member, nodes[..at].iter().map(|(_, earlier)| earlier)) {
            return Err(Unreadable::Damaged(format!("line {}: {why}", line_of(text, span, key))));
        }
    }
    Ok(nodes.into_iter().map(|(_, member)| member).collect())
}

/// What is wrong with a member, by which key, and what to do.
pub(crate) fn fault<'a>(
    member: &Member,
    mut earlier: impl Iterator<Item = &'a Member>,
) -> Option<(&'static str, String)> {
    let name = &member.name;
    let texts = [
        ("id", Some(member.id.as_str())),
        ("user", Some(member.user.as_str())),
        ("identity", member.identity.as_ref().and_then(|path| path.to_str())),
        ("jump", member.jump.as_deref()),
        ("host_key", member.host_key.as_ref().map(|print| print.0.as_str())),
    ];
    let hidden = texts.into_iter().find(|(_, text)| text.is_some_and(|text| text.chars().any(char::is_control)));
    if let Some((key, _)) = hidden {
        return Some((key, format!("the {key} of {name} has control characters; write it again without them")));
    }
    if member.id.as_str().trim().is_empty() || member.id.is_operator() {
        return Some(("id", format!("{name} has no usable id; write its MAC address, or its IP address")));
    }
    if member.port == 0 {
        return Some(("port", format!("{name} has port 0; write the port of its SSH server, usually 22")));
    }
    if member.user.is_empty() || member.user.starts_with('-') || member.user.contains(char::is_whitespace) {
        return Some(("user", format!("{name} has the user {:?}; write the name to log in with", member.user)));
    }
    earlier.find_map(|other| {
        if other.id == member.id {
            let what = format!("{name} has the id of {} ({}); remove one of the two", other.name, member.id);
            return Some(("id", what));
        }
        if other.name == *name {
            return Some(("name", format!("two nodes are called {name}; give one of them another name")));
        }
        let heads = other.head && member.head;
        heads.then(|| ("head", format!("{} and {name} both are the head; write head = false in one", other.name)))
    })
}

/// The line of `key` in the table that begins at `span`, else its first line.
fn line_of(text: &str, span: &Range<usize>, key: &str) -> usize {
    let before = text[..span.start.min(text.len())].matches('\n').count();
    let table = text.lines().skip(before);
    let is_key =
        |line: &str| line.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='));
    let mut rows = table.enumerate().take_while(|(at, line)| *at == 0 || !line.trim_start().starts_with('['));
    before + 1 + rows.find(|(_, line)| is_key(line)).map_or(0, |(at, _)| at)
}

/// Where `span` begins in `text`, for people.
fn place(text: &str, span: &Range<usize>) -> String {
    let before = &text[..span.start.min(text.len())];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {line}, column {column}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::member;

    fn names(members: &[Member]) -> Vec<(&str, bool)> {
        members.iter().map(|m| (m.name.as_str(), m.head)).collect()
    }

    fn set(before: &Member, after: &Member) -> Change {
        Change::Set { before: Some(Box::new(before.clone())), after: Box::new(after.clone()) }
    }

    #[test]
    fn members_that_others_added_meanwhile_stay_and_names_give_way() {
        let first = Member { head: true, ..member(1) };
        let same_name = Member { name: first.name.clone(), head: true, ..member(2) };
        let merged = merge(vec![first.clone()], &[Change::Add(Box::new(same_name))]).expect("merged");
        assert_eq!(names(&merged), [("pi01", true), ("pi02", false)]);
        let again = merge(merged.clone(), &[Change::Add(Box::new(Member { user: "x".into(), ..first }))]);
        assert_eq!(again.expect("merged"), merged, "who is in stays as it is");
    }

    #[test]
    fn changes_of_different_fields_are_both_kept() {
        let was = member(1);
        let theirs = Member { user: "ann".into(), jump: Some("gate".into()), ..was.clone() };
        let ours = Member { port: 2222, identity: Some("/k".into()), ..was.clone() };
        let merged = merge(vec![theirs], &[set(&was, &ours)]).expect("merged");
        assert_eq!(merged, [Member { user: "ann".into(), jump: Some("gate".into()), ..ours.clone() }]);
        let cleared = merge(merged, &[set(&Member { jump: Some("gate".into()), ..ours.clone() }, &ours)]);
        assert_eq!(cleared.expect("merged")[0].jump, None, "a field can be taken away");
    }

    #[test]
    fn what_others_removed_stays_away_and_what_they_named_is_a_conflict() {
        let (one, two) = (member(1), member(2));
        let renamed = Member { name: two.name.clone(), ..one.clone() };
        assert_eq!(merge(vec![two.clone()], &[set(&one, &renamed)]), Ok(vec![two.clone()]));
        assert_eq!(
            merge(vec![one.clone(), two.clone()], &[set(&one, &renamed)]),
            Err(Conflict { name: two.name.clone() })
        );
        let other = Member { name: one.name.clone(), ..two.clone() };
        let exchanged = merge(vec![one.clone(), two.clone()], &[set(&one, &renamed), set(&two, &other)]);
        assert_eq!(exchanged.map(|m| m.len()), Ok(2), "names can be exchanged");
        assert_eq!(merge(vec![one.clone(), two.clone()], &[Change::Remove(one.id.clone())]), Ok(vec![two]));
    }

    #[test]
    fn there_is_one_head_and_the_last_that_is_named_is_it() {
        let (one, two) = (Member { head: true, ..member(1) }, Member { head: false, ..member(2) });
        let head = Member { head: true, ..two.clone() };
        let merged = merge(vec![one.clone(), two.clone()], &[set(&two, &head)]).expect("merged");
        assert_eq!(names(&merged), [("pi01", false), ("pi02", true)]);
        let new = Change::Set { before: None, after: Box::new(Member { head: true, ..member(3) }) };
        assert_eq!(names(&merge(merged, &[new]).expect("merged")), [("pi01", false), ("pi02", false), ("pi03", true)]);
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_its_line_and_the_fix() {
        type Spoil = fn(&mut Member);
        let text = |members: &[Member]| write(members).expect("a text");
        let two = || [member(1), Member { head: false, ..member(2) }];
        assert_eq!(read(text(&two()).as_bytes()).expect("sound"), two());
        let line = |text: &str, part: &str| {
            text.lines().enumerate().filter(|(_, l)| l.contains(part)).last().map(|(at, _)| at + 1).expect("there")
        };
        let cases: [(Spoil, &str, &str); 7] = [
            (|m| m.id = member(1).id, "id =", "has the id of pi01"),
            (|m| m.name = member(1).name, "name =", "two nodes are called pi01"),
            (|m| m.port = 0, "port =", "usually 22"),
            (|m| m.user = String::new(), "user =", "the name to log in with"),
            (|m| m.user = "-oProxyCommand=x".into(), "user =", "the name to log in with"),
            (|m| m.user = "p\u{1b}[31mi".into(), "user =", "control characters"),
            (|m| m.head = true, "head =", "both are the head"),
        ];
        for (spoil, key, part) in cases {
            let mut members = two();
            spoil(&mut members[1]);
            members[0].head = true;
            let text = text(&members);
            let Err(Unreadable::Damaged(why)) = read(text.as_bytes()) else { panic!("accepted: {text}") };
            let begin = format!("line {}: ", line(&text, key));
            assert!(why.starts_with(&begin) && why.contains(part), "{why}, expected {begin}");
            assert!(!why.contains('\u{1b}'), "{why:?}");
        }
        let Err(Unreadable::Damaged(why)) = read(b"version = 1\n[[node]]\nid = 3\n") else { panic!("accepted") };
        assert!(why.starts_with("line 3, column 6: "), "{why}");
        let Err(Unreadable::Damaged(why)) = read(b"version = 1\n# \xff\n") else { panic!("accepted") };
        assert!(why.starts_with("line 2: "), "{why}");
    }
}
