//! The layers that the architectures share: each takes the prefix of its weights' names.
use super::builder::{Graph, MICROSOFT, float, int, ints, text};
use crate::inference::InferenceError;

type Value = Result<String, InferenceError>;

/// How a convolution pads: height and width, before and after alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Convolution {
    pub(crate) stride: usize,
    pub(crate) padding: usize,
}

impl Convolution {
    /// Stride 1, as much padding as keeps the size of a kernel of 3.
    pub(crate) const SAME: Self = Self { stride: 1, padding: 1 };
    /// A kernel of 1.
    pub(crate) const POINT: Self = Self { stride: 1, padding: 0 };
    /// Halves the size with a kernel of 3.
    pub(crate) const HALVE: Self = Self { stride: 2, padding: 1 };
}

impl Graph<'_> {
    /// A 2D convolution. On a seamless axis the padding is what lies at the other edge.
    pub(crate) fn conv(&mut self, prefix: &str, x: &str, how: Convolution) -> Value {
        let name = format!("{prefix}.weight");
        let shape = self.set.shape(&name)?;
        let [outputs, inputs, height, width] = shape[..] else {
            return Err(InferenceError::BadModel(format!(
                "{name} has the shape {shape:?}, not that of a convolution"
            )));
        };
        let bias = format!("{prefix}.bias");
        let bias = self.set.contains(&bias).then_some(bias);
        if how == Convolution::SAME && [height, width] == [3, 3] && self.prefers_winograd([outputs, inputs]) {
            let image = self.winograd(&name, x, [outputs, inputs]);
            let Some(bias) = bias else { return Ok(image) };
            let bias = self.weight_as(&bias, &[outputs, 1, 1])?;
            return Ok(self.add(&image, &bias));
        }
        let mut weights = vec![self.weight(&name)?];
        if let Some(bias) = bias {
            weights.push(self.weight(&bias)?);
        }
        let padding = how.padding as i64;
        let (mut vertical, mut horizontal) = (padding, padding);
        let mut x = x.to_owned();
        if padding > 0 && self.seamless.x {
            x = self.wrap(&x, 3, padding);
            horizontal = 0;
        }
        if padding > 0 && self.seamless.y {
            x = self.wrap(&x, 2, padding);
            vertical = 0;
        }
        let attributes = vec![
            ints("kernel_shape", &[height as i64, width as i64]),
            ints("strides", &[how.stride as i64, how.stride as i64]),
            ints("pads", &[vertical, horizontal, vertical, horizontal]),
        ];
        let all: Vec<&str> = std::iter::once(x.as_str()).chain(weights.iter().map(String::as_str)).collect();
        Ok(self.op("Conv", &all, attributes))
    }

    fn wrap(&mut self, x: &str, axis: i64, amount: i64) -> String {
        let axes = self.int_constant(&[axis]);
        let start = self.int_constant(&[-amount]);
        let end = self.int_constant(&[i64::MAX]);
        let last = self.op("Slice", &[x, &start, &end, &axes], vec![]);
        let zero = self.int_constant(&[0]);
        let size = self.int_constant(&[amount]);
        let first = self.op("Slice", &[x, &zero, &size, &axes], vec![]);
        self.op("Concat", &[&last, x, &first], vec![int("axis", axis)])
    }

    /// Zero padding of one row below and one column to the right.
    pub(crate) fn pad_end(&mut self, x: &str) -> String {
        let pads = self.int_constant(&[0, 0, 0, 0, 0, 0, 1, 1]);
        self.op("Pad", &[x, &pads], vec![text("mode", "constant")])
    }

    /// `x · weightᵀ + bias`; the bias is optional.
    pub(crate) fn linear(&mut self, prefix: &str, x: &str) -> Value {
        let name = format!("{prefix}.weight");
        let shape = self.set.shape(&name)?.to_vec();
        if shape.len() < 2 || shape[2..].iter().any(|size| *size != 1) {
            return Err(InferenceError::BadModel(format!(
                "{name} has the shape {shape:?}, not that of a linear layer"
            )));
        }
        let weight = self.weight_as(&name, &shape[..2])?;
        let product = self.op_of(MICROSOFT, "FusedMatMul", &[x, &weight], vec![int("transB", 1)]);
        let bias = format!("{prefix}.bias");
        if !self.set.contains(&bias) {
            return Ok(product);
        }
        let bias = self.weight(&bias)?;
        Ok(self.op("Add", &[&product, &bias], vec![]))
    }

    /// Group normalisation over `[N, C, …]`: an instance norm of the groups, then the channels' scale.
    pub(crate) fn group_norm(&mut self, prefix: &str, x: &str, groups: usize, epsilon: f32) -> Value {
        let name = format!("{prefix}.weight");
        let channels = self.set.shape(&name)?.iter().product::<usize>();
        if groups == 0 || !channels.is_multiple_of(groups) {
            return Err(InferenceError::BadModel(format!(
                "{name}: {channels} channels do not form {groups} groups"
            )));
        }
        let shape = self.op("Shape", &[x], vec![]);
        let grouped = self.int_constant(&[0, groups as i64, -1]);
        let flat = self.op("Reshape", &[x, &grouped], vec![]);
        let ones = self.float_constant(&format!("ones{groups}"), &[groups], &vec![1.0; groups]);
        let zeros = self.float_constant(&format!("zeros{groups}"), &[groups], &vec![0.0; groups]);
        let normed =
            self.op("InstanceNormalization", &[&flat, &ones, &zeros], vec![float("epsilon", epsilon)]);
        let back = self.op("Reshape", &[&normed, &shape], vec![]);
        let weight = self.weight_as(&name, &[channels, 1, 1])?;
        let bias = self.weight_as(&format!("{prefix}.bias"), &[channels, 1, 1])?;
        let scaled = self.op("Mul", &[&back, &weight], vec![]);
        Ok(self.op("Add", &[&scaled, &bias], vec![]))
    }

    /// Layer normalisation of the last axis.
    pub(crate) fn layer_norm(&mut self, prefix: &str, x: &str, epsilon: f32) -> Value {
        let weight = self.weight(&format!("{prefix}.weight"))?;
        let bias = self.weight(&format!("{prefix}.bias"))?;
        Ok(self.op(
            "LayerNormalization",
            &[x, &weight, &bias],
            vec![int("axis", -1), float("epsilon", epsilon)],
        ))
    }

    /// `x · sigmoid(x)`.
    pub(crate) fn silu(&mut self, x: &str) -> String {
        self.op_of(MICROSOFT, "QuickGelu", &[x], vec![float("alpha", 1.0)])
    }

    /// `x · sigmoid(1.702 x)`.
    pub(crate) fn quick_gelu(&mut self, x: &str) -> String {
        self.op_of(MICROSOFT, "QuickGelu", &[x], vec![float("alpha", 1.702)])
    }

    /// The exact (erf) GELU.
    pub(crate) fn gelu(&mut self, x: &str) -> String {
        self.op("Gelu", &[x], vec![])
    }

    /// The sum of two values.
    pub(crate) fn add(&mut self, a: &str, b: &str) -> String {
        self.op("Add", &[a, b], vec![])
    }

    /// Softmax attention of `[N, tokens, width]`, scaled by 1/√(width/heads).
    pub(crate) fn attention(&mut self, query: &str, key: &str, value: &str, heads: usize) -> String {
        self.op_of(
            MICROSOFT,
            "MultiHeadAttention",
            &[query, key, value],
            vec![int("num_heads", heads as i64)],
        )
    }

    /// As [`Graph::attention`] with a bias added to the scores.
    pub(crate) fn biased_attention(
        &mut self,
        query: &str,
        key: &str,
        value: &str,
        heads: usize,
        bias: &str,
    ) -> String {
        let inputs = [query, key, value, "", "", bias];
        self.op_of(MICROSOFT, "MultiHeadAttention", &inputs, vec![int("num_heads", heads as i64)])
    }

    /// `[N, C, H, W]` to `[N, HW, C]`.
    pub(crate) fn image_to_tokens(&mut self, x: &str) -> String {
        let flat = self.int_constant(&[0, 0, -1]);
        let flat = self.op("Reshape", &[x, &flat], vec![]);
        self.op("Transpose", &[&flat], vec![ints("perm", &[0, 2, 1])])
    }

    /// `[N, HW, C]` back to the shape of `like`, `[N, C, H, W]`.
    pub(crate) fn tokens_to_image(&mut self, tokens: &str, like: &str) -> String {
        let planes = self.op("Transpose", &[tokens], vec![ints("perm", &[0, 2, 1])]);
        let shape = self.op("Shape", &[like], vec![]);
        self.op("Reshape", &[&planes, &shape], vec![])
    }

    /// Doubles height and width by repeating pixels.
    pub(crate) fn double(&mut self, x: &str) -> String {
        let scales = self.single_constant("double", &[4], &[1.0, 1.0, 2.0, 2.0]);
        self.op("Resize", &[x, "", &scales], nearest())
    }

    /// Grows height and width to those of `like` by repeating pixels.
    pub(crate) fn grow_to(&mut self, x: &str, like: &str) -> String {
        let own = self.op("Shape", &[x], vec![int("start", 0), int("end", 2)]);
        let wanted = self.op("Shape", &[like], vec![int("start", 2), int("end", 4)]);
        let sizes = self.op("Concat", &[&own, &wanted], vec![int("axis", 0)]);
        self.op("Resize", &[x, "", "", &sizes], nearest())
    }

    /// diffusers' ResnetBlock2D. `time` is the embedding before its SiLU, `[1, width]`.
    pub(crate) fn resnet(
        &mut self,
        prefix: &str,
        x: &str,
        time: Option<&str>,
        groups: usize,
        epsilon: f32,
    ) -> Value {
        let hidden = self.group_norm(&format!("{prefix}.norm1"), x, groups, epsilon)?;
        let hidden = self.silu(&hidden);
        let mut hidden = self.conv(&format!("{prefix}.conv1"), &hidden, Convolution::SAME)?;
        if let Some(time) = time {
            let time = self.silu(time);
            let time = self.linear(&format!("{prefix}.time_emb_proj"), &time)?;
            let axes = self.int_constant(&[2, 3]);
            let time = self.op("Unsqueeze", &[&time, &axes], vec![]);
            hidden = self.add(&hidden, &time);
        }
        let hidden = self.group_norm(&format!("{prefix}.norm2"), &hidden, groups, epsilon)?;
        let hidden = self.silu(&hidden);
        let hidden = self.conv(&format!("{prefix}.conv2"), &hidden, Convolution::SAME)?;
        let shortcut = format!("{prefix}.conv_shortcut");
        if self.set.contains(&format!("{shortcut}.weight")) {
            let x = self.conv(&shortcut, x, Convolution::POINT)?;
            return Ok(self.add(&x, &hidden));
        }
        Ok(self.add(x, &hidden))
    }

    /// Self or cross attention with diffusers' names (`to_q`, `to_k`, `to_v`, `to_out.0`).
    pub(crate) fn projected_attention(
        &mut self,
        prefix: &str,
        x: &str,
        context: &str,
        heads: usize,
        bias: Option<&str>,
    ) -> Value {
        let query = self.linear(&format!("{prefix}.to_q"), x)?;
        let key = self.linear(&format!("{prefix}.to_k"), context)?;
        let value = self.linear(&format!("{prefix}.to_v"), context)?;
        let mixed = match bias {
            Some(bias) => self.biased_attention(&query, &key, &value, heads, bias),
            None => self.attention(&query, &key, &value, heads),
        };
        self.linear(&format!("{prefix}.to_out.0"), &mixed)
    }
}

fn nearest() -> Vec<super::proto::AttributeProto> {
    vec![
        text("mode", "nearest"),
        text("coordinate_transformation_mode", "asymmetric"),
        text("nearest_mode", "floor"),
    ]
}
