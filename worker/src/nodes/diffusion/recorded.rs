//! The nodes' arithmetic over the tiny models against pictures recorded from InvokeAI 6.14.2, without a session around it.
use std::path::{Path, PathBuf};
use std::sync::Arc;

use image::DynamicImage;
use ndarray::{Array2, Array3, Axis};
use serde_json::Value;

use super::denoising::{Denoising, Guidance, Mask};
use super::interpolate::{Method, resize};
use super::models::four_dimensions;
use super::picture::{decoded_picture, luma_plane, rgb_tensor};
use super::{create_gradient_mask, image_to_latents};
use crate::inference::{InferenceError, ModelManager, Residuals, SeamlessAxes, TextEncoder};
use crate::prompt::conditioning::{ChunkEncoder, Conditioner};
use crate::prompt::syntax::parse;
use crate::prompt::tokenizer::Tokenizer;
use crate::prompt::trigger::trigger_names;
use crate::random::Generator;
use crate::schedulers::{Latents, Plan, create};
use crate::weights::embedding;

/// The recorded outputs; they come with the project's set-up.
fn goldens() -> PathBuf {
    let folder = std::env::var_os("INVOKE_GOLDENS").map(PathBuf::from);
    folder.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/goldens"))
}

struct Encoder(Arc<dyn TextEncoder>, usize);

impl ChunkEncoder for Encoder {
    type Error = InferenceError;

    fn encode(&self, ids: &[i64], visible: Option<&[bool]>) -> Result<Array2<f32>, InferenceError> {
        let ids = Array2::from_shape_fn((1, ids.len()), |(_, at)| ids[at]);
        Ok(self.0.encode_visible(&ids, visible, self.1)?.index_axis_move(Axis(0), 0))
    }
}

/// The tiny models, loaded, and the nodes of a recorded graph.
struct Case {
    nodes: Value,
    models: ModelManager,
    folder: PathBuf,
}

impl Case {
    fn read(name: &str) -> Self {
        let path = goldens().join(format!("data/{name}.json"));
        let mut case: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        Self {
            nodes: case["graph"]["nodes"].take(),
            models: ModelManager::new(1 << 30),
            folder: goldens().join("models"),
        }
    }

    fn number(&self, node: &str, field: &str) -> f64 {
        self.nodes[node][field].as_f64().unwrap()
    }

    fn has(&self, node: &str) -> bool {
        !self.nodes[node].is_null()
    }

    fn picture(&self, node: &str, field: &str) -> DynamicImage {
        let name = self.nodes[node][field]["image_name"].as_str().unwrap().trim_start_matches("@in/");
        image::open(goldens().join(format!("data/inputs/{name}.png"))).unwrap()
    }

    fn noise(&self, node: &str) -> Latents {
        let size = |side: &str| self.number(node, side) as usize / 8;
        let mut generator = Generator::new(self.number(node, "seed") as u64);
        four_dimensions(generator.normal(&[1, 4, size("height"), size("width")])).unwrap()
    }

    fn condition(&self, node: &str) -> Array3<f32> {
        let text = self.nodes[node]["prompt"].as_str().unwrap();
        let model = self.folder.join("tiny-sd1s");
        let names = trigger_names(text);
        let load = |name: &String| embedding::load(&self.folder.join(format!("{name}.safetensors"))).unwrap();
        let vectors: Vec<Array2<f32>> = names.iter().map(load).collect();
        let encoder = self.models.text_encoder(&model, &[], &vectors).unwrap();
        let mut tokenizer = Tokenizer::read(&model.join("tokenizer")).unwrap();
        let mut next = encoder.vocabulary_size() as i64;
        for (name, vectors) in names.iter().zip(&vectors) {
            let end = next + vectors.nrows() as i64;
            tokenizer.add_trigger(name, (next..end).collect());
            next = end;
        }
        let encoder = Encoder(encoder, self.number("cs", "skipped_layers") as usize);
        Conditioner::new(&tokenizer, &encoder).build(&parse(text).unwrap()).unwrap().insert_axis(Axis(0))
    }

