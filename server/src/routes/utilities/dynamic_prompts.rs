//! Templates such as `a {red|blue} ball` or `{2$$ and $$cat|dog|owl}`, and the prompts that they stand for.
use rand::{Rng, seq::IteratorRandom};
use std::collections::HashSet;

/// Braces in braces at most.
const DEEPEST: usize = 32;
/// Combinations that are looked at before the rest is given up: repeated choices make no new prompts.
const MOST_STEPS: usize = 200_000;

/// Why a template cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum TemplateError {
    /// A brace that is never closed; characters before it.
    #[error("Expected end of text, found '{{'  (at char {0})")]
    Unclosed(usize),
    /// Too many braces in braces.
    #[error("The template is nested too deeply")]
    TooDeep,
}

/// Texts and choices in a row.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Text(String),
    Choice { options: Vec<(f64, Template)>, least: usize, most: usize, separator: String },
}

/// The names of wildcards, `__name__`, which stand for lists that the service does not have.
pub(super) fn wildcards(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("__") {
        let Some((name, after)) = after.split_once("__") else { break };
        if !name.is_empty() && !name.contains(char::is_whitespace) && !names.iter().any(|known| known == name)
        {
            names.push(name.to_owned());
        }
        rest = after;
    }
    names
}

impl Template {
    /// Reads a template. `# …` to the end of a line is a remark.
    pub(super) fn parse(text: &str) -> Result<Self, TemplateError> {
        let lines: Vec<&str> = text.lines().map(|line| line.split('#').next().unwrap_or_default()).collect();
        let characters: Vec<char> = lines.join("\n").chars().collect();
        let mut place = 0;
        read(&characters, &mut place, 0)
    }

    /// The different prompts, the last choice changing fastest; at most `limit`.
    pub(super) fn combinations(&self, limit: usize) -> Vec<String> {
        let mut steps = MOST_STEPS;
        let all = self.expand(limit, &mut steps);
        all.into_iter().map(|prompt| prompt.trim().to_owned()).filter(|_| !self.0.is_empty()).collect()
    }

    fn expand(&self, limit: usize, steps: &mut usize) -> Vec<String> {
        let mut prompts = vec![String::new()];
        for part in &self.0 {
            let endings = match part {
                Part::Text(text) => vec![text.clone()],
                choice => choice.expand(limit, steps),
            };
            let longer =
                prompts.iter().flat_map(|start| endings.iter().map(move |end| format!("{start}{end}")));
            prompts = longer.take(limit).collect();
        }
        prompts
    }

    /// One prompt by chance.
    pub(super) fn sample(&self, random: &mut impl Rng) -> String {
        let mut prompt = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => prompt += text,
                Part::Choice { options, least, most, separator } => {
                    let count = random.random_range(*least..=*most);
                    let chosen = choose(options, count, random);
                    let texts: Vec<String> = chosen.iter().map(|option| option.sample(random)).collect();
                    prompt += &texts.join(separator);
                }
            }
        }
        prompt.trim().to_owned()
    }
}

fn choose<'a>(options: &'a [(f64, Template)], count: usize, random: &mut impl Rng) -> Vec<&'a Template> {
    let mut left: Vec<&(f64, Template)> = options.iter().collect();
    let mut chosen = Vec::new();
    while chosen.len() < count && !left.is_empty() {
        let total: f64 = left.iter().map(|(weight, _)| weight).sum();
        let mut point = random.random::<f64>() * total;
        let by_weight = left.iter().position(|(weight, _)| {
            point -= weight;
            point < 0.0
        });
        // Without weight all are as likely.
        let index = by_weight.or_else(|| (0..left.len()).choose(random)).unwrap_or_default();
        chosen.push(&left.remove(index).1);
    }
    chosen
}

impl Part {
    fn expand(&self, limit: usize, steps: &mut usize) -> Vec<String> {
        let Self::Choice { options, least, most, separator } = self else { return Vec::new() };
        let texts: Vec<Vec<String>> = options.iter().map(|(_, option)| option.expand(limit, steps)).collect();
        let mut found = Found { limit, separator, seen: HashSet::new(), prompts: Vec::new() };
        for count in *least..=*most {
            found.add(&texts, count, &mut Vec::new(), &mut Vec::new(), steps);
        }
        found.prompts
    }
}

/// The prompts of a choice so far.
struct Found<'a> {
    limit: usize,
    separator: &'a str,
    seen: HashSet<String>,
    prompts: Vec<String>,
}

impl Found<'_> {
    /// Adds every order of `count` different options, after those in `used`.
    fn add(
        &mut self,
        texts: &[Vec<String>],
        count: usize,
        used: &mut Vec<usize>,
        parts: &mut Vec<String>,
        steps: &mut usize,
    ) {
        if self.prompts.len() >= self.limit || *steps == 0 {
            return;
        }
        *steps -= 1;
        if used.len() == count {
            let prompt = parts.join(self.separator);
            if self.seen.insert(prompt.clone()) {
                self.prompts.push(prompt);
            }
            return;
        }
        for (index, own) in texts.iter().enumerate() {
            if used.contains(&index) {
                continue;
            }
            used.push(index);
            for text in own.iter().filter(|text| !parts.contains(text)).cloned().collect::<Vec<_>>() {
                parts.push(text);
                self.add(texts, count, used, parts, steps);
                parts.pop();
            }
            used.pop();
        }
    }
}

