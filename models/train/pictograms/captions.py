"""A pool of captioned scenes with their contexts, slowly renewed while the denoiser trains."""

import random

import numpy as np
import torch

from . import caption, reader, settings, vocabulary

LATE = torch.tensor([22, 30, 38, 46, 54, 62, 70, 76])
"""Positions that stand for the padding from the 20th token on; captions are shorter than that."""
EARLY = 20
POSITIONS = torch.cat([torch.arange(EARLY), LATE])
MASK = torch.cat([torch.ones(EARLY), 1 + torch.full((len(LATE),), (settings.TOKENS - EARLY) / len(LATE)).log() / 10_000])
"""As an attention mask of the UNet this counts each late position as often as it stands for one (added logarithm)."""

SPREAD = torch.tensor([min(range(len(POSITIONS)), key=lambda i: abs(int(POSITIONS[i]) - at)) for at in range(settings.TOKENS)])
"""For each of the 77 positions the place in `POSITIONS` that stands for it."""


class Pool:
    """Contexts of random captions, and the scenes they describe."""

    def __init__(self, poses, rng, size):
        self.model, self.tokenizer = reader.load()
        self.poses, self.rng = poses, rng
        self.words = random.Random(int(rng.integers(1 << 30)))
        self.scenes, self.contexts, self.oldest = [None] * size, torch.zeros(size, len(POSITIONS), settings.CONTEXT), 0
        for _ in range(0, size, 64):
            self.renew(64)
        self.idle = self.encode([""] + [caption.idle(self.words) for _ in range(47)])

    @torch.no_grad()
    def encode(self, texts):
        """Contexts of texts at `POSITIONS`."""
        tokens = vocabulary.encode(self.tokenizer, texts)[:, POSITIONS]
        return self.model(tokens, position_ids=POSITIONS.unsqueeze(0)).last_hidden_state

    def renew(self, count):
        """Replaces the oldest captions."""
        places = [(self.oldest + index) % len(self.scenes) for index in range(count)]
        self.oldest = (self.oldest + count) % len(self.scenes)
        texts = []
        for place in places:
            one = self.scenes[place] = self.poses.random_scene(self.rng)
            subject = self.poses.drawings.subjects[one.subject]
            natural = self.poses.drawings.natural_colour(one.subject)
            texts.append(caption.describe(one, subject.names, natural, self.words)[0])
        self.contexts[places] = self.encode(texts)

    def batch(self, count, dropout):
        """Standard latents and contexts; a share of contexts asks for nothing (mostly the empty prompt)."""
        chosen = self.rng.choice(len(self.scenes), count, replace=False)
        latent = self.poses.compose_codes([self.scenes[index] for index in chosen], self.rng)
        context = self.contexts[chosen].clone()
        for index in np.flatnonzero(self.rng.random(count) < dropout):
            context[index] = self.idle[0 if self.rng.random() < 0.7 else self.rng.integers(1, len(self.idle))]
        return torch.from_numpy(latent.astype(np.float32)).permute(0, 3, 1, 2), context
