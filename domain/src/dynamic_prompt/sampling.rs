//! All combinations of a prompt's variants, or one by chance.
use super::{DynamicPrompt, DynamicPromptError, Part, Variants};
use std::collections::{HashMap, HashSet};

/// Gives numbers from 0 to below 1.
type Chance<'a> = &'a mut dyn FnMut() -> f64;
type Variables = HashMap<String, Part>;
/// Takes a text and says whether more are wanted.
type Taker<'a> = &'a mut dyn FnMut(String, Chance<'_>) -> Result<bool, DynamicPromptError>;

/// The marks where a wrapper is parted: any number of these, or three dots and more.
const ELLIPSES: &str = "\u{1801}\u{2026}\u{22ee}\u{22ef}\u{22f0}\u{22f1}\u{fe19}";

impl DynamicPrompt {
    /// The first `limit` combinations, the last variants changing fastest.
    ///
    /// # Errors
    /// A variable without a value, or a wildcard among variants.
    pub fn combinations(&self, limit: usize, chance: Chance<'_>) -> Result<Vec<String>, DynamicPromptError> {
        let mut unknown = Vec::new();
        self.root.wildcards_in_variants(false, &mut unknown);
        if !unknown.is_empty() {
            return Err(DynamicPromptError::UnknownWildcards(unknown.join(", ")));
        }
        let mut prompts = Vec::new();
        if limit == 0 || self.is_empty {
            return Ok(prompts);
        }
        self.root.expand(&Variables::new(), chance, &mut |prompt, _| {
            prompts.push(prompt);
            Ok(prompts.len() < limit)
        })?;
        // A wildcard that nobody listed never ends.
        if self.root.has_wildcard() && !prompts.is_empty() {
            let given = prompts.clone();
            prompts.extend(given.into_iter().cycle().take(limit - prompts.len()));
        }
        Ok(prompts)
    }

    /// One prompt by chance.
    ///
    /// # Errors
    /// A variable without a value.
    pub fn draw(&self, chance: Chance<'_>) -> Result<String, DynamicPromptError> {
        self.root.draw(&Variables::new(), chance)
    }
}

impl Part {
    fn wildcards_in_variants(&self, is_within: bool, found: &mut Vec<String>) {
        match self {
            Self::Wildcard(name) if is_within && !found.contains(name) => found.push(name.clone()),
            Self::Sequence(parts) => {
                parts.iter().for_each(|part| part.wildcards_in_variants(is_within, found))
            }
            Self::Variants(variants) => {
                variants.options.iter().for_each(|(_, option)| option.wildcards_in_variants(true, found));
            }
            Self::Wrap { wrapper, inner } => {
                wrapper.wildcards_in_variants(is_within, found);
                inner.wildcards_in_variants(is_within, found);
            }
            _ => {}
        }
    }

    fn has_wildcard(&self) -> bool {
        match self {
            Self::Wildcard(_) => true,
            Self::Sequence(parts) => parts.iter().any(Self::has_wildcard),
            Self::Wrap { wrapper, inner } => wrapper.has_wildcard() || inner.has_wildcard(),
            _ => false,
        }
    }

    /// Gives every text of this part to `take`; whether more are wanted.
    fn expand(
        &self,
        variables: &Variables,
        chance: Chance<'_>,
        take: Taker<'_>,
    ) -> Result<bool, DynamicPromptError> {
        match self {
            Self::Text(text) => take(text.clone(), chance),
            Self::Wildcard(name) => take(format!("__{name}__"), chance),
            Self::Assignment { .. } => take(String::new(), chance),
            Self::Sequence(parts) => {
                let variables = assigned(parts, variables, chance)?;
                let parts: Vec<&Self> =
                    parts.iter().filter(|part| !matches!(part, Self::Assignment { .. })).collect();
                expand_all(&parts, String::new(), &variables, chance, take)
            }
            Self::Variants(variants) if variants.is_drawn => {
                let text = variants.draw(variables, chance)?;
                take(text, chance)
            }
            Self::Variants(variants) => variants.expand(variables, chance, take),
            Self::Variable { name, default } => {
                variable(name, default.as_deref(), variables)?.expand(variables, chance, take)
            }
            Self::Wrap { wrapper, inner } => wrapper.expand(variables, chance, &mut |outside, chance| {
                inner
                    .expand(variables, chance, &mut |inside, chance| take(wrapped(&outside, &inside), chance))
            }),
        }
    }

    fn draw(&self, variables: &Variables, chance: Chance<'_>) -> Result<String, DynamicPromptError> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::Wildcard(name) => Ok(format!("__{name}__")),
            Self::Assignment { .. } => Ok(String::new()),
            Self::Sequence(parts) => {
                let variables = assigned(parts, variables, chance)?;
                parts.iter().map(|part| part.draw(&variables, chance)).collect()
            }
            Self::Variants(variants) => variants.draw(variables, chance),
            Self::Variable { name, default } => {
                variable(name, default.as_deref(), variables)?.draw(variables, chance)
            }
            Self::Wrap { wrapper, inner } => {
                Ok(wrapped(&wrapper.draw(variables, chance)?, &inner.draw(variables, chance)?))
            }
        }
    }
}

