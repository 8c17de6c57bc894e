"""Lays out what InvokeAI looks up on the Hugging Face hub to load the single-file checkpoint of the goldens.

    python hub.py HF_HOME BPE_FILE

diffusers takes the sizes of a checkpoint in one file from the repository of SD 1.5. Here they are those of
single_file.py. BPE_FILE is CLIP's vocabulary, `bpe_simple_vocab_16e6.txt.gz`, as the wheel `open_clip_torch` has it.
Then start InvokeAI with this HF_HOME and HF_HUB_OFFLINE=1, and run record.py.
"""

import gzip
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../goldens"))

from single_file import TEXT_LAYERS, UNET_WIDTHS, VAE_WIDTHS, VOCABULARY

TINY = os.path.join(HERE, "../goldens/models/tiny-sd1s")
REPOSITORY = "hub/models--stable-diffusion-v1-5--stable-diffusion-v1-5"
COMMIT = "0" * 40
DOWN, UP = "CrossAttnDownBlock2D", "CrossAttnUpBlock2D"

# What SD 1.5's repository says; a key that is missing there is each scheduler's own default.
SCHEDULER = {
    "_class_name": "PNDMScheduler",
    "_diffusers_version": "0.6.0",
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "clip_sample": False,
    "num_train_timesteps": 1000,
    "set_alpha_to_one": False,
    "skip_prk_steps": True,
    "steps_offset": 1,
    "trained_betas": None,
}


def tiny(part, **changes):
    """The tiny model's configuration of a part, changed."""
    with open(os.path.join(TINY, part)) as file:
        return {**json.load(file), **changes}


def vocabulary(bpe_file):
    """CLIP's tokens in order, and its merges: bytes, bytes that end a word, merged pairs, the two marks."""
    with gzip.open(bpe_file, "rt", encoding="utf-8") as file:
        merges = file.read().split("\n")[1 : VOCABULARY - 2 * 256 - 2 + 1]
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    characters = [chr(byte) for byte in shown]
    # Bytes without a sign of their own are written as what follows the first 256 characters.
    characters += [chr(256 + number) for number in range(256 - len(shown))]
    words = characters + [character + "</w>" for character in characters]
    words += ["".join(merge.split()) for merge in merges] + ["<|startoftext|>", "<|endoftext|>"]
    return words, merges


def main():
    home, bpe_file = sys.argv[1:]
    words, merges = vocabulary(bpe_file)
    end = "<|endoftext|>"
    marks = {"bos_token": "<|startoftext|>", "eos_token": end, "unk_token": end, "pad_token": end}
    files = {
        "model_index.json": tiny("model_index.json", scheduler=["diffusers", "PNDMScheduler"]),
        "scheduler/scheduler_config.json": SCHEDULER,
        "unet/config.json": tiny(
            "unet/config.json",
            block_out_channels=UNET_WIDTHS,
            down_block_types=[DOWN, DOWN, DOWN, "DownBlock2D"],
            up_block_types=["UpBlock2D", UP, UP, UP],
            layers_per_block=2,
            norm_num_groups=32,
            sample_size=64,
        ),
        "vae/config.json": tiny("vae/config.json", block_out_channels=VAE_WIDTHS, layers_per_block=2, norm_num_groups=32),
        "text_encoder/config.json": tiny(
            "text_encoder/config.json",
            num_hidden_layers=TEXT_LAYERS,
            vocab_size=VOCABULARY,
            bos_token_id=VOCABULARY - 2,
            eos_token_id=VOCABULARY - 1,
            pad_token_id=VOCABULARY - 1,
        ),
        "tokenizer/vocab.json": {word: number for number, word in enumerate(words)},
        "tokenizer/merges.txt": "#version: 0.2\n" + "\n".join(merges) + "\n",
        "tokenizer/special_tokens_map.json": marks,
        "tokenizer/tokenizer_config.json": {
            **marks,
            "add_prefix_space": False,
            "do_lower_case": True,
            "errors": "replace",
            "model_max_length": 77,
            "tokenizer_class": "CLIPTokenizer",
        },
    }
    base = os.path.join(home, REPOSITORY)
    os.makedirs(os.path.join(base, "refs"), exist_ok=True)
    with open(os.path.join(base, "refs/main"), "w") as file:
        file.write(COMMIT)
    for name, content in files.items():
        path = os.path.join(base, "snapshots", COMMIT, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(content if isinstance(content, str) else json.dumps(content))


if __name__ == "__main__":
    main()
