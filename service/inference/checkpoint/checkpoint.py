"""A checkpoint of transformers in memory: tokenizer, special tokens and backend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_lowercase
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from service.inference.backends.base import Backend, Input
from service.inference.backends.onnx import OnnxBackend
from service.inference.backends.torch import TorchBackend
from service.inference.checkpoint.files import CheckpointFiles
from service.inference.errors import ModelError, summarize

MOST_TOKENS = 512
"""Longest input, even where a checkpoint allows more: the time of a pass grows quadratically."""

LEAST_TOKENS = 16
"""Shortest acceptable limit of a checkpoint, special tokens included: less leaves no context."""

_POSITIONS_AFTER_PADDING = frozenset(
    "camembert data2vec-text ibert longformer luke mpnet roberta roberta-prelayernorm xlm-roberta "
    "xlm-roberta-xl xmod".split()
)
"""Architectures whose position ids begin behind the id of the padding token."""


@dataclass(frozen=True)
class _SpecialTokens:
    """The special tokens around the text, or the two texts, of an input."""

    begin: list[int]
    between: list[int]
    end: list[int]
    between_types: list[int]
    second_type: int

    @property
    def count(self) -> int:
        return len(self.begin) + len(self.between) + len(self.end)


class Checkpoint:
    """A loaded checkpoint. Several threads may use it at once.

    Args:
        files: of the checkpoint.
        backend: by default ONNX Runtime where there is an ONNX file, else torch.

    Raises:
        ModelError: the checkpoint fails to load, or its outputs do not match its labels.
    """

    def __init__(self, files: CheckpointFiles, backend: Backend | None = None) -> None:
        from transformers import AutoConfig, AutoTokenizer  # slow to import; not for bundles

        self.files = files
        try:
            config = AutoConfig.from_pretrained(
                files.path, local_files_only=True, trust_remote_code=False
            )
            fast = AutoTokenizer.from_pretrained(
                files.path, local_files_only=True, trust_remote_code=False
            )
            if not getattr(fast, "is_fast", False):
                raise ModelError("its tokenizer is not a fast one (of the tokenizers library)")
            self._tokenizer: Tokenizer = fast.backend_tokenizer
            self._tokenizer.no_truncation()
            self._tokenizer.no_padding()
            self._single, self._pair = _find_special_tokens(self._tokenizer)
            self._longest = _longest_input(config, fast.model_max_length)
            self.backend = backend or self._load_backend(config, fast)
            self._check_output_shape()
        except ModelError:
            raise
        except Exception as error:  # the libraries share no base class of exceptions
            raise ModelError(f"it cannot be loaded: {summarize(error)}") from error

    @property
    def max_tokens(self) -> int:
        """Most tokens of text in an input, special tokens not counted."""
        return self._longest - self._single.count

    def max_first_tokens(self, second: int) -> int:
        """Most tokens of the first text of a pair whose second text has ``second`` tokens."""
        return self._longest - self._pair.count - second

    def encode(self, text: str) -> Encoding:
        """Tokenize a text of any length, without special tokens."""
        return self._tokenizer.encode(text, add_special_tokens=False)

    def build_input(
        self, ids: NDArray[np.int64] | list[int], second: Sequence[int] | None = None
    ) -> Input:
        """Add the special tokens to the token ids of a text, or of a pair of texts."""
        if second is None:
            special = self._single
            row = [*special.begin, *ids, *special.end]
            return Input(np.asarray(row, np.int64), np.zeros(len(row), np.int64))
        special = self._pair
        row = [*special.begin, *ids, *special.between, *second, *special.end]
        types = np.full(len(row), special.second_type, np.int64)
        first_end = len(special.begin) + len(ids)
        types[:first_end] = 0
        types[first_end : first_end + len(special.between)] = special.between_types
        return Input(np.asarray(row, np.int64), types)

    def token_logits(self, sequence: Input) -> NDArray[np.float32]:
        """The logits of the text's tokens, special ones left out: shape ``(tokens, labels)``."""
        (rows,) = self.backend.run([sequence])
        return rows[len(self._single.begin) : len(rows) - len(self._single.end)]

    def _check_output_shape(self) -> None:
        """Run one input: weights and configuration may come from different models."""
        sequence = self.build_input(self.encode("a").ids)
        (logits,) = self.backend.run([sequence])
        labels, tokens = len(self.files.labels), len(sequence.ids)
        per_token = self.files.task == "TokenClassification"
        expected = (tokens, labels) if per_token else (labels,)
        if logits.shape != expected:
            raise ModelError(
                f"its output for {tokens} tokens has the shape {logits.shape}; with {labels} "
                f"labels it must be {expected}"
            )

    def _load_backend(self, config: Any, fast: Any) -> Backend:
        if self.files.onnx is not None:
            return OnnxBackend(self.files.onnx)
        model = load_weights(self.files, config)
        padding = fast.pad_token_id if fast.pad_token_id is not None else 0
        backend = TorchBackend(model, padding, "token_type_ids" in fast.model_input_names)
        texts = ("a", " ".join(ascii_lowercase))
        backend.disable_batches_if_inexact(
            [self.build_input(self.encode(text).ids[: self.max_tokens]) for text in texts]
        )
        return backend


