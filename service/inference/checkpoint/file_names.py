"""The names of the files in a checkpoint, as transformers and its exporters write them."""

from __future__ import annotations

CONFIG = "config.json"
TOKENIZER = "tokenizer.json"
TOKENIZER_SETTINGS = ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")
VOCABULARIES = ("vocab.txt", "vocab.json", "merges.txt")

SENTENCEPIECE_SUFFIX = ".model"
"""The ending of vocabularies of SentencePiece, whose names vary."""

SAFETENSORS = "model.safetensors"
PICKLE = "pytorch_model.bin"

PUBLISHED_ONNX_FILES = ("onnx/model.onnx", "model.onnx")
ONNX_FILES = ("onnx/model_int8.onnx", *PUBLISHED_ONNX_FILES)
"""Places of the ONNX file, in order of preference; the first is that of an int8 export."""


def index_name(weights: str) -> str:
    """Return the name of the index that lists the shards of a file of weights."""
    return f"{weights}.index.json"
