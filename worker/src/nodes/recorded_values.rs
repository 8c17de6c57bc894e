//! The recorded graphs of values, run as the runner does it but without a queue.
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::batch::new_session;
use domain::execution::Execution;
use serde_json::{Map, Value, json};

use crate::invocation::context::workbench::Workbench;
use crate::nodes;

/// Graphs with nodes that do not run here yet.
const LATER: [&str; 1] = ["controlnet-fields"];

fn goldens() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/goldens/data")
}

/// Runs a graph; the outputs of each wanted node.
fn run(case: &Value) -> Result<Map<String, Value>, String> {
    let workbench = Arc::new(Workbench::default());
    for file in fs::read_dir(goldens().join("inputs")).unwrap() {
        let path = file.unwrap().path();
        if let Ok(picture) = image::open(&path) {
            workbench.put(&format!("@in/{}", path.file_stem().unwrap().to_string_lossy()), picture);
        }
    }
    let context = workbench.context();
    let session = new_session("session", case["graph"].clone());
    let mut execution = Execution::from_session(session)
        .map_err(|error| error.to_string())?
        .with_class_names(nodes::class_names());
    while let Some(prepared) = execution.next_node().map_err(|error| error.to_string())? {
        let name = prepared.node["type"].as_str().unwrap();
        let node = nodes::find(name).ok_or_else(|| format!("{name} is no node"))?;
        let mut inputs = prepared.node.clone();
        inputs.retain(|name, _| !["id", "type", "is_intermediate", "use_cache"].contains(&name.as_str()));
        let output =
            (node.run)(Value::Object(inputs), &context).map_err(|error| format!("{name}: {error}"))?;
        execution.complete(&prepared.id, output);
    }
    if !execution.is_complete() {
        return Err("the graph did not end".into());
    }
    let outputs = case["out"].as_array().unwrap().iter().map(|id| {
        let id = id.as_str().unwrap();
        let outputs =
            execution.prepared_ids(id).iter().map(|id| execution.results()[id].clone()).collect::<Vec<_>>();
        let value =
            if let [one] = outputs.as_slice() { one.clone() } else { json!({ "executions": outputs }) };
        (id.to_owned(), value)
    });
    Ok(outputs.collect())
}

/// Whether a value is the recorded one. `<…>` stands for anything, and runs have no order among each other.
fn same(ours: &Value, recorded: &Value) -> bool {
    match (ours, recorded) {
        (_, Value::String(text)) if text.starts_with('<') && text.ends_with('>') => true,
        (Value::Object(ours), Value::Object(recorded)) => {
            let names: HashSet<&String> = ours.keys().chain(recorded.keys()).collect();
            names.into_iter().all(|name| {
                let (ours, recorded) = (ours.get(name), recorded.get(name));
                match (name.as_str(), ours, recorded) {
                    ("executions", Some(Value::Array(ours)), Some(Value::Array(recorded))) => {
                        ours.len() == recorded.len()
                            && recorded.iter().all(|one| ours.iter().any(|other| same(other, one)))
                    }
                    _ => same(ours.unwrap_or(&Value::Null), recorded.unwrap_or(&Value::Null)),
                }
            })
        }
        (Value::Array(ours), Value::Array(recorded)) => {
            ours.len() == recorded.len()
                && ours.iter().zip(recorded).all(|(ours, recorded)| same(ours, recorded))
        }
        (Value::Number(ours), Value::Number(recorded)) => ours.as_f64() == recorded.as_f64(),
        _ => ours == recorded,
    }
}

#[test]
fn recorded_graphs_of_values_give_what_they_gave() {
    let mut failures = Vec::new();
    let mut passed = 0;
    for file in fs::read_dir(goldens().join("values")).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let case: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let name = case["name"].as_str().unwrap();
        if LATER.contains(&name) {
            continue;
        }
        let status = case["result"]["status"].as_str().unwrap();
        let is_failure = status == "failed" || status.starts_with("http_4");
        let outcome = match run(&case) {
            Err(_) if is_failure => Ok(()),
            Err(error) => Err(error),
            Ok(_) if is_failure => Err("it was to fail".to_owned()),
            Ok(outputs) => {
                let outputs = Value::Object(outputs);
                let recorded = &case["result"]["outputs"];
                if same(&outputs, recorded) {
                    Ok(())
                } else {
                    Err(format!("{outputs} instead of {recorded}"))
                }
            }
        };
        match outcome {
            Ok(()) => passed += 1,
            Err(error) => failures.push(format!("{name}: {error}")),
        }
    }
    assert!(failures.is_empty(), "{passed} passed, these did not:\n{}", failures.join("\n"));
    assert!(passed >= 36, "only {passed} were found");
}
