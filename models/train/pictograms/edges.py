"""A ControlNet that keeps to given edges, trained on the finished UNet.

The UNet draws every subject upright in the middle, so the edges of such pictures would teach nothing. Here the drawings
are moved, turned, mirrored and shrunk: only the edges tell how.
"""

import dataclasses
import random

import numpy as np
import torch
from diffusers import ControlNetModel, DDPMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from PIL import Image

from . import arithmetic, caption, captions, colours, denoiser, muon, patchcode, scene, settings
from .poses import Poses
from .training import Run

BATCH = 16
RATE = 1.2e-3
WIDTHS = (8, 16, 32, 64)
"""Channels of the layers that bring the edges from pixels to latents."""
FOLDER = settings.MODEL.parent / "pictograms-edges"


def edge_map(picture, threshold):
    """White lines on black, float (H, W): where a uint8 RGB picture changes by more than `threshold` levels."""
    levels = picture.astype(np.float32)
    across = np.abs(np.diff(levels, axis=1, append=levels[:, -1:])).max(-1)
    down = np.abs(np.diff(levels, axis=0, append=levels[-1:])).max(-1)
    return (np.maximum(across, down) > threshold).astype(np.float32)


def moved(drawing, ground, rng):
    """A drawing in any place, size and direction on a plain ground, uint8 RGB of the native size."""
    if rng.random() < 0.5:
        drawing = drawing.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    edge = rng.uniform(0.45, 0.9)
    free = 0.5 - edge / 2
    place = [0.5 + rng.uniform(-free, free) for _ in range(2)]
    canvas = Image.new("RGB", (settings.IMAGE * 2,) * 2, ground)
    scene.paste(canvas, drawing, *place, edge, rng.gauss(0, 0.25))
    return np.asarray(canvas.reduce(2))


class Examples:
    """Batches of latents, contexts and edges."""

    def __init__(self, poses, rng):
        self.poses, self.rng, self.words = poses, rng, random.Random(int(rng.integers(1 << 30)))
        self.pool = captions.Pool(poses, rng, 0)

    def batch(self, dropout):
        """Standard latents, contexts, and edges in 0..1 with three equal channels."""
        drawings, texts, pictures = self.poses.drawings, [], []
        for _ in range(BATCH):
            # Only the edges tell size, place and count.
            one = dataclasses.replace(self.poses.random_scene(self.rng), size=None, place=None, count=1)
            natural = drawings.natural_colour(one.subject)
            text = caption.describe(one, drawings.subjects[one.subject].names, natural, self.words)[0]
            texts.append("" if self.rng.random() < dropout else text)
            drawing = drawings.coloured(one.subject, one.colour)
            pictures.append(moved(drawing, colours.BACKGROUND[one.background], self.words))
        lines = torch.from_numpy(np.stack([edge_map(one, self.rng.uniform(12, 60)) for one in pictures]))
        code = self.poses.standard(patchcode.raw_code(np.stack(pictures).astype(np.float32) / 127.5 - 1))
        latent = torch.from_numpy(code.astype(np.float32)).permute(0, 3, 1, 2)
        return latent, self.pool.encode(texts), lines[:, None].repeat(1, 3, 1, 1)


def build(unet):
    """A ControlNet that begins as a copy of the UNet's first half and changes nothing."""
    return ControlNetModel.from_unet(unet, conditioning_channels=3, conditioning_embedding_out_channels=WIDTHS)


def velocity(unet, control, noisy, times, context, lines, spread=slice(None), mask=None):
    """What the UNet predicts with the ControlNet beside it.

    A ControlNet takes no mask: where the UNet has one, `spread` has every position as often as it counts.
    """
    down, middle = control(noisy, times, context[:, spread], controlnet_cond=lines, return_dict=False)
    return unet(
        noisy, times, context, encoder_attention_mask=mask,
        down_block_additional_residuals=down, mid_block_additional_residual=middle,
    ).sample


def write(control):
    """Writes the folder in half precision."""
    control.to(torch.float16).save_pretrained(FOLDER, safe_serialization=True)
    size = sum(file.stat().st_size for file in FOLDER.iterdir())
    print(f"wrote {FOLDER.name}: {size / 1e6:.1f} MB", flush=True)


def train():
    """Trains for `EDGES_SECONDS` in all, across resumed runs, and writes the folder."""
    arithmetic.prepare()
    torch.manual_seed(settings.SEED)
    unet = UNet2DConditionModel.from_pretrained(settings.MODEL / "unet", torch_dtype=torch.float32)
    control, average = build(unet), build(unet)
    average.load_state_dict(control.state_dict())
    for part in (unet, control):
        part.set_attn_processor(AttnProcessor())
        part.to(memory_format=torch.channels_last)
    unet.requires_grad_(False)
    run = Run("edges", control, average, muon.Both(control, RATE), settings.EDGES_SECONDS)
    scheduler = DDPMScheduler(**denoiser.SCHEDULE)
    weights = denoiser.snr_weights(scheduler)
    examples = Examples(Poses(), np.random.default_rng(settings.SEED + run.step))
    generator = torch.Generator().manual_seed(settings.SEED + run.step)
    mask = captions.MASK.expand(BATCH, -1)
    while run.left > 0:
        latent, context, lines = examples.batch(denoiser.DROPOUT)
        wanted, times, noisy = denoiser.noised(latent, scheduler, generator)
        predicted = velocity(unet, control, noisy, times, context, lines, captions.SPREAD, mask)
        error = (predicted - wanted).pow(2).mean((1, 2, 3))
        loss = (error * weights[times]).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(control.parameters(), 1.0)
        run.optimizer.step(RATE * run.warm(20) * min(1, max(0.02, 2 * run.left)))
        run.end_step(loss=loss.item(), error=error.mean().item())
    run.save()
    write(average)
