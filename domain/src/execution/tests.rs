use super::*;
use crate::batch::new_session;
use proptest::prelude::*;
use serde_json::json;

/// `edges` as `node.field>node.field`.
fn start(nodes: Value, edges: &[&str]) -> Execution {
    let port = |text: &str| {
        let (node_id, field) = text.split_once('.').unwrap();
        json!({ "node_id": node_id, "field": field })
    };
    let edges: Vec<Value> = edges
        .iter()
        .map(|edge| edge.split_once('>').unwrap())
        .map(|(source, destination)| json!({ "source": port(source), "destination": port(destination) }))
        .collect();
    Execution::from_session(new_session("session", json!({ "id": "g", "nodes": nodes, "edges": edges })))
        .unwrap()
}

/// What the few node types of these tests give.
fn run(node: &Map<String, Value>) -> Value {
    let number = |name: &str| node.get(name).and_then(Value::as_i64).unwrap_or_default();
    match node["type"].as_str().unwrap() {
        "add" => json!({ "value": number("a") + number("b") }),
        "integer" | "boolean" => json!({ "value": node["value"] }),
        "range_of_size" => {
            json!({ "collection": (0..number("size")).map(|i| number("start") + i).collect::<Vec<_>>() })
        }
        "iterate" => {
            let index = node["index"].as_u64().unwrap() as usize;
            let list = node["collection"].as_array().unwrap();
            json!({ "item": list[index], "index": index, "total": list.len() })
        }
        "collect" => json!({ "collection": node["collection"] }),
        "if" => {
            let branch = if node["condition"] == true { "true_input" } else { "false_input" };
            json!({ "value": node.get(branch) })
        }
        other => panic!("no such node: {other}"),
    }
}

/// The nodes in the order in which they ran.
fn finish(execution: &mut Execution) -> Vec<String> {
    let mut ran = Vec::new();
    while let Some(prepared) = execution.next_node().unwrap() {
        assert!(ran.len() < 10_000, "the execution does not end");
        execution.complete(&prepared.id, run(&prepared.node));
        ran.push(prepared.source_id);
    }
    assert!(execution.is_complete(), "stopped after {ran:?}");
    ran
}

fn outputs(execution: &Execution, source_id: &str, field: &str) -> Vec<Value> {
    execution.prepared_ids(source_id).iter().map(|id| execution.results()[id][field].clone()).collect()
}

#[test]
fn classes_of_nodes_run_together_in_the_order_of_their_names() {
    let nodes = json!({
        "z": { "type": "integer", "value": 5 }, "d": { "type": "add", "a": 1 }, "b": { "type": "add" },
        "y": { "type": "boolean", "value": true },
    });
    assert_eq!(finish(&mut start(nodes.clone(), &["z.value>d.a"])), ["b", "y", "z", "d"]);
    let names = HashMap::from([("add", "ZAddInvocation")]);
    assert_eq!(finish(&mut start(nodes, &["z.value>d.a"]).with_class_names(&names)), ["z", "y", "b", "d"]);
}

#[test]
fn independent_iterators_are_multiplied_and_a_collector_closes_the_inner_one() {
    let nodes = json!({
        "r1": { "type": "range_of_size", "start": 1, "size": 3 }, "r2": { "type": "range_of_size", "start": 50, "size": 2 },
        "i1": { "type": "iterate" }, "i2": { "type": "iterate" }, "m": { "type": "add" }, "c": { "type": "collect" },
    });
    let edges = [
        "r1.collection>i1.collection",
        "r2.collection>i2.collection",
        "i1.item>m.a",
        "i2.item>m.b",
        "m.value>c.item",
    ];
    let mut execution = start(nodes, &edges);
    assert_eq!(finish(&mut execution).len(), 2 + 3 + 2 + 6 + 3);
    assert_eq!(outputs(&execution, "c", "collection"), [json!([51, 52]), json!([52, 53]), json!([53, 54])]);
}

