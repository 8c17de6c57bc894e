//! What a prompt says, once its syntax is resolved.
use super::parser::{Node, Parser, Root};

/// Text with a weight; 1 is neutral.
#[derive(Debug, Clone, PartialEq)]
pub struct Fragment {
    /// The text, as the tokenizer gets it.
    pub text: String,
    /// How much it counts.
    pub weight: f32,
}

/// One part of a conjunction.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// Fragments in a row.
    Plain(Vec<Fragment>),
    /// A weighted mean of several prompts.
    Blend {
        /// The prompts.
        prompts: Vec<Vec<Fragment>>,
        /// One weight a prompt.
        weights: Vec<f32>,
        /// Whether the weights are divided by their sum.
        normalize: bool,
    },
}

/// A whole prompt: parts whose tensors are put one after another.
#[derive(Debug, Clone, PartialEq)]
pub struct Conjunction {
    /// The parts.
    pub parts: Vec<Part>,
    /// One weight a part.
    pub weights: Vec<f32>,
}

/// Why a prompt cannot be read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SyntaxError {
    /// Weights and prompts of `.blend()` or `.and()` differ in number.
    #[error("{operator} has {prompts} prompts but {weights} weights")]
    Mismatch {
        /// `.blend` or `.and`.
        operator: &'static str,
        /// Prompts.
        prompts: usize,
        /// Weights.
        weights: usize,
    },
    /// A weight that is not a number.
    #[error("{0:?} is not a weight")]
    NotAWeight(String),
    /// `.swap()` within `.blend()`.
    #[error("a .swap() cannot be part of a .blend()")]
    SwapInBlend,
    /// Text after `.blend(…)`.
    #[error("nothing may follow .blend(…), found {0:?}")]
    AfterBlend(String),
}

/// Reads a prompt.
pub fn parse(prompt: &str) -> Result<Conjunction, SyntaxError> {
    let spaced = space_after_commas(prompt);
    if spaced.trim().is_empty() {
        return Ok(Conjunction {
            parts: vec![Part::Plain(vec![Fragment { text: String::new(), weight: 1.0 }])],
            weights: vec![1.0],
        });
    }
    let root = Parser::new(&spaced).root()?;
    let (given, weights) = match root {
        Root::Prompt(nodes) => (vec![Group::Plain(nodes)], vec![1.0]),
        Root::Blend { prompts, weights, normalize } => {
            (vec![Group::Blend { prompts, weights, normalize }], vec![1.0])
        }
        Root::And { prompts, weights } => {
            let weights = filled(".and", weights, prompts.len())?;
            (prompts.into_iter().map(Group::Plain).collect(), weights)
        }
    };
    let mut conjunction = Conjunction { parts: Vec::new(), weights: Vec::new() };
    for (group, weight) in given.into_iter().zip(weights) {
        let part = match group {
            Group::Plain(nodes) => Part::Plain(flatten(&nodes)),
            Group::Blend { prompts, weights, normalize } => {
                if prompts.iter().flatten().any(|node| matches!(node, Node::Swap { .. })) {
                    return Err(SyntaxError::SwapInBlend);
                }
                let weights = filled(".blend", weights, prompts.len())?;
                Part::Blend {
                    prompts: prompts.iter().map(|nodes| flatten(nodes)).collect(),
                    weights,
                    normalize,
                }
            }
        };
        // A part that names only LoRAs says nothing.
        if !matches!(&part, Part::Plain(fragments) if fragments.is_empty()) {
            conjunction.parts.push(part);
            conjunction.weights.push(weight);
        }
    }
    Ok(conjunction)
}

enum Group {
    Plain(Vec<Node>),
    Blend { prompts: Vec<Vec<Node>>, weights: Vec<f32>, normalize: bool },
}

fn filled(operator: &'static str, weights: Vec<f32>, prompts: usize) -> Result<Vec<f32>, SyntaxError> {
    match weights.len() {
        0 => Ok(vec![1.0; prompts]),
        count if count == prompts => Ok(weights),
        count => Err(SyntaxError::Mismatch { operator, prompts, weights: count }),
    }
}

fn space_after_commas(prompt: &str) -> String {
    let mut spaced = String::with_capacity(prompt.len());
    let mut characters = prompt.chars().peekable();
    while let Some(character) = characters.next() {
        spaced.push(character);
        // As a regular expression would, a comma right after one that got its space is passed over.
        if character == ','
            && let Some(next) = characters.next_if(|next| !next.is_whitespace())
        {
            spaced.push(' ');
            spaced.push(next);
        }
    }
    spaced
}

/// Nested weights multiplied out; neighbours of one weight joined by a space.
fn flatten(nodes: &[Node]) -> Vec<Fragment> {
    let mut loose = Vec::new();
    for node in nodes {
        collect(node, 1.0, &mut loose);
    }
    let mut fused: Vec<Fragment> = Vec::new();
    let mut joinable = false;
    for piece in loose {
        match piece {
            Piece::Text(fragment) => match fused.last_mut() {
                Some(last) if joinable && last.weight == fragment.weight => {
                    last.text.push(' ');
                    last.text.push_str(&fragment.text);
                }
                _ => fused.push(fragment),
            },
            Piece::Boundary => {
                joinable = false;
                continue;
            }
        }
        joinable = true;
    }
    fused
}

/// A swap's fragments do not join with their neighbours.
enum Piece {
    Text(Fragment),
    Boundary,
}

fn collect(node: &Node, scale: f32, into: &mut Vec<Piece>) {
    match node {
        Node::Text(text) => into.push(Piece::Text(Fragment { text: text.clone(), weight: scale })),
        Node::Attention { weight, children } => {
            children.iter().for_each(|child| collect(child, (f64::from(scale) * weight) as f32, into));
        }
        // The conditioning is that of the original words: InvokeAI does not use the edited ones.
        Node::Swap { original } => {
            into.push(Piece::Boundary);
            original.iter().for_each(|child| collect(child, scale, into));
            into.push(Piece::Boundary);
        }
        Node::Lora => {}
    }
}
