//! What a new studio brings: models with what people see of them, and default workflows that run with them.
use crate::studio::{PATIENCE, Studio, invoke, root};
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::time::Duration;

impl Studio {
    async fn json(&self, path: &str) -> Value {
        self.get(path).await.unwrap().json().await.unwrap()
    }

    /// Enqueues a graph and waits for what its node `decode` made.
    async fn draw(&self, graph: Value) -> String {
        let batch = json!({ "batch": { "graph": graph, "runs": 1 } });
        let path = "/api/v1/queue/default/enqueue_batch";
        let (_, enqueued) = self.ask(None, Method::POST, path, Some(&batch)).await;
        let item = enqueued["item_ids"][0].as_i64().unwrap_or_else(|| panic!("{enqueued}"));
        let path = format!("/api/v1/queue/default/i/{item}");
        let ended = tokio::time::timeout(PATIENCE, async {
            loop {
                let item = self.json(&path).await;
                if !matches!(item["status"].as_str(), Some("pending" | "in_progress")) {
                    return item;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        });
        let item = ended.await.expect("it ends in time");
        assert_eq!(item["status"], "completed", "{}", item["error_message"]);
        let node = item["session"]["source_prepared_mapping"]["decode"][0].as_str().unwrap();
        item["session"]["results"][node]["image"]["image_name"].as_str().unwrap().to_owned()
    }
}

async fn studio(root: &std::path::Path) -> Studio {
    let mut command = invoke(root);
    command.args(["up", "--port", "0"]).env("INVOKEAI_MULTIUSER", "false");
    command.env("INVOKEAI_BUNDLED_MODELS_DIR", concat!(env!("CARGO_MANIFEST_DIR"), "/../models"));
    Studio::from(command).await
}

/// The workflow as the editor would enqueue it, with `filled` in fields that people fill in (`node.field`).
fn graph(workflow: &Value, filled: &Map<String, Value>) -> Value {
    let mut nodes = Map::new();
    for node in workflow["nodes"].as_array().unwrap() {
        let data = &node["data"];
        let id = data["id"].as_str().unwrap();
        let mut fields = json!({ "id": id, "type": data["type"], "is_intermediate": data["isIntermediate"],
            "use_cache": data["useCache"] });
        for (name, input) in data["inputs"].as_object().unwrap() {
            if let Some(value) = filled.get(&format!("{id}.{name}")).or_else(|| input.get("value")) {
                fields[name.as_str()] = value.clone();
            }
        }
        nodes.insert(id.to_owned(), fields);
    }
    let end = |node: &Value, field: &Value| json!({ "node_id": node, "field": field });
    let edges: Vec<Value> = workflow["edges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edge| {
            let target = nodes[edge["target"].as_str().unwrap()].as_object_mut().unwrap();
            target.remove(edge["targetHandle"].as_str().unwrap());
            json!({ "source": end(&edge["source"], &edge["sourceHandle"]),
            "destination": end(&edge["target"], &edge["targetHandle"]) })
        })
        .collect();
    json!({ "id": "graph", "nodes": nodes, "edges": edges })
}

/// What the editor would complain of: nodes of another version, fields that nodes lack, a form of other fields.
fn complaints(workflow: &Value, document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let schemas: Vec<&Value> = document["components"]["schemas"].as_object().unwrap().values().collect();
    let nodes = workflow["nodes"].as_array().unwrap();
    for node in nodes {
        let data = &node["data"];
        let Some(schema) =
            schemas.iter().find(|schema| schema["properties"]["type"]["const"] == data["type"])
        else {
            found.push(format!("no node {}", data["type"]));
            continue;
        };
        if schema["version"] != data["version"] {
            found.push(format!("{} is {} and not {}", data["type"], schema["version"], data["version"]));
        }
        for name in data["inputs"].as_object().unwrap().keys() {
            if schema["properties"].get(name).is_none() {
                found.push(format!("{} has no {name}", data["type"]));
            }
        }
    }
    let elements = workflow["form"]["elements"].as_object().unwrap();
    for element in elements.values().filter(|element| element["type"] == "node-field") {
        let field = &element["data"]["fieldIdentifier"];
        let node = nodes.iter().find(|node| node["id"] == field["nodeId"]);
        let name = field["fieldName"].as_str().unwrap();
        if node.is_none_or(|node| node["data"]["inputs"].get(name).is_none()) {
            found.push(format!("the form has {field}"));
        }
    }
    found
}

#[tokio::test]
async fn default_workflows_run_with_the_models_that_a_studio_brings() {
    let root = root();
    let studio = studio(root.path()).await;
    let models = studio.json("/api/v2/models/").await;
    let model = |name: &str| {
        let found = models["models"].as_array().unwrap().iter().find(|model| model["name"] == name).unwrap();
        json!({ "key": found["key"], "hash": found["hash"], "name": found["name"], "base": found["base"],
            "type": found["type"] })
    };
    let document = studio.json("/openapi.json").await;
    // Few steps and small pictures: that it runs, not what it draws.
    let mut filled = Map::from_iter([
        ("model.model".to_owned(), model("pictograms")),
        ("lora.lora".to_owned(), model("pictograms-greys")),
        ("control.control_model".to_owned(), model("pictograms-edges")),
        ("noise.width".to_owned(), json!(64)),
        ("noise.height".to_owned(), json!(64)),
        ("denoise.steps".to_owned(), json!(2)),
    ]);
    let listed = studio.json("/api/v1/workflows/?categories=default&order_by=name&direction=DESC").await;
    assert_eq!(listed["total"], 5);
    for item in listed["items"].as_array().unwrap() {
        let id = item["workflow_id"].as_str().unwrap();
        let workflow = studio.json(&format!("/api/v1/workflows/i/{id}")).await["workflow"].take();
        assert_eq!(complaints(&workflow, &document), Vec::<String>::new(), "{id}");
        let image = studio.draw(graph(&workflow, &filled)).await;
        // The next, which may start from a picture, starts from this one.
        filled.insert("picture.image".to_owned(), json!({ "image_name": image }));
    }
    studio.stop().await;
}

#[tokio::test]
async fn bundled_models_come_with_a_description_settings_and_a_cover() {
    let root = root();
    let studio = studio(root.path()).await;
    let models = studio.json("/api/v2/models/").await;
    let models = models["models"].as_array().unwrap();
    assert_eq!(models.len(), 3);
    for model in models {
        assert!(model["description"].as_str().is_some_and(|text| text.contains("pictograms")), "{model}");
        let cover = studio.get(&format!("/{}", model["cover_image"].as_str().unwrap())).await.unwrap();
        assert_eq!(cover.headers()["content-type"], "image/webp");
    }
    let settings = |name: &str| {
        let found = models.iter().find(|model| model["name"] == name).unwrap();
        found["default_settings"].clone()
    };
    assert_eq!(settings("pictograms")["width"], 128);
    assert_eq!(settings("pictograms-greys")["weight"], 1.0);
    assert_eq!(settings("pictograms-edges")["preprocessor"], "canny_image_processor");
    studio.stop().await;
}
