//! Resampling of tensors as `torch.nn.functional.interpolate` does it (align_corners off).
use ndarray::{Array4, Axis};

/// How values between samples are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Nearest,
    NearestExact,
    Bilinear {
        antialias: bool,
    },
    Bicubic {
        antialias: bool,
    },
    Area,
    /// Windowed sinc of three lobes; always antialiased, as Pillow has it.
    Lanczos,
}

/// Samples of the input with their weights, for one sample of the output.
type Taps = Vec<(usize, f64)>;

/// `[batch, channels, h, w]` to a height and a width.
pub(crate) fn resize(tensor: &Array4<f32>, height: usize, width: usize, method: Method) -> Array4<f32> {
    let (_, _, rows, columns) = tensor.dim();
    let down = |from: usize, to: usize| from as f64 / to as f64;
    resample(tensor, (height, down(rows, height)), (width, down(columns, width)), method)
}

/// `[batch, channels, h, w]` by a factor; torch then steps by the factor's inverse, not by the sizes' ratio.
pub(crate) fn scale(tensor: &Array4<f32>, factor: f64, method: Method) -> Array4<f32> {
    let (_, _, rows, columns) = tensor.dim();
    let size = |from: usize| (from as f64 * factor).floor() as usize;
    resample(tensor, (size(rows), 1.0 / factor), (size(columns), 1.0 / factor), method)
}

fn resample(tensor: &Array4<f32>, rows: (usize, f64), columns: (usize, f64), method: Method) -> Array4<f32> {
    let (_, _, height, width) = tensor.dim();
    let across = along(tensor, Axis(3), &taps(width, columns.0, columns.1, method));
    along(&across, Axis(2), &taps(height, rows.0, rows.1, method))
}

fn along(tensor: &Array4<f32>, axis: Axis, taps: &[Taps]) -> Array4<f32> {
    let mut shape = tensor.raw_dim();
    shape[axis.index()] = taps.len();
    let mut result = Array4::zeros(shape);
    for (taps, mut target) in taps.iter().zip(result.axis_iter_mut(axis)) {
        for (index, weight) in taps {
            target.scaled_add(*weight as f32, &tensor.index_axis(axis, *index));
        }
    }
    result
}

/// The taps of every output sample along an axis of `from` samples; `step` input samples an output sample.
pub(crate) fn taps(from: usize, to: usize, step: f64, method: Method) -> Vec<Taps> {
    let last = from.saturating_sub(1);
    (0..to)
        .map(|index| {
            let index = index as f64;
            match method {
                Method::Nearest => vec![(((index * step).floor() as usize).min(last), 1.0)],
                Method::NearestExact => vec![((((index + 0.5) * step).floor() as usize).min(last), 1.0)],
                Method::Bilinear { antialias: true } => filtered(from, index, step, 1.0, triangle),
                Method::Bicubic { antialias: true } => filtered(from, index, step, 2.0, |x| cubic(x, -0.5)),
                Method::Lanczos => filtered(from, index, step, 3.0, lanczos),
                Method::Bilinear { antialias: false } => {
                    let position = ((index + 0.5) * step - 0.5).max(0.0);
                    let low = (position.floor() as usize).min(last);
                    let share = if low == last { 0.0 } else { position - low as f64 };
                    vec![(low, 1.0 - share), ((low + 1).min(last), share)]
                }
                Method::Bicubic { antialias: false } => {
                    let position = (index + 0.5) * step - 0.5;
                    let base = position.floor();
                    (-1..=2)
                        .map(|offset| f64::from(offset) + base)
                        .map(|tap| ((tap.max(0.0) as usize).min(last), cubic(position - tap, -0.75)))
                        .collect()
                }
                Method::Area => {
                    let ratio = from as f64 / to as f64;
                    let (start, end) =
                        ((index * ratio).floor() as usize, ((index + 1.0) * ratio).ceil() as usize);
                    (start..end.min(from)).map(|tap| (tap, 1.0 / (end.min(from) - start) as f64)).collect()
                }
            }
        })
        .collect()
}

/// A filter widened by the step where the output is smaller, as Pillow's resampling.
fn filtered(from: usize, index: f64, step: f64, support: f64, filter: impl Fn(f64) -> f64) -> Taps {
    let widening = step.max(1.0);
    let reach = support * widening;
    let center = (index + 0.5) * step;
    let start = ((center - reach + 0.5).max(0.0)) as usize;
    let end = ((center + reach + 0.5) as usize).min(from);
    let weights: Taps =
        (start..end).map(|tap| (tap, filter((tap as f64 - center + 0.5) / widening))).collect();
    let sum: f64 = weights.iter().map(|(_, weight)| weight).sum();
    weights.into_iter().map(|(tap, weight)| (tap, weight / sum)).collect()
}

fn triangle(x: f64) -> f64 {
    (1.0 - x.abs()).max(0.0)
}

/// Keys' cubic convolution.
fn cubic(x: f64, a: f64) -> f64 {
    let x = x.abs();
    if x < 1.0 {
        ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0
    } else if x < 2.0 {
        (((x - 5.0) * x + 8.0) * x - 4.0) * a
    } else {
        0.0
    }
}

