"""A small byte-pair vocabulary in CLIP's tokenizer format.

The order is CLIP's: 256 byte characters, the same at the end of a word, the merges, begin and end of text. Because
every byte has both forms, any text can be written in it.
"""

import json
import random
import shutil

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import CLIPTokenizer

from . import caption, icons, scene, settings

BEGIN, END = "<|startoftext|>", "<|endoftext|>"
_FOLDER = settings.CACHE / "tokenizer"
_WORDS = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


def _corpus():
    """Captions of every subject in the list, drawn or not, and the names of all other drawings once."""
    rng = random.Random(settings.SEED)
    subjects = icons.all_subjects()
    for _ in range(40_000):
        one = scene.random_scene(rng, len(subjects), share=0.4)
        yield caption.describe(one, subjects[one.subject].names, None, rng)[0]
        yield caption.idle(rng)
    for subject in subjects:
        for name in subject.names:
            yield from [name, caption.plural(name)] * 20
    for name in sorted(icons.drawings()["icons"]):
        yield name.replace("-", " ")


def _byte_characters():
    """The 256 printable characters that stand for bytes, in CLIP's order."""
    printable = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) for byte in printable] + [chr(256 + index) for index in range(len(others))]


def build():
    """Learns the merges and writes the tokenizer folder into the cache."""
    learner = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    learner.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    learner.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(_WORDS), "removed", invert=True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    characters = _byte_characters()
    trainer = trainers.BpeTrainer(
        vocab_size=settings.VOCABULARY, initial_alphabet=characters, end_of_word_suffix="</w>", show_progress=False
    )
    learner.train_from_iterator(_corpus(), trainer)
    merges = [tuple(pair) for pair in json.loads(learner.to_str())["model"]["merges"]]
    tokens = characters + [character + "</w>" for character in characters]
    merges = merges[: settings.VOCABULARY - len(tokens) - 2]
    tokens += ["".join(pair) for pair in merges] + [BEGIN, END]
    _FOLDER.mkdir(parents=True, exist_ok=True)
    (_FOLDER / "vocab.json").write_text(json.dumps({t: i for i, t in enumerate(tokens)}, ensure_ascii=False))
    (_FOLDER / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))


def load():
    """The tokenizer, built on first use. Its length is the vocabulary's."""
    finished = settings.MODEL / "tokenizer"
    known = (_FOLDER / "merges.txt").exists()
    if not known and settings.finished("text_encoder") and (finished / "merges.txt").exists():
        # The vocabulary must be the one that the finished text encoder was trained with.
        shutil.copytree(finished, _FOLDER)
    if not (_FOLDER / "merges.txt").exists():
        build()
    return CLIPTokenizer(
        str(_FOLDER / "vocab.json"), str(_FOLDER / "merges.txt"), model_max_length=settings.TOKENS, pad_token=END
    )


def encode(tokenizer, texts):
    """Token numbers of shape (texts, 77), padded with the end mark as Stable Diffusion 1 does."""
    return tokenizer(texts, padding="max_length", truncation=True, max_length=settings.TOKENS, return_tensors="pt").input_ids
