//! Collects nodes into a graph. Values are named by strings, as ONNX does.
use std::collections::HashSet;

use prost::Message;

use super::proto::{
    AttributeProto, DimensionProto, EXTERNAL, FLOAT, FLOAT16, GraphProto, INT64, ModelProto, NodeProto,
    OperatorSetIdProto, StringStringEntryProto, TensorProto, TensorShapeProto, TensorTypeProto, TypeProto,
    ValueInfoProto,
};
use crate::inference::{InferenceError, Precision, SeamlessAxes, Target};
use crate::weights::WeightSet;

/// The domain of ONNX Runtime's own operators.
pub(crate) const MICROSOFT: &str = "com.microsoft";

/// A dimension of a graph input.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Dimension {
    /// Always this size.
    Fixed(usize),
    /// Any size; the same name means the same size.
    Named(&'static str),
    /// Any size.
    Any,
}

/// A finished graph.
#[derive(Debug)]
pub struct Model {
    /// The serialised ModelProto. Weights are declared as external data.
    pub(crate) bytes: Vec<u8>,
    /// The weights that the graph wants handed over.
    pub(crate) weights: Vec<DeclaredWeight>,
    /// The convolutions' weights that it takes as inputs, as [`super::winograd::kernels`] of their numbers: ONNX Runtime
    /// would keep a second copy of initializers that it computes with as they are.
    pub(crate) kernels: Vec<DeclaredWeight>,
    /// In what it computes.
    pub(crate) precision: Precision,
}

/// A weight as a graph wants it.
#[derive(Debug)]
pub(crate) struct DeclaredWeight {
    /// Its name.
    pub(crate) name: String,
    /// The shape that the graph gives it.
    pub(crate) shape: Vec<usize>,
    /// Whether it is wanted in half precision.
    pub(crate) half: bool,
}

/// A graph in the making over the weights that it may name.
pub(crate) struct Graph<'w> {
    pub(crate) set: &'w WeightSet,
    pub(crate) seamless: SeamlessAxes,
    graph: GraphProto,
    weights: Vec<DeclaredWeight>,
    kernels: Vec<DeclaredWeight>,
    target: Target,
    declared: HashSet<String>,
    count: usize,
}

pub(crate) fn int(name: &str, value: i64) -> AttributeProto {
    AttributeProto { name: name.into(), i: Some(value), kind: 2, ..Default::default() }
}

pub(crate) fn float(name: &str, value: f32) -> AttributeProto {
    AttributeProto { name: name.into(), f: Some(value), kind: 1, ..Default::default() }
}

pub(crate) fn ints(name: &str, values: &[i64]) -> AttributeProto {
    AttributeProto { name: name.into(), ints: values.to_vec(), kind: 7, ..Default::default() }
}

pub(crate) fn text(name: &str, value: &str) -> AttributeProto {
    AttributeProto { name: name.into(), s: Some(value.as_bytes().to_vec()), kind: 3, ..Default::default() }
}

/// What a Cast casts to.
fn element(kind: i32) -> AttributeProto {
    int("to", i64::from(kind))
}

impl Model {
    /// The bytes of the weights in the precision of the graph.
    pub(crate) fn weight_bytes(&self) -> u64 {
        let size = match self.precision {
            Precision::Float32 => size_of::<f32>(),
            Precision::Float16 => size_of::<half::f16>(),
        };
        self.weights
            .iter()
            .chain(&self.kernels)
            .map(|weight| (weight.shape.iter().product::<usize>() * size) as u64)
            .sum()
    }
}

impl<'w> Graph<'w> {
    /// An empty graph in single precision.
    pub(crate) fn new(name: &str, set: &'w WeightSet, seamless: SeamlessAxes) -> Self {
        let graph = GraphProto { name: name.into(), ..Default::default() };
        Self {
            set,
            seamless,
            graph,
            weights: Vec::new(),
            kernels: Vec::new(),
            target: Target::default(),
            declared: HashSet::new(),
            count: 0,
        }
    }

    /// The same for what is to compute it. Inputs and outputs of the graph stay float32.
    pub(crate) fn for_target(self, target: Target) -> Self {
        Self { target, ..self }
    }

    /// What is to compute it.
    pub(super) fn target(&self) -> Target {
        self.target
    }

