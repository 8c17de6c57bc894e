"""Loss curves and wall times of a run, written beside the model as training.svg and training.json."""

import json

from . import settings

WIDTH, HEIGHT, MARGIN = 320, 160, 28
CURVES = (
    ("vae", "psnr"), ("reader", "all_right"), ("denoiser", "loss"), ("polish", "psnr"),
    ("judge", "subject"), ("style", "loss"), ("edges", "loss"),
)
"""Which measure of which run is drawn; runs that left no notes are left out."""


def notes(name):
    """The notes of a run in the order in which they were written."""
    path = settings.CACHE / "report" / f"{name}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _curve(run, measure, records, top):
    """One chart as SVG elements."""
    values = [record[measure] for record in records]
    low, high = min(values), max(values)
    span = (high - low) or 1
    points = " ".join(
        f"{MARGIN + index / max(1, len(values) - 1) * (WIDTH - 2 * MARGIN):.1f},"
        f"{top + HEIGHT - MARGIN - (value - low) / span * (HEIGHT - 2 * MARGIN):.1f}"
        for index, value in enumerate(values)
    )
    title = f"{run}: {measure}, {low:.3g} to {high:.3g}, {records[-1]['step']} steps"
    return [
        f'<text x="{MARGIN}" y="{top + 18}" font-family="sans-serif" font-size="11">{title}</text>',
        f'<polyline points="{points}" fill="none" stroke="#2563eb" stroke-width="1.5"/>',
    ]


def write():
    """Writes both files from whatever runs there are."""
    elements, summary = [], {}
    for run, measure in CURVES:
        records = notes(run)
        if not records:
            continue
        elements += _curve(run, measure, records, HEIGHT * len(summary))
        last = {key: value for key, value in records[-1].items() if key != "at"}
        summary[run] = {"first": {measure: records[0][measure]}, "last": last}
    height = HEIGHT * len(summary)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">'
    body = [head, f'<rect width="{WIDTH}" height="{height}" fill="white"/>', *elements, "</svg>"]
    (settings.MODEL / "training.svg").write_text("\n".join(body) + "\n")
    (settings.MODEL / "training.json").write_text(json.dumps(summary, indent=2) + "\n")
