//! CLIP's tokenizer: byte-pair encoding over lower-cased words (Radford et al. 2021).
use std::collections::HashMap;
use std::path::Path;
use std::sync::LazyLock;

use fancy_regex::Regex;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

/// The mark on a word's last piece.
pub(super) const WORD_END: &str = "</w>";
const START: &str = "<|startoftext|>";
const END: &str = "<|endoftext|>";

static WORDS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+")
        .expect("the expression is constant")
});

/// Why a tokenizer cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TokenizerError {
    /// A file cannot be read.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A file does not hold what it should.
    #[error("{path}: {reason}")]
    BadFile {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
}

/// A vocabulary with its merges.
#[derive(Debug, Clone)]
pub struct Tokenizer {
    ids: HashMap<String, i64>,
    tokens: HashMap<i64, String>,
    ranks: HashMap<(String, String), usize>,
    start: i64,
    end: i64,
    padding: i64,
    /// Textual inversions: trigger text in lower case, the ids it stands for.
    triggers: Vec<(String, Vec<i64>)>,
}

impl Tokenizer {
    /// Reads `vocab.json` and `merges.txt` of a tokenizer folder, or its `tokenizer.json`.
    pub fn read(folder: &Path) -> Result<Self, TokenizerError> {
        let vocabulary = folder.join("vocab.json");
        let padding = std::fs::read(folder.join("tokenizer_config.json"))
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok())
            .and_then(|config| {
                let token = &config["pad_token"];
                token.as_str().or_else(|| token["content"].as_str()).map(str::to_owned)
            });
        let mut tokenizer = if vocabulary.exists() {
            let ids = read_json(&vocabulary)?;
            let path = folder.join("merges.txt");
            let merges = std::fs::read_to_string(&path)
                .map_err(|source| TokenizerError::Io { path: path.display().to_string(), source })?;
            Self::new(&ids, merges.lines().filter(|line| !line.starts_with("#version")), &vocabulary)?
        } else {
            let path = folder.join("tokenizer.json");
            let whole = read_json(&path)?;
            let merges: Vec<String> =
                whole["model"]["merges"].as_array().into_iter().flatten().filter_map(merge_line).collect();
            Self::new(&whole["model"]["vocab"], merges.iter().map(String::as_str), &path)?
        };
        if let Some(id) = padding.and_then(|token| tokenizer.ids.get(&token).copied()) {
            tokenizer.padding = id;
        }
        Ok(tokenizer)
    }

    /// CLIP's own, from its tokens in order; the two marks follow them.
    pub(super) fn of_clip<'a>(mut ids: HashMap<String, i64>, merges: impl Iterator<Item = &'a str>) -> Self {
        let start = ids.len() as i64;
        let end = start + 1;
        ids.extend([(START.to_owned(), start), (END.to_owned(), end)]);
        let tokens = ids.iter().map(|(token, id)| (*id, token.clone())).collect();
        Self { ids, tokens, ranks: ranks(merges), start, end, padding: end, triggers: Vec::new() }
    }

    fn new<'a>(
        vocabulary: &Value,
        merges: impl Iterator<Item = &'a str>,
        path: &Path,
    ) -> Result<Self, TokenizerError> {
        let bad = |reason: &str| TokenizerError::BadFile {
            path: path.display().to_string(),
            reason: reason.to_owned(),
        };
        let vocabulary = vocabulary.as_object().ok_or_else(|| bad("no vocabulary"))?;
        let ids: HashMap<String, i64> =
            vocabulary.iter().filter_map(|(token, id)| Some((token.clone(), id.as_i64()?))).collect();
        let ranks = ranks(merges);
        let start = *ids.get(START).ok_or_else(|| bad("no start token"))?;
        let end = *ids.get(END).ok_or_else(|| bad("no end token"))?;
        let tokens = ids.iter().map(|(token, id)| (*id, token.clone())).collect();
        Ok(Self { ids, tokens, ranks, start, end, padding: end, triggers: Vec::new() })
    }

    /// Lets `<name>` stand for the ids of a textual inversion's vectors.
    pub fn add_trigger(&mut self, name: &str, ids: Vec<i64>) {
        self.triggers.push((format!("<{name}>").to_lowercase(), ids));
    }

    /// The id of the start token.
    pub fn start_id(&self) -> i64 {
        self.start
    }

    /// The id of the end token.
    pub fn end_id(&self) -> i64 {
        self.end
    }

    /// The id that fills a chunk.
    pub fn padding_id(&self) -> i64 {
        self.padding
    }

    /// The text of a token; empty for the vectors of textual inversions.
    pub fn token(&self, id: i64) -> &str {
        self.tokens.get(&id).map_or("", String::as_str)
    }

    /// A text's ids, without start and end. `limit` cuts texts with textual inversions, as InvokeAI does.
    pub fn encode(&self, text: &str, limit: usize) -> Vec<i64> {
        // Character by character: a sigma at a word's end is no exception.
        let normal: String = collapse_space(text.nfc()).chars().flat_map(char::to_lowercase).collect();
        let mut ids = Vec::new();
        let mut rest = normal.as_str();
        while !rest.is_empty() {
            let (at, length, found) = self.next_special(rest).unwrap_or((rest.len(), 0, &[]));
            self.encode_words(&rest[..at], &mut ids);
            ids.extend_from_slice(found);
            rest = &rest[at + length..];
        }
        if self.triggers.iter().any(|(_, ids)| ids.len() > 1) {
            ids.truncate(limit);
        }
        ids
    }

    /// The first marker or trigger: place, length, ids. The longest wins where several start.
    fn next_special<'a>(&'a self, text: &str) -> Option<(usize, usize, &'a [i64])> {
        let markers = [(START, std::slice::from_ref(&self.start)), (END, std::slice::from_ref(&self.end))];
        let triggers = self.triggers.iter().map(|(trigger, ids)| (trigger.as_str(), ids.as_slice()));
        markers
            .into_iter()
            .chain(triggers)
            .filter_map(|(marker, ids)| text.find(marker).map(|at| (at, marker.len(), ids)))
            .min_by_key(|(at, length, _)| (*at, usize::MAX - length))
    }

    fn encode_words(&self, text: &str, ids: &mut Vec<i64>) {
        for word in WORDS.find_iter(text).flatten() {
            let pieces = self.merge(word.as_str());
            ids.extend(pieces.iter().map(|piece| self.ids.get(piece).copied().unwrap_or(self.end)));
        }
    }

    /// Joins a word's pieces, always the pair that was merged first in training.
    fn merge(&self, word: &str) -> Vec<String> {
        let mut pieces: Vec<String> = word.bytes().map(|byte| byte_character(byte).to_string()).collect();
        if let Some(last) = pieces.last_mut() {
            last.push_str(WORD_END);
        }
        loop {
            let best = pieces
                .windows(2)
                .enumerate()
                .filter_map(|(at, pair)| Some((*self.ranks.get(&(pair[0].clone(), pair[1].clone()))?, at)))
                .min();
            let Some((_, at)) = best else { return pieces };
            let right = pieces.remove(at + 1);
            pieces[at].push_str(&right);
        }
    }
}

