"""The embedded model: one ONNX encoder, read three ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi.onnxruntime_pybind11_state import (
    Fail,
    InvalidGraph,
    InvalidProtobuf,
)
from onnxruntime.capi.onnxruntime_pybind11_state import (
    NotImplemented as UnknownOperator,
)
from tokenizers import Tokenizer
from transformers import AutoTokenizer

from service.enrichment.mention_rules import TagRules
from service.enrichment.model_protocol import PassRunner, Target, WindowSentiment
from service.enrichment.words import Span, WordRange
from service.inference.backends.runtimes import new_session
from service.inference.bundle.manifest import Manifest, load_manifest
from service.inference.bundle.wordpieces import Pieces, cut_pieces
from service.inference.model_info import ModelError

ENCODER = "encoder.onnx"
SENTENCE_HEAD = "sentence_sentiment.onnx"
TARGET_HEAD = "target_sentiment.onnx"
_UNREADABLE = np.asarray([0.0, 1.0, 0.0], dtype=np.float32)


@dataclass(frozen=True)
class _Heads:
    sentence: onnxruntime.InferenceSession
    target: onnxruntime.InferenceSession


class BundleOutput:
    """The :class:`~service.enrichment.model_protocol.WindowOutput` of one pass.

    Args:
        hidden: of each piece of the window, shape ``(pieces, width)``.
        bounds: word ``first + i`` has the pieces from ``bounds[i]`` up to ``bounds[i + 1]``.
        first: index of the window's first word in the text.
        tag_probabilities: of each word, shape ``(words, tags)``.
        heads: compute the sentiment.
    """

    def __init__(
        self,
        hidden: NDArray[np.float32],
        bounds: NDArray[np.int64],
        first: int,
        tag_probabilities: NDArray[np.float32],
        heads: _Heads,
    ) -> None:
        self.names = tag_probabilities
        self._hidden = hidden
        self._bounds = bounds
        self._first = first
        self._heads = heads

    def sentiment(
        self, sentences: Sequence[WordRange], targets: Sequence[Target], passes: PassRunner
    ) -> WindowSentiment:
        """See the protocol. The heads read the output of the window's pass, and need no other."""
        return WindowSentiment(self.sentence_sentiment(sentences), self.target_sentiment(targets))

    def sentence_sentiment(self, sentences: Sequence[WordRange]) -> NDArray[np.float32]:
        """The sentiment of sentences, ``(sentences, 3)``; neutral for one without pieces."""
        pooled, readable = self.pool(sentences)
        (probabilities,) = self._heads.sentence.run(None, {"sentence": pooled})
        return np.where(readable[:, None], probabilities, _UNREADABLE)

    def target_sentiment(self, targets: Sequence[Target]) -> NDArray[np.float32]:
        """The sentiment towards mentions, ``(targets, 3)``; neutral for one without pieces."""
        if not targets:
            return np.empty((0, 3), dtype=np.float32)
        mentions, readable = self.pool([mention for mention, _ in targets])
        pooled, _ = self.pool([sentence for _, sentence in targets])
        (probabilities,) = self._heads.target.run(None, {"mention": mentions, "sentence": pooled})
        return np.where(readable[:, None], probabilities, _UNREADABLE)

    def pool(self, ranges: Sequence[WordRange]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """What the heads read: the mean of the pieces of each range of words.

        Returns:
            The means, shape ``(ranges, width)``, and whether each range has any pieces.
        """
        rows = {words: row for row, words in enumerate(dict.fromkeys(ranges))}
        spans = self._bounds[np.asarray([*rows], dtype=np.int64).reshape(-1, 2) - self._first]
        sums = np.zeros((len(rows), self._hidden.shape[1]), dtype=np.float32)
        for row, (start, end) in enumerate(spans.tolist()):
            if start < end:
                np.add.reduce(self._hidden[start:end], axis=0, out=sums[row])
        lengths = spans[:, 1] - spans[:, 0]
        means = sums / np.maximum(lengths, 1, dtype=np.float32)[:, None]
        asked = [rows[words] for words in ranges]
        return means[asked], lengths[asked] > 0


class Bundle:
    """A model bundle in memory: a :class:`service.enrichment.model_protocol.Model`.

    One pass takes one window, unpadded, on one thread: scores do not depend on what else is being
    read. Threads may share a bundle, since nothing in it changes.
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.manifest = manifest
        self.about = manifest.about
        self.identity = self.about.identity
        self.tags = manifest.tags
        self.mention_rules = TagRules(manifest.tags)
        self.languages = manifest.languages
        self.window = manifest.window
        fast = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self._tokenizer: Tokenizer = fast.backend_tokenizer
        if self._tokenizer.truncation is not None or self._tokenizer.padding is not None:
            raise ModelError(f"the tokenizer in {folder} truncates or pads")
        self._begin, self._end = fast.cls_token_id, fast.sep_token_id
        self._encoder = new_session(folder / ENCODER)
        self._heads = _Heads(new_session(folder / SENTENCE_HEAD), new_session(folder / TARGET_HEAD))

    def tokenize(self, text: str, words: Sequence[Span]) -> Pieces:
        """The word pieces of a text of any length."""
        return cut_pieces(self._tokenizer, text, words)

    def read(self, tokens: Pieces, words: WordRange) -> BundleOutput:
        """One pass over the given words, which have at most ``window`` pieces."""
        first, last = words
        bounds = tokens.bounds[first : last + 1]
        inside = slice(bounds[0], bounds[-1])
        ids = np.concatenate([[self._begin], tokens.ids[inside], [self._end]])
        cases = np.concatenate([[0], tokens.cases[inside], [0]])
        probabilities, hidden = self._encoder.run(
            ("tag_probabilities", "hidden"),
            {"ids": ids.astype(np.int32)[None], "cases": cases.astype(np.int32)[None]},
        )
        local = bounds - bounds[0] + 1
        tags = np.zeros((last - first, len(self.tags)), dtype=np.float32)
        tags[:, self.tags.index("O")] = 1.0
        begun = local[:-1] < local[1:]
        tags[begun] = probabilities[0, local[:-1][begun]]
        return BundleOutput(hidden[0], local, first, tags, self._heads)


def load_bundle(folder: Path, manifest: Manifest | None = None) -> Bundle:
    """Load the bundle in ``folder``.

    Args:
        folder: of the bundle.
        manifest: its own, if the files have been held to it already.

    Raises:
        ModelError: a file is missing, has changed, or cannot be loaded.
    """
    manifest = manifest or load_manifest(folder)
    try:
        return Bundle(folder, manifest)
    except (OSError, ValueError, Fail, InvalidGraph, InvalidProtobuf, UnknownOperator) as error:
        line = str(error).strip().splitlines()[0]
        raise ModelError(f"the model bundle in {folder} cannot be loaded: {line}") from error
