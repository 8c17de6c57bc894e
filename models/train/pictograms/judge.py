"""A classifier of subject, colour and background that is trained on real renderings only, to judge the model."""

import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from . import arithmetic, colours, settings
from .checkpoint import Checkpoint
from .poses import Poses
from .progress import Progress

BATCH = 48
RATE = 1.5e-3


class Judge(nn.Module):
    """A small convolutional network over pictures of 64 pixels, with three heads."""

    def __init__(self, subjects):
        super().__init__()
        layers, width = [], 3
        for out in (32, 64, 128, 192):
            layers += [
                nn.Conv2d(width, out, 3, stride=2, padding=1), nn.GroupNorm(8, out), nn.SiLU(),
                nn.Conv2d(out, out, 3, padding=1), nn.GroupNorm(8, out), nn.SiLU(),
            ]
            width = out
        self.body = nn.Sequential(*layers)
        self.subject = nn.Linear(2 * width, subjects)
        self.colour = nn.Linear(2 * width, len(colours.MAIN))
        self.background = nn.Linear(2 * width, len(colours.BACKGROUND))

    def forward(self, image):
        """Scores of subject, colour and background for pictures in -1..1."""
        seen = self.body(functional.avg_pool2d(image, 2))
        seen = torch.cat([seen.mean((2, 3)), seen.amax((2, 3))], 1)
        return self.subject(seen), self.colour(seen), self.background(seen)


def _examples(poses, rng):
    scenes = [poses.random_scene(rng, whole_world=True) for _ in range(BATCH)]
    image = torch.from_numpy(poses.compose_pixels(scenes, rng)).float().permute(0, 3, 1, 2)
    # Subjects do not stand exactly where training's do; the edge of a picture is plain, so it may go round.
    image = torch.stack([one.roll(tuple(rng.integers(-5, 6, 2).tolist()), (1, 2)) for one in image])
    # Slight blur and noise on some, so that it does not judge by a texture that only true renderings have.
    if rng.random() < 0.5:
        image = functional.interpolate(functional.avg_pool2d(image, 2), scale_factor=2, mode="bilinear")
    image = image + torch.randn(image.shape) * rng.uniform(0, 0.06)
    named = [one.colour or poses.drawings.natural_colour(one.subject) for one in scenes]
    ignore = -100
    return (
        image.contiguous(memory_format=torch.channels_last),
        torch.tensor([one.subject for one in scenes]),
        torch.tensor([ignore if name is None else colours.MAIN_NAMES.index(name) for name in named]),
        torch.tensor([colours.BACKGROUND_NAMES.index(one.background) for one in scenes]),
    )


def train():
    """Trains the judge, or loads it if it is trained."""
    torch.set_num_threads(settings.THREADS)
    torch.manual_seed(settings.SEED + 1)
    poses = Poses()
    subjects = len(poses.drawings.subjects)
    judge = Judge(subjects).to(memory_format=torch.channels_last)
    checkpoint, progress = Checkpoint(f"judge-{subjects}-{settings.MOVEMENT:g}"), Progress("judge")
    state = checkpoint.load()
    if state:
        judge.load_state_dict(state)
        return judge.eval()
    optimizer = torch.optim.AdamW(judge.parameters(), RATE, weight_decay=0.02, fused=True)
    began = time.monotonic()
    for step in range(1, settings.JUDGE_STEPS + 1):
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1, step / 50) * max(0.02, 1 - step / settings.JUDGE_STEPS)
        image, *targets = _examples(poses, np.random.default_rng(settings.SEED * 31 + step))
        with arithmetic.mixed():
            scores = judge(image)
        loss = sum(functional.cross_entropy(one.float(), target) for one, target in zip(scores, targets))
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        right = (scores[0].argmax(1) == targets[0]).float().mean().item()
        progress.note(step, time.monotonic() - began, 0, loss=loss.item(), subject=right)
    checkpoint.save(judge.state_dict())
    return judge.eval()
