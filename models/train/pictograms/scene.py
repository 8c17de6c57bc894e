"""What a picture shows, as a value, and how it is drawn."""

import random
from dataclasses import dataclass

import numpy as np
from PIL import Image

from . import colours, settings

PLACES = {
    "left": (-1, 0),
    "right": (1, 0),
    "top": (0, -1),
    "bottom": (0, 1),
    "top left corner": (-1, -1),
    "top right corner": (1, -1),
    "bottom left corner": (-1, 1),
    "bottom right corner": (1, 1),
}
SIZES = {"small": (0.34, 0.44), "large": (0.88, 0.96)}
USUAL_SIZE = (0.76 - 0.12 * settings.MOVEMENT, 0.76)
TILT = 0.05 * settings.MOVEMENT
"""Deviation of the rotation in radians."""

_COUNTED = {
    2: (0.44, ((-0.25, 0), (0.25, 0))),
    3: (0.40, ((-0.25, 0.22), (0.25, 0.22), (0, -0.24))),
    4: (0.40, ((-0.25, -0.25), (0.25, -0.25), (-0.25, 0.25), (0.25, 0.25))),
}
"""Size and centres (from the middle, in picture widths) of one to four copies."""


@dataclass(frozen=True)
class Scene:
    """Everything that a caption may speak of. `None` means not asked for."""

    subject: int
    colour: str | None
    background: str
    size: str | None = None
    place: str | None = None
    count: int = 1


def random_scene(rng: random.Random, subjects: int, composed: float = 0.25) -> Scene:
    """A scene; the share `composed` of them has a place, a size or a count."""
    subject = rng.randrange(subjects)
    colour = rng.choice(colours.MAIN_NAMES) if rng.random() < 0.5 else None
    background = "white" if rng.random() < 0.25 else rng.choice(colours.BACKGROUND_NAMES)
    size = place = None
    count = 1
    if rng.random() < composed:
        kind = rng.random()
        if kind < 0.3:
            size = rng.choice(tuple(SIZES))
        elif kind < 0.6:
            place = rng.choice(tuple(PLACES))
        else:
            count = rng.choice((2, 2, 3, 3, 4))
    return Scene(subject, colour, background, size, place, count)


def _boxes(scene, rng):
    """Centre and longest edge of each copy, in picture widths."""
    if scene.count > 1:
        edge, centres = _COUNTED[scene.count]
        edge *= rng.uniform(0.92, 1.04)
        return [(0.5 + x, 0.5 + y, edge) for x, y in centres]
    if scene.place:
        x, y = PLACES[scene.place]
        edge = rng.uniform(0.40, 0.46)
        shift = 0.5 - edge / 2 - 0.03
        return [(0.5 + x * shift, 0.5 + y * shift, edge)]
    return [usual_box(rng, SIZES[scene.size] if scene.size else USUAL_SIZE)]


def usual_box(rng, sizes=USUAL_SIZE):
    """Centre and longest edge of a single copy near the middle."""
    edge = rng.uniform(*sizes)
    free = max(0.0, min(0.02 * settings.MOVEMENT, 0.5 - edge / 2))
    return 0.5 + rng.uniform(-free, free), 0.5 + rng.uniform(-free, free), edge


def paste(canvas, drawing, x, y, edge, angle):
    """Draws one copy with soft edges, at twice the final resolution."""
    side = canvas.width
    scale = edge * side / max(drawing.size)
    cosine, sine = np.cos(angle) / scale, np.sin(angle) / scale
    middle_x, middle_y = drawing.width / 2, drawing.height / 2
    move_x = middle_x - cosine * x * side - sine * y * side
    move_y = middle_y + sine * x * side - cosine * y * side
    # Premultiplied, so that resampling never mixes in the colour of transparent pixels.
    layer = drawing.convert("RGBa").transform(
        canvas.size, Image.Transform.AFFINE, (cosine, sine, move_x, -sine, cosine, move_y), Image.Resampling.BICUBIC
    )
    layer = layer.convert("RGBA")
    canvas.alpha_composite(layer) if canvas.mode == "RGBA" else canvas.paste(layer, (0, 0), layer)


def draw(scene, drawings, rng: random.Random) -> np.ndarray:
    """Draws a scene as uint8 RGB of the native size; `rng` varies what the caption leaves open."""
    side = settings.IMAGE * 2
    canvas = Image.new("RGB", (side, side), colours.BACKGROUND[scene.background])
    drawing = drawings.coloured(scene.subject, scene.colour)
    for x, y, edge in _boxes(scene, rng):
        angle = rng.gauss(0, TILT)
        paste(canvas, drawing, x, y, edge, angle)
    return np.asarray(canvas.reduce(2))
