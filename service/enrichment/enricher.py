"""The main job: an article in, its enrichment out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from service.enrichment.article import (
    Article,
    Coverage,
    Enrichment,
    Entity,
    Factors,
    Mention,
    Sentence,
)
from service.enrichment.attribution import HE, Attribution, Named, Said
from service.enrichment.boundaries import mend
from service.enrichment.grouping import Name, display_name, group, split_compounds
from service.enrichment.language import LanguageDetector, choose_language
from service.enrichment.notices import notices_about
from service.enrichment.protocol import Model, Passes, WordRange, one_by_one
from service.enrichment.quotations import find_quotations, quoted_words, same_voice
from service.enrichment.repeats import missed, untagged_runs
from service.enrichment.salience import LEADING_WORDS, salience
from service.enrichment.segments import Segments, segment
from service.enrichment.sentiment import (
    document_sentiment,
    mean_probabilities,
    overall,
    sentiment_of,
    split_voices,
)
from service.enrichment.stages import Stages
from service.enrichment.tags import TaggedSpan, decode_tags
from service.enrichment.windows import cut_windows

_UNTAGGED, _PRONOUN = "", "pronoun"


@dataclass(frozen=True)
class _Found:
    """A tagged name, where it stands, and the sentiment towards it there.

    ``beside`` is that without the quotation which the sentence holds beside it. Capitalised words
    that were not tagged are kept as of type :data:`_UNTAGGED`, "he" and "she" as :data:`_PRONOUN`.
    """

    span: TaggedSpan
    sentence: int
    sentiment: NDArray[np.float32]
    beside: NDArray[np.float32]


class Enricher:
    """Runs a model over articles. May be called from several threads at once.

    Args:
        model: what reads the windows.
        detector: what tells the language.
    """

    def __init__(self, model: Model, detector: LanguageDetector) -> None:
        self._model = model
        self._detector = detector

    def enrich(
        self, article: Article, stages: Stages | None = None, passes: Passes = one_by_one
    ) -> Enrichment:
        """Analyse the whole of ``article``.

        Args:
            article: any length.
            stages: takes up how long each stage took.
            passes: runs the model's passes; what it raises is passed on.

        Raises:
            UnsupportedLanguage: the model does not know the article's language.
        """
        stages = stages or Stages()
        model = self._model
        with stages("language"):
            language, notices = choose_language(self._detector, article, model.languages)
        with stages("segment"):
            segments = segment(article)
        with stages("tokenize"):
            tokens = model.tokenize(segments.source, segments.words)
            windows = cut_windows(
                segments.source, segments.words, tokens.bounds, segments.sentences, model.window
            )
        sentence_of = np.repeat(
            np.arange(len(segments.sentences)), [last - first for first, last in segments.sentences]
        )
        with stages("quotations"):
            quoted = quoted_words(find_quotations(segments.source), segments.words)
            lower = {w for a, b in segments.words if (w := segments.source[a:b]).islower()}
        found: list[_Found] = []
        sums = np.zeros((len(segments.sentences), 3))
        ranges = [(parts[0][0], parts[-1][1]) for parts in windows]
        sizes = [int(tokens.bounds[last] - tokens.bounds[first]) for first, last in ranges]
        readings = passes(partial(model.read, tokens), ranges, sizes)
        for parts in windows:
            with stages("encode"):
                reading = next(readings)
            with stages("decode"):
                owners = [int(sentence_of[first]) for first, _ in parts]
                targets: list[tuple[WordRange, WordRange]] = []
                beside: list[tuple[WordRange, WordRange]] = []
                spans: list[tuple[TaggedSpan, int]] = []
                begin = parts[0][0]
                for part, owner in zip(parts, owners, strict=True):
                    rows = reading.tag_probabilities[part[0] - begin : part[1] - begin]
                    words = [segments.source[a:b] for a, b in segments.words[slice(*part)]]
                    tagged = mend(decode_tags(rows, model.tags), words)
                    named = 1 - rows[:, model.tags.index("O")]
                    tagged += [
                        TaggedSpan(first, last, _UNTAGGED, float(named[first:last].mean()))
                        for first, last in untagged_runs(words, tagged, lower)
                    ]
                    tagged += [
                        TaggedSpan(i, i + 1, _PRONOUN, 0.0)
                        for i, word in enumerate(words[: LEADING_WORDS + 1])
                        if word.lower() in HE
                    ]
                    for span in tagged:
                        moved = span._replace(first=span.first + part[0], last=span.last + part[0])
                        if segments.is_name(moved.first, moved.last):
                            spans.append((moved, owner))
                            name = (moved.first, moved.last)
                            targets.append((name, part))
                            beside.append((name, same_voice(part, moved.first, quoted)))
            with stages("sentiment"):
                weights = [last - first for first, last in parts]
                rows = reading.sentence_sentiment(parts) * np.asarray(weights)[:, None]
                np.add.at(sums, owners, rows)
                asked = list(dict.fromkeys(targets + beside))
                towards = dict(zip(asked, reading.target_sentiment(asked), strict=True))
                found += [
                    _Found(*spans[k], towards[targets[k]], towards[beside[k]])
                    for k in range(len(spans))
                ]
        with stages("entities"):
            probabilities = sums / sums.sum(axis=1, keepdims=True)
            lengths = np.asarray([last - first for first, last in segments.sentences], np.float64)
            pronouns = [item for item in found if item.span.type == _PRONOUN]
            names = [item for item in found if item.span.type != _PRONOUN]
            entities, said = _entities(segments, _with_missed(segments, names), pronouns, quoted)
            sentences = tuple(
                Sentence(
                    *segments.locate(*span),
                    sentiment_of(row),
                    who.quoted,
                    entities[who.speaker].name if who.quoted and who.speaker is not None else None,
                )
                for span, row, who in zip(segments.sentence_spans, probabilities, said, strict=True)
            )
            return Enrichment(
                language=language,
                sentiment=document_sentiment(probabilities, lengths),
                voices=split_voices(sentences, probabilities, lengths),
                entities=entities,
                sentences=sentences,
                coverage=Coverage(
                    characters=len(article.text) + len(article.title or ""),
                    analyzed=_analyzed(segments, windows),
                    sentences=len(segments.sentences),
                    tokens=int(tokens.bounds[-1]),
                    windows=len(windows),
                ),
                model=model.identity,
                notices=(*notices, *notices_about(article)),
            )


def _name(segments: Segments, span: TaggedSpan) -> Name:
    start, end = segments.words[span.first][0], segments.words[span.last - 1][1]
    return Name(start, end, segments.source[start:end], span.type)


def _with_missed(segments: Segments, found: list[_Found]) -> list[_Found]:
    """What was tagged, and what should have been, in order of appearance."""
    names = [item for item in found if item.span.type != _UNTAGGED]
    runs = [item for item in found if item.span.type == _UNTAGGED]
    types = missed(
        [_name(segments, item.span) for item in names],
        [_name(segments, item.span) for item in runs],
    )
    names += [replace(runs[i], span=runs[i].span._replace(type=t)) for i, t in types.items()]
    return sorted(names, key=lambda item: item.span.first)


def _entities(
    segments: Segments, found: list[_Found], pronouns: list[_Found], quoted: list[WordRange]
) -> tuple[tuple[Entity, ...], list[Said]]:
    """Mentions put together, most salient first, and which of them says each sentence."""
    cut = split_compounds([_name(segments, item.span) for item in found])
    found = [found[i] for i, _ in cut]
    names = [name for _, name in cut]
    groups = group(names, segments.source)
    factors = [
        Factors(
            mentions=len(indices),
            leading=sum(
                found[i].span.first - segments.sentences[found[i].sentence][0] <= LEADING_WORDS
                for i in indices
            ),
            first=names[indices[0]].start / len(segments.source),
            in_title=any(names[i].start < segments.title for i in indices),
        )
        for indices in groups
    ]
    kinds = [_type([names[i] for i in indices]) for indices in groups]
    shares = salience(factors, kinds)
    order = sorted(range(len(groups)), key=lambda k: -shares[k])
    types = [kinds[k] for k in order]
    named = [
        Named(found[i].span.first, found[i].span.last, rank, types[rank])
        for rank, k in enumerate(order)
        for i in groups[k]
    ]
    attribution = Attribution(segments, quoted, sorted(named, key=lambda mention: mention.first))
    said = attribution.who_says()
    called: dict[int, list[NDArray[np.float32]]] = defaultdict(list)
    for item in pronouns:
        meant = attribution.meant(item.span.first)
        if meant is not None:
            called[meant].append(item.beside)
    entities = []
    for rank, k in enumerate(order):
        # What a quotation says is not said of its speaker.
        towards = {
            i: (
                found[i].beside if said[found[i].sentence].speaker == rank else found[i].sentiment
            ).astype(np.float64)
            for i in groups[k]
        }
        entities.append(
            Entity(
                name=display_name(names[i] for i in groups[k]),
                type=types[rank],
                salience=shares[k],
                sentiment=overall(
                    mean_probabilities(np.asarray([*towards.values(), *called[rank]], np.float64))
                ),
                factors=factors[k],
                mentions=tuple(
                    Mention(
                        *segments.locate(names[i].start, names[i].end),
                        names[i].text,
                        found[i].sentence,
                        found[i].span.confidence,
                        sentiment_of(probabilities),
                    )
                    for i, probabilities in towards.items()
                ),
            )
        )
    return tuple(entities), said


def _type(names: list[Name]) -> str:
    """The most frequent type of an entity's mentions, the earliest of those equally frequent."""
    counts: dict[str, int] = defaultdict(int)
    for name in names:
        counts[name.type] += 1
    return max(counts, key=lambda kind: counts[kind])


def _analyzed(segments: Segments, windows: list[list[WordRange]]) -> int:
    """Code points of the article less those, white space apart, that stand in no word read.

    Counted from the windows that went through the encoder: what one of them missed is missing here.
    """
    read = sum(
        end - start
        for parts in windows
        for first, last in parts
        for start, end in segments.words[first:last]
    )
    visible = len("".join(segments.source.split()))
    return len(segments.source) - segments.gap - (visible - read)
