//! diffusers' ResnetBlock2D, and convolutions in tiles, of which it gains most.
use super::builder::{Graph, float, int};
use super::layers::{Convolution, Norm, Value};
use crate::inference::InferenceError;
use crate::inference::winograd::{DOMAIN, Tile};

/// With fewer channels the transforms of the tiles cost more than they save.
const CHANNELS_WORTH_TILES: usize = 64;

/// What a convolution in tiles does besides.
#[derive(Default, Clone, Copy)]
struct Fused<'a> {
    /// Before: a scaling of each channel, and SiLU.
    affine: Option<&'a str>,
    /// After: a summand for each channel.
    channel: Option<&'a str>,
    /// After: an image that is added.
    residual: Option<&'a str>,
}

impl Graph<'_> {
    /// diffusers' ResnetBlock2D. `time` is the embedding before its SiLU, `[1, width]`. With a `tile` its convolutions
    /// are done in tiles, where they may.
    pub(crate) fn resnet(
        &mut self,
        prefix: &str,
        x: &str,
        time: Option<&str>,
        norm: Norm,
        tile: Option<Tile>,
    ) -> Value {
        let [norm1, conv1, norm2, conv2, shortcut] =
            ["norm1", "conv1", "norm2", "conv2", "conv_shortcut"].map(|part| format!("{prefix}.{part}"));
        let time = match time {
            Some(time) => {
                let time = self.silu(time);
                Some(self.linear(&format!("{prefix}.time_emb_proj"), &time)?)
            }
            None => None,
        };
        let skip = match self.set.contains(&format!("{shortcut}.weight")) {
            true => self.conv(&shortcut, x, Convolution::POINT)?,
            false => x.to_owned(),
        };
        if let Some(tile) = self.tile_for(&[&conv1, &conv2], tile)? {
            let affine = self.group_norm_affine(&norm1, x, norm)?;
            let more = Fused { affine: Some(&affine), channel: time.as_deref(), residual: None };
            let hidden = self.conv_in_tiles(&conv1, x, tile, more)?;
            let affine = self.group_norm_affine(&norm2, &hidden, norm)?;
            let more = Fused { affine: Some(&affine), channel: None, residual: Some(&skip) };
            return self.conv_in_tiles(&conv2, &hidden, tile, more);
        }
        let hidden = self.group_norm(&norm1, x, norm)?;
        let hidden = self.silu(&hidden);
        let mut hidden = self.conv(&conv1, &hidden, Convolution::SAME)?;
        if let Some(time) = time {
            let axes = self.int_constant(&[2, 3]);
            let time = self.op("Unsqueeze", &[&time, &axes], vec![]);
            hidden = self.add(&hidden, &time);
        }
        let hidden = self.group_norm(&norm2, &hidden, norm)?;
        let hidden = self.silu(&hidden);
        let hidden = self.conv(&conv2, &hidden, Convolution::SAME)?;
        Ok(self.add(&skip, &hidden))
    }

    /// A convolution with a kernel of 3 that keeps the size, in tiles where it may.
    pub(crate) fn same_conv(&mut self, prefix: &str, x: &str, tile: Option<Tile>) -> Value {
        match self.tile_for(&[prefix], tile)? {
            Some(tile) => self.conv_in_tiles(prefix, x, tile, Fused::default()),
            None => self.conv(prefix, x, Convolution::SAME),
        }
    }

    /// The tile, if all of these convolutions may be done in tiles and gain by it.
    fn tile_for(&self, prefixes: &[&str], tile: Option<Tile>) -> Result<Option<Tile>, InferenceError> {
        let Some(tile) = tile.filter(|_| self.in_tiles && !self.seamless.x && !self.seamless.y) else {
            return Ok(None);
        };
        for prefix in prefixes {
            let worth = match self.set.shape(&format!("{prefix}.weight"))? {
                [outputs, inputs, 3, 3] => outputs.min(inputs) >= &CHANNELS_WORTH_TILES,
                _ => false,
            };
            if !worth || !self.set.contains(&format!("{prefix}.bias")) {
                return Ok(None);
            }
        }
        Ok(Some(tile))
    }

    fn conv_in_tiles(&mut self, prefix: &str, x: &str, tile: Tile, fused: Fused<'_>) -> Value {
        let filters = self.filters(&format!("{prefix}.weight"), tile)?;
        let bias = self.weight(&format!("{prefix}.bias"))?;
        let how = || vec![int("tile", tile.outputs() as i64)];
        let inputs = [x, fused.affine.unwrap_or_default()];
        let columns = self.op_of(DOMAIN, "WinogradInput", &inputs, how());
        let products = self.op("MatMul", &[&filters, &columns], vec![]);
        let shape = self.op("Shape", &[x], vec![]);
        let (channel, residual) = (fused.channel.unwrap_or_default(), fused.residual.unwrap_or_default());
        Ok(self.op_of(DOMAIN, "WinogradOutput", &[&products, &shape, &bias, channel, residual], how()))
    }

    /// Factor and summand of each channel that make up a group normalisation: `[N, C, 2]`.
    fn group_norm_affine(&mut self, prefix: &str, x: &str, norm: Norm) -> Value {
        let channels = self.grouped_channels(prefix, norm.groups)?;
        let weight = self.weight_as(&format!("{prefix}.weight"), &[channels, 1, 1])?;
        let bias = self.weight_as(&format!("{prefix}.bias"), &[channels, 1, 1])?;
        let how = vec![int("groups", norm.groups as i64), float("epsilon", norm.epsilon)];
        Ok(self.op_of(DOMAIN, "GroupNormAffine", &[x, &weight, &bias], how))
    }
}
