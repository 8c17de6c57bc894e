//! A graph and its weights as a session of ONNX Runtime.
use std::borrow::Cow;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::available_parallelism;

use ndarray::{ArrayD, ArrayViewD, IxDyn};
use ort::environment::Environment;
use ort::session::builder::GraphOptimizationLevel;
use ort::session::{Session, SessionInputValue, SessionOutputs};
use ort::value::{DynValue, Tensor, TensorRef};

use super::bound::Bound;
use super::interrupt::interruptible;
use super::{InferenceError, borrowed, provider};
use crate::onnx::{DeclaredWeight, Model, winograd};
use crate::weights::{Weight, WeightSet};

/// A loaded session. Runs take turns.
#[derive(Debug)]
pub(crate) struct Runner {
    state: Mutex<State>,
    /// Inputs that are the same in every run.
    kernels: Vec<(String, Tensor<f32>)>,
    bytes: u64,
    /// Keeps the mapped files for as long as the session may look at them.
    _weights: WeightSet,
}

/// What is held between the steps of a loop goes before its session.
#[derive(Debug)]
struct State {
    bound: Option<Bound>,
    session: Session,
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
        for declared in &model.weights {
            let tensor = initializer(set.get(&declared.name)?, declared)?;
            builder = builder
                .with_external_initializer(&declared.name, Arc::new(tensor))
                .map_err(|error| InferenceError::Runtime(error.to_string()))?;
        }
        let session = builder.commit_from_memory(&model.bytes).map_err(runtime)?;
        let kernels = model.kernels.iter().map(|declared| {
            let values = winograd::kernels(&set.get(&declared.name)?.values()?);
            let tensor = Tensor::from_array((declared.shape.clone(), values)).map_err(runtime)?;
            Ok((declared.name.clone(), tensor))
        });
        let kernels = kernels.collect::<Result<_, InferenceError>>()?;
        let (state, bytes) = (Mutex::new(State { bound: None, session }), model.weight_bytes());
        Ok(Self { state, kernels, bytes, _weights: set.clone() })
    }

    /// The bytes of the weights.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Runs the graph once and returns the outputs that are named.
    pub(crate) fn run(
        &self,
        inputs: &[(String, Input<'_>)],
        outputs: &[String],
    ) -> Result<Vec<ArrayD<f32>>, InferenceError> {
        let mut values: HashMap<&str, SessionInputValue<'_>> = HashMap::with_capacity(inputs.len());
        for (name, input) in inputs {
            let value: SessionInputValue<'_> = match input {
                Input::Floats(view) => match floats_of(view) {
                    Cow::Borrowed(data) => {
                        TensorRef::from_array_view((view.shape(), data)).map_err(runtime)?.into()
                    }
                    Cow::Owned(data) => {
                        Tensor::from_array((view.shape().to_vec(), data)).map_err(runtime)?.into()
                    }
                },
                Input::Ids(view) => {
                    Tensor::from_array((view.shape().to_vec(), view.iter().copied().collect::<Vec<i64>>()))
                        .map_err(runtime)?
                        .into()
                }
            };
            values.insert(name, value);
        }
        values.extend(self.kernels.iter().map(|(name, kernels)| (name.as_str(), kernels.into())));
        let mut state = self.lock();
        interruptible(|options| {
            let results = state.session.run_with_options(values, options).map_err(runtime)?;
            outputs.iter().map(|name| extract(&results, name)).collect()
        })
    }

    /// Runs the graph as a step of a loop: inputs that are what they were at the step before stay where they are.
    /// The last inputs are kept until the next step.
    pub(crate) fn step(
        &self,
        inputs: &[(String, Input<'_>)],
        outputs: &[String],
    ) -> Result<Vec<ArrayD<f32>>, InferenceError> {
        let mut state = self.lock();
        let State { bound, session } = &mut *state;
        let bound = match bound {
            Some(bound) => bound,
            None => bound.insert(Bound::new(session, &self.kernels)?),
        };
        bound.put(inputs)?;
        interruptible(|options| bound.run(session, options, outputs))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A weight as the graph wants it: where it lies in its file when it is so already.
fn initializer(weight: &Weight, declared: &DeclaredWeight) -> Result<DynValue, InferenceError> {
    if weight.is_half() == declared.half
        && let Some(tensor) = borrowed::tensor(weight, &declared.shape)?
    {
        return Ok(tensor);
    }
    let (shape, values) = (declared.shape.clone(), weight.values()?);
    Ok(if declared.half {
        let values: Vec<half::f16> = values.into_iter().map(half::f16::from_f32).collect();
        Tensor::from_array((shape, values)).map_err(runtime)?.into()
    } else {
        Tensor::from_array((shape, values)).map_err(runtime)?.into()
    })
}

/// The values in row-major order, copied only where they do not lie so.
pub(super) fn floats_of<'a>(view: &'a ArrayViewD<'_, f32>) -> Cow<'a, [f32]> {
    match view.as_slice() {
        Some(data) => Cow::Borrowed(data),
        None => Cow::Owned(view.iter().copied().collect()),
    }
}

pub(super) fn extract(results: &SessionOutputs<'_>, name: &str) -> Result<ArrayD<f32>, InferenceError> {
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