    fn denoise(&self, node: &str, latents: Latents, noise: Option<Latents>) -> Latents {
        let model = self.folder.join("tiny-sd1s");
        let settings = std::fs::read(model.join("scheduler/scheduler_config.json")).unwrap();
        let config = serde_json::from_slice(&settings).unwrap();
        // The latents of another run carry no seed.
        let seed = if noise.is_some() { self.number("noise", "seed") as u64 } else { 0 };
        let name = self.nodes[node]["scheduler"].as_str().unwrap();
        let mut scheduler = create(name, &config, self.number(node, "steps") as usize, seed).unwrap();
        let plan = Plan::new(
            scheduler.as_ref(),
            self.number(node, "denoising_start"),
            self.number(node, "denoising_end"),
        );
        let mask = self.has("gm").then(|| {
            let (_, mask) = self.gradient("gm");
            let (_, _, rows, columns) = latents.dim();
            let kept = resize(&mask, rows, columns, Method::Bilinear { antialias: false });
            Mask { values: kept.mapv(|kept| 1.0 - kept), gradient: true, masked_latents: latents.clone() }
        });
        let run = Denoising {
            unet: self.models.unet(&model, &[], SeamlessAxes::default()).unwrap(),
            scheduler: scheduler.as_mut(),
            plan,
            positive: self.condition("p"),
            negative: self.condition("n"),
            regions: None,
            guidance: Guidance::Constant(self.number(node, "cfg_scale") as f32),
            rescale: self.number(node, "cfg_rescale_multiplier") as f32,
            seed,
            latents,
            noise,
            mask,
        };
        run.run(&mut |_, _, _, _| Ok::<_, InferenceError>(Residuals::default()), &mut |_| Ok(())).unwrap()
    }

    /// (the area as a picture, the mask as a tensor).
    fn gradient(&self, node: &str) -> (DynamicImage, Latents) {
        let fields = &self.nodes[node];
        let mode = serde_json::from_value(fields["coherence_mode"].clone()).unwrap();
        let plane = luma_plane(&self.picture(node, "mask"));
        create_gradient_mask::grow(
            &plane,
            self.number(node, "edge_radius") as usize,
            mode,
            self.number(node, "minimum_denoise"),
        )
        .unwrap()
    }

    /// The nodes from noise or picture to picture.
    fn run(&self) -> DynamicImage {
        let vae = |separate: bool| {
            let path = self.folder.join(if separate { "tiny-vae" } else { "tiny-sd1s" });
            self.models.vae(&path, SeamlessAxes::default()).unwrap()
        };
        let encoded = self.has("e").then(|| {
            let picture = rgb_tensor(&self.picture("e", "image"));
            image_to_latents::encode(vae(true).as_ref(), &picture, false, 0).unwrap()
        });
        let latents = if self.has("d") {
            let noise = self.noise("noise");
            let start = encoded.unwrap_or_else(|| Latents::zeros(noise.dim()));
            let first = self.denoise("d", start, Some(noise));
            if self.has("d2") { self.denoise("d2", first, None) } else { first }
        } else if self.has("r") {
            let side = |side: &str| self.number("r", side) as usize / 8;
            resize(&self.noise("n"), side("height"), side("width"), Method::Bilinear { antialias: false })
        } else {
            encoded.unwrap()
        };
        let vae = vae(!self.has("ml"));
        DynamicImage::ImageRgb8(decoded_picture(&vae.decode(&(latents / vae.scaling_factor())).unwrap()))
    }
}

fn similarity(left: &DynamicImage, right: &DynamicImage) -> f64 {
    let (left, right) = (left.to_rgb8(), right.to_rgb8());
    assert_eq!(left.dimensions(), right.dimensions());
    let squares: f64 =
        left.iter().zip(right.iter()).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum();
    let mean = squares / left.len() as f64;
    if mean == 0.0 { f64::INFINITY } else { 10.0 * (255.0 * 255.0 / mean).log10() }
}

fn recorded(file: &str) -> DynamicImage {
    image::open(goldens().join(format!("data/{file}.png"))).unwrap()
}

#[test]
fn pictures_agree_with_recorded_ones() {
    let cases = [
        ("t2i-euler", 55.0),
        ("t2i-ddim", 55.0),
        ("t2i-euler_a", 55.0),
        ("t2i-lms", 50.0),
        ("t2i-dpmpp_2m_k", 49.0),
        ("t2i-cfg1", 35.0),
        ("t2i-128x192", 35.0),
        ("t2i-clip-skip1", 35.0),
        ("t2i-compel-and", 35.0),
        ("t2i-compel-blend", 35.0),
        ("t2i-compel-up", 52.0),
        ("t2i-long-prompt", 35.0),
        ("t2i-negative", 35.0),
        ("ti-two-vectors", 35.0),
        ("i2l-roundtrip", 55.0),
        ("img2img-euler", 53.0),
        ("inpaint-gradient-euler", 55.0),
        ("lresize-bilinear", 35.0),
        ("split-0.5", 44.0),
    ];
    let results = cases.map(|(name, least)| {
        let picture = Case::read(&format!("generation/{name}")).run();
        (name, least, similarity(&picture, &recorded(&format!("generation/{name}~i.0"))))
    });
    eprintln!("{results:?}");
    assert!(results.iter().all(|(_, least, psnr)| psnr >= least), "{results:?}");
}

#[test]
fn soft_edges_are_exactly_the_recorded_ones() {
    for name in ["gradient-mask-staged-32", "gradient-mask-box-blur-16"] {
        let (area, _) = Case::read(&format!("images/{name}")).gradient("n");
        assert_eq!(area.to_luma8(), recorded(&format!("images/{name}~n.0")).to_luma8(), "{name}");
    }
}
