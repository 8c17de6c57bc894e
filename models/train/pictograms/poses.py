"""Every drawing in every colour in a few poses, drawn once; scenes are composed from them at no cost.

A pose is a premultiplied RGBA picture of the native size with the drawing in its middle. Since the latent code is
linear, a pose also has a code of its own; it can be mirrored and moved by whole latent cells like a picture, and the
code of a scene is the sum of its copies' codes plus the background's share.
"""

import hashlib
import os
import random
import sys
from dataclasses import dataclass

import numpy as np
import torch
from diffusers import AutoencoderKL
from PIL import Image

from . import colours, patchcode, scene, settings
from .held_out import is_held_out
from .rasterise import Drawings

FOLDER = settings.CACHE / "poses"
COLOURS = (None, *colours.MAIN_NAMES)
KINDS = ((scene.USUAL_SIZE, settings.POSES), (scene.SIZES["small"], 2), (scene.SIZES["large"], 1))
"""Sizes of the poses and how many there are of each kind, in the order in which they are kept."""
COUNT = sum(count for _, count in KINDS)
USUAL = range(settings.POSES)
SMALL = range(settings.POSES, settings.POSES + 2)
LARGE = range(settings.POSES + 2, COUNT)
ANY_COLOUR = 0.5
"""How often a thing that is made in any colour is drawn in one that no caption says."""


@dataclass(frozen=True)
class Arrangement:
    """What a scene leaves open: which pose, mirrored or not, and where its copies stand, in latent cells."""

    pose: int
    mirrored: bool
    centres: tuple[tuple[int, int], ...]


def _draw(drawing, sizes, rng):
    """One pose as premultiplied uint8 RGBA of the native size."""
    canvas = Image.new("RGBA", (settings.IMAGE * 2,) * 2, (0, 0, 0, 0))
    edge = rng.uniform(*sizes)
    # Moves of whole cells come later; here it is placed inside its cell.
    x, y = (0.5 + rng.uniform(-scene.INSIDE, scene.INSIDE) * scene.CELL for _ in range(2))
    scene.paste(canvas, drawing, x, y, edge, scene.tilt(edge, rng))
    return np.asarray(canvas.convert("RGBa").reduce(2))


def _spans():
    """Sizes of each pose: those of one kind have equal shares of its sizes."""
    for (least, most), count in KINDS:
        width = (most - least) / count
        yield from ((least + index * width, least + (index + 1) * width) for index in range(count))


def shifted(plane, right, down):
    """A plane (H, W, channels) moved by whole steps; what leaves it is lost, what enters is 0."""
    height, width = plane.shape[:2]
    moved = np.zeros_like(plane)
    moved[max(0, down) : height + min(0, down), max(0, right) : width + min(0, right)] = plane[
        max(0, -down) : height - max(0, down), max(0, -right) : width - max(0, right)
    ]
    return moved


