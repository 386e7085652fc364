//! Scans of 127.0.0.0/8, with listeners that answer as hosts may.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pictl_engine::ports::{Discover, ScanEnd, ScanError, ScanNews};
use pictl_model::node::{SeenBy, Sighting};
use pictl_model::request::{Expected, ScanMethod, ScanRequest};
use pictl_net::scan::Scanner;
use pictl_tests::{LIMIT, limit};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// What a listener does with a connection.
#[derive(Clone)]
enum Manner {
    Says(Vec<u8>),
    SaysFor(Vec<u8>),
    ForEver(&'static [u8]),
    /// One byte at a time, so long after the one before.
    Slowly(&'static [u8], Duration),
    /// Once it is allowed to.
    SaysWhen(&'static [u8], Arc<Notify>),
}

/// A host at `address` (port 0: any), which counts its connections.
async fn host(address: &str, port: u16, manner: Manner) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind((address, port)).await.unwrap();
    let at = listener.local_addr().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let manner = manner.clone();
            tokio::spawn(async move {
                match manner {
                    Manner::Says(text) => drop(stream.write_all(&text).await),
                    Manner::SaysFor(text) => {
                        let _ = stream.write_all(&text).await;
                        std::future::pending::<()>().await;
                    }
                    Manner::SaysWhen(text, allowed) => {
                        allowed.notified().await;
                        let _ = stream.write_all(text).await;
                        std::future::pending::<()>().await;
                    }
                    Manner::ForEver(text) => while stream.write_all(text).await.is_ok() {},
                    Manner::Slowly(text, pause) => {
                        for byte in text {
                            tokio::time::sleep(pause).await;
                            let _ = stream.write_all(&[*byte]).await;
                        }
                    }
                }
            });
        }
    });
    (at, connections)
}

struct Heard {
    first: ScanNews,
    hosts: Vec<Sighting>,
    asked: u64,
    problems: Vec<String>,
    end: Result<ScanEnd, ScanError>,
}

impl Heard {
    /// The last report of `address`.
    fn of(&self, address: &str) -> Option<&Sighting> {
        let address: IpAddr = address.parse().unwrap();
        self.hosts.iter().rfind(|host| host.address == address)
    }
}

fn request(target: &str, port: u16) -> ScanRequest {
    ScanRequest { targets: vec![target.into()], port, ..ScanRequest::default() }
}

async fn scan(request: ScanRequest) -> Heard {
    let (news, mut from) = mpsc::unbounded_channel();
    let end = timeout(limit(LIMIT), Scanner::default().scan(request, news, CancellationToken::new()))
        .await
        .expect("a scan ends");
    let first = from.recv().await.unwrap_or(ScanNews::Progress { asked: 0, found: 0 });
    let (mut hosts, mut asked, mut problems) = (Vec::new(), 0, Vec::new());
    while let Some(news) = from.recv().await {
        match news {
            ScanNews::Host(host) => hosts.push(host),
            ScanNews::Progress { asked: now, .. } => asked = now,
            ScanNews::Problem(text) => problems.push(text),
            ScanNews::Started { .. } => panic!("it begins only once"),
        }
    }
    Heard { first, hosts, asked, problems, end }
}

