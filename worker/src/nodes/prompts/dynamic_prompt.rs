//! `dynamic_prompt`: prompts from one with variants.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::invocation::outputs::StringCollectionOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};
use domain::dynamic_prompt::{self, DynamicPromptError};
use rand::Rng;

/// More prompts than that are a mistake.
const MOST: usize = 10_000;

/// Prompts from one with variants.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct DynamicPrompt {
    /// The prompt with variants, e.g. `a {red|green} apple`.
    #[schemars(extend("ui_component" = "textarea"))]
    prompt: String,
    /// How many prompts at most.
    #[serde(default = "default_max_prompts")]
    max_prompts: i64,
    /// Whether to go through all combinations, else each prompt is drawn.
    #[serde(default)]
    combinatorial: bool,
}

fn default_max_prompts() -> i64 {
    1
}

impl Invocation for DynamicPrompt {
    const TYPE: &'static str = "dynamic_prompt";
    const SCHEMA_NAME: &'static str = "DynamicPromptInvocation";
    const TITLE: &'static str = "Dynamic Prompt";
    const CATEGORY: &'static str = "prompt";
    const VERSION: &'static str = "1.0.1";
    const USE_CACHE: bool = false;
    type Output = StringCollectionOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<StringCollectionOutput, InvocationError> {
        let bad = |error: DynamicPromptError| InvocationError::BadInput(error.to_string());
        let prompt = dynamic_prompt::parse(&self.prompt).map_err(bad)?;
        let most = usize::try_from(self.max_prompts).unwrap_or_default();
        let mut generator = rand::rng();
        let mut chance = || generator.random();
        let collection = if self.combinatorial {
            prompt.combinations(most.min(MOST), &mut chance)
        } else {
            (0..most.min(MOST)).map(|_| prompt.draw(&mut chance)).collect()
        };
        Ok(StringCollectionOutput { collection: collection.map_err(bad)? })
    }
}
