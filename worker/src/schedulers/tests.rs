//! Every sampler against values recorded from diffusers 0.40 through InvokeAI 6.14.2's `init_scheduler`.
use serde::Deserialize;
use serde_json::Value;

use super::*;

#[derive(Deserialize)]
struct Reference {
    configs: Value,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    config: String,
    steps: usize,
    start: f64,
    end: f64,
    timesteps: Vec<f32>,
    plan: Vec<f32>,
    initial: f32,
    result: Vec<f32>,
}

/// Any smooth function of sample and timestep will do for a model.
fn model(input: &Latents, timestep: f32) -> Latents {
    let shift = 0.2 * (f64::from(timestep) / 100.0).sin() as f32;
    input.mapv(|value| 0.3 * value + shift)
}

fn run(case: &Case, config: &Value) -> Result<(), String> {
    let mut scheduler = create(&case.name, config, case.steps, 5).map_err(|error| error.to_string())?;
    near("timesteps", scheduler.timesteps(), &case.timesteps, 2e-2)?;
    let plan = Plan::new(scheduler.as_ref(), case.start, case.end);
    near("plan", &plan.timesteps, &case.plan, 2e-2)?;
    let initial = plan.initial.ok_or("nothing to do")?;
    near("initial", &[initial], &[case.initial], 2e-2)?;
    let clean =
        Latents::from_shape_fn((1, 4, 2, 2), |(_, c, y, x)| ((c * 4 + y * 2 + x) as f32 - 8.0) / 10.0);
    let noise = latents::noise_like(&clean, &mut Generator::new(3));
    let mut sample = scheduler.add_noise(&clean, &noise, initial);
    let mut generator = Generator::new(5 ^ 0xFFFF_FFFF);
    for timestep in plan.timesteps {
        let input = scheduler.scale_model_input(&sample, timestep);
        sample = scheduler.step(&model(&input, timestep), timestep, &sample, &mut generator).previous;
    }
    let result: Vec<f32> = sample.iter().copied().collect();
    let size = case.result.iter().fold(1.0_f32, |size, value| size.max(value.abs()));
    near("result", &result, &case.result, 3e-4 * size)
}

fn near(what: &str, values: &[f32], expected: &[f32], tolerance: f32) -> Result<(), String> {
    let worst =
        values.iter().zip(expected).map(|(value, expected)| (value - expected).abs()).fold(0.0, f32::max);
    if values.len() == expected.len() && worst <= tolerance {
        return Ok(());
    }
    Err(format!("{what}: {values:?} is not {expected:?} (worst {worst})"))
}

#[test]
fn every_sampler_agrees_with_diffusers() {
    let reference: Reference = serde_json::from_str(include_str!("reference.json")).unwrap();
    let mut failures = Vec::new();
    let mut names = std::collections::BTreeSet::new();
    for case in &reference.cases {
        if !SUPPORTED_SCHEDULERS.contains(&case.name.as_str()) {
            continue;
        }
        names.insert(case.name.as_str());
        if let Err(failure) = run(case, &reference.configs[&case.config]) {
            failures.push(format!("{} {} {}: {failure}", case.name, case.config, case.steps));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert_eq!(names.len(), SUPPORTED_SCHEDULERS.len(), "a sampler has no recorded values");
}

#[test]
fn an_unknown_name_lists_the_known_ones() {
    let error = create("euler_b", &Value::Null, 4, 0).err().unwrap().to_string();
    assert!(error.contains("euler_a") && error.contains("\"euler_b\""), "{error}");
}
