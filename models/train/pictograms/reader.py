"""The text encoder: a narrow CLIP, trained to know what a caption asks for.

It is trained before the denoiser and by itself, since that takes minutes. Linear heads read subject, colour,
background, size, place and count from every position from the end mark on; afterwards the heads are thrown away. What
they needed stays linearly readable in the context that the denoiser attends to.
"""

import random
import time

import torch
from torch import nn
from torch.nn import functional
from transformers import CLIPTextConfig, CLIPTextModel

from . import arithmetic, caption, colours, icons, scene, settings, vocabulary
from .checkpoint import Checkpoint
from .progress import Progress

BATCH = 96
RATE = 8e-4
FINE_RATE = 3e-4
"""For a finished encoder that is taught further; its heads are new and learn at ten times this rate."""


def build(tokenizer):
    """An untrained text encoder of hidden width 768."""
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=settings.CONTEXT,
            projection_dim=settings.CONTEXT,
            intermediate_size=512,
            num_hidden_layers=2,
            num_attention_heads=12,
            max_position_embeddings=settings.TOKENS,
            hidden_act="quick_gelu",
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


def random_caption(rng, subjects):
    """A caption in one of the forms that people use, and what it asks for."""
    one = scene.random_scene(rng, len(subjects), share=0.35)
    roll = rng.random()
    if roll < 0.03:
        return caption.idle(rng), caption.Asked()
    if roll < 0.04:
        return "", caption.Asked()
    if roll < 0.08:
        return caption.partial(one, rng)
    natural = rng.choice((None, rng.choice(colours.MAIN_NAMES)))
    return caption.describe(one, subjects[one.subject].names, natural, rng)


class Heads(nn.Module):
    """What is asked, from one context vector. The last class of each head means 'not said'."""

    def __init__(self, subjects):
        super().__init__()
        self.choices = {
            "subject": list(range(subjects)),
            "colour": list(colours.MAIN_NAMES),
            "background": list(colours.BACKGROUND_NAMES),
            "size": list(scene.SIZES),
            "place": list(scene.PLACES),
            "count": [1, 2, 3, 4],
        }
        self.linear = nn.ModuleDict({k: nn.Linear(settings.CONTEXT, len(v) + 1) for k, v in self.choices.items()})

    def targets(self, asked):
        """Class numbers of each head for a list of `Asked`."""
        result = {}
        for key, choices in self.choices.items():
            values = [getattr(one, key) for one in asked]
            result[key] = torch.tensor([len(choices) if v is None else choices.index(v) for v in values])
        return result


def train():
    """Trains for `READER_STEPS`; returns the encoder. A finished one is taken as it is unless steps are asked for."""
    torch.set_num_threads(settings.THREADS)
    torch.manual_seed(settings.SEED)
    checkpoint, progress = Checkpoint("reader"), Progress("reader")
    state = checkpoint.load() or {}
    finished = settings.finished("text_encoder")
    if finished and not state and not settings.READER_GOES_ON:
        return load()[0]
    if not finished and not state:
        vocabulary.build()
    tokenizer = vocabulary.load()
    subjects = icons.all_subjects()
    model, heads = build(tokenizer), Heads(len(subjects))
    if finished:
        model.load_state_dict(load()[0].state_dict())
    model.train()
    step = state.get("step", 0)
    parameters = [*model.parameters(), *heads.parameters()]
    rates = (FINE_RATE, 10 * FINE_RATE) if finished else (RATE, RATE)
    groups = [{"params": list(part.parameters()), "top": rate} for part, rate in zip((model, heads), rates)]
    optimizer = torch.optim.AdamW(groups, RATE, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    if state:
        model.load_state_dict(state["model"])
        heads.load_state_dict(state["heads"])
        optimizer.load_state_dict(state["optimizer"])
    began = time.monotonic() - state.get("spent", 0)
    while step < settings.READER_STEPS:
        for group in optimizer.param_groups:
            group["lr"] = group["top"] * min(1, (step + 1) / 60) * max(0.03, 1 - step / settings.READER_STEPS)
        rng = random.Random(settings.SEED * 1_000_033 + step)
        texts, asked = zip(*(random_caption(rng, subjects) for _ in range(BATCH)))
        tokens = vocabulary.encode(tokenizer, list(texts))
        ends = (tokens == tokenizer.eos_token_id).int().argmax(1)
        # The rest of the padding reads as its start does, so a few positions of it teach enough.
        width = int(ends.max()) + 6
        late = torch.randint(width, settings.TOKENS, (4,))
        positions = torch.cat([torch.arange(width), late]) if width < settings.TOKENS - 4 else torch.arange(settings.TOKENS)
        with arithmetic.mixed():
            context = model(
                tokens[:, positions], position_ids=positions.unsqueeze(0)
            ).last_hidden_state
        after = positions.unsqueeze(0) >= ends.unsqueeze(1)
        weight = after / after.sum(1, keepdim=True)
        loss, right = 0.0, 1.0
        for key, target in heads.targets(asked).items():
            scores = heads.linear[key](context.float())
            losses = functional.cross_entropy(scores.transpose(1, 2), target.unsqueeze(1).expand(after.shape), reduction="none")
            loss = loss + (losses * weight).sum(1).mean()
            right = right * (scores.argmax(-1)[torch.arange(BATCH), ends] == target).float()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        step += 1
        spent = time.monotonic() - began
        progress.note(step, spent, 0, loss=loss.item(), all_right=right.mean().item())
        if checkpoint.due() or step == settings.READER_STEPS:
            checkpoint.save(
                {
                    "model": model.state_dict(),
                    "heads": heads.state_dict(),
                    "optimizer": optimizer.state_dict(),
                    "step": step,
                    "spent": spent,
                }
            )
    return model.eval()


def load():
    """The trained encoder and its tokenizer; without a run of its own, those of the finished model."""
    state = Checkpoint("reader").load()
    folder = settings.finished("text_encoder")
    if state is None and folder:
        model = CLIPTextModel.from_pretrained(folder, dtype=torch.float32)
        return model.eval(), vocabulary.load()
    tokenizer = vocabulary.load()
    model = build(tokenizer)
    model.load_state_dict(state["model"])
    return model.eval(), tokenizer
