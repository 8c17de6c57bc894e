//! The nodes between a prompt and a picture, for SD1 models.
//!
//! - nodes: [`noise`], [`compel`], [`denoise_latents`], [`latents_to_image`], [`image_to_latents`],
//!   [`resize_latents`], [`scale_latents`], [`blend_latents`], [`crop_latents`], [`create_denoise_mask`],
//!   [`create_gradient_mask`], [`scheduler`], [`ideal_size`],
//!   [`controlnet`], [`t2i_adapter`], [`denoise_latents_meta`]
//! - what they share: [`models`], [`denoising`], [`denoise_description`], [`adapters`], [`control_span`], [`control_image`], [`edge_map`], [`regions`], [`interpolate`], [`picture`], [`tiling`], [`gradient`], [`preview`]
mod adapters;
mod blend_latents;
mod compel;
pub(crate) mod control_image;
mod control_span;
mod controlnet;
mod create_denoise_mask;
mod create_gradient_mask;
mod crop_latents;
mod denoise_description;
mod denoise_latents;
mod denoise_latents_meta;
mod denoising;
mod edge_map;
mod gradient;
mod ideal_size;
mod image_to_latents;
pub(crate) mod interpolate;
mod latents_to_image;
mod models;
mod noise;
mod picture;
mod preview;
#[cfg(test)]
mod recorded;
mod regions;
mod resize_latents;
mod scale_latents;
mod scheduler;
mod t2i_adapter;
mod tiling;

pub(crate) use controlnet::ControlField;
pub(crate) use scheduler::SchedulerOutput;
pub(crate) use t2i_adapter::T2IAdapterField;

use crate::invocation::{NodeType, register};

/// Every node of this folder.
pub fn nodes() -> Vec<NodeType> {
    vec![
        register::<noise::Noise>(),
        register::<compel::Compel>(),
        register::<denoise_latents::DenoiseLatents>(),
        register::<denoise_latents_meta::DenoiseLatentsMeta>(),
        register::<latents_to_image::LatentsToImage>(),
        register::<image_to_latents::ImageToLatents>(),
        register::<resize_latents::ResizeLatents>(),
        register::<scale_latents::ScaleLatents>(),
        register::<blend_latents::BlendLatents>(),
        register::<crop_latents::CropLatents>(),
        register::<create_denoise_mask::CreateDenoiseMask>(),
        register::<create_gradient_mask::CreateGradientMask>(),
        register::<scheduler::Scheduler>(),
        register::<ideal_size::IdealSize>(),
        register::<controlnet::ControlNetNode>(),
        register::<t2i_adapter::T2IAdapterNode>(),
    ]
}
