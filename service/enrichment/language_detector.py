"""Classifies the language of a text."""

from __future__ import annotations

import lzma
from array import array
from collections.abc import Mapping
from importlib.resources import files
from io import BytesIO
from typing import Protocol

import numpy as np
from py3langid.langid import MODEL_FILE, LanguageIdentifier

# Nigerian Pidgin is too near to English to be told apart from it in a sentence; zxx is no language.
_NOT_TOLD_APART = frozenset({"pcm", "zxx"})


class LanguageDetector(Protocol):
    """Computes how likely a text is to be in each language."""

    def detect(self, text: str) -> Mapping[str, float]:
        """ISO 639-1 code → probability, summing to 1."""
        ...


class TrainedDetector:
    """py3langid's classifier over 140 languages. Deterministic; threads may share it."""

    def __init__(self) -> None:
        self._identifier = _load_identifier()
        self._identifier.set_languages(
            [code for code in self._identifier.labels if code not in _NOT_TOLD_APART]
        )
        # The choice of columns leaves it in column order, in which reading its rows is slow.
        self._identifier.nb_ptc = np.ascontiguousarray(self._identifier.nb_ptc)

    def detect(self, text: str) -> Mapping[str, float]:
        """Probability of each of the languages."""
        return {code: float(p) for code, p in self._identifier.rank(text)}


def _load_identifier() -> LanguageIdentifier:
    """py3langid's own model, without the 68 MB temporary file that its loader writes.

    The service runs where no file can be written.
    """
    packed = files("py3langid").joinpath(MODEL_FILE).read_bytes()
    with np.load(BytesIO(lzma.decompress(packed)), allow_pickle=False) as model:
        moves, rows = model["nextmove"], model["nextmove_row"]
        return LanguageIdentifier(
            model["ptc"],
            model["pc"],
            model["classes"].tolist(),
            array(moves.dtype.char, moves.tobytes()),
            model["out_feat"].tolist(),
            norm_probs=True,
            tk_row=array(rows.dtype.char, rows.tobytes()),
        )
