//! `pictl lab` without pictl, for trying the room on its own.

use pictl_lab::virt::{Lab, LabSpec, Progress};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let start = std::time::Instant::now();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["up", name, nodes, os, mpi, rest @ ..] => {
            let mut spec = LabSpec {
                name: (*name).into(),
                nodes: nodes.parse()?,
                os: os.parse()?,
                with_mpi: mpi.parse()?,
                cloned: rest.contains(&"cloned"),
                ..LabSpec::default()
            };
            if let Some(l) = rest.iter().find_map(|w| w.strip_prefix("latency=")) {
                spec.latency = Some(pictl_lab::virt::parse_latency(l)?);
            }
            spec.rate = rest.iter().find_map(|w| w.strip_prefix("rate=")).map(str::to_owned);
            Lab::up(spec, &mut |progress| match progress {
                Progress::Phase(text) => eprintln!("{:6.2} {text}", start.elapsed().as_secs_f32()),
                Progress::Line(text) => eprintln!("{:6.2}   {text}", start.elapsed().as_secs_f32()),
            })?;
        }
        ["down", name] => println!("{}", Lab::remove(name)?),
        ["list"] => println!("{:?}", Lab::list()?),
        ["status", name] => println!("{}", serde_json::to_string_pretty(&Lab::open(name)?.status())?),
        ["kill", name, node] => Lab::open(name)?.kill(node)?,
        ["start", name, node] => Lab::open(name)?.start(node)?,
        ["unplug", name, node] => Lab::open(name)?.unplug(node)?,
        ["plug", name, node] => Lab::open(name)?.plug(node)?,
        ["set", name, node, settings @ ..] => {
            let settings: Result<Vec<_>, _> = settings.iter().map(|text| text.parse()).collect();
            Lab::open(name)?.set(node, &settings?)?;
        }
        ["exec", name, command @ ..] => {
            let command: Vec<_> = command.iter().map(Into::into).collect();
            std::process::exit(Lab::open(name)?.exec(&command)?.code().unwrap_or(1));
        }
        _ => return Err("see the source".into()),
    }
    eprintln!("{:6.2} done", start.elapsed().as_secs_f32());
    Ok(())
}
