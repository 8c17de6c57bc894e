//! From text to parts.
use super::{DynamicPromptError, Part, Variants};

const WILDCARD: &str = "__";
const DOLLARS: &str = "$$";

/// Where a text ends.
#[derive(Clone, Copy, PartialEq)]
enum Within {
    Nothing,
    Braces,
}

pub(super) struct Parser {
    letters: Vec<char>,
    place: usize,
}

impl Parser {
    pub(super) fn new(prompt: &str) -> Self {
        Self { letters: prompt.chars().collect(), place: 0 }
    }

    pub(super) fn whole(mut self) -> Result<Part, DynamicPromptError> {
        let root = self.sequence(Within::Nothing);
        let Some(found) = self.letters.get(self.place).copied() else { return Ok(root) };
        let before = &self.letters[..self.place];
        let line_start = before.iter().rposition(|letter| *letter == '\n').map_or(0, |end| end + 1);
        Err(DynamicPromptError::Syntax {
            found,
            place: self.place,
            line: before.iter().filter(|letter| **letter == '\n').count() + 1,
            column: self.place - line_start + 1,
        })
    }

    /// As many parts as there are; stops before what is none.
    fn sequence(&mut self, within: Within) -> Part {
        let mut parts: Vec<Part> = Vec::new();
        loop {
            self.skip_comments();
            let Some(part) = self.part(within) else { break };
            match (parts.last_mut(), part) {
                // Texts with only a comment between them are one, as upstream joins them.
                (Some(Part::Text(text)), Part::Text(more)) => *text = format!("{text} {more}"),
                (_, part) => parts.push(part),
            }
        }
        if parts.len() == 1 { parts.remove(0) } else { Part::Sequence(parts) }
    }

    fn part(&mut self, within: Within) -> Option<Part> {
        let begin = self.place;
        let assignment =
            (within == Within::Nothing).then_some(Self::assignment as fn(&mut Self) -> Option<Part>);
        let others: [fn(&mut Self) -> Option<Part>; 4] =
            [Self::variable, Self::wrap, Self::variants, Self::wildcard];
        for read in assignment.into_iter().chain(others) {
            if let Some(part) = read(self) {
                return Some(part);
            }
            self.place = begin;
        }
        self.text(within)
    }

    fn text(&mut self, within: Within) -> Option<Part> {
        let begin = self.place;
        while let Some(letter) = self.letters.get(self.place) {
            let ends = "#{$%".contains(*letter) || (within == Within::Braces && "|}".contains(*letter));
            if ends || self.is_next(WILDCARD) {
                break;
            }
            self.place += 1;
        }
        (self.place > begin).then(|| Part::Text(self.letters[begin..self.place].iter().collect()))
    }

    fn variants(&mut self) -> Option<Part> {
        self.take("{")?;
        self.skip_space();
        let is_drawn = self.sampler();
        let bounds = self.bounds();
        self.skip_space();
        let mut options = Vec::new();
        loop {
            self.skip_space();
            let weight = self.weight().unwrap_or(1.0);
            options.push((weight, self.sequence(Within::Braces)));
            if self.take("|").is_none() {
                break;
            }
        }
        self.take("}")?;
        let (least, most, separator) = bounds.unwrap_or((Some(1), Some(1), ",".into()));
        let (least, most) = (least.unwrap_or(1), most.unwrap_or(options.len()));
        Some(Part::Variants(Variants {
            options,
            least: least.min(most),
            most: least.max(most),
            separator,
            is_drawn,
        }))
    }

    /// `~` and `@` draw; `!` goes through all, which is what happens anyway.
    fn sampler(&mut self) -> bool {
        match self.letters.get(self.place) {
            Some('~' | '@') => {
                self.place += 1;
                true
            }
            Some('!') => {
                self.place += 1;
                false
            }
            _ => false,
        }
    }

