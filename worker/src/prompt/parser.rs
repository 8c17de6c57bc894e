//! Compel's grammar, by recursive descent with ordered choice. Rules return `None` where they do not match.
use std::collections::HashMap;

use super::syntax::SyntaxError;

/// Deeper nesting than this is read as plain text.
const DEEPEST: usize = 48;
const SYNTAX: &str = "()\",.+-=";

/// A piece of a prompt.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Text(String),
    Attention { weight: f64, children: Vec<Node> },
    Swap { original: Vec<Node> },
    Lora,
}

/// A whole prompt.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Root {
    Prompt(Vec<Node>),
    Blend { prompts: Vec<Vec<Node>>, weights: Vec<f32>, normalize: bool },
    And { prompts: Vec<Vec<Node>>, weights: Vec<f32> },
}

/// What a rule matched, and where it ended.
type Match<T> = Option<(T, usize)>;

/// An argument of an operator.
enum Argument {
    Number(f64),
    Word(String),
    Named,
}

pub(super) struct Parser<'a> {
    text: &'a str,
    depth: usize,
    /// Results of the nestable rules by position: without them, nesting would cost exponential time.
    parenthesized: HashMap<usize, Match<Vec<Node>>>,
    quoted: HashMap<(usize, bool), Match<Vec<Node>>>,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self::nested(text, 0)
    }

    fn nested(text: &'a str, depth: usize) -> Self {
        Self { text, depth, parenthesized: HashMap::new(), quoted: HashMap::new() }
    }

    pub(super) fn root(&mut self) -> Result<Root, SyntaxError> {
        let and = self.operation(0, &[".and", ".add"]);
        if let Some(((prompts, arguments), _)) = and {
            return Ok(Root::And { prompts, weights: weights(arguments)? });
        }
        let start = self.loras(0);
        if let Some(((prompts, mut arguments), end)) = self.operation(start, &[".blend"]) {
            let end = self.loras(end);
            let rest = self.text[self.skip(end)..].to_owned();
            if !rest.is_empty() {
                return Err(SyntaxError::AfterBlend(rest));
            }
            let last_is_flag =
                matches!(arguments.last(), Some(Argument::Word(word)) if word == "no_normalize");
            if last_is_flag {
                arguments.pop();
            }
            return Ok(Root::Blend { prompts, weights: weights(arguments)?, normalize: !last_is_flag });
        }
        Ok(Root::Prompt(self.prompt(start)))
    }

    fn loras(&self, mut at: usize) -> usize {
        while let Some(end) = self.lora(at) {
            at = end;
        }
        at
    }

    /// Anything at all: what is not syntax is text.
    fn prompt(&mut self, mut at: usize) -> Vec<Node> {
        let mut nodes = Vec::new();
        loop {
            let matched = self
                .swap(at)
                .or_else(|| self.lora(at).map(|end| (vec![Node::Lora], end)))
                .or_else(|| self.attention(at))
                .or_else(|| self.quoted(at, false))
                .or_else(|| self.parenthesized(at));
            if let Some((found, end)) = matched {
                nodes.extend(found);
                at = end;
                continue;
            }
            at = self.skip(at);
            let length = self.text[at..].find(char::is_whitespace).unwrap_or(self.text.len() - at);
            if length == 0 {
                // White space that is not blank, or the end.
                match self.text[at..].chars().next() {
                    Some(character) => at += character.len_utf8(),
                    None => return nodes,
                }
                continue;
            }
            nodes.push(text_node(&self.text[at..at + length]));
            at += length;
        }
    }

    /// `(target, target, …).operator(arguments)`.
    fn operation(&mut self, at: usize, operators: &[&str]) -> Match<(Vec<Vec<Node>>, Vec<Argument>)> {
        let mut at = self.literal(at, "(")?;
        let mut prompts = Vec::new();
        loop {
            let (prompt, end) = self.target(at).or_else(|| self.quoted(at, true))?;
            prompts.push(prompt);
            at = end;
            match self.literal(at, ",") {
                Some(end) => at = end,
                None => break,
            }
        }
        at = self.literal(at, ")")?;
        at = operators.iter().find_map(|operator| self.literal(at, operator))?;
        at = self.literal(at, "(")?;
        let (arguments, at) = self.arguments(at);
        Some(((prompts, arguments), self.literal(at, ")")?))
    }

    fn arguments(&self, mut at: usize) -> (Vec<Argument>, usize) {
        let mut arguments = Vec::new();
        let mut next = Some(at);
        while let Some((argument, end)) = next.and_then(|start| self.argument(start)) {
            arguments.push(argument);
            at = end;
            next = self.literal(at, ",");
        }
        (arguments, at)
    }

    fn argument(&self, at: usize) -> Match<Argument> {
        let keyword = self.keyword(at);
        if let Some((_, end)) = keyword
            && let Some(value) = self.literal(end, "=")
            && let Some(end) =
                self.number(value).map(|(_, end)| end).or_else(|| self.keyword(value).map(|(_, end)| end))
        {
            return Some((Argument::Named, end));
        }
        let number = self.number(at).map(|(value, end)| (Argument::Number(value), end));
        number.or_else(|| keyword.map(|(word, end)| (Argument::Word(word.to_owned()), end)))
    }

    fn target(&mut self, at: usize) -> Match<Vec<Node>> {
        self.quoted(at, false).or_else(|| self.parenthesized(at)).or_else(|| self.word(at))
    }

    /// `target.swap(replacement, options)`.
    fn swap(&mut self, at: usize) -> Match<Vec<Node>> {
        let (original, at) = self.target(at)?;
        let at = self.literal(at, ".swap")?;
        let at = self.literal(at, "(")?;
        let (_, mut at) = self.fragments(at, false);
        if let Some(start) = self.literal(at, ",") {
            at = self.arguments(start).1;
        }
        Some((vec![Node::Swap { original }], self.literal(at, ")")?))
    }

    fn lora(&self, at: usize) -> Option<usize> {
        let at = self.literal(at, "useLora").or_else(|| self.literal(at, "withLora"))?;
        let (_, mut at) = self.keyword(self.literal(at, "(")?)?;
        if let Some((_, end)) = self.literal(at, ",").and_then(|start| self.number(start)) {
            at = end;
        }
        self.literal(at, ")")
    }

    fn attention(&mut self, at: usize) -> Match<Vec<Node>> {
        self.explicit_attention(at).or_else(|| {
            let group = self.quoted(at, false).or_else(|| self.parenthesized(at));
            let weighted = group.and_then(|(children, end)| {
                self.touches(end)
                    .then(|| self.weight(end))?
                    .map(|(weight, end)| (attention(weight, children), end))
            });
            weighted.or_else(|| {
                let (children, end) = self.word(at)?;
                let (weight, end) = self.touches(end).then(|| self.signs(end))??;
                Some((attention(weight, children), end))
            })
        })
    }

    /// `target.attend(weight)`.
    fn explicit_attention(&mut self, at: usize) -> Match<Vec<Node>> {
        let (children, at) = self.target(at)?;
        let at = self.literal(self.literal(at, ".attend")?, "(")?;
        let (weight, at) = self.weight(at)?;
        Some((attention(weight, children), self.literal(at, ")")?))
    }

    /// Nothing but the operator may follow a weighted term at once.
    fn touches(&self, at: usize) -> bool {
        !self.text[at..].starts_with(is_blank)
    }

    fn weight(&self, at: usize) -> Match<f64> {
        self.signs(at).or_else(|| self.number(at))
    }

    /// `+++` or `---`.
    fn signs(&self, at: usize) -> Match<f64> {
        let at = self.skip(at);
        let sign = self.text[at..].chars().next().filter(|sign| matches!(sign, '+' | '-'))?;
        let count = self.text[at..].chars().take_while(|character| *character == sign).count();
        let base: f64 = if sign == '+' { 1.1 } else { 0.9 };
        Some((base.powi(i32::try_from(count).unwrap_or(i32::MAX)), at + count))
    }

    fn parenthesized(&mut self, at: usize) -> Match<Vec<Node>> {
        let at = self.skip(at);
        if let Some(known) = self.parenthesized.get(&at) {
            return known.clone();
        }
        let matched = self.read_parenthesized(at);
        self.parenthesized.insert(at, matched.clone());
        matched
    }

    fn read_parenthesized(&mut self, at: usize) -> Match<Vec<Node>> {
        let start = self.literal(at, "(").filter(|_| self.depth < DEEPEST)?;
        self.depth += 1;
        let (nodes, end) = self.fragments(start, true);
        self.depth -= 1;
        Some((nodes, self.literal(end, ")")?))
    }

    /// Text in double quotes; `free` lets it hold anything, as the operands of operators may.
    fn quoted(&mut self, at: usize, free: bool) -> Match<Vec<Node>> {
        let at = self.skip(at);
        if let Some(known) = self.quoted.get(&(at, free)) {
            return known.clone();
        }
        let matched = self.read_quoted(at, free);
        self.quoted.insert((at, free), matched.clone());
        matched
    }

    fn read_quoted(&self, at: usize, free: bool) -> Match<Vec<Node>> {
        let start = self.literal(at, "\"").filter(|_| self.depth < DEEPEST)?;
        let end = closing_quote(self.text, start)?;
        let content = &self.text[start..end];
        if content.trim().is_empty() {
            return Some((vec![Node::Text(String::new())], end + 1));
        }
        // The quotes inside stay escaped for the inner reading, whether or not they were outside.
        let content = content.replace("\\\"", "\"").replace('"', "\\\"");
        let mut inner = Parser::nested(&content, self.depth + 1);
        if free {
            return Some((inner.prompt(0), end + 1));
        }
        let (nodes, inner_end) = inner.fragments(0, true);
        (inner.skip(inner_end) == content.len()).then_some((nodes, end + 1))
    }

    fn fragments(&mut self, mut at: usize, punctuation: bool) -> (Vec<Node>, usize) {
        let mut nodes = Vec::new();
        loop {
            let matched = self
                .lora(at)
                .map(|end| (vec![Node::Lora], end))
                .or_else(|| self.attention(at))
                .or_else(|| self.swap(at))
                .or_else(|| self.parenthesized(at))
                .or_else(|| self.quoted(at, false))
                .or_else(|| self.word(at))
                .or_else(|| self.punctuation(at).filter(|_| punctuation));
            let Some((found, end)) = matched else {
                return (nodes, at);
            };
            nodes.extend(found);
            at = end;
        }
    }

    fn punctuation(&self, at: usize) -> Match<Vec<Node>> {
        [",", "."]
            .into_iter()
            .find_map(|mark| self.literal(at, mark).map(|end| (vec![Node::Text(mark.to_owned())], end)))
    }

    /// A word without syntax; syntax characters may be escaped, and signs may stand inside it.
    fn word(&self, at: usize) -> Match<Vec<Node>> {
        let start = self.skip(at);
        let mut end = start;
        while let Some(character) = self.text[end..].chars().next() {
            let next = self.text[end + character.len_utf8()..].chars().next();
            let length = match character {
                '\\' if next.is_some_and(|next| SYNTAX.contains(next)) => 2,
                '+' | '-' if next.is_some_and(|next| !is_blank(next) && !SYNTAX.contains(next)) => 1,
                _ if SYNTAX.contains(character) || is_space(character) => break,
                _ => character.len_utf8(),
            };
            end += length;
        }
        (end > start).then(|| (vec![text_node(&self.text[start..end])], end))
    }

    fn keyword(&self, at: usize) -> Match<&'a str> {
        let at = self.skip(at);
        let rest = &self.text[at..];
        let fits = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
        let length = rest.find(|character| !fits(character)).unwrap_or(rest.len());
        (length > 0).then(|| (&rest[..length], at + length))
    }

    /// A decimal with a point and an optional sign, or a whole number with an optional minus.
    fn number(&self, at: usize) -> Match<f64> {
        let at = self.skip(at);
        let rest = &self.text[at..];
        let digits = |from: usize| rest[from..].bytes().take_while(u8::is_ascii_digit).count();
        let sign = usize::from(rest.starts_with(['+', '-']));
        let whole = digits(sign);
        let pointed = rest[sign + whole..].starts_with('.');
        let fraction = if pointed { digits(sign + whole + 1) } else { 0 };
        let length = if pointed && whole + fraction > 0 {
            sign + whole + 1 + fraction
        } else if whole > 0 && !rest.starts_with('+') {
            sign + whole
        } else {
            return None;
        };
        rest[..length].parse().ok().map(|value| (value, at + length))
    }

    fn literal(&self, at: usize, literal: &str) -> Option<usize> {
        let at = self.skip(at);
        self.text[at..].starts_with(literal).then_some(at + literal.len())
    }

    fn skip(&self, at: usize) -> usize {
        self.text.len() - self.text[at..].trim_start_matches(is_blank).len()
    }
}

