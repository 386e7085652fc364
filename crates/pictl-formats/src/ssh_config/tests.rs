use std::process::Command;

use proptest::prelude::*;

use super::*;

fn read(text: &str) -> SshConfig {
    let (config, problems) = SshConfig::parse(text, &mut |_| Vec::new());
    assert_eq!(problems, [], "{text}");
    config
}

/// The configuration as OpenSSH reads it, without connecting: keywords with their values. `None` when it gives up.
fn openssh(config: &Path, host: &str) -> Option<Vec<(String, String)>> {
    let output = Command::new("ssh").args(["-G", "-F"]).arg(config).arg(host).output().expect("ssh runs");
    let said = String::from_utf8(output.stdout).expect("text");
    let pair = |line: &str| line.split_once(' ').map(|(key, value)| (key.to_owned(), value.to_owned()));
    output.status.success().then(|| said.lines().filter_map(pair).collect())
}

fn ssh_is_here() -> bool {
    let here = Command::new("ssh").arg("-V").output().is_ok();
    if !here {
        eprintln!("skipped: OpenSSH's ssh is not installed");
    }
    here
}

/// The main file, files beside it (included as `DIR/NAME`), and the host that is asked for.
struct Case(&'static str, &'static [(&'static str, &'static str)], &'static str);

const CASES: &[Case] = &[
    Case("", &[], "pi01"),
    Case("Host pi*\n  User pi\n  Port 2222\nHost *\n  User other\n  Port 2200\n", &[], "pi01"),
    Case("Host pi*\n  User pi\n  Port 2222\nHost *\n  User other\n  Port 2200\n", &[], "head"),
    Case("User first\nHost pi01\nUser second\n", &[], "pi01"),
    Case("Host pi?? !pi07 gate\nUser pi\n", &[], "pi07"),
    Case("Host !pi07 pi??\nUser pi\n", &[], "pi08"),
    Case("Host !pi07\nUser pi\n", &[], "pi08"),
    Case("Host a b \"pi 1\" pi01\nUser pi\n", &[], "pi01"),
    Case("Host PI01\nUser upper\nHost pi01\nUser lower\n", &[], "PI01"),
    Case("Host=pi01\nUser=pi\nPort = 2222\nHostName\t=\t10.0.0.31\n", &[], "pi01"),
    Case("hOsT pi01\n  uSeR \"pi\"\n", &[], "pi01"),
    Case("Host pi01 # User x\n  User pi # the usual one\n  Port 2222 #here\n# Port 1\n", &[], "pi01"),
    Case("User a#b\n", &[], "pi01"),
    Case("User \"a # b\"\n", &[], "pi01"),
    Case("User 'it''s'\n", &[], "pi01"),
    Case("User \"a\\\"b\"\n", &[], "pi01"),
    Case("User a\\ b\n", &[], "pi01"),
    Case("User a\\b\n", &[], "pi01"),
    Case("User pi\r\nPort 2222\r\n", &[], "pi01"),
    Case("User pi", &[], "pi01"),
    Case("HostName %h.LAN\n", &[], "Pi01"),
    Case("HostName %%%h%%\n", &[], "pi01"),
    Case("HostName fe80::1%%eth0\n", &[], "pi01"),
    Case("HostName 10.0.0.31\nHostName 10.0.0.32\n", &[], "pi01"),
    Case("IdentitiesOnly yes\n", &[], "pi01"),
    Case("IdentitiesOnly no\nHost pi01\nIdentitiesOnly yes\n", &[], "pi01"),
    Case("IdentitiesOnly TRUE\n", &[], "pi01"),
    Case("IdentityFile /k/a\nHost pi*\nIdentityFile /k/b\nIdentityFile /k/a\nHost x\nIdentityFile /k/c\n", &[], "pi01"),
    Case("IdentityFile \"/k/with space\"\nIdentityFile=/k/b\n", &[], "pi01"),
    Case("ProxyJump gate\n", &[], "pi01"),
    Case("ProxyJump pi@gate:2222\n", &[], "pi01"),
    Case("ProxyJump a,pi@b:2200,c\n", &[], "pi01"),
    Case("ProxyJump ssh://pi@gate:2222\n", &[], "pi01"),
    Case("ProxyJump pi@[fe80::1]:2222\n", &[], "pi01"),
    Case("ProxyJump [fe80::1]\n", &[], "pi01"),
    Case("ProxyJump gate # by the door\n", &[], "pi01"),
    Case("Host pi01\nProxyJump none\nHost *\nProxyJump gate\n", &[], "pi01"),
    Case("Host pi01\nProxyJump none\nHost *\nProxyJump gate\n", &[], "pi02"),
    Case("ProxyCommand nc %h %p\nProxyJump gate\n", &[], "pi01"),
    Case("ProxyJump gate\nProxyCommand nc %h %p\n", &[], "pi01"),
    Case("ProxyCommand none\nProxyJump gate\n", &[], "pi01"),
    Case("Match all\nUser pi\n", &[], "pi01"),
    Case("Host x\nUser x\nMatch all\nUser pi\n", &[], "pi01"),
    Case("Compression yes\nUser pi\nSendEnv LANG LC_*\nForwardAgent no\n", &[], "pi01"),
    Case("Include DIR/one\nUser late\n", &[("one", "User early\n")], "pi01"),
    Case("Host pi01\nInclude DIR/one DIR/two\nPort 2222\n", &[("one", "User pi\n"), ("two", "User other\n")], "pi01"),
    Case("Host pi02\nInclude DIR/one\nHost *\nPort 2222\n", &[("one", "User pi\nHost *\nUser all\n")], "pi01"),
    Case("Host pi01\nInclude DIR/one\nPort 2222\n", &[("one", "Host other\nUser pi\n")], "pi01"),
    Case(
        "Host pi*\nInclude DIR/one\n",
        &[("one", "Include DIR/two\nHost pi01\nUser one\n"), ("two", "Host pi02\nUser two\n")],
        "pi02",
    ),
    Case(
        "Host x\nInclude DIR/one\n",
        &[("one", "Host *\nInclude DIR/two\n"), ("two", "Match all\nUser two\n")],
        "pi02",
    ),
    Case("Include DIR/none\nUser pi\n", &[], "pi01"),
    Case("Include \"DIR/with space\"\n", &[("with space", "User pi\n")], "pi01"),
    // What OpenSSH gives up at.
    Case("Port 99999\n", &[], "pi01"),
    Case("Port 0\n", &[], "pi01"),
    Case("Port -1\n", &[], "pi01"),
    Case("Host x\nPort 22x\n", &[], "pi01"),
    Case("Port 22 23\n", &[], "pi01"),
    Case("User\n", &[], "pi01"),
    Case("User \"\"\n", &[], "pi01"),
    Case("User \"pi\n", &[], "pi01"),
    Case("Host \"\" pi01\nUser pi\n", &[], "pi01"),
    Case("Host\n", &[], "pi01"),
    Case("IdentitiesOnly maybe\n", &[], "pi01"),
    Case("ProxyJump gate:0\n", &[], "pi01"),
    Case("ProxyJump a,,b\n", &[], "pi01"),
    Case("ProxyJump @gate\n", &[], "pi01"),
    Case("ProxyJump fe80::1\n", &[], "pi01"),
    Case("HostName %x\n", &[], "pi01"),
    Case("HostName 100%\n", &[], "pi01"),
    Case("Include DIR/one\n", &[("one", "Include DIR/one\n")], "pi01"),
];

#[test]
fn hosts_are_understood_as_by_openssh() {
    if !ssh_is_here() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().to_str().expect("text");
    let main = folder.path().join("main");
    std::fs::write(&main, "").expect("written");
    let usual = openssh(&main, "pi01").expect("an empty file is good");
    let all = |found: &[(String, String)], key: &str| -> Vec<String> {
        found.iter().filter(|(k, _)| k == key).map(|(_, value)| value.clone()).collect()
    };

    for Case(text, files, host) in CASES {
        let text = text.replace("DIR", dir);
        let files: Vec<_> =
            files.iter().map(|(name, text)| (format!("{dir}/{name}"), text.replace("DIR", dir))).collect();
        std::fs::write(&main, &text).expect("written");
        for (path, text) in &files {
            std::fs::write(path, text).expect("written");
        }
        let theirs = openssh(&main, host);
        let mut include = |argument: &str| files.iter().filter(|(path, _)| path == argument).cloned().collect();
        let (config, problems) = SshConfig::parse(&text, &mut include);
        assert_eq!(problems.is_empty(), theirs.is_some(), "{text}{problems:?}");
        for (path, _) in &files {
            std::fs::remove_file(path).expect("removed");
        }

        let Some(theirs) = theirs else { continue };
        let ours = config.lookup(&[host], "/home/me");
        let one = |key| all(&theirs, key).pop();
        let or_usual = |value: Option<String>, key| value.or_else(|| all(&usual, key).pop());
        assert_eq!(ours.host_name.or(Some(host.to_ascii_lowercase())), one("hostname"), "{text}");
        assert_eq!(or_usual(ours.user, "user"), one("user"), "{text}");
        assert_eq!(or_usual(ours.port.map(|port| port.to_string()), "port"), one("port"), "{text}");
        assert_eq!(Some(if ours.identities_only { "yes" } else { "no" }), one("identitiesonly").as_deref(), "{text}");
        let hops = one("proxyjump").map(|jump| Hop::parse_list(&jump).expect("hosts")).unwrap_or_default();
        assert_eq!(ours.proxy_jump, hops, "{text}");
        assert_eq!(ours.proxy_command, one("proxycommand").is_some(), "{text}");
        let files: Vec<_> = ours.identity_files.iter().map(|file| file.display().to_string()).collect();
        let expected = all(&theirs, "identityfile");
        assert_eq!(if files.is_empty() { all(&usual, "identityfile") } else { files }, expected, "{text}");
    }
}

#[test]
fn key_files_are_those_that_openssh_would_open() {
    if !ssh_is_here() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let main = folder.path().join("main");
    let text = "Host pi01\nHostName %h.Lan\nUser Pi\nPort 2222\nIdentityFile none\nIdentityFile ~/.ssh/%n_%u\n\
        IdentityFile %d/keys/%r@%h:%p\nIdentityFile /k/100%%\nIdentityFile keys/own\n";
    std::fs::write(&main, text).expect("written");
    let own = |args: &[&str]| {
        let output = Command::new("id").args(args).output().expect("id runs");
        String::from_utf8(output.stdout).expect("text").trim().to_owned()
    };
    // OpenSSH takes the home from the user database, whatever HOME says.
    let people = std::fs::read_to_string("/etc/passwd").expect("the user database");
    let user = own(&["-un"]);
    let me = people.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|fields| fields[0] == user);
    let home = me.expect("an entry of mine")[5].to_owned();

    // The program in place of a connection ends at once.
    let output = Command::new("ssh").args(["-v", "-o", "ProxyCommand=false", "-F"]).arg(&main).arg("pi01").output();
    let said = String::from_utf8_lossy(&output.expect("ssh runs").stderr).into_owned();
    let file =
        |line: &str| Some(line.trim().strip_prefix("debug1: identity file ")?.rsplit_once(" type ")?.0.to_owned());
    // pictl does not use the certificates beside the keys.
    let theirs: Vec<_> = said.lines().filter_map(file).filter(|path| !path.ends_with("-cert")).collect();

    let ours = read(text).with_user(&user).lookup(&["pi01"], &home).identity_files;
    assert_eq!(ours.iter().map(|path| path.display().to_string()).collect::<Vec<_>>(), theirs, "{said}");
}

