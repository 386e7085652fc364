//! Which program a command line runs: `heat.py` of `python3 -u heat.py 1000`, `solver` of `env A=b nice -n 5 ./solver`.

use pictl_formats::shell;

/// The program of a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// Its file, or its module where an interpreter runs one.
    pub name: String,
    /// Its ranks are Python.
    pub python: bool,
    /// It stands behind another program, which only starts it.
    pub wrapped: bool,
}

/// Lines inside of lines (`sh -c 'sh -c …'`) that are followed.
const DEPTH: u8 = 4;

/// The program that `words` run.
pub(super) fn named(words: &[String]) -> Named {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    find(&words, DEPTH).unwrap_or_else(|| {
        let first = words.first().copied().unwrap_or_default();
        Named { name: first.to_owned(), python: is_python(first) || is_script(first), wrapped: false }
    })
}

/// The program behind a wrapper or interpreter; `None` where the first word is not one, or nothing follows it.
fn find(words: &[&str], depth: u8) -> Option<Named> {
    let (first, rest) = words.split_first()?;
    let behind = |words: &[&str]| {
        let first = words.first()?;
        let plain = Named { name: (*first).to_owned(), python: is_python(first) || is_script(first), wrapped: true };
        Some(find(words, depth).map_or(plain, |found| Named { wrapped: true, ..found }))
    };
    let file = |name: &str, python| Some(Named { name: name.to_owned(), python, wrapped: true });
    match base(first) {
        "env" => behind(skip(rest, &["-u", "-C", "-S"], is_assignment)),
        "nice" => behind(skip(rest, &["-n"], |_| false)),
        "timeout" => behind(skip(rest, &["-k", "-s"], |_| false).get(1..)?),
        "stdbuf" => behind(skip(rest, &["-i", "-o", "-e"], |_| false)),
        "ionice" => behind(skip(rest, &["-c", "-n"], |_| false)),
        "time" => behind(skip(rest, &["-f", "-o"], |_| false)),
        "nohup" | "setsid" | "exec" | "valgrind" | "strace" | "catchsegv" => {
            behind(skip(rest, &["-o", "-e"], |_| false))
        }
        "taskset" | "chrt" => {
            let listed = rest.first().is_some_and(|word| word.starts_with('-') && word.contains('c'));
            let after = if listed { rest.get(2..)? } else { skip(rest, &[], |_| false).get(1..)? };
            behind(after)
        }
        "numactl" => behind(skip(rest, &["-N", "-m", "-C", "-i", "-p"], |_| false)),
        name if is_python(name) => {
            let rest = skip(rest, &["-W", "-X"], |_| false);
            // `skip` stops at a module and at a line of Python.
            match rest {
                ["-m", "mpi4py", more @ ..] if !more.is_empty() => {
                    find(&[&[*first], more].concat(), depth).map(|found| Named { python: true, ..found })
                }
                ["-m", module, ..] => file(module, true),
                [script, ..] if !script.starts_with('-') => file(script, true),
                _ => None,
            }
        }
        "sh" | "bash" | "dash" | "zsh" | "ksh" | "ash" => {
            let rest = skip(rest, &["-o", "+o"], |word| word.starts_with('+'));
            match rest {
                [option, line, ..] if is_line_option(option) => {
                    let words = shell::split(line).ok()?;
                    let words: Vec<&str> = words.iter().map(String::as_str).collect();
                    let command = skip(&words, &[], is_assignment);
                    let found = if depth == 0 { None } else { find(&[&["exec"], command].concat(), depth - 1) };
                    found.map(|found| Named { name: found.name.trim_end_matches([';', '&', '|']).to_owned(), ..found })
                }
                [script, ..] if !script.starts_with('-') => file(script, false),
                _ => None,
            }
        }
        "java" => {
            let rest = skip(rest, &["-cp", "-classpath", "--class-path", "-jar"], |_| false);
            let jar = words.iter().position(|word| *word == "-jar").and_then(|at| words.get(at + 1));
            file(jar.or(rest.first())?, false)
        }
        "perl" | "ruby" | "node" | "julia" | "Rscript" | "lua" | "octave" => {
            let script = skip(rest, &[], |_| false).first()?;
            // With a line of its own as an option, what follows is an argument.
            let line = rest.first().is_some_and(|word| matches!(*word, "-e" | "-E" | "--eval"));
            if line { None } else { file(script, false) }
        }
        _ => None,
    }
}

