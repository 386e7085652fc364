//! Whom to log in as, where and with which keys: what was asked for, what the inventory says, what OpenSSH's configuration
//! says.

use std::path::PathBuf;

use pictl_formats::ssh_config::SshConfig;
use pictl_model::NodeId;
use pictl_model::request::{Login, MemberChange, Request, ScanRequest};

use super::rig::{Rig, exec, setup};
use crate::common::{address, id, member};
use crate::input::Effect;
use crate::ports::{ConnectSpec, Credential, OperatorSsh};

fn configured(mut rig: Rig, text: &str) -> Rig {
    let (config, problems) = SshConfig::parse(text, &mut |_| Vec::new());
    rig.dispatcher.remember_ssh(OperatorSsh { config, problems, home: "/home/me".into(), user: "me".into() });
    rig
}

/// How the login on a node is made that is due.
fn spec(rig: &Rig, node: &NodeId) -> ConnectSpec {
    let due = rig.due.iter().find_map(|effect| match effect {
        Effect::Connect { node: of, spec } if of == node => Some((**spec).clone()),
        _ => None,
    });
    due.unwrap_or_else(|| panic!("{node}: {:?}", rig.due))
}

/// The logins that `login` makes due on all members.
fn wanted(mut rig: Rig, login: Login) -> Rig {
    let mut request = exec("uptime");
    request.login = login;
    rig.ask(Request::Exec(request));
    rig.happen(0);
    rig
}

fn place(spec: &ConnectSpec) -> (String, u16) {
    (spec.user.clone(), spec.address.port())
}

fn keys(spec: &ConnectSpec) -> Vec<String> {
    let reported = |credential: &Credential| match credential {
        Credential::Key { path, .. } => path.to_string_lossy().into_owned(),
        Credential::Agent { only } => if only.is_some() { "one of the agent" } else { "agent" }.to_owned(),
        Credential::Password(_) => "password".to_owned(),
    };
    spec.credentials.iter().map(reported).collect()
}

const USUAL: &str = "/home/me/.ssh/id_ed25519";

#[test]
fn what_is_asked_for_comes_before_the_inventory() {
    let members = || {
        let mut members: Vec<_> = (1..=2).map(member).collect();
        (members[1].user, members[1].port) = ("ubuntu".into(), 2222);
        members[1].identity = Some("/keys/two".into());
        members
    };
    let rig = wanted(Rig::with_members(2, members()), Login::default());
    assert_eq!((place(&spec(&rig, &id(1))), place(&spec(&rig, &id(2)))), (("pi".into(), 22), ("ubuntu".into(), 2222)));
    assert_eq!(keys(&spec(&rig, &id(1))), [USUAL, "agent"]);
    assert_eq!(keys(&spec(&rig, &id(2))), ["/keys/two", USUAL]);

    let login =
        Login { user: Some("ann".into()), port: Some(2022), identity: Some("/keys/asked".into()), ..Login::default() };
    let rig = wanted(Rig::with_members(2, members()), login);
    for n in [1, 2] {
        assert_eq!(place(&spec(&rig, &id(n))), ("ann".into(), 2022));
        assert_eq!(keys(&spec(&rig, &id(n))), ["/keys/asked", USUAL]);
    }
}

/// `Host gate`, `HostName 10.0.0.1`: who knows the address knows the name, and who types the name means the address.
#[test]
fn a_name_that_stands_for_an_address_is_one_of_the_node_s_names() {
    let text = "Host one\n  HostName 10.0.0.1\n  User ann\n  IdentityFile /keys/one\n";
    let mut rig = configured(Rig::seen(2), text);
    let targets = vec!["ONE".to_owned(), "10.0.0.2".into(), "two".into()];
    rig.ask(Request::Scan(ScanRequest { targets, ..ScanRequest::default() }));
    let asked = rig.due.iter().find_map(|effect| match effect {
        Effect::Scan(request) => Some(request.targets.clone()),
        _ => None,
    });
    assert_eq!(asked.expect("a scan"), ["10.0.0.1", "10.0.0.2", "two"]);
    rig.due.clear();
    rig.ask(Request::Setup(setup(&[1, 2])));
    rig.happen(0);
    assert_eq!((place(&spec(&rig, &id(1))).0, place(&spec(&rig, &id(2))).0), ("ann".into(), "pi".into()));
    assert_eq!(keys(&spec(&rig, &id(1)))[0], "/keys/one");
}

