"""The figures of the model card: prompts judged by a classifier that has seen only real renderings.

Three in four prompts are combinations of subject, colour and background that training never saw; the rest are plain
names. The judge's own score on real renderings of the same scenes is reported beside the model's, since it bounds what
can be measured. Size, place and count are measured in the picture itself, and pictures of one prompt with other seeds
are compared with each other.
"""

import dataclasses
import itertools
import json
import random
import sys

import torch

from . import autoencoder, caption, colours, editing, judge, measuring, sampling, scene, settings
from .held_out import is_held_out
from .rasterise import Drawings

BATCH = 25
SEEDS = 4
"""How many pictures of one prompt are compared with each other."""


def prompts(drawings):
    """Pairs of prompt and scene."""
    rng = random.Random(settings.SEED + 2)
    unseen = [
        (index, colour, ground)
        for index, colour, ground in itertools.product(
            range(len(drawings.subjects)), colours.MAIN_NAMES, colours.BACKGROUND_NAMES
        )
        if is_held_out(drawings.subjects[index].names[0], colour, ground)
        and colour != ground
        and drawings.natural_colour(index) != colour
    ]
    pairs = []
    for index, colour, ground in rng.sample(unseen, min(settings.PROMPTS - settings.PROMPTS // 4, len(unseen))):
        one = scene.Scene(index, colour, ground)
        pairs.append((caption.plain(one, drawings.subjects), one))
    for index in rng.sample(range(len(drawings.subjects)), min(settings.PROMPTS // 4, len(drawings.subjects))):
        one = scene.Scene(index, None, "white", ground_said=settings.UNSAID == 0)
        pairs.append((drawings.subjects[index].names[0], one))
    return pairs


def composed_prompts(drawings):
    """Pairs of prompt and scene that ask for a size, a place or a count, of combinations that are held out."""
    rng = random.Random(settings.SEED + 7)
    asked = [(size, None, 1) for size in scene.SIZES] * 4
    asked += [(None, place, 1) for place in scene.PLACES] * 2
    asked += [(None, None, count) for count in scene.COUNTED] * 4
    pairs = []
    while len(pairs) < max(1, settings.PROMPTS * len(asked) * 2 // 200):
        index, colour = rng.randrange(len(drawings.subjects)), rng.choice(colours.MAIN_NAMES)
        ground = rng.choice(colours.BACKGROUND_NAMES)
        if colour != ground and is_held_out(drawings.subjects[index].names[0], colour, ground):
            one = scene.Scene(index, colour, ground, *asked[len(pairs) % len(asked)])
            pairs.append((caption.plain(one, drawings.subjects), one))
    return pairs


def _painted(painter, texts, first_seed):
    """Pictures of all texts, a batch at a time."""
    pictures = []
    for start in range(0, len(texts), BATCH):
        pictures.extend(painter.paint(texts[start : start + BATCH], seed=first_seed + start))
        print(f"evaluation {len(pictures)}/{len(texts)}", file=sys.stderr, flush=True)
    return pictures


def composition(drawings, painter):
    """How often size, place and count are as asked, and the same of real renderings."""
    texts, scenes = zip(*composed_prompts(drawings))
    rng = random.Random(settings.SEED + 8)
    pictures = _painted(painter, texts, settings.SEED + 1000)
    sampling.tile(pictures[: len(pictures) // 8 * 8 or len(pictures)], 8).save(settings.CACHE / "report" / "composition.png")
    return {
        "prompts": len(texts),
        "model": measuring.agreement(pictures, scenes),
        "real renderings": measuring.agreement([scene.draw(one, drawings, rng) for one in scenes], scenes),
    }


def _drawn(one, drawings, rng):
    """A real rendering; a background that nobody asked for is any."""
    ground = one.background if one.ground_said else rng.choice(colours.BACKGROUND_NAMES)
    return scene.draw(dataclasses.replace(one, background=ground), drawings, rng)


def variety(pairs, drawings, painter):
    """How alike pictures of one plain name are with other seeds, and real renderings of one scene."""
    chosen = pairs[-24:]
    pictures = _painted(painter, [text for text, _ in chosen for _ in range(SEEDS)], settings.SEED + 2000)
    rng = random.Random(settings.SEED + 9)
    sampling.tile(pictures, 8).save(settings.CACHE / "report" / "variety.png")
    return {
        "prompts": len(chosen),
        "seeds": SEEDS,
        "model": measuring.likeness([pictures[at : at + SEEDS] for at in range(0, len(pictures), SEEDS)]),
        "real renderings": measuring.likeness(
            [[_drawn(one, drawings, rng) for _ in range(SEEDS)] for _, one in chosen]
        ),
    }


def _score(judge_model, pictures, scenes):
    with torch.no_grad():
        subject, colour, ground = judge_model(autoencoder.pixels(pictures))
    best = subject.topk(min(5, subject.shape[1])).indices
    top_five = [one.subject in row.tolist() for one, row in zip(scenes, best)]
    top_one = [one.subject == row[0].item() for one, row in zip(scenes, best)]
    hues = [
        colours.MAIN_NAMES[guess] == one.colour for one, guess in zip(scenes, colour.argmax(1)) if one.colour
    ]
    grounds = [
        colours.BACKGROUND_NAMES[guess] == one.background for one, guess in zip(scenes, ground.argmax(1)) if one.ground_said
    ]
    figures = {"subject_top5": top_five, "subject_top1": top_one, "colour": hues, "background": grounds}
    return {name: round(sum(values) / len(values), 3) for name, values in figures.items()}


def evaluate():
    """Paints and judges all prompts; writes evaluation.json beside the model."""
    drawings, judge_model, painter = Drawings(), judge.train(), sampling.Painter()
    pairs = prompts(drawings)
    texts, scenes = zip(*pairs)
    pictures = _painted(painter, texts, settings.SEED)
    rng = random.Random(settings.SEED + 3)
    real = [scene.draw(one, drawings, rng) for one in scenes]
    figures = {
        "prompts": len(texts),
        "model": _score(judge_model, pictures, scenes),
        "real renderings": _score(judge_model, real, scenes),
        "size, place and count": composition(drawings, painter),
        "other seeds": variety(pairs, drawings, painter),
        **editing.measure(drawings, painter, lambda shown, asked: _score(judge_model, shown, asked)),
    }
    (settings.MODEL / "evaluation.json").write_text(json.dumps(figures, indent=2) + "\n")
    sampling.tile(pictures[:32], 8).save(settings.CACHE / "report" / "evaluation.png")
    print(json.dumps(figures, indent=2), flush=True)
