"""A LoRA in kohya's form that turns every picture into one of greys, trained on the finished UNet."""

import copy

import numpy as np
import torch
from diffusers import DDPMScheduler, UNet2DConditionModel
from safetensors.torch import load_file, save_file
from torch import nn

from . import arithmetic, captions, denoiser, patchcode, settings
from .poses import Poses
from .training import Run

RANK = 8
BATCH = 24
RATE = 2e-3
TARGETS = ("to_q", "to_k", "to_v", "to_out.0", "ff.net.0.proj", "ff.net.2", "conv1", "conv2", "conv_in", "conv_out")
"""Which layers it changes. A colour is a matter of channels, so the convolutions learn a style of colours soonest."""
FILE = settings.MODEL.parent / "pictograms-greys.safetensors"


class Adapted(nn.Module):
    """A linear layer or a convolution with a low-rank change beside it."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer
        if isinstance(layer, nn.Conv2d):
            self.down = nn.Conv2d(
                layer.in_channels, RANK, layer.kernel_size, layer.stride, layer.padding, bias=False
            )
            self.up = nn.Conv2d(RANK, layer.out_channels, 1, bias=False)
        else:
            self.down = nn.Linear(layer.in_features, RANK, bias=False)
            self.up = nn.Linear(RANK, layer.out_features, bias=False)
        nn.init.zeros_(self.up.weight)

    def forward(self, value, *_):
        """The layer's result and the change."""
        return self.layer(value) + self.up(self.down(value))


def adapt(unet):
    """Puts an adapter beside every target; returns them by the layer's name."""
    unet.requires_grad_(False)
    kinds = (nn.Linear, nn.Conv2d)
    names = [n for n, m in unet.named_modules() if isinstance(m, kinds) and n.endswith(TARGETS)]
    adapters = {}
    for name in names:
        parent, _, last = name.rpartition(".")
        adapters[name] = Adapted(unet.get_submodule(name))
        setattr(unet.get_submodule(parent), last, adapters[name])
    return adapters


def greys(poses, latent):
    """The latents of the same pictures without colour; the code's slope is of brightness already."""
    standard = poses.standard
    raw = latent.permute(0, 2, 3, 1).numpy() @ np.linalg.inv(standard.matrix).T + standard.mean
    raw[..., :3] = (raw[..., :3] @ patchcode.BRIGHTNESS)[..., None]
    return torch.from_numpy(standard(raw).astype(np.float32)).permute(0, 3, 1, 2)


def _key(name):
    """What kohya's form calls a layer."""
    return "lora_unet_" + name.replace(".", "_")


def write(adapters):
    """Writes kohya's form: names with underscores, alpha equal to the rank."""
    state = {}
    for name, adapter in adapters.items():
        key = _key(name)
        state[f"{key}.lora_down.weight"] = adapter.down.weight.detach().half().contiguous()
        state[f"{key}.lora_up.weight"] = adapter.up.weight.detach().half().contiguous()
        state[f"{key}.alpha"] = torch.tensor(float(RANK), dtype=torch.float16)
    save_file(state, str(FILE), metadata={"format": "pt", "ss_network_module": "networks.lora"})
    print(f"wrote {FILE.name}: {FILE.stat().st_size / 1e6:.1f} MB", flush=True)


def read(adapters):
    """Gives adapters the weights of the file."""
    state = load_file(FILE)
    for name, adapter in adapters.items():
        for part, layer in (("down", adapter.down), ("up", adapter.up)):
            layer.load_state_dict({"weight": state[f"{_key(name)}.lora_{part}.weight"].float()})


def train():
    """Trains for `STYLE_SECONDS` in all, across resumed runs, and writes the file."""
    arithmetic.prepare()
    torch.manual_seed(settings.SEED)
    unet = UNet2DConditionModel.from_pretrained(settings.MODEL / "unet", torch_dtype=torch.float32)
    unet.set_attn_processor(denoiser.AttnProcessor())
    adapters = adapt(unet)
    unet.to(memory_format=torch.channels_last)
    changes, average = (nn.ModuleList() for _ in range(2))
    for adapter in adapters.values():
        changes.extend((adapter.down, adapter.up))
        average.extend((copy.deepcopy(adapter.down), copy.deepcopy(adapter.up)))
    optimizer = torch.optim.AdamW(changes.parameters(), RATE, weight_decay=0.0, fused=True)
    run = Run("style", changes, average, optimizer, settings.STYLE_SECONDS)
    scheduler, poses = DDPMScheduler(**denoiser.SCHEDULE), Poses()
    weights = denoiser.snr_weights(scheduler)
    pool = captions.Pool(poses, np.random.default_rng(settings.SEED + run.step), settings.POOL)
    generator = torch.Generator().manual_seed(settings.SEED + run.step)
    mask = captions.MASK.expand(BATCH, -1)
    while run.left > 0:
        for group in optimizer.param_groups:
            group["lr"] = RATE * run.warm(20) * max(0.02, run.left)
        latent, context = pool.batch(BATCH, denoiser.DROPOUT)
        velocity, times, noisy = denoiser.noised(greys(poses, latent), scheduler, generator)
        with arithmetic.mixed():
            predicted = unet(noisy, times, context, encoder_attention_mask=mask).sample
        loss = ((predicted.float() - velocity).pow(2).mean((1, 2, 3)) * weights[times]).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(changes.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        run.end_step(loss=loss.item())
    run.save()
    changes.load_state_dict(average.state_dict())
    write(adapters)
