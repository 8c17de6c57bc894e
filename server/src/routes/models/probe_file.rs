//! What a single safetensors file is, by the names and shapes of its tensors.
use super::{
    probe::{Base, ProbeError, control_settings, into_map, main_settings, variant},
    safetensors_header::Header,
};
use serde_json::{Map, Value, json};

const LORA_PREFIXES: &[&str] = &["lora_te_", "lora_unet_", "lora_te1_", "lora_te2_"];
const LORA_SUFFIXES: &[&str] = &[
    "to_k_lora.down.weight",
    "to_q_lora.down.weight",
    "lora_A.weight",
    "lora_B.weight",
    "lora_down.weight",
    "lora_up.weight",
];
const MAIN_PREFIXES: &[&str] =
    &["cond_stage_model.", "first_stage_model.", "model.diffusion_model.", "conditioner."];

/// The configuration of a single file. `name` helps where the tensors do not tell the family.
pub(super) fn probe(header: &Header, name: &str) -> Result<Map<String, Value>, ProbeError> {
    let starts = |prefixes: &[&str]| header.any(|key| prefixes.iter().any(|prefix| key.starts_with(prefix)));
    let fields = if header.any(|key| key.starts_with("model.diffusion_model.")) {
        main(header)?
    } else if header
        .any(|key| key.starts_with("control_model.") || key.starts_with("controlnet_cond_embedding."))
    {
        control(header)?
    } else if starts(LORA_PREFIXES)
        || header.any(|key| LORA_SUFFIXES.iter().any(|suffix| key.ends_with(suffix)))
    {
        json!({"type": "lora", "trigger_phrases": null,
            "default_settings": {"weight": null, "weight_min": null, "weight_max": null},
            "format": "lycoris", "base": lora_base(header)?.name()})
    } else if header.any(|key| key.ends_with("encoder.conv_in.weight"))
        && header.any(|key| key.contains("decoder."))
    {
        let base = if name.to_lowercase().contains("xl") { Base::Sdxl } else { Base::Sd1 };
        json!({"config_path": null, "type": "vae", "format": "checkpoint", "cpu_only": null, "base": base.name()})
    } else if let Some(base) = embedding_base(header) {
        json!({"type": "embedding", "format": "embedding_file", "base": base.name()})
    } else if starts(MAIN_PREFIXES) {
        return Err(ProbeError::Unrecognized("the checkpoint has no diffusion model".to_owned()));
    } else {
        return Err(ProbeError::Unrecognized("Unable to determine model type".to_owned()));
    };
    Ok(into_map(fields))
}

fn main(header: &Header) -> Result<Value, ProbeError> {
    let block = "model.diffusion_model.input_blocks";
    let width = header
        .width(&[
            &format!("{block}.2.1.transformer_blocks.0.attn2.to_k.weight"),
            &format!("{block}.1.1.transformer_blocks.0.attn2.to_k.weight"),
            &format!("{block}.4.1.transformer_blocks.0.attn2.to_k.weight"),
        ])
        .unwrap_or_default();
    let base = Base::of_context(width).ok_or_else(|| {
        ProbeError::Unrecognized("Unable to determine the base of this checkpoint".to_owned())
    })?;
    let channels =
        header.shape(&format!("{block}.0.0.weight")).and_then(|shape| shape.get(1)).copied().unwrap_or(4);
    let prediction = if base == Base::Sd2 { "v_prediction" } else { "epsilon" };
    Ok(
        json!({"type": "main", "trigger_phrases": null, "default_settings": main_settings(base), "config_path": null,
        "format": "checkpoint", "prediction_type": prediction, "variant": variant(channels), "base": base.name()}),
    )
}

