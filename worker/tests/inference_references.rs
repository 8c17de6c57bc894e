//! Our graphs against torch: tensors that diffusers 0.40, transformers 5.5 and InvokeAI 6.14.2 gave
//! for the tiny models of the goldens, on CPU in float32. Tolerance: 1e-4, absolute.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::path::{Path, PathBuf};

use ndarray::{Array, Array2, Array3, Array4, ArrayD, Dimension, IxDyn, s};
use worker::inference::{LoraUse, ModelManager, Precision, Residuals, SeamlessAxes};
use worker::weights::safetensors::SafeTensors;
use worker::weights::{Weight, embedding};

const PLAIN: SeamlessAxes = SeamlessAxes { x: false, y: false };

/// The folder of the tiny models; without it (the goldens are a set-up download) there is nothing to compare.
fn models() -> PathBuf {
    let folder = std::env::var_os("INVOKE_GOLDENS").map(PathBuf::from);
    folder.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/goldens")).join("models")
}

fn manager() -> ModelManager {
    ModelManager::new(1 << 30)
}

fn reference(name: &str) -> ArrayD<f32> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/references/tiny-sd1s.safetensors");
    let file = SafeTensors::open(&path).unwrap();
    let place = file.tensors[name].clone();
    let shape = IxDyn(&place.shape);
    if name == "ids" {
        let ids = file.bytes(&place).as_chunks().0.iter().map(|id| i64::from_le_bytes(*id) as f32).collect();
        return ArrayD::from_shape_vec(shape, ids).unwrap();
    }
    ArrayD::from_shape_vec(shape, Weight::Mapped { file, place }.values().unwrap()).unwrap()
}

fn assert_close<D: Dimension>(name: &str, got: &Array<f32, D>) {
    let wanted = reference(name);
    assert_eq!(wanted.shape(), got.shape(), "{name}");
    let worst = wanted
        .iter()
        .zip(got.iter())
        .map(|(a, b)| (a - b).abs())
        .fold(0.0_f32, |a, b| if b.is_nan() { f32::INFINITY } else { a.max(b) });
    assert!(worst < 1e-4, "{name} is off by {worst}");
}

/// Half precision is near: within 1 % of the reference, root mean square of the difference by that of the reference.
fn assert_near<D: Dimension>(name: &str, got: &Array<f32, D>) {
    let wanted = reference(name);
    assert_eq!(wanted.shape(), got.shape(), "{name}");
    let energy =
        |values: &mut dyn Iterator<Item = f32>| values.map(|value| f64::from(value).powi(2)).sum::<f64>();
    let apart =
        energy(&mut wanted.iter().zip(got.iter()).map(|(a, b)| a - b)) / energy(&mut wanted.iter().copied());
    let apart = apart.sqrt();
    assert!(apart > 1e-6, "{name} was computed in single precision: off by {apart:e}");
    assert!(apart < 0.01, "{name} is off by {apart}");
}

fn wave<D: ndarray::Dimension, S: ndarray::ShapeBuilder<Dim = D>>(shape: S, step: f64) -> Array<f32, D> {
    let mut array = Array::zeros(shape);
    array.iter_mut().enumerate().for_each(|(at, value)| *value = (at as f64 * step).sin() as f32);
    array
}

fn context(batch: usize) -> Array3<f32> {
    wave((2, 77, 768), 0.37).slice(s![..batch, .., ..]).to_owned()
}

fn ids() -> Array2<i64> {
    reference("ids").mapv(|id| id as i64).into_dimensionality().unwrap()
}

fn thinned(hidden: Array3<f32>) -> Array3<f32> {
    hidden.slice(s![.., ..;11, ..;37]).to_owned()
}

fn sample() -> Array4<f32> {
    reference("sample").into_dimensionality().unwrap()
}

fn small_sample() -> Array4<f32> {
    wave((1, 4, 8, 16), 0.71)
}

fn lora(kind: &str) -> Vec<LoraUse> {
    vec![LoraUse { path: models().join(format!("tiny-lora-{kind}.safetensors")), weight: 0.7 }]
}

