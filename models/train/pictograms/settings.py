"""Sizes, budgets and folders. A longer run changes numbers here and nothing else."""

import os
from pathlib import Path

SEED = 20261125

TRAIN = Path(__file__).resolve().parent.parent
"""The training project inside the repository."""

MODEL = Path(os.environ.get("PICTOGRAM_MODEL") or TRAIN.parent / "pictograms")
"""The finished model, in the diffusers layout."""

START = os.environ.get("PICTOGRAM_START") or "finished"
"""Where training starts without a checkpoint: `finished` goes on from the weights in `MODEL`, `nothing` does not."""
if START not in ("finished", "nothing"):
    raise ValueError("PICTOGRAM_START is 'finished' or 'nothing'")

CACHE = Path(
    os.environ.get("INVOKE_MODEL_TRAINING")
    or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "invoke-model-training"
)
"""Everything that can be computed again: packages, pixels, latents, checkpoints."""

SUBJECTS = int(os.environ.get("PICTOGRAM_SUBJECTS", "314"))
"""How many lines of subjects.txt are drawn, from the top."""

THREADS = int(os.environ.get("PICTOGRAM_THREADS", "2"))

IMAGE = 128
"""Native width and height in pixels."""

LATENT = IMAGE // 8
ICON = 208
"""Edge of a rasterised drawing; scenes are drawn from it by shrinking."""

VOCABULARY = 1280
CONTEXT = 768
TOKENS = 77

POSES = int(os.environ.get("PICTOGRAM_POSES", "4"))
"""In how many poses of the usual size every drawing is rendered in every colour."""

MOVEMENT = float(os.environ.get("PICTOGRAM_MOVEMENT", "0.25"))
"""How much pictures of one caption differ in size, place and rotation, from 0 to 1. What a caption leaves open is
averaged by a short training, so the less a drawing moves, the sooner its detail is known; and the more alike are two
seeds of one prompt."""

SHIFT = int(os.environ.get("PICTOGRAM_SHIFT", str(int(2.5 * MOVEMENT))))
"""How far from the middle a drawing stands at most when its caption names no place, in whole latent cells; where in
its cell it stands comes on top."""

MIRRORED = MOVEMENT >= 0.5
"""Whether drawings are also mirrored."""

UNSAID = float(os.environ.get("PICTOGRAM_UNSAID", "0.3"))
"""Share of the scenes on a background that no caption says. Where that is more than nothing, things of any colour are
also drawn in colours that no caption says. Unlike a place, such a choice is one for the whole picture, and as such easy
to tell from noise."""

FREE_COLOURS = MIRRORED or UNSAID > 0

COMPOSED = float(os.environ.get("PICTOGRAM_COMPOSED", "0.3"))
"""Share of the scenes that have a size, a place or a count."""


def _budget(step, seconds):
    return int(os.environ.get(f"PICTOGRAM_{step}_SECONDS") or seconds)


VAE_SECONDS = _budget("VAE", 3600)
DENOISER_SECONDS = _budget("DENOISER", 18000)
POLISH_SECONDS = _budget("POLISH", 900)
STYLE_SECONDS = _budget("STYLE", 600)
EDGES_SECONDS = _budget("EDGES", 1800)
JUDGE_SECONDS = _budget("JUDGE", 240)
"""Training is budgeted in processor seconds, all threads together: machines differ, and other work may come between."""

READER_STEPS = int(os.environ.get("PICTOGRAM_READER_STEPS", "500"))
READER_GOES_ON = "PICTOGRAM_READER_STEPS" in os.environ
"""Whether a finished text encoder is taught further (the list of subjects has grown) or taken as it is."""
POOL = int(os.environ.get("PICTOGRAM_POOL", "2048"))
"""How many captions the denoiser draws its batches from; they are renewed slowly."""

PAINTED = int(os.environ.get("PICTOGRAM_PAINTED", "768"))
"""How many of the UNet's own pictures the decoder learns from in the end."""

PROMPTS = int(os.environ.get("PICTOGRAM_PROMPTS", "200"))
"""How many prompts the evaluation paints."""

CHECKPOINT_SECONDS = 180
"""Of wall time."""


def finished(part):
    """The folder of a part of the finished model, or `None` if training does not start from it."""
    folder = MODEL / part
    return folder if START == "finished" and (folder / "config.json").exists() else None
