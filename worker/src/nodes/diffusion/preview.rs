//! A rough picture of latents, without the VAE.
use image::RgbImage;
use ndarray::Array4;

/// Colour of each SD1 latent channel (InvokeAI, `step_callback.py`).
const SD1_FACTORS: [[f32; 3]; 4] = [
    [0.3444, 0.1385, 0.0670],
    [0.1247, 0.4027, 0.1494],
    [-0.3192, 0.2513, 0.2103],
    [-0.1307, -0.1874, -0.7445],
];

/// One pixel a latent.
pub(crate) fn latent_preview(latents: &Array4<f32>) -> RgbImage {
    let (_, channels, rows, columns) = latents.dim();
    RgbImage::from_fn(columns as u32, rows as u32, |x, y| {
        image::Rgb([0, 1, 2].map(|color| {
            let value: f32 = (0..channels.min(SD1_FACTORS.len()))
                .map(|channel| latents[[0, channel, y as usize, x as usize]] * SD1_FACTORS[channel][color])
                .sum();
            (f32::midpoint(value, 1.0).clamp(0.0, 1.0) * 255.0) as u8
        }))
    })
}
