"""Language: which one an article is in, and whether the model can read it."""

from __future__ import annotations

import lzma
from array import array
from collections.abc import Mapping
from importlib.resources import files
from io import BytesIO
from typing import Protocol

import numpy as np
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from service.enrichment.types import Article, ArticleWarning, Language, UnsupportedLanguage

SURE = 0.5
"""Least probability at which a text counts as being in another language. With :data:`LETTERS`, this
holds for none of the 36,456 sentences and titles of 2,000 BBC articles, and for each of 30
paragraphs in 27 other languages."""

LETTERS = 30
"""Fewest letters of an article whose language is detected."""

_SAMPLE = 500
"""Code points that are sampled from the beginning, the middle and the end of a long article."""

# In a sentence, Nigerian Pidgin (pcm) cannot be distinguished from English; zxx is no language.
_EXCLUDED = frozenset({"pcm", "zxx"})


class LanguageDetector(Protocol):
    """Estimates the probability of each language for a text."""

    def detect(self, text: str) -> Mapping[str, float]:
        """ISO 639-1 code → probability, summing to 1."""
        ...


class TrainedDetector:
    """py3langid's classifier over 140 languages. Deterministic; threads may share it."""

    def __init__(self) -> None:
        self._identifier = _load_identifier()
        self._identifier.set_languages(
            [code for code in self._identifier.labels if code not in _EXCLUDED]
        )
        # set_languages leaves the array in column order, in which reading its rows is slow.
        self._identifier.nb_ptc = np.ascontiguousarray(self._identifier.nb_ptc)

    def detect(self, text: str) -> Mapping[str, float]:
        """See the protocol."""
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


def choose_language(
    detector: LanguageDetector, article: Article, supported: tuple[str, ...]
) -> tuple[Language, tuple[ArticleWarning, ...]]:
    """The language to read ``article`` in.

    The language that the caller names takes precedence. A text is rejected only if it has at least
    :data:`LETTERS` letters and is in another language with a probability of at least
    :data:`SURE`; otherwise the likeliest supported language is chosen.

    Returns:
        The language with the detector's confidence in it, and warnings for the caller.

    Raises:
        UnsupportedLanguage: the model does not support the named or detected language.
    """
    named = article.language
    if named is not None and named not in supported:
        raise UnsupportedLanguage(named, None, supported)
    sample = _sample(article.text)
    probabilities = detector.detect(sample)
    likeliest = max(probabilities, key=lambda code: probabilities[code])
    judged = sum(map(str.isalpha, sample)) >= LETTERS
    foreign = judged and likeliest not in supported and probabilities[likeliest] >= SURE
    if foreign and named is None:
        raise UnsupportedLanguage(likeliest, probabilities[likeliest], supported)
    code = named or max(supported, key=lambda known: probabilities.get(known, 0.0))
    confidence = probabilities.get(code, 0.0)
    notices: tuple[ArticleWarning, ...] = ()
    if foreign:
        detail = f"Read as {code!r}, as requested; the text looks like {likeliest!r}."
        notices = (ArticleWarning("language_overridden", detail),)
    elif named is None and (not judged or confidence < SURE):
        detail = f"The text is too short or too unusual to be sure of; read as {code!r}."
        notices = (ArticleWarning("language_uncertain", detail),)
    return Language(code, confidence), notices


def _sample(text: str) -> str:
    if len(text) <= 3 * _SAMPLE:
        return text
    middle = (len(text) - _SAMPLE) // 2
    return "\n".join((text[:_SAMPLE], text[middle : middle + _SAMPLE], text[-_SAMPLE:]))
