//! Simulated Pis in a process of their own: `sim NODES [FIRST-ADDRESS]`. Prints `TARGETS PORT` once they answer, and ends
//! with its standard input.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "an example for the terminal")]

use std::error::Error;
use std::io;

use pictl_lab::sim::{self, SimSpec};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let mut spec = SimSpec { port: 0, ..SimSpec::default() };
    if let Some(nodes) = args.next() {
        spec.nodes = nodes.parse()?;
    }
    if let Some(first) = args.next() {
        spec.first = first.parse()?;
    }
    let sim = sim::start(spec).await?;
    let port = sim.nodes().first().map_or(0, |node| node.address.port());
    println!("{} {port}", sim.targets());
    tokio::task::spawn_blocking(|| io::copy(&mut io::stdin(), &mut io::sink())).await??;
    sim.stop().await;
    Ok(())
}
