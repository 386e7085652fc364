//! Splits a line of ssh_config as OpenSSH does: keyword, arguments, quotes, tokens.

/// The keyword in lower case and what follows it; `None` for empty lines and comments. White space, one `=`, or both
/// separate them.
pub(super) fn keyword(line: &str) -> Option<(String, &str)> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let end = line.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(line.len());
    let rest = line[end..].trim_start();
    let rest = rest.strip_prefix('=').unwrap_or(rest).trim_start();
    Some((line[..end].to_ascii_lowercase(), rest))
}

/// The arguments of a value, up to a comment. Quotes of both kinds keep white space and `#` together; a backslash
/// escapes a quote, a backslash and, outside of quotes, a space.
pub(super) fn split(value: &str) -> Result<Vec<String>, &'static str> {
    let mut arguments = Vec::new();
    let mut rest = value.chars().peekable();
    loop {
        while rest.next_if(|&c| c == ' ' || c == '\t').is_some() {}
        if rest.peek().is_none_or(|&c| c == '#') {
            return Ok(arguments);
        }
        let mut argument = String::new();
        let mut quote = None;
        while let Some(c) = rest.next_if(|&c| quote.is_some() || (c != ' ' && c != '\t')) {
            let escaped = |&next: &char| matches!(next, '\'' | '"' | '\\') || (next == ' ' && quote.is_none());
            match (c, quote) {
                ('\\', _) => argument.push(rest.next_if(escaped).unwrap_or(c)),
                ('"' | '\'', None) => quote = Some(c),
                (_, Some(open)) if open == c => quote = None,
                _ => argument.push(c),
            }
        }
        if quote.is_some() {
            return Err("a quote is not closed");
        }
        arguments.push(argument);
    }
}

/// `text` with its tokens (`%h`, `%%` and so on) replaced by the `value` of their letters.
pub(super) fn expand(text: &str, value: impl Fn(char) -> Option<String>) -> Option<String> {
    let mut parts = text.split('%');
    let mut expanded = parts.next()?.to_owned();
    while let Some(part) = parts.next() {
        let mut letters = part.chars();
        if let Some(letter) = letters.next() {
            expanded += &value(letter)?;
            expanded += letters.as_str();
        } else {
            // What follows the second of two signs is plain text.
            expanded.push('%');
            expanded += parts.next()?;
        }
    }
    Some(expanded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_stand_before_space_or_an_equals_sign() {
        for (line, key, value) in [
            ("Port 22", "port", "22"),
            ("\tPort=22  ", "port", "22"),
            ("PORT =\t22", "port", "22"),
            ("port", "port", ""),
            ("User = =x", "user", "=x"),
        ] {
            assert_eq!(keyword(line), Some((key.to_owned(), value)), "{line}");
        }
        assert_eq!((keyword("  # x"), keyword(" \r")), (None, None));
    }

    #[test]
    fn tokens_are_replaced_once() {
        let value = |letter| (letter == 'h').then(|| "%h!".to_owned());
        assert_eq!(expand("a%h%%h", value).as_deref(), Some("a%h!%h"));
        assert_eq!(expand("%%%%", value).as_deref(), Some("%%"));
        assert_eq!(expand("100%", value), None);
        assert_eq!(expand("%x", value), None);
    }
}
