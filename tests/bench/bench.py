"""Measures the studio, and InvokeAI beside it, in one run and in turns. `run` starts this; README.md explains it."""

import argparse
import os
import platform
import signal
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.normpath(os.path.join(HERE, "../.."))
sys.path.insert(0, os.path.join(REPOSITORY, "tests/parity"))

import image_time
import queue_claims
import queue_size
import request_rate
import start_and_memory
import step_time
from measured import table, write
from peer import Peer
from service import Service
from studio import Studio

MODEL_PATHS = {
    "tiny-sd1s": os.path.join(REPOSITORY, "tests/goldens/models/tiny-sd1s"),
    "pictograms": os.path.join(REPOSITORY, "models/pictograms"),
}
PARTS = ("start", "requests", "images", "steps", "queue", "claims")


def arguments():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--program", required=True, help="our `invoke`, a release build")
    options.add_argument("--ui-dir", required=True)
    options.add_argument("--unet-program", help="our worker's example `unet_step`")
    options.add_argument("--claims-program", help="our store's example `queue_bench`")
    options.add_argument("--peer", default="", help="URL of an InvokeAI, or its program")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=int, default=8, help="of one load of a route")
    options.add_argument("--parts", default=",".join(PARTS))
    options.add_argument("--json", default="bench.json")
    return options.parse_args()


def machine():
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {"processor": model, "cores": os.cpu_count(), "memory_gib": round(memory, 1), "load": os.getloadavg()}


def say(text):
    print(f"bench: {text}", flush=True)


def measure(options, studio, peer):
    """All parts that were asked for; yields their measurements."""
    parts = options.parts.split(",")
    startable = peer if peer and not peer.runs_elsewhere else None
    if "start" in parts:
        say("start and memory")
        yield from start_and_memory.measure(studio, startable, options.rounds)
    elif studio.pid is None:
        for each in filter(None, (studio, startable)):
            each.start()
    ours = Service("the studio", studio.url)
    theirs = peer and Service("InvokeAI", peer.url, os.environ.get("PEER_EMAIL"), os.environ.get("PEER_PASSWORD"))
    if "requests" in parts:
        say("requests")
        yield from request_rate.measure(ours, theirs, options.rounds, options.seconds)
    if "images" in parts:
        say("images")
        yield from image_time.measure(ours, theirs, max(5, options.rounds), MODEL_PATHS)
    if startable:
        startable.halt()
    if "queue" in parts:
        say("the queue at its size")
        yield from queue_size.measure(ours, options.rounds)
    if "claims" in parts and options.claims_program:
        say("claims")
        yield from queue_claims.measure(options.claims_program, studio.data_directory)
    studio.halt()
    if "steps" in parts:
        python = os.environ.get("PEER_PYTHON") or (peer and peer.python)
        if python and options.unet_program:
            say("steps of a UNet of SD 1.5's size")
            yield from step_time.measure(options.unet_program, python, options.rounds)
        else:
            say("steps were not measured: they need torch (PEER a program, or PEER_PYTHON)")


def main():
    options = arguments()
    # So that what was started is stopped, and what was measured is shown.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    here = machine()
    measured = []
    peer = Peer(options.peer) if options.peer else None
    studio = Studio(options.program, options.ui_dir, ["--max-queue-size", "60000"])
    try:
        for each in measure(options, studio, peer):
            measured.append(each)
            # As it comes, so that a long run that breaks has shown what it had.
            print("  " + "  ".join(filter(None, each.row())), flush=True)
    finally:
        studio.stop()
        if peer:
            peer.stop()
        if measured:
            print(f"\n{here['processor']}, {here['cores']} cores, load {here['load'][0]:.1f} at the start\n")
            print(table(measured))
            write(options.json, measured, here)
            say(f"all numbers are in {options.json}")


if __name__ == "__main__":
    main()
