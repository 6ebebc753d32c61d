"""From probabilities to labels: of a sentence, towards an entity, of a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from service.enrichment.types import Polarity, Sentence, Sentiment, Voice, Voices

STRONG = 0.5
"""A sentence is strongly negative or positive from this probability on: likelier than not."""

MIXED_SHARE = 0.2
"""Share of the words in strong sentences that each side of a mixed document has at least."""

MARGIN = 0.15
"""Score, either way, below which a document, or what is said of an entity, is neutral."""


def sentiment_of(probabilities: NDArray[np.float64]) -> Sentiment:
    """The likeliest label for (negative, neutral, positive); neutral wins a tie."""
    negative, neutral, positive = probabilities.tolist()
    label: Polarity = "NEUTRAL"
    if neutral < max(negative, positive) and negative != positive:
        label = "NEGATIVE" if negative > positive else "POSITIVE"
    return Sentiment(label, negative, neutral, positive)


def overall(probabilities: NDArray[np.float64]) -> Sentiment:
    """As :func:`sentiment_of`, but of many places: a score within :data:`MARGIN` is neutral."""
    found = sentiment_of(probabilities)
    return replace(found, label="NEUTRAL") if abs(found.score) < MARGIN else found


def mean_probabilities(
    probabilities: NDArray[np.float64], weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Weighted mean of rows of probabilities, summing to 1."""
    if weights is None:
        weighted = probabilities.sum(axis=0)
    else:
        weighted = np.average(probabilities, axis=0, weights=weights)
    mean: NDArray[np.float64] = weighted / weighted.sum()
    return mean


def document_sentiment(sentences: NDArray[np.float64], lengths: NDArray[np.float64]) -> Sentiment:
    """Sentiment of a whole article from its sentences.

    The probabilities are the mean over the sentences, each weighted by its length. The article is
    MIXED when strong sentences of both sides each hold :data:`MIXED_SHARE` of its words; NEUTRAL
    when its score is within :data:`MARGIN`; else what is likeliest. On the dev part of PerSenT a
    larger margin costs macro-F1, and this one nothing.

    Args:
        sentences: probabilities, shape ``(sentences, 3)``.
        lengths: words of each sentence, shape ``(sentences,)``.
    """
    whole = overall(mean_probabilities(sentences, lengths))
    share = lengths / lengths.sum()
    strong_negative = float(share[sentences[:, 0] >= STRONG].sum())
    strong_positive = float(share[sentences[:, 2] >= STRONG].sum())
    mixed = min(strong_negative, strong_positive) >= MIXED_SHARE
    return replace(whole, label="MIXED") if mixed else whole


def split_voices(
    sentences: Sequence[Sentence],
    probabilities: NDArray[np.float64],
    lengths: NDArray[np.float64],
) -> Voices:
    """:func:`document_sentiment` of each voice's sentences alone.

    Args:
        sentences: all of an article's.
        probabilities: theirs, shape ``(sentences, 3)``.
        lengths: words of each sentence, shape ``(sentences,)``.
    """
    rows: dict[tuple[bool, str | None], list[int]] = {}
    for i, sentence in enumerate(sentences):
        rows.setdefault((sentence.quoted, sentence.speaker), []).append(i)
    voices = {
        (quoted, speaker): Voice(
            float(lengths[own].sum() / lengths.sum()),
            document_sentiment(probabilities[own], lengths[own]),
            speaker,
        )
        for (quoted, speaker), own in rows.items()
    }
    own_voice = voices.pop((False, None), None)
    return Voices(own_voice, tuple(sorted(voices.values(), key=lambda voice: -voice.share)))