/// Reads until the end, or within braces until `|` or `}`.
fn read(characters: &[char], place: &mut usize, depth: usize) -> Result<Template, TemplateError> {
    let mut parts = Vec::new();
    let mut text = String::new();
    while let Some(&character) = characters.get(*place) {
        match character {
            '|' | '}' if depth > 0 => break,
            '\\' => {
                text.extend(characters.get(*place + 1));
                *place += 1;
            }
            '{' => {
                parts.push(Part::Text(std::mem::take(&mut text)));
                parts.push(read_choice(characters, place, depth + 1)?);
            }
            other => text.push(other),
        }
        *place += 1;
    }
    parts.push(Part::Text(text));
    parts.retain(|part| !matches!(part, Part::Text(text) if text.is_empty()));
    Ok(Template(parts))
}

/// Reads from an opening brace up to its closing one.
fn read_choice(characters: &[char], place: &mut usize, depth: usize) -> Result<Part, TemplateError> {
    if depth > DEEPEST {
        return Err(TemplateError::TooDeep);
    }
    let start = *place;
    *place += 1;
    let (bounds, separator) = read_bounds(characters, place);
    let mut options = Vec::new();
    loop {
        while characters.get(*place).is_some_and(|character| character.is_whitespace()) {
            *place += 1;
        }
        let weight = read_weight(characters, place);
        options.push((weight, read(characters, place, depth)?));
        match characters.get(*place) {
            Some('|') => *place += 1,
            Some(_) => break,
            None => return Err(TemplateError::Unclosed(start)),
        }
    }
    let (least, most) = bounds.unwrap_or((Some(1), Some(1)));
    let most = most.unwrap_or(options.len()).min(options.len());
    Ok(Part::Choice { least: least.unwrap_or(1).min(most), most, options, separator })
}

type Bounds = Option<(Option<usize>, Option<usize>)>;

/// `2$$`, `1-2$$`, `-2$$`, `1-$$`, each with an optional ` and $$`.
fn read_bounds(characters: &[char], place: &mut usize) -> (Bounds, String) {
    let rest: String = characters[*place..].iter().collect();
    let unread = (None, ",".to_owned());
    let Some((numbers, after)) = rest.split_once("$$") else { return unread };
    let number = |text: &str| text.trim().parse().ok();
    let bounds = match numbers.split_once('-') {
        Some((least, most)) => (number(least), number(most)),
        None => (number(numbers), number(numbers)),
    };
    let is_numbers = numbers.chars().all(|c| c.is_ascii_digit() || c == '-' || c == ' ');
    if !is_numbers || bounds == (None, None) {
        return unread;
    }
    let mut length = numbers.chars().count() + 2;
    let own = after.split_once("$$").map(|(own, _)| own).filter(|own| !own.contains(['{', '}', '|']));
    if let Some(own) = own {
        length += own.chars().count() + 2;
    }
    *place += length;
    (Some(bounds), own.unwrap_or(",").to_owned())
}

/// `0.5::` before an option.
fn read_weight(characters: &[char], place: &mut usize) -> f64 {
    let digits = characters[*place..].iter().take_while(|c| c.is_ascii_digit() || **c == '.').count();
    let end = *place + digits;
    let is_weight = digits > 0 && characters.get(end) == Some(&':') && characters.get(end + 1) == Some(&':');
    let weight = characters[*place..end].iter().collect::<String>().parse().ok();
    match weight.filter(|_| is_weight) {
        Some(weight) => {
            *place = end + 2;
            weight
        }
        None => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{SeedableRng, rngs::StdRng};

    fn all(text: &str) -> Vec<String> {
        Template::parse(text).unwrap().combinations(20)
    }

    #[test]
    fn templates_stand_for_what_they_stand_for_upstream() {
        assert_eq!(all("a {red|blue} {x|y}"), ["a red x", "a red y", "a blue x", "a blue y"]);
        assert_eq!(all("{2$$a|b|c}"), ["a,b", "a,c", "b,a", "b,c", "c,a", "c,b"]);
        assert_eq!(all("{1-2$$ and $$a|b}"), ["a", "b", "a and b", "b and a"]);
        assert_eq!(all("{0.5::a|b}"), ["a", "b"]);
        assert_eq!(all("{a|{b|c} d}"), ["a", "b d", "c d"]);
        assert_eq!(all("{a|}"), ["a", ""]);
        assert_eq!(all("x } y"), ["x } y"]);
        assert_eq!(all("{a|b} # note"), ["a", "b"]);
        assert_eq!(all("{-2$$a|b}"), ["a", "b", "a,b", "b,a"]);
        assert_eq!(all("{1-$$a|b}"), ["a", "b", "a,b", "b,a"]);
        assert_eq!(all("a | b"), ["a | b"]);
        assert_eq!(all("{ red | blue } ball"), ["red  ball", "blue  ball"]);
        assert_eq!(all("a {red|blue|red}"), ["a red", "a blue"]);
        assert_eq!(all("{3$$a|b}"), ["a,b", "b,a"]);
        assert_eq!(all(""), Vec::<String>::new());
    }

    #[test]
    fn what_cannot_be_read_is_told_and_large_templates_end() {
        assert_eq!(Template::parse("a {b"), Err(TemplateError::Unclosed(2)));
        assert_eq!(Template::parse(&"{".repeat(1000)), Err(TemplateError::TooDeep));
        assert_eq!(all(&"{a|b|c|d}".repeat(200)).len(), 20);
        assert!(all(&format!("{{12$${}}}", ["a"; 30].join("|"))).is_empty());
        assert_eq!(wildcards("a __colour__ __animal__ b"), ["colour", "animal"]);
    }

    #[test]
    fn samples_follow_weights_and_seeds() {
        let template = Template::parse("{0::never|always} {a|b|c}").unwrap();
        let samples = |seed| -> Vec<String> {
            let mut random = StdRng::seed_from_u64(seed);
            (0..20).map(|_| template.sample(&mut random)).collect()
        };
        assert_eq!(samples(1), samples(1));
        assert!(samples(1).iter().all(|sample| sample.starts_with("always ")));
    }
}
