"""Teaches the decoder the denoiser's own latents, so that their small errors do not show.

What the UNet paints is near a real scene's latent but not on it: backgrounds are a little uneven, edges a little off.
The real picture that a sample stands for is the nearest arrangement of its scene; the decoder learns to show that one.
Samples far from any real scene teach nothing and are left out. Combinations that are held out are not painted.
"""

import sys

import numpy as np
import torch

from . import arithmetic, autoencoder, caption, sampling, settings
from .checkpoint import Checkpoint
from .poses import Poses
from .training import Run

AT_ONCE = 16
STEPS = 10
"""Of a sample. Half of the usual number makes the same kinds of errors in half the time."""
KEPT = 0.8
"""Which share of the samples, the nearest to real scenes, is learned from."""
RATE = 4e-4


def _paint(poses):
    """Scenes and the latents that the finished UNet makes of their captions; resumes where it stopped."""
    checkpoint = Checkpoint("painted")
    state = checkpoint.load() or {"latents": torch.zeros(0, 4, settings.LATENT, settings.LATENT)}
    rng = np.random.default_rng(settings.SEED + 5)
    scenes = [poses.random_scene(rng) for _ in range(settings.PAINTED)]
    latents, painter = state["latents"], sampling.Painter()
    while len(latents) < settings.PAINTED:
        texts = [caption.plain(one, poses.drawings.subjects) for one in scenes[len(latents) :][:AT_ONCE]]
        more = painter.latents(texts, seed=settings.SEED + len(latents), steps=STEPS)
        latents = torch.cat([latents, more])
        print(f"painted {len(latents)}/{settings.PAINTED}", file=sys.stderr, flush=True)
        checkpoint.save({"latents": latents})
    return scenes, latents


def _pairs(poses):
    """Latents and the nearest real pictures of their scenes, NCHW, the farthest left out."""
    scenes, latents = _paint(poses)
    codes = latents.permute(0, 2, 3, 1).numpy()
    found, errors = [], []
    rng = np.random.default_rng(settings.SEED + 6)
    for one, code in zip(scenes, codes):
        picture, error = poses.nearest(one, code, rng)
        found.append(picture)
        errors.append(error)
    order = np.argsort(errors)[: int(KEPT * len(errors))]
    print(f"samples are {np.median(errors):.3f} off the nearest real latents (median)", file=sys.stderr, flush=True)
    return latents[order], torch.from_numpy(np.stack([found[index] for index in order])).permute(0, 3, 1, 2)


def train():
    """Trains the decoder for `POLISH_SECONDS`, half on samples and half on real scenes, and writes the VAE."""
    arithmetic.prepare()
    torch.manual_seed(settings.SEED)
    poses = Poses()
    latents, pictures = _pairs(poses)
    vae, average = (autoencoder.trained().train().to(memory_format=torch.channels_last) for _ in range(2))
    vae.encoder.requires_grad_(False)
    vae.quant_conv.requires_grad_(False)
    learned = [*vae.decoder.parameters()]
    optimizer = torch.optim.AdamW(learned, RATE, betas=(0.9, 0.99), weight_decay=1e-4, fused=True)
    run = Run("polish", vae, average, optimizer, settings.POLISH_SECONDS)
    half = autoencoder.BATCH // 2
    while run.left > 0:
        rng = np.random.default_rng(settings.SEED + run.step)
        for group in optimizer.param_groups:
            group["lr"] = RATE * run.warm(20) * max(0.02, run.left)
        chosen = rng.choice(len(latents), half)
        image, code = autoencoder.batch(poses, rng, half)
        image, code = torch.cat([image, pictures[chosen]]), torch.cat([code, latents[chosen]])
        loss, squared = autoencoder.losses(vae, image, code)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        run.end_step(loss=loss.item(), psnr=-10 * np.log10(squared.item() / 4))
    run.save()
    average.eval().to(torch.float16).save_pretrained(settings.MODEL / "vae", safe_serialization=True)