fn attention(weight: f64, children: Vec<Node>) -> Vec<Node> {
    vec![Node::Attention { weight, children }]
}

fn weights(arguments: Vec<Argument>) -> Result<Vec<f32>, SyntaxError> {
    arguments
        .into_iter()
        .map(|argument| match argument {
            Argument::Number(value) => Ok(value as f32),
            Argument::Word(word) => word.parse().map_err(|_| SyntaxError::NotAWeight(word)),
            Argument::Named => Err(SyntaxError::NotAWeight("a named option".to_owned())),
        })
        .collect()
}

/// Escaped parentheses and quotes become plain; other escapes stay.
fn text_node(text: &str) -> Node {
    Node::Text(text.replace("\\(", "(").replace("\\)", ")").replace("\\\"", "\""))
}

/// The quote that ends a string; an escaped one only if there is no other on the line.
fn closing_quote(text: &str, start: usize) -> Option<usize> {
    let line = text[start..].find(['\n', '\r']).map_or(text.len(), |length| start + length);
    let mut escaped = None;
    let mut from = start;
    while let Some(offset) = text[from..line].find('"') {
        let at = from + offset;
        if at > start && text.as_bytes()[at - 1] == b'\\' {
            escaped = Some(at);
            from = at + 1;
        } else {
            return Some(at);
        }
    }
    escaped
}

/// What rules skip.
fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
}

/// What ends a word.
fn is_space(character: char) -> bool {
    is_blank(character) || matches!(character, '\u{b}' | '\u{c}')
}