#[test]
fn any_name_of_a_host_finds_its_block() {
    let config = read("Host 10.0.0.3?\nUser pi\nHost pi* !pi07\nPort 2222\nHostName %h.lan\n");
    let found = config.lookup(&["Pi", "10.0.0.31", "pi01"], "/home/me");
    assert_eq!(
        (found.user.as_deref(), found.port, found.host_name.as_deref()),
        (Some("pi"), Some(2222), Some("pi.lan"))
    );
    assert_eq!(config.lookup(&["pi01", "pi07"], "/home/me"), HostOptions::default());
    assert_eq!(config.lookup(&[], "/home/me"), HostOptions::default());
}

#[test]
fn the_user_of_a_key_file_is_the_homes_unless_it_is_said() {
    let config = read("IdentityFile ~/%u\n");
    assert_eq!(config.lookup(&["a"], "/home/pi").identity_files, [Path::new("/home/pi/pi")]);
    assert_eq!(config.with_user("eve").lookup(&["a"], "/home/pi").identity_files, [Path::new("/home/pi/eve")]);
}

#[test]
fn lines_that_are_not_followed_are_reported_with_their_place() {
    let text = "User pi\nMatch host pi01\n  Port 2222\nHost pi*\n  Port 99999\n  IdentityFile ~eve/key\n  \
        IdentityFile ${HOME}/key\n  IdentityFile /k/%C\n  Include more\n";
    let (config, problems) =
        SshConfig::parse(text, &mut |argument| vec![(format!("/etc/{argument}"), "\nUser a b\n".into())]);
    let places: Vec<_> = problems.iter().map(|p| (p.file.as_str(), p.line)).collect();
    let usual = |line| (USUAL_FILE, line);
    assert_eq!(places, [usual(2), usual(5), usual(6), usual(7), usual(8), ("/etc/more", 2)]);
    assert_eq!(problems[1].to_string(), "~/.ssh/config line 5: \"99999\" is not a port between 1 and 65535");
    assert_eq!(config.lookup(&["pi01"], "/home/me"), HostOptions { user: Some("pi".into()), ..HostOptions::default() });
}

