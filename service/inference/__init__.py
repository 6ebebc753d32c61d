"""Models: their files, their description, and the backends that run them."""

import os

# Disable the usage reports of ONNX Runtime's builds; this has no effect after the import.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
# Disable the usage reports of the hub's client, which also send requests to the hub.
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
# Without this, transformers warns on import that torch is missing, which is intended here.
os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
