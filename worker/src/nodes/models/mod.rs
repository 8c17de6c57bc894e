//! From a model of the registry to its parts, and what is put onto them.
//!
//! - nodes: [`main_model_loader`], [`vae_loader`], [`clip_skip`], [`lora_selector`], [`lora_loader`],
//!   [`lora_collection_loader`], [`seamless`], [`model_identifier`]
mod clip_skip;
mod lora_collection_loader;
mod lora_loader;
mod lora_selector;
mod main_model_loader;
mod model_identifier;
mod seamless;
mod vae_loader;

use crate::invocation::{NodeType, register};

/// Every node of this folder.
pub fn nodes() -> Vec<NodeType> {
    vec![
        register::<main_model_loader::MainModelLoader>(),
        register::<vae_loader::VaeLoader>(),
        register::<clip_skip::ClipSkip>(),
        register::<lora_selector::LoraSelector>(),
        register::<lora_loader::LoraLoader>(),
        register::<lora_collection_loader::LoraCollectionLoader>(),
        register::<seamless::Seamless>(),
        register::<model_identifier::ModelIdentifier>(),
    ]
}