    pub(crate) fn input(&mut self, name: &str, element: i32, dimensions: &[Dimension]) -> String {
        let dim = dimensions
            .iter()
            .map(|dimension| match dimension {
                Dimension::Fixed(size) => DimensionProto { dim_value: Some(*size as i64), dim_param: None },
                Dimension::Named(symbol) => {
                    DimensionProto { dim_value: None, dim_param: Some((*symbol).into()) }
                }
                Dimension::Any => DimensionProto::default(),
            })
            .collect();
        self.graph.input.push(value_info(name, element, Some(TensorShapeProto { dim })));
        name.into()
    }

    /// An input that layers compute with.
    pub(crate) fn float_input(&mut self, name: &str, dimensions: &[Dimension]) -> String {
        let input = self.single_input(name, dimensions);
        self.narrowed(&input)
    }

    /// An input in single precision, whatever that of the graph.
    pub(crate) fn single_input(&mut self, name: &str, dimensions: &[Dimension]) -> String {
        self.input(name, FLOAT, dimensions)
    }

    /// An input that is added to scores of an attention. The smallest number of float32 stands for "not at all", and in
    /// half precision it may not become an infinity, of which a row of nothing else would make no numbers.
    pub(crate) fn score_input(&mut self, name: &str, dimensions: &[Dimension]) -> String {
        let input = self.single_input(name, dimensions);
        if self.target.precision == Precision::Float32 {
            return input;
        }
        let least = self.single_constant("least_score", &[1], &[-60_000.0]);
        let input = self.op("Max", &[&input, &least], vec![]);
        self.narrowed(&input)
    }

    /// A value in single precision as layers take it.
    pub(crate) fn narrowed(&mut self, value: &str) -> String {
        match self.target.precision {
            Precision::Float32 => value.to_owned(),
            Precision::Float16 => self.op("Cast", &[value], vec![element(FLOAT16)]),
        }
    }

    pub(crate) fn id_input(&mut self, name: &str, dimensions: &[Dimension]) -> String {
        self.input(name, INT64, dimensions)
    }

    /// Makes `value` a graph output called `name`.
    pub(crate) fn output(&mut self, name: &str, value: &str) {
        match self.target.precision {
            Precision::Float32 => self.push("", "Identity", &[value], vec![name.into()], vec![]),
            Precision::Float16 => self.push("", "Cast", &[value], vec![name.into()], vec![element(FLOAT)]),
        }
        self.graph.output.push(value_info(name, FLOAT, None));
    }

    /// Adds an operator of the standard domain with one output.
    pub(crate) fn op(&mut self, op: &str, inputs: &[&str], attributes: Vec<AttributeProto>) -> String {
        self.op_of("", op, inputs, attributes)
    }

    /// Adds an operator of `domain` with one output.
    pub(crate) fn op_of(
        &mut self,
        domain: &str,
        op: &str,
        inputs: &[&str],
        attributes: Vec<AttributeProto>,
    ) -> String {
        let output = self.fresh();
        self.push(domain, op, inputs, vec![output.clone()], attributes);
        output
    }

    /// Splits a value into two halves along its last axis.
    pub(crate) fn halves(&mut self, value: &str) -> (String, String) {
        let (first, second) = (self.fresh(), self.fresh());
        let attributes = vec![int("axis", -1), int("num_outputs", 2)];
        self.push("", "Split", &[value], vec![first.clone(), second.clone()], attributes);
        (first, second)
    }

    /// A constant vector of int64.
    pub(crate) fn int_constant(&mut self, values: &[i64]) -> String {
        let name = format!("const.i{values:?}");
        let raw = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(name, vec![values.len() as i64], INT64, raw)
    }

    /// A constant tensor in single precision, whatever that of the graph.
    pub(crate) fn single_constant(&mut self, name: &str, shape: &[usize], values: &[f32]) -> String {
        let raw = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(format!("const.{name}"), shape.iter().map(|size| *size as i64).collect(), FLOAT, raw)
    }

    /// A constant tensor that layers compute with.
    pub(crate) fn float_constant(&mut self, name: &str, shape: &[usize], values: &[f32]) -> String {
        if self.target.precision == Precision::Float32 {
            return self.single_constant(name, shape, values);
        }
        let raw = values.iter().flat_map(|value| half::f16::from_f32(*value).to_le_bytes()).collect();
        let shape = shape.iter().map(|size| *size as i64).collect();
        self.constant(format!("const.{name}.half"), shape, FLOAT16, raw)
    }