fn lanczos(x: f64) -> f64 {
    let sinc =
        |x: f64| if x == 0.0 { 1.0 } else { (x * std::f64::consts::PI).sin() / (x * std::f64::consts::PI) };
    if x.abs() < 3.0 { sinc(x) * sinc(x / 3.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(result: &Array4<f32>, expected: &[f32]) {
        assert_eq!(result.len(), expected.len());
        for (value, expected) in result.iter().zip(expected) {
            assert!((value - expected).abs() < 2e-5, "{result} is not {expected:?}");
        }
    }

    fn ramp() -> Array4<f32> {
        Array4::from_shape_fn((1, 1, 3, 4), |(_, _, y, x)| (y * y * 4 + x * x) as f32)
    }

    // Expected values: torch 2.15.

    #[test]
    fn bilinear_agrees_with_torch() {
        check(
            &resize(&ramp(), 2, 3, Method::Bilinear { antialias: false }),
            &[1.1666666, 3.5, 9.166667, 13.166667, 15.5, 21.166668],
        );
        check(
            &resize(&ramp(), 4, 5, Method::Bilinear { antialias: false }),
            &[
                0.0, 0.70000005, 2.5, 5.5, 9.0, 2.5, 3.2, 5.0, 7.9999995, 11.499999, 8.5, 9.2, 11.0, 14.0,
                17.5, 16.0, 16.7, 18.5, 21.5, 25.0,
            ],
        );
        check(&scale(&ramp(), 0.6, Method::Bilinear { antialias: false }), &[1.6666665, 5.333333]);
    }

    #[test]
    fn bilinear_antialiased_agrees_with_torch() {
        check(
            &resize(&ramp(), 2, 3, Method::Bilinear { antialias: true }),
            &[1.8000002, 4.0, 9.000001, 11.799999, 14.0, 19.0],
        );
        check(
            &resize(&ramp(), 4, 5, Method::Bilinear { antialias: true }),
            &[
                0.0, 0.70000005, 2.5, 5.5, 9.0, 2.5, 3.1999998, 5.0, 8.0, 11.5, 8.5, 9.200001, 11.0, 14.0,
                17.5, 16.0, 16.7, 18.5, 21.5, 25.0,
            ],
        );
        check(&scale(&ramp(), 0.6, Method::Bilinear { antialias: true }), &[2.1428568, 6.1587305]);
    }

    #[test]
    fn bicubic_agrees_with_torch() {
        check(
            &resize(&ramp(), 2, 3, Method::Bicubic { antialias: false }),
            &[0.5758102, 2.609375, 8.818867, 13.513313, 15.546875, 21.756372],
        );
        check(
            &resize(&ramp(), 4, 5, Method::Bicubic { antialias: false }),
            &[
                -0.34785944,
                0.10314161,
                1.8378906,
                5.4386396,
                9.01664,
                1.1794846,
                1.6304854,
                3.3652344,
                6.965985,
                10.543983,
                8.702924,
                9.153925,
                10.888672,
                14.489423,
                18.06742,
                16.800583,
                17.251583,
                18.986328,
                22.58708,
                26.165077,
            ],
        );
        check(&scale(&ramp(), 0.6, Method::Bicubic { antialias: false }), &[0.7407451, 4.592597]);
    }

    #[test]
    fn bicubic_antialiased_agrees_with_torch() {
        check(
            &resize(&ramp(), 2, 3, Method::Bicubic { antialias: true }),
            &[0.993652, 3.2773323, 8.854064, 12.036991, 14.320671, 19.897404],
        );
        check(
            &resize(&ramp(), 4, 5, Method::Bicubic { antialias: true }),
            &[
                -0.2522244, 0.2966194, 2.0410447, 5.4081078, 9.007392, 1.6218383, 2.1706822, 3.9151077,
                7.2821703, 10.881454, 8.716319, 9.265162, 11.009588, 14.376651, 17.975935, 16.583597,
                17.132439, 18.876865, 22.243929, 25.843212,
            ],
        );
        check(&scale(&ramp(), 0.6, Method::Bicubic { antialias: true }), &[1.9005741, 6.3501773]);
    }

    #[test]
    fn nearest_agrees_with_torch() {
        check(&resize(&ramp(), 2, 3, Method::Nearest), &[0.0, 1.0, 4.0, 4.0, 5.0, 8.0]);
        check(
            &resize(&ramp(), 4, 5, Method::Nearest),
            &[
                0.0, 0.0, 1.0, 4.0, 9.0, 0.0, 0.0, 1.0, 4.0, 9.0, 4.0, 4.0, 5.0, 8.0, 13.0, 16.0, 16.0, 17.0,
                20.0, 25.0,
            ],
        );
        check(&scale(&ramp(), 0.6, Method::Nearest), &[0.0, 1.0]);
    }

    #[test]
    fn nearest_exact_agrees_with_torch() {
        check(&resize(&ramp(), 2, 3, Method::NearestExact), &[0.0, 4.0, 9.0, 16.0, 20.0, 25.0]);
        check(
            &resize(&ramp(), 4, 5, Method::NearestExact),
            &[
                0.0, 1.0, 4.0, 4.0, 9.0, 4.0, 5.0, 8.0, 8.0, 13.0, 4.0, 5.0, 8.0, 8.0, 13.0, 16.0, 17.0,
                20.0, 20.0, 25.0,
            ],
        );
        check(&scale(&ramp(), 0.6, Method::NearestExact), &[0.0, 4.0]);
    }

    #[test]
    fn area_agrees_with_torch() {
        check(&resize(&ramp(), 2, 3, Method::Area), &[2.5, 4.5, 8.5, 10.5, 12.5, 16.5]);
        check(
            &resize(&ramp(), 4, 5, Method::Area),
            &[
                0.0, 0.5, 2.5, 6.5, 9.0, 2.0, 2.5, 4.5, 8.5, 11.0, 10.0, 10.5, 12.5, 16.5, 19.0, 16.0, 16.5,
                18.5, 22.5, 25.0,
            ],
        );
        check(&scale(&ramp(), 0.6, Method::Area), &[7.1666665, 13.166667]);
    }
}