/// Which pairs are joined, the first in training first.
fn ranks<'a>(merges: impl Iterator<Item = &'a str>) -> HashMap<(String, String), usize> {
    merges
        .filter_map(|line| line.split_once(' '))
        .enumerate()
        .map(|(rank, (left, right))| ((left.to_owned(), right.trim_end().to_owned()), rank))
        .collect()
}

/// Runs of white space become one space.
fn collapse_space(text: impl Iterator<Item = char>) -> String {
    let mut collapsed = String::new();
    for character in text {
        if !character.is_whitespace() {
            collapsed.push(character);
        } else if !collapsed.ends_with(' ') {
            collapsed.push(' ');
        }
    }
    collapsed
}

/// The printable character that stands for a byte (GPT-2's table).
pub(super) fn byte_character(byte: u8) -> char {
    let printable = |byte: u8| matches!(byte, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF);
    if printable(byte) {
        return char::from(byte);
    }
    let before = (0..byte).filter(|other| !printable(*other)).count() as u32;
    char::from_u32(256 + before).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn read_json(path: &Path) -> Result<Value, TokenizerError> {
    let bytes = std::fs::read(path)
        .map_err(|source| TokenizerError::Io { path: path.display().to_string(), source })?;
    serde_json::from_slice(&bytes).map_err(|error| TokenizerError::BadFile {
        path: path.display().to_string(),
        reason: error.to_string(),
    })
}

/// A merge as a string or as a pair.
fn merge_line(merge: &Value) -> Option<String> {
    match merge {
        Value::String(line) => Some(line.clone()),
        Value::Array(pair) => Some(format!("{} {}", pair.first()?.as_str()?, pair.get(1)?.as_str()?)),
        _ => None,
    }
}
