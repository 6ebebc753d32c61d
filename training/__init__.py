"""How the model bundle is made: ``python -m training``."""

import service.inference  # noqa: F401  before ONNX Runtime, which it keeps from reporting its use
