"""Writes the finished model as a Stable Diffusion 1 folder of the diffusers library, in half precision."""

import json

import torch
from diffusers import PNDMScheduler

from . import autoencoder, denoiser, reader, settings
from .checkpoint import Checkpoint

DEFAULTS = {
    "vae": None, "vae_precision": None, "scheduler": "euler", "steps": 20, "cfg_scale": 5.0,
    "cfg_rescale_multiplier": None, "width": settings.IMAGE, "height": settings.IMAGE, "guidance": None,
    "cpu_only": None, "fp8_storage": None,
}
"""The model's default settings as InvokeAI stores them: what its user interface picks by itself. `invoke up` reads
them when it registers the model."""

LIMIT = 48 * 1024 * 1024


def averaged_unet():
    """The UNet with its averaged weights; without a run of its own, the finished one."""
    unet = denoiser.started()
    if state := Checkpoint("denoiser").load():
        unet.load_state_dict(state["average"])
    return unet.eval()


def write(unet=None):
    """Writes the whole folder; raises if it is larger than allowed."""
    folder = settings.MODEL
    folder.mkdir(parents=True, exist_ok=True)
    text_encoder, tokenizer = reader.load()
    unet = unet or averaged_unet()
    vae = autoencoder.trained()
    for name, part in (("text_encoder", text_encoder), ("unet", unet), ("vae", vae)):
        part.to(torch.float16).save_pretrained(folder / name, safe_serialization=True)
    tokenizer.save_pretrained(folder / "tokenizer")
    source = settings.CACHE / "tokenizer"
    for name in ("vocab.json", "merges.txt"):
        (folder / "tokenizer" / name).write_text((source / name).read_text())
    scheduler = PNDMScheduler(**denoiser.SCHEDULE, set_alpha_to_one=False, skip_prk_steps=True, steps_offset=1)
    # For DDIM and DDPM, which are made of the same file and cut latents at one deviation unless it says otherwise.
    scheduler.register_to_config(clip_sample=False)
    scheduler.save_pretrained(folder / "scheduler")
    index = {
        "_class_name": "StableDiffusionPipeline",
        "_diffusers_version": "0.40.0",
        "feature_extractor": [None, None],
        "image_encoder": [None, None],
        "requires_safety_checker": False,
        "safety_checker": [None, None],
        "scheduler": ["diffusers", "PNDMScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
    }
    (folder / "model_index.json").write_text(json.dumps(index, indent=2) + "\n")
    (folder / "invokeai-defaults.json").write_text(json.dumps(DEFAULTS, indent=2) + "\n")
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    if size > LIMIT:
        raise RuntimeError(f"the model takes {size} bytes, {LIMIT} are allowed")
    print(f"wrote {folder.name}: {size / 1e6:.1f} MB", flush=True)
