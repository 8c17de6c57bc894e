//! Inputs that stay where a session computes from one step of a loop to the next.
use std::collections::HashMap;

use ndarray::ArrayD;
use ort::memory::MemoryInfo;
use ort::session::{IoBinding, RunOptions, Session};
use ort::value::Tensor;

use super::InferenceError;
use super::session::{Input, extract, floats_of, runtime};

/// What a session has been given for its steps. A GPU's session copies an input when it is bound, so what a step has
/// in common with the one before it (the encoded prompt, a control image, all that is not used) crosses once a loop;
/// latents, timestep and the predicted noise cross at every step, since schedulers compute on the host.
#[derive(Debug)]
pub(super) struct Bound {
    binding: IoBinding,
    held: HashMap<String, Tensor<f32>>,
}

impl Bound {
    /// What is the same in every step, `always`, is handed over now.
    pub(super) fn new(session: &Session, always: &[(String, Tensor<f32>)]) -> Result<Self, InferenceError> {
        let mut binding = session.create_binding().map_err(runtime)?;
        for (name, tensor) in always {
            binding.bind_input(name.as_str(), tensor).map_err(runtime)?;
        }
        Ok(Self { binding, held: HashMap::new() })
    }

    /// Hands over the inputs that differ from what is held, bit for bit. Returns how many did.
    ///
    /// # Errors
    /// When ONNX Runtime refuses a tensor, or an input is not of float32.
    pub(super) fn put(&mut self, inputs: &[(String, Input<'_>)]) -> Result<usize, InferenceError> {
        let mut handed_over = 0;
        for (name, input) in inputs {
            let Input::Floats(view) = input else {
                return Err(InferenceError::BadInput(format!("{name} is not of float32")));
            };
            let data = floats_of(view);
            if self.held.get(name).is_some_and(|held| is_same(held, view.shape(), &data)) {
                continue;
            }
            let tensor = Tensor::from_array((view.shape().to_vec(), data.into_owned())).map_err(runtime)?;
            self.binding.bind_input(name.as_str(), &tensor).map_err(runtime)?;
            self.held.insert(name.clone(), tensor);
            handed_over += 1;
        }
        Ok(handed_over)
    }

    /// Runs the session on what is held and returns the outputs that are named.
    ///
    /// # Errors
    /// Those of ONNX Runtime: that the graph has no such output, or that the run was broken off.
    pub(super) fn run(
        &mut self,
        session: &mut Session,
        options: &RunOptions,
        outputs: &[String],
    ) -> Result<Vec<ArrayD<f32>>, InferenceError> {
        // Bound anew, into host memory of their own: what the step before wrote may have another shape.
        for name in outputs {
            self.binding.bind_output_to_device(name.as_str(), &MemoryInfo::default()).map_err(runtime)?;
        }
        self.binding.synchronize_inputs().map_err(runtime)?;
        let results = session.run_binding_with_options(&self.binding, options).map_err(runtime)?;
        self.binding.synchronize_outputs().map_err(runtime)?;
        outputs.iter().map(|name| extract(&results, name)).collect()
    }
}

fn is_same(held: &Tensor<f32>, shape: &[usize], data: &[f32]) -> bool {
    let (held_shape, held_data) = held.extract_tensor();
    held_shape.iter().map(|size| *size as usize).eq(shape.iter().copied())
        && held_data.iter().zip(data).all(|(held, new)| held.to_bits() == new.to_bits())
}

#[cfg(test)]
mod tests {
    use ndarray::{arr1, arr2};

    use super::super::session::environment;
    use super::*;
    use crate::onnx;

    /// The output, and how many inputs were handed over for it.
    fn step(bound: &mut Bound, session: &mut Session, input: &ArrayD<f32>) -> (ArrayD<f32>, usize) {
        let handed_over = bound.put(&[("x".to_owned(), Input::Floats(input.view()))]).unwrap();
        let outputs = bound.run(session, &RunOptions::new().unwrap(), &["y".to_owned()]).unwrap();
        (outputs.into_iter().next().unwrap(), handed_over)
    }

    #[test]
    fn only_what_changed_is_handed_over_and_shapes_may_change_too() {
        let mut session = Session::builder(environment().unwrap())
            .and_then(|mut builder| builder.commit_from_memory(&onnx::identity().bytes))
            .unwrap();
        let mut bound = Bound::new(&session, &[]).unwrap();
        let first = arr1(&[1.0_f32, 2.0]).into_dyn();
        let second = arr1(&[1.0_f32, f32::NAN]).into_dyn();
        let larger = arr1(&[0.0_f32, 1.0, 2.0, 3.0]).into_dyn();
        assert_eq!(step(&mut bound, &mut session, &first), (first.clone(), 1));
        assert_eq!(
            step(&mut bound, &mut session, &first),
            (first.clone(), 0),
            "the same values went over twice"
        );
        let mut handed_over = 1;
        for (at, input) in [&second, &second, &larger, &first].into_iter().enumerate() {
            let (output, now) = step(&mut bound, &mut session, input);
            handed_over += now;
            assert_eq!(output.shape(), input.shape(), "step {at}");
            assert!(output.iter().zip(input).all(|(a, b)| a.to_bits() == b.to_bits()), "step {at}: {output}");
        }
        assert_eq!(handed_over, 4);
    }

    #[test]
    fn what_a_step_wrote_before_is_not_changed_by_the_next() {
        let mut session = Session::builder(environment().unwrap())
            .and_then(|mut builder| builder.commit_from_memory(&onnx::identity().bytes))
            .unwrap();
        let mut bound = Bound::new(&session, &[]).unwrap();
        let (kept, _) = step(&mut bound, &mut session, &arr1(&[1.0, 2.0]).into_dyn());
        let _ = step(&mut bound, &mut session, &arr1(&[3.0, 4.0]).into_dyn());
        assert_eq!(kept, arr1(&[1.0, 2.0]).into_dyn());
        let transposed = arr2(&[[1.0_f32], [2.0]]).reversed_axes();
        assert!(bound.put(&[("x".to_owned(), Input::Floats(transposed.view().into_dyn()))]).is_ok());
    }
}
