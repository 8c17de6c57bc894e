//! Prompts from other prompts.
//!
//! - nodes: [`dynamic_prompt`], [`prompt_template`]
mod dynamic_prompt;
mod prompt_template;

use crate::invocation::{NodeType, register};

/// Every node of this folder.
pub fn nodes() -> Vec<NodeType> {
    vec![register::<dynamic_prompt::DynamicPrompt>(), register::<prompt_template::PromptTemplate>()]
}
