//! T2IAdapter. Source of the layout: diffusers, models/adapter.
use super::builder::{Dimension, Graph, Model, int, ints};
use super::layers::Convolution;
use crate::inference::{InferenceError, SeamlessAxes, Target};
use crate::weights::WeightSet;
use crate::weights::config::AdapterConfig;

/// `image [batch, channels, H, W]` to `features.I`, one a block.
pub fn image_adapter(
    config: &AdapterConfig,
    set: &WeightSet,
    target: Target,
) -> Result<Model, InferenceError> {
    let light = match config.adapter_type.as_str() {
        "full_adapter" => false,
        "light_adapter" => true,
        other => {
            return Err(InferenceError::BadModel(format!("adapters of the type {other} are not supported")));
        }
    };
    let mut graph = Graph::new("image_adapter", set, SeamlessAxes::default()).for_target(target);
    let shape = [
        Dimension::Named("batch"),
        Dimension::Fixed(config.in_channels),
        Dimension::Named("rows"),
        Dimension::Named("columns"),
    ];
    let image = graph.float_input("image", &shape);
    let mut x = unshuffle(&mut graph, &image, config.in_channels, config.downscale_factor);
    if !light {
        x = graph.conv("adapter.conv_in", &x, Convolution::SAME)?;
    }
    for block in 0..config.channels.len() {
        let prefix = format!("adapter.body.{block}");
        if block > 0 {
            let attributes =
                vec![ints("kernel_shape", &[2, 2]), ints("strides", &[2, 2]), int("ceil_mode", 1)];
            x = graph.op("AveragePool", &[&x], attributes);
        }
        if set.contains(&format!("{prefix}.in_conv.weight")) {
            x = graph.conv(&format!("{prefix}.in_conv"), &x, Convolution::POINT)?;
        }
        for layer in 0..config.num_res_blocks {
            let resnet = format!("{prefix}.resnets.{layer}");
            let h = graph.conv(&format!("{resnet}.block1"), &x, Convolution::SAME)?;
            let h = graph.op("Relu", &[&h], vec![]);
            let how = if light { Convolution::SAME } else { Convolution::POINT };
            let h = graph.conv(&format!("{resnet}.block2"), &h, how)?;
            x = graph.add(&h, &x);
        }
        if light {
            x = graph.conv(&format!("{prefix}.out_conv"), &x, Convolution::POINT)?;
        }
        graph.output(&format!("features.{block}"), &x);
    }
    Ok(graph.finish())
}

/// torch's PixelUnshuffle: every `factor × factor` square becomes channels, channel-major.
fn unshuffle(graph: &mut Graph<'_>, image: &str, channels: usize, factor: usize) -> String {
    let blocked = graph.op("SpaceToDepth", &[image], vec![int("blocksize", factor as i64)]);
    // SpaceToDepth orders by place in the square first, torch by channel first.
    let shape = graph.op("Shape", &[&blocked], vec![]);
    let split = graph.int_constant(&[0, (factor * factor) as i64, channels as i64, -1]);
    let split = graph.op("Reshape", &[&blocked, &split], vec![]);
    let swapped = graph.op("Transpose", &[&split], vec![ints("perm", &[0, 2, 1, 3])]);
    graph.op("Reshape", &[&swapped, &shape], vec![])
}
