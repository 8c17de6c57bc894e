"""Claims per second with all their writes, by the store's own program in a database of its own on the studio's Postgres."""

import os
import re
import subprocess
import urllib.parse

from measured import Measured


def database_url(data_directory):
    """The address of the private Postgres of a running `invoke up`; its pid file's fifth line is its socket's directory."""
    with open(os.path.join(data_directory, "postgres/postmaster.pid")) as file:
        directory = file.read().splitlines()[4]
    return f"postgres://postgres@localhost/postgres?host={urllib.parse.quote(directory, safe='')}"


def measure(program, data_directory):
    """The program prints `what: number unit` a line; rates have no unit."""
    environment = {**os.environ, "DATABASE_URL": database_url(data_directory)}
    text = subprocess.run([program], check=True, capture_output=True, text=True, env=environment).stdout
    measured = []
    for line in text.splitlines():
        found = re.fullmatch(r"(.+): ([\d.]+)( ms)?", line.strip())
        if found:
            what, value, milliseconds = found.groups()
            row = Measured(f"store: {what}", "ms" if milliseconds else "per second", higher_is_better=not milliseconds)
            row.ours.append(float(value))
            measured.append(row)
    if not measured:
        raise SystemExit(f"{program} printed no numbers:\n{text}")
    return measured