fn control(header: &Header) -> Result<Value, ProbeError> {
    let width = header
        .iter()
        .find(|(key, _)| key.ends_with("attn2.to_k.weight"))
        .and_then(|(_, shape)| shape.last().copied())
        .unwrap_or_default();
    let base = Base::of_context(width).ok_or_else(|| {
        ProbeError::Unrecognized("Unable to determine the base of this ControlNet".to_owned())
    })?;
    Ok(json!({"config_path": null, "type": "controlnet", "format": "checkpoint",
        "default_settings": control_settings(), "base": base.name()}))
}

/// By what the layers read: cross-attention keys read text, the text encoder's layers its own width.
fn lora_base(header: &Header) -> Result<Base, ProbeError> {
    if header.any(|key| key.starts_with("lora_te1_") || key.starts_with("lora_te2_")) {
        return Ok(Base::Sdxl);
    }
    let input_width = |layer: &str| -> Option<u64> {
        let tensor = |suffix: &str| header.shape(&format!("{layer}{suffix}"))?.last().copied();
        tensor(".lora_down.weight")
            .or_else(|| tensor(".hada_w1_b"))
            .or_else(|| tensor(".lora_A.weight"))
            .or_else(|| tensor("_lora.down.weight"))
            .or_else(|| {
                Some(
                    tensor(".lokr_w1").or_else(|| tensor(".lokr_w1_b"))?
                        * tensor(".lokr_w2").or_else(|| tensor(".lokr_w2_b"))?,
                )
            })
    };
    let layer_of = |key: &str, part: &str| key.find(part).map(|start| key[..start + part.len()].to_owned());
    for part in ["attn2_to_k", "attn2_to_v", "attn2.to_k", "attn2.processor.to_k"] {
        for (key, _) in header.iter() {
            let Some(layer) = layer_of(key, part) else { continue };
            if let Some(base) = input_width(&layer).and_then(Base::of_context) {
                return Ok(base);
            }
        }
    }
    for (key, _) in header.iter().filter(|(key, _)| key.starts_with("lora_te_")) {
        let Some(layer) = layer_of(key, "self_attn_q_proj").or_else(|| layer_of(key, "self_attn_k_proj"))
        else {
            continue;
        };
        if let Some(base) = input_width(&layer).and_then(Base::of_context) {
            return Ok(base);
        }
    }
    Err(ProbeError::Unrecognized("Unable to determine the base of this LoRA".to_owned()))
}

fn embedding_base(header: &Header) -> Option<Base> {
    if header.shape("clip_g").is_some() {
        return Some(Base::Sdxl);
    }
    let width = header.width(&["emb_params"]).or_else(|| {
        // Diffusers' form: a single vector named by its token.
        let (_, shape) = header.iter().next().filter(|_| header.len() == 1)?;
        (shape.len() <= 2).then_some(*shape.last()?)
    })?;
    Base::of_context(width)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(entries: &[(&str, &[u64])]) -> String {
        let fields = probe(&Header::of(entries), "a").unwrap();
        format!("{} {}", fields["base"].as_str().unwrap(), fields["type"].as_str().unwrap())
    }

    #[test]
    fn files_are_told_by_their_tensors() {
        assert_eq!(kind(&[("emb_params", &[2, 768])]), "sd-1 embedding");
        assert_eq!(kind(&[("<token>", &[1024])]), "sd-2 embedding");
        assert_eq!(
            kind(&[
                ("lora_unet_x_attn2_to_k.lokr_w1", &[4, 4]),
                ("lora_unet_x_attn2_to_k.lokr_w2", &[8, 192])
            ]),
            "sd-1 lora"
        );
        assert_eq!(kind(&[("lora_unet_x_attn2_to_k.hada_w1_b", &[4, 2048])]), "sdxl lora");
        let key = "model.diffusion_model.input_blocks.2.1.transformer_blocks.0.attn2.to_k.weight";
        assert_eq!(kind(&[(key, &[320, 768])]), "sd-1 main");
        assert!(probe(&Header::of(&[("weight", &[1, 2, 3])]), "a").is_err());
    }
}
