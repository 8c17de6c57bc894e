"""The named colours, and how a drawing takes one on."""

import numpy as np

MAIN = {
    "red": (0.99, 0.80, 0.90),
    "orange": (0.075, 0.88, 0.98),
    "yellow": (0.135, 0.78, 1.00),
    "green": (0.36, 0.75, 0.72),
    "blue": (0.585, 0.82, 0.90),
    "purple": (0.755, 0.62, 0.78),
    "pink": (0.90, 0.48, 1.00),
    "brown": (0.06, 0.58, 0.55),
}
"""Hue, saturation and value of the colours that a subject can have."""

BACKGROUND = {
    "white": (255, 255, 255),
    "black": (22, 22, 26),
    "grey": (150, 152, 158),
    "red": (222, 62, 62),
    "orange": (250, 158, 66),
    "yellow": (255, 226, 106),
    "green": (98, 186, 108),
    "blue": (84, 144, 232),
    "light blue": (176, 220, 250),
    "purple": (140, 100, 204),
    "pink": (250, 174, 208),
    "brown": (140, 96, 66),
}
"""RGB of the plain backgrounds."""

MAIN_NAMES = tuple(MAIN)
BACKGROUND_NAMES = tuple(BACKGROUND)

_NEAR_HUE = 0.075
_GREY = 0.16


def _to_hsv(rgb):
    high, low = rgb.max(-1), rgb.min(-1)
    spread = high - low
    safe = np.where(spread > 0, spread, 1)
    r, g, b = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    hue = np.where(high == r, (g - b) / safe, np.where(high == g, 2 + (b - r) / safe, 4 + (r - g) / safe))
    hue = np.where(spread > 0, hue / 6 % 1, 0)
    return hue, np.where(high > 0, spread / np.where(high > 0, high, 1), 0), high


def _to_rgb(hue, saturation, value):
    def channel(offset):
        k = (offset + hue * 6) % 6
        return value - value * saturation * np.clip(np.minimum(k, 4 - k), 0, 1)

    return np.stack([channel(5), channel(3), channel(1)], -1)


def _hue_distance(a, b):
    return np.abs((a - b + 0.5) % 1 - 0.5)


def _main_region(hue, saturation, value, alpha):
    """Which pixels have the drawing's main colour; soft edges included."""
    opaque = alpha > 0.5
    vivid = (saturation > _GREY) & (value > 0.08)
    if (vivid & opaque).sum() > 0.25 * opaque.sum():
        counted = vivid & opaque
        counts, edges = np.histogram(hue[counted], 36, (0, 1), weights=saturation[counted])
        around = counts + np.roll(counts, 1) + np.roll(counts, -1)
        centre = edges[around.argmax()] + 1 / 72
        near = vivid & (_hue_distance(hue, centre) < _NEAR_HUE)
        return near if (near & opaque).sum() > 0.35 * opaque.sum() else vivid
    bright = value > 0.2
    # A drawing that is black throughout (a spade) is its own main region.
    return bright if (bright & opaque).any() else alpha > 0


def recolour(rgba, colour):
    """Gives the main region of an RGBA drawing the named colour, keeping its shading."""
    rgb, alpha = rgba[..., :3] / 255.0, rgba[..., 3] / 255.0
    hue, saturation, value = _to_hsv(rgb)
    region = _main_region(hue, saturation, value, alpha)
    target_hue, target_saturation, target_value = MAIN[colour]
    seen = region & (alpha > 0.5)
    typical_value = np.median(value[seen])
    typical_saturation = np.median(saturation[seen])
    new_value = np.clip(target_value * (value / typical_value) ** 0.8, 0, 1)
    if typical_saturation > _GREY:
        ratio = np.clip(saturation / typical_saturation, 0.3, 1.25)
    else:
        ratio = np.where(value > 0.97, 0.25, 1.0) if typical_value < 0.97 else np.ones_like(value)
    new_saturation = np.clip(target_saturation * ratio, 0, 1)
    painted = _to_rgb(np.full_like(hue, target_hue), new_saturation, new_value)
    result = np.where(region[..., None], painted, rgb)
    return np.concatenate([(result * 255).round().astype(np.uint8), rgba[..., 3:]], -1)


def main_colour(rgba):
    """The named colour of the main region, or `None` where greys prevail or no name fits."""
    rgb, alpha = rgba[..., :3] / 255.0, rgba[..., 3] / 255.0
    hue, saturation, value = _to_hsv(rgb)
    region = _main_region(hue, saturation, value, alpha) & (alpha > 0.5)
    if np.median(saturation[region]) < 0.35:
        return None
    seen = np.median(rgb[region], 0)
    distance = {
        name: np.abs(seen - _to_rgb(*(np.array(part) for part in hsv))).max() for name, hsv in MAIN.items()
    }
    nearest = min(distance, key=distance.get)
    return nearest if distance[nearest] < 0.15 else None