    fn constant(&mut self, name: String, dims: Vec<i64>, data_type: i32, raw: Vec<u8>) -> String {
        if self.declared.insert(name.clone()) {
            let tensor = TensorProto {
                dims,
                data_type,
                name: name.clone(),
                raw_data: Some(raw),
                ..Default::default()
            };
            self.graph.initializer.push(tensor);
        }
        name
    }

    /// Declares the weight `name` with its own shape.
    pub(crate) fn weight(&mut self, name: &str) -> Result<String, InferenceError> {
        let shape = self.set.shape(name)?.to_vec();
        self.weight_as(name, &shape)
    }

    /// Declares the weight `name` with another shape of as many elements.
    pub(crate) fn weight_as(&mut self, name: &str, shape: &[usize]) -> Result<String, InferenceError> {
        let own = self.set.shape(name)?;
        if own.iter().product::<usize>() != shape.iter().product::<usize>() {
            return Err(InferenceError::BadModel(format!(
                "{name} has the shape {own:?} where {shape:?} is expected"
            )));
        }
        // Half precision goes to the session as it is, also where the graph is in single precision: then the session
        // widens it once, when it is built.
        let half = self.target.precision == Precision::Float16 || self.set.get(name)?.is_half();
        let widened = half && self.target.precision == Precision::Float32;
        let used = if widened { format!("{name}.widened") } else { name.to_owned() };
        if self.declared.insert(name.into()) {
            let length = shape.iter().product::<usize>() * if half { 2 } else { 4 };
            let entry = |key: &str, value: String| StringStringEntryProto { key: key.into(), value };
            self.graph.initializer.push(TensorProto {
                dims: shape.iter().map(|size| *size as i64).collect(),
                data_type: if half { FLOAT16 } else { FLOAT },
                name: name.into(),
                external_data: vec![
                    entry("location", "weights".into()),
                    entry("offset", "0".into()),
                    entry("length", length.to_string()),
                ],
                data_location: Some(EXTERNAL),
                ..Default::default()
            });
            self.weights.push(DeclaredWeight { name: name.into(), shape: shape.to_vec(), half });
            if widened {
                self.push("", "Cast", &[name], vec![used.clone()], vec![element(FLOAT)]);
            }
        }
        Ok(used)
    }

    /// Declares the weight `name [outputs, inputs, 3, 3]` as kernels for Winograd's products, `[16, outputs, inputs]`.
    pub(super) fn kernels(&mut self, name: &str, [outputs, inputs]: [usize; 2]) -> String {
        let shape = vec![16, outputs, inputs];
        if self.declared.insert(name.into()) {
            let dimensions: Vec<_> = shape.iter().map(|size| Dimension::Fixed(*size)).collect();
            self.input(name, FLOAT, &dimensions);
            self.kernels.push(DeclaredWeight { name: name.into(), shape, half: false });
        }
        name.to_owned()
    }

    /// Serialises the graph.
    pub(crate) fn finish(self) -> Model {
        let opset = |domain: &str, version| OperatorSetIdProto { domain: domain.into(), version };
        let model = ModelProto {
            ir_version: 10,
            producer_name: "invoke".into(),
            graph: Some(self.graph),
            opset_import: vec![opset("", 21), opset(MICROSOFT, 1)],
        };
        Model {
            bytes: model.encode_to_vec(),
            weights: self.weights,
            kernels: self.kernels,
            precision: self.target.precision,
        }
    }

    fn fresh(&mut self) -> String {
        self.count += 1;
        format!("v{}", self.count)
    }

    fn push(
        &mut self,
        domain: &str,
        op: &str,
        inputs: &[&str],
        output: Vec<String>,
        attribute: Vec<AttributeProto>,
    ) {
        self.graph.node.push(NodeProto {
            input: inputs.iter().map(|input| (*input).into()).collect(),
            name: format!("{op}.{}", self.graph.node.len()),
            output,
            op_type: op.into(),
            attribute,
            domain: domain.into(),
        });
    }
}

fn value_info(name: &str, elem_type: i32, shape: Option<TensorShapeProto>) -> ValueInfoProto {
    let tensor_type = Some(TensorTypeProto { elem_type, shape });
    ValueInfoProto { name: name.into(), r#type: Some(TypeProto { tensor_type }) }
}
