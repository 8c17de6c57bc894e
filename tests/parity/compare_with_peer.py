"""The same graphs with the same seeds on a studio and on InvokeAI itself; prints how far apart the images are.

    BASE_URL=http://studio python compare_with_peer.py PEER [--only REGEX] [--json FILE] [--save DIR]

PEER is the URL of a running InvokeAI 6.14.2, or the path of its `invokeai-web` program. Exit status 1 when an image
is under 35 dB, or missing. Both servers must be able to read this repository's models.
"""

import argparse
import io
import json
import math
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../goldens"))

import numpy
from client import Client
from PIL import Image

from graphs import text_to_image
from peer import Peer
from schedulers import scheduler_names

REQUIRED = 35.0
PICTOGRAMS = {"model": "@model/pictograms", "steps": 20, "cfg_scale": 5.0, "prompt": "a red cat on a blue background"}


def cases():
    """(name, graph): each scheduler on the tiny model, and a few on the bundled one."""
    for name in scheduler_names():
        yield f"tiny-sd1s {name}", text_to_image(name, steps=8)
    for name in ("euler", "dpmpp_2m_k", "euler_a", "dpmpp_sde_k"):
        yield f"pictograms {name}", text_to_image(name, **PICTOGRAMS)


def image_of(client, graph):
    """The picture, and the seconds it took; or why there is none."""
    result = client.run({"graph": graph.value(), "out": ["i"]})
    if result["status"] != "completed":
        return None, f"{result['status']}: {result.get('error_type')} {result.get('error')}"
    return Image.open(io.BytesIO(result["images"]["i.0"])), result["secs"]


def psnr(one, other):
    if one.size != other.size:
        return 0.0
    one, other = (numpy.asarray(picture.convert("RGB")).astype(float) for picture in (one, other))
    error = ((one - other) ** 2).mean()
    return 99.0 if error == 0 else 10 * math.log10(255**2 / error)


def compare(studio, peer, only, save):
    """Runs all and prints the table; returns its rows."""
    rows = []
    print(f"{'case':34} {'PSNR dB':>8}   studio s   InvokeAI s")
    for name, graph in cases():
        if not re.search(only, name):
            continue
        (ours, our_note), (theirs, their_note) = image_of(studio, graph), image_of(peer, graph)
        row = {"case": name, "studio": our_note, "peer": their_note, "psnr": None, "passed": False}
        if ours and theirs:
            row["psnr"] = round(psnr(ours, theirs), 1)
            row["passed"] = row["psnr"] >= REQUIRED
        rows.append(row)
        mark = "" if row["passed"] else "   BELOW 35"
        print(f"{name:34} {row['psnr'] or 0:8.1f}   {our_note!s:>8}   {their_note!s:>8}{mark}", flush=True)
        if save:
            os.makedirs(save, exist_ok=True)
            for who, picture in (("studio", ours), ("peer", theirs)):
                if picture:
                    picture.save(os.path.join(save, f"{name.replace(' ', '-')}.{who}.png"))
    return rows


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("peer")
    options.add_argument("--only", default="")
    options.add_argument("--json")
    options.add_argument("--save", help="directory for the pictures of both")
    options = options.parse_args()
    studio = Client(os.environ.get("BASE_URL", "http://127.0.0.1:9090"))
    with Peer(options.peer) as running:
        peer = Client(running.url, os.environ.get("PEER_EMAIL"), os.environ.get("PEER_PASSWORD"))
        for client in (studio, peer):
            client.ensure_models(["tiny-sd1s", "pictograms"])
        rows = compare(studio, peer, options.only, options.save)
    passed = sum(row["passed"] for row in rows)
    print(f"{passed} of {len(rows)} reach {REQUIRED:.0f} dB; the lowest is {min((row['psnr'] or 0 for row in rows), default=0)} dB")
    if options.json:
        with open(options.json, "w") as file:
            json.dump(rows, file, indent=1)
    sys.exit(0 if rows and passed == len(rows) else 1)


if __name__ == "__main__":
    main()
