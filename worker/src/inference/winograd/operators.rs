//! The operators of the domain `invoke`. Tensors are float32 unless said otherwise.
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ort::operator::{
    ComputeContext, Kernel, KernelContext, Operator, OperatorDomain, OperatorInput, OperatorOutput,
    ShapeInferenceContext,
};
use ort::value::{Shape, TensorElementType, ValueRef, ValueType};

use super::normal::{scaled_silu, statistics};
use super::transform::{Scratch, Tile, input, output};

/// Their domain in a graph.
pub(crate) const DOMAIN: &str = "invoke";

/// Planes that a thread takes at a time.
const PLANES: usize = 8;

const FLOATS: TensorElementType = TensorElementType::Float32;

/// All of them, for one session.
pub(crate) fn domain() -> ort::Result<OperatorDomain> {
    OperatorDomain::new(DOMAIN)?.add(GroupNormAffine)?.add(WinogradInput)?.add(WinogradOutput)
}

fn missing(what: &str) -> ort::Error {
    ort::Error::new(format!("{what} is missing or has an unexpected shape"))
}

/// Tells the graph's optimiser how many dimensions the output has. Their sizes are not known before it runs; each gets
/// a symbol of its own, since ONNX Runtime takes equal ones for equal sizes and none for zero.
fn infer_rank(context: &mut ShapeInferenceContext, rank: usize) -> ort::Result<()> {
    static SYMBOLS: AtomicUsize = AtomicUsize::new(0);
    let first = SYMBOLS.fetch_add(rank, Ordering::Relaxed);
    let dimension_symbols = (first..first + rank).map(|number| format!("{DOMAIN}.{number}")).collect();
    let shape = Shape::new(vec![-1; rank]);
    context.set_output(0, &ValueType::Tensor { ty: FLOATS, shape, dimension_symbols })
}

fn required<'a>(context: &'a ComputeContext, at: usize, what: &str) -> ort::Result<ValueRef<'a>> {
    context.input(at)?.ok_or_else(|| missing(what))
}

fn size(dimension: i64) -> usize {
    usize::try_from(dimension).unwrap_or_default()
}

/// The four dimensions of an image.
fn image(shape: &[i64]) -> ort::Result<[usize; 4]> {
    let shape: [i64; 4] = shape.try_into().map_err(|_| missing("an image"))?;
    Ok(shape.map(size))
}

fn lock<T>(part: &Mutex<T>) -> MutexGuard<'_, T> {
    part.lock().unwrap_or_else(PoisonError::into_inner)
}

fn tile_of(info: &KernelContext<'_>) -> ort::Result<Tile> {
    let outputs: i64 = info.get("tile").ok_or_else(|| missing("the attribute tile"))?;
    Tile::of(outputs).ok_or_else(|| missing("the attribute tile"))
}

/// `x [N, C, H, W]`, `weight [C]`, `bias [C]` to `[N, C, 2]`: factor and summand of each channel, which together are a
/// group normalisation. Attributes: `groups`, `epsilon`.
struct GroupNormAffine;

struct GroupNormAffineKernel {
    groups: usize,
    epsilon: f32,
}

impl Operator for GroupNormAffine {
    type Kernel<'a> = GroupNormAffineKernel;

    fn name(&self) -> &str {
        "GroupNormAffine"
    }

    fn inputs(&self) -> impl IntoIterator<Item = OperatorInput> {
        [FLOATS; 3].map(OperatorInput::required)
    }

    fn outputs(&self) -> impl IntoIterator<Item = OperatorOutput> {
        [OperatorOutput::required(FLOATS)]
    }

    fn create_kernel<'a>(&self, info: &KernelContext<'a>) -> ort::Result<Self::Kernel<'a>> {
        let groups: i64 = info.get("groups").ok_or_else(|| missing("the attribute groups"))?;
        let epsilon = info.get("epsilon").ok_or_else(|| missing("the attribute epsilon"))?;
        Ok(GroupNormAffineKernel { groups: size(groups).max(1), epsilon })
    }

    fn infer_shape(&self, context: &mut ShapeInferenceContext) -> ort::Result<()> {
        infer_rank(context, 3)
    }
}

