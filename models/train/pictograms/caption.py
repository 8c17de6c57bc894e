"""Says a scene in words, in many ways, and what those words ask for."""

import random
from dataclasses import dataclass

from .scene import Scene

_BACKGROUND_WORDS = {
    "grey": ("grey", "gray"),
    "light blue": ("light blue", "sky blue", "pale blue"),
    "purple": ("purple", "violet"),
    "green": ("green",),
}
_COLOUR_WORDS = {"purple": ("purple", "purple", "violet")}
_SIZE_WORDS = {"small": ("small", "tiny", "little"), "large": ("large", "big", "huge")}
_COUNT_WORDS = {2: ("two", "2", "a pair of"), 3: ("three", "3"), 4: ("four", "4")}
_OPENINGS = (
    "a picture of", "an icon of", "a drawing of", "an emoji of", "an illustration of", "a pictogram of", "a cute",
    "a photo of", "an image of", "a sticker of", "a simple drawing of", "a nice", "a cartoon of",
)
_ENDINGS = (
    "flat style", "flat design", "emoji", "icon", "vector art", "simple", "minimal", "cute", "pictogram", "sticker",
    "high quality", "clean", "cartoon", "best quality", "illustration", "beautiful", "detailed", "4k", "clip art",
)
_IDLE = _ENDINGS + (
    "blurry", "low quality", "ugly", "bad", "worst quality", "text", "watermark", "noise", "deformed", "something",
    "jpeg artifacts", "dark", "messy", "a picture", "an image", "art", "cropped", "a photo", "out of focus",
)


@dataclass(frozen=True)
class Asked:
    """What a caption asks for; `None` where it leaves the choice open."""

    subject: int | None = None
    colour: str | None = None
    background: str | None = None
    size: str | None = None
    place: str | None = None
    count: int | None = None


def plural(name):
    """More than one of it."""
    first, of, rest = name.partition(" of ")
    if first.endswith(("s", "x", "ch", "sh")) and not first.endswith(("us", "ss", "fox", "box", "ch", "sh", "cactus")):
        counted = first
    elif first.endswith(("s", "x", "ch", "sh")):
        counted = first + "es"
    elif first.endswith("y") and first[-2] not in "aeiou":
        counted = first[:-1] + "ies"
    elif first.endswith(("fish", "corn", "bread")):
        counted = first
    else:
        counted = first + "s"
    return counted + of + rest


def article(phrase):
    """`a` or `an`."""
    return "an" if phrase[0] in "aeiou" else "a"


def _thing(scene, names, colour, rng):
    name = names[0] if rng.random() < 0.6 else rng.choice(names)
    size = rng.choice(_SIZE_WORDS[scene.size]) if scene.size else ""
    hue = rng.choice(_COLOUR_WORDS.get(colour, (colour,))) if colour else ""
    after = hue and rng.random() < 0.12
    if scene.count > 1:
        words = [rng.choice(_COUNT_WORDS[scene.count]), size, "" if after else hue, plural(name)]
        phrase = " ".join(word for word in words if word)
    else:
        phrase = " ".join(word for word in (size, "" if after else hue, name) if word)
        roll = rng.random()
        if roll < 0.55:
            phrase = f"{article(phrase)} {phrase}"
        elif roll < 0.6:
            phrase = f"the {phrase}"
        elif roll < 0.63:
            phrase = f"one {phrase}"
    if after:
        phrase += rng.choice((" in {}", ", {}", ", {} colour", " coloured {}")).format(hue)
    if rng.random() < 0.2:
        phrase = f"{rng.choice(_OPENINGS)} {phrase}"
    return phrase


def _ground(scene, rng):
    if not scene.ground_said or (scene.background == "white" and rng.random() < 0.6):
        return ""
    word = rng.choice(_BACKGROUND_WORDS.get(scene.background, (scene.background,)))
    return rng.choice(
        (
            f"on {article(word)} {word} background",
            f"on {article(word)} {word} background",
            f"on {article(word)} {word} background",
            f"with {article(word)} {word} background",
            f"against {article(word)} {word} background",
            f"{word} background",
            f"{word} background",
            f"in front of {article(word)} {word} background",
            f"on {word}",
            f"background {word}",
        )
    )


def _where(scene, rng):
    if not scene.place:
        return ""
    if "corner" in scene.place:
        return rng.choice((f"in the {scene.place}", f"{scene.place}", f"at the {scene.place.removesuffix(' corner')}"))
    return rng.choice((f"on the {scene.place}", f"at the {scene.place}", f"on the {scene.place} side", f"{scene.place}"))


def describe(scene: Scene, names, natural_colour, rng: random.Random):
    """A caption and what it asks for. A white background is often left unsaid; then, and where the scene says no
    background, the reader takes it for a white one."""
    colour = scene.colour
    if colour is None and scene.unsaid_colour is None and natural_colour and rng.random() < 0.3:
        colour = natural_colour
    parts = [_thing(scene, names, colour, rng)]
    extras = [part for part in (_where(scene, rng), _ground(scene, rng)) if part]
    if rng.random() < 0.25:
        extras.reverse()
    parts += extras
    if rng.random() < 0.25:
        parts.append(rng.choice(_ENDINGS))
    if rng.random() < 0.07:
        parts.append(rng.choice(_ENDINGS))
    if rng.random() < 0.1:
        rng.shuffle(parts)
        joined = ", ".join(parts)
    else:
        joined = parts[0]
        for part in parts[1:]:
            linked = part.split()[0] in ("on", "with", "against", "in", "at")
            joined += (" " if linked and rng.random() < 0.8 else rng.choice((", ", ", ", " "))) + part
    if rng.random() < 0.05:
        joined = joined.capitalize() + rng.choice(("", "."))
    ground = scene.background if scene.ground_said else "white"
    asked = Asked(scene.subject, colour, ground, scene.size, scene.place, scene.count)
    return joined, asked


def plain(scene: Scene, subjects):
    """The plainest caption that leaves nothing open: `a red apple on a blue background`, `two cats on a white
    background`."""
    name = subjects[scene.subject].names[0]
    words = [word for word in (scene.size, scene.drawn_colour, name if scene.count == 1 else plural(name)) if word]
    thing = " ".join(words)
    thing = f"{article(thing)} {thing}" if scene.count == 1 else f"{_COUNT_WORDS[scene.count][0]} {thing}"
    place = f"{'in' if 'corner' in scene.place else 'on'} the {scene.place} " if scene.place else ""
    return f"{thing} {place}on {article(scene.background)} {scene.background} background"


def idle(rng: random.Random):
    """Words that ask for nothing drawable, as negative prompts do."""
    return ", ".join(rng.sample(_IDLE, rng.randint(1, 4)))


def partial(scene: Scene, rng: random.Random):
    """A caption that names no subject: a colour, a background, or both."""
    hue, ground = scene.colour or "", f"{scene.background} background"
    words = [word for word in (hue, ground) if word and rng.random() < 0.7] or [ground]
    return ", ".join(words), Asked(
        colour=scene.colour if hue in words else None, background=scene.background if ground in words else None
    )