class Poses:
    """All poses, mapped from disk: `pixels` (subject, colour, pose, H, W, 4) and their codes."""

    def __init__(self):
        self.drawings = Drawings()
        count = len(self.drawings.subjects)
        shape = (count, len(COLOURS), COUNT, settings.IMAGE, settings.IMAGE, 4)
        drawn = " ".join(subject.icon for subject in self.drawings.subjects) + f"{KINDS}{scene.TILT}{scene.INSIDE}"
        path = FOLDER / f"pixels-{hashlib.sha256(drawn.encode()).hexdigest()[:12]}.npy"
        if not path.exists():
            self._write(path, shape)
        self.pixels = np.load(path, mmap_mode="r")
        self.codes, self.cover = self._codes(path)
        self.reach = 1.0
        """How much of what scenes and arrangements leave open is used, from 0 to 1: the denoiser begins with little."""
        self.standard = self._standard()

    def _write(self, path, shape):
        FOLDER.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.partial")
        pixels = np.lib.format.open_memmap(partial, "w+", np.uint8, shape)
        for subject in range(shape[0]):
            for hue, name in enumerate(COLOURS):
                rng = random.Random(f"{settings.SEED}/{subject}/{hue}")
                for pose, sizes in enumerate(_spans()):
                    pixels[subject, hue, pose] = _draw(self.drawings.coloured(subject, name), sizes, rng)
            print(f"poses {subject + 1}/{shape[0]}", file=sys.stderr, flush=True)
        pixels.flush()
        partial.rename(path)

    def _codes(self, path):
        """Codes of the drawings, and of how much they cover: (subject, colour, pose, 16, 16, 4) each."""
        kept = path.with_name(path.name.replace("pixels", "codes"))
        if not kept.exists():
            both = np.empty((2, *self.pixels.shape[:3], settings.LATENT, settings.LATENT, 4), np.float32)
            for index, subject in enumerate(self.pixels):
                drawn = subject.astype(np.float32)
                alpha = drawn[..., 3:] / 255
                both[0, index] = patchcode.raw_code(drawn[..., :3] / 127.5 - alpha)
                both[1, index] = patchcode.raw_code(np.repeat(alpha, 3, -1))
            partial = kept.with_suffix(f".{os.getpid()}.npy")
            np.save(partial, both)
            partial.rename(kept)
        return np.load(kept, mmap_mode="r")

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
        words = random.Random(int(rng.integers(1 << 62)))
        while True:
            subject = words.randrange(len(self.drawings.subjects))
            colour = words.choice(colours.MAIN_NAMES) if words.random() < 0.5 else None
            said = words.random() >= settings.UNSAID * self.reach
            ground = "white" if said and words.random() < 0.2 else words.choice(colours.BACKGROUND_NAMES)
            rest = scene.composed(words) if words.random() < settings.COMPOSED * self.reach else (None, None, 1)
            unsaid = None
            if colour is None and settings.FREE_COLOURS and self.drawings.subjects[subject].any_colour:
                unsaid = words.choice(colours.MAIN_NAMES) if words.random() < ANY_COLOUR * self.reach else None
            one = scene.Scene(subject, colour, ground, *rest, unsaid, said)
            if whole_world or not is_held_out(self.drawings.subjects[subject].names[0], one.drawn_colour, ground):
                return one

    def _place(self, one):
        return one.subject, COLOURS.index(one.drawn_colour)

    def _centres(self, one, pose, words):
        """Where the copies stand; a single one may not leave the picture."""
        alpha = self.cover[(*self._place(one), pose)][..., 0]
        used = [np.flatnonzero(alpha.max(axis) > 0.02) for axis in (0, 1)]
        edge = max(2 * np.abs(np.array([at[0], at[-1] + 1]) * scene.CELL - 0.5).max() for at in used)
        return scene.centres(one, edge, words, self.reach)

    def arrange(self, one, rng):
        """Chooses what a scene leaves open; with less reach it is more often the largest pose, upright in the middle."""
        words = random.Random(int(rng.integers(1 << 62)))
        kind = SMALL if one.small else LARGE if one.size == "large" else USUAL
        pose = words.choice(kind) if words.random() < self.reach else kind[-1]
        mirrored = scene.mirrors(self.drawings.subjects[one.subject].icon, words) and words.random() < self.reach
        return Arrangement(pose, mirrored, tuple(self._centres(one, pose, words)))

    def _compose(self, source, one, how, step):
        """The sum of the copies in a plane of codes or pixels; `step` is how many elements a cell is wide."""
        plane = source[(*self._place(one), how.pose)]
        if how.mirrored:
            plane = plane[:, ::-1]
            if step == 1:
                # Mirrored, brightness falls the other way.
                plane = plane * np.array([1, 1, 1, -1], np.float32)
        return sum(shifted(plane, right * step, down * step) for right, down in how.centres)

    def code(self, one, how, standard=True):
        """The latent of an arranged scene, (16, 16, 4)."""
        drawn, cover = (self._compose(source, one, how, 1) for source in (self.codes, self.cover))
        ground = np.array(colours.BACKGROUND[one.background], np.float32) / 127.5 - 1
        left = (1 - cover[..., :1]) * ground
        fall = -cover[..., 3:] * (ground @ patchcode.BRIGHTNESS)
        raw = drawn + np.concatenate([left, fall], -1)
        return self.standard(raw) if standard else raw

    def picture(self, one, how):
        """The picture of an arranged scene, float32 (H, W, 3) in -1..1."""
        drawn = self._compose(self.pixels, one, how, patchcode.PATCH).astype(np.float32)
        alpha = drawn[..., 3:] / 255
        ground = np.array(colours.BACKGROUND[one.background], np.float32) / 127.5 - 1
        return drawn[..., :3] / 127.5 - alpha + (1 - alpha) * ground

    def compose_codes(self, scenes, rng, standard=True):
        """Latents of scenes in random arrangements: (scenes, 16, 16, 4)."""
        return np.stack([self.code(one, self.arrange(one, rng), standard) for one in scenes])

    def compose_pixels(self, scenes, rng):
        """Pictures of scenes in random arrangements, float32 NHWC in -1..1."""
        return np.stack([self.picture(one, self.arrange(one, rng)) for one in scenes])

    def nearest(self, one, code, rng, tries=150):
        """The picture of a scene whose latent is nearest to `code`, among so many arrangements, and the distance."""
        found = list({self.arrange(one, rng) for _ in range(tries)})
        distances = [float(((self.code(one, how) - code) ** 2).mean()) for how in found]
        best = int(np.argmin(distances))
        return self.picture(one, found[best]), distances[best]