    /// `2$$`, `1-3$$`, `-3$$`, `2-$$`, each with a separator between this and another `$$`.
    fn bounds(&mut self) -> Option<(Option<usize>, Option<usize>, String)> {
        let begin = self.place;
        let bounds = self.range().and_then(|(least, most)| {
            self.take(DOLLARS)?;
            let end = self.place;
            let separator = self.while_in(|letter| !"${}".contains(letter) && !letter.is_control());
            if separator.is_empty() || self.take(DOLLARS).is_none() {
                self.place = end;
                return Some((least, most, ",".to_owned()));
            }
            Some((least, most, separator))
        });
        if bounds.is_none() {
            self.place = begin;
        }
        bounds
    }

    fn range(&mut self) -> Option<(Option<usize>, Option<usize>)> {
        let least = self.while_in(|letter| letter.is_ascii_digit()).parse().ok();
        if self.take("-").is_none() {
            return least.map(|exact| (Some(exact), Some(exact)));
        }
        let most = self.while_in(|letter| letter.is_ascii_digit()).parse().ok();
        (least.is_some() || most.is_some()).then_some((least, most))
    }

    fn weight(&mut self) -> Option<f64> {
        let begin = self.place;
        let weight = self.while_in(|letter| letter.is_ascii_digit() || letter == '.').parse().ok();
        let weight = weight.filter(|_| self.take("::").is_some());
        if weight.is_none() {
            self.place = begin;
        }
        weight
    }

    fn wildcard(&mut self) -> Option<Part> {
        self.take(WILDCARD)?;
        self.sampler();
        let begin = self.place;
        while self.letters.get(self.place).is_some_and(|letter| !"{}#$%|()".contains(*letter))
            && !self.is_next(WILDCARD)
        {
            self.place += 1;
        }
        let name: String = self.letters[begin..self.place].iter().collect();
        self.take(WILDCARD)?;
        (!name.is_empty()).then_some(Part::Wildcard(name))
    }

    fn assignment(&mut self) -> Option<Part> {
        let name = self.variable_name()?;
        let overwrites = self.take("?").is_none();
        self.take("=")?;
        let is_immediate = self.take("!").is_some();
        self.skip_space();
        let value = Box::new(self.sequence(Within::Braces));
        self.take("}")?;
        Some(Part::Assignment { name, value, overwrites, is_immediate })
    }

    fn variable(&mut self) -> Option<Part> {
        let name = self.variable_name()?;
        let mut default = None;
        if self.take(":").is_some() {
            self.skip_space();
            default = Some(Box::new(self.sequence(Within::Braces)));
        }
        self.take("}")?;
        Some(Part::Variable { name, default })
    }

    fn variable_name(&mut self) -> Option<String> {
        self.take("${")?;
        self.skip_space();
        let name = self.while_in(|letter| letter.is_ascii_alphanumeric() || "_-".contains(letter));
        self.skip_space();
        (!name.is_empty() && !name.starts_with(|letter: char| letter.is_ascii_digit())).then_some(name)
    }

    fn wrap(&mut self) -> Option<Part> {
        self.take("%{")?;
        self.skip_space();
        let wrapper = Box::new(self.sequence(Within::Braces));
        self.take(DOLLARS)?;
        self.skip_space();
        let inner = Box::new(self.sequence(Within::Braces));
        self.take("}")?;
        Some(Part::Wrap { wrapper, inner })
    }

    fn skip_comments(&mut self) {
        loop {
            if self.is_next("#") || self.is_next("//") {
                self.while_in(|letter| letter != '\n');
            } else if self.is_next("/*") {
                let rest = &self.letters[self.place + 2..];
                let Some(end) = rest.windows(2).position(|pair| pair == ['*', '/']) else { return };
                self.place += end + 4;
            } else {
                return;
            }
        }
    }

    fn skip_space(&mut self) {
        self.while_in(char::is_whitespace);
    }

    fn while_in(&mut self, holds: impl Fn(char) -> bool) -> String {
        let begin = self.place;
        while self.letters.get(self.place).is_some_and(|letter| holds(*letter)) {
            self.place += 1;
        }
        self.letters[begin..self.place].iter().collect()
    }

    fn is_next(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(index, letter)| self.letters.get(self.place + index) == Some(&letter))
    }

    fn take(&mut self, text: &str) -> Option<()> {
        self.is_next(text).then(|| self.place += text.chars().count())
    }
}
