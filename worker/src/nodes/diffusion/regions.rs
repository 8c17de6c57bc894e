//! Prompts that apply to parts of the picture (InvokeAI 6.14.2, `regional_prompt_data.py`).
use ndarray::{Array2, Array4, Axis, concatenate, s};

/// What a score outside of a region loses: enough for nothing to be left after the softmax.
const OUTSIDE: f32 = -10_000.0;

/// Tokens of a prompt and where they apply; without a mask everywhere.
#[derive(Debug, Clone)]
pub(super) struct Region {
    /// Rows of columns of the picture.
    pub(super) mask: Option<Array2<bool>>,
    /// How many tokens it has.
    pub(super) tokens: usize,
}

/// What is added to the scores of attention, `[batch, 1, rows · columns, tokens]` for each level of a UNet.
#[derive(Debug, Clone)]
pub(crate) struct Regions {
    negative: Vec<Array4<f32>>,
    positive: Vec<Array4<f32>>,
    /// Both in one batch; empty where the prompts differ in length.
    pub(crate) both: Vec<Array4<f32>>,
}

impl Regions {
    /// For latents of `rows` by `columns`.
    pub(super) fn new(negative: &[Region], positive: &[Region], size: (usize, usize), levels: usize) -> Self {
        let negative = scores(negative, size, levels);
        let positive = scores(positive, size, levels);
        let pair = |(negative, positive): (&Array4<f32>, &Array4<f32>)| {
            concatenate(Axis(0), &[negative.view(), positive.view()]).ok()
        };
        let both = negative.iter().zip(&positive).map(pair).collect::<Option<Vec<_>>>().unwrap_or_default();
        Self { negative, positive, both }
    }

    /// Those of the negative (0) or the positive (1) prompt.
    pub(crate) fn half(&self, index: usize) -> &[Array4<f32>] {
        if index == 0 { &self.negative } else { &self.positive }
    }
}

fn scores(regions: &[Region], (rows, columns): (usize, usize), levels: usize) -> Vec<Array4<f32>> {
    let mut masks: Vec<Array2<bool>> = regions
        .iter()
        .map(|region| match &region.mask {
            Some(mask) => nearest(mask, rows, columns),
            None => Array2::from_elem((rows, columns), true),
        })
        .collect();
    let tokens = regions.iter().map(|region| region.tokens).sum();
    let mut result = Vec::with_capacity(levels);
    for level in 0..levels {
        if level > 0 {
            masks = masks.iter().map(halved).collect();
        }
        let places = masks.first().map_or(0, Array2::len);
        let mut scores = Array4::zeros((1, 1, places, tokens));
        let mut start = 0;
        for (region, mask) in regions.iter().zip(&masks) {
            let end = start + region.tokens;
            for (place, _) in mask.iter().enumerate().filter(|(_, inside)| !**inside) {
                scores.slice_mut(s![0, 0, place, start..end]).fill(OUTSIDE);
            }
            start = end;
        }
        result.push(scores);
    }
    result
}

fn nearest(mask: &Array2<bool>, rows: usize, columns: usize) -> Array2<bool> {
    let (height, width) = mask.dim();
    let at = |index: usize, from: usize, to: usize| (index * from / to).min(from.saturating_sub(1));
    Array2::from_shape_fn((rows, columns), |(y, x)| {
        mask.get((at(y, height, rows), at(x, width, columns))).copied().unwrap_or(true)
    })
}

/// Half the size, rounded up; small regions stay.
fn halved(mask: &Array2<bool>) -> Array2<bool> {
    let (rows, columns) = mask.dim();
    Array2::from_shape_fn((rows.div_ceil(2), columns.div_ceil(2)), |(y, x)| {
        let part = mask.slice(s![2 * y..(2 * y + 2).min(rows), 2 * x..(2 * x + 2).min(columns)]);
        part.iter().any(|inside| *inside)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_seen_only_in_their_region_on_every_level() {
        let mask = Array2::from_shape_fn((40, 40), |(_, x)| x < 8);
        let regions = [Region { mask: None, tokens: 2 }, Region { mask: Some(mask), tokens: 3 }];
        let scores = scores(&regions, (5, 5), 3);
        assert_eq!(scores.iter().map(|scores| scores.dim().2).collect::<Vec<_>>(), [25, 9, 4]);
        assert_eq!(scores[0].slice(s![0, 0, 0, ..]).to_vec(), [0.0; 5]);
        assert_eq!(scores[0].slice(s![0, 0, 1, ..]).to_vec(), [0.0, 0.0, OUTSIDE, OUTSIDE, OUTSIDE]);
        assert_eq!(scores[2].slice(s![0, 0, 1, ..]).to_vec(), [0.0, 0.0, OUTSIDE, OUTSIDE, OUTSIDE]);
    }
}
