//! Convolutions of a 3×3 kernel by Winograd's minimal filtering F(2×2, 3×3): every tile of 2×2 outputs takes 16
//! multiplications for each pair of channels in place of 36, and what is left of them are 16 matrix products.
//! Source of the matrices: Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2015, section 4.1.
//!
//! All of it is in operators of ONNX, so that it runs wherever the graph does. It pays on a processor: ONNX Runtime's
//! own convolution does all 36 there, while cuDNN chooses among such algorithms by itself.
use super::builder::{Graph, int, ints, text};
use crate::inference::{Precision, Provider, SeamlessAxes, Target};

/// `Bᵀ`, which takes four inputs in a row to four values in the domain of the products.
const INPUT: [[f32; 4]; 4] =
    [[1.0, 0.0, -1.0, 0.0], [0.0, 1.0, 1.0, 0.0], [0.0, -1.0, 1.0, 0.0], [0.0, 1.0, 0.0, -1.0]];
/// `Aᵀ`, which takes the products to two outputs in a row.
const OUTPUT: [[f32; 4]; 2] = [[1.0, 1.0, 1.0, 0.0], [0.0, 1.0, -1.0, -1.0]];

/// Fewer channels than this, of inputs or of outputs, are faster by the ordinary convolution: there the transforms
/// take longer than the products that they save.
const LEAST_CHANNELS: usize = 256;

/// The Kronecker product of `matrix` with itself, row-major: what the matrix does along both axes at once.
fn along_both<const R: usize, const C: usize>(matrix: &[[f32; C]; R]) -> Vec<f32> {
    let mut values = Vec::with_capacity(R * R * C * C);
    for upper in matrix {
        for lower in matrix {
            values.extend(upper.iter().flat_map(|a| lower.iter().map(move |b| a * b)));
        }
    }
    values
}

/// `G` applied to three numbers in a row.
fn row([a, b, c]: [f32; 3]) -> [f32; 4] {
    let outer = 0.5 * (a + c);
    [a, outer + 0.5 * b, outer - 0.5 * b, c]
}

/// Kernels of 3×3, one after the other, in the domain of the products, `G · kernel · Gᵀ`: 16 values each, the first of
/// all kernels before the second of all.
pub(crate) fn kernels(stored: &[f32]) -> Vec<f32> {
    let stored = stored.as_chunks::<9>().0;
    let mut values = vec![0.0; 16 * stored.len()];
    let mut planes: Vec<_> = values.chunks_exact_mut(stored.len().max(1)).map(<[f32]>::iter_mut).collect();
    for [a, b, c, d, e, f, g, h, i] in stored {
        let columns = [row([*a, *d, *g]), row([*b, *e, *h]), row([*c, *f, *i])];
        let rows = (0..4).flat_map(|at| row(columns.map(|column| column[at])));
        for (plane, number) in planes.iter_mut().zip(rows) {
            if let Some(value) = plane.next() {
                *value = number;
            }
        }
    }
    values
}

