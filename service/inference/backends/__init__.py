"""The libraries that run checkpoints: ONNX Runtime and PyTorch."""
