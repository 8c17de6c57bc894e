//! Prompts with variants, in the syntax of adieyal/dynamicprompts: `a {red|green} apple`.
//!
//! `{a|b}` one of several, `{2$$ and $$a|b|c}` two of them with what stands between, `{0.5::a|b}` with weights,
//! `${name=…}` and `${name:default}` variables, `%{a … b$$inner}` a wrapper, `__name__` a wildcard, `#` a comment.
//! Lists behind wildcards are not kept here, so a wildcard stands for itself.
//!
//! - [`parser`]: from text to parts
//! - [`sampling`]: all combinations, or one by chance
mod parser;
mod sampling;
#[cfg(test)]
mod tests;

/// Why a prompt gives none.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DynamicPromptError {
    /// The prompt breaks off where something else than this was to come.
    #[error("Expected end of text, found {found:?}  (at char {place}), (line:{line}, col:{column})")]
    Syntax {
        /// The letter that does not fit.
        found: char,
        /// Its index.
        place: usize,
        /// Its line, from 1.
        line: usize,
        /// Its column, from 1.
        column: usize,
    },
    /// Variants that nobody listed.
    #[error("No values found for wildcard(s): {0}")]
    UnknownWildcards(String),
    /// A variable without a value.
    #[error("Variable {0} is not defined in this context")]
    UnknownVariable(String),
}

/// A prompt with variants.
#[derive(Debug, Clone, PartialEq)]
pub struct DynamicPrompt {
    root: Part,
    is_empty: bool,
}

/// A part of a prompt.
#[derive(Debug, Clone, PartialEq)]
enum Part {
    Text(String),
    Sequence(Vec<Part>),
    Variants(Variants),
    Wildcard(String),
    Assignment { name: String, value: Box<Part>, overwrites: bool, is_immediate: bool },
    Variable { name: String, default: Option<Box<Part>> },
    Wrap { wrapper: Box<Part>, inner: Box<Part> },
}

/// Some of several options.
#[derive(Debug, Clone, PartialEq)]
struct Variants {
    options: Vec<(f64, Part)>,
    /// How many are taken at least and at most.
    least: usize,
    most: usize,
    separator: String,
    /// Whether one is drawn even where all combinations are wanted.
    is_drawn: bool,
}

/// Reads a prompt.
///
/// # Errors
/// [`DynamicPromptError::Syntax`].
pub fn parse(prompt: &str) -> Result<DynamicPrompt, DynamicPromptError> {
    let root = parser::Parser::new(prompt).whole()?;
    Ok(DynamicPrompt { root, is_empty: prompt.is_empty() })
}
