//! A graph and its weights as a session of ONNX Runtime.
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::available_parallelism;

use ndarray::{ArrayD, ArrayViewD, IxDyn};
use ort::environment::Environment;
use ort::session::builder::GraphOptimizationLevel;
use ort::session::{Session, SessionInputValue, SessionOutputs};
use ort::value::{DynValue, Tensor, TensorRef};

use super::interrupt::interruptible;
use super::{InferenceError, borrowed, provider};
use crate::onnx::Model;
use crate::weights::WeightSet;

/// A loaded session. Runs take turns.
#[derive(Debug)]
pub(crate) struct Runner {
    session: Mutex<Session>,
    bytes: u64,
    /// Keeps the mapped files for as long as the session may look at them.
    _weights: WeightSet,
}

/// An input of a run.
pub(crate) enum Input<'a> {
    /// A float32 tensor.
    Floats(ArrayViewD<'a, f32>),
    /// Token ids.
    Ids(ArrayViewD<'a, i64>),
}

impl Runner {
    /// Hands the graph and the weights that it names to ONNX Runtime.
    pub(crate) fn new(model: &Model, set: &WeightSet) -> Result<Self, InferenceError> {
        let mut builder = Session::builder(environment()?)
            .and_then(|builder| Ok(builder.with_optimization_level(GraphOptimizationLevel::All)?))
            .and_then(|builder| {
                Ok(builder.with_intra_threads(available_parallelism().map_or(1, usize::from))?)
            })
            .and_then(|builder| Ok(builder.with_execution_providers(provider::dispatches())?))
            .map_err(runtime)?;
        let mut bytes = 0;
        for (name, shape) in &model.weights {
            let weight = set.get(name)?;
            bytes += (shape.iter().product::<usize>() * size_of::<f32>()) as u64;
            let tensor: DynValue = match borrowed::tensor(weight, shape)? {
                Some(tensor) => tensor,
                None => Tensor::from_array((shape.clone(), weight.values()?)).map_err(runtime)?.into(),
            };
            builder = builder
                .with_external_initializer(name, Arc::new(tensor))
                .map_err(|error| InferenceError::Runtime(error.to_string()))?;
        }
        let session = builder.commit_from_memory(&model.bytes).map_err(runtime)?;
        Ok(Self { session: Mutex::new(session), bytes, _weights: set.clone() })
    }

    /// The bytes of the weights.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Runs the graph and returns the outputs that are named.
    pub(crate) fn run(
        &self,
        inputs: &[(String, Input<'_>)],
        outputs: &[String],
    ) -> Result<Vec<ArrayD<f32>>, InferenceError> {
        let mut values: HashMap<&str, SessionInputValue<'_>> = HashMap::with_capacity(inputs.len());
        for (name, input) in inputs {
            let value: SessionInputValue<'_> = match input {
                Input::Floats(view) => match view.as_slice() {
                    Some(data) => TensorRef::from_array_view((view.shape(), data)).map_err(runtime)?.into(),
                    None => Tensor::from_array((
                        view.shape().to_vec(),
                        view.iter().copied().collect::<Vec<f32>>(),
                    ))
                    .map_err(runtime)?
                    .into(),
                },
                Input::Ids(view) => {
                    Tensor::from_array((view.shape().to_vec(), view.iter().copied().collect::<Vec<i64>>()))
                        .map_err(runtime)?
                        .into()
                }
            };
            values.insert(name, value);
        }
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        interruptible(|options| {
            let results = session.run_with_options(values, options).map_err(runtime)?;
            outputs.iter().map(|name| extract(&results, name)).collect()
        })
    }
}

fn extract(results: &SessionOutputs<'_>, name: &str) -> Result<ArrayD<f32>, InferenceError> {
    let value = results.get(name).ok_or_else(|| InferenceError::Runtime(format!("no output {name}")))?;
    let (shape, data) = value.try_extract_tensor::<f32>().map_err(runtime)?;
    let shape: Vec<usize> = shape.iter().map(|size| *size as usize).collect();
    ArrayD::from_shape_vec(IxDyn(&shape), data.to_vec())
        .map_err(|error| InferenceError::Runtime(error.to_string()))
}

/// ONNX Runtime allows one environment a process. Its library is the one that `ORT_DYLIB_PATH` names.
pub(super) fn environment() -> Result<&'static Environment, InferenceError> {
    static ENVIRONMENT: OnceLock<Result<Environment, String>> = OnceLock::new();
    ENVIRONMENT
        .get_or_init(|| {
            let path = std::env::var_os("ORT_DYLIB_PATH").map(PathBuf::from);
            let path = path.ok_or("ORT_DYLIB_PATH does not name the library of ONNX Runtime")?;
            let builder = ort::init_from(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            let environment = builder.with_name("invoke").build().map_err(|error| error.to_string())?;
            environment.set_log_level(ort::logging::LogLevel::Error);
            Ok(environment)
        })
        .as_ref()
        .map_err(|reason| InferenceError::Runtime(reason.clone()))
}

pub(super) fn runtime(error: ort::Error) -> InferenceError {
    InferenceError::Runtime(error.to_string())
}
