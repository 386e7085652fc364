//! How pictl logs in to members: a form for several at once, and equal ones listed together.

use std::path::PathBuf;

use pictl_model::node::Member;
use pictl_model::request::{MemberChange, Request};
use pictl_model::{NodeId, world::NodeView};

use super::{FormWindow, Purpose, Submitted, Wrong};
use crate::context::Context;
use crate::form::{Form, FormField};
use crate::messages::Effect;
use crate::words::{count, listing};

const USER: usize = 0;
const PORT: usize = 1;
const IDENTITY: usize = 2;
const JUMP: usize = 3;
/// Takes a key file or a jump host away where blank leaves each node's own.
const NONE: &str = "none";

/// A member's login, field by field as the form shows it.
fn texts(member: &Member) -> [String; 4] {
    let identity = member.identity.as_ref().map(|path| path.display().to_string());
    [
        member.user.clone(),
        member.port.to_string(),
        identity.unwrap_or_default(),
        member.jump.clone().unwrap_or_default(),
    ]
}

/// A login in a few words: `user ubuntu, port 2222, through jump`.
fn words(member: &Member) -> String {
    let mut words = vec![format!("user {}", member.user)];
    if member.port != 22 {
        words.push(format!("port {}", member.port));
    }
    if let Some(identity) = &member.identity {
        words.push(format!("key {}", identity.display()));
    }
    if let Some(jump) = &member.jump {
        words.push(format!("through {jump}"));
    }
    words.join(", ")
}

/// The logins of the members with how many have each, the most frequent first: `3 nodes: user ubuntu`. Empty when all
/// have the same.
pub(crate) fn groups(members: &[&NodeView]) -> Vec<String> {
    let mut groups: Vec<(String, usize)> = Vec::new();
    for member in members.iter().filter_map(|n| n.member.as_ref()) {
        let words = words(member);
        match groups.iter_mut().find(|(other, _)| *other == words) {
            Some((_, n)) => *n += 1,
            None => groups.push((words, 1)),
        }
    }
    groups.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    if groups.len() < 2 {
        return Vec::new();
    }
    groups.into_iter().map(|(words, n)| format!("{}: {words}", count(n, "node"))).collect()
}

/// The members whose login the form is about: the marked ones, else that of the cursor.
pub(crate) fn login_nodes(cx: &Context) -> Vec<NodeId> {
    let marked = cx.marked_members();
    if !marked.is_empty() || !cx.selection.marks.is_empty() {
        return marked;
    }
    cx.node_at_cursor().filter(|n| n.member.is_some()).map(|n| n.id.clone()).into_iter().collect()
}

/// Say how to log in to these members.
struct Logins {
    nodes: Vec<NodeId>,
}

/// Opens the form.
pub(crate) fn open(cx: &mut Context) {
    let nodes = login_nodes(cx);
    let members: Vec<[String; 4]> = nodes.iter().filter_map(|id| member_of(cx, id)).map(texts).collect();
    let field = |at: usize, label: &'static str, note: &str| {
        let mut values: Vec<String> = members.iter().map(|texts| texts[at].clone()).collect();
        values.sort();
        values.dedup();
        if let [one] = values.as_slice() {
            return FormField::text(label, one, note);
        }
        let shown = |value: String| if value.is_empty() { NONE.to_owned() } else { value };
        let shown: Vec<String> = values.into_iter().map(shown).collect();
        FormField::text(label, "", format!("{}; blank: each keeps its own", listing(&shown, 3)))
    };
    let fields = vec![
        field(USER, "User", "log in as"),
        field(PORT, "Port", "of the SSH server"),
        field(IDENTITY, "Key file", "the private key to offer first; blank: your usual ones"),
        field(JUMP, "Jump host", "[USER@]HOST[:PORT], several with commas; blank: reached directly"),
    ];
    let title = match nodes.as_slice() {
        [one] => format!("Login of {}", cx.called(one)),
        _ => format!("Login of these {}", count(nodes.len(), "node")),
    };
    let form = Form {
        title,
        intro: "How pictl logs in there. Nothing is changed on the nodes.".to_owned(),
        fields,
        focus: 0,
        error: None,
    };
    cx.open(FormWindow { form, purpose: Logins { nodes } });
}

