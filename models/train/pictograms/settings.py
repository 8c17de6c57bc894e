"""Sizes, budgets and folders. A longer run changes numbers here and nothing else."""

import os
from pathlib import Path

SEED = 20261125

TRAIN = Path(__file__).resolve().parent.parent
"""The training project inside the repository."""

MODEL = Path(os.environ.get("PICTOGRAM_MODEL") or TRAIN.parent / "pictograms")
"""The finished model, in the diffusers layout."""

CACHE = Path(
    os.environ.get("INVOKE_MODEL_TRAINING")
    or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "invoke-model-training"
)
"""Everything that can be computed again: packages, pixels, latents, checkpoints."""

SUBJECTS = int(os.environ.get("PICTOGRAM_SUBJECTS", "64"))
"""How many lines of subjects.txt are drawn, from the top."""

THREADS = int(os.environ.get("PICTOGRAM_THREADS", "2"))

IMAGE = 128
"""Native width and height in pixels."""

LATENT = IMAGE // 8
ICON = 288
"""Edge of a rasterised drawing; scenes are drawn from it by shrinking."""

VOCABULARY = 1280
CONTEXT = 768
TOKENS = 77

POSES = int(os.environ.get("PICTOGRAM_POSES", "5"))
"""In how many poses every drawing is rendered in every colour."""

VAE_SECONDS = int(os.environ.get("PICTOGRAM_VAE_SECONDS", "2700"))
READER_STEPS = int(os.environ.get("PICTOGRAM_READER_STEPS", "500"))
DENOISER_SECONDS = int(os.environ.get("PICTOGRAM_DENOISER_SECONDS", "7200"))
"""Training is budgeted in seconds, since machines differ more than patience does."""

CHECKPOINT_SECONDS = 180
