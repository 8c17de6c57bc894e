"""Writes a single-file checkpoint of the SD1 family in CompVis' names: random half-precision weights from a fixed seed.

The layout, the text encoder's sizes and the first level's width are SD 1.5's, so that nothing but the file has to be
known to read it; the other widths are small. 170 MB, so it is made when it is needed and not kept in the repository.
"""

import json
import os
import struct

import numpy

TEXT_WIDTH, TEXT_LAYERS, VOCABULARY = 768, 12, 49408
UNET_WIDTHS = (320, 64, 64, 64)
VAE_WIDTHS = (32, 32, 64, 64)


class Weights:
    """Named tensors, drawn in the order in which they are added. RandomState's stream is frozen by numpy."""

    def __init__(self, seed):
        self.random = numpy.random.RandomState(seed)
        self.tensors = {}

    def layer(self, name, *shape, bias=True, gain=1.0):
        """A linear layer or a convolution."""
        deviation = gain / numpy.sqrt(numpy.prod(shape[1:]))
        self.tensors[f"{name}.weight"] = self.random.standard_normal(shape) * deviation
        if bias:
            self.tensors[f"{name}.bias"] = self.random.standard_normal(shape[0]) * 0.05

    def norm(self, name, width):
        self.tensors[f"{name}.weight"] = 1 + self.random.standard_normal(width) * 0.1
        self.tensors[f"{name}.bias"] = self.random.standard_normal(width) * 0.05

    def write(self, path):
        header, offset, bodies = {"__metadata__": {"format": "pt"}}, 0, []
        for name, tensor in self.tensors.items():
            kind = "I64" if tensor.dtype == numpy.int64 else "F16"
            body = tensor.tobytes() if kind == "I64" else tensor.astype(numpy.float16).tobytes()
            header[name] = {"dtype": kind, "shape": list(tensor.shape), "data_offsets": [offset, offset + len(body)]}
            offset += len(body)
            bodies.append(body)
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        # Renamed when whole: a run that was stopped leaves no half file under the name.
        with open(f"{path}.part", "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            file.writelines(bodies)
        os.replace(f"{path}.part", path)


def add_text_encoder(weights):
    prefix = "cond_stage_model.transformer.text_model"
    rows = weights.random.standard_normal((3088, TEXT_WIDTH)) * 0.5
    weights.tensors[f"{prefix}.embeddings.token_embedding.weight"] = numpy.tile(rows, (VOCABULARY // 3088, 1))
    weights.tensors[f"{prefix}.embeddings.position_embedding.weight"] = weights.random.standard_normal((77, TEXT_WIDTH)) * 0.1
    weights.tensors[f"{prefix}.embeddings.position_ids"] = numpy.arange(77, dtype=numpy.int64)[None]
    for number in range(TEXT_LAYERS):
        layer = f"{prefix}.encoder.layers.{number}"
        for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
            weights.layer(f"{layer}.self_attn.{part}", TEXT_WIDTH, TEXT_WIDTH)
        weights.norm(f"{layer}.layer_norm1", TEXT_WIDTH)
        weights.layer(f"{layer}.mlp.fc1", 256, TEXT_WIDTH)
        weights.layer(f"{layer}.mlp.fc2", TEXT_WIDTH, 256)
        weights.norm(f"{layer}.layer_norm2", TEXT_WIDTH)
    weights.norm(f"{prefix}.final_layer_norm", TEXT_WIDTH)


def add_time_resnet(weights, prefix, inside, outside):
    weights.norm(f"{prefix}.in_layers.0", inside)
    weights.layer(f"{prefix}.in_layers.2", outside, inside, 3, 3)
    weights.layer(f"{prefix}.emb_layers.1", outside, 4 * UNET_WIDTHS[0])
    weights.norm(f"{prefix}.out_layers.0", outside)
    weights.layer(f"{prefix}.out_layers.3", outside, outside, 3, 3, gain=0.5)
    if inside != outside:
        weights.layer(f"{prefix}.skip_connection", outside, inside, 1, 1)


def add_transformer(weights, prefix, width):
    weights.norm(f"{prefix}.norm", width)
    weights.layer(f"{prefix}.proj_in", width, width, 1, 1)
    block = f"{prefix}.transformer_blocks.0"
    for attention, context in (("attn1", width), ("attn2", TEXT_WIDTH)):
        weights.layer(f"{block}.{attention}.to_q", width, width, bias=False)
        weights.layer(f"{block}.{attention}.to_k", width, context, bias=False)
        weights.layer(f"{block}.{attention}.to_v", width, context, bias=False)
        weights.layer(f"{block}.{attention}.to_out.0", width, width)
    weights.layer(f"{block}.ff.net.0.proj", 8 * width, width)
    weights.layer(f"{block}.ff.net.2", width, 4 * width)
    for number in (1, 2, 3):
        weights.norm(f"{block}.norm{number}", width)
    weights.layer(f"{prefix}.proj_out", width, width, 1, 1, gain=0.5)


def add_unet(weights):
    prefix, first, last = "model.diffusion_model", UNET_WIDTHS[0], UNET_WIDTHS[-1]
    weights.layer(f"{prefix}.time_embed.0", 4 * first, first)
    weights.layer(f"{prefix}.time_embed.2", 4 * first, 4 * first)
    weights.layer(f"{prefix}.input_blocks.0.0", first, 4, 3, 3)
    width, number, skips = first, 1, [first]
    for level, outside in enumerate(UNET_WIDTHS):
        for _ in range(2):
            add_time_resnet(weights, f"{prefix}.input_blocks.{number}.0", width, outside)
            if level < 3:
                add_transformer(weights, f"{prefix}.input_blocks.{number}.1", outside)
            width, number = outside, number + 1
            skips.append(width)
        if level < 3:
            weights.layer(f"{prefix}.input_blocks.{number}.0.op", width, width, 3, 3)
            number += 1
            skips.append(width)
    add_time_resnet(weights, f"{prefix}.middle_block.0", last, last)
    add_transformer(weights, f"{prefix}.middle_block.1", last)
    add_time_resnet(weights, f"{prefix}.middle_block.2", last, last)
    for number in range(12):
        level = 3 - number // 3
        block, outside = f"{prefix}.output_blocks.{number}", UNET_WIDTHS[level]
        add_time_resnet(weights, f"{block}.0", width + skips.pop(), outside)
        if level < 3:
            add_transformer(weights, f"{block}.1", outside)
        width = outside
        if number % 3 == 2 and level > 0:
            weights.layer(f"{block}.{2 if level < 3 else 1}.conv", width, width, 3, 3)
    weights.norm(f"{prefix}.out.0", width)
    weights.layer(f"{prefix}.out.2", 4, width, 3, 3)


def add_plain_resnet(weights, prefix, inside, outside):
    weights.norm(f"{prefix}.norm1", inside)
    weights.layer(f"{prefix}.conv1", outside, inside, 3, 3)
    weights.norm(f"{prefix}.norm2", outside)
    weights.layer(f"{prefix}.conv2", outside, outside, 3, 3, gain=0.5)
    if inside != outside:
        weights.layer(f"{prefix}.nin_shortcut", outside, inside, 1, 1)


def add_vae_middle(weights, prefix, width):
    add_plain_resnet(weights, f"{prefix}.block_1", width, width)
    weights.norm(f"{prefix}.attn_1.norm", width)
    for part in ("q", "k", "v", "proj_out"):
        weights.layer(f"{prefix}.attn_1.{part}", width, width, 1, 1)
    add_plain_resnet(weights, f"{prefix}.block_2", width, width)


def add_vae(weights):
    prefix, last = "first_stage_model", VAE_WIDTHS[-1]
    width = VAE_WIDTHS[0]
    weights.layer(f"{prefix}.encoder.conv_in", width, 3, 3, 3)
    for level, outside in enumerate(VAE_WIDTHS):
        for number in range(2):
            add_plain_resnet(weights, f"{prefix}.encoder.down.{level}.block.{number}", width, outside)
            width = outside
        if level < 3:
            weights.layer(f"{prefix}.encoder.down.{level}.downsample.conv", width, width, 3, 3)
    add_vae_middle(weights, f"{prefix}.encoder.mid", last)
    weights.norm(f"{prefix}.encoder.norm_out", last)
    weights.layer(f"{prefix}.encoder.conv_out", 8, last, 3, 3)
    weights.layer(f"{prefix}.quant_conv", 8, 8, 1, 1)
    weights.layer(f"{prefix}.post_quant_conv", 4, 4, 1, 1)
    weights.layer(f"{prefix}.decoder.conv_in", last, 4, 3, 3)
    add_vae_middle(weights, f"{prefix}.decoder.mid", last)
    width = last
    for level in reversed(range(4)):
        for number in range(3):
            add_plain_resnet(weights, f"{prefix}.decoder.up.{level}.block.{number}", width, VAE_WIDTHS[level])
            width = VAE_WIDTHS[level]
        if level > 0:
            weights.layer(f"{prefix}.decoder.up.{level}.upsample.conv", width, width, 3, 3)
    weights.norm(f"{prefix}.decoder.norm_out", width)
    weights.layer(f"{prefix}.decoder.conv_out", 3, width, 3, 3, gain=0.5)


def make(path):
    """Writes the checkpoint to `path` unless it is there."""
    if os.path.exists(path):
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    weights = Weights(seed=20)
    add_text_encoder(weights)
    add_unet(weights)
    add_vae(weights)
    weights.write(path)


if __name__ == "__main__":
    import sys

    make(sys.argv[1])
