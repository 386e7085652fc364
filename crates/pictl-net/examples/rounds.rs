//! A command on many hosts over established connections: `rounds USER KEY KNOWN_HOSTS COMMAND ADDRESS…`. Logs in
//! everywhere, prints how many hosts that is, and then for every line on its standard input runs COMMAND on all at
//! once and prints how many succeeded.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "an example for the terminal")]

use std::error::Error;
use std::io::stdin;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{join_all, try_join_all};
use pictl_engine::ports::{Connect as _, ConnectSpec, Credential, Limits, RemoteCommand, Session};
use pictl_formats::known_hosts::KnownHosts;
use pictl_net::ssh::Ssh;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [user, key, known_hosts, command, addresses @ ..] = arguments.as_slice() else {
        return Err("usage: rounds USER KEY KNOWN_HOSTS COMMAND ADDRESS…".into());
    };
    let known = Arc::new(KnownHosts::parse(&std::fs::read_to_string(known_hosts)?).0);
    let ssh = Ssh::default();
    let mut logins = Vec::new();
    for address in addresses {
        let spec = ConnectSpec {
            address: SocketAddr::new(address.parse::<IpAddr>()?, 22),
            user: user.clone(),
            known: Arc::clone(&known),
            credentials: vec![Credential::Key { path: key.into(), passphrase: None }],
            limits: Limits::default(),
            via: None,
        };
        logins.push(ssh.connect(spec, None));
    }
    let sessions = try_join_all(logins).await?;
    println!("{}", sessions.len());
    for line in stdin().lines() {
        line?;
        println!("{}", round(&sessions, command).await);
    }
    Ok(())
}

/// How many hosts said that the command succeeded.
async fn round(sessions: &[Arc<dyn Session>], command: &str) -> usize {
    let ask = |session: &Arc<dyn Session>| {
        session.run(RemoteCommand {
            line: command.to_owned(),
            script: false,
            stdin: Vec::new().into(),
            limit: Some(Duration::from_secs(10)),
            max_output: 1024,
        })
    };
    let answers = join_all(sessions.iter().map(ask)).await;
    answers.iter().flatten().filter(|output| output.status == Some(0)).count()
}
