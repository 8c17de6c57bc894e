"""Wall and processor seconds of one step of a UNet of SD 1.5's size, ours and torch's, in turns.

Both run the same random weights: torch writes them, ours reads them where they lie. That the outputs agree is checked.
"""

import os
import shutil
import subprocess
import tempfile
import time

import processes
from measured import Measured

HERE = os.path.dirname(os.path.abspath(__file__))
# 0.7 of torch's time.
MARK = round(1 / 0.7, 2)


class Stepper:
    """A program that does one step for each line it reads."""

    def __init__(self, command):
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.process.args[0]} ended with {self.process.wait()}")
        return line.strip()

    def step(self):
        """(wall seconds, processor seconds, the mean of the output)"""
        before = processes.cpu_seconds(self.process.pid)
        began = time.monotonic()
        self.process.stdin.write("step\n")
        self.process.stdin.flush()
        mean = float(self.answer())
        return time.monotonic() - began, processes.cpu_seconds(self.process.pid) - before, mean

    def end(self):
        self.process.stdin.close()
        self.process.wait(timeout=60)


def measure(our_program, peer_python, rounds):
    wall = Measured("step of SD 1.5's UNet (512x512, batch 2, float32)", "s", mark=MARK)
    cpu = Measured("the same, processor time", "s", mark=MARK)
    load = Measured("the same, load of the model and memory of the process", "MiB")
    # 3.4 GB: beside the other temporary files, not in memory.
    folder = tempfile.mkdtemp(prefix="invoke-bench-unet.", dir="/var/tmp")
    steppers = []
    try:
        steppers.append(Stepper([peer_python, os.path.join(HERE, "torch_unet.py"), folder]))
        steppers.append(Stepper([our_program, folder]))
        means = [stepper.step()[2] for stepper in steppers]
        if abs(means[0] - means[1]) > 0.001 * abs(means[0]):
            raise SystemExit(f"the outputs differ: torch's mean is {means[0]}, ours {means[1]}")
        for _ in range(rounds):
            for stepper, (walls, cpus) in zip(steppers, ((wall.peer, cpu.peer), (wall.ours, cpu.ours))):
                seconds, used, _ = stepper.step()
                walls.append(seconds)
                cpus.append(used)
        for stepper, values in zip(steppers, (load.peer, load.ours)):
            values.append(processes.memory(stepper.process.pid))
    finally:
        for stepper in steppers:
            stepper.end()
        shutil.rmtree(folder, ignore_errors=True)
    load.what = "the same, memory of the process with its weights"
    return [wall, cpu, load]
