"""Pictures from the finished folder, and sample grids."""

import numpy as np
import torch
from diffusers import AutoencoderKL, EulerDiscreteScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from PIL import Image
from transformers import CLIPTextModel, CLIPTokenizer

from . import settings, vocabulary

STEPS = 20
GUIDANCE = 5.0
GRID = (
    "apple", "a red apple on a blue background", "a green heart", "star on a black background",
    "a purple teapot", "frog", "a blue cat on a yellow background", "rocket on a light blue background",
    "a pink umbrella on a green background", "sunflower", "lemon on a pink background", "a blue fish",
    "penguin on a grey background", "an orange balloon on a purple background", "key", "a red mushroom on a black background",
    "a green car on a white background", "house on a pink background", "a yellow butterfly on a purple background", "robot",
    "a purple octopus on an orange background", "panda on a green background", "a pink doughnut", "ghost on a black background",
    "elephant on a pink background", "a purple guitar on an orange background", "crown on a blue background",
    "a pink dinosaur", "snowman on a light blue background", "a green backpack on a yellow background",
    "skull on a black background", "cupcake", "an orange t-shirt on a grey background", "camera on a green background",
    "a blue mango on a yellow background", "hammer on a brown background",
)
GRID_COMPOSED = (
    "a small red apple on a white background", "two cats on a yellow background", "three stars on a black background",
    "a fish in the top left corner on a light blue background", "a large pink heart", "four balloons",
    "dog", "dog", "dog", "car", "car", "car",
)
"""Two more rows where sizes, places and counts are learned. The last prompts come again: other noise, other colours."""


class Painter:
    """The four parts of the model, loaded from its folder in single precision."""

    def __init__(self, folder=settings.MODEL):
        torch.set_num_threads(settings.THREADS)
        part = {"torch_dtype": torch.float32}
        self.tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer")
        self.reader = CLIPTextModel.from_pretrained(folder / "text_encoder", dtype=torch.float32).eval()
        self.unet = UNet2DConditionModel.from_pretrained(folder / "unet", **part).eval()
        # Faster at these sizes than the fused kernel, as in training.
        self.unet.set_attn_processor(AttnProcessor())
        self.unet.to(memory_format=torch.channels_last)
        self.vae = AutoencoderKL.from_pretrained(folder / "vae", **part).eval()
        self.scheduler = EulerDiscreteScheduler.from_pretrained(folder / "scheduler")

    @torch.no_grad()
    def context(self, texts):
        """Text contexts of shape (texts, 77, 768)."""
        return self.reader(vocabulary.encode(self.tokenizer, list(texts))).last_hidden_state

    @torch.no_grad()
    def encode(self, pictures):
        """Latents of uint8 RGB pictures."""
        tensor = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1
        return self.vae.encode(tensor).latent_dist.mean * self.vae.config.scaling_factor

    @torch.no_grad()
    def decode(self, latent):
        """uint8 RGB pictures of latents."""
        decoded = self.vae.decode(latent / self.vae.config.scaling_factor).sample
        return ((decoded.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()

    def velocity(self, latent, time, context):
        """What the UNet predicts."""
        return self.unet(latent, time, context).sample

    def paint(self, texts, **options):
        """uint8 RGB pictures of shape (texts, height, width, 3); options as for `latents`."""
        return self.decode(self.latents(texts, **options))

    @torch.no_grad()
    def latents(self, texts, seed=0, steps=STEPS, guidance=GUIDANCE, start=None, strength=1.0, kept=None):
        """Latents of pictures, (texts, 4, height / 8, width / 8).

        With `start`, latents to begin from, only the last share `strength` of the steps is made (image to image);
        where the mask `kept` is 1, the result keeps the start (inpainting).
        """
        context = torch.cat([self.context([""] * len(texts)), self.context(texts)])
        self.scheduler.set_timesteps(steps)
        times = self.scheduler.timesteps[steps - round(steps * strength) :]
        generator = torch.Generator().manual_seed(seed)
        noise = torch.randn((len(texts), 4, settings.LATENT, settings.LATENT), generator=generator)
        fresh = start is None
        latent = noise * self.scheduler.init_noise_sigma if fresh else self._noised(start, noise, times[0])
        for index, time in enumerate(times):
            scaled = self.scheduler.scale_model_input(torch.cat([latent, latent]), time)
            idle, asked = self.velocity(scaled, time, context).chunk(2)
            latent = self.scheduler.step(idle + guidance * (asked - idle), time, latent).prev_sample
            if kept is not None:
                last = index + 1 == len(times)
                latent = torch.lerp(latent, start if last else self._noised(start, noise, times[index + 1]), kept)
        return latent

    def _noised(self, latent, noise, time):
        return self.scheduler.add_noise(latent, noise, time.repeat(len(latent)))


def tile(pictures, columns):
    """One picture of many."""
    rows = [np.concatenate(list(pictures[i : i + columns]), 1) for i in range(0, len(pictures), columns)]
    return Image.fromarray(np.concatenate(rows, 0))


def write_grid():
    """Writes samples.png beside the model: the prompts of `GRID`, six a row, seed 0."""
    prompts = GRID + (GRID_COMPOSED if settings.COMPOSED else ())
    tile(Painter().paint(prompts), 6).save(settings.MODEL / "samples.png", optimize=True)
