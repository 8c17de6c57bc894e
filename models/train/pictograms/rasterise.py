"""SVG to pixels, once a subject and colour."""

import io

import numpy as np
import resvg_py
from PIL import Image

from . import colours, icons, settings


def rasterise(icon):
    """Draws an icon as RGBA, cropped to what is visible."""
    png = bytes(resvg_py.svg_to_bytes(svg_string=icons.svg(icon, settings.ICON)))
    image = Image.open(io.BytesIO(png)).convert("RGBA")
    return image.crop(image.getbbox())


class Drawings:
    """All drawings of the run in all colours, made on demand and kept."""

    def __init__(self):
        self.subjects = icons.subjects()
        self._natural = {}
        self._coloured = {}
        self._named = {}

    def natural(self, subject):
        """The drawing as it comes."""
        if subject not in self._natural:
            self._natural[subject] = rasterise(self.subjects[subject].icon)
        return self._natural[subject]

    def coloured(self, subject, colour):
        """The drawing with its main colour replaced; `None` leaves it as it is."""
        if colour is None:
            return self.natural(subject)
        key = (subject, colour)
        if key not in self._coloured:
            pixels = np.asarray(self.natural(subject))
            self._coloured[key] = Image.fromarray(colours.recolour(pixels, colour), "RGBA")
        return self._coloured[key]

    def natural_colour(self, subject):
        """The name of the drawing's own main colour, or `None` if there is no clear one."""
        if subject not in self._named:
            self._named[subject] = colours.main_colour(np.asarray(self.natural(subject)))
        return self._named[subject]