impl Graph<'_> {
    /// Whether a convolution between so many channels, of outputs and of inputs, is faster this way.
    pub(super) fn prefers_winograd(&self, channels: [usize; 2]) -> bool {
        let Target { provider, precision, spacious } = self.target();
        spacious
            && provider == Provider::Cpu
            && precision == Precision::Float32
            && self.seamless == SeamlessAxes::default()
            && channels.iter().all(|channels| *channels >= LEAST_CHANNELS)
    }

    /// A convolution of `x [N, inputs, H, W]` with the weight `name [outputs, inputs, 3, 3]`, stride 1 and a padding of
    /// 1: `[N, outputs, H, W]`, for any `H` and `W`.
    pub(super) fn winograd(&mut self, name: &str, x: &str, [outputs, inputs]: [usize; 2]) -> String {
        let kernels = self.kernels(name, [outputs, inputs]);

        // Tiles of 4×4 inputs, two apart, each to its 16 values: a convolution of every channel by itself. The padding
        // rounds odd sizes up to whole tiles.
        let planes = self.int_constant(&[-1, 1, 0, 0]);
        let planes = self.op("Reshape", &[x, &planes], vec![]);
        let transform = self.single_constant("winograd.input", &[16, 1, 4, 4], &along_both(&INPUT));
        let attributes =
            vec![ints("kernel_shape", &[4, 4]), ints("strides", &[2, 2]), text("auto_pad", "SAME_UPPER")];
        let tiles = self.op("Conv", &[&planes, &transform], attributes);
        let batch = self.op("Shape", &[x], vec![int("start", 0), int("end", 1)]);
        let values = self.int_constant(&[inputs as i64, 16, -1]);
        let values = self.op("Concat", &[&batch, &values], vec![int("axis", 0)]);
        let values = self.op("Reshape", &[&tiles, &values], vec![]);
        let values = self.op("Transpose", &[&values], vec![ints("perm", &[0, 2, 1, 3])]);

        let products = self.op("MatMul", &[&kernels, &values], vec![]);

        // Each tile's 16 products to its 2×2 outputs.
        let flat = self.int_constant(&[0, 0, -1]);
        let products = self.op("Reshape", &[&products, &flat], vec![]);
        let transform = self.single_constant("winograd.output", &[4, 16], &along_both(&OUTPUT));
        let quarters = self.op("MatMul", &[&transform, &products], vec![]);
        let sizes = self.op("Shape", &[&tiles], vec![int("start", 2), int("end", 4)]);
        let channels = self.int_constant(&[4 * outputs as i64]);
        let shape = self.op("Concat", &[&batch, &channels, &sizes], vec![int("axis", 0)]);
        let quarters = self.op("Reshape", &[&quarters, &shape], vec![]);
        let image = self.op("DepthToSpace", &[&quarters], vec![int("blocksize", 2), text("mode", "DCR")]);
        let start = self.int_constant(&[0, 0]);
        let sizes = self.op("Shape", &[x], vec![int("start", 2), int("end", 4)]);
        let axes = self.int_constant(&[2, 3]);
        self.op("Slice", &[&image, &start, &sizes, &axes], vec![])
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ndarray::{ArrayD, IxDyn};

    use super::*;
    use crate::inference::{Input, Runner};
    use crate::onnx::builder::Dimension;
    use crate::onnx::layers::Convolution;
    use crate::weights::{Weight, WeightSet};

    const INPUTS: usize = 20;
    const OUTPUTS: usize = 30;

    /// Numbers in -1…1 that no symmetry of the transforms maps onto themselves.
    fn scattered(shape: &[usize], seed: usize) -> ArrayD<f32> {
        let count = shape.iter().product();
        let values = (0..count).map(|at: usize| ((at * 7919 + seed) as f32 * 0.618).sin()).collect();
        ArrayD::from_shape_vec(IxDyn(shape), values).unwrap()
    }

    /// A session of one convolution, the ordinary one or this one.
    fn session(set: &WeightSet, winograd: bool) -> Runner {
        let mut graph = Graph::new("convolution", set, SeamlessAxes::default());
        let x = graph.float_input("x", &[Dimension::Any; 4]);
        let y = if winograd {
            graph.winograd("layer.weight", &x, [OUTPUTS, INPUTS])
        } else {
            graph.conv("layer", &x, Convolution::SAME).unwrap()
        };
        graph.output("y", &y);
        Runner::new(&graph.finish(), set).unwrap()
    }

    #[test]
    fn it_is_the_convolution_at_any_size() {
        let weight = scattered(&[OUTPUTS, INPUTS, 3, 3], 5);
        let values = Arc::new(weight.iter().copied().collect());
        let mut set = WeightSet::default();
        set.insert("layer.weight".into(), Weight::Owned { shape: weight.shape().to_vec(), values });
        let sessions = [false, true].map(|winograd| session(&set, winograd));
        for (batch, height, width) in [(1, 8, 8), (2, 16, 6), (3, 7, 10), (2, 9, 5), (1, 1, 1), (2, 2, 3)] {
            let x = scattered(&[batch, INPUTS, height, width], height + width);
            let [ordinary, this] = sessions.each_ref().map(|session| {
                let inputs = [("x".to_owned(), Input::Floats(x.view()))];
                session.run(&inputs, &["y".to_owned()]).unwrap().remove(0)
            });
            assert_eq!(this.shape(), [batch, OUTPUTS, height, width]);
            let furthest = this
                .iter()
                .zip(&ordinary)
                .map(|(this, ordinary)| (this - ordinary).abs())
                .fold(0.0, f32::max);
            assert!(furthest < 1e-4, "{batch}×{height}×{width}: off by {furthest}");
        }
    }

    #[test]
    fn only_wide_layers_on_a_processor_in_single_precision_prefer_it() {
        let set = WeightSet::default();
        let preference = |target: Target, seamless: SeamlessAxes, channels: [usize; 2]| {
            Graph::new("", &set, seamless).for_target(target).prefers_winograd(channels)
        };
        let target = Target { spacious: true, ..Target::default() };
        let seamless = SeamlessAxes::default();
        assert!(preference(target, seamless, [320, 320]));
        assert!(!preference(target, seamless, [320, 4]) && !preference(target, seamless, [4, 320]));
        assert!(!preference(target, SeamlessAxes { x: true, y: false }, [320, 320]));
        assert!(!preference(Target { spacious: false, ..target }, seamless, [320, 320]));
        assert!(!preference(Target { provider: Provider::Cuda, ..target }, seamless, [320, 320]));
        assert!(!preference(Target { precision: Precision::Float16, ..target }, seamless, [320, 320]));
    }
}
