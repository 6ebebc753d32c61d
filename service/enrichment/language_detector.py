"""Classifies the language of a text."""

from __future__ import annotations

import lzma
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from py3langid.langid import MODEL_FILE, LanguageIdentifier

# Nigerian Pidgin is too near to English to be told apart from it in a sentence; zxx is no language.
_NOT_TOLD_APART = frozenset({"pcm", "zxx"})

_LONGEST_FEATURE = 6
"""Bytes of the classifier's longest feature."""

_LANE = 8
"""Bytes of a text that are looked at one after the other, beside those of the other lanes."""


class LanguageDetector(Protocol):
    """Computes how likely a text is to be in each language."""

    def detect(self, text: str) -> Mapping[str, float]:
        """ISO 639-1 code → probability, summing to 1."""
        ...


class TrainedDetector:
    """py3langid's classifier over 140 languages. Deterministic; threads may share it."""

    def __init__(self) -> None:
        self._identifier = _load_identifier()

    def detect(self, text: str) -> Mapping[str, float]:
        """Probability of each of the languages."""
        return {code: float(p) for code, p in self._identifier.rank(text)}


@cache
def trained_detector() -> TrainedDetector:
    """The detector of this process, loaded once.

    The gunicorn arbiter calls this before it forks the workers, which share its 95 MB of tables.
    """
    return TrainedDetector()


class _Identifier(LanguageIdentifier):  # type: ignore[misc]
    """Finds the features of a text in several places at once, which gives the same scores sooner.

    The features are strings of bytes, found by an Aho-Corasick automaton. Its state depends on no
    more bytes than the longest feature has, so that the text can be cut into lanes: each begins in
    the initial state and is right from the byte :data:`_LONGEST_FEATURE` on.
    """

    def _raw_score(self, text: bytes) -> NDArray[np.float32]:
        found = _features(self.tk_nextmove, self.tk_row, self.tk_output, text)
        if not len(found):
            return np.zeros(len(self.nb_classes), np.float32)
        features, first, counts = np.unique(found, return_index=True, return_counts=True)
        order = first.argsort()  # py3langid adds them up in the order in which they appear
        weights = np.log1p(counts[order].astype(np.float32))
        scores: NDArray[np.float32] = weights @ self.nb_ptc[features[order]] + self.nb_pc
        return scores


def _features(
    moves: NDArray[np.uint32], rows: NDArray[np.int64], output: NDArray[np.int32], text: bytes
) -> NDArray[np.int32]:
    """The features in a text, in the order of the bytes at which they end.

    Args:
        moves: the state after a row and a byte, shape ``(rows * 256,)``.
        rows: the row of ``moves`` that a state has, shape ``(states,)``.
        output: the feature that ends in a state, -1 for none; shape ``(states,)``.
        text: any bytes.
    """
    lanes = len(text) // _LANE + 1
    letters = np.zeros((lanes + 1) * _LANE, np.int64)
    letters[: len(text)] = np.frombuffer(text, np.uint8)
    by_lane = np.lib.stride_tricks.sliding_window_view(letters, _LANE + _LONGEST_FEATURE)[::_LANE]
    states = np.zeros((_LANE + _LONGEST_FEATURE + 1, lanes), np.uint32)
    for step, column in enumerate(by_lane[:lanes].T):
        moves.take(256 * rows[states[step]] + column, out=states[step + 1])
    in_order = np.append(states[1 : _LONGEST_FEATURE + 1, 0], states[_LONGEST_FEATURE + 1 :].T)
    features = output[in_order[: len(text)]]
    return features[features >= 0]


def _load_identifier() -> LanguageIdentifier:
    """py3langid's own model, without the 68 MB temporary file that its loader writes.

    The service runs where no file can be written. Languages are left out here rather than by
    ``set_languages``, which keeps the whole table in memory, and the rest in column order.
    """
    packed = files("py3langid").joinpath(MODEL_FILE).read_bytes()
    with np.load(BytesIO(lzma.decompress(packed)), allow_pickle=False) as model:
        codes = model["classes"].tolist()
        kept = [i for i, code in enumerate(codes) if code not in _NOT_TOLD_APART]
        return _Identifier(
            model["ptc"].take(kept, axis=1),
            model["pc"][kept],
            [codes[i] for i in kept],
            model["nextmove"],
            model["out_feat"],
            norm_probs=True,
            tk_row=model["nextmove_row"].astype(np.int64),
        )
