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
SIZES = {"small": (0.36, 0.43), "large": (0.88, 0.95)}
USUAL_SIZE = (min(0.76, 0.78 - 0.20 * settings.MOVEMENT), 0.76)
"""Longest edge of a single drawing whose size is not said, in picture widths."""
INSIDE = 0.25 * settings.MOVEMENT
"""How far a drawing stands from the middle of its cell at most, in latent cells."""
TILT = 0.08 * settings.MOVEMENT
"""Deviation of the rotation in radians."""
CELL = 1 / settings.LATENT
"""Width of a latent cell, in picture widths."""

COUNTED = {
    2: ((-4, 0), (4, 0)),
    3: ((-4, 4), (4, 4), (0, -4)),
    4: ((-4, -4), (4, -4), (-4, 4), (4, 4)),
}
"""Centres of two to four small copies, from the middle, in latent cells."""
ASIDE = 4
"""How far from the middle a small drawing in a place or a corner stands, in latent cells."""


@dataclass(frozen=True)
class Scene:
    """Everything that a caption may speak of. `None` means not asked for."""

    subject: int
    colour: str | None
    background: str
    size: str | None = None
    place: str | None = None
    count: int = 1
    unsaid_colour: str | None = None
    """The colour it is drawn in although no caption says so; `None` leaves it as it is."""
    ground_said: bool = True
    """Whether captions tell the background; a white one they may leave out even so."""

    @property
    def drawn_colour(self):
        """The colour that the drawing is given, said or not."""
        return self.colour or self.unsaid_colour

    @property
    def small(self):
        """Whether it is drawn small, as several copies and drawings aside are."""
        return self.size == "small" or self.count > 1 or bool(self.place)


def composed(rng):
    """Size, place and count for a scene that has one of them."""
    kind = rng.random()
    if kind < 0.3:
        return rng.choice(tuple(SIZES)), None, 1
    if kind < 0.6:
        return None, rng.choice(tuple(PLACES)), 1
    return None, None, rng.choice((2, 2, 3, 3, 4))


def random_scene(rng: random.Random, subjects: int, share: float = 0.25) -> Scene:
    """A scene; this share of them has a place, a size or a count."""
    subject = rng.randrange(subjects)
    colour = rng.choice(colours.MAIN_NAMES) if rng.random() < 0.5 else None
    background = "white" if rng.random() < 0.25 else rng.choice(colours.BACKGROUND_NAMES)
    rest = composed(rng) if rng.random() < share else (None, None, 1)
    return Scene(subject, colour, background, *rest)


def centres(one: Scene, edge: float, rng: random.Random, reach: float = 1.0):
    """Where its copies stand, from the middle, in whole latent cells; `edge` is a copy's, in picture widths.

    With less `reach` a single one is moved as seldom.
    """
    if one.count > 1:
        return COUNTED[one.count]
    near = min(max(0, int((0.5 - edge / 2) / CELL)), settings.SHIFT)
    if one.place:
        x, y = PLACES[one.place]
        free = min(1, settings.SHIFT)
        return (((x * ASIDE or rng.randint(-free, free)), (y * ASIDE or rng.randint(-free, free))),)
    if rng.random() >= reach:
        return ((0, 0),)
    return ((rng.randint(-near, near), rng.randint(-near, near)),)


def edges(one: Scene):
    """The least and the largest edge of a copy, in picture widths."""
    return SIZES["small" if one.small else one.size] if one.small or one.size else USUAL_SIZE


def tilt(edge: float, rng: random.Random):
    """A rotation in radians; what nearly fills the picture hardly turns, or its corners would be cut."""
    return max(-2 * TILT, min(2 * TILT, rng.gauss(0, TILT))) * (0.3 if edge > 0.85 else 1)


def mirrors(icon: str, rng: random.Random):
    """Whether to mirror a drawing, where that is as good a drawing of the same thing."""
    return settings.MIRRORED and icon not in ONE_WAY and rng.random() < 0.5


ONE_WAY = ("alarm-clock", "watch", "check-mark", "musical-note", "money-bag", "pool-8-ball", "taxi", "floppy-disk")
"""Drawings that are wrong when mirrored: letters, digits, dials, signs."""


def paste(canvas, drawing, x, y, edge, angle):
    """Draws one copy with soft edges, at twice the final resolution; centre and longest edge in picture widths."""
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


def draw(one, drawings, rng: random.Random) -> np.ndarray:
    """Draws a scene as uint8 RGB of the native size; `rng` varies what the caption leaves open."""
    side = settings.IMAGE * 2
    canvas = Image.new("RGB", (side, side), colours.BACKGROUND[one.background])
    drawing = drawings.coloured(one.subject, one.drawn_colour)
    if mirrors(drawings.subjects[one.subject].icon, rng):
        drawing = drawing.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    edge = rng.uniform(*edges(one))
    angle = tilt(edge, rng)
    inside = rng.uniform(-INSIDE, INSIDE), rng.uniform(-INSIDE, INSIDE)
    for centre in centres(one, edge * (1 + abs(angle)), rng):
        x, y = (0.5 + (cells + part) * CELL for cells, part in zip(centre, inside))
        paste(canvas, drawing, x, y, edge, angle)
    return np.asarray(canvas.reduce(2))
