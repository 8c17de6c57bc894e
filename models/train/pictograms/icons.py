"""Subjects and their SVG drawings."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache

from . import settings

SET = "@iconify-json/fluent-emoji-flat"


@dataclass(frozen=True)
class Subject:
    """Something that can be drawn: the icon's name and the words for it, most usual first."""

    icon: str
    names: tuple[str, ...]
    any_colour: bool = False
    """Whether it is made in any colour, so that a picture of it may have one that nobody asked for."""


def fetch_packages():
    """Installs the pinned drawings from npm into the cache, once."""
    folder = settings.CACHE / "npm"
    if (folder / "node_modules" / SET / "icons.json").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(settings.TRAIN / "package.json", folder / "package.json")
    subprocess.run(["npm", "install", "--no-audit", "--no-fund"], cwd=folder, check=True)


@cache
def drawings():
    """The icon set as parsed JSON."""
    fetch_packages()
    return json.loads((settings.CACHE / "npm" / "node_modules" / SET / "icons.json").read_text())


def all_subjects():
    """Every subject of subjects.txt, in order."""
    subjects = []
    for line in (settings.TRAIN / "subjects.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            icon, names, *marks = (part.strip() for part in line.split("|"))
            subjects.append(Subject(icon, tuple(n.strip() for n in names.split(",")), "any colour" in marks))
    return subjects


def subjects():
    """The subjects of this run."""
    return all_subjects()[: settings.SUBJECTS]


def svg(icon, size):
    """One drawing as an SVG document of `size` pixels."""
    body = drawings()["icons"][icon]["body"]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" '
        f'width="{size}" height="{size}">{body}</svg>'
    )
