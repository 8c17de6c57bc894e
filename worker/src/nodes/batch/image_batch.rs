//! `image_batch`: the whole graph once for each of several images.
use schemars::JsonSchema;
use serde::Deserialize;

use super::batch_group::{self, BatchGroup};
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Runs the whole graph once for each of these images. What is set here goes into the batch when the client enqueues it; the node itself never runs.
#[expect(dead_code, reason = "clients read these fields, the node never runs")]
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ImageBatch {
    /// Batches of one group go in step.
    #[serde(default)]
    #[schemars(extend("title" = "Batch Group", "input" = "direct"))]
    batch_group_id: BatchGroup,
    /// The images.
    #[schemars(length(min = 1))]
    images: Vec<ImageField>,
}

impl Invocation for ImageBatch {
    const TYPE: &'static str = "image_batch";
    const SCHEMA_NAME: &'static str = "ImageBatchInvocation";
    const TITLE: &'static str = "Image Batch";
    const CATEGORY: &'static str = "batch";
    const VERSION: &'static str = "1.0.0";
    const CLASSIFICATION: &'static str = "special";
    type Output = ImageOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        Err(batch_group::not_executable())
    }
}
