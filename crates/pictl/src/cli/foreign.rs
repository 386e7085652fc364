//! Options of other programs, as readers of older instructions type them: `mpirun -np 16 -machinefile hosts`, `nmap -sn`,
//! `pdsh -w pi01`.
//!
//! A word that begins with a dash is never taken for the program to run. It is an option of pictl, or one that means the same
//! here, or it is refused with what to write instead.

mod tables;

use std::ffi::OsString;

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use tables::{Meaning, rows};

/// The words of a command line as pictl writes them, or what to write instead.
///
/// `words` begins with the first one after the program's name.
pub(crate) fn translate(words: Vec<OsString>, grammar: &Command) -> Result<Vec<OsString>, String> {
    let mut reader = Reader { path: vec![grammar], written: Vec::new(), complaints: Vec::new(), is_mended: true };
    reader.read(words);
    let Reader { path, written, complaints, is_mended } = reader;
    if complaints.is_empty() {
        return Ok(written);
    }
    let text: Vec<String> = written.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let instead = if is_mended && path.len() > 1 && text.len() > 1 {
        format!("; try: pictl {}", pictl_formats::shell::join(&text))
    } else {
        String::new()
    };
    Err(format!("{}{instead}", complaints.join("; ")))
}

/// Adds to clap's message about an option that is not known here which other commands know it.
pub(crate) fn explain(mut error: clap::Error, grammar: &Command) -> clap::Error {
    if error.kind() != ErrorKind::UnknownArgument {
        return error;
    }
    if error.get(ContextKind::SuggestedArg).is_some() {
        // That it could be passed to the program with `--` before it is never what was meant.
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(Vec::new()));
        return error;
    }
    let Some(ContextValue::String(option)) = error.get(ContextKind::InvalidArg) else { return error };
    let name = option.trim_start_matches('-').split('=').next().unwrap_or_default().to_owned();
    let mut owners = Vec::new();
    owners_of(grammar, &name, "pictl", &mut owners);
    let tip = if owners.is_empty() {
        "options of the program go after its name".to_owned()
    } else {
        format!("--{name} is an option of {}", owners.join(", "))
    };
    let tip =
        if owners.is_empty() && !takes_program(error.get(ContextKind::Usage)) { Vec::new() } else { vec![tip.into()] };
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(tip));
    error
}

/// The usage ends with a program and its arguments.
fn takes_program(usage: Option<&ContextValue>) -> bool {
    usage.is_some_and(|usage| {
        let usage = usage.to_string();
        usage.contains("<PROGRAM>") || usage.contains("<CMD>")
    })
}

/// The commands that have the option `--name`, by their full names.
fn owners_of(command: &Command, name: &str, path: &str, owners: &mut Vec<String>) {
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set() && sub.get_name() != "help") {
        let path = format!("{path} {}", sub.get_name());
        if sub.get_arguments().any(|arg| !arg.is_global_set() && has_long(arg, name)) {
            owners.push(path.clone());
        }
        owners_of(sub, name, &path, owners);
    }
}

fn has_long(arg: &clap::Arg, name: &str) -> bool {
    arg.get_long() == Some(name) || arg.get_all_aliases().is_some_and(|aliases| aliases.contains(&name))
}

fn has_short(arg: &clap::Arg, letter: char) -> bool {
    arg.get_short() == Some(letter) || arg.get_all_short_aliases().is_some_and(|aliases| aliases.contains(&letter))
}

/// The value is another word.
fn wants_word(arg: &clap::Arg) -> bool {
    arg.get_action().takes_values() && !arg.is_require_equals_set()
}

struct Reader<'a> {
    /// The program, the command, its command, as far as they were read.
    path: Vec<&'a Command>,
    written: Vec<OsString>,
    complaints: Vec<String>,
    /// What was written is right, although there were complaints.
    is_mended: bool,
}

