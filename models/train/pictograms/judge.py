"""A classifier of subject, colour and background that is trained on real renderings only, to judge the model."""

import copy

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from . import arithmetic, colours, muon, settings
from .poses import Poses
from .training import Run

BATCH = 64
RATE = 2e-3


class Judge(nn.Module):
    """A small convolutional network over pictures of 32 pixels, with three heads."""

    def __init__(self, subjects):
        super().__init__()
        layers, width = [], 3
        for out, stride in ((32, 1), (64, 2), (128, 2), (128, 2)):
            layers += [nn.Conv2d(width, out, 3, stride=stride, padding=1), nn.GroupNorm(8, out), nn.SiLU()]
            width = out
        self.body = nn.Sequential(*layers, nn.Flatten())
        # Where something is tells as much as what it is: drawings stand near the middle.
        self.subject = nn.Linear(16 * width, subjects)
        self.colour = nn.Linear(16 * width, len(colours.MAIN))
        self.background = nn.Linear(16 * width, len(colours.BACKGROUND))

    def forward(self, image):
        """Scores of subject, colour and background for pictures in -1..1."""
        seen = self.body(functional.avg_pool2d(image, 4))
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
    """Trains the judge for `JUDGE_SECONDS` in all, across resumed runs; returns it with averaged weights."""
    arithmetic.prepare()
    torch.manual_seed(settings.SEED + 1)
    poses = Poses()
    subjects = len(poses.drawings.subjects)
    judge = Judge(subjects).to(memory_format=torch.channels_last)
    average = copy.deepcopy(judge)
    run = Run(f"judge-{subjects}-{settings.MOVEMENT:g}-{settings.COMPOSED:g}", judge, average, muon.Both(judge, RATE), settings.JUDGE_SECONDS)
    while run.left > 0:
        image, *targets = _examples(poses, np.random.default_rng(settings.SEED * 31 + run.step))
        with arithmetic.mixed():
            scores = judge(image)
        loss = sum(functional.cross_entropy(one.float(), target) for one, target in zip(scores, targets))
        loss.backward()
        run.optimizer.step(RATE * run.warm(30) * max(0.02, run.left))
        right = (scores[0].argmax(1) == targets[0]).float().mean().item()
        run.end_step(loss=loss.item(), subject=right)
    run.save()
    return average.eval()