fn member_of<'a>(cx: &'a Context, id: &NodeId) -> Option<&'a Member> {
    cx.world.nodes.get(id)?.member.as_ref()
}

impl Purpose for Logins {
    /// One change a node, and none where everything stays.
    fn submit(&mut self, cx: &mut Context, form: &Form) -> Result<Submitted, Wrong> {
        let members: Vec<&Member> = self.nodes.iter().filter_map(|id| member_of(cx, id)).collect();
        let typed = [USER, PORT, IDENTITY, JUMP].map(|at| form.text(at).to_owned());
        for (at, text) in typed.iter().enumerate() {
            let was_mixed = members.iter().any(|m| texts(m)[at] != texts(members[0])[at]);
            check(at, text, was_mixed).map_err(|why| (at, why))?;
        }
        let mut effects = Vec::new();
        for member in &members {
            let own = texts(member);
            // What is wanted instead of what is; blank in a mixed field means to leave it.
            let wanted = |at: usize| {
                let mixed = members.iter().any(|other| texts(other)[at] != own[at]);
                let text = if typed[at] == NONE && at >= IDENTITY { "" } else { typed[at].as_str() };
                (text != own[at] && !(typed[at].is_empty() && mixed)).then(|| text.to_owned())
            };
            let change = MemberChange {
                user: wanted(USER),
                port: wanted(PORT).and_then(|port| port.parse().ok()),
                identity: wanted(IDENTITY).map(PathBuf::from),
                jump: wanted(JUMP),
                ..MemberChange::default()
            };
            if change != MemberChange::default() {
                effects.push(Effect::Send(Request::SetMember { node: member.id.clone(), change }));
            }
        }
        Ok(Submitted::Done(effects))
    }
}

/// Says what is wrong with the text of a field.
fn check(at: usize, text: &str, was_mixed: bool) -> Result<(), String> {
    let blank = text.is_empty();
    match at {
        USER if (blank && !was_mixed) || text.contains(char::is_whitespace) => {
            Err("enter a user name without blanks".to_owned())
        }
        PORT if !(blank && was_mixed) && text.parse::<u16>().map_or(true, |port| port == 0) => {
            Err("a port is a number from 1 to 65535".to_owned())
        }
        IDENTITY if PathBuf::from(text).extension().is_some_and(|e| e == "pub") => {
            Err("this is the public half: give the file without .pub".to_owned())
        }
        JUMP if !text.split(',').all(|hop| is_hop(hop) || blank) => {
            Err("write a jump host as [USER@]HOST[:PORT], several separated by commas".to_owned())
        }
        _ => Ok(()),
    }
}

/// `[USER@]HOST[:PORT]`, an IPv6 address in brackets.
fn is_hop(hop: &str) -> bool {
    let (user, place) = hop.rsplit_once('@').map_or((None, hop), |(user, place)| (Some(user), place));
    let (host, port) = match place.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((host, "")) => (host, None),
            Some((host, rest)) => (host, rest.strip_prefix(':')),
            None => return false,
        },
        None => place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port))),
    };
    let word = |text: &str| !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    user.is_none_or(word)
        && word(host)
        && !host.starts_with('-')
        && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jump_hosts_are_read_as_ssh_writes_them() {
        for good in ["jump", "lena@jump", "lena@jump.example:2222", "10.0.0.1:22", "[fe80::1]:22", "[::1]"] {
            assert!(is_hop(good), "{good}");
        }
        for bad in ["", "@jump", "jump:", "jump:0", "jump:http", "two words", "-oProxyCommand=x", "[::1"] {
            assert!(!is_hop(bad), "{bad}");
        }
        assert!(check(JUMP, "a,lena@b:2222", false).is_ok() && check(JUMP, "a,,b", false).is_err());
    }
}