impl<'a> Reader<'a> {
    fn read(&mut self, words: Vec<OsString>) {
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let text = word.to_str().unwrap_or_default().to_owned();
            if text == "--" {
                self.written.push(word);
                break;
            }
            if text.len() > 1 && text.starts_with('-') {
                self.option(&text, &mut words);
                continue;
            }
            let (command, below) = self.command().map_or((None, None), |at| (Some(at), at.find_subcommand(&text)));
            self.written.push(word);
            match (below, command) {
                (Some(below), _) => self.path.push(below),
                // From here on everything belongs to the program.
                (None, Some(command)) if command.get_positionals().any(clap::Arg::is_trailing_var_arg_set) => break,
                _ => {}
            }
        }
        self.written.extend(words);
    }

    /// What this option of another program means for the command.
    fn row(&self, name: &str) -> Option<tables::Row> {
        match self.path.as_slice() {
            [_, command] => rows(command.get_name(), name),
            _ => None,
        }
    }

    fn command(&self) -> Option<&'a Command> {
        self.path.last().copied()
    }

    /// An option of pictl of this kind, as far as commands were read.
    fn own(&self, is_meant: impl Fn(&clap::Arg) -> bool) -> Option<&'a clap::Arg> {
        self.path.iter().flat_map(|command| command.get_arguments()).find(|arg| is_meant(arg))
    }

    fn is_long(&self, name: &str) -> bool {
        matches!(name, "help" | "version") || self.own(|arg| has_long(arg, name)).is_some()
    }

    fn is_short(&self, letter: char) -> bool {
        matches!(letter, 'h' | 'V') || self.own(|arg| has_short(arg, letter)).is_some()
    }

    fn option(&mut self, text: &str, words: &mut impl Iterator<Item = OsString>) {
        let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
        let bare = name.trim_start_matches('-');
        let is_long = name.starts_with("--");
        let is_letter = !is_long && bare.chars().count() == 1;
        let first = bare.chars().next().unwrap_or('-');
        if (is_long && self.is_long(bare)) || (is_letter && self.is_short(first)) {
            return self.write(text, words);
        }
        if let Some(row) = self.row(name) {
            let value_word = |words: &mut dyn Iterator<Item = OsString>| match value {
                Some(value) => Some(OsString::from(value)),
                None => words.next(),
            };
            match row.meaning {
                Meaning::Same(own) => {
                    self.written.push(own.into());
                    self.written.extend(value_word(words));
                }
                Meaning::Words(own) => self.written.extend(own.iter().map(OsString::from)),
                Meaning::Drop(why) => self.complaints.push(format!("{name} is an option of {}: {why}", row.of)),
                Meaning::DropWithValue(why) => {
                    value_word(words);
                    self.complaints.push(format!("{name} is an option of {}: {why}", row.of));
                }
                Meaning::Instead(what) => {
                    self.complaints.push(format!("{name} is an option of {}: {what}", row.of));
                    self.is_mended = false;
                    // Its value would be taken for the program.
                    self.written.extend(words);
                }
            }
            return;
        }
        // mpirun and others take their long options with one dash, too.
        let spelt_out = !is_long && bare.len() > 1 && bare.chars().all(|c| c.is_ascii_alphabetic() || c == '-');
        if spelt_out && (self.is_long(bare) || !self.is_short(first)) {
            return self.write(&format!("-{text}"), words);
        }
        self.write(text, words);
    }

    /// Writes an option as it is, with its value.
    fn write(&mut self, text: &str, words: &mut impl Iterator<Item = OsString>) {
        self.written.push(text.into());
        let wants = if let Some(long) = text.strip_prefix("--") {
            !long.contains('=') && self.own(|arg| has_long(arg, long)).is_some_and(wants_word)
        } else {
            // The first letter that takes a value has the rest of the word as its value.
            let mut letters = text.chars().skip(1);
            let taker = letters.find(|letter| self.own(|arg| has_short(arg, *letter)).is_some_and(wants_word));
            taker.is_some() && letters.next().is_none()
        };
        if wants {
            self.written.extend(words.next());
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, FromArgMatches as _};

    use super::*;
    use crate::cli::{Cli, Command as Verb};

    fn translated(line: &str) -> Result<String, String> {
        let words = pictl_formats::shell::split(line).unwrap().into_iter().map(OsString::from).collect();
        let words = translate(words, &Cli::command())?;
        let words: Vec<String> = words.into_iter().map(|word| word.into_string().unwrap()).collect();
        Ok(words.join(" "))
    }

    fn parsed(line: &str) -> Result<Verb, String> {
        let line = translated(line)?;
        let words = std::iter::once("pictl").chain(line.split(' '));
        let mut grammar = crate::cli::grammar();
        let matches = grammar.try_get_matches_from_mut(words).map_err(|e| explain(e, &grammar).to_string())?;
        Ok(Cli::from_arg_matches(&matches).unwrap().command.unwrap())
    }

    #[test]
    fn what_readers_of_mpirun_type_is_understood() {
        for (typed, written) in [
            ("run -np 16 -- hostname", "run -n 16 -- hostname"),
            ("run -np=16 hostname -np 3", "run -n 16 hostname -np 3"),
            ("run --np 4 -machinefile hosts ./x", "run -n 4 --machinefile hosts ./x"),
            ("run -hostfile hosts -c 2 ./x -c 3", "run --hostfile hosts -n 2 ./x -c 3"),
            ("run -f hosts -n 4 ./x", "run -f hosts -n 4 ./x"),
            ("run -host pi01,pi02 ./x", "run --host pi01,pi02 ./x"),
            ("run -H pi01 --map-by slot ./x", "run --host pi01 --map slot ./x"),
            ("run -bynode ./x -bynode", "run --map node ./x -bynode"),
            ("--user pi run -timeout 5 -nodes pi01 ./x", "--user pi run --timeout 5 --nodes pi01 ./x"),
            ("bench pi -np 4 -machinefile hosts", "bench pi -n 4 --machinefile hosts"),
            ("bench -np 4 pi", "bench -n 4 pi"),
            ("exec -w pi[01-02] -- uptime -w", "exec --nodes pi[01-02] -- uptime -w"),
            ("exec -H pi01 -t 5 uptime", "exec --host pi01 --timeout 5 uptime"),
            ("scan -e eth0 10.0.0.0/24", "scan --interface eth0 10.0.0.0/24"),
            ("-v run -vn 4 -vvn8 ./x", "-v run -vn 4 -vvn8 ./x"),
            ("run --file -np ./x", "run --file -np ./x"),
            ("-- run -np", "-- run -np"),
        ] {
            assert_eq!(translated(typed).as_deref(), Ok(written), "{typed}");
        }
        let Verb::Run(run) = parsed("run -np 16 -machinefile hosts python3 -m mpi4py -np x").unwrap() else { panic!() };
        assert_eq!((run.ranks, run.words.join(" ").as_str()), (Some(16), "python3 -m mpi4py -np x"));
        assert_eq!(run.launch.hosts.hostfile.as_deref(), Some(std::path::Path::new("hosts")));
    }

    #[test]
    fn no_option_becomes_the_program() {
        for (typed, helps) in [
            ("run --timout 5 hostname", "'--timeout'"),
            ("run -timout 5 hostname", "'--timeout'"),
            ("run --repeat 3 hostname", "--repeat is an option of pictl bench"),
            ("run --dry-run hostname", "--dry-run is an option of pictl setup"),
            ("run --only mpi hostname", "--only is an option of pictl setup"),
            ("run -z hostname", "options of the program go after its name"),
            ("run --frobnicate hostname", "options of the program go after its name"),
            ("exec --timout 5 -- hostname", "'--timeout'"),
            ("exec -z hostname", "options of the program go after its name"),
            ("bench pi --timout 5", "'--timeout'"),
            ("bench pi --only mpi", "--only is an option of pictl setup"),
            ("run --mca btl tcp,self ./x", "--mca is an option of mpirun: "),
            ("run -x OMP_NUM_THREADS=2 ./x", "pictl run env NAME=VALUE PROGRAM"),
            ("run -ppn 2 -n 4 ./x", "-ppn is an option of mpirun: "),
            ("run --oversubscribe -np 99 ./x", "try: pictl run -n 99 ./x"),
            ("exec -np 4 hostname", "pictl run starts ranks"),
        ] {
            let why = parsed(typed).expect_err(typed);
            assert!(why.contains(helps) && !why.contains("as a value"), "{typed}: {why}");
        }
    }

    #[test]
    fn options_of_network_scanners_are_explained() {
        for (typed, helps) in [
            ("scan -sn 10.0.0.0/24", "-sn is an option of nmap: "),
            ("scan -sn 10.0.0.0/24", "; try: pictl scan 10.0.0.0/24"),
            ("scan 10.0.0.0/24 -sP", "; try: pictl scan 10.0.0.0/24"),
            ("scan -T4 -Pn -n 10.0.0.1", "; try: pictl scan 10.0.0.1"),
            ("scan -oG - 10.0.0.1", "--json prints"),
            ("scan -oX out.xml 10.0.0.1", "; try: pictl scan 10.0.0.1"),
            ("scan -iL hosts", "pictl scan $(cat FILE)"),
            ("scan -sV -O 10.0.0.1", "-O is an option of nmap: "),
            ("scan --localnet", "--localnet is an option of arp-scan: "),
            ("scan --top-ports 10 10.0.0.1", "; try: pictl scan 10.0.0.1"),
        ] {
            let why = translated(typed).expect_err(typed);
            assert!(why.contains(helps) && !why.contains('\n'), "{typed}: {why}");
        }
    }

    #[test]
    fn what_has_no_meaning_here_is_left_to_the_grammar() {
        for line in ["nodes list -x", "run", "keys --frob", "", "bench pi -n many", "lab exec -- ssh -v pi@10.0.0.1"] {
            assert_eq!(translated(line).as_deref(), Ok(line));
        }
    }
}
