"""Whether image to image and inpainting keep what they should keep, as figures of the model card."""

import random

import numpy as np
import torch

from . import caption, colours, scene, settings

PICTURES = settings.PROMPTS // 5
STRENGTH = 0.5


def _originals(drawings, rng):
    """Scenes of one subject each on plain backgrounds, their drawings, and another colour to ask for."""
    scenes = [
        scene.Scene(rng.randrange(len(drawings.subjects)), rng.choice(colours.MAIN_NAMES), ground)
        for ground in rng.choices(colours.BACKGROUND_NAMES, k=PICTURES)
    ]
    wanted = [rng.choice([name for name in colours.MAIN_NAMES if name != one.colour]) for one in scenes]
    return scenes, [scene.draw(one, drawings, rng) for one in scenes], wanted


def _psnr(first, second):
    error = np.mean((first.astype(np.float32) - second.astype(np.float32)) ** 2)
    return round(float(10 * np.log10(255**2 / max(error, 1e-9))), 2)


def measure(drawings, painter, score):
    """Figures; `score(pictures, scenes)` asks the judge what the pictures show."""
    rng = random.Random(settings.SEED + 4)
    scenes, pictures, wanted = _originals(drawings, rng)
    texts = []
    for one, colour in zip(scenes, wanted):
        ground = f"{caption.article(one.background)} {one.background} background"
        texts.append(f"{caption.article(colour)} {colour} {drawings.subjects[one.subject].names[0]} on {ground}")
    start = painter.encode(pictures)
    again = painter.paint(texts, seed=settings.SEED, start=start, strength=STRENGTH)
    left = torch.zeros(1, 1, settings.LATENT, settings.LATENT)
    left[..., : settings.LATENT // 2] = 1
    filled = painter.paint(texts, seed=settings.SEED, start=start, kept=left)
    # One latent column beside the seam may change with what the decoder sees there.
    sure = settings.IMAGE // 2 - 8
    kept = np.stack(pictures)[:, :, :sure]
    asked = [scene.Scene(one.subject, colour, one.background) for one, colour in zip(scenes, wanted)]
    return {
        f"image to image, strength {STRENGTH}, another colour asked": score(again, asked),
        "inpainting, left half kept": {
            "psnr_kept_half": _psnr(filled[:, :, :sure], kept),
            "psnr_decoder_alone": _psnr(painter.decode(start)[:, :, :sure], kept),
        },
    }
