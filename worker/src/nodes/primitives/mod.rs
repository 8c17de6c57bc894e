//! Values and lists of values.
//!
//! - nodes: [`boolean`], [`boolean_collection`], [`bounding_box`], [`color`], [`conditioning`],
//!   [`conditioning_collection`], [`float`], [`float_collection`], [`image`], [`image_collection`], [`integer`],
//!   [`integer_collection`], [`latents`], [`latents_collection`], [`string`], [`string_collection`]
mod boolean;
mod boolean_collection;
mod bounding_box;
mod color;
mod conditioning;
mod conditioning_collection;
mod float;
mod float_collection;
mod image;
mod image_collection;
mod integer;
mod integer_collection;
mod latents;
mod latents_collection;
mod string;
mod string_collection;

use crate::invocation::{NodeType, register};

/// Every node of this folder.
pub fn nodes() -> Vec<NodeType> {
    vec![
        register::<boolean::Boolean>(),
        register::<boolean_collection::BooleanCollection>(),
        register::<integer::Integer>(),
        register::<integer_collection::IntegerCollection>(),
        register::<float::Float>(),
        register::<float_collection::FloatCollection>(),
        register::<string::Text>(),
        register::<string_collection::TextCollection>(),
        register::<image::Image>(),
        register::<image_collection::ImageCollection>(),
        register::<latents::Latents>(),
        register::<latents_collection::LatentsCollection>(),
        register::<conditioning::Conditioning>(),
        register::<conditioning_collection::ConditioningCollection>(),
        register::<color::Color>(),
        register::<bounding_box::BoundingBox>(),
    ]
}
