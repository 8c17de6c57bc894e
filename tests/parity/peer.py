"""InvokeAI itself, to compare with: one that runs, or one that is started in a fresh directory and stopped again."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

SETTINGS = """schema_version: 4.0.2
host: 127.0.0.1
port: {port}
multiuser: true
device: cpu
precision: float32
"""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def answers(url):
    """Whether a GET has status 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


class Peer:
    """A context: `url` is where InvokeAI answers; `pid` is its process, or None when it ran before.

    `given` is the URL of a running one, or the path of its `invokeai-web` program.
    """

    def __init__(self, given, patience=600):
        self.given = os.path.expanduser(given)
        self.patience = patience
        self.process = None
        self.root = None
        self.start_seconds = None
        self.url = given.rstrip("/") if self.runs_elsewhere else None

    def __enter__(self):
        if self.url is None:
            self.start()
        elif not answers(self.url + "/api/v1/app/version"):
            raise SystemExit(f"nobody answers at {self.url}")
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def pid(self):
        return self.process.pid if self.process else None

    @property
    def python(self):
        """The interpreter beside the program, which has torch; None for a running peer."""
        beside = os.path.join(os.path.dirname(os.path.abspath(self.given)), "python")
        return None if self.runs_elsewhere or not os.path.exists(beside) else beside

    @property
    def runs_elsewhere(self):
        """Whether it was given as a URL: then it is neither started nor stopped here."""
        return self.given.startswith(("http://", "https://"))

    def start(self):
        """Starts the program; `start_seconds` is the time until its first answer."""
        if not os.access(self.given, os.X_OK):
            raise SystemExit(f"{self.given} is neither a URL nor a program")
        if self.root is None:
            self.root = tempfile.mkdtemp(prefix="invokeai-peer.")
        port = free_port()
        with open(os.path.join(self.root, "invokeai.yaml"), "w") as file:
            file.write(SETTINGS.format(port=port))
        self.url = f"http://127.0.0.1:{port}"
        log = open(os.path.join(self.root, "peer.log"), "ab")
        environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
        # PYTHONPATH is for this program's own packages; the peer brings its own.
        environment.pop("PYTHONPATH", None)
        began = time.monotonic()
        self.process = subprocess.Popen(
            [self.given, "--root", self.root], stdout=log, stderr=log, env=environment, start_new_session=True
        )
        while not answers(self.url + "/api/v1/app/version"):
            if self.process.poll() is not None or time.monotonic() - began > self.patience:
                self.show_log()
                self.stop()
                raise SystemExit("InvokeAI did not start")
            time.sleep(0.05)
        self.start_seconds = time.monotonic() - began

    def halt(self):
        """Ends the process and keeps its directory, so that `start` finds everything again."""
        if self.process is None:
            return
        for how in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, how)
                self.process.wait(timeout=20)
                break
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                continue
        self.process = None

    def stop(self):
        self.halt()
        if self.root:
            shutil.rmtree(self.root, ignore_errors=True)
            self.root = None

    def show_log(self):
        with open(os.path.join(self.root, "peer.log"), errors="replace") as file:
            print("".join(file.readlines()[-20:]))


def read_json(url, token=None, body=None, method=None):
    """One request with a JSON answer."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method)
    request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=600) as response:
        return json.loads(response.read() or "null")
