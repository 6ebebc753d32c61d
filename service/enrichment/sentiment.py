"""Sentiment: labels from probabilities, for sentences, entities, voices and documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from service.enrichment.types import Polarity, Sentence, Sentiment, Voice, Voices

STRONG = 0.5
"""Least probability of a strongly negative or positive sentence: likelier than not."""

MIXED_SHARE = 0.2
"""Least share of the words of a mixed document in strong sentences of each side."""

MARGIN = 0.15
"""Absolute score below which a document, or the sentiment towards an entity, is neutral."""


def sentiment_of(probabilities: NDArray[np.float64]) -> Sentiment:
    """The sentiment of one place, with the likeliest label. Neutral wins a tie.

    Args:
        probabilities: negative, neutral, positive; shape ``(3,)``.
    """
    negative, neutral, positive = probabilities.tolist()
    label = Polarity.NEUTRAL
    if neutral < max(negative, positive) and negative != positive:
        label = Polarity.NEGATIVE if negative > positive else Polarity.POSITIVE
    return Sentiment(label, negative, neutral, positive)


def overall_sentiment(probabilities: NDArray[np.float64]) -> Sentiment:
    """The sentiment of many places: as :func:`sentiment_of`, but neutral within :data:`MARGIN`."""
    sentiment = sentiment_of(probabilities)
    return (
        replace(sentiment, label=Polarity.NEUTRAL) if abs(sentiment.score) < MARGIN else sentiment
    )


def mean_probabilities(
    probabilities: NDArray[np.float64], weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """The mean of rows of probabilities, which sums to 1.

    Args:
        probabilities: shape ``(rows, 3)``.
        weights: of each row, shape ``(rows,)``; equal by default.
    """
    if weights is None:
        weighted = probabilities.sum(axis=0)
    else:
        weighted = np.average(probabilities, axis=0, weights=weights)
    mean: NDArray[np.float64] = weighted / weighted.sum()
    return mean


def document_sentiment(sentences: NDArray[np.float64], lengths: NDArray[np.float64]) -> Sentiment:
    """The sentiment of an article from that of its sentences.

    The probabilities are the mean over the sentences, weighted by length. The label is MIXED if
    strong sentences of either side hold :data:`MIXED_SHARE` of the words; NEUTRAL if the score is
    within :data:`MARGIN`; else the likeliest one. On the development part of PerSenT this margin
    costs no macro-F1, and a larger one does.

    Args:
        sentences: probabilities of each sentence, shape ``(sentences, 3)``.
        lengths: words in each sentence, shape ``(sentences,)``.
    """
    whole = overall_sentiment(mean_probabilities(sentences, lengths))
    share = lengths / lengths.sum()
    strong_negative = float(share[sentences[:, 0] >= STRONG].sum())
    strong_positive = float(share[sentences[:, 2] >= STRONG].sum())
    mixed = min(strong_negative, strong_positive) >= MIXED_SHARE
    return replace(whole, label=Polarity.MIXED) if mixed else whole


def split_voices(
    sentences: Sequence[Sentence],
    probabilities: NDArray[np.float64],
    lengths: NDArray[np.float64],
) -> Voices:
    """The :func:`document_sentiment` of the sentences of each voice.

    Args:
        sentences: all sentences of an article.
        probabilities: of each sentence, shape ``(sentences, 3)``.
        lengths: words in each sentence, shape ``(sentences,)``.
    """
    rows: dict[tuple[bool, str | None], list[int]] = {}
    for i, sentence in enumerate(sentences):
        speaker = sentence.speaker if sentence.quoted else None
        rows.setdefault((sentence.quoted, speaker), []).append(i)
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
