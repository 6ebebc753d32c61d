"""Models: their files, the libraries that run them, and downloads from a hub."""

import os

# Must be set before the imports: ONNX Runtime reports usage over the network by default.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
# The client of the hub reports usage, too.
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
# transformers warns on import where torch is missing, but the service works without it.
os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