impl Kernel for GroupNormAffineKernel {
    fn compute(&mut self, context: &ComputeContext) -> ort::Result<()> {
        let (x, weight, bias) =
            (required(context, 0, "x")?, required(context, 1, "weight")?, required(context, 2, "bias")?);
        let (shape, x) = x.try_extract_tensor::<f32>()?;
        let (_, weight) = weight.try_extract_tensor::<f32>()?;
        let (_, bias) = bias.try_extract_tensor::<f32>()?;
        let [batch, channels, height, width] = image(shape)?;
        let members = channels / self.groups;
        if members * self.groups != channels || weight.len() != channels || bias.len() != channels {
            return Err(missing("a weight"));
        }
        let mut result =
            context.output(0, [batch as i64, channels as i64, 2])?.ok_or_else(|| missing("the output"))?;
        let (_, result) = result.try_extract_tensor_mut::<f32>()?;
        let groups: Vec<Mutex<&mut [f32]>> =
            result.chunks_mut((members * 2).max(1)).map(Mutex::new).collect();
        let values = (members * height * width).max(1);
        let (epsilon, count) = (self.epsilon, self.groups);
        context.par_for(groups.len(), 0, |at| {
            let Some(group) = x.chunks(values).nth(at) else { return };
            let (mean, scale) = statistics(group, epsilon);
            let first = at % count * members;
            for (member, pair) in lock(&groups[at]).as_chunks_mut::<2>().0.iter_mut().enumerate() {
                let factor = scale * weight[first + member];
                *pair = [factor, bias[first + member] - mean * factor];
            }
        })
    }
}

/// `x [N, C, H, W]`, optionally `affine [N, C, 2]`, to `[positions, C, N · tiles]`. With `affine` each channel is scaled
/// and shifted and goes through SiLU first. Attribute: `tile`, the outputs of a tile in each direction.
struct WinogradInput;

struct WinogradInputKernel(Tile);

impl Operator for WinogradInput {
    type Kernel<'a> = WinogradInputKernel;

    fn name(&self) -> &str {
        "WinogradInput"
    }

    fn inputs(&self) -> impl IntoIterator<Item = OperatorInput> {
        [OperatorInput::required(FLOATS), OperatorInput::optional(FLOATS)]
    }

    fn outputs(&self) -> impl IntoIterator<Item = OperatorOutput> {
        [OperatorOutput::required(FLOATS)]
    }

    fn create_kernel<'a>(&self, info: &KernelContext<'a>) -> ort::Result<Self::Kernel<'a>> {
        tile_of(info).map(WinogradInputKernel)
    }

    fn infer_shape(&self, context: &mut ShapeInferenceContext) -> ort::Result<()> {
        infer_rank(context, 3)
    }
}

impl Kernel for WinogradInputKernel {
    fn compute(&mut self, context: &ComputeContext) -> ort::Result<()> {
        let tile = self.0;
        let (x, affine) = (required(context, 0, "x")?, context.input(1)?);
        let (shape, x) = x.try_extract_tensor::<f32>()?;
        let [batch, channels, height, width] = image(shape)?;
        let affine = affine.as_ref().map(|affine| affine.try_extract_tensor::<f32>()).transpose()?;
        let affine = affine.map(|(_, values)| values.as_chunks::<2>().0);
        if affine.is_some_and(|affine| affine.len() != batch * channels) {
            return Err(missing("affine"));
        }
        let (down, across) = tile.grid((height, width));
        let tiles = down * across;
        let columns = batch * tiles;
        let mut result = context
            .output(0, [tile.positions() as i64, channels as i64, columns as i64])?
            .ok_or_else(|| missing("the output"))?;
        let (_, result) = result.try_extract_tensor_mut::<f32>()?;
        if result.is_empty() {
            return Ok(());
        }
        // A thread takes some channels, and of each position the values of those.
        let mut parts: Vec<Vec<&mut [f32]>> = Vec::new();
        parts.resize_with(channels.div_ceil(PLANES), || Vec::with_capacity(tile.positions()));
        for position in result.chunks_mut(channels * columns) {
            for (part, values) in parts.iter_mut().zip(position.chunks_mut(PLANES * columns)) {
                part.push(values);
            }
        }
        let parts: Vec<Mutex<Vec<&mut [f32]>>> = parts.into_iter().map(Mutex::new).collect();
        let pixels = height * width;
        context.par_for(parts.len(), 0, |at| {
            let mut positions = lock(&parts[at]);
            let mut scratch = Scratch::default();
            for (place, channel) in (at * PLANES..channels.min((at + 1) * PLANES)).enumerate() {
                for item in 0..batch {
                    let plane = item * channels + channel;
                    let values = &x[plane * pixels..][..pixels];
                    let scaling = affine.map(|affine| affine[plane]);
                    let fill = |row: usize, places: &mut [f32]| {
                        let from = &values[row * width..][..width];
                        match scaling {
                            Some([scale, shift]) => scaled_silu(from, scale, shift, places),
                            None => places.copy_from_slice(from),
                        }
                    };
                    let first = place * columns + item * tiles;
                    input(tile, (height, width), fill, &mut scratch, &mut positions, first);
                }
            }
        })
    }
}

