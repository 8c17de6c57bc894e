//! The names of a single-file SD1 checkpoint (CompVis' latent diffusion) as diffusers' names.
use super::config::{UnetConfig, VaeConfig};

const UNET: &str = "model.diffusion_model.";
const VAE: &str = "first_stage_model.";
const TEXT: &str = "cond_stage_model.transformer.";

/// A text encoder's weight, without the checkpoint's prefix.
pub(crate) fn text_encoder_name(name: &str) -> Option<String> {
    let name = name.strip_prefix(TEXT).unwrap_or(name);
    if name.starts_with("text_model.") {
        return Some(name.into());
    }
    // Some writers leave the outermost module out.
    let inner = ["embeddings.", "encoder.layers.", "final_layer_norm."];
    inner.iter().any(|start| name.starts_with(start)).then(|| format!("text_model.{name}"))
}

/// A UNet's weight.
pub(crate) fn unet_name(name: &str, config: &UnetConfig) -> Option<String> {
    let name = name.strip_prefix(UNET)?;
    let plain = [
        ("time_embed.0.", "time_embedding.linear_1."),
        ("time_embed.2.", "time_embedding.linear_2."),
        ("input_blocks.0.0.", "conv_in."),
        ("out.0.", "conv_norm_out."),
        ("out.2.", "conv_out."),
        ("middle_block.1.", "mid_block.attentions.0."),
    ];
    if let Some((from, to)) = plain.iter().find(|(from, _)| name.starts_with(from)) {
        return Some(format!("{to}{}", &name[from.len()..]));
    }
    if let Some(rest) = name.strip_prefix("middle_block.") {
        let (part, rest) = rest.split_once('.')?;
        let resnet = if part == "0" { 0 } else { 1 };
        return Some(format!("mid_block.resnets.{resnet}.{}", resnet_name(rest)?));
    }
    let (side, rest) = name.split_once('.')?;
    let (number, rest) = rest.split_once('.')?;
    let (part, rest) = rest.split_once('.')?;
    let number: usize = number.parse().ok()?;
    let layers = config.layers(0) + 1;
    match side {
        "input_blocks" => {
            let (block, layer) = ((number.checked_sub(1)?) / layers, (number - 1) % layers);
            let prefix = format!("down_blocks.{block}");
            if let Some(rest) = rest.strip_prefix("op.") {
                return Some(format!("{prefix}.downsamplers.0.conv.{rest}"));
            }
            block_part(&prefix, layer, part, rest)
        }
        "output_blocks" => {
            let prefix = format!("up_blocks.{}", number / layers);
            if let Some(rest) = rest.strip_prefix("conv.") {
                return Some(format!("{prefix}.upsamplers.0.conv.{rest}"));
            }
            block_part(&prefix, number % layers, part, rest)
        }
        _ => None,
    }
}

fn block_part(prefix: &str, layer: usize, part: &str, rest: &str) -> Option<String> {
    match part {
        "0" => Some(format!("{prefix}.resnets.{layer}.{}", resnet_name(rest)?)),
        "1" => Some(format!("{prefix}.attentions.{layer}.{rest}")),
        _ => None,
    }
}

fn resnet_name(rest: &str) -> Option<String> {
    let table = [
        ("in_layers.0.", "norm1."),
        ("in_layers.2.", "conv1."),
        ("emb_layers.1.", "time_emb_proj."),
        ("out_layers.0.", "norm2."),
        ("out_layers.3.", "conv2."),
        ("skip_connection.", "conv_shortcut."),
    ];
    table.iter().find_map(|(from, to)| Some(format!("{to}{}", rest.strip_prefix(from)?)))
}

