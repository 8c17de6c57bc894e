"""Records what InvokeAI answers to the graphs of cases.py, as further cases of tests/goldens/data.

    BASE_URL=http://host:port [ADMIN_EMAIL= ADMIN_PASSWORD=] python record.py [--only REGEX] [--again]

Cases that are there already are left alone unless --again is given. Needs what tests/goldens/compare.py needs.
"""

import argparse
import io
import json
import math
import os
import re
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../goldens"))

import numpy
from client import DATA, MODELS, Client
from PIL import Image

from cases import all_cases

# PSNR in dB that a case must reach. On the tiny model two different schedulers are 29 to 50 dB apart, and the
# same one computed with other kernels 60 and more.
THRESHOLD = 50


def path_of(category, name):
    return os.path.join(DATA, category, name)


def record(client, category, name, graph):
    """Runs one graph and writes its JSON file and its images."""
    graph = graph.value()
    case = {"category": category, "name": name, "graph": json.loads(json.dumps(graph)), "out": ["i"]}
    result = client.run(dict(case, graph=graph))
    if result["status"] != "completed":
        return f"{result['status']}: {result.get('error_type')} {result.get('error')}"
    images = {}
    for key, data in result["images"].items():
        file = f"{name}~{key}.png"
        # Without the text chunks: they hold the names of this run.
        picture = Image.open(io.BytesIO(data))
        picture.info.clear()
        picture.save(path_of(category, file), optimize=True)
        images[key] = {"file": file, "mode": picture.mode, "size": list(picture.size)}
    case.update(
        cmp={"mode": "psnr", "thr": THRESHOLD},
        nondeterministic=False,
        result={"images": images, "outputs": result["outputs"], "status": "completed"},
    )
    with open(path_of(category, f"{name}.json"), "w") as file:
        json.dump(case, file, indent=1, sort_keys=True)
        file.write("\n")
    return f"recorded in {result['secs']} s"


def note_nearest():
    """Writes beside each threshold which other recording of the same size is nearest, to show what it can tell apart."""
    by_size = {}
    for category, name, _ in all_cases():
        # Nodes on pictures are exact enough to tell apart without.
        if category != "images" and os.path.exists(path_of(category, f"{name}.json")):
            picture = numpy.asarray(Image.open(path_of(category, f"{name}~i.0.png"))).astype(float)
            by_size.setdefault(picture.shape, []).append((category, name, picture))
    for cases in by_size.values():
        for category, name, picture in cases:
            others = [(psnr(picture, other), label) for _, label, other in cases if label != name]
            with open(path_of(category, f"{name}.json")) as file:
                case = json.load(file)
            if others:
                case["cmp"]["nearest_psnr"], case["cmp"]["nearest"] = max(others)
            with open(path_of(category, f"{name}.json"), "w") as file:
                json.dump(case, file, indent=1, sort_keys=True)
                file.write("\n")


def psnr(one, other):
    error = ((one - other) ** 2).mean()
    return 99.0 if error == 0 else round(10 * math.log10(255**2 / error), 1)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--only", default="")
    options.add_argument("--again", action="store_true")
    options = options.parse_args()
    client = Client(os.environ.get("BASE_URL", "http://127.0.0.1:9090"))
    client.upload()
    client.ensure_models(list(MODELS))
    for name, error in client.model_err.items():
        print("MODEL", name, error)
    failed = 0
    for category, name, graph in all_cases():
        there = os.path.exists(path_of(category, f"{name}.json"))
        if not re.search(options.only, f"{category}/{name}") or (there and not options.again):
            continue
        os.makedirs(os.path.join(DATA, category), exist_ok=True)
        message = record(client, category, name, graph)
        failed += not message.startswith("recorded")
        print(time.strftime("%H:%M:%S"), f"{category}/{name}", message, flush=True)
    note_nearest()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
