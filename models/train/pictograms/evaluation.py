"""The figures of the model card: prompts judged by a classifier that has seen only real renderings.

Three in four prompts are combinations of subject, colour and background that training never saw; the rest are plain
names. The judge's own score on real renderings of the same scenes is reported beside the model's, since it bounds what
can be measured.
"""

import itertools
import json
import random
import sys

import torch

from . import autoencoder, caption, colours, editing, judge, sampling, scene, settings
from .held_out import is_held_out
from .rasterise import Drawings

BATCH = 25


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
        pairs.append((drawings.subjects[index].names[0], scene.Scene(index, None, "white")))
    return pairs


def _score(judge_model, pictures, scenes):
    with torch.no_grad():
        subject, colour, ground = judge_model(autoencoder.pixels(pictures))
    best = subject.topk(min(5, subject.shape[1])).indices
    top_five = [one.subject in row.tolist() for one, row in zip(scenes, best)]
    top_one = [one.subject == row[0].item() for one, row in zip(scenes, best)]
    hues = [
        colours.MAIN_NAMES[guess] == one.colour for one, guess in zip(scenes, colour.argmax(1)) if one.colour
    ]
    grounds = [colours.BACKGROUND_NAMES[guess] == one.background for one, guess in zip(scenes, ground.argmax(1))]
    figures = {"subject_top5": top_five, "subject_top1": top_one, "colour": hues, "background": grounds}
    return {name: round(sum(values) / len(values), 3) for name, values in figures.items()}


def evaluate():
    """Paints and judges all prompts; writes evaluation.json beside the model."""
    drawings, judge_model, painter = Drawings(), judge.train(), sampling.Painter()
    texts, scenes = zip(*prompts(drawings))
    pictures = []
    for start in range(0, len(texts), BATCH):
        pictures.extend(painter.paint(texts[start : start + BATCH], seed=settings.SEED + start))
        print(f"evaluation {len(pictures)}/{len(texts)}", file=sys.stderr, flush=True)
    rng = random.Random(settings.SEED + 3)
    real = [scene.draw(one, drawings, rng) for one in scenes]
    figures = {
        "prompts": len(texts),
        "model": _score(judge_model, pictures, scenes),
        "real renderings": _score(judge_model, real, scenes),
        **editing.measure(drawings, painter, lambda shown, asked: _score(judge_model, shown, asked)),
    }
    (settings.MODEL / "evaluation.json").write_text(json.dumps(figures, indent=2) + "\n")
    sampling.tile(pictures[:32], 8).save(settings.CACHE / "report" / "evaluation.png")
    print(json.dumps(figures, indent=2), flush=True)
