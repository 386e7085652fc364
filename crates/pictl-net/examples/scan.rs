//! Scans and prints what it hears, with times:
//! `scan [--method arp|connect] [--interface IF] [--port P] [--thorough] [--exclude T]… [--expect ADDRESS]… [TARGET…]`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example for the terminal")]

use std::process::ExitCode;
use std::time::Instant;

use pictl_engine::ports::{Discover, ScanNews};
use pictl_model::request::{Expected, ScanMethod, ScanRequest};
use pictl_net::scan::Scanner;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> ExitCode {
    let mut request = ScanRequest { port: 22, ..ScanRequest::default() };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--method" => {
                request.method = match arguments.next().as_deref() {
                    Some("arp") => ScanMethod::Arp,
                    Some("connect") => ScanMethod::Connect,
                    _ => ScanMethod::Auto,
                };
            }
            "--interface" => request.interface = arguments.next(),
            "--port" => request.port = arguments.next().and_then(|port| port.parse().ok()).unwrap_or(22),
            "--thorough" => request.thorough = true,
            "--exclude" => request.exclude.extend(arguments.next()),
            "--expect" => {
                let address = arguments.next().and_then(|address| address.parse().ok());
                request.expected.extend(address.map(|address| Expected {
                    address,
                    mac: None,
                    interfaces: Vec::new(),
                    ssh_known: true,
                }));
            }
            _ => request.targets.push(argument),
        }
    }
    let begin = Instant::now();
    let (news, mut heard) = mpsc::unbounded_channel();
    let scan = tokio::spawn(Scanner::default().scan(request, news, CancellationToken::new()));
    while let Some(news) = heard.recv().await {
        let at = begin.elapsed().as_secs_f64();
        match news {
            ScanNews::Host(host) => {
                let seen = host.mac.map_or_else(|| "-".into(), |mac| mac.to_string());
                let name = host.hostname.as_deref().unwrap_or("-");
                let ssh = host.ssh.as_deref().unwrap_or("-");
                let (odd, others) = (&host.flags, &host.others);
                let evidence = (&host.hints, &host.seen_by);
                println!("{at:6.3} {} {seen} {name} {ssh} {evidence:?} {odd:?} {others:?}", host.address);
            }
            other => println!("{at:6.3} {other:?}"),
        }
    }
    match scan.await {
        Ok(Ok(end)) => {
            end.problems.iter().for_each(|problem| eprintln!("problem: {problem}"));
            end.silent.iter().for_each(|address| println!("silent: {address}"));
            println!("{:6.3} end", begin.elapsed().as_secs_f64());
            ExitCode::SUCCESS
        }
        Ok(Err(error)) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
