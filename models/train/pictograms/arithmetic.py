"""How this processor computes best."""

import contextlib

import torch

from . import settings


def prepare():
    """Uses as many threads as asked for."""
    torch.set_num_threads(settings.THREADS)


def mixed():
    """bfloat16 where the processor has wide vectors for it; without them it is slower than single precision."""
    wide = torch.backends.cpu.get_cpu_capability().startswith("AVX512")
    return torch.autocast("cpu", torch.bfloat16) if wide else contextlib.nullcontext()
