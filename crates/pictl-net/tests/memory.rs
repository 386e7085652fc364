//! Memory under endless output; a file of its own, because it measures the whole process.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "tests")]
#![cfg(target_os = "linux")]

mod common;

use common::{Door, Host, command, ed25519, password, soon};
use pictl_engine::ports::{Connect, RemoteCommand};
use pictl_net::ssh::Ssh;

#[tokio::test]
async fn much_output_is_read_to_the_end_and_little_of_it_kept() {
    let key = ed25519();
    let host = Host::start(Door { keys: vec![key.clone()], password: Some("x"), ..Door::default() }).await;
    let session = soon(Ssh::default().connect(host.spec(&[&key], vec![password("x")]), None)).await.unwrap();
    let before = resident_kib();
    let burst = RemoteCommand { max_output: 1000, ..command("burst 67108864") };
    let output = soon(session.run(burst)).await.unwrap();
    assert_eq!((output.out.len(), output.truncated, output.status), (1000, true, Some(0)));
    assert_eq!(*host.seen.sent.borrow(), 64 << 20);
    let grown = resident_kib().saturating_sub(before);
    println!("{grown} KiB more after 64 MiB of output");
    assert!(grown < (64 << 10) / 2, "{grown} KiB of 64 MiB of output were kept");
}

/// Memory of this process.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
