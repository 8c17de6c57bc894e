"""Seconds from the request to the finished image: the same graph, model and seeds on both, in turns."""

from graphs import text_to_image
from measured import Measured

MODELS = {
    "tiny-sd1s": {"size": (128, 128)},
    "pictograms": {"size": (128, 128), "prompt": "a red apple", "cfg_scale": 5.0},
}
STEPS = 20


def measure(ours, peer, rounds, model_paths):
    services = [service for service in (ours, peer) if service]
    measured = []
    for name, fields in MODELS.items():
        line = Measured(f"image with {name}, {STEPS} steps", "s")
        for service in services:
            service.install(model_paths[name])
        # The first image loads the model and is not counted.
        for number in range(rounds + 1):
            graph = text_to_image("euler", model=f"@model/{name}", steps=STEPS, seed=100 + number, **fields).value()
            for service in services:
                seconds = service.seconds_for(service.with_models(graph))
                if number:
                    (line.ours if service is ours else line.peer).append(seconds)
        measured.append(line)
    return measured
