"""Training of the model bundle: ``python -m training``."""

import service.inference  # noqa: F401  imported first, to disable the usage reports of ONNX Runtime
