"""Sentiment: labels from probabilities, for sentences, entities, voices and documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from service.enrichment.document_tone import STRONG, DocumentHead, document_figures
from service.enrichment.types import Polarity, Sentence, Sentiment, Voice, Voices

BORDER = 1 / 3
"""Absolute score from which the sentiment of many places is negative or positive."""

MIXED_SHARE = 0.2
"""Least share of the words of a mixed document in strong sentences of each side."""

_LEAD = 0.0005
"""Least lead of the likeliest polarity of several places, so that it survives rounding."""


def sentiment_of(probabilities: NDArray[np.floating]) -> Sentiment:
    """The sentiment of one place, with the likeliest label. Neutral wins a tie.

    Args:
        probabilities: negative, neutral, positive; shape ``(3,)``.
    """
    negative, neutral, positive = probabilities.tolist()
    label = Polarity.NEUTRAL
    if neutral < negative > positive:
        label = Polarity.NEGATIVE
    elif neutral < positive > negative:
        label = Polarity.POSITIVE
    return Sentiment(label, negative, neutral, positive)


def reconcile(probabilities: NDArray[np.floating], mixed: bool = False) -> NDArray[np.float64]:
    """Make the mean of the probabilities of several places agree with its score.

    The score decides: from :data:`BORDER` a side is the likeliest polarity, and between the borders
    neutral is. A mean may contradict that: half negative and half positive places have a score
    near 0, and neutral is the least likely. Then probability moves between neutral and both sides,
    half of it to each, until they agree. That leaves the score as it is.

    Args:
        probabilities: negative, neutral, positive; shape ``(3,)``.
        mixed: whether neutral is to be the least likely between the borders.

    Returns:
        Shape ``(3,)``.
    """
    negative, neutral, positive = probabilities.tolist()
    score = positive - negative
    # The probability of neutral that equals that of the likelier side, or of the other one.
    likelier, other = (1 + abs(score)) / 3, (1 - abs(score)) / 3
    if abs(score) >= BORDER:
        neutral = min(neutral, likelier - _LEAD)
    elif mixed:
        neutral = min(neutral, other - _LEAD)
    else:
        neutral = max(neutral, likelier + _LEAD)
    return np.asarray([(1 - neutral - score) / 2, neutral, (1 - neutral + score) / 2])


def overall_sentiment(
    probabilities: NDArray[np.float64], weights: NDArray[np.float64] | None = None
) -> Sentiment:
    """The sentiment of several places: their mean, reconciled; that of a single one is its own.

    Args:
        probabilities: of each place, shape ``(places, 3)``.
        weights: of each place, shape ``(places,)``; equal by default.
    """
    if len(probabilities) == 1:
        return sentiment_of(probabilities[0])
    return sentiment_of(reconcile(mean_probabilities(probabilities, weights)))


def mean_probabilities(
    probabilities: NDArray[np.float64], weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """The mean of rows of probabilities, which sums to 1.

    Args:
        probabilities: shape ``(rows, 3)``.
        weights: of each row, shape ``(rows,)``; equal by default.
    """
    if weights is None:
        weighted = np.add.reduce(probabilities)
    else:
        weighted = np.average(probabilities, axis=0, weights=weights)
    mean: NDArray[np.float64] = weighted / np.add.reduce(weighted)
    return mean


def document_sentiment(
    sentences: NDArray[np.float64],
    lengths: NDArray[np.float64],
    titled: bool = False,
    head: DocumentHead | None = None,
) -> Sentiment:
    """The sentiment of an article from that of its sentences; that of a single sentence is its own.

    It is MIXED if the score is between the borders, and the head finds that likelier than NEUTRAL;
    without a head, if strong sentences of either side hold :data:`MIXED_SHARE` of the words.

    Args:
        sentences: probabilities of each sentence, shape ``(sentences, 3)``.
        lengths: words in each sentence, shape ``(sentences,)``.
        titled: whether the first sentence is the title.
        head: of the model; without one, the score is ``2m / (1 + m²)``, where ``m`` is the mean
            score of the sentences, weighted by length. Most sentences of an article are neutral.
    """
    if len(sentences) == 1:
        return sentiment_of(sentences[0])
    if head is None:
        probabilities, mixed = _by_formula(sentences, lengths)
    else:
        shares = head.probabilities(document_figures(sentences, lengths, titled))
        negative, neutral, positive, both = shares.tolist()
        probabilities = np.asarray([negative + both / 2, neutral, positive + both / 2])
        mixed = both > neutral
    mixed = mixed and abs(probabilities[2] - probabilities[0]) < BORDER
    sentiment = sentiment_of(reconcile(probabilities, mixed))
    return replace(sentiment, label=Polarity.MIXED) if mixed else sentiment


def _by_formula(
    sentences: NDArray[np.float64], lengths: NDArray[np.float64]
) -> tuple[NDArray[np.float64], bool]:
    """Probabilities of a document, shape ``(3,)``, and whether both sides are strong."""
    negative, neutral, positive = mean_probabilities(sentences, lengths).tolist()
    mean = positive - negative
    score = 2 * mean / (1 + mean * mean)
    neutral = min(neutral, 1 - abs(score))
    share = lengths / lengths.sum()
    strong = (float(share[sentences[:, side] >= STRONG].sum()) for side in (0, 2))
    probabilities = np.asarray([(1 - neutral - score) / 2, neutral, (1 - neutral + score) / 2])
    return probabilities, min(strong) >= MIXED_SHARE


def split_voices(
    sentences: Sequence[Sentence],
    probabilities: NDArray[np.float64],
    lengths: NDArray[np.float64],
    head: DocumentHead | None = None,
) -> Voices:
    """The :func:`document_sentiment` of the sentences of each voice.

    Args:
        sentences: all sentences of an article.
        probabilities: of each sentence, shape ``(sentences, 3)``.
        lengths: words in each sentence, shape ``(sentences,)``.
        head: of the model, if it has one.
    """
    rows: dict[tuple[bool, str | None], list[int]] = {}
    for i, sentence in enumerate(sentences):
        speaker = sentence.speaker if sentence.quoted else None
        rows.setdefault((sentence.quoted, speaker), []).append(i)
    total = np.add.reduce(lengths)
    voices = {
        (quoted, speaker): Voice(
            float(np.add.reduce(lengths[own]) / total),
            document_sentiment(
                probabilities[own], lengths[own], sentences[own[0]].section == "title", head
            ),
            speaker,
        )
        for (quoted, speaker), own in rows.items()
    }
    own_voice = voices.pop((False, None), None)
    return Voices(own_voice, tuple(sorted(voices.values(), key=lambda voice: -voice.share)))
