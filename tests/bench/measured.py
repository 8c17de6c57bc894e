"""Measurements, and how they are shown."""

import json
import statistics


class Measured:
    """One line of the table: what was measured at ours and at the peer, some times each."""

    def __init__(self, what, unit, higher_is_better=False, mark=None):
        self.what = what
        self.unit = unit
        self.higher_is_better = higher_is_better
        # How many times ahead of the peer we want to be.
        self.mark = mark
        self.ours = []
        self.peer = []

    def ahead(self):
        """How many times better ours is, by the medians; None without a peer."""
        if not self.ours or not self.peer:
            return None
        ours, peer = statistics.median(self.ours), statistics.median(self.peer)
        if not ours or not peer:
            return None
        return ours / peer if self.higher_is_better else peer / ours

    def row(self):
        ahead = self.ahead()
        return [
            self.what,
            self.unit,
            number(self.ours),
            number(self.peer),
            "" if ahead is None else f"{ahead:.2f}x" if ahead < 10 else f"{ahead:.0f}x",
            "" if self.mark is None else f"{self.mark:g}x",
            "" if ahead is None or self.mark is None else "yes" if ahead >= self.mark else "NO",
        ]

    def value(self):
        return {
            "what": self.what,
            "unit": self.unit,
            "higher_is_better": self.higher_is_better,
            "ours": self.ours,
            "peer": self.peer,
            "ahead": self.ahead(),
            "mark": self.mark,
        }


def number(values):
    """A median with three digits, and the spread when there are several."""
    if not values:
        return ""
    short = lambda value: f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    text = short(statistics.median(values))
    return text if len(values) == 1 else f"{text} ({short(min(values))}–{short(max(values))})"


def table(measurements):
    """The text table."""
    rows = [["", "unit", "studio", "InvokeAI", "ahead", "mark", "met"]] + [each.row() for each in measurements]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def write(path, measurements, machine):
    with open(path, "w") as file:
        json.dump({"machine": machine, "measurements": [each.value() for each in measurements]}, file, indent=1)
        file.write("\n")