/// A VAE's weight, from a full checkpoint or a VAE's own file.
pub(crate) fn vae_name(name: &str, config: &VaeConfig) -> Option<String> {
    let name = name.strip_prefix(VAE).unwrap_or(name);
    if name.starts_with("quant_conv.") || name.starts_with("post_quant_conv.") {
        return Some(name.into());
    }
    let (half, rest) = name.split_once('.')?;
    if !matches!(half, "encoder" | "decoder") {
        return None;
    }
    let (part, inner) = rest.split_once('.')?;
    if part == "norm_out" {
        return Some(format!("{half}.conv_norm_out.{inner}"));
    }
    if part == "mid" {
        let (which, inner) = inner.split_once('.')?;
        return Some(match which {
            "block_1" => format!("{half}.mid_block.resnets.0.{inner}"),
            "block_2" => format!("{half}.mid_block.resnets.1.{inner}"),
            "attn_1" => format!("{half}.mid_block.attentions.0.{}", attention_name(inner)),
            _ => return None,
        });
    }
    if !matches!(part, "down" | "up") {
        // Shared names, and those that are diffusers' already.
        return Some(vae_folder_name(name));
    }
    let (level, inner) = inner.split_once('.')?;
    let level: usize = level.parse().ok()?;
    let level = if part == "up" { (config.block_out_channels.len() - 1).checked_sub(level)? } else { level };
    let prefix = format!("{half}.{part}_blocks.{level}");
    if let Some(inner) = inner.strip_prefix("block.") {
        let (layer, inner) = inner.split_once('.')?;
        return Some(format!(
            "{prefix}.resnets.{layer}.{}",
            inner.replace("nin_shortcut.", "conv_shortcut.")
        ));
    }
    let (sampler, inner) = inner.split_once('.')?;
    match sampler {
        "downsample" => Some(format!("{prefix}.downsamplers.0.{inner}")),
        "upsample" => Some(format!("{prefix}.upsamplers.0.{inner}")),
        _ => None,
    }
}

fn attention_name(inner: &str) -> String {
    let table = [
        ("norm.", "group_norm."),
        ("q.", "to_q."),
        ("k.", "to_k."),
        ("v.", "to_v."),
        ("proj_out.", "to_out.0."),
    ];
    let renamed = table.iter().find_map(|(from, to)| Some(format!("{to}{}", inner.strip_prefix(from)?)));
    renamed.unwrap_or_else(|| inner.into())
}

/// A VAE's weight in a diffusers folder; old folders name the attention's layers otherwise.
pub(crate) fn vae_folder_name(name: &str) -> String {
    let table =
        [(".query.", ".to_q."), (".key.", ".to_k."), (".value.", ".to_v."), (".proj_attn.", ".to_out.0.")];
    table.iter().fold(name.to_owned(), |name, (from, to)| name.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::{unet_name, vae_name};

    #[test]
    fn checkpoint_names_become_diffusers_names() {
        let cases = [
            ("input_blocks.1.0.in_layers.0.weight", "down_blocks.0.resnets.0.norm1.weight"),
            ("input_blocks.2.1.proj_in.weight", "down_blocks.0.attentions.1.proj_in.weight"),
            ("input_blocks.3.0.op.bias", "down_blocks.0.downsamplers.0.conv.bias"),
            ("input_blocks.11.0.out_layers.3.weight", "down_blocks.3.resnets.1.conv2.weight"),
            ("middle_block.2.emb_layers.1.bias", "mid_block.resnets.1.time_emb_proj.bias"),
            ("output_blocks.2.1.conv.weight", "up_blocks.0.upsamplers.0.conv.weight"),
            ("output_blocks.5.2.conv.weight", "up_blocks.1.upsamplers.0.conv.weight"),
            ("output_blocks.8.0.skip_connection.weight", "up_blocks.2.resnets.2.conv_shortcut.weight"),
            ("out.2.bias", "conv_out.bias"),
        ];
        for (from, to) in cases {
            let name = unet_name(&format!("model.diffusion_model.{from}"), &Default::default());
            assert_eq!(name.as_deref(), Some(to));
        }
        let cases = [
            (
                "encoder.down.1.block.0.nin_shortcut.bias",
                "encoder.down_blocks.1.resnets.0.conv_shortcut.bias",
            ),
            ("decoder.up.3.upsample.conv.weight", "decoder.up_blocks.0.upsamplers.0.conv.weight"),
            ("decoder.mid.attn_1.proj_out.weight", "decoder.mid_block.attentions.0.to_out.0.weight"),
            ("decoder.conv_in.weight", "decoder.conv_in.weight"),
            ("decoder.norm_out.weight", "decoder.conv_norm_out.weight"),
            ("quant_conv.weight", "quant_conv.weight"),
        ];
        for (from, to) in cases {
            let name = vae_name(&format!("first_stage_model.{from}"), &Default::default());
            assert_eq!(name.as_deref(), Some(to));
        }
    }
}