/// `words` from the first that is no option on; `valued` options have another word as their value, and what `also` says
/// is passed over too. `-m` and `-c` begin what Python or a shell runs.
fn skip<'a, 'b>(words: &'a [&'b str], valued: &[&str], also: impl Fn(&str) -> bool) -> &'a [&'b str] {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if *word == "--" {
            return &words[at + 1..];
        }
        if (*word == "-m" || is_line_option(word)) && !valued.contains(word) {
            break;
        }
        if valued.contains(word) {
            at += 2;
        } else if (word.starts_with('-') && word.len() > 1) || also(word) {
            at += 1;
        } else {
            break;
        }
    }
    words.get(at..).unwrap_or_default()
}

fn base(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or_default()
}

fn is_python(word: &str) -> bool {
    let version = base(word).strip_prefix("python");
    version.is_some_and(|version| version.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
}

fn is_script(word: &str) -> bool {
    base(word).strip_suffix(".py").is_some_and(|stem| !stem.is_empty())
}

/// `A=b`
fn is_assignment(word: &str) -> bool {
    word.split_once('=')
        .is_some_and(|(name, _)| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}

/// `-c`, `-lc`, `-ec`
fn is_line_option(word: &str) -> bool {
    word.strip_prefix('-')
        .is_some_and(|letters| letters.ends_with('c') && letters.bytes().all(|b| b.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> (String, bool) {
        let words = shell::split(line).expect("a line");
        let Named { name, python, .. } = named(&words);
        (name, python)
    }

    #[test]
    fn a_run_is_called_by_what_it_runs() {
        for (line, name, python) in [
            ("./solver 3", "./solver", false),
            ("python3 heat.py 1000", "heat.py", true),
            ("/usr/bin/python3.11 -u -W ignore heat.py -m x", "heat.py", true),
            ("python3 -m mpi4py heat.py", "heat.py", true),
            ("python3 -m mpi4py -m osu_bench", "osu_bench", true),
            ("python3 -m mpi4py.bench ringtest", "mpi4py.bench", true),
            ("python3 -m timeit", "timeit", true),
            ("python3 -c 'print(1)'", "python3", true),
            ("python3", "python3", true),
            ("./my.py", "./my.py", true),
            ("bash x.sh y.sh", "x.sh", false),
            ("bash -e -o pipefail x.sh", "x.sh", false),
            ("sh -c './solver; date'", "./solver", false),
            ("bash x.sh -c y", "x.sh", false),
            ("bash -lc 'A=b exec python3 heat.py'", "heat.py", true),
            ("sh -c", "sh", false),
            ("env A=b C=d prog", "prog", false),
            ("env -u X A=b python3 -m mod", "mod", true),
            ("env", "env", false),
            ("nice -n 5 ./solver", "./solver", false),
            ("nice -5 env A=b ./solver", "./solver", false),
            ("timeout 10 ./solver", "./solver", false),
            ("timeout -k 3 10 python3 a.py", "a.py", true),
            ("stdbuf -oL ./solver", "./solver", false),
            ("taskset -c 0,1 ./solver", "./solver", false),
            ("taskset 0x3 ./solver", "./solver", false),
            ("java -Xmx1g -jar my.jar x", "my.jar", false),
            ("java -cp a:b Main", "Main", false),
            ("perl -w run.pl", "run.pl", false),
            ("perl -e 'print 1' x", "perl", false),
            ("hostname", "hostname", false),
        ] {
            assert_eq!(of(line), (name.to_owned(), python), "{line}");
        }
    }
}