#[test]
fn what_nobody_said_is_looked_up_as_openssh_does() {
    let text = "Host 10.0.0.1\n  User ann\n  Port 2022\n  IdentityFile ~/.ssh/one\n  IdentityFile ~/.ssh/two\n\
                Host raspberrypi\n  IdentityFile ~/.ssh/three\n  User nobody\n\
                Host pi02\n  IdentitiesOnly yes\n";
    // Nodes that were only seen: the address of the first one, and the name that both go by.
    let mut rig = configured(Rig::seen(2), text);
    rig.ask(Request::Setup(setup(&[1, 2])));
    rig.happen(0);
    assert_eq!(place(&spec(&rig, &id(1))), ("ann".into(), 22), "a port where SSH answers is the right one");
    assert_eq!(keys(&spec(&rig, &id(1))), ["/home/me/.ssh/one", "/home/me/.ssh/two", USUAL, "agent"]);
    assert_eq!(
        (place(&spec(&rig, &id(2))), keys(&spec(&rig, &id(2)))),
        (("nobody".into(), 22), vec!["/home/me/.ssh/three".to_owned(), USUAL.into(), "agent".into()])
    );

    // What the inventory has of members it need not be reported by anybody.
    let rig = wanted(configured(Rig::with_members(2, vec![member(1), member(2)]), text), Login::default());
    assert_eq!(place(&spec(&rig, &id(1))), ("pi".into(), 22));
    assert_eq!(keys(&spec(&rig, &id(1)))[0], "/home/me/.ssh/one");
    assert_eq!(keys(&spec(&rig, &id(2))), [USUAL]);
}

#[test]
fn jump_hosts_are_those_of_openssh_and_no_host_is_its_own() {
    let text = "Host door\n  HostName 10.0.0.200\n  User bob\n  Port 2200\n  IdentityFile /keys/door\n\
                Host outer\n  HostName 10.0.0.201\n  ProxyJump none\n\
                Host *\n  ProxyJump outer,door\n";
    let rig = configured(Rig::ready(1), text);
    let rig = wanted(rig, Login::default());
    let outer = NodeId::from_address(address(201), 22);
    assert_eq!((place(&spec(&rig, &outer)), spec(&rig, &outer).via), (("me".into(), 22), None));
    assert_eq!(rig.count(|e| matches!(e, Effect::Connect { .. })), 1, "the second waits for the first");

    let mut rig = configured(Rig::ready(1), text);
    let door = rig.add_jump_host("unused", 200);
    let login = Login { jump: Some("door".into()), ..Login::default() };
    rig.nodes.remove(&door);
    let rig = wanted(rig, login);
    // The command line names the door only; the door itself has its way from the configuration.
    assert_eq!(rig.count(|e| matches!(e, Effect::Connect { node, .. } if *node == outer)), 1);
    let login = Login { jump: Some("none".into()), ..Login::default() };
    let rig = wanted(configured(Rig::ready(1), text), login);
    assert_eq!(spec(&rig, &id(1)).via, None);
}

#[test]
fn lines_that_are_not_followed_are_reported_once_when_a_login_is_wanted() {
    let mut rig = configured(Rig::ready(1), "Match user pi\n  Port 7\nHost *\n  Port x\n");
    assert!(rig.world().notices.is_empty());
    for _ in 0..2 {
        rig.ask(Request::Exec(exec("uptime")));
        rig.settle();
        assert_eq!(rig.world().notices.iter().filter(|n| n.text.contains("~/.ssh/config line")).count(), 2);
    }
}

#[test]
fn a_proxy_command_is_reported_where_it_would_have_helped() {
    let mut rig = configured(Rig::ready(1), "Host pi01\n  ProxyCommand nc %h %p\n");
    rig.node(&id(1)).reachable = false;
    rig.ask(Request::Exec(exec("uptime")));
    rig.settle();
    assert!(rig.dispatcher.core.why_down(&id(1)).1.contains("ProxyCommand"));
}

#[test]
fn the_inventory_keeps_how_to_log_in() {
    let mut rig = Rig::seen(2);
    let login = Login { identity: Some("/keys/a".into()), jump: Some("gate".into()), ..Login::default() };
    rig.ask(Request::Adopt { nodes: vec![id(1)], prefix: "pi".into(), login });
    let kept = |rig: &Rig| (rig.members[0].identity.clone(), rig.members[0].jump.clone());
    assert_eq!(kept(&rig), (Some(PathBuf::from("/keys/a")), Some("gate".into())));

    let change = |identity: Option<&str>, jump: Option<&str>| MemberChange {
        identity: identity.map(PathBuf::from),
        jump: jump.map(str::to_owned),
        ..MemberChange::default()
    };
    let set = |rig: &mut Rig, change| drop(rig.ask(Request::SetMember { node: id(1), change }));
    set(&mut rig, change(Some("/keys/b"), None));
    assert_eq!(kept(&rig), (Some(PathBuf::from("/keys/b")), Some("gate".into())));
    set(&mut rig, change(None, Some("ann@door:2200,gate")));
    assert_eq!(kept(&rig).1.as_deref(), Some("ann@door:2200,gate"));
    set(&mut rig, change(None, Some("door;id")));
    assert!(rig.refusals()[0].contains("is not a jump host"), "{:?}", rig.refusals());
    set(&mut rig, change(Some(""), Some("")));
    assert_eq!(kept(&rig), (None, None));
}
