"""Our own service, started in a fresh directory as `invoke up` and stopped again."""

import os
import shutil
import signal
import subprocess
import tempfile
import time

from peer import answers, free_port


class Studio:
    """A context with the same members as `Peer`."""

    def __init__(self, program, ui_directory, more=()):
        self.program = program
        self.ui_directory = ui_directory
        self.more = list(more)
        self.root = self.process = self.url = self.start_seconds = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def pid(self):
        return self.process.pid if self.process else None

    @property
    def data_directory(self):
        return os.path.join(self.root, "data")

    def start(self):
        """Starts the service; `start_seconds` is the time until its first answer."""
        if self.root is None:
            self.root = tempfile.mkdtemp(prefix="invoke-bench.")
            # The private Postgres may run as another account.
            os.chmod(self.root, 0o755)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [self.program, "up", "--root", self.data_directory, "--host", "127.0.0.1"]
        command += ["--port", str(port), "--ui-dir", self.ui_directory, *self.more]
        log = open(os.path.join(self.root, "studio.log"), "ab")
        began = time.monotonic()
        self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        while not answers(self.url + "/api/v1/app/version"):
            if self.process.poll() is not None or time.monotonic() - began > 60:
                with open(log.name, errors="replace") as file:
                    print("".join(file.readlines()[-20:]))
                self.stop()
                raise SystemExit("the studio did not start")
            time.sleep(0.02)
        self.start_seconds = time.monotonic() - began

    def halt(self):
        """Stops it as a service manager would; its directory stays."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            print("the studio did not stop in time")
        self.process = None

    def stop(self):
        self.halt()
        if self.root:
            shutil.rmtree(self.root, ignore_errors=True)
            self.root = None
