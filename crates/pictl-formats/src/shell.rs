//! The arguments of a command line for a shell.

use thiserror::Error;

/// A command line that cannot be split into arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ShellError {
    /// A quote is never closed.
    #[error("the {quote} at character {at} is never closed")]
    OpenQuote {
        /// Which quote.
        quote: char,
        /// Its position, from 1, in characters.
        at: usize,
    },
    /// The line ends with a backslash.
    #[error("the line ends with a backslash that quotes nothing")]
    LastBackslash,
}

/// What a carried command prints on both of its streams before anything else: what came before is of the login shell's start
/// files.
pub const BEGIN: &str = "\n@pictl begin\n";

/// Makes a command of one argument for each line of it.
const CARRIER: [&str; 3] = ["/bin/sh", "-c", "eval \"$(printf \"%s\\n\" \"$@\")\""];

/// Comes before each carried command. Start files can leave a `PATH` in which nothing is found.
const BEFORE: &str =
    "case :$PATH: in *:/usr/bin:*) ;; *) PATH=${PATH:+$PATH:}/usr/local/bin:/usr/bin:/bin; export PATH ;; esac
printf '\\n@pictl begin\\n'
printf '\\n@pictl begin\\n' >&2
exec ";

/// A command line that has the POSIX shell's simple command `line` executed, whatever shell reads it: those of [`quote`] and
/// csh, which cannot quote the end of a line and looks for `!` inside quotes. `name` is what `ps` shows.
pub fn carry(name: &str, line: &str) -> String {
    let mut carried = CARRIER.map(quote).join(" ");
    carried.push(' ');
    carried.push_str(name);
    for row in format!("{BEFORE}{line}").split('\n') {
        carried.push(' ');
        carried.push_str(&quote(row));
    }
    carried
}

/// The command that was carried by this line, if one was.
pub fn carried(line: &str) -> Option<String> {
    let words = split(line).ok()?;
    let (carrier, rest) = words.split_at_checked(CARRIER.len())?;
    let (_name, rows) = rest.split_first()?;
    (carrier == CARRIER).then(|| rows.join("\n").strip_prefix(BEFORE).map(str::to_owned)).flatten()
}

