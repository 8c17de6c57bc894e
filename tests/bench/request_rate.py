"""Requests per second and the 99th percentile of three routes, by `wrk` at 16 connections, in turns."""

import re
import subprocess

from measured import Measured

ROUTES = ("/api/v1/auth/me", "/api/v1/boards/?all=true", "/api/v1/queue/default/status")
CONNECTIONS = 16
BOARDS = 5
UNITS = {"us": 0.001, "ms": 1, "s": 1000}


def load(service, route, seconds):
    """(requests per second, p99 in ms)"""
    command = ["wrk", "--threads", "1", "--connections", str(CONNECTIONS), "--duration", f"{seconds}s", "--latency"]
    command += ["--timeout", "10s", "--header", f"Authorization: Bearer {service.token}", service.url + route]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if re.search("Non-2xx|Socket errors", text):
        raise SystemExit(f"{service.name} {route}: {text}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
    return rate, float(value) * UNITS[unit]


def measure(ours, peer, rounds, seconds):
    services = [service for service in (ours, peer) if service]
    for service in services:
        for number in range(BOARDS):
            service.call(f"/api/v1/boards/?board_name=Board%20{number}", method="POST")
        for route in ROUTES:
            load(service, route, 1)
    measured = []
    for route in ROUTES:
        rates = Measured(f"{route} at {CONNECTIONS} connections", "requests/s", higher_is_better=True, mark=30)
        tails = Measured(f"{route} p99", "ms")
        for _ in range(rounds):
            for service in services:
                rate, tail = load(service, route, seconds)
                (rates.ours if service is ours else rates.peer).append(rate)
                (tails.ours if service is ours else tails.peer).append(tail)
        measured += [rates, tails]
    return measured