#[test]
fn the_text_encoder_gives_every_depth() {
    let encoder = manager().text_encoder(&models().join("tiny-sd1s"), &[], &[]).unwrap();
    assert_eq!((encoder.vocabulary_size(), encoder.layers()), (514, 2));
    for skipped in 0..2 {
        assert_close(&format!("text.{skipped}"), &thinned(encoder.encode(&ids(), skipped).unwrap()));
    }
    encoder.encode(&ids(), 3).unwrap_err();
    encoder.encode(&Array2::from_elem((1, 77), 514), 0).unwrap_err();
}

#[test]
fn textual_inversions_extend_the_vocabulary() {
    let embeddings = ["tinyti", "tinytwo"]
        .map(|name| embedding::load(&models().join(format!("{name}.safetensors"))).unwrap());
    let encoder = manager().text_encoder(&models().join("tiny-sd1s"), &[], &embeddings).unwrap();
    let mut ids = ids();
    for (place, id) in [(5, 514), (6, 515), (9, 516)] {
        ids.column_mut(place).fill(id);
    }
    assert_close("text.ti", &thinned(encoder.encode(&ids, 0).unwrap()));
}

#[test]
fn the_unet_predicts_at_odd_sizes_and_on_seamless_axes() {
    for (name, x, y) in [("unet", false, false), ("unet.x", true, false), ("unet.xy", true, true)] {
        let unet = manager().unet(&models().join("tiny-sd1s"), &[], SeamlessAxes { x, y }).unwrap();
        assert_close(name, &unet.predict(&sample(), 601.0, &context(2), &Residuals::default()).unwrap());
    }
}

#[test]
fn a_control_net_steers_the_unet() {
    let manager = manager();
    let control = manager.control_net(&models().join("tiny-controlnet")).unwrap();
    let image = wave((2, 3, 72, 96), 0.11).mapv(|value| value * 0.5 + 0.5);
    let residuals = control.residuals(&sample(), 601.0, &context(2), &image).unwrap();
    for (at, down) in residuals.down.iter().enumerate() {
        assert_close(&format!("control.down.{at}"), &down.slice(s![.., ..;8, .., ..]).to_owned());
    }
    assert_close(
        "control.middle",
        &residuals.middle.as_ref().unwrap().slice(s![.., ..;8, .., ..]).to_owned(),
    );
    let unet = manager.unet(&models().join("tiny-sd1s"), &[], PLAIN).unwrap();
    assert_close("unet.control", &unet.predict(&sample(), 601.0, &context(2), &residuals).unwrap());
}

#[test]
fn an_image_adapter_steers_the_unet() {
    let manager = manager();
    let adapter = manager.image_adapter(&models().join("tiny-t2i-adapter")).unwrap();
    let image = wave((1, 3, 64, 128), 0.13).mapv(|value| value * 0.5 + 0.5);
    let features = adapter.features(&image).unwrap();
    for (at, feature) in features.iter().enumerate() {
        assert_close(&format!("adapter.{at}"), &feature.slice(s![.., ..;8, .., ..]).to_owned());
    }
    let unet = manager.unet(&models().join("tiny-sd1s"), &[], PLAIN).unwrap();
    let residuals = Residuals { intrablock: features, ..Residuals::default() };
    assert_close("unet.adapter", &unet.predict(&small_sample(), 25.0, &context(1), &residuals).unwrap());
    assert_close(
        "unet.plain2",
        &unet.predict(&small_sample(), 25.0, &context(1), &Residuals::default()).unwrap(),
    );
}

