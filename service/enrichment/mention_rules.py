"""Mention rules: how the names in a model's output become mentions of entities.

:class:`TagRules` decode the tags of a tagger and correct its usual mistakes. :class:`SpanRules`
keep the characters and the type of each span that a model finds.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from service.enrichment.bio import OUTSIDE, TaggedSpan, decode_sentences, mean_of
from service.enrichment.bounds import Check, no_check
from service.enrichment.candidates import Candidate, Role
from service.enrichment.coreference.clustering import cluster
from service.enrichment.coreference.compounds import split_compounds
from service.enrichment.coreference.coordination import join_parts
from service.enrichment.coreference.definitions import complete_definitions
from service.enrichment.coreference.hyphens import trim_hyphens
from service.enrichment.coreference.lexicon import INDICES
from service.enrichment.coreference.possessives import claim_possessives
from service.enrichment.mention_recovery import (
    recover_abbreviations,
    recover_heads,
    recover_known,
    recover_mentions,
    titled_person,
    untagged_runs,
)
from service.enrichment.numbered_names import numbered_index, numbered_unit
from service.enrichment.pronouns import PERSONAL_PRONOUNS
from service.enrichment.salience import LEADING_WORDS
from service.enrichment.segmentation import Segmentation
from service.enrichment.span_repair import repair_spans
from service.enrichment.things import is_known_thing, recover_things, retype_things
from service.enrichment.types import VALUE_TYPES, EntityType
from service.enrichment.wire_names import is_security, repair_wire_names
from service.enrichment.words import WordRange

_UNTYPED = ""


class Detection(NamedTuple):
    """A candidate before its sentiment is known.

    Attributes:
        span: its words, counted in the whole text. The type is empty but for names.
        part: the part of the window that it begins in.
        role: why it is a candidate.
    """

    span: TaggedSpan
    part: WordRange
    role: Role


class MentionRules(Protocol):
    """How the names of one kind of model become mentions."""

    def detect(
        self, names: Any, parts: Sequence[WordRange], segmentation: Segmentation
    ) -> list[Detection]:
        """The candidates of a window.

        Args:
            names: :attr:`service.enrichment.model_protocol.WindowOutput.names` of the window.
            parts: the parts of the window, each inside of one sentence.
            segmentation: of the article.
        """
        ...

    def recover(
        self,
        names: Sequence[Candidate],
        untagged: Sequence[Candidate],
        text: str,
        check: Check = no_check,
    ) -> list[Candidate]:
        """The mentions of an article in order: its names, and the untagged runs that are names.

        Calls ``check`` now and then; its exceptions propagate.
        """
        ...

    def cluster(
        self, mentions: Sequence[Candidate], text: str, check: Check = no_check
    ) -> list[list[Candidate]]:
        """The mentions of each entity in order; entities in the order of their first mentions.

        Calls ``check`` now and then; its exceptions propagate.
        """
        ...


class TagRules:
    """Rules for BIO tags of words: repairs, recovery, compounds, and one type for each form.

    A window's names are tag probabilities, shape ``(words of the window, tags)``, rows summing to
    1.

    Args:
        tags: the tags in the order of the columns: ``"O"``, and ``"B-…"`` and ``"I-…"`` of each
            type.
    """

    def __init__(self, tags: Sequence[str]) -> None:
        self._tags = tags
        self._outside = tags.index(OUTSIDE)

    def detect(
        self,
        names: NDArray[np.float32],
        parts: Sequence[WordRange],
        segmentation: Segmentation,
    ) -> list[Detection]:
        """See :class:`MentionRules`."""
        detections: list[Detection] = []
        window_start = parts[0][0]
        in_window = [(first - window_start, last - window_start) for first, last in parts]
        in_names = 1 - names[:, self._outside]
        decoded = decode_sentences(names, self._tags, in_window)
        for part, (start, _), tagged in zip(parts, in_window, decoded, strict=True):
            words = segmentation.word_texts(part)
            name_spans = [span for span in tagged if span.type not in VALUE_TYPES]
            # "S&P 500" and "Bitcoin" look like money.
            value_spans = [
                span
                for span in tagged
                if span.type in VALUE_TYPES
                and words[span.first].lower() not in INDICES
                and not (span.last - span.first == 1 and is_known_thing(words[span.first]))
            ]
            spans = repair_wire_names(repair_spans(name_spans, words), words)
            untagged: list[TaggedSpan] = []
            for run in untagged_runs(words, [*spans, *value_spans], segmentation.lowercase_words):
                type_, found_in = _UNTYPED, untagged
                first, last = run
                if is_security(first, words):
                    continue
                if person := titled_person(run, words):
                    (first, last), type_, found_in = person, EntityType.PERSON, spans
                elif unit := numbered_unit(run, words):
                    (first, last), type_, found_in = unit, EntityType.ORGANIZATION, spans
                elif index := numbered_index(run, words):
                    (first, last), type_, found_in = index, EntityType.MISC, spans
                confidence = float(mean_of(in_names[start + first : start + last]))
                found_in.append(TaggedSpan(first, last, type_, confidence))
            spans.sort()
            for role, found in ((Role.NAME, spans), (Role.UNTAGGED, untagged)):
                for span in found:
                    first, last = span.first + part[0], span.last + part[0]
                    if words[span.first][0].isalnum() or segmentation.has_alphanumeric(
                        (first, last)
                    ):
                        span = TaggedSpan(first, last, span.type, span.confidence)
                        detections.append(Detection(span, part, role))
            detections += _leading_pronouns(part, words)
        return detections

    def recover(
        self,
        names: Sequence[Candidate],
        untagged: Sequence[Candidate],
        text: str,
        check: Check = no_check,
    ) -> list[Candidate]:
        """See :class:`MentionRules`."""
        check()
        names, untagged = trim_hyphens(names), trim_hyphens(untagged)
        recovered = recover_known(untagged, text) + recover_things(names, untagged, text)
        recovered += recover_heads(names, untagged, text)
        check()
        recovered += recover_abbreviations(names, untagged, text)
        known = {mention.start: mention for mention in recovered}
        others = [run for run in untagged if run.start not in known]
        return sorted([*names, *known.values(), *recover_mentions(names, others)], key=_first_word)

    def cluster(
        self, mentions: Sequence[Candidate], text: str, check: Check = no_check
    ) -> list[list[Candidate]]:
        """See :class:`MentionRules`."""
        mentions = retype_things(complete_definitions(mentions, text), text, check)
        check()
        mentions = split_compounds(mentions)
        check()
        mentions = claim_possessives(mentions, text)
        check()
        mentions = join_parts(mentions, text)
        return cluster(mentions, text, check=check)


class SpanRules:
    """Rules for a model whose names are final. A window's names are its ``TaggedSpan`` in order."""

    def detect(
        self,
        names: Sequence[TaggedSpan],
        parts: Sequence[WordRange],
        segmentation: Segmentation,
    ) -> list[Detection]:
        """See :class:`MentionRules`."""
        starts = [first for first, _ in parts]
        detections = [
            Detection(span, parts[bisect_right(starts, span.first) - 1], Role.NAME)
            for name in names
            for span in segmentation.split_at_title(name)
        ]
        for part in parts:
            detections += _leading_pronouns(part, segmentation.word_texts(part))
        return detections

    def recover(
        self,
        names: Sequence[Candidate],
        untagged: Sequence[Candidate],
        text: str,
        check: Check = no_check,
    ) -> list[Candidate]:
        """See :class:`MentionRules`. No word is untagged."""
        return sorted(names, key=_first_word)

    def cluster(
        self, mentions: Sequence[Candidate], text: str, check: Check = no_check
    ) -> list[list[Candidate]]:
        """See :class:`MentionRules`."""
        return cluster(mentions, text, keep_types=True, check=check)


def _first_word(candidate: Candidate) -> int:
    return candidate.words[0]


def _leading_pronouns(part: WordRange, words: Sequence[str]) -> list[Detection]:
    """The personal pronouns where the subject of a sentence usually stands."""
    return [
        Detection(TaggedSpan(word, word + 1, _UNTYPED, 0.0), part, Role.PRONOUN)
        for word, text in enumerate(words[: LEADING_WORDS + 1], part[0])
        if text.lower() in PERSONAL_PRONOUNS
    ]
