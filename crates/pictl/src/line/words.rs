//! A line cut into words, and the part of it that is meant for the shell of a node.

use pictl_formats::shell;

/// The words of `line`; quotes work as in a shell. Where one is never closed it is a letter like any other.
pub(super) fn split(line: &str) -> Vec<String> {
    shell::split(line).unwrap_or_else(|_| line.split_whitespace().map(str::to_owned).collect())
}

/// What the shell of a node gets to see: one word is a line for it, several are its line as typed.
pub(super) fn shell_line(line: &str, command: &[String]) -> String {
    if let [one] = command {
        return one.clone();
    }
    let starts = line.char_indices().filter(|(at, c)| !c.is_whitespace() && line[..*at].ends_with(char::is_whitespace));
    let typed = starts.map(|(at, _)| &line[at..]).find(|rest| split(rest) == command);
    typed.map_or_else(|| shell::join(command), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_for_the_shell_stays_as_it_was_typed() {
        for (line, expected) in [
            ("exec uname -a; id", "uname -a; id"),
            ("exec 'ls /tmp | wc -l'", "ls /tmp | wc -l"),
            ("exec  --nodes pi01 -- echo  'a b' \"$HOME\"", "echo  'a b' \"$HOME\""),
            ("exec uptime", "uptime"),
            ("exec echo it's", "echo it's"),
        ] {
            let words = split(line);
            let from = words.iter().position(|w| ["uname", "ls /tmp | wc -l", "echo", "uptime"].contains(&w.as_str()));
            assert_eq!(shell_line(line, &words[from.unwrap()..]), expected);
        }
    }
}