#[test]
fn half_precision_stays_near() {
    let manager = manager().in_precision(Precision::Float16);
    let model = models().join("tiny-sd1s");
    let encoder = manager.text_encoder(&model, &[], &[]).unwrap();
    assert_near("text.0", &thinned(encoder.encode(&ids(), 0).unwrap()));
    let single = self::manager();
    single.text_encoder(&model, &[], &[]).unwrap();
    assert_eq!(manager.bytes() * 2, single.bytes(), "it takes half the memory");

    for (name, x, y) in [("unet", false, false), ("unet.xy", true, true)] {
        let unet = manager.unet(&model, &[], SeamlessAxes { x, y }).unwrap();
        assert_near(name, &unet.predict(&sample(), 601.0, &context(2), &Residuals::default()).unwrap());
    }
    let control = manager.control_net(&models().join("tiny-controlnet")).unwrap();
    let image = wave((2, 3, 72, 96), 0.11).mapv(|value| value * 0.5 + 0.5);
    let residuals = control.residuals(&sample(), 601.0, &context(2), &image).unwrap();
    let unet = manager.unet(&model, &[], PLAIN).unwrap();
    assert_near("unet.control", &unet.predict(&sample(), 601.0, &context(2), &residuals).unwrap());

    let adapter = manager.image_adapter(&models().join("tiny-t2i-adapter")).unwrap();
    let image = wave((1, 3, 64, 128), 0.13).mapv(|value| value * 0.5 + 0.5);
    let residuals = Residuals { intrablock: adapter.features(&image).unwrap(), ..Residuals::default() };
    assert_near("unet.adapter", &unet.predict(&small_sample(), 25.0, &context(1), &residuals).unwrap());
    // Merged weights are computed in single precision and narrowed.
    let unet = manager.unet(&model, &lora("kohya"), PLAIN).unwrap();
    assert_near(
        "unet.kohya",
        &unet.predict(&small_sample(), 25.0, &context(1), &Residuals::default()).unwrap(),
    );
}

#[test]
fn regions_hide_in_half_precision_too() {
    let regions = |precision| {
        let unet = manager().in_precision(precision);
        let unet = unet.regional_unet(&models().join("tiny-sd1s"), &[], PLAIN).unwrap();
        // The left half of the picture sees the first ten tokens only.
        let hidden = |level: usize| {
            let (rows, columns) = (8_usize.div_ceil(1 << level), 16_usize.div_ceil(1 << level));
            Array4::from_shape_fn((1, 1, rows * columns, 77), |(_, _, place, token)| {
                if place % columns < columns / 2 && token >= 10 { f32::MIN } else { 0.0 }
            })
        };
        let residuals =
            Residuals { regions: (0..unet.levels()).map(hidden).collect(), ..Residuals::default() };
        unet.predict(&small_sample(), 25.0, &context(1), &residuals).unwrap()
    };
    let (single, half) = (regions(Precision::Float32), regions(Precision::Float16));
    let worst = (&single - &half)
        .iter()
        .fold(0.0_f32, |worst, apart| if apart.is_nan() { f32::INFINITY } else { worst.max(apart.abs()) });
    assert!(worst < 0.02, "off by {worst}");
}

#[test]
fn the_vae_encodes_and_decodes() {
    let latents = small_sample().slice(s![.., .., ..5, ..7]).to_owned();
    let image = wave((1, 3, 40, 56), 0.05);
    for (suffix, x) in [("", false), (".x", true)] {
        let vae = manager().vae(&models().join("tiny-sd1s"), SeamlessAxes { x, y: false }).unwrap();
        assert!((vae.scaling_factor() - 0.18215).abs() < 1e-6);
        assert_close(&format!("moments{suffix}"), &vae.encode(&image).unwrap());
        assert_close(
            &format!("decoded{suffix}"),
            &vae.decode(&latents).unwrap().slice(s![.., .., ..;5, ..;5]).to_owned(),
        );
    }
}

#[test]
fn every_kind_of_lora_is_merged() {
    for kind in ["kohya", "locon", "loha", "lokr"] {
        let manager = manager();
        let unet = manager.unet(&models().join("tiny-sd1s"), &lora(kind), PLAIN).unwrap();
        assert_close(
            &format!("unet.{kind}"),
            &unet.predict(&small_sample(), 25.0, &context(1), &Residuals::default()).unwrap(),
        );
        let encoder = manager.text_encoder(&models().join("tiny-sd1s"), &lora(kind), &[]).unwrap();
        assert_close(&format!("text.{kind}"), &thinned(encoder.encode(&ids(), 0).unwrap()));
    }
}

#[test]
fn the_cache_keeps_within_its_budget() {
    let path = models().join("tiny-sd1s");
    let manager = ModelManager::new(25_000_000);
    let first = manager.text_encoder(&path, &[], &[]).unwrap();
    assert!(std::sync::Arc::ptr_eq(&first, &manager.text_encoder(&path, &[], &[]).unwrap()));
    manager.unet(&path, &[], PLAIN).unwrap();
    assert!(manager.bytes() < 5_000_000, "the text encoder has made room");
    assert!(ModelManager::new(1_000_000).unet(&path, &[], PLAIN).is_err());
}
