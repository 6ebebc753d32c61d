"""Models: what runs them, and what is in them."""

import os

# ONNX Runtime's builds report their use over the network unless told not to before the import.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
# So does the client of the hub, which moreover asks the hub for what to report.
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
# transformers says on import that torch is missing, which is as it should be.
os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
