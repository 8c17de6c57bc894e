"""Ours alone: enqueueing 1,000 items, and the queue's list and status at 50,000 rows, through the API."""

import statistics
import time

from measured import Measured
from service import QUEUE

ROWS = 50_000
ADD = {"id": "g", "nodes": {"a": {"id": "a", "type": "add", "a": 1, "b": 2}}, "edges": []}


def milliseconds(action):
    began = time.monotonic()
    action()
    return (time.monotonic() - began) * 1000


def measure(ours, rounds):
    enqueue = Measured("enqueue of 1,000 items", "ms")
    status = Measured(f"queue status at {ROWS:,} rows", "ms")
    ids = Measured(f"queue item ids at {ROWS:,} rows", "ms")
    summaries = Measured(f"100 queue items by id at {ROWS:,} rows", "ms")
    listing = Measured(f"whole queue list at {ROWS:,} rows", "ms")
    ours.call(f"{QUEUE}/processor/pause", method="PUT")
    for _ in range(ROWS // 1000):
        enqueue.ours.append(milliseconds(lambda: ours.enqueue(ADD, runs=1000)))
    found = ours.call(f"{QUEUE}/item_ids")["item_ids"]
    if len(found) < ROWS:
        raise SystemExit(f"{len(found)} items are queued, not {ROWS}")
    for _ in range(max(5, rounds)):
        status.ours.append(milliseconds(lambda: ours.call(f"{QUEUE}/status")))
        ids.ours.append(milliseconds(lambda: ours.call(f"{QUEUE}/item_ids")))
        summaries.ours.append(milliseconds(lambda: ours.call(f"{QUEUE}/items_by_ids", {"item_ids": found[:100]})))
        listing.ours.append(milliseconds(lambda: ours.call(f"{QUEUE}/list_all")))
    ours.call(f"{QUEUE}/clear", method="PUT")
    ours.call(f"{QUEUE}/processor/resume", method="PUT")
    first, last = enqueue.ours[:5], enqueue.ours[-5:]
    print(f"  the first five enqueues took {statistics.median(first):.0f} ms, the last five {statistics.median(last):.0f} ms")
    return [enqueue, status, ids, summaries, listing]