def load_weights(files: CheckpointFiles, config: Any) -> Any:
    """Load the checkpoint as a torch model in fp32.

    Args:
        files: of the checkpoint.
        config: of transformers.

    Raises:
        ModelError: weights are missing or have other sizes than the configuration gives.
    """
    import torch
    import transformers

    transformers.utils.logging.disable_progress_bar()
    auto = getattr(transformers, f"AutoModelFor{files.task}")
    model, loading = auto.from_pretrained(
        files.path,
        config=config,
        local_files_only=True,
        trust_remote_code=False,
        use_safetensors=not files.pickled,
        dtype=torch.float32,
        ignore_mismatched_sizes=True,  # reported below, in one line
        output_loading_info=True,
    )
    if mismatched := sorted(str(name) for name, *_ in loading["mismatched_keys"]):
        raise ModelError(f"its weights have {mismatched[0]} in another size than its configuration")
    if missing := sorted(loading["missing_keys"]):
        raise ModelError(f"its weights lack {missing[0]}: it was not trained for this task")
    return model


def _find_special_tokens(tokenizer: Tokenizer) -> tuple[_SpecialTokens, _SpecialTokens]:
    """The special tokens around one text, and around a pair."""
    single, pair = tokenizer.encode("a"), tokenizer.encode("a", "a")
    own = [i for i, special in enumerate(single.special_tokens_mask) if not special]
    one = _SpecialTokens(single.ids[: own[0]], [], single.ids[own[-1] + 1 :], [], 0)
    sequences = pair.sequence_ids
    first = [i for i, sequence in enumerate(sequences) if sequence == 0]
    second = [i for i, sequence in enumerate(sequences) if sequence == 1]
    between = slice(first[-1] + 1, second[0])
    two = _SpecialTokens(
        pair.ids[: first[0]],
        pair.ids[between],
        pair.ids[second[-1] + 1 :],
        pair.type_ids[between],
        pair.type_ids[second[0]],
    )
    return one, two


def _longest_input(config: Any, tokenizer_limit: float) -> int:
    """Most tokens in an input, special tokens included."""
    limits = [MOST_TOKENS, tokenizer_limit]
    positions = getattr(config, "max_position_embeddings", None)
    if positions and positions > 0:
        after = config.model_type in _POSITIONS_AFTER_PADDING
        # The tokenizer may allow more than there are position embeddings.
        limits.append(positions - ((config.pad_token_id or 0) + 1 if after else 0))
    longest = int(min(limits))
    if longest < LEAST_TOKENS:
        raise ModelError(
            f"model_max_length of its tokenizer, or max_position_embeddings of its configuration, "
            f"limits inputs to {longest} tokens; {LEAST_TOKENS} are needed"
        )
    return longest