#[tokio::test]
async fn hosts_are_found_by_one_connection_and_closed_ports_of_this_machine_are_not_hosts() {
    let (first, connections) =
        host("127.0.10.1", 0, Manner::Says(b"SSH-2.0-OpenSSH_9.2p1 Raspbian-2+deb12u3\r\n".into())).await;
    let port = first.port();
    host("127.0.10.9", port, Manner::SaysFor(b"welcome\r\nSSH-2.0-dropbear\r\n".into())).await;
    let heard = scan(request("127.0.10.0/28", port)).await;
    assert!(heard.end.as_ref().unwrap().problems.is_empty());
    let ScanNews::Started { targets, method, addresses } = &heard.first else { panic!("{:?}", heard.first) };
    assert_eq!((targets.as_str(), *addresses, heard.asked), ("127.0.10.0/28", 14, 14));
    assert!(method.contains("TCP connect"), "{method}");

    let pi = heard.of("127.0.10.1").unwrap();
    assert_eq!(pi.ssh.as_deref(), Some("SSH-2.0-OpenSSH_9.2p1 Raspbian-2+deb12u3"));
    assert_eq!((pi.port, pi.mac, &pi.seen_by[..]), (port, None, &[SeenBy::Connect][..]));
    assert!(pi.is_pi() && pi.rtt.is_some());
    assert_eq!(heard.of("127.0.10.9").unwrap().ssh.as_deref(), Some("SSH-2.0-dropbear"));
    assert!(heard.hosts.iter().all(|host| [1, 9].contains(&last(host))), "{:?}", heard.hosts);
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

fn last(host: &Sighting) -> u8 {
    match host.address {
        IpAddr::V4(v4) => v4.octets()[3],
        IpAddr::V6(_) => 0,
    }
}

#[tokio::test]
async fn hostile_banners_are_bounded_cleaned_and_do_not_hold_up_a_scan() {
    let manners = [
        Manner::SaysFor([b"SSH-2.0-".to_vec(), vec![b'A'; 10_000]].concat()),
        Manner::SaysFor(b"SSH-2.0-\x1b[2J\x1b]0;owned\x07evil\x00\r\n".into()),
        Manner::ForEver(b"a line that never ends "),
        Manner::ForEver(b"another line\r\n"),
        Manner::SaysFor(Vec::new()),
        Manner::Says(Vec::new()),
        Manner::SaysFor(b"HTTP/1.1 400 Bad Request\r\n\r\n".into()),
        Manner::Slowly(b"SSH-2.0-one_byte_an_hour", Duration::from_secs(3600)),
    ];
    let (mut port, mut connections) = (0, Vec::new());
    for (n, manner) in manners.into_iter().enumerate() {
        let (at, counted) = host(&format!("127.0.11.{}", n + 1), port, manner).await;
        port = at.port();
        connections.push(counted);
    }
    let heard = scan(request("127.0.11.1-8", port)).await;
    assert_eq!(heard.of("127.0.11.1").unwrap().ssh.as_ref().unwrap().len(), 255);
    assert_eq!(heard.of("127.0.11.2").unwrap().ssh.as_deref(), Some("SSH-2.0-evil"));
    for silent in 3..=8 {
        assert_eq!(heard.of(&format!("127.0.11.{silent}")).unwrap().ssh, None);
    }
    for counted in connections {
        assert_eq!(counted.load(Ordering::SeqCst), 1, "one connection a host and scan");
    }
}

#[tokio::test]
async fn a_host_that_takes_its_time_is_waited_for() {
    let (at, _) = host("127.0.14.1", 0, Manner::Slowly(b"SSH-2.0-slow\r\n", Duration::from_millis(30))).await;
    let heard = scan(request("127.0.14.1", at.port())).await;
    assert_eq!(heard.of("127.0.14.1").unwrap().ssh.as_deref(), Some("SSH-2.0-slow"));
}

#[tokio::test]
async fn what_is_excluded_is_not_asked() {
    let (at, wanted) = host("127.0.15.1", 0, Manner::Says(b"SSH-2.0-wanted\r\n".into())).await;
    let (_, other) = host("127.0.15.2", at.port(), Manner::Says(b"SSH-2.0-other\r\n".into())).await;
    let mut request = request("127.0.15.0/29", at.port());
    request.exclude = vec!["127.0.15.2-4".into()];
    let heard = scan(request).await;
    assert!(heard.of("127.0.15.1").is_some() && heard.of("127.0.15.2").is_none());
    assert_eq!((wanted.load(Ordering::SeqCst), other.load(Ordering::SeqCst)), (1, 0));
    assert_eq!(heard.asked, 3);
}

#[tokio::test]
async fn an_excluded_name_is_left_out_wherever_its_address_came_from() {
    let (at, connections) = host("127.0.0.1", 0, Manner::Says(b"SSH-2.0-here\r\n".into())).await;
    let mut all = request("127.0.0.1-3", at.port());
    all.exclude = vec!["localhost".into()];
    assert!(scan(all).await.of("127.0.0.1").is_none());
    let mut nobody = request("localhost", at.port());
    nobody.exclude = vec!["127.0.0.1".into()];
    assert!(scan(nobody).await.of("127.0.0.1").is_none());
    let mut unknown = request("127.0.0.1", at.port());
    unknown.exclude = vec!["there-is-no-such.invalid".into()];
    assert!(matches!(scan(unknown).await.end, Err(ScanError::Target { .. })), "rather than asking it by mistake");
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn expected_hosts_that_did_not_answer_are_reported() {
    let (at, _) = host("127.0.16.1", 0, Manner::Says(b"SSH-2.0-here\r\n".into())).await;
    let expect = |address: &str| Expected {
        address: address.parse().unwrap(),
        mac: None,
        interfaces: Vec::new(),
        ssh_known: true,
    };
    let mut request = request("127.0.16.1-2", at.port());
    request.expected = ["127.0.16.1", "127.0.16.2", "127.0.16.3"].map(expect).to_vec();
    let heard = scan(request).await;
    let end = heard.end.as_ref().unwrap();
    assert_eq!(end.silent, ["127.0.16.2".parse::<IpAddr>().unwrap()], ".3 was not asked");
    assert!(heard.of("127.0.16.1").is_some());
    assert_eq!(end.problems, heard.problems, "nothing is reported only at the end");
}

#[tokio::test]
async fn a_host_is_reported_before_its_banner_has_come() {
    let allowed = Arc::new(Notify::new());
    let (at, _) = host("127.0.12.1", 0, Manner::SaysWhen(b"SSH-2.0-at last\r\n", Arc::clone(&allowed))).await;
    let (news, mut from) = mpsc::unbounded_channel();
    let scan = tokio::spawn(Scanner::default().scan(request("127.0.12.1", at.port()), news, CancellationToken::new()));
    let mut banners = Vec::new();
    while let Some(news) = timeout(limit(LIMIT), from.recv()).await.unwrap() {
        if let ScanNews::Host(host) = news {
            banners.push(host.ssh);
            allowed.notify_one();
        }
    }
    scan.await.unwrap().unwrap();
    // The host says who it is only after the scan has reported it, and the scan still waits for that.
    assert_eq!((&banners[0], banners.last().unwrap().as_deref()), (&None, Some("SSH-2.0-at last")));
}

#[tokio::test]
async fn cancelling_ends_a_scan_at_once() {
    let (at, _) = host("127.0.13.1", 0, Manner::SaysFor(Vec::new())).await;
    let (news, mut from) = mpsc::unbounded_channel();
    let cancel = CancellationToken::new();
    let scan = tokio::spawn(Scanner::default().scan(request("127.0.13.1", at.port()), news, cancel.clone()));
    while !matches!(from.recv().await.unwrap(), ScanNews::Host(_)) {}
    // The host says nothing more, so the clock need not wait for it: it only counts what the scan waits for.
    tokio::time::pause();
    let begin = tokio::time::Instant::now();
    cancel.cancel();
    assert!(scan.await.unwrap().is_ok());
    assert!(begin.elapsed() < Duration::from_millis(100), "{:?}", begin.elapsed());
}

#[tokio::test]
async fn a_name_is_looked_up_and_counted() {
    let (at, _) = host("127.0.0.1", 0, Manner::Says(b"SSH-2.0-here\r\n".into())).await;
    let heard = scan(request("localhost", at.port())).await;
    assert!(matches!(heard.first, ScanNews::Started { addresses: 1, .. }));
    assert_eq!(heard.of("127.0.0.1").unwrap().ssh.as_deref(), Some("SSH-2.0-here"));
}

#[tokio::test]
async fn nonsense_is_refused() {
    let error = |request| async { scan(request).await.end.unwrap_err().to_string() };
    assert!(error(request("10.0.0.9-1", 22)).await.contains("reversed"));
    assert!(error(request("0.0.0.0/0", 22)).await.contains("cannot scan"));
    let nowhere = ScanRequest { interface: Some("nowhere0".into()), ..request("127.0.0.1", 22) };
    assert!(error(nowhere).await.contains("nowhere0"));
    let arp = ScanRequest { method: ScanMethod::Arp, ..request("127.0.0.1", 22) };
    let text = error(arp).await;
    assert!(text.contains("not in a network") || text.contains("not allowed"), "{text}");
}

/// Opens all the files that this process may have open, of which there are few now.
#[cfg(target_os = "linux")]
fn open_all_files() -> Vec<std::fs::File> {
    let files = rustix::process::Resource::Nofile;
    let limit = rustix::process::Rlimit { current: Some(100), ..rustix::process::getrlimit(files) };
    rustix::process::setrlimit(files, limit).unwrap();
    std::iter::from_fn(|| std::fs::File::open("/dev/null").ok()).collect()
}

/// `Too many open files` is an answer of this machine, not of the network.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn hosts_that_could_not_be_asked_for_want_of_files_are_not_silent() {
    let (at, _connections) = host("127.0.10.1", 0, Manner::SaysFor(b"SSH-2.0-x\r\n".into())).await;
    let expected = [1, 2].map(|n| Expected {
        address: [127, 0, 10, n].into(),
        mac: None,
        interfaces: Vec::new(),
        ssh_known: false,
    });
    let request = ScanRequest { expected: expected.to_vec(), ..request("127.0.10.1-9", at.port()) };
    let all = open_all_files();
    assert!(!all.is_empty());
    let heard = scan(request).await;
    let Err(error @ ScanError::NothingAsked { count: 9, .. }) = heard.end else { panic!("{:?}", heard.end) };
    assert!(error.to_string().contains("Too many open files"), "{error}");
    assert!(heard.hosts.is_empty());
    assert!(heard.problems.iter().any(|problem| problem.contains("to 9 addresses")), "{:?}", heard.problems);
}
