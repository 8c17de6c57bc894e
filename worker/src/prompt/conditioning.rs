//! Compel's arithmetic: weights, masks, long prompts (compel 2.5, `embeddings_provider.py`).
//!
//! A chunk is 77 tokens: start, up to 75 of the prompt, end, padding. A tensor is `[tokens, width]`.
use ndarray::{Array2, ArrayView2, Axis, Zip, concatenate, s};

use super::syntax::{Conjunction, Fragment, Part};
use super::tokenizer::Tokenizer;

/// Tokens of a chunk.
pub const CHUNK: usize = 77;
const CHUNK_TEXT: usize = CHUNK - 2;
/// Weights below this count as this: at 0 the blend with the masked prompt would be infinite.
const LEAST_WEIGHT: f64 = 1e-5;

/// Encodes one chunk: its token ids, and which of its tokens may be attended to (`None`: all), to `[77, width]`.
pub trait ChunkEncoder {
    /// What can go wrong.
    type Error;
    /// Runs the text encoder.
    fn encode(&self, ids: &[i64], visible: Option<&[bool]>) -> Result<Array2<f32>, Self::Error>;
}

/// Builds conditioning tensors with one tokenizer and text encoder.
#[derive(Debug)]
pub struct Conditioner<'a, E> {
    tokenizer: &'a Tokenizer,
    encoder: &'a E,
}

/// A tokenized prompt: whole chunks.
struct Chunks {
    ids: Vec<i64>,
    weights: Vec<f32>,
}

impl<'a, E: ChunkEncoder> Conditioner<'a, E> {
    /// With a tokenizer that knows the prompt's textual inversions.
    pub fn new(tokenizer: &'a Tokenizer, encoder: &'a E) -> Self {
        Self { tokenizer, encoder }
    }

    /// `[77 · chunks, width]` for a whole prompt.
    pub fn build(&self, conjunction: &Conjunction) -> Result<Array2<f32>, E::Error> {
        let mut tensors = Vec::new();
        for (part, weight) in conjunction.parts.iter().zip(&conjunction.weights) {
            let mut tensor = match part {
                Part::Plain(fragments) => self.fragments(fragments)?,
                Part::Blend { prompts, weights, normalize } => self.blend(prompts, weights, *normalize)?,
            };
            if *weight != 1.0 {
                let empty = self.padded(self.empty()?, tensor.nrows())?;
                tensor = &empty + (&tensor - &empty) * *weight;
            }
            tensors.push(tensor);
        }
        if tensors.is_empty() {
            return self.empty();
        }
        Ok(joined(&tensors))
    }

    fn blend(
        &self,
        prompts: &[Vec<Fragment>],
        weights: &[f32],
        normalize: bool,
    ) -> Result<Array2<f32>, E::Error> {
        let tensors = prompts.iter().map(|prompt| self.fragments(prompt)).collect::<Result<Vec<_>, _>>()?;
        let longest = tensors.iter().map(Array2::nrows).max().unwrap_or(CHUNK);
        let tensors =
            tensors.into_iter().map(|tensor| self.padded(tensor, longest)).collect::<Result<Vec<_>, _>>()?;
        Ok(mean(&tensors, weights, normalize))
    }

    /// An empty prompt's chunk.
    fn empty(&self) -> Result<Array2<f32>, E::Error> {
        self.encoder.encode(&self.chunks(&[]).ids, None)
    }

    fn padded(&self, tensor: Array2<f32>, rows: usize) -> Result<Array2<f32>, E::Error> {
        if tensor.nrows() >= rows {
            return Ok(tensor);
        }
        let empty = self.empty()?;
        let mut parts = vec![tensor];
        let mut count = parts[0].nrows();
        while count < rows {
            count += empty.nrows();
            parts.push(empty.clone());
        }
        Ok(joined(&parts))
    }

    fn fragments(&self, fragments: &[Fragment]) -> Result<Array2<f32>, E::Error> {
        let tokenized: Vec<(Vec<i64>, f32)> = fragments
            .iter()
            .map(|fragment| (self.tokenizer.encode(&fragment.text, CHUNK_TEXT), fragment.weight))
            .collect();
        let chunks = self.chunks(&tokenized);
        let mut tensors = vec![self.weighted(&chunks, None)?];
        let mut shares = vec![1.0];
        // A weight below 1 leans towards the prompt in which nothing sees the fragment.
        let mut place = 0;
        for (ids, weight) in &tokenized {
            let (start, end) = self.span(&chunks.ids, place, ids.len());
            place = end;
            if *weight >= 1.0 || ids.is_empty() {
                continue;
            }
            let visible: Vec<bool> = (0..chunks.ids.len())
                .map(|at| !(start..end).contains(&at) || at % CHUNK == 0 || at % CHUNK == CHUNK - 1)
                .collect();
            tensors.push(self.weighted(&chunks, Some(&visible))?);
            let weight = f64::from(*weight).max(LEAST_WEIGHT);
            shares.push(((1.0 - weight) * std::f64::consts::FRAC_PI_2).tan() as f32);
        }
        Ok(if tensors.len() == 1 { tensors.swap_remove(0) } else { mean(&tensors, &shares, true) })
    }

