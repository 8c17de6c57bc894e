//! What computes: chosen once for the whole process, never fallen back from.
use std::fmt;
use std::sync::OnceLock;

use ort::ep::{CUDA, ExecutionProvider, ExecutionProviderDispatch};
use ort::session::Session;

use super::InferenceError;
use super::session::{environment, runtime};
use crate::onnx;

/// What computes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Provider {
    /// The processor.
    #[default]
    Cpu,
    /// NVIDIA's GPUs, by ONNX Runtime's CUDA provider.
    Cuda,
}

impl Provider {
    /// The name as settings and the queue's load write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

static CHOSEN: OnceLock<Provider> = OnceLock::new();

/// Chooses what all sessions of this process are computed by, after a trial of it.
///
/// # Errors
/// When the library of ONNX Runtime has no such provider, when the provider does not work on this machine, or when
/// another one was chosen before.
pub fn choose_provider(provider: Provider) -> Result<(), InferenceError> {
    if provider == Provider::Cuda {
        try_cuda()?;
    }
    match *CHOSEN.get_or_init(|| provider) {
        chosen if chosen == provider => Ok(()),
        chosen => Err(InferenceError::Runtime(format!("this process computes by {chosen} already"))),
    }
}

/// What sessions of this process are computed by.
pub(super) fn chosen() -> Provider {
    CHOSEN.get().copied().unwrap_or_default()
}

/// What sessions are to be registered with, in order. Registration that fails is an error.
pub(super) fn dispatches() -> Vec<ExecutionProviderDispatch> {
    match chosen() {
        Provider::Cuda => vec![cuda()],
        Provider::Cpu => Vec::new(),
    }
}

fn cuda() -> ExecutionProviderDispatch {
    CUDA::default().build().error_on_failure()
}

/// A session of one node: libraries and driver are loaded only for a session.
fn try_cuda() -> Result<(), InferenceError> {
    let environment = environment()?;
    if !CUDA::is_available().map_err(runtime)? {
        return Err(InferenceError::Runtime(
            "this library has no CUDA provider; ORT_DYLIB_PATH must name the one of onnxruntime-gpu, as the images \
             with -cuda in their tag do"
                .into(),
        ));
    }
    let model = onnx::identity();
    Session::builder(environment)
        .and_then(|builder| Ok(builder.with_execution_providers([cuda()])?))
        .and_then(|mut builder| builder.commit_from_memory(&model.bytes))
        .map(drop)
        .map_err(runtime)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuda_that_cannot_be_had_is_an_error_that_says_why() {
        let refusal = choose_provider(Provider::Cuda).unwrap_err().to_string();
        assert!(refusal.contains("onnxruntime-gpu") || refusal.contains("CUDA"), "{refusal}");
        assert!(dispatches().is_empty(), "nothing was chosen");
    }

    #[test]
    fn a_graph_of_one_node_is_a_session_on_the_processor() {
        let session = Session::builder(environment().unwrap())
            .and_then(|mut builder| builder.commit_from_memory(&onnx::identity().bytes));
        assert!(session.is_ok(), "{:?}", session.err());
    }
}
