"""The VAE: factor 8, four latent channels, trained on scenes at full size.

The loss is absolute error plus the error of the picture's gradients (flat colours need crisp edges)
and a slight pull of each latent channel towards mean 0 and deviation 1.
"""

import math
import random
import time

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch.nn import functional

from . import scene, settings
from .checkpoint import Checkpoint
from .progress import Progress
from .rasterise import Drawings

SCALING = 0.18215
"""Stable Diffusion 1's constant; `standardise` makes it true of this VAE too."""

BATCH = 8
RATE = 1.2e-3
NOISE = 0.05
"""Noise on the latents in training, in their standard deviations."""


def build():
    """An untrained VAE."""
    return AutoencoderKL(
        sample_size=settings.IMAGE,
        block_out_channels=(16, 32, 64, 128),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=8,
        scaling_factor=SCALING,
    )


def pixels(batch):
    """uint8 NHWC to float NCHW in -1..1, channels last in memory."""
    tensor = torch.from_numpy(np.stack(batch)).permute(0, 3, 1, 2).float() / 127.5 - 1
    return tensor.contiguous(memory_format=torch.channels_last)


def _gradients(image):
    return image[..., 1:] - image[..., :-1], image[..., 1:, :] - image[..., :-1, :]


def _losses(vae, image):
    """Reconstruction error, pull towards standard latents, squared error.

    The latents carry a little noise of fixed relative size instead of a learned one: with so few steps a learned one
    drowns all channels but the first (posterior collapse).
    """
    with torch.autocast("cpu", torch.bfloat16):
        mean = vae.encode(image).latent_dist.mean
        centre, deviation = mean.float().mean((0, 2, 3), keepdim=True), mean.float().std((0, 2, 3), keepdim=True)
        noise = NOISE * deviation.detach() * torch.randn(mean.shape)
        decoded = vae.decode((mean + noise).contiguous(memory_format=torch.channels_last)).sample
    decoded = decoded.float()
    absolute = functional.l1_loss(decoded, image)
    squared = functional.mse_loss(decoded, image)
    edges = sum(functional.l1_loss(a, b) for a, b in zip(_gradients(decoded), _gradients(image)))
    pull = centre.pow(2).mean() + (deviation - 1).pow(2).mean()
    return absolute + squared + edges, pull, squared


def train():
    """Trains for `VAE_SECONDS` in all, across resumed runs; returns the averaged weights."""
    torch.set_num_threads(settings.THREADS)
    torch.manual_seed(settings.SEED)
    vae = build().to(memory_format=torch.channels_last)
    average = build()
    average.load_state_dict(vae.state_dict())
    optimizer = torch.optim.AdamW(vae.parameters(), RATE, betas=(0.9, 0.99), weight_decay=1e-4, fused=True)
    checkpoint, progress = Checkpoint("vae"), Progress("vae")
    state = checkpoint.load() or {}
    step, spent = state.get("step", 0), state.get("spent", 0.0)
    if state:
        vae.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
    drawings = Drawings()
    began = time.monotonic() - spent

    def save():
        checkpoint.save(
            {
                "model": vae.state_dict(),
                "average": average.state_dict(),
                "optimizer": optimizer.state_dict(),
                "step": step,
                "spent": time.monotonic() - began,
            }
        )

    while (elapsed := time.monotonic() - began) < settings.VAE_SECONDS:
        left = 1 - elapsed / settings.VAE_SECONDS
        rate = RATE * min(1, (step + 1) / 100) * max(0.02, left ** 0.8)
        for group in optimizer.param_groups:
            group["lr"] = rate
        rng = random.Random(settings.SEED * 1_000_003 + step)
        shown = [scene.random_scene(rng, len(drawings.subjects), composed=0.4) for _ in range(BATCH)]
        image = pixels([scene.draw(one, drawings, rng) for one in shown])
        error, pull, squared = _losses(vae, image)
        (error + 1e-2 * pull).backward()
        torch.nn.utils.clip_grad_norm_(vae.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        step += 1
        keep = min(0.997, step / (step + 10))
        with torch.no_grad():
            for kept, new in zip(average.parameters(), vae.parameters()):
                kept.lerp_(new, 1 - keep)
        psnr = -10 * np.log10(squared.item() / 4)
        progress.note(step, elapsed, settings.VAE_SECONDS, error=error.item(), pull=pull.item(), psnr=psnr)
        if checkpoint.due():
            save()
    save()
    return average


def standardise(vae, mean, deviation):
    """Folds an affine change of the latents into the VAE, so that encoded latents times 0.18215 are standard.

    `mean` and `deviation` are those of each latent channel as encoded now. The 1x1 convolutions at both ends of the
    latent space take up the change, so that programs which use Stable Diffusion 1's constants need no other.
    """
    size = (1 / SCALING) / deviation
    with torch.no_grad():
        quant, post = vae.quant_conv, vae.post_quant_conv
        post.bias.add_(torch.einsum("oi,i->o", post.weight[:, :, 0, 0], mean))
        post.weight.div_(size.view(1, -1, 1, 1))
        quant.weight[:4].mul_(size.view(-1, 1, 1, 1))
        quant.bias[:4].sub_(mean).mul_(size)
        quant.weight[4:].zero_()
        quant.bias[4:].fill_(2 * math.log(NOISE / SCALING))
