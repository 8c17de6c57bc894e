"""The VAE: factor 8, four latent channels. Its encoder is the fixed patch code; its decoder is trained on scenes.

The loss is absolute and squared error plus the error of the picture's gradients (flat colours need crisp edges).
"""

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch.nn import functional

from . import arithmetic, patchcode, settings
from .checkpoint import Checkpoint
from .poses import Poses
from .training import Run

SCALING = 0.18215
"""Stable Diffusion 1's constant; the patch code is standardised, so it is true of this VAE too."""

BATCH = 8
RATE = 6e-4
NOISE = (0.0, 0.2)
"""Noise on the latents in training, in their standard deviations, as a denoiser's errors would be."""


def build(standard=None):
    """A VAE whose encoder is the patch code and whose decoder interpolates it smoothly."""
    vae = AutoencoderKL(
        sample_size=settings.IMAGE,
        block_out_channels=(16, 16, 32, 64),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=2,
        scaling_factor=SCALING,
    )
    if standard:
        patchcode.wire_encoder(vae, standard, SCALING)
        patchcode.wire_decoder(vae, standard, SCALING)
    return vae


def pixels(batch):
    """uint8 NHWC to float NCHW in -1..1, channels last in memory."""
    tensor = torch.from_numpy(np.stack(batch)).permute(0, 3, 1, 2).float() / 127.5 - 1
    return tensor.contiguous(memory_format=torch.channels_last)


def _gradients(image):
    return image[..., 1:] - image[..., :-1], image[..., 1:, :] - image[..., :-1, :]


def losses(vae, image, code):
    """The loss of decoded standard latents against a picture, and the squared error alone."""
    noisy = code + torch.empty(len(code), 1, 1, 1).uniform_(*NOISE) * torch.randn(code.shape)
    with arithmetic.mixed():
        decoded = vae.decode((noisy / SCALING).contiguous(memory_format=torch.channels_last)).sample
    decoded = decoded.float()
    squared = functional.mse_loss(decoded, image)
    edges = sum(functional.l1_loss(a, b) for a, b in zip(_gradients(decoded), _gradients(image)))
    return functional.l1_loss(decoded, image) + squared + edges, squared


def batch(poses, rng, count=BATCH):
    """Pictures of any scenes and their latents, NCHW."""
    scenes = [poses.random_scene(rng, whole_world=True) for _ in range(count)]
    drawn = poses.compose_pixels(scenes, rng)
    code = poses.standard(patchcode.raw_code(drawn)).astype(np.float32)
    channels_first = (torch.from_numpy(part).permute(0, 3, 1, 2) for part in (drawn, code))
    return [part.contiguous(memory_format=torch.channels_last) for part in channels_first]


def started(standard):
    """The VAE that training begins with: the finished one, or one that interpolates."""
    vae = build(standard)
    if folder := settings.finished("vae"):
        vae.load_state_dict(AutoencoderKL.from_pretrained(folder, torch_dtype=torch.float32).state_dict())
    return vae


def train():
    """Trains the decoder for `VAE_SECONDS` in all, across resumed runs."""
    arithmetic.prepare()
    torch.manual_seed(settings.SEED)
    poses = Poses()
    vae, average = (started(poses.standard).to(memory_format=torch.channels_last) for _ in range(2))
    learned = [*vae.decoder.parameters()]
    optimizer = torch.optim.AdamW(learned, RATE, betas=(0.9, 0.99), weight_decay=1e-4, fused=True)
    run = Run("vae", vae, average, optimizer, settings.VAE_SECONDS)
    while run.left > 0:
        for group in optimizer.param_groups:
            group["lr"] = RATE * run.warm(60) * max(0.02, run.left**0.8)
        loss, squared = losses(vae, *batch(poses, np.random.default_rng(settings.SEED + run.step)))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        run.end_step(loss=loss.item(), psnr=-10 * np.log10(squared.item() / 4))
    run.save()


def trained():
    """The VAE with averaged weights; without a run of its own, the finished one."""
    vae = started(None)
    if state := Checkpoint("vae").load():
        vae.load_state_dict(state["average"])
    return vae.eval()
