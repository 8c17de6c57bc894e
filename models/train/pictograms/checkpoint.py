"""Atomic, resumable training state in the cache."""

import os
import time

import torch

from . import settings


class Checkpoint:
    """Saves and restores named parts of one training run."""

    def __init__(self, name):
        self.path = settings.CACHE / "checkpoints" / f"{name}.pt"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._saved = time.monotonic()

    def load(self):
        """The last saved state, or `None`."""
        if not self.path.exists():
            return None
        return torch.load(self.path, map_location="cpu", weights_only=True)

    def save(self, state):
        """Replaces the saved state in one step; a crash leaves the former one."""
        temporary = self.path.with_suffix(".tmp")
        torch.save(state, temporary)
        os.replace(temporary, self.path)
        self._saved = time.monotonic()

    def due(self):
        """Whether it is time to save again."""
        return time.monotonic() - self._saved > settings.CHECKPOINT_SECONDS
