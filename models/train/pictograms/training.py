"""What the training loops share: a budget in processor time, averaged weights, checkpoints of all of it."""

import time

import torch

from .checkpoint import Checkpoint
from .progress import Progress


class Run:
    """One resumable training run of a model: its weights, their average, its optimizer, its clock.

    The clock counts the processor time of this process, all threads together, so a run that is stopped for a while or
    shares its processors with others still gets what it was promised.
    """

    def __init__(self, name, model, average, optimizer, budget, keep=0.99):
        self.model, self.average, self.optimizer, self.budget, self.keep = model, average, optimizer, budget, keep
        self.checkpoint, self.progress = Checkpoint(name), Progress(name.partition("-")[0])
        state = self.checkpoint.load() or {}
        self.step, self._before = state.get("step", 0), state.get("spent", 0.0)
        self._first = self.step
        if state:
            model.load_state_dict(state["model"])
            average.load_state_dict(state["average"])
            optimizer.load_state_dict(state["optimizer"])
        self._began = time.process_time()

    @property
    def spent(self):
        """Processor seconds over all resumed runs."""
        return self._before + time.process_time() - self._began

    @property
    def left(self):
        """What is left of the budget: falls from 1 to 0."""
        return max(0.0, 1 - self.spent / self.budget)

    def warm(self, steps):
        """A factor for the learning rate that rises to 1 after every start, since a resumed optimizer may be new."""
        return min(1.0, (self.step - self._first + 1) / steps)

    @torch.no_grad()
    def end_step(self, **losses):
        """After every update: averages the weights, notes the losses, saves if it is time."""
        self.step += 1
        keep = min(self.keep, self.step / (self.step + 10))
        for kept, new in zip(self.average.parameters(), self.model.parameters()):
            if new.requires_grad:
                kept.lerp_(new, 1 - keep)
        self.progress.note(self.step, self.spent, self.budget, **losses)
        if self.checkpoint.due():
            self.save()

    def save(self):
        """Saves everything that is needed to go on."""
        self.checkpoint.save(
            {
                "model": self.model.state_dict(),
                "average": self.average.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "step": self.step,
                "spent": self.spent,
            }
        )
