use super::*;

fn assert_close(values: &[f32], expected: &[f32]) {
    assert_eq!(values.len(), expected.len());
    for (value, expected) in values.iter().zip(expected) {
        assert!((value - expected).abs() < 2e-6, "{value} is not {expected}");
    }
}

fn draw(generator: &mut Generator, shape: &[usize]) -> Vec<f32> {
    generator.normal(shape).iter().copied().collect()
}

// Expected values: torch 2.15, CPU.

#[test]
fn small_draws_keep_the_second_number_of_a_pair() {
    let mut generator = Generator::new(7);
    assert_close(&draw(&mut generator, &[5]), &[-0.1467951, 0.7861413, 0.94682163, -1.114344, 1.6907902]);
    assert_close(&draw(&mut generator, &[4]), &[-0.8948279, -0.35562503, 1.2323858, 0.13817266]);
    let block = draw(&mut generator, &[16]);
    assert_close(&block[..4], &[0.19844505, 0.78207266, 1.0391077, -0.7245107]);
    assert_close(&block[12..], &[-0.8667016, -0.5640067, -2.0564625, -0.35672253]);
}

#[test]
fn a_tail_is_drawn_anew() {
    let values = draw(&mut Generator::new(0), &[37]);
    assert_close(&values[..4], &[-1.1258398, -1.1523602, -0.25057858, -0.4338788]);
    assert_close(&values[16..20], &[-1.3526537, -1.6959312, 0.5666506, 0.79350835]);
    assert_close(
        &values[21..],
        &[
            0.112411186,
            0.64079237,
            0.44115627,
            -0.21586326,
            -0.74254817,
            0.5627214,
            0.2596274,
            -0.173961,
            2.3022053,
            -1.4688939,
            -1.5866888,
            1.2032237,
            0.0845347,
            -1.2001394,
            -0.004785738,
            -0.5180748,
        ],
    );
}

#[test]
fn latents_of_the_largest_seed_agree() {
    let values = draw(&mut Generator::new(4_294_967_295), &[1, 4, 64, 64]);
    assert_close(&values[..4], &[-2.6642976, -1.0910486, 0.45144743, 0.2283607]);
    assert_close(&values[values.len() - 4..], &[1.0404028, 0.6357379, -0.9929365, -1.4578851]);
    let sum: f64 = values.iter().map(|value| f64::from(*value)).sum();
    assert!((sum - 175.20644775).abs() < 1e-3, "{sum}");
}

#[test]
fn only_the_low_half_of_a_long_seed_counts() {
    let values = draw(&mut Generator::new(1_234_567_890_123), &[2, 2]);
    assert_close(&values, &[0.61209905, -0.93013805, 0.0903842, 0.29327062]);
}

#[test]
fn seed_sequences_agree_with_numpy() {
    // numpy: SeedSequence(entropy, spawn_key=key, pool_size=24).generate_state(count).
    assert_eq!(seed_sequence::seeds(5, &[], 24, 3), [3154616629, 1086096781, 1700057493]);
    assert_eq!(
        seed_sequence::seeds((1 << 32) + 7, &[(1 << 33) + 1, 34], 24, 4),
        [3227277710, 3643102751, 344073232, 2694565904]
    );
}
