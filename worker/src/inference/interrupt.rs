//! Breaks off a running computation from another thread, so that a cancel need not wait for a slow step.
use std::cell::RefCell;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ort::session::RunOptions;

use super::InferenceError;

thread_local! {
    static CURRENT: RefCell<Option<Interrupt>> = const { RefCell::new(None) };
}

/// A handle on the computations of one thread.
#[derive(Clone, Default)]
pub(crate) struct Interrupt {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    triggered: bool,
    running: Option<Arc<RunOptions>>,
}

impl Interrupt {
    /// Does `work` on this thread; its runs of ONNX Runtime end when the handle is triggered.
    pub(crate) fn covering<T>(&self, work: impl FnOnce() -> T) -> T {
        let before = CURRENT.with_borrow_mut(|current| current.replace(self.clone()));
        let result = work();
        CURRENT.with_borrow_mut(|current| *current = before);
        result
    }

    /// Ends what runs now, and whatever would start later.
    pub(crate) fn trigger(&self) {
        let mut state = self.lock();
        state.triggered = true;
        if let Some(Err(error)) = state.running.take().map(|options| options.terminate()) {
            tracing::warn!(%error, "a computation cannot be broken off");
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs `run` with options through which it can be broken off.
pub(super) fn interruptible<T>(
    run: impl FnOnce(&RunOptions) -> Result<T, InferenceError>,
) -> Result<T, InferenceError> {
    let options = Arc::new(RunOptions::new().map_err(|error| InferenceError::Runtime(error.to_string()))?);
    let interrupt = CURRENT.with_borrow(Clone::clone);
    let Some(interrupt) = interrupt else { return run(&options) };
    {
        let mut state = interrupt.lock();
        if state.triggered {
            return Err(InferenceError::Interrupted);
        }
        state.running = Some(options.clone());
    }
    let result = run(&options);
    let mut state = interrupt.lock();
    state.running = None;
    if state.triggered { Err(InferenceError::Interrupted) } else { result }
}
