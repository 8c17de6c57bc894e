//! Textual inversions that a prompt names.

/// The names between `<` and `>` in a prompt, in order, each once.
pub fn trigger_names(prompt: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut rest = prompt;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let length = rest.find(|character: char| !is_name_character(character)).unwrap_or(rest.len());
        if length > 0 && rest[length..].starts_with('>') && !names.iter().any(|name| name == &rest[..length])
        {
            names.push(rest[..length].to_owned());
        }
    }
    names
}

fn is_name_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "., _-".contains(character)
}
