"""Steps of a UNet of SD 1.5's size in torch; runs in InvokeAI's own environment.

    python torch_unet.py FOLDER

Writes a UNet of random weights into FOLDER when it has none. Then each line on standard input is one step of a batch
of two at 512x512 pixels; the answer is a line with the mean of the absolute output.
"""

import os
import sys

import torch
from diffusers import UNet2DConditionModel


def load(folder):
    if not os.path.exists(os.path.join(folder, "config.json")):
        torch.manual_seed(1)
        # SD 1.5's own shape is diffusers' default but for the width of the text.
        unet = UNet2DConditionModel(cross_attention_dim=768, sample_size=64)
        unet.save_pretrained(folder, safe_serialization=True, max_shard_size="100GB")
    return UNet2DConditionModel.from_pretrained(folder, torch_dtype=torch.float32).eval()


def wave(*shape, step):
    """The same numbers as the Rust program makes."""
    count = torch.Size(shape).numel()
    return torch.sin(torch.arange(count, dtype=torch.float64) * step).float().reshape(shape)


def main():
    unet = load(sys.argv[1])
    sample, context = wave(2, 4, 64, 64, step=0.71), wave(2, 77, 768, step=0.37)
    print("ready", flush=True)
    with torch.inference_mode():
        for _ in sys.stdin:
            output = unet(sample, 601, encoder_hidden_states=context).sample
            print(output.abs().mean().item(), flush=True)


if __name__ == "__main__":
    main()
