"""The embedded model: one ONNX encoder, whose output serves names and sentiment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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

from service.enrichment.bio import OUTSIDE
from service.enrichment.bounds import Check, no_check
from service.enrichment.mention_rules import TagRules
from service.enrichment.model_protocol import (
    Judged,
    PassRunner,
    Target,
    WindowSentiment,
)
from service.enrichment.words import Span, WordRange
from service.inference.backends.onnx import create_session
from service.inference.bundle.manifest import Manifest, load_manifest
from service.inference.bundle.wordpieces import WordPieces, tokenize_words
from service.inference.errors import ModelError, first_line
from service.inference.model_info import POLARITIES

TOKENIZER = "tokenizer.json"
ENCODER = "encoder.onnx"
SENTENCE_HEAD = "sentence_sentiment.onnx"
TARGET_HEAD = "target_sentiment.onnx"
Pooled = tuple[NDArray[np.float32], NDArray[np.bool_]]
"""Means of hidden states, shape ``(ranges, width)``, and which have any, shape ``(ranges,)``."""

_NEUTRAL = np.asarray([0.0, 1.0, 0.0], dtype=np.float32)


@dataclass(frozen=True)
class _Heads:
    sentence: onnxruntime.InferenceSession
    target: onnxruntime.InferenceSession


class BundleOutput:
    """The :class:`~service.enrichment.model_protocol.WindowOutput` of one pass.

    Args:
        hidden: the hidden states of the pieces of the window, shape ``(pieces, width)``.
        bounds: word ``first + i`` has the pieces from ``bounds[i]`` up to ``bounds[i + 1]``.
        first: index of the window's first word in the text.
        tag_probabilities: the probabilities of the tags of each word, shape ``(words, tags)``.
        heads: the sentiment heads.
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

    def sentence_sentiment(self, sentences: Sequence[WordRange]) -> NDArray[np.float32]:
        """Return the sentiment of sentences, shape ``(sentences, 3)``; neutral without pieces."""
        return next(_run_head(self._heads.sentence, sentence=[self.pool(sentences)]))

    def target_sentiment(self, targets: Sequence[Target]) -> NDArray[np.float32]:
        """Return the sentiment towards mentions, shape ``(targets, 3)``; neutral without pieces."""
        mentions = self.pool([mention for mention, _ in targets])
        around = self.pool([stretch for _, stretch in targets])
        return next(_run_head(self._heads.target, mention=[mentions], sentence=[around]))

    def pool(self, ranges: Sequence[WordRange]) -> Pooled:
        """Pool the input of the heads: the mean of the hidden states of each range of words.

        Returns:
            The means, shape ``(ranges, width)``, and whether each range has pieces, ``(ranges,)``.
        """
        rows = {words: row for row, words in enumerate(dict.fromkeys(ranges))}
        spans = self._bounds[np.asarray([*rows], dtype=np.int64).reshape(-1, 2) - self._first]
        sums = np.zeros((len(rows), self._hidden.shape[1]), dtype=np.float32)
        for row, (start, end) in enumerate(spans.tolist()):
            if start < end:
                np.add.reduce(self._hidden[start:end], axis=0, out=sums[row])
        lengths = spans[:, 1] - spans[:, 0]
        means = sums / np.maximum(lengths, 1, dtype=np.float32)[:, None]
        order = [rows[words] for words in ranges]
        return means[order], lengths[order] > 0


