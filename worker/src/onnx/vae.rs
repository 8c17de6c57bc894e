//! AutoencoderKL's two halves. Source of the layout: diffusers, models/autoencoders.
use super::builder::{Dimension, Graph, Model};
use super::layers::Convolution;
use crate::inference::{InferenceError, SeamlessAxes};
use crate::weights::WeightSet;
use crate::weights::config::VaeConfig;

const EPSILON: f32 = 1e-6;

/// `image [batch, 3, H, W]` to `moments [batch, 2·latent channels, h, w]`.
pub fn vae_encoder(
    config: &VaeConfig,
    set: &WeightSet,
    seamless: SeamlessAxes,
) -> Result<Model, InferenceError> {
    let mut graph = Graph::new("vae_encoder", set, seamless);
    let groups = config.norm_num_groups;
    let image = graph.float_input("image", &image_shape(config.in_channels));
    let mut x = graph.conv("encoder.conv_in", &image, Convolution::SAME)?;
    let blocks = config.block_out_channels.len();
    for block in 0..blocks {
        let prefix = format!("encoder.down_blocks.{block}");
        for layer in 0..config.layers_per_block {
            x = graph.resnet(&format!("{prefix}.resnets.{layer}"), &x, None, groups, EPSILON)?;
        }
        if block + 1 < blocks {
            x = graph.pad_end(&x);
            x = graph.conv(
                &format!("{prefix}.downsamplers.0.conv"),
                &x,
                Convolution { stride: 2, padding: 0 },
            )?;
        }
    }
    x = middle(&mut graph, "encoder.mid_block", &x, config)?;
    x = graph.group_norm("encoder.conv_norm_out", &x, groups, EPSILON)?;
    x = graph.silu(&x);
    x = graph.conv("encoder.conv_out", &x, Convolution::SAME)?;
    if set.contains("quant_conv.weight") {
        x = graph.conv("quant_conv", &x, Convolution::POINT)?;
    }
    graph.output("moments", &x);
    Ok(graph.finish())
}

/// `latents [batch, latent channels, h, w]` to `image [batch, 3, H, W]`.
pub fn vae_decoder(
    config: &VaeConfig,
    set: &WeightSet,
    seamless: SeamlessAxes,
) -> Result<Model, InferenceError> {
    let mut graph = Graph::new("vae_decoder", set, seamless);
    let groups = config.norm_num_groups;
    let mut x = graph.float_input("latents", &image_shape(config.latent_channels));
    if set.contains("post_quant_conv.weight") {
        x = graph.conv("post_quant_conv", &x, Convolution::POINT)?;
    }
    x = graph.conv("decoder.conv_in", &x, Convolution::SAME)?;
    x = middle(&mut graph, "decoder.mid_block", &x, config)?;
    let blocks = config.block_out_channels.len();
    for block in 0..blocks {
        let prefix = format!("decoder.up_blocks.{block}");
        for layer in 0..=config.layers_per_block {
            x = graph.resnet(&format!("{prefix}.resnets.{layer}"), &x, None, groups, EPSILON)?;
        }
        if block + 1 < blocks {
            x = graph.double(&x);
            x = graph.conv(&format!("{prefix}.upsamplers.0.conv"), &x, Convolution::SAME)?;
        }
    }
    x = graph.group_norm("decoder.conv_norm_out", &x, groups, EPSILON)?;
    x = graph.silu(&x);
    x = graph.conv("decoder.conv_out", &x, Convolution::SAME)?;
    graph.output("image", &x);
    Ok(graph.finish())
}

fn middle(
    graph: &mut Graph<'_>,
    prefix: &str,
    x: &str,
    config: &VaeConfig,
) -> Result<String, InferenceError> {
    let groups = config.norm_num_groups;
    let mut x = graph.resnet(&format!("{prefix}.resnets.0"), x, None, groups, EPSILON)?;
    if config.mid_block_add_attention {
        let attention = format!("{prefix}.attentions.0");
        let normed = graph.group_norm(&format!("{attention}.group_norm"), &x, groups, EPSILON)?;
        let tokens = graph.image_to_tokens(&normed);
        let mixed = graph.projected_attention(&attention, &tokens, &tokens, 1, None)?;
        let mixed = graph.tokens_to_image(&mixed, &x);
        x = graph.add(&mixed, &x);
    }
    graph.resnet(&format!("{prefix}.resnets.1"), &x, None, groups, EPSILON)
}

fn image_shape(channels: usize) -> [Dimension; 4] {
    [
        Dimension::Named("batch"),
        Dimension::Fixed(channels),
        Dimension::Named("height"),
        Dimension::Named("width"),
    ]
}
