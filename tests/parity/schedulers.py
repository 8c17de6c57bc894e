"""The scheduler names that InvokeAI 6.14.2 accepts, read from the recorded contract."""

import json
import os

CONTRACT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../contract/openapi-6.14.2.json")


def scheduler_names():
    """All 31, in upstream's order."""
    with open(CONTRACT) as file:
        schemas = json.load(file)["components"]["schemas"]
    return schemas["DenoiseLatentsInvocation"]["properties"]["scheduler"]["enum"]
