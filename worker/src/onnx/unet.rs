//! UNet2DConditionModel of the SD1 family, and the half of it that a ControlNet copies.
//! Source of the layout: diffusers, models/unets and models/controlnets.
use super::builder::{Dimension, Graph, Model, int};
use super::layers::Convolution;
use crate::inference::{InferenceError, SeamlessAxes, Target};
use crate::weights::WeightSet;
use crate::weights::config::UnetConfig;

type Value = Result<String, InferenceError>;

/// What transformers attend to: the text, and where each word may be seen (one input a level, or none).
struct Context {
    text: String,
    regions: Vec<String>,
}

/// Inputs: `sample`, `timestep [1]`, `context [batch, tokens, width]`, and residuals that broadcast
/// (`down.I`, `middle`, `intrablock.I`, the last of them for the middle block; a zero of
/// `[1, 1, 1, 1]` where there is none); with `regional` also `regions.LEVEL [batch, 1, rows · columns, tokens]`,
/// added to the scores of the attention to the text. Output: `noise`.
pub fn unet(
    config: &UnetConfig,
    set: &WeightSet,
    seamless: SeamlessAxes,
    regional: bool,
    target: Target,
) -> Result<Model, InferenceError> {
    config.check()?;
    let mut graph = Graph::new("unet", set, seamless).for_target(target);
    let sample = graph.float_input("sample", &image_shape(config.in_channels));
    let context = context_input(&mut graph, config, regional);
    let time = time_embedding(&mut graph, config)?;
    let x = graph.conv("conv_in", &sample, Convolution::SAME)?;
    let (mut x, mut skips) = down(&mut graph, config, x, &time, &context, true)?;
    for (at, skip) in skips.iter_mut().enumerate() {
        let residual = residual_input(&mut graph, &format!("down.{at}"));
        *skip = graph.add(skip, &residual);
    }
    x = middle(&mut graph, config, &x, &time, &context)?;
    let residual = residual_input(&mut graph, &format!("intrablock.{}", config.blocks()));
    x = graph.add(&x, &residual);
    let residual = residual_input(&mut graph, "middle");
    x = graph.add(&x, &residual);
    for (block, kind) in config.up_block_types.iter().enumerate() {
        let level = config.blocks() - 1 - block;
        let prefix = format!("up_blocks.{block}");
        for layer in 0..=config.layers(level) {
            let skip = skips
                .pop()
                .ok_or_else(|| InferenceError::BadModel("more up layers than down layers".into()))?;
            x = graph.op("Concat", &[&x, &skip], vec![int("axis", 1)]);
            let resnet = format!("{prefix}.resnets.{layer}");
            x = graph.resnet(&resnet, &x, Some(&time), config.norm_num_groups, config.norm_eps)?;
            if kind == "CrossAttnUpBlock2D" {
                x = transformer(
                    &mut graph,
                    config,
                    level,
                    &format!("{prefix}.attentions.{layer}"),
                    &x,
                    &context,
                )?;
            }
        }
        if level > 0 {
            // Odd sizes: grow to what the next skip connection has, not to the double.
            let like = skips
                .last()
                .ok_or_else(|| InferenceError::BadModel("more up blocks than down blocks".into()))?;
            x = graph.grow_to(&x, like);
            x = graph.conv(&format!("{prefix}.upsamplers.0.conv"), &x, Convolution::SAME)?;
        }
    }
    x = graph.group_norm("conv_norm_out", &x, config.norm_num_groups, config.norm_eps)?;
    x = graph.silu(&x);
    x = graph.conv("conv_out", &x, Convolution::SAME)?;
    graph.output("noise", &x);
    Ok(graph.finish())
}

