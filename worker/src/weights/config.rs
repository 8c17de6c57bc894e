//! The `config.json` of each part, as far as it decides the graph. Defaults are diffusers'.
use serde::Deserialize;

use crate::inference::InferenceError;

/// A setting that is one value for all levels, or one a level.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum PerLevel {
    /// For all.
    One(usize),
    /// From the first (finest) level on.
    Each(Vec<usize>),
}

impl PerLevel {
    /// The value at a level.
    pub fn at(&self, level: usize) -> usize {
        match self {
            Self::One(value) => *value,
            Self::Each(values) => values.get(level).or(values.last()).copied().unwrap_or(1),
        }
    }
}

/// `text_encoder/config.json` (CLIPTextModel).
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct TextEncoderConfig {
    pub(crate) hidden_act: String,
    pub(crate) layer_norm_eps: f32,
    pub(crate) max_position_embeddings: usize,
    pub(crate) num_attention_heads: usize,
    pub(crate) num_hidden_layers: usize,
}

impl Default for TextEncoderConfig {
    /// SD1's: CLIP ViT-L/14.
    fn default() -> Self {
        Self {
            hidden_act: "quick_gelu".into(),
            layer_norm_eps: 1e-5,
            max_position_embeddings: 77,
            num_attention_heads: 12,
            num_hidden_layers: 12,
        }
    }
}

/// `unet/config.json` (UNet2DConditionModel), also a ControlNet's.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct UnetConfig {
    pub(crate) act_fn: String,
    pub(crate) addition_embed_type: Option<String>,
    pub(crate) attention_head_dim: PerLevel,
    pub(crate) block_out_channels: Vec<usize>,
    pub(crate) class_embed_type: Option<String>,
    pub(crate) conditioning_channels: usize,
    pub(crate) conditioning_embedding_out_channels: Vec<usize>,
    pub(crate) cross_attention_dim: PerLevel,
    pub(crate) down_block_types: Vec<String>,
    pub(crate) dual_cross_attention: bool,
    pub(crate) encoder_hid_dim_type: Option<String>,
    pub(crate) flip_sin_to_cos: bool,
    pub(crate) freq_shift: f32,
    pub(crate) in_channels: usize,
    pub(crate) layers_per_block: PerLevel,
    pub(crate) norm_eps: f32,
    pub(crate) norm_num_groups: usize,
    pub(crate) num_attention_heads: Option<PerLevel>,
    pub(crate) resnet_time_scale_shift: String,
    pub(crate) transformer_layers_per_block: PerLevel,
    pub(crate) up_block_types: Vec<String>,
}

impl Default for UnetConfig {
    /// SD1's.
    fn default() -> Self {
        let named = |names: [&str; 4]| names.map(String::from).to_vec();
        let attends_down = "CrossAttnDownBlock2D";
        let attends_up = "CrossAttnUpBlock2D";
        Self {
            act_fn: "silu".into(),
            addition_embed_type: None,
            attention_head_dim: PerLevel::One(8),
            block_out_channels: vec![320, 640, 1280, 1280],
            class_embed_type: None,
            conditioning_channels: 3,
            conditioning_embedding_out_channels: vec![16, 32, 96, 256],
            cross_attention_dim: PerLevel::One(768),
            down_block_types: named([attends_down, attends_down, attends_down, "DownBlock2D"]),
            dual_cross_attention: false,
            encoder_hid_dim_type: None,
            flip_sin_to_cos: true,
            freq_shift: 0.0,
            in_channels: 4,
            layers_per_block: PerLevel::One(2),
            norm_eps: 1e-5,
            norm_num_groups: 32,
            num_attention_heads: None,
            resnet_time_scale_shift: "default".into(),
            transformer_layers_per_block: PerLevel::One(1),
            up_block_types: named(["UpBlock2D", attends_up, attends_up, attends_up]),
        }
    }
}

impl UnetConfig {
    /// The number of down blocks.
    pub fn blocks(&self) -> usize {
        self.block_out_channels.len()
    }

    pub(crate) fn layers(&self, level: usize) -> usize {
        self.layers_per_block.at(level)
    }

    /// The attention heads of a level: what the SD1 family calls `attention_head_dim`.
    pub(crate) fn heads(&self, level: usize) -> usize {
        self.num_attention_heads.as_ref().unwrap_or(&self.attention_head_dim).at(level)
    }

    pub(crate) fn transformer_layers(&self, level: usize) -> usize {
        self.transformer_layers_per_block.at(level)
    }

    pub(crate) fn context_width(&self) -> usize {
        self.cross_attention_dim.at(0)
    }

    /// The number of skip connections.
    pub(crate) fn skips(&self) -> usize {
        (0..self.blocks()).map(|level| self.layers(level)).sum::<usize>() + self.blocks()
    }

    /// Refuses what our graph does not have.
    pub(crate) fn check(&self) -> Result<(), InferenceError> {
        let refuse = |what: String| {
            Err(InferenceError::BadModel(format!("this UNet is not of the SD1 family: {what}")))
        };
        if self.blocks() == 0 || self.down_block_types.len() != self.blocks() {
            return refuse(format!("{} down blocks of {} sizes", self.down_block_types.len(), self.blocks()));
        }
        if !self.up_block_types.is_empty() && self.up_block_types.len() != self.blocks() {
            return refuse(format!(
                "{} up blocks for {} down blocks",
                self.up_block_types.len(),
                self.blocks()
            ));
        }
        let known = ["CrossAttnDownBlock2D", "DownBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"];
        if let Some(other) = self
            .down_block_types
            .iter()
            .chain(&self.up_block_types)
            .find(|kind| !known.contains(&kind.as_str()))
        {
            return refuse(format!("it has a {other}"));
        }
        if let Some(kind) = [&self.addition_embed_type, &self.class_embed_type, &self.encoder_hid_dim_type]
            .into_iter()
            .flatten()
            .next()
        {
            return refuse(format!("it wants the extra embedding {kind}"));
        }
        if !matches!(self.act_fn.as_str(), "silu" | "swish")
            || self.dual_cross_attention
            || self.resnet_time_scale_shift != "default"
        {
            return refuse("its activation, attention or time embedding is unusual".into());
        }
        Ok(())
    }
}

/// `vae/config.json` (AutoencoderKL).
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct VaeConfig {
    pub(crate) block_out_channels: Vec<usize>,
    pub(crate) in_channels: usize,
    pub(crate) latent_channels: usize,
    pub(crate) layers_per_block: usize,
    pub(crate) mid_block_add_attention: bool,
    pub(crate) norm_num_groups: usize,
    pub(crate) scaling_factor: f32,
}

impl Default for VaeConfig {
    /// SD1's.
    fn default() -> Self {
        Self {
            block_out_channels: vec![128, 256, 512, 512],
            in_channels: 3,
            latent_channels: 4,
            layers_per_block: 2,
            mid_block_add_attention: true,
            norm_num_groups: 32,
            scaling_factor: 0.18215,
        }
    }
}

/// A T2I adapter's `config.json`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct AdapterConfig {
    pub(crate) adapter_type: String,
    pub(crate) channels: Vec<usize>,
    pub(crate) downscale_factor: usize,
    pub(crate) in_channels: usize,
    pub(crate) num_res_blocks: usize,
}

impl Default for AdapterConfig {
    fn default() -> Self {
        Self {
            adapter_type: "full_adapter".into(),
            channels: vec![320, 640, 1280, 1280],
            downscale_factor: 8,
            in_channels: 3,
            num_res_blocks: 2,
        }
    }
}
