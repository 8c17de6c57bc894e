"""InvokeAI's API as both services speak it: an account, models, the queue."""

import copy
import os
import time
import urllib.parse

from peer import read_json

ADMINISTRATOR = {"email": "admin@example.com", "password": "Bench-Passw0rd!", "display_name": "Admin"}
QUEUE = "/api/v1/queue/default"


class Service:
    """One signed-in administrator at one of the two."""

    def __init__(self, name, url, email=None, password=None):
        self.name = name
        self.url = url
        status = read_json(url + "/api/v1/auth/status")
        if status["setup_required"]:
            read_json(url + "/api/v1/auth/setup", body=ADMINISTRATOR)
        sign_in = {"email": email or ADMINISTRATOR["email"], "password": password or ADMINISTRATOR["password"]}
        self.token = read_json(url + "/api/v1/auth/login", body={**sign_in, "remember_me": True})["token"]
        self.models = {}

    def call(self, path, body=None, method=None):
        return read_json(self.url + path, self.token, body, method)

    def find_models(self):
        return {model["name"]: model for model in self.call("/api/v2/models/")["models"]}

    def install(self, path):
        """Installs a model where it lies, unless one of that name is there; remembers what nodes need to name it."""
        name = os.path.basename(path)
        if name not in self.find_models():
            query = urllib.parse.urlencode({"source": path, "inplace": "true"})
            job = self.call(f"/api/v2/models/install?{query}", {})
            while job["status"] not in ("completed", "error", "cancelled"):
                time.sleep(0.2)
                job = self.call(f"/api/v2/models/install/{job['id']}")
            if job["status"] != "completed":
                raise SystemExit(f"{self.name} does not install {path}: {job.get('error_reason')}")
        model = self.find_models()[name]
        self.models["@model/" + name] = {key: model[key] for key in ("key", "hash", "name", "base", "type")}

    def with_models(self, graph):
        """The graph with `@model/NAME` replaced by what this service calls the model."""
        graph = copy.deepcopy(graph)
        for node in graph["nodes"].values():
            for field, value in node.items():
                if isinstance(value, str) and value in self.models:
                    node[field] = self.models[value]
        return graph

    def enqueue(self, graph, runs=1):
        body = {"prepend": False, "batch": {"graph": graph, "runs": runs}}
        return self.call(f"{QUEUE}/enqueue_batch", body)

    def seconds_for(self, graph):
        """From the request that enqueues a graph until its item is seen completed."""
        began = time.monotonic()
        (item,) = self.enqueue(graph)["item_ids"]
        while True:
            status = self.call(f"{QUEUE}/i/{item}")
            if status["status"] == "completed":
                return time.monotonic() - began
            if status["status"] in ("failed", "canceled"):
                raise SystemExit(f"{self.name}: {status['status']}: {status.get('error_message')}")
            time.sleep(0.01)