    /// Where the next `count` tokens of text lie, from a position on; chunk borders within are included.
    fn span(&self, ids: &[i64], from: usize, count: usize) -> (usize, usize) {
        let border = |id: i64| {
            [self.tokenizer.start_id(), self.tokenizer.end_id(), self.tokenizer.padding_id()].contains(&id)
        };
        let mut start = None;
        let mut end = from;
        let mut left = count;
        while left > 0 && end < ids.len() {
            if !border(ids[end]) {
                start.get_or_insert(end);
                left -= 1;
            }
            end += 1;
        }
        (start.unwrap_or(end), end)
    }

    fn weighted(&self, chunks: &Chunks, visible: Option<&[bool]>) -> Result<Array2<f32>, E::Error> {
        let mut tensors = Vec::new();
        for start in (0..chunks.ids.len()).step_by(CHUNK) {
            let range = start..start + CHUNK;
            let visible =
                visible.map(|visible| &visible[range.clone()]).filter(|visible| visible.contains(&false));
            let mut tensor = self.encoder.encode(&chunks.ids[range.clone()], visible)?;
            let weights = &chunks.weights[range];
            if weights.iter().any(|weight| *weight != 1.0) {
                let empty = self.empty()?;
                for (row, weight) in weights.iter().enumerate().filter(|(_, weight)| **weight != 1.0) {
                    let mut target = tensor.row_mut(row);
                    Zip::from(&mut target).and(empty.row(row)).for_each(|value, empty| {
                        *value = empty + (*value - empty) * weight;
                    });
                }
            }
            tensors.push(tensor);
        }
        Ok(joined(&tensors))
    }

    fn chunks(&self, fragments: &[(Vec<i64>, f32)]) -> Chunks {
        let mut ids: Vec<i64> = fragments.iter().flat_map(|(ids, _)| ids).copied().collect();
        let mut weights: Vec<f32> =
            fragments.iter().flat_map(|(ids, weight)| vec![*weight; ids.len()]).collect();
        let mut chunks = Chunks { ids: Vec::new(), weights: Vec::new() };
        loop {
            let split = self.split_point(&ids);
            let (rest, rest_weights) = (ids.split_off(split), weights.split_off(split));
            let end = chunks.ids.len() + CHUNK;
            chunks.ids.push(self.tokenizer.start_id());
            chunks.ids.append(&mut ids);
            chunks.ids.push(self.tokenizer.end_id());
            chunks.ids.resize(end, self.tokenizer.padding_id());
            chunks.weights.push(1.0);
            chunks.weights.append(&mut weights);
            chunks.weights.resize(end, 1.0);
            if rest.is_empty() {
                return chunks;
            }
            (ids, weights) = (rest, rest_weights);
        }
    }

    /// How many tokens the next chunk takes: up to the last sentence, phrase or word that ends in it.
    fn split_point(&self, ids: &[i64]) -> usize {
        if ids.len() <= CHUNK_TEXT {
            return ids.len();
        }
        let last = |ends: &dyn Fn(&str) -> bool| {
            ids[..CHUNK_TEXT].iter().rposition(|id| ends(self.tokenizer.token(*id)))
        };
        last(&|token| token == ".</w>")
            .or_else(|| last(&|token| matches!(token, ".</w>" | ",</w>" | ";</w>" | ":</w>")))
            .or_else(|| last(&|token| token.ends_with("</w>")))
            .map_or(CHUNK_TEXT, |at| at + 1)
    }
}

fn joined(tensors: &[Array2<f32>]) -> Array2<f32> {
    let views: Vec<ArrayView2<'_, f32>> = tensors.iter().map(|tensor| tensor.slice(s![.., ..])).collect();
    concatenate(Axis(0), &views).expect("one text encoder gives tensors of one width")
}

/// Σ weight · tensor, over Σ weight if asked.
fn mean(tensors: &[Array2<f32>], weights: &[f32], normalize: bool) -> Array2<f32> {
    let sum: f32 = if normalize { weights.iter().sum() } else { 1.0 };
    let mut result = Array2::zeros(tensors.first().map_or((CHUNK, 0), Array2::dim));
    for (tensor, weight) in tensors.iter().zip(weights) {
        result.scaled_add(weight / sum, tensor);
    }
    result
}
