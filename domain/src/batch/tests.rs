use super::*;
use serde_json::json;

fn integer() -> NodeSchema {
    NodeSchema {
        node_type: "integer",
        name: "IntegerInvocation",
        input: json!({ "properties": { "id": {}, "type": {}, "value": { "default": 0 } } }),
        output_name: "IntegerOutput",
        output: json!({ "properties": { "value": {} } }).into(),
        definitions: vec![],
    }
}

fn batch(data: Value, runs: u64) -> Result<Batch, Problem> {
    let graph = json!({ "nodes": { "a": { "type": "integer" }, "b": { "type": "integer" } }, "edges": [] });
    Batch::parse(json!({ "graph": graph, "runs": runs, "data": data }), &[integer()])
}

#[test]
fn lists_are_multiplied_and_runs_repeat_them() {
    let data = json!([
        [{ "node_path": "a", "field_name": "value", "items": [1, 2] }],
        [{ "node_path": "b", "field_name": "value", "items": [3, 4, 5] }],
    ]);
    let batch = batch(data, 2).unwrap();
    assert_eq!(batch.session_count(), 12);
    let values = |session: &BatchSession| {
        let nodes = &session.session["graph"]["nodes"];
        (nodes["a"]["value"].as_i64().unwrap(), nodes["b"]["value"].as_i64().unwrap())
    };
    let sessions: Vec<_> = batch.sessions(7).iter().map(values).collect();
    assert_eq!(sessions, [(1, 3), (1, 4), (1, 5), (2, 3), (2, 4), (2, 5), (1, 3)]);
}

#[test]
fn data_of_one_list_go_in_step_and_must_be_as_long() {
    let datum =
        |node: &str, items: Value| json!({ "node_path": node, "field_name": "value", "items": items });
    assert_eq!(
        batch(json!([[datum("a", json!([1, 2])), datum("b", json!([3, 4]))]]), 1).unwrap().session_count(),
        2
    );
    assert!(batch(json!([[datum("a", json!([1, 2])), datum("b", json!([3]))]]), 1).is_err());
    assert!(batch(json!([[datum("a", json!([1, "x"]))]]), 1).is_err());
    assert!(batch(json!([[datum("a", json!([1])), datum("a", json!([1]))]]), 1).is_err());
    assert!(batch(json!([[datum("zz", json!([1]))]]), 1).is_err());
}

#[test]
fn unknown_node_types_cycles_and_loose_edges_are_refused() {
    let parse = |graph: Value| Batch::parse(json!({ "graph": graph, "runs": 1 }), &[integer()]);
    assert!(parse(json!({ "nodes": { "a": { "type": "nonode" } }, "edges": [] })).is_err());
    let edge = |from: &str, to: &str| json!({ "source": { "node_id": from, "field": "value" }, "destination": { "node_id": to, "field": "value" } });
    let nodes = json!({ "a": { "type": "integer" }, "b": { "type": "integer" } });
    assert!(parse(json!({ "nodes": nodes, "edges": [edge("a", "b")] })).is_ok());
    assert!(parse(json!({ "nodes": nodes, "edges": [edge("a", "b"), edge("b", "a")] })).is_err());
    assert!(parse(json!({ "nodes": nodes, "edges": [edge("a", "zz")] })).is_err());
}