/// Inputs: `sample`, `timestep`, `context`, `image [batch, 3, 8h, 8w]`. Outputs: `down.I`, `middle`.
pub fn control_net(config: &UnetConfig, set: &WeightSet, target: Target) -> Result<Model, InferenceError> {
    config.check()?;
    let mut graph = Graph::new("control_net", set, SeamlessAxes::default()).for_target(target);
    let sample = graph.float_input("sample", &image_shape(config.in_channels));
    let context = context_input(&mut graph, config, false);
    let channels = config.conditioning_channels;
    let shape = [
        Dimension::Named("image_batch"),
        Dimension::Fixed(channels),
        Dimension::Named("rows"),
        Dimension::Named("columns"),
    ];
    let image = graph.float_input("image", &shape);
    let time = time_embedding(&mut graph, config)?;
    let x = graph.conv("conv_in", &sample, Convolution::SAME)?;

    let mut hint = graph.conv("controlnet_cond_embedding.conv_in", &image, Convolution::SAME)?;
    hint = graph.silu(&hint);
    for block in 0..2 * config.conditioning_embedding_out_channels.len().saturating_sub(1) {
        let how = if block % 2 == 0 { Convolution::SAME } else { Convolution::HALVE };
        hint = graph.conv(&format!("controlnet_cond_embedding.blocks.{block}"), &hint, how)?;
        hint = graph.silu(&hint);
    }
    hint = graph.conv("controlnet_cond_embedding.conv_out", &hint, Convolution::SAME)?;
    let x = graph.add(&x, &hint);

    let (x, skips) = down(&mut graph, config, x, &time, &context, false)?;
    let x = middle(&mut graph, config, &x, &time, &context)?;
    for (at, skip) in skips.iter().enumerate() {
        let residual = graph.conv(&format!("controlnet_down_blocks.{at}"), skip, Convolution::POINT)?;
        graph.output(&format!("down.{at}"), &residual);
    }
    let residual = graph.conv("controlnet_mid_block", &x, Convolution::POINT)?;
    graph.output("middle", &residual);
    Ok(graph.finish())
}

fn down(
    graph: &mut Graph<'_>,
    config: &UnetConfig,
    x: String,
    time: &str,
    context: &Context,
    adapted: bool,
) -> Result<(String, Vec<String>), InferenceError> {
    let mut x = x;
    let mut skips = vec![x.clone()];
    let blocks = config.blocks();
    for (block, kind) in config.down_block_types.iter().enumerate() {
        let prefix = format!("down_blocks.{block}");
        let attends = kind == "CrossAttnDownBlock2D";
        let adapter = adapted.then(|| residual_input(graph, &format!("intrablock.{block}")));
        for layer in 0..config.layers(block) {
            let resnet = format!("{prefix}.resnets.{layer}");
            x = graph.resnet(&resnet, &x, Some(time), config.norm_num_groups, config.norm_eps)?;
            if attends {
                x = transformer(graph, config, block, &format!("{prefix}.attentions.{layer}"), &x, context)?;
                if let (Some(adapter), true) = (&adapter, layer + 1 == config.layers(block)) {
                    x = graph.add(&x, adapter);
                }
            }
            skips.push(x.clone());
        }
        if block + 1 < blocks {
            x = graph.conv(&format!("{prefix}.downsamplers.0.conv"), &x, Convolution::HALVE)?;
            skips.push(x.clone());
        }
        if let (Some(adapter), false) = (&adapter, attends) {
            // Without attention diffusers adds to the block's output, which is its last skip too.
            x = graph.add(&x, adapter);
            if let Some(last) = skips.last_mut() {
                last.clone_from(&x);
            }
        }
    }
    Ok((x, skips))
}

fn middle(graph: &mut Graph<'_>, config: &UnetConfig, x: &str, time: &str, context: &Context) -> Value {
    let (groups, epsilon) = (config.norm_num_groups, config.norm_eps);
    let x = graph.resnet("mid_block.resnets.0", x, Some(time), groups, epsilon)?;
    let x = transformer(graph, config, config.blocks() - 1, "mid_block.attentions.0", &x, context)?;
    graph.resnet("mid_block.resnets.1", &x, Some(time), groups, epsilon)
}

