#!/usr/bin/env python3
"""Rebuilds the bundled model. `python train.py all` makes its own environment and runs every step.

Each step resumes where it stopped and does nothing once it is done. See README.md.
"""

import os
import subprocess
import sys
import venv
from pathlib import Path

STEPS = ("vae", "reader", "denoiser", "export", "polish", "grid", "evaluate", "style", "edges", "covers", "report")


def cache_folder():
    """Where environment, packages and checkpoints live; the same rule as in pictograms/settings.py."""
    named = os.environ.get("INVOKE_MODEL_TRAINING")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "invoke-model-training"


def enter_environment():
    """Re-runs this program inside the pinned environment, installing it first if need be."""
    here = Path(__file__).resolve().parent
    folder = cache_folder() / "venv"
    python = folder / "bin" / "python"
    pins = (here / "requirements.txt").read_text()
    stamp = folder / "requirements.txt"
    if not stamp.exists() or stamp.read_text() != pins:
        print(f"installing the pinned Python packages into {folder}", file=sys.stderr, flush=True)
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", here / "requirements.txt"], check=True)
        stamp.write_text(pins)
    if Path(sys.prefix).resolve() != folder.resolve():
        os.execv(python, [str(python), *sys.argv])


def run(step):
    """Runs one step; imports are late so that each loads only what it needs."""
    if step == "vae":
        from pictograms import autoencoder

        autoencoder.train()
    elif step == "reader":
        from pictograms import reader

        reader.train()
    elif step == "denoiser":
        from pictograms import denoiser

        denoiser.train()
    elif step == "export":
        from pictograms import layout

        layout.write()
    elif step == "polish":
        from pictograms import polish

        polish.train()
    elif step == "grid":
        from pictograms import sampling

        sampling.write_grid()
    elif step == "evaluate":
        from pictograms import evaluation

        evaluation.evaluate()
    elif step == "style":
        from pictograms import style

        style.train()
    elif step == "edges":
        from pictograms import edges

        edges.train()
    elif step == "covers":
        from pictograms import covers

        covers.write()
    elif step == "report":
        from pictograms import report

        report.write()
    elif step == "test":
        import unittest

        suite = unittest.defaultTestLoader.discover(str(Path(__file__).resolve().parent / "tests"))
        if not unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful():
            sys.exit(1)


def main():
    """Runs the named steps, or all."""
    asked = sys.argv[1:]
    if not asked or any(step not in (*STEPS, "all", "test") for step in asked):
        sys.exit(f"usage: train.py all | test | {' | '.join(STEPS)} ...")
    enter_environment()
    for step in STEPS if "all" in asked else asked:
        run(step)


if __name__ == "__main__":
    main()
