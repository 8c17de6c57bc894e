//! Steps of a UNet for the bench: `unet_step FOLDER`. Each line on standard input is one step of a batch of two at
//! 512x512 pixels; the answer is a line with the mean of the absolute output. `tests/bench/torch_unet.py` is its twin.
use std::io::{BufRead, Write};
use std::path::PathBuf;

use ndarray::Array;
use worker::inference::{ModelManager, Residuals, SeamlessAxes};

type Failure = Box<dyn std::error::Error>;

/// More than any UNet of the family needs.
const BUDGET: u64 = 16 << 30;

fn wave<D: ndarray::Dimension, S: ndarray::ShapeBuilder<Dim = D>>(shape: S, step: f64) -> Array<f32, D> {
    let mut array = Array::zeros(shape);
    array.iter_mut().enumerate().for_each(|(at, value)| *value = (at as f64 * step).sin() as f32);
    array
}

fn main() -> Result<(), Failure> {
    let folder: PathBuf = std::env::args_os().nth(1).ok_or("the folder of the UNet is missing")?.into();
    let unet = ModelManager::new(BUDGET).unet(&folder, &[], SeamlessAxes::default())?;
    let (sample, context) = (wave((2, 4, 64, 64), 0.71), wave((2, 77, 768), 0.37));
    let mut output = std::io::stdout();
    writeln!(output, "ready")?;
    for line in std::io::stdin().lock().lines() {
        line?;
        let noise = unet.predict(&sample, 601.0, &context, &Residuals::default())?;
        let total: f64 = noise.iter().map(|value| f64::from(value.abs())).sum();
        writeln!(output, "{}", total / noise.len() as f64)?;
    }
    Ok(())
}