/// `products [positions, C, N · tiles]`, `shape [4]` (int64: the convolution's input's), `bias [C]`, optionally
/// `channel [1 or N, C]` and `residual [N, C, H, W]`, which are added, to `[N, C, H, W]`. Attribute: `tile`.
struct WinogradOutput;

struct WinogradOutputKernel(Tile);

impl Operator for WinogradOutput {
    type Kernel<'a> = WinogradOutputKernel;

    fn name(&self) -> &str {
        "WinogradOutput"
    }

    fn inputs(&self) -> impl IntoIterator<Item = OperatorInput> {
        [
            OperatorInput::required(FLOATS),
            OperatorInput::required(TensorElementType::Int64),
            OperatorInput::required(FLOATS),
            OperatorInput::optional(FLOATS),
            OperatorInput::optional(FLOATS),
        ]
    }

    fn outputs(&self) -> impl IntoIterator<Item = OperatorOutput> {
        [OperatorOutput::required(FLOATS)]
    }

    fn create_kernel<'a>(&self, info: &KernelContext<'a>) -> ort::Result<Self::Kernel<'a>> {
        tile_of(info).map(WinogradOutputKernel)
    }

    fn infer_shape(&self, context: &mut ShapeInferenceContext) -> ort::Result<()> {
        infer_rank(context, 4)
    }
}

impl Kernel for WinogradOutputKernel {
    fn compute(&mut self, context: &ComputeContext) -> ort::Result<()> {
        let tile = self.0;
        let (products, shape, bias) = (
            required(context, 0, "products")?,
            required(context, 1, "shape")?,
            required(context, 2, "bias")?,
        );
        let (channel, residual) = (context.input(3)?, context.input(4)?);
        let (_, products) = products.try_extract_tensor::<f32>()?;
        let (_, shape) = shape.try_extract_tensor::<i64>()?;
        let (_, bias) = bias.try_extract_tensor::<f32>()?;
        let channel = channel.as_ref().map(|channel| channel.try_extract_tensor::<f32>()).transpose()?;
        let residual = residual.as_ref().map(|residual| residual.try_extract_tensor::<f32>()).transpose()?;
        let [batch, _, height, width] = image(shape)?;
        let channels = bias.len();
        let (down, across) = tile.grid((height, width));
        let tiles = down * across;
        let (columns, pixels) = (batch * tiles, height * width);
        let planes = batch * channels;
        let fits = products.len() == tile.positions() * channels * columns
            && channel.as_ref().is_none_or(|(_, values)| [channels, planes].contains(&values.len()))
            && residual.as_ref().is_none_or(|(_, values)| values.len() == planes * pixels);
        if !fits {
            return Err(missing("an input"));
        }
        let mut result = context
            .output(0, [batch as i64, channels as i64, height as i64, width as i64])?
            .ok_or_else(|| missing("the output"))?;
        let (_, result) = result.try_extract_tensor_mut::<f32>()?;
        if result.is_empty() {
            return Ok(());
        }
        let parts: Vec<Mutex<&mut [f32]>> = result.chunks_mut(PLANES * pixels).map(Mutex::new).collect();
        context.par_for(parts.len(), 0, |at| {
            let mut scratch = Scratch::default();
            for (place, result) in lock(&parts[at]).chunks_mut(pixels).enumerate() {
                let plane = at * PLANES + place;
                let (item, of) = (plane / channels, plane % channels);
                let more = channel.as_ref().map_or(0.0, |(_, values)| values[plane % values.len()]);
                let shift = bias[of] + more;
                let added = residual.as_ref().map(|(_, values)| &values[plane * pixels..][..pixels]);
                let position = |position: usize| {
                    &products[(position * channels + of) * columns + item * tiles..][..tiles]
                };
                output(tile, (height, width), position, &mut scratch, |row, values| {
                    let places = &mut result[row * width..][..width];
                    match added.map(|added| &added[row * width..][..width]) {
                        Some(added) => {
                            for ((place, value), added) in places.iter_mut().zip(values).zip(added) {
                                *place = value + shift + added;
                            }
                        }
                        None => {
                            for (place, value) in places.iter_mut().zip(values) {
                                *place = value + shift;
                            }
                        }
                    }
                });
            }
        })
    }
}
