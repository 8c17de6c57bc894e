"""Simple measurements of a picture: how large, where and how many the drawings on its plain background are."""

import numpy as np

from . import scene, settings

GRID = 32
"""Pictures are looked at in so many cells a side."""
OFF = 40
"""Levels by which a pixel differs from the background if it belongs to a drawing."""
SPECK = 0.2
"""A connected part of less than this share of the largest one is not counted."""
SMALL, LARGE = 0.52, 0.82
"""Longest edges, in picture widths, below and above which a drawing is small or large."""
ASIDE = 0.09
"""How far the middle of a drawing is from the picture's middle if it is said to stand at a side."""


def drawn(picture):
    """Which cells of a uint8 RGB picture show a drawing: those that mostly differ from the border's usual colour."""
    border = np.concatenate([picture[:3].reshape(-1, 3), picture[-3:].reshape(-1, 3), picture[:, :3].reshape(-1, 3),
                             picture[:, -3:].reshape(-1, 3)])
    off = np.abs(picture.astype(np.int16) - np.median(border, 0).astype(np.int16)).max(-1) > OFF
    side = settings.IMAGE // GRID
    return off.reshape(GRID, side, GRID, side).mean((1, 3)) > 0.4


def parts(cells):
    """The connected parts of a grid as arrays of (row, column), the largest first, specks left out."""
    left, found = {tuple(cell) for cell in np.argwhere(cells)}, []
    while left:
        part, new = [], [left.pop()]
        while new:
            row, column = new.pop()
            part.append((row, column))
            near = {(row + down, column + right) for down in (-1, 0, 1) for right in (-1, 0, 1)} & left
            left -= near
            new.extend(near)
        found.append(np.array(part))
    found.sort(key=len, reverse=True)
    return [part for part in found if len(part) >= max(3, SPECK * len(found[0]))]


def seen(picture):
    """Size, place and count of what a picture shows, in the words of `scene`; `None` where nothing is seen."""
    found = parts(drawn(picture))
    if not found:
        return {"size": None, "place": None, "count": 0}
    cells = np.concatenate(found)
    low, high = cells.min(0), cells.max(0) + 1
    edge = (high - low).max() / GRID
    down, right = (low + high) / 2 / GRID - 0.5
    signs = tuple(0 if abs(away) < ASIDE else int(np.sign(away)) for away in (right, down))
    place = next((name for name, direction in scene.PLACES.items() if direction == signs), None)
    size = "small" if edge < SMALL else "large" if edge > LARGE else None
    return {"size": size, "place": place, "count": len(found)}


def agreement(pictures, scenes):
    """How often size, place and count are as asked, each over the scenes that ask for it."""
    right = {"size": [], "place": [], "count": []}
    for picture, one in zip(pictures, scenes):
        shown = seen(picture)
        asked = {"size": one.size, "place": one.place, "count": one.count if one.count > 1 else None}
        for key, value in asked.items():
            if value is not None:
                right[key].append(shown[key] == value)
    return {key: round(sum(values) / len(values), 3) for key, values in right.items() if values}


def likeness(groups):
    """Of pictures of one caption each, (groups, pictures, H, W, 3): the mean PSNR of two of a group in dB, and the
    share of pairs that are nearly the same (20 dB and more)."""
    values = []
    for group in groups:
        planes = np.asarray(group, np.float32)
        for index in range(len(planes)):
            for other in planes[index + 1 :]:
                error = ((planes[index] - other) ** 2).mean()
                values.append(10 * np.log10(255**2 / max(error, 1e-9)))
    nearly = [value >= 20 for value in values]
    return {"psnr": round(float(np.mean(values)), 2), "nearly_the_same": round(sum(nearly) / len(nearly), 3)}
