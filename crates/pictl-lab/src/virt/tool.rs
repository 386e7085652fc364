//! Running the tools of the system.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, ExitStatus, Output, Stdio};

use super::LabError;

/// Runs a command to its end; gives its standard output, or an error with the end of what it said.
pub(crate) fn run(command: &mut Command) -> Result<String, LabError> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| failed(command, &error))?;
    checked(command, &output)
}

/// The same with something on standard input.
pub(crate) fn run_with_input(command: &mut Command, input: &str) -> Result<String, LabError> {
    let start = |command: &mut Command| {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        // A tool that ends without reading everything has its reason in its output.
        let _ = child.stdin.take().map(|mut stdin| stdin.write_all(input.as_bytes()));
        child.wait_with_output()
    };
    let output = start(command).map_err(|error| failed(command, &error))?;
    checked(command, &output)
}

/// The standard output of a command that has ended, or an error with the end of what it said.
pub(crate) fn checked(command: &Command, output: &Output) -> Result<String, LabError> {
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let mut said = String::from_utf8_lossy(&output.stderr).into_owned();
    if said.trim().is_empty() {
        said = String::from_utf8_lossy(&output.stdout).into_owned();
    }
    Err(LabError::Tool { command: line(command), status: output.status.to_string(), said: tail(&said, 5) })
}

/// Runs a command to its end and passes on every line of its standard output.
pub(crate) fn follow(command: &mut Command, report: &mut dyn FnMut(String)) -> Result<ExitStatus, LabError> {
    let mut start = || {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        for line in child.stdout.take().into_iter().flat_map(|out| BufReader::new(out).split(b'\n')) {
            report(pictl_model::text::clean_bytes(&line?, 200));
        }
        child.wait()
    };
    start().map_err(|error| failed(command, &error))
}

/// The error of a command that could not be started.
pub(crate) fn failed(command: &Command, error: &std::io::Error) -> LabError {
    LabError::Tool { command: line(command), status: error.to_string(), said: String::new() }
}

/// The command line, for messages.
fn line(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|arg| arg.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The last lines of a text, without control characters.
pub(crate) fn tail(text: &str, lines: usize) -> String {
    let all: Vec<_> = text.lines().map(|line| pictl_model::text::clean(line, 200)).filter(|l| !l.is_empty()).collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}
