//! The nodes against pictures recorded from InvokeAI 6.14.2.
use std::path::{Path, PathBuf};
use std::sync::Arc;

use image::DynamicImage;
use serde_json::{Map, Value};

use crate::invocation::InvocationContext;
use crate::invocation::context::workbench::Workbench;
use crate::nodes;

fn goldens() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/goldens/data")
}

/// `@in/photo` in place of an image's name, anywhere in a value.
fn inputs_of(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.extend(text.strip_prefix("@in/").map(str::to_owned)),
        Value::Array(values) => values.iter().for_each(|value| inputs_of(value, found)),
        Value::Object(fields) => fields.values().for_each(|value| inputs_of(value, found)),
        _ => {}
    }
}

/// Runs the nodes of a recorded graph one after the other, values along its edges, and returns each one's output.
fn run(graph: &Value, context: &InvocationContext) -> Result<Map<String, Value>, String> {
    let nodes = graph["nodes"].as_object().unwrap();
    let edges = graph["edges"].as_array().unwrap();
    let mut outputs = Map::new();
    while outputs.len() < nodes.len() {
        let is_ready = |id: &str| {
            edges.iter().all(|edge| {
                edge["destination"]["node_id"] != id
                    || outputs.contains_key(edge["source"]["node_id"].as_str().unwrap())
            })
        };
        let (id, node) = nodes.iter().find(|(id, _)| !outputs.contains_key(*id) && is_ready(id)).unwrap();
        if node["type"] == "collect" {
            let into = edges.iter().filter(|edge| edge["destination"]["node_id"] == id.as_str());
            let collection: Vec<Value> = into
                .map(|edge| {
                    let (node, field) = (&edge["source"]["node_id"], &edge["source"]["field"]);
                    outputs[node.as_str().unwrap()][field.as_str().unwrap()].clone()
                })
                .collect();
            outputs.insert(id.clone(), serde_json::json!({ "collection": collection }));
            continue;
        }
        let mut inputs = node.as_object().unwrap().clone();
        for edge in edges.iter().filter(|edge| edge["destination"]["node_id"] == id.as_str()) {
            let value = outputs[edge["source"]["node_id"].as_str().unwrap()]
                [edge["source"]["field"].as_str().unwrap()]
            .clone();
            inputs.insert(edge["destination"]["field"].as_str().unwrap().to_owned(), value);
        }
        ["id", "type"].iter().for_each(|name| _ = inputs.remove(*name));
        let node_type = nodes::find(node["type"].as_str().unwrap()).ok_or("no such node")?;
        let output = (node_type.run)(inputs.into(), context).map_err(|error| error.to_string())?;
        outputs.insert(id.clone(), output);
    }
    Ok(outputs)
}

/// (largest difference, PSNR in dB)
fn difference(left: &DynamicImage, right: &DynamicImage) -> (u8, f64) {
    assert_eq!(left.color(), right.color(), "the modes differ");
    assert_eq!((left.width(), left.height()), (right.width(), right.height()));
    let pairs = || left.as_bytes().iter().zip(right.as_bytes());
    let largest = pairs().map(|(a, b)| a.abs_diff(*b)).max().unwrap_or_default();
    let squares: f64 = pairs().map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2)).sum();
    let psnr = 10.0 * (255.0 * 255.0 * left.as_bytes().len() as f64 / squares.max(1e-9)).log10();
    (largest, psnr)
}

/// What is wrong with a case, or nothing.
fn check(path: &Path) -> Result<(), String> {
    let case: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let bench = Arc::new(Workbench::default());
    let mut names = Vec::new();
    inputs_of(&case["graph"], &mut names);
    for name in names {
        bench.put(&format!("@in/{name}"), image::open(goldens().join(format!("inputs/{name}.png"))).unwrap());
    }
    let outputs = run(&case["graph"], &bench.context());
    if case["result"]["status"] == "failed" {
        return outputs.err().map(|_| ()).ok_or_else(|| "it did not fail".to_owned());
    }
    let outputs = outputs?;
    for (key, picture) in case["result"]["images"].as_object().unwrap() {
        let node = key.split('.').next().unwrap();
        let output = &outputs[node];
        let name = output["image"]["image_name"]
            .as_str()
            .or(output["expanded_mask_area"]["image_name"].as_str())
            .unwrap();
        let expected =
            image::open(goldens().join(format!("images/{}", picture["file"].as_str().unwrap()))).unwrap();
        let (largest, psnr) = difference(&bench.picture(name), &expected);
        let least = case["cmp"]["thr"].as_f64().unwrap_or_default();
        let fits = match case["cmp"]["mode"].as_str().unwrap() {
            "psnr" => psnr >= least,
            "maxdiff" => f64::from(largest) <= least,
            _ => largest == 0,
        };
        if !fits {
            return Err(format!("largest difference {largest}, {psnr:.1} dB"));
        }
    }
    Ok(())
}

#[test]
fn pictures_agree_with_recorded_ones() {
    let mut wrong = Vec::new();
    let (mut agreeing, mut unknown) = (0, 0);
    for entry in std::fs::read_dir(goldens().join("images")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        match check(&path) {
            Ok(()) => agreeing += 1,
            Err(reason) if reason == "no such node" => unknown += 1,
            Err(reason) => wrong.push(format!("{}: {reason}", path.file_stem().unwrap().display())),
        }
    }
    eprintln!("{agreeing} agree, {unknown} are of nodes that we do not have");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
