"""Conversion of the vocabulary of a slow tokenizer into a ``tokenizer.json``."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from service.inference.checkpoint.file_names import SENTENCEPIECE_SUFFIX, TOKENIZER
from service.inference.errors import ModelError, first_line
from service.inference.hub.reference import Reference


def convert_tokenizer(reference: Reference, folder: Path, vocabulary: Sequence[str]) -> Path:
    """Write a ``tokenizer.json`` that neither truncates nor pads.

    Args:
        reference: the checkpoint, for error messages.
        folder: the folder of the vocabulary and of the new file.
        vocabulary: names of the files of the vocabulary.

    Returns:
        The path of the ``tokenizer.json``.

    Raises:
        ModelError: the vocabulary cannot be converted, or a package for that is missing.
    """
    has_sentencepiece_model = any(name.endswith(SENTENCEPIECE_SUFFIX) for name in vocabulary)
    if has_sentencepiece_model and find_spec("sentencepiece") is None:
        raise ModelError(
            f"converting the tokenizer of {reference} requires packages that are not installed: "
            "pip install '.[torch]'"
        )
    from transformers import AutoTokenizer  # slow to import, and rarely needed here

    path = folder / TOKENIZER
    path.unlink(missing_ok=True)
    try:
        tokenizer = AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        ).backend_tokenizer
    except (OSError, ValueError, ImportError, AttributeError, KeyError, TypeError) as error:
        raise ModelError(
            f"the tokenizer of {reference} cannot be converted: {first_line(error)}"
        ) from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.save(str(path))
    return path
