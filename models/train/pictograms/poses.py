"""Every drawing in every colour in a few poses, drawn once; scenes are composed from them at no cost.

A pose is a premultiplied RGBA picture of the native size. Since the latent code is linear, a pose also has a code of
its own, and the code of a scene is that plus the background's share.
"""

import hashlib
import os
import random
import sys

import numpy as np
import torch
from diffusers import AutoencoderKL
from PIL import Image

from . import colours, patchcode, scene, settings
from .held_out import is_held_out
from .rasterise import Drawings

FOLDER = settings.CACHE / "poses"
COLOURS = (None, *colours.MAIN_NAMES)


def _draw(drawing, rng):
    """One pose as premultiplied uint8 RGBA of the native size."""
    canvas = Image.new("RGBA", (settings.IMAGE * 2,) * 2, (0, 0, 0, 0))
    x, y, edge = scene.usual_box(rng)
    scene.paste(canvas, drawing, x, y, edge, rng.gauss(0, scene.TILT))
    return np.asarray(canvas.convert("RGBa").reduce(2))


class Poses:
    """All poses, mapped from disk: `pixels` (subject, colour, pose, H, W, 4) and their codes."""

    def __init__(self):
        self.drawings = Drawings()
        count = len(self.drawings.subjects)
        shape = (count, len(COLOURS), settings.POSES, settings.IMAGE, settings.IMAGE, 4)
        drawn = " ".join(subject.icon for subject in self.drawings.subjects).encode()
        path = FOLDER / f"pixels-{hashlib.sha256(drawn).hexdigest()[:8]}-{settings.POSES}-{settings.MOVEMENT:g}.npy"
        if not path.exists():
            self._write(path, shape)
        self.pixels = np.load(path, mmap_mode="r")
        self.codes, self.cover = self._codes()
        self.standard = self._standard()

    def _write(self, path, shape):
        FOLDER.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.partial")
        pixels = np.lib.format.open_memmap(partial, "w+", np.uint8, shape)
        for subject in range(shape[0]):
            for hue, name in enumerate(COLOURS):
                rng = random.Random(f"{settings.SEED}/{subject}/{hue}")
                for pose in range(shape[2]):
                    pixels[subject, hue, pose] = _draw(self.drawings.coloured(subject, name), rng)
            print(f"poses {subject + 1}/{shape[0]}", file=sys.stderr, flush=True)
        pixels.flush()
        partial.rename(path)

    def _codes(self):
        """Codes of the drawings, and of how much they cover: (subject, colour, pose, 16, 16, 4) each."""
        codes, cover = [], []
        for subject in self.pixels:
            drawn = subject.astype(np.float32)
            alpha = drawn[..., 3:] / 255
            codes.append(patchcode.raw_code(drawn[..., :3] / 127.5 - alpha))
            cover.append(patchcode.raw_code(np.repeat(alpha, 3, -1)))
        return np.stack(codes), np.stack(cover)

    def _standard(self):
        """The finished model's, since its parts know its latents; without one, fitted to scenes."""
        if folder := settings.finished("vae"):
            vae = AutoencoderKL.from_pretrained(folder, torch_dtype=torch.float32)
            return patchcode.Standard.of_vae(vae)
        rng = np.random.default_rng(settings.SEED)
        chosen = [self.random_scene(rng) for _ in range(2000)]
        raw = self.compose_codes(chosen, rng, standard=False)
        return patchcode.Standard.of(raw.reshape(-1, 4).astype(np.float64))

    def random_scene(self, rng, whole_world=False):
        """A scene that training may see (or any, for the VAE and the judge)."""
        while True:
            subject = int(rng.integers(len(self.drawings.subjects)))
            colour = COLOURS[rng.integers(1, len(COLOURS))] if rng.random() < 0.5 else None
            ground = "white" if rng.random() < 0.2 else colours.BACKGROUND_NAMES[rng.integers(len(colours.BACKGROUND))]
            if whole_world or not is_held_out(self.drawings.subjects[subject].names[0], colour, ground):
                return scene.Scene(subject, colour, ground)

    def _choose(self, scenes, rng):
        subject = np.array([one.subject for one in scenes])
        hue = np.array([COLOURS.index(one.colour) for one in scenes])
        pose = rng.integers(settings.POSES, size=len(scenes))
        ground = np.array([colours.BACKGROUND[one.background] for one in scenes], np.float32)
        return subject, hue, pose, ground / 127.5 - 1

    def compose_codes(self, scenes, rng, standard=True):
        """Latents of scenes in random poses: (scenes, 16, 16, 4)."""
        subject, hue, pose, ground = self._choose(scenes, rng)
        cover, ground = self.cover[subject, hue, pose], ground[:, None, None, :]
        left = 1 - cover[..., :1]
        fall = -cover[..., 3:] * (ground @ patchcode.BRIGHTNESS)[..., None]
        raw = self.codes[subject, hue, pose] + np.concatenate([left * ground, fall], -1)
        return self.standard(raw) if standard else raw

    def compose_pixels(self, scenes, rng):
        """Pictures of scenes in random poses, float32 NHWC in -1..1."""
        subject, hue, pose, ground = self._choose(scenes, rng)
        drawn = np.stack([self.pixels[s, h, p] for s, h, p in zip(subject, hue, pose)]).astype(np.float32)
        alpha = drawn[..., 3:] / 255
        return drawn[..., :3] / 127.5 - alpha + (1 - alpha) * ground[:, None, None, :]

    def all_poses(self, one):
        """Pictures of a scene in every pose on its background's named colour, float32 NHWC in -1..1."""
        drawn = self.pixels[one.subject, COLOURS.index(one.colour)].astype(np.float32)
        ground = np.array(colours.BACKGROUND[one.background], np.float32) / 127.5 - 1
        alpha = drawn[..., 3:] / 255
        return drawn[..., :3] / 127.5 - alpha + (1 - alpha) * ground
