"""The main job: an article in, its enrichment out."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from service.enrichment.article_warnings import find_warnings
from service.enrichment.bio import TaggedSpan, decode_tags
from service.enrichment.coreference import Name, display_name, group, split_compounds
from service.enrichment.language import LanguageDetector, choose_language
from service.enrichment.mention_recovery import recover_mentions, untagged_runs
from service.enrichment.model_protocol import (
    Item,
    Model,
    PassRunner,
    Target,
    WindowOutput,
    WordRange,
    run_sequentially,
)
from service.enrichment.quotations import find_quotations, quoted_words, same_voice
from service.enrichment.quote_attribution import HE, Attribution, Named, Said
from service.enrichment.salience import LEADING_WORDS, salience
from service.enrichment.segmentation import Segmentation, segment
from service.enrichment.sentiment import (
    document_sentiment,
    mean_probabilities,
    overall,
    sentiment_of,
    split_voices,
)
from service.enrichment.span_repair import repair_spans
from service.enrichment.timings import StageTimer
from service.enrichment.types import (
    Article,
    Coverage,
    Enrichment,
    Entity,
    Factors,
    Mention,
    Sentence,
)
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
        self,
        article: Article,
        stages: StageTimer | None = None,
        passes: PassRunner = run_sequentially,
    ) -> Enrichment:
        """Analyse the whole of ``article``.

        Args:
            article: any length.
            stages: takes up how long each stage took.
            passes: runs the model's passes; what it raises is passed on.

        Raises:
            UnsupportedLanguage: the model does not know the article's language.
        """
        stages = stages or StageTimer()
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
                tagged = _tagged(reading, model.tags, parts, segments, lower)
                targets = [((s.first, min(s.last, parts[k][1])), parts[k]) for s, k in tagged]
                beside = [
                    (name, same_voice(part, name[0], quoted) if quoted else part)
                    for name, part in targets
                ]
                asked = list(dict.fromkeys(targets + beside))
            with stages("sentiment" if model.one_pass else "encode"):
                rows, towards = _judged(reading, parts, asked, tokens.bounds, model, passes)
            with stages("sentiment"):
                weights = [last - first for first, last in parts]
                np.add.at(sums, owners, rows * np.asarray(weights)[:, None])
                found += [
                    _Found(span, owners[k], towards[target], towards[own])
                    for (span, k), target, own in zip(tagged, targets, beside, strict=True)
                ]
        with stages("entities"):
            probabilities = sums / sums.sum(axis=1, keepdims=True)
            lengths = np.asarray([last - first for first, last in segments.sentences], np.float64)
            pronouns = [item for item in found if item.span.type == _PRONOUN]
            names = [item for item in found if item.span.type != _PRONOUN]
            entities, said = _entities(
                segments, _with_missed(segments, names), pronouns, quoted, literal=not model.tags
            )
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
                notices=(*notices, *find_warnings(article)),
            )


def _tagged(
    reading: WindowOutput,
    tags: Sequence[str],
    parts: Sequence[WordRange],
    segments: Segmentation,
    lower: Container[str],
) -> list[tuple[TaggedSpan, int]]:
    """The names of a window, and what else is asked about, each with the index of its part.

    Args:
        reading: of the window.
        tags: of the model.
        parts: of the window.
        segments: the article.
        lower: the words that it has in lower case as well.
    """
    found: list[tuple[TaggedSpan, int]] = []
    if reading.spans is not None:
        firsts = [first for first, _ in parts]
        for span in reading.spans:
            found += [
                (piece, bisect_right(firsts, piece.first) - 1)
                for piece in segments.without_gap(span)
            ]
    begin = parts[0][0]
    for k, part in enumerate(parts):
        words = [segments.source[a:b] for a, b in segments.words[slice(*part)]]
        tagged: list[TaggedSpan] = []
        if reading.spans is None:
            rows = reading.tag_probabilities[part[0] - begin : part[1] - begin]
            tagged = repair_spans(decode_tags(rows, tags), words)
            named = 1 - rows[:, tags.index("O")]
            tagged += [
                TaggedSpan(first, last, _UNTAGGED, float(named[first:last].mean()))
                for first, last in untagged_runs(words, tagged, lower)
            ]
        tagged += [
            TaggedSpan(i, i + 1, _PRONOUN, 0.0)
            for i, word in enumerate(words[: LEADING_WORDS + 1])
            if word.lower() in HE
        ]
        moved = [s._replace(first=s.first + part[0], last=s.last + part[0]) for s in tagged]
        found += [(span, k) for span in moved if segments.is_name(span.first, span.last)]
    return found


def _judged(
    reading: WindowOutput,
    parts: Sequence[WordRange],
    asked: Sequence[Target],
    bounds: NDArray[np.int64],
    model: Model,
    passes: PassRunner,
) -> tuple[NDArray[np.floating], Mapping[Target, NDArray[np.float32]]]:
    """The sentiment of the parts of a window, and towards what stands in them.

    Where that takes passes of its own, as many questions are asked at a time as have together the
    tokens of a window.
    """
    if model.one_pass:
        return (
            reading.sentence_sentiment(parts),
            dict(zip(asked, reading.target_sentiment(asked), strict=True)),
        )

    def size(stretch: WordRange) -> int:
        return int(bounds[stretch[1]] - bounds[stretch[0]])

    rows = _in_passes(reading.sentence_sentiment, parts, list(map(size, parts)), model, passes)
    sizes = [size(stretch) for _, stretch in asked]
    towards = _in_passes(reading.target_sentiment, asked, sizes, model, passes)
    return np.asarray(rows), dict(zip(asked, towards, strict=True))


def _in_passes(
    run: Callable[[Sequence[Item]], NDArray[np.float32]],
    items: Sequence[Item],
    sizes: Sequence[int],
    model: Model,
    passes: PassRunner,
) -> list[NDArray[np.float32]]:
    chunks: list[list[Item]] = []
    tokens: list[int] = []
    for item, size in zip(items, sizes, strict=True):
        if not chunks or tokens[-1] + size > model.window:
            chunks.append([])
            tokens.append(0)
        chunks[-1].append(item)
        tokens[-1] += size
    return [row for rows in passes(run, chunks, tokens) for row in rows]


def _name(segments: Segmentation, span: TaggedSpan) -> Name:
    start, end = span.cut or (segments.words[span.first][0], segments.words[span.last - 1][1])
    return Name(start, end, segments.source[start:end], span.type)


def _with_missed(segments: Segmentation, found: list[_Found]) -> list[_Found]:
    """What was tagged, and what should have been, in order of appearance."""
    names = [item for item in found if item.span.type != _UNTAGGED]
    runs = [item for item in found if item.span.type == _UNTAGGED]
    types = recover_mentions(
        [_name(segments, item.span) for item in names],
        [_name(segments, item.span) for item in runs],
    )
    names += [replace(runs[i], span=runs[i].span._replace(type=t)) for i, t in types.items()]
    return sorted(names, key=lambda item: item.span.first)


def _entities(
    segments: Segmentation,
    found: list[_Found],
    pronouns: list[_Found],
    quoted: list[WordRange],
    literal: bool,
) -> tuple[tuple[Entity, ...], list[Said]]:
    """Mentions put together, most salient first, and which of them says each sentence.

    ``literal`` leaves each mention the characters and the type that the model has given it.
    """
    names = [_name(segments, item.span) for item in found]
    if not literal:
        cut = split_compounds(names)
        found = [found[i] for i, _ in cut]
        names = [name for _, name in cut]
    groups = group(names, segments.source, settle=not literal)
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


def _analyzed(segments: Segmentation, windows: list[list[WordRange]]) -> int:
    """Code points of the article less those, white space apart, that stand in no word read.

    Counted from the windows that went through the encoder: what one of them lacks is missing here.
    """
    read = sum(
        end - start
        for parts in windows
        for first, last in parts
        for start, end in segments.words[first:last]
    )
    visible = len("".join(segments.source.split()))
    return len(segments.source) - segments.gap - (visible - read)
