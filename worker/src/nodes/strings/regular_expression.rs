//! Replacing as Python's `re.sub` does it: `\1` and `\g<name>` stand for groups.
use fancy_regex::{Captures, Regex};

use crate::invocation::InvocationError;

/// Every match of `pattern` replaced.
///
/// # Errors
/// The pattern or the replacement is not valid.
pub(super) fn replace(text: &str, pattern: &str, replacement: &str) -> Result<String, InvocationError> {
    let bad = |reason: String| InvocationError::BadInput(reason);
    let regex = Regex::new(pattern)
        .map_err(|error| bad(format!("{pattern:?} is not a regular expression: {error}")))?;
    let parts = parse(replacement).map_err(bad)?;
    let mut replaced = String::with_capacity(text.len());
    let mut end = 0;
    for captures in regex.captures_iter(text) {
        let captures = captures.map_err(|error| bad(format!("{pattern:?} cannot be matched: {error}")))?;
        let Some(whole) = captures.get(0) else { continue };
        replaced.push_str(&text[end..whole.start()]);
        for part in &parts {
            replaced.push_str(part.text(&captures).ok_or_else(|| bad("invalid group reference".into()))?);
        }
        end = whole.end();
    }
    replaced.push_str(&text[end..]);
    Ok(replaced)
}

/// A piece of a replacement.
enum Part {
    Text(String),
    Group(usize),
    Name(String),
}

impl Part {
    /// What it stands for; a group that did not take part in the match is empty, one that does not exist is `None`.
    fn text<'a>(&'a self, captures: &'a Captures<'_>) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Group(index) if *index < captures.len() => {
                Some(captures.get(*index).map_or("", |group| group.as_str()))
            }
            Self::Group(_) => None,
            Self::Name(name) => captures.name(name).map(|group| group.as_str()),
        }
    }
}

fn parse(replacement: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut rest = replacement;
    while let Some(place) = rest.find('\\') {
        text.push_str(&rest[..place]);
        rest = &rest[place + 1..];
        let Some(letter) = rest.chars().next() else { return Err("bad escape (end of pattern)".into()) };
        rest = &rest[letter.len_utf8()..];
        let plain = match letter {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'f' => '\x0c',
            'v' => '\x0b',
            'a' => '\x07',
            'b' => '\x08',
            '\\' => '\\',
            '0' => '\0',
            '1'..='9' => {
                let second = rest.chars().next().filter(char::is_ascii_digit);
                rest = &rest[second.map_or(0, char::len_utf8)..];
                let digits: String = std::iter::once(letter).chain(second).collect();
                parts.push(Part::Text(std::mem::take(&mut text)));
                parts.push(Part::Group(digits.parse().map_err(|_| "invalid group reference".to_owned())?));
                continue;
            }
            'g' => {
                let name = rest.strip_prefix('<').and_then(|rest| rest.split_once('>'));
                let (name, behind) = name.ok_or_else(|| "missing group name".to_owned())?;
                rest = behind;
                parts.push(Part::Text(std::mem::take(&mut text)));
                parts.push(name.parse().map_or_else(|_| Part::Name(name.to_owned()), Part::Group));
                continue;
            }
            letter if letter.is_ascii_alphabetic() => return Err(format!("bad escape \\{letter}")),
            other => {
                text.push('\\');
                other
            }
        };
        text.push(plain);
    }
    text.push_str(rest);
    parts.push(Part::Text(text));
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_put_in_by_number_and_by_name() {
        assert_eq!(replace("a-b c-d", r"(\w)-(?P<last>\w)", r"\g<last>=\1").unwrap(), "b=a d=c");
        assert_eq!(replace("aaa", "a*?", "-").unwrap(), "-a-a-a-");
        assert_eq!(replace("x", "x", r"\\ \n").unwrap(), "\\ \n");
        assert!(
            replace("x", "(", "").is_err()
                && replace("x", "x", r"\2").is_err()
                && replace("x", "x", r"\q").is_err()
        );
    }
}