class Bundle:
    """A model bundle in memory: a :class:`service.enrichment.model_protocol.Model`.

    A pass takes one window, unpadded, on one thread, so that scores do not depend on the load.
    A bundle is immutable; threads may share it.

    Args:
        folder: the folder of the bundle.
        manifest: its manifest.

    Raises:
        ModelError: the tokenizer cannot be read, truncates or pads.
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.manifest = manifest
        self.info = manifest.model_info
        self.identity = self.info.identity
        self.tags = manifest.tags
        self.mention_rules = TagRules(manifest.tags)
        self.document_head = manifest.document_head
        self.languages = manifest.languages
        self.window = manifest.window
        self._tokenizer = _read_tokenizer(folder / TOKENIZER)
        self._cls_id, self._sep_id = map(self._tokenizer.token_to_id, ("[CLS]", "[SEP]"))
        self._encoder = create_session(folder / ENCODER, manifest.exact_products)
        self._untagged = np.asarray([tag == OUTSIDE for tag in self.tags], np.float32)
        self._heads = _Heads(
            create_session(folder / SENTENCE_HEAD), create_session(folder / TARGET_HEAD)
        )

    def tokenize(self, text: str, words: Sequence[Span], check: Check = no_check) -> WordPieces:
        """Split a text of any length into word pieces; ``check`` is called now and then."""
        return tokenize_words(self._tokenizer, text, words, check)

    def read(self, tokens: WordPieces, words: WordRange) -> BundleOutput:
        """Run one pass over ``words``, which have at most ``window`` pieces."""
        first, last = words
        bounds = tokens.bounds[first : last + 1]
        window = slice(bounds[0], bounds[-1])
        local = bounds - bounds[0] + 1  # the pass begins with [CLS]
        ids = np.empty((1, local[-1] + 1), np.int32)
        ids[0, 0], ids[0, 1:-1], ids[0, -1] = self._cls_id, tokens.ids[window], self._sep_id
        cases = np.zeros_like(ids)
        cases[0, 1:-1] = tokens.cases[window]
        probabilities, hidden = self._encoder.run(
            ("tag_probabilities", "hidden"), {"ids": ids, "cases": cases}
        )
        tags: NDArray[np.float32] = probabilities[0, local[:-1]]
        without_pieces = local[:-1] == local[1:]
        if without_pieces.any():
            tags[without_pieces] = self._untagged
        return BundleOutput(hidden[0], local, first, tags, self._heads)

    def sentiment(
        self, windows: Sequence[Judged[BundleOutput]], passes: PassRunner
    ) -> list[WindowSentiment]:
        """See the protocol; the heads run on the outputs of all windows, without further passes."""
        stretches: list[Pooled] = []
        mentions: list[Pooled] = []
        around: list[Pooled] = []
        for output, sentences, targets in windows:
            pooled, has_pieces = output.pool(
                [*sentences, *(mention for mention, _ in targets), *(each for _, each in targets)]
            )
            first, last = len(sentences), len(sentences) + len(targets)
            for kind, part in (
                (stretches, slice(first)),
                (mentions, slice(first, last)),
                (around, slice(last, None)),
            ):
                kind.append((pooled[part], has_pieces[part]))
        of_sentences = _run_head(self._heads.sentence, sentence=stretches)
        towards = _run_head(self._heads.target, mention=mentions, sentence=around)
        return [WindowSentiment(*each) for each in zip(of_sentences, towards, strict=True)]


def _read_tokenizer(path: Path) -> Tokenizer:
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises nothing more specific
        raise ModelError(f"{path} is not a tokenizer: {first_line(error)}") from error
    if tokenizer.truncation is not None or tokenizer.padding is not None:
        raise ModelError(f"the tokenizer in {path.parent} truncates or pads")
    return tokenizer


def _run_head(
    head: onnxruntime.InferenceSession, **pooled: Sequence[Pooled]
) -> Iterator[NDArray[np.float32]]:
    """The probabilities for each window, shape ``(rows, 3)``; neutral without pieces.

    Args:
        head: takes rows of several windows at once.
        pooled: its inputs; the first one decides what has pieces.
    """
    (first, *_) = pooled.values()
    means = {name: np.concatenate([mean for mean, _ in each]) for name, each in pooled.items()}
    has_pieces = np.concatenate([has for _, has in first])
    rows = np.empty((0, len(POLARITIES)), np.float32)
    if len(has_pieces):
        (rows,) = head.run(None, means)
    rows = np.where(has_pieces[:, None], rows, _NEUTRAL)
    ends = np.cumsum([len(has) for _, has in first])
    return iter(np.split(rows, ends[:-1]))


def load_bundle(folder: Path, manifest: Manifest | None = None) -> Bundle:
    """Load the bundle in ``folder``.

    Args:
        folder: the folder of the bundle.
        manifest: its manifest, if the files have already been verified.

    Raises:
        ModelError: a file is missing, has changed, or cannot be loaded.
    """
    manifest = manifest or load_manifest(folder)
    try:
        return Bundle(folder, manifest)
    except (OSError, ValueError, Fail, InvalidGraph, InvalidProtobuf, UnknownOperator) as error:
        raise ModelError(
            f"the model bundle in {folder} cannot be loaded: {first_line(error)}"
        ) from error
