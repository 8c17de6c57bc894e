//! Against values recorded from transformers 5.5 (tokenizer), and compel 2.5.1 (syntax, arithmetic over a stand-in
//! for the text encoder whose output tells positions, ids and masks apart).
use std::convert::Infallible;
use std::path::Path;

use ndarray::Array2;
use serde_json::Value;

use super::conditioning::{ChunkEncoder, Conditioner};
use super::syntax::{Fragment, Part, parse};
use super::tokenizer::Tokenizer;
use super::trigger::trigger_names;

fn reference() -> Value {
    serde_json::from_str(include_str!("testdata/reference.json")).unwrap()
}

fn tokenizer() -> Tokenizer {
    Tokenizer::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/prompt/testdata")).unwrap()
}

fn ids(value: &Value) -> Vec<i64> {
    value.as_array().unwrap().iter().map(|id| id.as_i64().unwrap()).collect()
}

#[test]
fn tokens_agree_with_transformers() {
    let tokenizer = tokenizer();
    for case in reference()["tokens"].as_array().unwrap() {
        let text = case[0].as_str().unwrap();
        assert_eq!(tokenizer.encode(text, 75), ids(&case[1]), "{text:?}");
    }
}

fn fragments(value: &Value) -> Vec<Fragment> {
    let read = |pair: &Value| Fragment {
        text: pair[0].as_str().unwrap().to_owned(),
        weight: pair[1].as_f64().unwrap() as f32,
    };
    value.as_array().unwrap().iter().map(read).collect()
}

fn numbers(value: &Value) -> Vec<f32> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap() as f32).collect()
}

fn close(left: &[Fragment], right: &[Fragment]) -> bool {
    left.len() == right.len()
        && left.iter().zip(right).all(|(a, b)| a.text == b.text && (a.weight - b.weight).abs() < 1e-5)
}

#[test]
fn syntax_agrees_with_compel() {
    let mut failures = Vec::new();
    for case in reference()["syntax"].as_array().unwrap() {
        let prompt = case[0].as_str().unwrap();
        let parsed = parse(prompt);
        if case[1].is_null() {
            if parsed.is_ok() {
                failures.push(format!("{prompt:?} should fail: {parsed:?}"));
            }
            continue;
        }
        let expected: Vec<Part> = case[1]["parts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|part| match part.get("plain") {
                Some(plain) => Part::Plain(fragments(plain)),
                None => Part::Blend {
                    prompts: part["blend"].as_array().unwrap().iter().map(fragments).collect(),
                    weights: numbers(&part["weights"]),
                    normalize: part["normalize"].as_bool().unwrap(),
                },
            })
            .collect();
        let same = parsed.as_ref().is_ok_and(|parsed| {
            parsed.weights == numbers(&case[1]["weights"])
                && parsed.parts.len() == expected.len()
                && parsed.parts.iter().zip(&expected).all(|(left, right)| match (left, right) {
                    (Part::Plain(left), Part::Plain(right)) => close(left, right),
                    (
                        Part::Blend { prompts, weights, normalize },
                        Part::Blend { prompts: other, weights: other_weights, normalize: other_normalize },
                    ) => {
                        weights == other_weights
                            && normalize == other_normalize
                            && prompts.len() == other.len()
                            && prompts.iter().zip(other).all(|(left, right)| close(left, right))
                    }
                    _ => false,
                })
        });
        if !same {
            failures.push(format!("{prompt:?}: {parsed:?}\n  is not {expected:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn deep_nesting_is_read_in_time() {
    let prompt = format!("{}x{}", "(".repeat(3000), ")1.1".repeat(3000));
    assert!(parse(&prompt).is_ok());
}

struct StandIn;

impl ChunkEncoder for StandIn {
    type Error = Infallible;

    fn encode(&self, ids: &[i64], visible: Option<&[bool]>) -> Result<Array2<f32>, Infallible> {
        let mut output = Array2::zeros((ids.len(), 3));
        let mut sum = 0.0_f32;
        for (at, id) in ids.iter().enumerate() {
            if visible.is_none_or(|visible| visible[at]) {
                sum += *id as f32;
            }
            let position = at as f32;
            output[[at, 0]] = *id as f32 / 100.0 + 0.01 * position;
            output[[at, 1]] = sum / 1000.0 + 0.1 * position;
            output[[at, 2]] = (*id as f32).sin() + sum / 1000.0;
        }
        Ok(output)
    }
}

#[test]
fn conditioning_agrees_with_compel() {
    let reference = reference();
    let mut failures = Vec::new();
    for case in reference["conditioning"].as_array().unwrap() {
        let prompt = case["prompt"].as_str().unwrap();
        let mut tokenizer = tokenizer();
        if !trigger_names(prompt).is_empty() {
            tokenizer.add_trigger(reference["trigger"][0].as_str().unwrap(), ids(&reference["trigger"][1]));
        }
        let Ok(tensor) = Conditioner::new(&tokenizer, &StandIn).build(&parse(prompt).unwrap());
        assert_eq!(tensor.nrows() as u64, case["rows"].as_u64().unwrap(), "{prompt:?}");
        for (row, expected) in case["at"].as_array().unwrap().iter().zip(case["values"].as_array().unwrap()) {
            let row = row.as_u64().unwrap() as usize;
            let values = tensor.row(row).to_vec();
            let expected = numbers(expected);
            if values
                .iter()
                .zip(&expected)
                .any(|(value, expected)| (value - expected).abs() > 2e-3 * expected.abs().max(1.0))
            {
                failures.push(format!("{prompt:?} row {row}: {values:?} is not {expected:?}"));
                break;
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn triggers_are_found_once_each() {
    assert_eq!(
        trigger_names("a <tinyti> and <my ti, v1.0> <tinyti> <> <no\nne> <<in>"),
        ["tinyti", "my ti, v1.0", "in"]
    );
}
