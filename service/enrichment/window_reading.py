"""Window reading: the candidates of an article and the sentiment of its sentences."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.enrichment.bio import TaggedSpan
from service.enrichment.bounds import Check, no_check
from service.enrichment.candidates import Candidate, Role
from service.enrichment.mention_rules import Detection
from service.enrichment.model_protocol import (
    Judged,
    Model,
    PassRunner,
    Target,
    Tokens,
    WindowOutput,
)
from service.enrichment.passes import TimedPasses
from service.enrichment.quotations import same_voice
from service.enrichment.segmentation import Segmentation
from service.enrichment.sentiment import reconcile
from service.enrichment.timings import StageTimer
from service.enrichment.words import WordRange

_WINDOWS_AT_ONCE = 8
"""Most windows whose outputs are kept until their sentiment is computed together."""


@dataclass(frozen=True)
class ArticleReading:
    """What a model finds in an article.

    Attributes:
        names: stretches that the model classifies as names, in order.
        untagged: other capitalised words, in order.
        pronouns: pronouns in the place of a subject, in order.
        listed: the names of lists, in the order in which they were given.
        sentence_probabilities: negative, neutral and positive of each sentence, rows summing to 1;
            shape ``(sentences, 3)``.
    """

    names: list[Candidate]
    untagged: list[Candidate]
    pronouns: list[Candidate]
    listed: list[Candidate]
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
    listed: Sequence[TaggedSpan] = (),
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
        listed: names that lists have, by their first words.
    """
    timed_passes = TimedPasses(passes, timer)
    ranges = [(parts[0][0], parts[-1][1]) for parts in windows]
    sizes = [int(tokens.bounds[last] - tokens.bounds[first]) for first, last in ranges]
    outputs = timed_passes(partial(model.read, tokens), ranges, sizes)
    candidates: dict[Role, list[Candidate]] = {role: [] for role in Role}
    sums = np.zeros((len(segmentation.sentences), 3))
    parts_of = np.zeros(len(segmentation.sentences), np.int64)

    def detect(
        parts: Sequence[WordRange], output: WindowOutput
    ) -> tuple[list[_Detected], Judged[WindowOutput]]:
        check()
        detections = model.mention_rules.detect(output.names, parts, segmentation)
        detections += _listed_in(parts, listed)
        detected = [_Detected.of(each, quoted) for each in detections]
        targets = dict.fromkeys(each.in_sentence for each in detected)
        targets |= dict.fromkeys(each.in_own_voice for each in detected)
        return detected, Judged(output, parts, list(targets))

    read = zip(windows, outputs, strict=True)
    # A pass over a window drives the rules and the heads out of the processor's caches.
    while outputs_at_once := list(islice(read, _WINDOWS_AT_ONCE)):
        with timer("decode"):
            some = [detect(parts, output) for parts, output in outputs_at_once]
        with timer("sentiment"):
            sentiments = model.sentiment([judged for _, judged in some], timed_passes)
            for (detected, judged), sentiment in zip(some, sentiments, strict=True):
                towards = dict(zip(judged.targets, sentiment.targets, strict=True))
                sentences = [segmentation.sentence_of(first) for first, _ in judged.sentences]
                lengths = np.asarray([last - first for first, last in judged.sentences])
                np.add.at(sums, sentences, sentiment.sentences * lengths[:, None])
                np.add.at(parts_of, sentences, 1)
                for each in detected:
                    candidates[each.detection.role].append(each.candidate(segmentation, towards))
    means = sums / sums.sum(axis=1, keepdims=True)
    for sentence in np.flatnonzero(parts_of > 1):
        means[sentence] = reconcile(means[sentence])
    return ArticleReading(
        names=candidates[Role.NAME],
        untagged=candidates[Role.UNTAGGED],
        pronouns=candidates[Role.PRONOUN],
        listed=candidates[Role.LISTED],
        sentence_probabilities=means,
    )


def _listed_in(parts: Sequence[WordRange], listed: Sequence[TaggedSpan]) -> Iterator[Detection]:
    """The names of lists that begin in a part."""
    for part in parts:
        begin = bisect_left(listed, part[0], key=_first_word)
        end = bisect_left(listed, part[1], key=_first_word)
        for span in listed[begin:end]:
            yield Detection(span, part, Role.LISTED)


def _first_word(span: TaggedSpan) -> int:
    return span.first


class _Detected(NamedTuple):
    """A detection, and what to judge it in.

    Attributes:
        detection: of the mention rules.
        in_sentence: the words of it that stand in its part of the window, and that part.
        in_own_voice: the same words, and what of the part is in their voice.
    """

    detection: Detection
    in_sentence: Target
    in_own_voice: Target

    @classmethod
    def of(cls, detection: Detection, quoted: Sequence[WordRange]) -> _Detected:
        span, part = detection.span, detection.part
        words = (span.first, min(span.last, part[1]))
        return cls(detection, (words, part), (words, same_voice(part, span.first, quoted)))

    def candidate(
        self, segmentation: Segmentation, towards: Mapping[Target, NDArray[np.float32]]
    ) -> Candidate:
        span = self.detection.span
        start, end = segmentation.characters_of(span)
        return Candidate(
            start=start,
            end=end,
            text=segmentation.source[start:end],
            type=span.type,
            words=(span.first, span.last),
            sentence=segmentation.sentence_of(self.detection.part[0]),
            confidence=span.confidence,
            sentiment=towards[self.in_sentence],
            own_voice_sentiment=towards[self.in_own_voice],
        )