/// `argument` quoted so that bash, dash, zsh and fish read back exactly `argument`.
///
/// Arguments of harmless characters stay as they are. Others go into single quotes, with `'`, `\` and `!` outside of them:
/// only fish gives a backslash inside single quotes a meaning, and csh a `!`.
pub fn quote(argument: &str) -> String {
    if is_plain(argument) {
        return argument.to_owned();
    }
    if argument.is_empty() {
        return "''".to_owned();
    }
    let mut quoted = String::with_capacity(argument.len() + 8);
    let mut inside = false;
    for c in argument.chars() {
        let escaped = matches!(c, '\'' | '\\' | '!');
        if escaped == inside {
            quoted.push('\'');
            inside = !inside;
        }
        if escaped {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    if inside {
        quoted.push('\'');
    }
    quoted
}

/// The name of the script of `assets/remote` that a command line runs, and the script's arguments; `None` when it runs
/// something else.
pub fn script(words: &[String]) -> Option<(&str, &[String])> {
    let [sh, c, _, name, arguments @ ..] = words else { return None };
    if !matches!(sh.as_str(), "sh" | "/bin/sh") || c != "-c" {
        return None;
    }
    match (name.strip_prefix("pictl-")?, arguments) {
        // This one runs another one within a limit.
        ("limit", [_, inner @ ..]) => script(inner),
        named => Some(named),
    }
}

/// No shell gives a character of `argument` a meaning. A leading `=` would have one in zsh.
fn is_plain(argument: &str) -> bool {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "_@+=:,./-".contains(c);
    !argument.is_empty() && !argument.starts_with('=') && argument.chars().all(harmless)
}

/// A command line of `arguments`. The first one is never an assignment.
pub fn join(arguments: &[String]) -> String {
    let quoted = arguments.iter().enumerate().map(|(at, argument)| {
        if at == 0 && is_plain(argument) && argument.contains('=') { format!("'{argument}'") } else { quote(argument) }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

/// Whether this program is a shell that understands POSIX's language.
pub fn is_posix(shell: &str) -> bool {
    const POSIX: [&str; 10] = ["sh", "bash", "rbash", "dash", "ash", "busybox", "ksh", "ksh93", "mksh", "zsh"];
    shell.rsplit('/').next().is_some_and(|name| POSIX.contains(&name))
}

/// The arguments of a command line: white space separates, quotes and backslashes work as in POSIX (XCU 2.2), nothing
/// is expanded and no operator (`|`, `;`, `&`, `#`) has a meaning.
pub fn split(line: &str) -> Result<Vec<String>, ShellError> {
    let mut arguments = Vec::new();
    let mut argument: Option<String> = None;
    let mut chars = line.chars().enumerate().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            ' ' | '\t' | '\n' | '\r' => arguments.extend(argument.take()),
            '\\' => {
                let (_, next) = chars.next().ok_or(ShellError::LastBackslash)?;
                if next != '\n' {
                    argument.get_or_insert_default().push(next);
                }
            }
            '\'' | '"' => {
                let text = argument.get_or_insert_default();
                loop {
                    let (_, next) = chars.next().ok_or(ShellError::OpenQuote { quote: c, at: at + 1 })?;
                    if next == c {
                        break;
                    }
                    // Inside double quotes a backslash quotes these five and stands for itself before all others.
                    let quoted = chars.next_if(|&(_, n)| c == '"' && next == '\\' && "$`\"\\\n".contains(n));
                    match quoted {
                        Some((_, '\n')) => {}
                        Some((_, escaped)) => text.push(escaped),
                        None => text.push(next),
                    }
                }
            }
            _ => argument.get_or_insert_default().push(c),
        }
    }
    arguments.extend(argument);
    Ok(arguments)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_arguments_stay_plain() {
        for argument in ["mpirun", "--hostfile", "/tmp/x.py", "OMPI_MCA_x=1", "a@b", "10.0.0.0:4"] {
            assert_eq!(quote(argument), argument);
        }
        assert_eq!(quote(""), "''");
        assert_eq!(quote("a b"), "'a b'");
        assert_eq!(quote("it's"), r"'it'\''s'");
        assert_eq!(quote(r"a\b"), r"'a'\\'b'");
        assert_eq!(quote("=ls"), "'=ls'");
        assert_eq!(join(&["A=b".into(), "C=d".into()]), "'A=b' C=d");
    }

    #[test]
    fn lines_are_split_as_a_shell_does() {
        let arguments = |line| split(line).expect("a good line");
        assert_eq!(arguments("  a  'b c' \"d \\\" e\"f\t''"), ["a", "b c", "d \" ef", ""]);
        assert_eq!(arguments(r#"a\ b "x\y" '\'"#), ["a b", r"x\y", r"\"]);
        assert_eq!(arguments(""), Vec::<String>::new());
        assert_eq!(split("a 'b"), Err(ShellError::OpenQuote { quote: '\'', at: 3 }));
        assert_eq!(split("a\\"), Err(ShellError::LastBackslash));
    }

    /// Whether a real shell reads the quoted arguments back; `false` also when the shell is not installed.
    fn shell_agrees(shell: &str, arguments: &[String]) -> bool {
        let script = format!("printf '%s\\000' {}", arguments.iter().map(|w| quote(w)).collect::<Vec<_>>().join(" "));
        let Ok(output) = Command::new(shell).arg("-c").arg(&script).output() else { return false };
        let mut expected: Vec<u8> = Vec::new();
        for argument in arguments {
            expected.extend(argument.as_bytes());
            expected.push(0);
        }
        assert_eq!(output.stdout, expected, "{shell}: {script}");
        true
    }

    #[test]
    fn real_shells_read_back_what_was_quoted() {
        let arguments: Vec<String> =
            ["", "a b", "'", "''", r"\", r"a\\'b", "$HOME `id` $(id)", "~", "*", "!x", "é\n\tü", "%1", "{a,b}", "#"]
                .map(String::from)
                .into();
        assert!(shell_agrees("sh", &arguments));
        for shell in ["bash", "dash", "zsh", "fish"] {
            shell_agrees(shell, &arguments);
        }
    }

    /// Shells that a user can have as login shell: those that are installed here.
    const LOGIN_SHELLS: [&str; 8] = ["sh", "bash", "dash", "zsh", "fish", "tcsh", "csh", "ksh"];

    #[test]
    fn a_carried_command_arrives_through_every_login_shell() {
        let script =
            "printf '%s|' \"$0\" \"$@\"\nread -r line; echo \"$line\" # it's \\ and ! and `id`\nfalse || exit 7";
        let odd = ["", "a b", "it's", "two\nlines\n", r"\n \\ \'", "!x", "$HOME `id` %s", "é", "a\tb"];
        let words: Vec<String> = ["sh", "-c", script, "pictl-test"].iter().chain(&odd).map(|&w| w.to_owned()).collect();
        let line = carry("pictl-test", &join(&words));
        assert_eq!(carried(&line).as_deref(), Some(join(&words).as_str()));
        for shell in LOGIN_SHELLS {
            use std::io::Write as _;
            let mut command = Command::new(shell);
            command.arg("-c").arg(&line).stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
            let Ok(mut child) = command.stderr(std::process::Stdio::piped()).spawn() else {
                assert!(!matches!(shell, "sh" | "bash"), "{shell} is on every Debian");
                println!("skipped: {shell} is not installed");
                continue;
            };
            child.stdin.take().expect("piped").write_all(b"input\n").expect("written");
            let output = child.wait_with_output().expect("ended");
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            assert_eq!(said, format!("{BEGIN}pictl-test|{}|input\n", odd.join("|")), "{shell}: {output:?}");
            assert_eq!(output.stderr, BEGIN.as_bytes(), "{shell}");
            assert_eq!(output.status.code(), Some(7), "{shell}");
        }
    }

    #[test]
    fn a_path_without_the_usual_folders_is_completed() {
        for path in ["", "/nowhere", "/home/pi/bin:/nowhere"] {
            let mut command = Command::new("/bin/sh");
            let output =
                command.arg("-c").arg(carry("x", "sh -c 'echo $PATH; id >/dev/null'")).env("PATH", path).output();
            let output = output.expect("started");
            assert!(output.status.success(), "{path}: {output:?}");
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            let said = said.strip_prefix(BEGIN).expect("begins");
            assert!(said.starts_with(path) && said.ends_with("/usr/local/bin:/usr/bin:/bin\n"), "{said}");
        }
    }

    proptest! {
        #[test]
        fn what_is_carried_is_found_again(line in any::<String>()) {
            prop_assert_eq!(carried(&carry("x", &line)), Some(line));
        }

        #[test]
        fn split_undoes_join(arguments in prop::collection::vec(any::<String>(), 0..6)) {
            prop_assert_eq!(split(&join(&arguments)), Ok(arguments));
        }

        #[test]
        fn garbage_never_panics(line in any::<String>()) {
            let _ = split(&line);
        }
    }
}