/// diffusers' Transformer2DModel with BasicTransformerBlocks.
fn transformer(
    graph: &mut Graph<'_>,
    config: &UnetConfig,
    level: usize,
    prefix: &str,
    x: &str,
    context: &Context,
) -> Value {
    let heads = config.heads(level);
    let bias = context.regions.get(level).map(String::as_str);
    let normed = graph.group_norm(&format!("{prefix}.norm"), x, config.norm_num_groups, 1e-6)?;
    // A projection by a 1×1 convolution is a linear layer of the tokens.
    let tokens = graph.image_to_tokens(&normed);
    let mut tokens = graph.linear(&format!("{prefix}.proj_in"), &tokens)?;
    for block in 0..config.transformer_layers(level) {
        let block = format!("{prefix}.transformer_blocks.{block}");
        let h = graph.layer_norm(&format!("{block}.norm1"), &tokens, 1e-5)?;
        let h = graph.projected_attention(&format!("{block}.attn1"), &h, &h, heads, None)?;
        tokens = graph.add(&h, &tokens);
        let h = graph.layer_norm(&format!("{block}.norm2"), &tokens, 1e-5)?;
        let h = graph.projected_attention(&format!("{block}.attn2"), &h, &context.text, heads, bias)?;
        tokens = graph.add(&h, &tokens);
        let h = graph.layer_norm(&format!("{block}.norm3"), &tokens, 1e-5)?;
        let h = graph.linear(&format!("{block}.ff.net.0.proj"), &h)?;
        let (h, gate) = graph.halves(&h);
        let gate = graph.gelu(&gate);
        let h = graph.op("Mul", &[&h, &gate], vec![]);
        let h = graph.linear(&format!("{block}.ff.net.2"), &h)?;
        tokens = graph.add(&h, &tokens);
    }
    let tokens = graph.linear(&format!("{prefix}.proj_out"), &tokens)?;
    let image = graph.tokens_to_image(&tokens, x);
    Ok(graph.add(&image, x))
}

fn time_embedding(graph: &mut Graph<'_>, config: &UnetConfig) -> Value {
    let half = config.block_out_channels[0] / 2;
    let step = -(10_000_f32.ln()) / (half as f32 - config.freq_shift);
    let frequencies: Vec<f32> = (0..half).map(|at| (step * at as f32).exp()).collect();
    let timestep = graph.single_input("timestep", &[Dimension::Fixed(1)]);
    let axis = graph.int_constant(&[1]);
    let timestep = graph.op("Unsqueeze", &[&timestep, &axis], vec![]);
    let frequencies = graph.single_constant("frequencies", &[1, half], &frequencies);
    let angles = graph.op("Mul", &[&timestep, &frequencies], vec![]);
    let (sine, cosine) = (graph.op("Sin", &[&angles], vec![]), graph.op("Cos", &[&angles], vec![]));
    let pair = if config.flip_sin_to_cos { [&cosine, &sine] } else { [&sine, &cosine] };
    let wave = graph.op("Concat", &[pair[0], pair[1]], vec![int("axis", 1)]);
    let wave = graph.narrowed(&wave);
    let h = graph.linear("time_embedding.linear_1", &wave)?;
    let h = graph.silu(&h);
    graph.linear("time_embedding.linear_2", &h)
}

fn context_input(graph: &mut Graph<'_>, config: &UnetConfig, regional: bool) -> Context {
    let width = Dimension::Fixed(config.context_width());
    let text = graph.float_input("context", &[Dimension::Named("batch"), Dimension::Named("tokens"), width]);
    let levels = if regional { config.blocks() } else { 0 };
    let shape = [Dimension::Named("batch"), Dimension::Fixed(1), Dimension::Any, Dimension::Named("tokens")];
    let regions = (0..levels).map(|level| graph.score_input(&format!("regions.{level}"), &shape)).collect();
    Context { text, regions }
}

/// A residual of any size that broadcasts to what it is added to.
fn residual_input(graph: &mut Graph<'_>, name: &str) -> String {
    graph.float_input(name, &[Dimension::Any; 4])
}

fn image_shape(channels: usize) -> [Dimension; 4] {
    [
        Dimension::Named("batch"),
        Dimension::Fixed(channels),
        Dimension::Named("height"),
        Dimension::Named("width"),
    ]
}