#[test]
fn inner_iterators_of_different_length_stay_within_their_outer_item() {
    let nodes = json!({
        "r": { "type": "range_of_size", "start": 0, "size": 3 }, "i": { "type": "iterate" },
        "s": { "type": "range_of_size", "start": 10 }, "j": { "type": "iterate" },
        "x": { "type": "add" }, "c": { "type": "collect" }, "d": { "type": "collect" },
    });
    let edges = [
        "r.collection>i.collection",
        "i.item>s.size",
        "s.collection>j.collection",
        "j.item>x.a",
        "i.item>x.b",
        "x.value>c.item",
        "c.collection>d.item",
    ];
    let mut execution = start(nodes, &edges);
    finish(&mut execution);
    assert_eq!(outputs(&execution, "c", "collection"), [json!([]), json!([11]), json!([12, 13])]);
    assert_eq!(outputs(&execution, "d", "collection"), [json!([[], [11], [12, 13]])]);
}

#[test]
fn a_collector_takes_whole_lists_then_plain_items_then_iterated_ones() {
    let nodes = json!({
        "r": { "type": "range_of_size", "start": 0, "size": 3 }, "i": { "type": "iterate" }, "x": { "type": "add", "b": 10 },
        "y": { "type": "integer", "value": 99 }, "l": { "type": "range_of_size", "start": 50, "size": 2 },
        "c": { "type": "collect" },
    });
    let edges = [
        "r.collection>i.collection",
        "i.item>x.a",
        "y.value>c.item",
        "x.value>c.item",
        "l.collection>c.collection",
        "i.item>c.item",
    ];
    let mut execution = start(nodes, &edges);
    finish(&mut execution);
    assert_eq!(outputs(&execution, "c", "collection"), [json!([50, 51, 99, 10, 0, 11, 1, 12, 2])]);
}

#[test]
fn nothing_runs_behind_an_iterator_over_nothing_and_its_collector_gives_an_empty_list() {
    let nodes = json!({
        "r": { "type": "range_of_size", "size": 0 }, "i": { "type": "iterate" }, "x": { "type": "add" },
        "c": { "type": "collect" }, "i2": { "type": "iterate" }, "z": { "type": "add" },
    });
    let edges = [
        "r.collection>i.collection",
        "i.item>x.a",
        "x.value>c.item",
        "c.collection>i2.collection",
        "i2.item>z.a",
    ];
    let mut execution = start(nodes, &edges);
    assert_eq!(finish(&mut execution), ["r", "c"]);
    assert_eq!(outputs(&execution, "c", "collection"), [json!([])]);
    assert_eq!(execution.to_session()["executed_history"], json!(["r", "i", "x", "c", "i2", "z"]));
}

#[test]
fn the_branch_that_is_not_taken_does_not_run() {
    let nodes = json!({
        "x": { "type": "add" }, "y": { "type": "add" }, "before_y": { "type": "integer", "value": 4 },
        "shared": { "type": "integer", "value": 7 }, "k": { "type": "boolean", "value": false },
        "n": { "type": "if" }, "after": { "type": "add" },
    });
    let edges = [
        "x.value>n.true_input",
        "y.value>n.false_input",
        "before_y.value>y.a",
        "shared.value>x.a",
        "shared.value>after.a",
        "k.value>n.condition",
        "n.value>after.b",
    ];
    let mut execution = start(nodes, &edges);
    let ran = finish(&mut execution);
    assert!(!ran.contains(&"x".to_owned()), "{ran:?}");
    assert_eq!(outputs(&execution, "after", "value"), [json!(11)]);
}

#[test]
fn an_if_inside_of_a_loop_takes_a_branch_for_each_item() {
    let nodes = json!({
        "k": { "type": "integer", "value": [true, false] }, "ki": { "type": "iterate" },
        "r": { "type": "range_of_size", "size": 2 }, "i": { "type": "iterate" },
        "outside": { "type": "add", "a": 100 }, "x": { "type": "add", "a": 10 }, "n": { "type": "if" }, "c": { "type": "collect" },
    });
    let edges = [
        "k.value>ki.collection",
        "r.collection>i.collection",
        "i.item>x.b",
        "x.value>n.true_input",
        "outside.value>n.false_input",
        "ki.item>n.condition",
        "n.value>c.item",
    ];
    let mut execution = start(nodes, &edges);
    let ran = finish(&mut execution);
    assert_eq!(ran.iter().filter(|id| *id == "outside").count(), 1);
    assert_eq!(outputs(&execution, "c", "collection"), [json!([10, 11]), json!([100, 100])]);
}