fn expand_all(
    parts: &[&Part],
    before: String,
    variables: &Variables,
    chance: Chance<'_>,
    take: Taker<'_>,
) -> Result<bool, DynamicPromptError> {
    match parts.split_first() {
        None => take(before, chance),
        Some((first, rest)) => first.expand(variables, chance, &mut |text, chance| {
            expand_all(rest, format!("{before}{text}"), variables, chance, take)
        }),
    }
}

impl Variants {
    fn expand(
        &self,
        variables: &Variables,
        chance: Chance<'_>,
        take: Taker<'_>,
    ) -> Result<bool, DynamicPromptError> {
        let options: Vec<&Part> = self.options.iter().map(|(_, option)| option).collect();
        let mut seen = HashSet::new();
        for count in self.least.min(options.len())..=self.most.min(options.len()) {
            let mut take_once = |texts: Vec<String>, chance: Chance<'_>| {
                let distinct: HashSet<&String> = texts.iter().collect();
                if distinct.len() < count || !seen.insert(texts.clone()) {
                    return Ok(true);
                }
                take(joined(&texts, &self.separator), chance)
            };
            if !choose(&options, count, Vec::new(), variables, chance, &mut take_once)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn draw(&self, variables: &Variables, chance: Chance<'_>) -> Result<String, DynamicPromptError> {
        let mut left: Vec<&(f64, Part)> = self.options.iter().collect();
        let (least, most) = (self.least.min(left.len()), self.most.min(left.len()));
        let count = (least + (chance() * (most - least + 1) as f64) as usize).min(most);
        let mut texts = Vec::new();
        for _ in 0..count {
            let mut rest = chance() * left.iter().map(|(weight, _)| weight).sum::<f64>();
            let place = left.iter().position(|(weight, _)| {
                rest -= weight;
                rest < 0.0
            });
            let (_, option) = left.remove(place.unwrap_or(left.len() - 1));
            texts.push(option.draw(variables, chance)?);
        }
        Ok(joined(&texts, &self.separator))
    }
}

/// Takes lists of texts and says whether more are wanted.
type ListTaker<'a> = &'a mut dyn FnMut(Vec<String>, Chance<'_>) -> Result<bool, DynamicPromptError>;

/// Every way to take `count` different options one after the other.
fn choose(
    options: &[&Part],
    count: usize,
    before: Vec<String>,
    variables: &Variables,
    chance: Chance<'_>,
    take: ListTaker<'_>,
) -> Result<bool, DynamicPromptError> {
    if count == 0 {
        return take(before, chance);
    }
    for option in options {
        let others: Vec<&Part> = options.iter().filter(|other| *other != option).copied().collect();
        let more = option.expand(variables, chance, &mut |text, chance| {
            let texts = before.iter().cloned().chain([text]).collect();
            choose(&others, count - 1, texts, variables, chance, take)
        })?;
        if !more {
            return Ok(false);
        }
    }
    Ok(true)
}

fn assigned(
    parts: &[Part],
    variables: &Variables,
    chance: Chance<'_>,
) -> Result<Variables, DynamicPromptError> {
    let mut variables = variables.clone();
    for part in parts {
        let Part::Assignment { name, value, overwrites, is_immediate } = part else { continue };
        if !overwrites && variables.contains_key(name) {
            continue;
        }
        let value =
            if *is_immediate { Part::Text(first(value, &variables, chance)?) } else { (**value).clone() };
        variables.insert(name.clone(), value);
    }
    Ok(variables)
}

fn first(part: &Part, variables: &Variables, chance: Chance<'_>) -> Result<String, DynamicPromptError> {
    let mut first = String::new();
    part.expand(variables, chance, &mut |text, _| {
        first = text;
        Ok(false)
    })?;
    Ok(first)
}

fn variable<'a>(
    name: &str,
    default: Option<&'a Part>,
    variables: &'a Variables,
) -> Result<&'a Part, DynamicPromptError> {
    variables.get(name).or(default).ok_or_else(|| DynamicPromptError::UnknownVariable(name.to_owned()))
}

/// A single text stays as it is; of several, a separator at either end is dropped.
fn joined(texts: &[String], separator: &str) -> String {
    if let [one] = texts {
        return one.clone();
    }
    let all = texts.join(separator);
    let all = all.strip_prefix(separator).unwrap_or(&all);
    all.strip_suffix(separator).unwrap_or(all).to_owned()
}

fn wrapped(wrapper: &str, inner: &str) -> String {
    let dots = wrapper.find("...").map(|begin| (begin, wrapper[begin..].find(|letter| letter != '.')));
    let mark = wrapper.find(|letter| ELLIPSES.contains(letter));
    let mark = mark.map(|begin| (begin, wrapper[begin..].find(|letter| !ELLIPSES.contains(letter))));
    match [dots, mark].into_iter().flatten().min() {
        None => format!("{wrapper}{inner}"),
        Some((begin, length)) => {
            let behind = length.map_or("", |length| &wrapper[begin + length..]);
            format!("{}{inner}{behind}", &wrapper[..begin])
        }
    }
}
