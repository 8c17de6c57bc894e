"""How long a start takes until the first answer, and the memory of the idle service's whole tree of processes."""

import time

import processes
from measured import Measured

SETTLED = 30
"""Seconds until a service counts as idle; ours closes connections that nobody used for 10 to 20 seconds."""


def measure(ours, peer, rounds):
    """`ours` and `peer` are a Studio and a Peer that are stopped when this begins and running when it ends."""
    first = Measured("first start until it answers", "s", mark=50)
    again = Measured("later start until it answers", "s", mark=50)
    idle = Measured("memory when idle (PSS of all processes)", "MiB", mark=20)
    for number in range(rounds + 1):
        for each in (ours, peer):
            if each is None:
                continue
            mine = lambda measured: measured.ours if each is ours else measured.peer
            each.halt()
            each.start()
            mine(again if number else first).append(each.start_seconds)
            time.sleep(SETTLED)
            if number:
                mine(idle).append(processes.memory(each.pid))
    return [first, again, idle]