#[test]
fn a_loop_in_a_branch_does_not_stop_the_execution() {
    let nodes = json!({
        "r": { "type": "range_of_size", "size": 2 }, "i": { "type": "iterate" }, "x": { "type": "add", "a": 1 },
        "c": { "type": "collect" }, "y": { "type": "range_of_size", "start": 3, "size": 1 },
        "n": { "type": "if", "condition": false },
    });
    let edges = [
        "r.collection>i.collection",
        "i.item>x.b",
        "x.value>c.item",
        "c.collection>n.true_input",
        "y.collection>n.false_input",
    ];
    let mut execution = start(nodes, &edges);
    let ran = finish(&mut execution);
    assert!(!ran.contains(&"x".to_owned()) && !ran.contains(&"c".to_owned()), "{ran:?}");
    assert_eq!(outputs(&execution, "n", "value"), [json!([3])]);
}

#[test]
fn nested_ifs_pass_over_everything_below_the_branch_that_is_not_taken() {
    let nodes = json!({
        "a": { "type": "add" }, "b": { "type": "add" }, "k": { "type": "boolean", "value": false },
        "n": { "type": "if", "condition": true }, "o": { "type": "if", "condition": false }, "z": { "type": "add", "a": 3 },
    });
    let edges = [
        "a.value>n.true_input",
        "b.value>n.false_input",
        "n.value>o.true_input",
        "z.value>o.false_input",
        "k.value>n.condition",
    ];
    assert_eq!(finish(&mut start(nodes, &edges)), ["z", "o"]);
}

#[test]
fn an_error_ends_the_execution() {
    let mut execution = start(json!({ "a": { "type": "add" }, "b": { "type": "add" } }), &[]);
    let prepared = execution.next_node().unwrap().unwrap();
    execution.record_error(&prepared.id, "broken".into());
    assert_eq!(execution.next_node().unwrap(), None);
    assert!(execution.is_complete() && execution.has_error());
    assert_eq!(execution.to_session()["errors"], json!({ prepared.id: "broken" }));
}

#[test]
fn a_cycle_is_refused() {
    let nodes = json!({ "a": { "type": "add" }, "b": { "type": "add" } });
    let edge = |from: &str, to: &str| json!({ "source": { "node_id": from, "field": "value" }, "destination": { "node_id": to, "field": "a" } });
    let graph = json!({ "id": "g", "nodes": nodes, "edges": [edge("a", "b"), edge("b", "a")] });
    assert!(matches!(Execution::from_session(new_session("s", graph)), Err(ExecutionError::Cycle)));
}

#[test]
fn a_value_that_is_no_list_cannot_be_iterated() {
    let nodes = json!({ "a": { "type": "integer", "value": 1 }, "i": { "type": "iterate" } });
    let mut execution = start(nodes, &["a.value>i.collection"]);
    let first = execution.next_node().unwrap().unwrap();
    execution.complete(&first.id, json!({ "value": 1 }));
    assert!(matches!(execution.next_node(), Err(ExecutionError::NotACollection { .. })));
}

#[derive(Debug, Clone)]
struct RandomGraph {
    nodes: Value,
    edges: Vec<String>,
}

