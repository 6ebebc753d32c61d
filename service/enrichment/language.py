"""Language: which one an article is in, and whether the model can read it."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log

from service.enrichment.article import Article
from service.enrichment.language_detector import LanguageDetector
from service.enrichment.language_evidence import LanguageEvidence, count_function_words, weigh_words
from service.enrichment.types import ArticleWarning, Language

HINT = 3.0
"""Log-odds that a ``Content-Language`` or a page's ``lang`` adds. Clear text outweighs it."""

_SAMPLE = 500
"""Code points looked at in the beginning, the middle and the end of a long article."""


class UnsupportedLanguage(Exception):
    """The model does not support the article's language.

    Attributes:
        code: ISO 639-1 code of the language.
        confidence: of the detector, 0–1; ``None`` if the caller specified the language.
        supported: ISO 639-1 codes of the model's languages.
    """

    def __init__(self, code: str, confidence: float | None, supported: tuple[str, ...]) -> None:
        super().__init__(code, confidence, supported)
        self.code = code
        self.confidence = confidence
        self.supported = supported


def choose_language(
    detector: LanguageDetector, article: Article, supported: tuple[str, ...]
) -> tuple[Language, tuple[ArticleWarning, ...]]:
    """The language to read ``article`` in.

    A language that the caller names takes precedence. Otherwise, lower-case words decide, since
    names are in any language; hints such as ``Content-Language`` count. Only text that is clearly
    in another language is rejected. Doubtful text is read in the likeliest supported language, with
    a warning.

    Returns:
        The language with the confidence in it, and warnings for the caller.

    Raises:
        UnsupportedLanguage: the model does not support the requested or detected language.
    """
    named = article.language
    if named is not None and named not in supported:
        raise UnsupportedLanguage(named, None, supported)
    sample = _sample(article.text)
    evidence = weigh_words(detector, sample, supported)
    log_odds = evidence.log_odds + _weigh_hints(article.language_hints, supported)
    foreign = evidence.enough and log_odds >= evidence.sure
    confidence = 1 / (1 + exp(min(log_odds, 50.0)))
    if foreign and named is None:
        likeliest = _likeliest_foreign(detector, evidence, sample, supported)
        raise UnsupportedLanguage(likeliest, 1 - confidence, supported)
    code = named or _likeliest_supported(detector, evidence, supported)
    notices: tuple[ArticleWarning, ...] = ()
    if foreign:
        likeliest = _likeliest_foreign(detector, evidence, sample, supported)
        detail = f"Read as {code!r}, as requested; the text looks like {likeliest!r}."
        notices = (ArticleWarning("language_overridden", detail),)
    elif named is None and (not evidence.enough or log_odds > 0):
        detail = f"The text is too short or too unusual to be sure of; read as {code!r}."
        notices = (ArticleWarning("language", detail),)
    return Language(code, confidence), notices


def _weigh_hints(hints: Sequence[str], supported: tuple[str, ...]) -> float:
    """Log-odds of another language; hints that disagree with one another count nothing."""
    known = {hint in supported for hint in hints}
    if len(known) != 1:
        return 0.0
    return -HINT if known.pop() else HINT


def _likeliest_supported(
    detector: LanguageDetector, evidence: LanguageEvidence, supported: tuple[str, ...]
) -> str:
    if len(supported) == 1:
        return supported[0]
    probabilities = detector.detect(evidence.words)
    return max(supported, key=lambda code: probabilities.get(code, 0.0))


def _likeliest_foreign(
    detector: LanguageDetector, evidence: LanguageEvidence, sample: str, supported: tuple[str, ...]
) -> str:
    """The language for the error message; names, too, show which of the foreign ones it is."""
    words, whole = detector.detect(evidence.words), detector.detect(sample)
    counts = count_function_words(evidence.words)
    others = [code for code in words if code not in supported]
    return max(others, key=lambda code: _rank(words[code], whole.get(code, 0.0), counts.get(code)))


def _rank(words: float, whole: float, function_words: int | None) -> float:
    return log(words + 1e-6) + log(whole + 1e-6) + (function_words or 0)


def _sample(text: str) -> str:
    if len(text) <= 3 * _SAMPLE:
        return text
    middle = (len(text) - _SAMPLE) // 2
    return "\n".join((text[:_SAMPLE], text[middle : middle + _SAMPLE], text[-_SAMPLE:]))
