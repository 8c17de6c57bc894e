"""Scenes to latents, and their captions to contexts, computed once and kept on disk as half precision."""

import json
import random
import sys
import time

import numpy as np
import torch

from . import autoencoder, caption, reader, scene, settings, vocabulary
from .checkpoint import Checkpoint
from .held_out import is_held_out
from .rasterise import Drawings

BATCH = 32
FOLDER = settings.CACHE / "latents"
RECORD = FOLDER / "record.json"


def training_scene(rng, drawings):
    """A random scene whose combination is not held out."""
    while True:
        one = scene.random_scene(rng, len(drawings.subjects))
        if not is_held_out(drawings.subjects[one.subject].names[0], one.colour, one.background):
            return one


def training_caption(one, drawings, rng):
    """What the scene is called in training: nearly always a description, now and then less."""
    if rng.random() < 0.02:
        return caption.partial(one, rng)[0]
    subject = drawings.subjects[one.subject]
    return caption.describe(one, subject.names, drawings.natural_colour(one.subject), rng)[0]


def finished_vae():
    """The trained VAE with latents standardised over random scenes; made anew when the VAE has been trained further."""
    trained = Checkpoint("vae").load()
    vae = autoencoder.build().eval()
    checkpoint = Checkpoint("vae-standardised")
    state = checkpoint.load()
    if state and state["step"] == trained["step"]:
        vae.load_state_dict(state["model"])
        return vae
    vae.load_state_dict(trained["average"])
    drawings, rng = Drawings(), random.Random(settings.SEED)
    sample = [scene.draw(training_scene(rng, drawings), drawings, rng) for _ in range(256)]
    with torch.no_grad():
        parts = [vae.encode(autoencoder.pixels(sample[i : i + 32])).latent_dist.mean for i in range(0, 256, 32)]
    means = torch.cat(parts)
    autoencoder.standardise(vae, means.mean((0, 2, 3)), means.std((0, 2, 3)))
    checkpoint.save({"model": vae.state_dict(), "step": trained["step"]})
    return vae


def provenance():
    """What the latents depend on; when it changes they are computed anew."""
    steps = {name: (Checkpoint(name).load() or {}).get("step") for name in ("vae", "reader")}
    return {**steps, "scenes": settings.SCENES, "subjects": settings.SUBJECTS, "seed": settings.SEED}


def _array(name, shape, mode):
    FOLDER.mkdir(parents=True, exist_ok=True)
    return np.lib.format.open_memmap(FOLDER / f"{name}.npy", mode, np.float16, shape)


def idle_contexts(model, tokenizer, count=48):
    """Contexts of captions that ask for nothing; the first is the empty one."""
    rng = random.Random(settings.SEED)
    texts = [""] + [caption.idle(rng) for _ in range(count - 1)]
    with torch.no_grad():
        return model(vocabulary.encode(tokenizer, texts)).last_hidden_state


def compute():
    """Writes `SCENES` latents (standard, that is times 0.18215) and contexts; continues where it stopped."""
    torch.set_num_threads(settings.THREADS)
    origin = provenance()
    record = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    done = record["done"] if record.get("origin") == origin else 0
    if done >= settings.SCENES:
        return
    vae = finished_vae().to(memory_format=torch.channels_last)
    model, tokenizer = reader.load()
    drawings = Drawings()
    mode = "r+" if done else "w+"
    latents = _array("latents", (settings.SCENES, 4, settings.LATENT, settings.LATENT), mode)
    contexts = _array("contexts", (settings.SCENES, settings.TOKENS, settings.CONTEXT), mode)
    began = time.monotonic()
    for start in range(done, settings.SCENES, BATCH):
        rng = random.Random(settings.SEED * 7919 + start)
        scenes = [training_scene(rng, drawings) for _ in range(min(BATCH, settings.SCENES - start))]
        image = autoencoder.pixels([scene.draw(one, drawings, rng) for one in scenes])
        texts = [training_caption(one, drawings, rng) for one in scenes]
        end = start + len(scenes)
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            latents[start:end] = (vae.encode(image).latent_dist.mean * autoencoder.SCALING).float().numpy()
            contexts[start:end] = model(vocabulary.encode(tokenizer, texts)).last_hidden_state.float().numpy()
        RECORD.write_text(json.dumps({"origin": origin, "done": end}))
        if start % (BATCH * 20) == 0:
            print(f"latents {end}/{settings.SCENES} [{time.monotonic() - began:.0f} s]", file=sys.stderr, flush=True)
    latents.flush()
    contexts.flush()


def load():
    """Latents and contexts, mapped from disk, as far as they are computed."""
    done = json.loads(RECORD.read_text())["done"]
    latents = np.load(FOLDER / "latents.npy", mmap_mode="r")[:done]
    return latents, np.load(FOLDER / "contexts.npy", mmap_mode="r")[:done]
