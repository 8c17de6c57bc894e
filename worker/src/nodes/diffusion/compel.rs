//! `compel`: a prompt to conditioning.
use std::sync::Arc;

use ndarray::{Array2, Axis};
use schemars::JsonSchema;
use serde::Deserialize;

use super::models;
use crate::inference::{InferenceError, TextEncoder};
use crate::invocation::fields::{CLIPField, ConditioningField, TensorField};
use crate::invocation::outputs::ConditioningOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};
use crate::prompt::conditioning::{ChunkEncoder, Conditioner};
use crate::prompt::syntax;
use crate::prompt::trigger::trigger_names;

/// Parse prompt using compel package to conditioning.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Compel {
    /// Prompt, with compel's syntax.
    #[serde(default)]
    #[schemars(extend("ui_component" = "textarea"))]
    prompt: String,
    /// The text encoder.
    #[schemars(extend("title" = "CLIP"))]
    clip: CLIPField,
    /// A mask defining the region that this conditioning prompt applies to.
    #[serde(default)]
    mask: Option<TensorField>,
}

/// A text encoder that leaves out its last layers.
struct SkippingEncoder {
    encoder: Arc<dyn TextEncoder>,
    skipped: usize,
}

impl ChunkEncoder for SkippingEncoder {
    type Error = InferenceError;

    fn encode(&self, ids: &[i64], visible: Option<&[bool]>) -> Result<Array2<f32>, InferenceError> {
        let ids = Array2::from_shape_fn((1, ids.len()), |(_, at)| ids[at]);
        let hidden = self.encoder.encode_visible(&ids, visible, self.skipped)?;
        Ok(hidden.index_axis_move(Axis(0), 0))
    }
}

impl Invocation for Compel {
    const TYPE: &'static str = "compel";
    const SCHEMA_NAME: &'static str = "CompelInvocation";
    const TITLE: &'static str = "Prompt - SD1.5";
    const CATEGORY: &'static str = "prompt";
    const VERSION: &'static str = "1.2.1";
    type Output = ConditioningOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ConditioningOutput, InvocationError> {
        let conjunction =
            syntax::parse(&self.prompt).map_err(|error| InvocationError::BadInput(error.to_string()))?;
        let base = &self.clip.text_encoder.base;
        let inversions: Vec<(String, Array2<f32>)> = trigger_names(&self.prompt)
            .into_iter()
            .filter_map(|name| Some((models::textual_inversion(context, &name, base)?, name)))
            .map(|(vectors, name)| (name, vectors))
            .collect();
        let vectors: Vec<Array2<f32>> = inversions.iter().map(|(_, vectors)| vectors.clone()).collect();
        let encoder = models::text_encoder(context, &self.clip, &vectors)?;
        let mut tokenizer = models::tokenizer(context, &self.clip.tokenizer)?;
        let mut next = encoder.vocabulary_size() as i64;
        for (name, vectors) in &inversions {
            let end = next + vectors.nrows() as i64;
            tokenizer.add_trigger(name, (next..end).collect());
            next = end;
        }
        context.progress_message("Building conditioning");
        // Skipping a layer count from the end that the model does not have is the model's to refuse.
        let skipped = usize::try_from(self.clip.skipped_layers).unwrap_or_default();
        let encoder = SkippingEncoder { encoder, skipped };
        let tensor = Conditioner::new(&tokenizer, &encoder).build(&conjunction)?;
        let conditioning_name = context.save_conditioning(tensor.insert_axis(Axis(0)));
        Ok(ConditioningOutput { conditioning: ConditioningField { conditioning_name, mask: self.mask } })
    }
}
