"""The UNet and its training: velocity prediction, averaged weights, conditioning dropout.

Predicting velocity (Salimans and Ho 2022) and not noise: in strong noise its target is the picture itself, so that what
the caption asks for is learned from the first step on. A budget as short as ours does not suffice for it otherwise.
"""

import numpy as np
import torch
from diffusers import DDPMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor

from . import arithmetic, captions, muon, settings
from .poses import Poses
from .training import Run

BATCH = 32
RATE = 2e-3
FINE_RATE = 1e-3
"""For a finished UNet that is trained further; at the other rate it loses the shapes it knows."""
DROPOUT = 0.1
SNR_LIMIT = 5.0
RENEWED = 4
"""Captions renewed at every step."""
GROWN = 0.4
"""Over which share of the budget the world grows from large drawings in the middle to all that scenes leave open."""

SCHEDULE = {
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "prediction_type": "v_prediction",
}
"""Stable Diffusion 1's noise schedule, and what the UNet predicts."""


def build():
    """An untrained UNet with Stable Diffusion 1's blocks, one resolution level less, attention where it is cheap."""
    return UNet2DConditionModel(
        sample_size=settings.LATENT,
        block_out_channels=(32, 64, 160),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        layers_per_block=1,
        cross_attention_dim=settings.CONTEXT,
        attention_head_dim=4,
        norm_num_groups=8,
    )


def snr_weights(scheduler):
    """Loss weight of each timestep: below 1 only where little noise is left (after min-SNR, Hang et al. 2023)."""
    signal = scheduler.alphas_cumprod
    ratio = signal / (1 - signal)
    return ratio.clamp(max=SNR_LIMIT) / ratio


def learning_rate(run):
    """Warm-up, a plateau, then down to nothing over the last half of the budget."""
    rate = FINE_RATE if settings.finished("unet") else RATE
    return rate * run.warm(40) * min(1, max(0.01, 2 * run.left))


def reach(run):
    """How much of what scenes leave open is drawn: grows from 0 to 1 over `GROWN` of the budget."""
    return min(1.0, (1 - run.left) / GROWN)


def noised(latent, scheduler, generator):
    """Velocity, timesteps and noisy latents; one timestep from each of equal spans, for less variance."""
    count = len(latent)
    noise = torch.randn(latent.shape, generator=generator)
    spans = (torch.arange(count) + torch.rand(count, generator=generator)) / count
    times = (spans * 1000).long().clamp(max=999)[torch.randperm(count, generator=generator)]
    noisy = scheduler.add_noise(latent, noise, times)
    return scheduler.get_velocity(latent, noise, times), times, noisy.contiguous(memory_format=torch.channels_last)


def started():
    """The UNet that training begins with: the finished one, or an untrained one."""
    unet = build()
    if folder := settings.finished("unet"):
        unet.load_state_dict(UNet2DConditionModel.from_pretrained(folder, torch_dtype=torch.float32).state_dict())
    return unet


def train():
    """Trains for `DENOISER_SECONDS` in all, across resumed runs."""
    arithmetic.prepare()
    torch.manual_seed(settings.SEED)
    unet, average = started(), build()
    average.load_state_dict(unet.state_dict())
    unet.to(memory_format=torch.channels_last)
    # Twice as fast on a CPU as the fused kernel at these sizes; the weights are the same.
    unet.set_attn_processor(AttnProcessor())
    run = Run("denoiser", unet, average, muon.Both(unet, RATE), settings.DENOISER_SECONDS)
    scheduler = DDPMScheduler(**SCHEDULE)
    weights = snr_weights(scheduler)
    poses = Poses()
    poses.reach = reach(run)
    pool = captions.Pool(poses, np.random.default_rng(settings.SEED + run.step), settings.POOL)
    generator = torch.Generator().manual_seed(settings.SEED + run.step)
    mask = captions.MASK.expand(BATCH, -1)
    while run.left > 0:
        poses.reach = reach(run)
        latent, context = pool.batch(BATCH, DROPOUT)
        velocity, times, noisy = noised(latent, scheduler, generator)
        with arithmetic.mixed():
            predicted = unet(noisy, times, context, encoder_attention_mask=mask).sample
        error = (predicted.float() - velocity).pow(2).mean((1, 2, 3))
        loss = (error * weights[times]).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(unet.parameters(), 1.0)
        run.optimizer.step(learning_rate(run))
        pool.renew(RENEWED)
        run.end_step(loss=loss.item(), error=error.mean().item())
    run.save()
