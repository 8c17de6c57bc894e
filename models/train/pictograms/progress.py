"""Progress lines on standard error, and loss curves as one JSON line a note."""

import json
import sys
import time

from . import settings


class Progress:
    """Averages losses between notes; the file grows across resumed runs."""

    def __init__(self, name, every=20):
        self.name, self.every = name, every
        self.path = settings.CACHE / "report" / f"{name}.jsonl"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._losses = []

    def note(self, step, elapsed, budget, **losses):
        """Counts one step; writes a line every `every` steps."""
        self._losses.append(losses)
        if step % self.every:
            return
        means = {key: sum(one[key] for one in self._losses) / len(self._losses) for key in losses}
        self._losses.clear()
        record = {"step": step, "seconds": round(elapsed, 1), **{k: round(v, 5) for k, v in means.items()}}
        with self.path.open("a") as file:
            file.write(json.dumps({**record, "at": round(time.time())}) + "\n")
        shown = " ".join(f"{key} {value:.4f}" for key, value in means.items())
        print(f"{self.name} {step} [{elapsed:.0f}/{budget:.0f} s] {shown}", file=sys.stderr, flush=True)
