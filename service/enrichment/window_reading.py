"""Window reading: the candidates of an article and the sentiment of its sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from service.enrichment.bounds import Check, no_check
from service.enrichment.candidates import Candidate, Role
from service.enrichment.mention_rules import Detection
from service.enrichment.model_protocol import Model, PassRunner, Target, Tokens
from service.enrichment.passes import TimedPasses
from service.enrichment.quotations import same_voice
from service.enrichment.segmentation import Segmentation
from service.enrichment.sentiment import reconcile
from service.enrichment.timings import StageTimer
from service.enrichment.words import WordRange


@dataclass(frozen=True)
class ArticleReading:
    """What a model finds in an article.

    Attributes:
        names: stretches that the model classifies as names, in order.
        untagged: other capitalised words, in order.
        pronouns: pronouns in the place of a subject, in order.
        sentence_probabilities: negative, neutral and positive of each sentence, rows summing to 1;
            shape ``(sentences, 3)``.
    """

    names: list[Candidate]
    untagged: list[Candidate]
    pronouns: list[Candidate]
    sentence_probabilities: NDArray[np.float64]


def read_windows(
    model: Model,
    tokens: Tokens,
    windows: Sequence[Sequence[WordRange]],
    segmentation: Segmentation,
    quoted: Sequence[WordRange],
    timer: StageTimer,
    passes: PassRunner,
    check: Check = no_check,
) -> ArticleReading:
    """Run the model over the windows of an article.

    A sentence in several windows has the reconciled mean of its parts, weighted by their words.

    Args:
        model: reads the windows.
        tokens: of the article, by the same model.
        windows: the parts of each window, as
            :func:`~service.enrichment.windows.cut_windows` returns them.
        segmentation: of the article.
        quoted: the words of each quotation.
        timer: counts the stages ``encode``, ``decode`` and ``sentiment``.
        passes: runs the passes.
        check: called for each window. Its exceptions propagate.
    """
    timed_passes = TimedPasses(passes, timer)
    ranges = [(parts[0][0], parts[-1][1]) for parts in windows]
    sizes = [int(tokens.bounds[last] - tokens.bounds[first]) for first, last in ranges]
    outputs = timed_passes(partial(model.read, tokens), ranges, sizes)
    candidates: dict[Role, list[Candidate]] = {role: [] for role in Role}
    sums = np.zeros((len(segmentation.sentences), 3))
    parts_of = np.zeros(len(segmentation.sentences), np.int64)
    for parts, output in zip(windows, outputs, strict=True):
        check()
        with timer("decode"):
            detections = model.mention_rules.detect(output.names, parts, segmentation)
            in_sentence = [_target(detection) for detection in detections]
            in_own_voice = [(name, same_voice(part, name[0], quoted)) for name, part in in_sentence]
            targets = list(dict.fromkeys(in_sentence + in_own_voice))
        with timer("sentiment"):
            sentiment = output.sentiment(parts, targets, timed_passes)
            towards = dict(zip(targets, sentiment.targets, strict=True))
            sentences = [segmentation.sentence_of(first) for first, _ in parts]
            lengths = np.asarray([last - first for first, last in parts])
            np.add.at(sums, sentences, sentiment.sentences * lengths[:, None])
            np.add.at(parts_of, sentences, 1)
            for detection, whole, own in zip(detections, in_sentence, in_own_voice, strict=True):
                candidates[detection.role].append(
                    _candidate(detection, segmentation, towards[whole], towards[own])
                )
    means = sums / sums.sum(axis=1, keepdims=True)
    for sentence in np.flatnonzero(parts_of > 1):
        means[sentence] = reconcile(means[sentence])
    return ArticleReading(
        names=candidates[Role.NAME],
        untagged=candidates[Role.UNTAGGED],
        pronouns=candidates[Role.PRONOUN],
        sentence_probabilities=means,
    )


def _target(detection: Detection) -> Target:
    """The words of a detection that stand in its part of the window, and that part."""
    return (detection.span.first, min(detection.span.last, detection.part[1])), detection.part


def _candidate(
    detection: Detection,
    segmentation: Segmentation,
    sentiment: NDArray[np.float32],
    own_voice_sentiment: NDArray[np.float32],
) -> Candidate:
    span = detection.span
    start, end = segmentation.characters_of(span)
    return Candidate(
        start=start,
        end=end,
        text=segmentation.source[start:end],
        type=span.type,
        words=(span.first, span.last),
        sentence=segmentation.sentence_of(detection.part[0]),
        confidence=span.confidence,
        sentiment=sentiment,
        own_voice_sentiment=own_voice_sentiment,
    )
