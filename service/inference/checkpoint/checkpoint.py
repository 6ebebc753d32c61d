"""Checkpoints of transformers in memory: tokenizer, special tokens and runtime."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_lowercase
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer
from transformers import AutoConfig, AutoTokenizer

from service.inference.backends.runtimes import Backend, Input, OnnxBackend, TorchBackend
from service.inference.checkpoint.files import CheckpointFiles
from service.inference.model_info import ModelError

MOST_TOKENS = 512
"""Longest input, whatever a checkpoint allows: the time of a pass grows with its square."""

LEAST_TOKENS = 16
"""A checkpoint that takes fewer, special ones included, reads nothing in its context."""

_POSITIONS_AFTER_PADDING = frozenset(
    "camembert data2vec-text ibert longformer luke mpnet roberta roberta-prelayernorm xlm-roberta "
    "xlm-roberta-xl xmod".split()
)
"""Architectures that count positions from the id of their padding token on."""


@dataclass(frozen=True)
class _Frame:
    """The special tokens around the texts of an input."""

    begin: list[int]
    between: list[int]
    end: list[int]
    between_types: list[int]
    second_type: int

    @property
    def size(self) -> int:
        return len(self.begin) + len(self.between) + len(self.end)


class Checkpoint:
    """A checkpoint in memory: its tokenizer and its runtime. Threads may share one.

    Args:
        folder: its files.
        runtime: what runs it; by default that of its ONNX file, else torch.

    Raises:
        ModelError: it cannot be loaded.
    """

    def __init__(self, folder: CheckpointFiles, runtime: Backend | None = None) -> None:
        self.folder = folder
        try:
            config = AutoConfig.from_pretrained(
                folder.path, local_files_only=True, trust_remote_code=False
            )
            fast = AutoTokenizer.from_pretrained(
                folder.path, local_files_only=True, trust_remote_code=False
            )
            if not getattr(fast, "is_fast", False):
                raise ModelError("its tokenizer is not one of the tokenizers library")
            self._tokenizer: Tokenizer = fast.backend_tokenizer
            self._tokenizer.no_truncation()
            self._tokenizer.no_padding()
            self._single, self._pair = _frames(self._tokenizer)
            self._longest = _longest(config, fast.model_max_length)
            self.runtime = runtime or self._load(config, fast)
            self._try_out()
        except ModelError:
            raise
        except Exception as error:  # the libraries below have no exception in common
            raise ModelError(f"it cannot be loaded: {reason(error)}") from error

    @property
    def room(self) -> int:
        """Most tokens of text in an input."""
        return self._longest - self._single.size

    def room_beside(self, second: int) -> int:
        """Most tokens of text in an input whose second text has so many."""
        return self._longest - self._pair.size - second

    def encode(self, text: str) -> Encoding:
        """The tokens of a text of any length, without special ones."""
        return self._tokenizer.encode(text, add_special_tokens=False)

    def input(
        self, ids: NDArray[np.int64] | list[int], second: Sequence[int] | None = None
    ) -> Input:
        """What is read in a pass over these tokens, and those of a second text if there is one."""
        if second is None:
            frame = self._single
            row = [*frame.begin, *ids, *frame.end]
            return Input(np.asarray(row, np.int64), np.zeros(len(row), np.int64))
        frame = self._pair
        row = [*frame.begin, *ids, *frame.between, *second, *frame.end]
        types = np.full(len(row), frame.second_type, np.int64)
        types[: len(frame.begin) + len(ids)] = 0
        at = len(frame.begin) + len(ids)
        types[at : at + len(frame.between)] = frame.between_types
        return Input(np.asarray(row, np.int64), types)

    def logits(self, one: Input) -> NDArray[np.float32]:
        """Those of one input without those of special tokens at its ends: ``(tokens, labels)``."""
        (rows,) = self.runtime.run([one])
        return rows[len(self._single.begin) : len(rows) - len(self._single.end)]

    def _try_out(self) -> None:
        """Hold what it answers to its labels: weights and configuration may be of two models."""
        one = self.input(self.encode("a").ids)
        (logits,) = self.runtime.run([one])
        labels = len(self.folder.labels)
        each = [len(one.ids)] if self.folder.task == "TokenClassification" else []
        if list(logits.shape) != [*each, labels]:
            raise ModelError(
                f"what it gives for {len(one.ids)} tokens has the shape {logits.shape}, which is "
                f"not that of its {labels} labels"
            )

    def _load(self, config: Any, fast: Any) -> Backend:
        if self.folder.onnx is not None:
            return OnnxBackend(self.folder.onnx)
        model = load_weights(self.folder, config)
        padding = fast.pad_token_id if fast.pad_token_id is not None else 0
        runtime = TorchBackend(model, padding, "token_type_ids" in fast.model_input_names)
        texts = ("a", " ".join(ascii_lowercase))
        runtime.check_batches([self.input(self.encode(t).ids[: self.room]) for t in texts])
        return runtime


def load_weights(folder: CheckpointFiles, config: Any) -> Any:
    """The checkpoint as a model of torch, in fp32, from safetensors.

    Args:
        folder: its files.
        config: of transformers.
    """
    import torch
    import transformers

    transformers.utils.logging.disable_progress_bar()
    auto = getattr(transformers, f"AutoModelFor{folder.task}")
    model, loading = auto.from_pretrained(
        folder.path,
        config=config,
        local_files_only=True,
        trust_remote_code=False,
        use_safetensors=not folder.pickled,
        dtype=torch.float32,
        ignore_mismatched_sizes=True,  # they are told below, in one line
        output_loading_info=True,
    )
    if mismatched := sorted(str(name) for name, *_ in loading["mismatched_keys"]):
        raise ModelError(f"its weights have {mismatched[0]} in another size than its configuration")
    if missing := sorted(loading["missing_keys"]):
        raise ModelError(f"its weights lack {missing[0]}: it was not trained for this")
    return model


def _frames(tokenizer: Tokenizer) -> tuple[_Frame, _Frame]:
    """What stands around one text, and around two."""
    single, pair = tokenizer.encode("a"), tokenizer.encode("a", "a")
    own = [i for i, special in enumerate(single.special_tokens_mask) if not special]
    one = _Frame(single.ids[: own[0]], [], single.ids[own[-1] + 1 :], [], 0)
    sequences = pair.sequence_ids
    first = [i for i, sequence in enumerate(sequences) if sequence == 0]
    second = [i for i, sequence in enumerate(sequences) if sequence == 1]
    between = slice(first[-1] + 1, second[0])
    two = _Frame(
        pair.ids[: first[0]],
        pair.ids[between],
        pair.ids[second[-1] + 1 :],
        pair.type_ids[between],
        pair.type_ids[second[0]],
    )
    return one, two


def _longest(config: Any, tokenizer_limit: float) -> int:
    """Most tokens in an input, special ones included."""
    limits = [MOST_TOKENS, tokenizer_limit]
    positions = getattr(config, "max_position_embeddings", None)
    if positions and positions > 0:
        after = config.model_type in _POSITIONS_AFTER_PADDING
        # Of the embeddings, of which a tokenizer that was given another one later knows nothing.
        limits.append(positions - ((config.pad_token_id or 0) + 1 if after else 0))
    longest = int(min(limits))
    if longest < LEAST_TOKENS:
        raise ModelError(
            f"its inputs would have {longest} tokens at most, by model_max_length of its tokenizer "
            f"or max_position_embeddings of its configuration; {LEAST_TOKENS} are needed"
        )
    return longest


def reason(error: Exception) -> str:
    """What kind of error it is, and the first line of what it says."""
    line = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {line}" if line else type(error).__name__
