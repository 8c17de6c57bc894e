"""The UNet and its training: noise prediction with min-SNR weights, averaged weights, conditioning dropout."""

import time

import numpy as np
import torch
from diffusers import DDPMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor

from . import latents, reader, settings
from .checkpoint import Checkpoint
from .progress import Progress

BATCH = 32
RATE = 8e-4
DROPOUT = 0.1
SNR_LIMIT = 5.0

SCHEDULE = {
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
}
"""Stable Diffusion 1's noise schedule."""


def build():
    """An untrained UNet with Stable Diffusion 1's blocks, one resolution level less."""
    return UNet2DConditionModel(
        sample_size=settings.LATENT,
        block_out_channels=(96, 160, 192),
        down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
        layers_per_block=1,
        cross_attention_dim=settings.CONTEXT,
        attention_head_dim=4,
        norm_num_groups=32,
    )


class Batches:
    """Random batches of standard latents and contexts; some contexts are replaced by ones that ask for nothing."""

    def __init__(self, seed):
        self.latents, self.contexts = latents.load()
        self.idle = latents.idle_contexts(*reader.load())
        self.rng = np.random.default_rng(seed)

    def next(self):
        """One batch."""
        chosen = np.sort(self.rng.choice(len(self.latents), BATCH, replace=False))
        latent = torch.from_numpy(self.latents[chosen].astype(np.float32))
        context = torch.from_numpy(self.contexts[chosen].astype(np.float32))
        roll = self.rng.random(BATCH)
        for index in np.flatnonzero(roll < DROPOUT):
            # Mostly the empty prompt, sometimes idle words, so that negative prompts behave like it.
            context[index] = self.idle[0 if roll[index] < 0.7 * DROPOUT else self.rng.integers(1, len(self.idle))]
        return latent, context


def snr_weights(scheduler):
    """Loss weight of each timestep for noise prediction (Hang et al. 2023, min-SNR)."""
    signal = scheduler.alphas_cumprod
    ratio = signal / (1 - signal)
    return ratio.clamp(max=SNR_LIMIT) / ratio


def learning_rate(step, left):
    """Warm-up, then a cosine over the share of the budget that is left (1 to 0)."""
    return RATE * min(1, (step + 1) / 150) * max(0.01, 0.5 * (1 - np.cos(np.pi * left)))


def train():
    """Trains for `DENOISER_SECONDS` in all, across resumed runs."""
    torch.set_num_threads(settings.THREADS)
    torch.manual_seed(settings.SEED)
    unet, average = build(), build()
    average.load_state_dict(unet.state_dict())
    unet.to(memory_format=torch.channels_last)
    # Twice as fast on a CPU as the fused kernel at these sizes; the weights are the same.
    unet.set_attn_processor(AttnProcessor())
    optimizer = torch.optim.AdamW(unet.parameters(), RATE, betas=(0.9, 0.99), weight_decay=0.01, fused=True)
    checkpoint, progress = Checkpoint("denoiser"), Progress("denoiser")
    state = checkpoint.load() or {}
    origin = latents.provenance()
    # Other latents than before: the weights are a good start, but the budget begins anew.
    same = state.get("origin") == origin
    step, spent = (state["step"], state["spent"]) if same else (0, 0.0)
    if state:
        unet.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
    if same:
        optimizer.load_state_dict(state["optimizer"])
    scheduler = DDPMScheduler(**SCHEDULE)
    weights = snr_weights(scheduler)
    batches = Batches(settings.SEED + step)
    generator = torch.Generator().manual_seed(settings.SEED + step)
    began = time.monotonic() - spent

    def save():
        checkpoint.save(
            {
                "model": unet.state_dict(),
                "average": average.state_dict(),
                "optimizer": optimizer.state_dict(),
                "step": step,
                "spent": time.monotonic() - began,
                "origin": origin,
            }
        )

    while (elapsed := time.monotonic() - began) < settings.DENOISER_SECONDS:
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, 1 - elapsed / settings.DENOISER_SECONDS)
        latent, context = batches.next()
        noise = torch.randn(latent.shape, generator=generator)
        # One timestep from each of BATCH equal spans: less variance than independent draws.
        spans = (torch.arange(BATCH) + torch.rand(BATCH, generator=generator)) / BATCH
        times = (spans * 1000).long().clamp(max=999)[torch.randperm(BATCH, generator=generator)]
        noisy = scheduler.add_noise(latent, noise, times).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            predicted = unet(noisy, times, context).sample
        error = (predicted.float() - noise).pow(2).mean((1, 2, 3))
        loss = (error * weights[times]).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(unet.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        step += 1
        keep = min(0.998, step / (step + 20))
        with torch.no_grad():
            for kept, new in zip(average.parameters(), unet.parameters()):
                kept.lerp_(new, 1 - keep)
        progress.note(step, elapsed, settings.DENOISER_SECONDS, loss=loss.item(), error=error.mean().item())
        if checkpoint.due():
            save()
    save()
