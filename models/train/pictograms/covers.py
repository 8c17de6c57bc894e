"""Pictures that show what LoRA and ControlNet do, for the model manager: seed 0, 20 steps of Euler, guidance 5."""

import random

import torch
from diffusers import ControlNetModel
from diffusers.models.attention_processor import AttnProcessor

from . import colours, edges, sampling, settings, style
from .rasterise import Drawings

IN_GREYS = ("cat", "a rocket on a white background", "a house on a white background", "a red apple on a blue background")
TURNED = (("banana", "a green banana on a blue background"), ("carrot", "a purple carrot on a yellow background"))
"""Whose edges are given, and what is asked for: among the first subjects, so that a small world has them too."""
THRESHOLD = 30
"""Levels by which neighbours differ at an edge."""


class AlongEdges(sampling.Painter):
    """The model with the ControlNet; `lines`, float (pictures, 3, height, width) in 0..1, are what it follows."""

    def __init__(self, lines):
        super().__init__()
        self.lines = lines
        self.control = ControlNetModel.from_pretrained(edges.FOLDER, torch_dtype=torch.float32).eval()
        self.control.set_attn_processor(AttnProcessor())

    def velocity(self, latent, time, context):
        """What the UNet predicts beside the ControlNet, for the idle and the asked half of a batch."""
        return edges.velocity(self.unet, self.control, latent, time, context, torch.cat([self.lines, self.lines]))


def _turned_edges():
    """Edges of drawings that are moved, turned and mirrored, uint8 RGB (pictures, height, width, 3)."""
    drawings, rng = Drawings(), random.Random(settings.SEED + 10)
    names = [subject.names[0] for subject in drawings.subjects]
    pictures = [edges.moved(drawings.coloured(names.index(name), None), colours.BACKGROUND["white"], rng) for name, _ in TURNED]
    lines = torch.stack([torch.from_numpy(edges.edge_map(picture, THRESHOLD)) for picture in pictures])
    return (lines[..., None].repeat(1, 1, 1, 3) * 255).byte().numpy()


def write():
    """Writes pictograms-greys.png, and pictograms-edges/cover.png with the edges beside the pictures."""
    in_greys = sampling.Painter()
    style.read(style.adapt(in_greys.unet))
    sampling.tile(in_greys.paint(IN_GREYS), 2).save(style.FILE.with_suffix(".png"), optimize=True)
    shown = _turned_edges()
    lines = torch.from_numpy(shown).permute(0, 3, 1, 2).float() / 255
    painted = AlongEdges(lines).paint([text for _, text in TURNED])
    both = [picture for pair in zip(shown, painted) for picture in pair]
    sampling.tile(both, 2).save(edges.FOLDER / "cover.png", optimize=True)