#[test]
fn a_host_line_that_is_not_understood_is_for_no_host() {
    for line in [format!("Host {}pi01", "x ".repeat(MAX_VALUE)), "Host \"pi01".into(), "Host pi01 \u{1}".into()] {
        let (config, problems) = SshConfig::parse(&format!("Port 2200\n{line}\nUser pi\n"), &mut |_| Vec::new());
        assert_eq!(problems.iter().map(|p| p.line).collect::<Vec<_>>(), [2]);
        assert_eq!(config.lookup(&["pi01"], "/").user, None);
    }
}

#[test]
fn files_that_include_each_other_end() {
    let (_, problems) = SshConfig::parse("Include a", &mut |_| vec![("a".into(), "Include a a a a\n".into())]);
    assert!(problems.len() == 2 && problems[1].text.contains("too long"), "{problems:?}");
    assert_eq!(SshConfig::parse(&"User\n".repeat(1_000), &mut |_| Vec::new()).1.len(), MAX_PROBLEMS);
    let large = "# \n".repeat(MAX_BYTES);
    assert_eq!(SshConfig::parse(&large, &mut |_| Vec::new()).1.len(), 1);
    // As long as a configuration can be, against names that nearly fit: with backtracking the end would not be seen.
    let line = format!("Host {}b\nUser x\n", "*a".repeat(2_000));
    let long = read(&line.repeat(MAX_BYTES / line.len()));
    assert_eq!(long.lookup(&["a".repeat(253).as_str(); 3], "/home/me"), HostOptions::default());
}

