//! What is recorded about images.
//!
//! - nodes: [`core_metadata`], [`merge_metadata`], [`metadata`], [`metadata_field_extractor`],
//!   [`metadata_from_image`], [`metadata_item`], [`metadata_item_linked`], [`metadata_to_bool`],
//!   [`metadata_to_bool_collection`], [`metadata_to_controlnets`], [`metadata_to_float`], [`metadata_to_float_collection`],
//!   [`metadata_to_integer`], [`metadata_to_integer_collection`], [`metadata_to_lora_collection`],
//!   [`metadata_to_loras`], [`metadata_to_model`], [`metadata_to_scheduler`], [`metadata_to_sdlx_loras`],
//!   [`metadata_to_sdxl_model`], [`metadata_to_string`], [`metadata_to_string_collection`],
//!   [`metadata_to_t2i_adapters`], [`metadata_to_vae`]
//! - what they share: [`conversions`]: values as other types, [`labels`]: entries and their names, [`recorded_adapters`]: adapters as they are recorded, [`recorded_models`]: models as they are recorded, [`model_entry`]: an entry that names one
mod conversions;
mod core_metadata;
mod labels;
mod merge_metadata;
#[expect(clippy::module_inception, reason = "a node's file has the name of its type")]
mod metadata;
mod metadata_field_extractor;
mod metadata_from_image;
mod metadata_item;
mod metadata_item_linked;
mod metadata_to_bool;
mod metadata_to_bool_collection;
mod metadata_to_controlnets;
mod metadata_to_float;
mod metadata_to_float_collection;
mod metadata_to_integer;
mod metadata_to_integer_collection;
mod metadata_to_lora_collection;
mod metadata_to_loras;
mod metadata_to_model;
mod metadata_to_scheduler;
mod metadata_to_sdlx_loras;
mod metadata_to_sdxl_model;
mod metadata_to_string;
mod metadata_to_string_collection;
mod metadata_to_t2i_adapters;
mod metadata_to_vae;
mod model_entry;
mod recorded_adapters;
mod recorded_models;

use crate::invocation::{NodeType, register};

/// Every node of this folder.
pub fn nodes() -> Vec<NodeType> {
    vec![
        register::<metadata_to_string::MetadataToString>(),
        register::<metadata_to_string_collection::MetadataToStringCollection>(),
        register::<metadata_to_integer::MetadataToInteger>(),
        register::<metadata_to_integer_collection::MetadataToIntegerCollection>(),
        register::<metadata_to_float::MetadataToFloat>(),
        register::<metadata_to_float_collection::MetadataToFloatCollection>(),
        register::<metadata_to_bool::MetadataToBool>(),
        register::<metadata_to_bool_collection::MetadataToBoolCollection>(),
        register::<metadata_to_scheduler::MetadataToScheduler>(),
        register::<metadata_to_model::MetadataToModel>(),
        register::<metadata_to_sdxl_model::MetadataToSdxlModel>(),
        register::<metadata_to_vae::MetadataToVae>(),
        register::<metadata_to_controlnets::MetadataToControlnets>(),
        register::<metadata_to_t2i_adapters::MetadataToT2IAdapters>(),
        register::<metadata_to_lora_collection::MetadataToLoraCollection>(),
        register::<metadata_to_loras::MetadataToLoras>(),
        register::<metadata_to_sdlx_loras::MetadataToSdxlLoras>(),
        register::<metadata_item::MetadataItem>(),
        register::<metadata::Metadata>(),
        register::<merge_metadata::MergeMetadata>(),
        register::<metadata_item_linked::MetadataItemLinked>(),
        register::<metadata_from_image::MetadataFromImage>(),
        register::<metadata_field_extractor::MetadataFieldExtractor>(),
        register::<core_metadata::CoreMetadata>(),
    ]
}