/// Each node takes its inputs from nodes before it: numbers from numbers, lists from lists.
fn random_graph() -> impl Strategy<Value = RandomGraph> {
    let node = (0..6_u8, any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<bool>());
    prop::collection::vec(node, 1..12).prop_map(|choices| {
        let (mut nodes, mut edges) = (Map::new(), Vec::new());
        let (mut numbers, mut lists) = (vec!["n0.value".to_owned()], vec!["l0.collection".to_owned()]);
        nodes.insert("n0".into(), json!({ "type": "integer", "value": 2 }));
        nodes.insert("l0".into(), json!({ "type": "range_of_size", "start": 1, "size": 2 }));
        let mut iterators = 0;
        for (place, (kind, first, second, flag)) in choices.into_iter().enumerate() {
            let id = format!("x{place}");
            let mut from = |edge: &String, field: &str| edges.push(format!("{edge}>{id}.{field}"));
            let kind = if kind == 2 && iterators >= 4 { 0 } else { kind };
            match kind {
                0 | 1 => {
                    from(first.get(&numbers), "a");
                    from(second.get(&numbers), "b");
                    nodes.insert(id.clone(), json!({ "type": "add" }));
                    numbers.push(format!("{id}.value"));
                }
                2 => {
                    iterators += 1;
                    from(first.get(&lists), "collection");
                    nodes.insert(id.clone(), json!({ "type": "iterate" }));
                    numbers.push(format!("{id}.item"));
                }
                3 | 4 => {
                    from(first.get(&numbers), "item");
                    let edge = second.get(&numbers);
                    if first.get(&numbers) != edge {
                        from(edge, "item");
                    }
                    if flag {
                        from(second.get(&lists), "collection");
                    }
                    nodes.insert(id.clone(), json!({ "type": "collect" }));
                    lists.push(format!("{id}.collection"));
                }
                _ => {
                    from(first.get(&numbers), "true_input");
                    from(second.get(&numbers), "false_input");
                    nodes.insert(id.clone(), json!({ "type": "if", "condition": flag }));
                    numbers.push(format!("{id}.value"));
                }
            }
        }
        RandomGraph { nodes: Value::Object(nodes), edges }
    })
}

impl RandomGraph {
    fn start(&self) -> Execution {
        start(self.nodes.clone(), &self.edges.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

proptest! {
    #[test]
    fn every_node_runs_once_an_iteration_and_after_its_inputs(graph in random_graph()) {
        let mut execution = graph.start();
        let mut ran = IndexSet::new();
        while let Some(prepared) = execution.next_node().unwrap() {
            prop_assert!(ran.len() < 5_000);
            let instance = &execution.instances[&prepared.id];
            for edge in &instance.inputs {
                prop_assert!(ran.contains(&edge.source.node_id) || instance.node_type() == crate::graph::IF);
            }
            prop_assert!(ran.insert(prepared.id.clone()));
            execution.complete(&prepared.id, run(&prepared.node));
        }
        prop_assert!(execution.is_complete());
        for (source_id, ids) in &execution.prepared {
            let instances = execution.instances.values().filter(|instance| instance.source_id == *source_id);
            prop_assert_eq!(instances.count(), ids.len(), "an iteration runs twice");
            let iterators = execution.topology.iterators(source_id);
            let counts = |(iterator, index): (&String, &usize)| {
                let mut items = execution.prepared[iterator].keys().map(|path| path.last().unwrap());
                items.any(|item| item == index)
            };
            prop_assert!(ids.keys().all(|path| path.len() == iterators.len() && iterators.iter().zip(path).all(counts)));
        }
        prop_assert_eq!(execution.history.len(), execution.graph.nodes.len());
    }

    #[test]
    fn a_session_that_is_written_and_read_again_gives_the_same(graph in random_graph(), stop in 0..40_usize) {
        let mut whole = graph.start();
        finish(&mut whole);
        let mut first = graph.start();
        for _ in 0..stop {
            let Some(prepared) = first.next_node().unwrap() else { break };
            first.complete(&prepared.id, run(&prepared.node));
        }
        first.next_node().unwrap();
        let mut second = Execution::from_session(first.to_session()).unwrap();
        finish(&mut second);
        for node_id in whole.graph.nodes.keys() {
            let results = |execution: &Execution| -> Vec<Option<Value>> {
                execution.prepared_ids(node_id).iter().map(|id| execution.results.get(id).cloned()).collect()
            };
            prop_assert_eq!(results(&whole), results(&second), "node {}", node_id);
        }
    }
}