#[test]
fn aliases_are_known_in_both_directions() {
    let config = read(
        "Host one\n  HostName 10.0.0.1\nHost two pi2\n  HostName %h.local\nHost three\n  User x\nHost pi* !pi2\n  HostName 10.0.0.9\n\
         Host 10.0.0.5\n  HostName 10.0.0.5\n",
    );
    assert_eq!((config.leads_to("One"), config.leads_to("pi2")), (Some("10.0.0.1"), Some("pi2.local")));
    // No name of its own, a pattern, and what leads to itself.
    assert_eq!((config.leads_to("three"), config.leads_to("pi7"), config.leads_to("10.0.0.5")), (None, None, None));
    assert_eq!(config.aliases_of(&["x", "10.0.0.1"]).collect::<Vec<_>>(), ["one"]);
    assert_eq!(config.aliases_of(&["Two.local", "PI2.local"]).collect::<Vec<_>>(), ["two", "pi2"]);
    assert_eq!(config.aliases_of(&["three"]).count(), 0);
}

proptest! {
    #[test]
    fn any_text_is_read_and_any_host_looked_up(
        text in any::<String>(),
        lines in prop::collection::vec(
            "(Host|HostName|User|Port|IdentityFile|IdentitiesOnly|ProxyJump|ProxyCommand|Include|Match|=|x)[ =\t]{0,3}[a-c*?!\"'\\\\,@:\\[\\]%~$\\{\\}/# 0-9é\u{0}-]{0,30}",
            0..12,
        ),
        host in "[a-c0-9é.]{0,8}",
    ) {
        let lines = lines.join("\n");
        for text in [&text, &lines] {
            let (config, problems) = SshConfig::parse(text, &mut |argument| vec![(argument.to_owned(), lines.clone())]);
            prop_assert!(problems.len() <= MAX_PROBLEMS);
            let found = config.lookup(&[&host, "10.0.0.1"], "/home/me");
            prop_assert_eq!(&found, &config.lookup(&[&host, "10.0.0.1"], "/home/me"));
            prop_assert!(found.port != Some(0) && found.identity_files.len() <= MAX_IDENTITIES);
            // What a hop says can be read again.
            for hop in found.proxy_jump {
                prop_assert_eq!(Hop::parse(&hop.to_string()), Ok(hop));
            }
        }
    }

    #[test]
    fn a_setting_before_all_others_wins(lines in "(Host [a-z*?! ]{1,9}\n(User [a-z]{1,3}\n)?){0,5}", user in "[a-z]{1,8}") {
        let (config, _) = SshConfig::parse(&format!("User {user}\n{lines}"), &mut |_| Vec::new());
        prop_assert_eq!(config.lookup(&["pi01"], "/root").user, Some(user));
    }
}
