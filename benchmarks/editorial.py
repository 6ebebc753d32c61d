"""How near an enrichment is to what an editor would give: entities, their order, who is quoted.

Measured on ``annotations/bbc.jsonl``: 40 articles of the BBC set of Greene & Cunningham (2006), by
id and offset, without their text. Offsets count the code points of the title, two line breaks, and
the text. They were annotated once, with the help of a language model, and the rules of the service
were written with these articles in view: differences to the simpler ways beside each figure say
more than the figures.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import numpy as np
import regex

from service.enrichment.article import Article
from service.enrichment.pipeline import Enricher
from service.enrichment.types import Enrichment, Entity, Section

ANNOTATIONS = Path(__file__).parent / "annotations/bbc.jsonl"
GAP = "\n\n"

# How the text around a quotation names the speaker, the first kind that fits. The first pattern of
# each is matched against the rest of the sentence after the quotation, the second against its
# beginning.
_VERB = r"(?:said|says|added|adds|told|tells|asked|asks|wrote|[a-z]+(?:ed|ing|es))"
ATTRIBUTIONS = {
    "pronoun": (
        rf"\W*(?:(?:he|she|it|they) {_VERB}|{_VERB} (?:he|she|it|they)\b)",
        r".*\b(?i:he|she|it|they)\b.*",
    ),
    "verb before the subject": (rf"\W*{_VERB} .*", None),
    "subject before the verb": (rf"\W*(?:the|an?|[A-Z0-9][\w.&'-]*)\b.{{0,80}}\b{_VERB}\b.*", None),
    "attribution before": (None, r".*\p{L}.*"),
    "no attribution in the sentence": (None, None),
}

Span = tuple[int, int]
Clusters = dict[Span, int]
"""The entity of each mention."""


@dataclass(frozen=True)
class Annotated:
    """An article as an editor sees it.

    Attributes:
        article: title and text.
        entities: the entity of each mention, by index.
        names: the name of each entity.
        gains: how much each entity matters, 3 (what the article is about) to 0.
        quotations: span between the marks and speaker (an entity or ``None``) of speech.
    """

    article: Article
    entities: Clusters
    names: list[str]
    gains: list[int]
    quotations: list[tuple[Span, int | None]]


def read_annotated(articles: Path, annotations: Path = ANNOTATIONS) -> list[Annotated]:
    """The annotated articles, whose texts are looked up in ``articles`` by their id."""
    texts = {}
    for line in articles.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        texts[record["id"]] = Article(record["text"], title=record["title"], language="en")
    found = []
    for line in annotations.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        names = [entity["name"] for entity in record["entities"]]
        found.append(
            Annotated(
                texts[record["id"]],
                {
                    (start, end): i
                    for i, entity in enumerate(record["entities"])
                    for start, end in entity["mentions"]
                },
                names,
                [entity.get("main", 0) for entity in record["entities"]],
                [
                    (
                        (quotation["start"], quotation["end"]),
                        names.index(quotation["speaker"]) if quotation["speaker"] else None,
                    )
                    for quotation in record["quotations"]
                ],
            )
        )
    return found


@dataclass
class _Ratio:
    hits: float = 0
    found: float = 0
    wanted: float = 0

    def precision(self) -> float:
        return 100 * self.hits / max(1, self.found)

    def recall(self) -> float:
        return 100 * self.hits / max(1, self.wanted)

    def f1(self) -> float:
        return 200 * self.hits / max(1, self.found + self.wanted)


@dataclass
class Grouping:
    """Pairwise, and B-cubed (Bagga & Baldwin 1998)."""

    pairs: _Ratio = field(default_factory=_Ratio)
    precision: list[float] = field(default_factory=list)
    recall: list[float] = field(default_factory=list)

    def add(self, gold: Clusters, ours: dict[Span, object]) -> None:
        """Count the mentions that both have."""
        both = sorted(gold.keys() & ours.keys())
        for one, other in combinations(both, 2):
            same, together = gold[one] == gold[other], ours[one] == ours[other]
            self.pairs.hits += same and together
            self.pairs.found += together
            self.pairs.wanted += same
        for mention in both:
            alike = {m for m in both if gold[m] == gold[mention]}
            put = {m for m in both if ours[m] == ours[mention]}
            self.precision.append(len(alike & put) / len(put))
            self.recall.append(len(alike & put) / len(alike))

    def b_cubed(self) -> float:
        """F1 in per cent."""
        precision, recall = float(np.mean(self.precision)), float(np.mean(self.recall))
        return 200 * precision * recall / (precision + recall)


@dataclass
class _Order:
    """Normalised discounted cumulative gain of the first five, and whether the first is right."""

    ndcg: list[float] = field(default_factory=list)
    first: list[bool] = field(default_factory=list)

    def add(self, gains: Sequence[int], ranked: Sequence[int | None]) -> None:
        """``ranked`` are the true entities of ours, in our order; ``None`` for what is none."""
        self.ndcg.append(normalized_gain(dict(enumerate(gains)), ranked))
        first = ranked[0] if ranked else None
        self.first.append(first is not None and gains[first] == max(gains))


def normalized_gain(gains: Mapping[int, int], ranked: Sequence[int | None]) -> float:
    """nDCG@5, 0-1 (Järvelin & Kekäläinen 2002), with gains of ``2 ** gain - 1``.

    Args:
        gains: of each true entity, one of them above 0.
        ranked: the true entities of ours, in our order; ``None`` for what is none. An entity that
            comes again gains nothing.
    """
    seen: set[int | None] = {None}
    earned = []
    for entity in ranked[:5]:
        earned.append(0 if entity is None or entity in seen else gains[entity])
        seen.add(entity)
    return _dcg(earned) / _dcg(sorted(gains.values(), reverse=True)[:5])


def _dcg(gains: Iterable[int]) -> float:
    return float(sum((2**gain - 1) / np.log2(rank + 2) for rank, gain in enumerate(gains)))


def measure_editorial(enricher: Enricher, articles: Path) -> list[tuple[str, str, float]]:
    """Rows of (what, measure and way, value in per cent)."""
    grouping: dict[str, Grouping] = defaultdict(Grouping)
    order: dict[str, _Order] = defaultdict(_Order)
    quoted, speakers, nearest = _Ratio(), _Ratio(), _Ratio()
    by_kind = {kind: _Ratio() for kind in ATTRIBUTIONS}
    mentions = _Ratio()
    for annotated in read_annotated(articles):
        found = enricher.enrich(annotated.article)
        locate = locator(annotated.article)
        spans = [[locate(m.section, m.start, m.end) for m in e.mentions] for e in found.entities]
        texts = {
            locate(m.section, m.start, m.end): m.text for e in found.entities for m in e.mentions
        }
        gold = annotated.entities
        mentions.hits += len(gold.keys() & texts.keys())
        mentions.found += len(texts)
        mentions.wanted += len(gold)
        grouping["ours"].add(gold, {span: i for i, own in enumerate(spans) for span in own})
        grouping["baseline: same text"].add(gold, dict(texts))
        grouping["baseline: same last word"].add(
            gold, {span: text.split()[-1].lower() for span, text in texts.items()}
        )
        true = [_majority(gold[span] for span in own if span in gold) for own in spans]
        for way, key in _ORDERS.items():
            ranked = sorted(range(len(true)), key=lambda i: key(found.entities[i]))
            order[way].add(annotated.gains, [true[i] for i in ranked])
        _count_quotations(annotated, found, true, (quoted, speakers, nearest), by_kind)
    rows = [("BBC, 40 articles", "mentions, exact span, F1", mentions.f1())]
    for way, counts in grouping.items():
        rows.append(("Coreference", f"pairwise F1, {way}", counts.pairs.f1()))
        rows.append(("Coreference", f"B-cubed F1, {way}", counts.b_cubed()))
    for way, ranks in order.items():
        rows.append(("Salience", f"nDCG@5, {way}", 100 * float(np.mean(ranks.ndcg))))
        rows.append(("Salience", f"first is right, {way}", 100 * float(np.mean(ranks.first))))
    rows.append(("Quotations", "sentences quoted, F1", quoted.f1()))
    for way, ratio in (("ours", speakers), ("baseline: nearest person", nearest)):
        rows.append(
            ("Quotations", f"speaker, precision, {way}", 100 * ratio.hits / max(1, ratio.found))
        )
        rows.append(
            ("Quotations", f"speaker, recall, {way}", 100 * ratio.hits / max(1, ratio.wanted))
        )
    for kind, ratio in by_kind.items():
        rows.append((f"Speakers: {kind}", "quotations", ratio.wanted))
        rows.append((f"Speakers: {kind}", "precision", 100 * ratio.hits / max(1, ratio.found)))
        rows.append((f"Speakers: {kind}", "recall", 100 * ratio.hits / max(1, ratio.wanted)))
    return rows


_ORDERS: dict[str, Callable[[Entity], tuple[float, float]]] = {
    "ours": lambda entity: (-entity.salience, entity.factors.first),
    "baseline: number of mentions": lambda entity: (-len(entity.mentions), entity.factors.first),
    "baseline: first mention": lambda entity: (entity.factors.first, 0),
}


def locator(article: Article) -> Callable[[Section, int, int], Span]:
    """Converts spans of a section into spans of the title, two line breaks and the text."""
    if article.title is None:
        return lambda section, start, end: (start, end)
    shift = len(article.title or "") + len(GAP)

    def locate(section: Section, start: int, end: int) -> Span:
        return (start, end) if section == "title" else (start + shift, end + shift)

    return locate


def _majority(entities: Iterable[int]) -> int | None:
    counts = Counter(entities)
    return counts.most_common(1)[0][0] if counts else None


def _count_quotations(
    annotated: Annotated,
    found: Enrichment,
    true: Sequence[int | None],
    counts: tuple[_Ratio, _Ratio, _Ratio],
    by_kind: dict[str, _Ratio],
) -> None:
    """Sentences that are quotations by at least half of their letters, and whose."""
    quoted, speakers, nearest = counts
    locate = locator(annotated.article)
    source = f"{annotated.article.title}{GAP}{annotated.article.text}"
    by_name = {entity.name: i for i, entity in reversed(list(enumerate(found.entities)))}
    persons = sorted(
        (locate(m.section, m.start, m.end), i)
        for i, entity in enumerate(found.entities)
        for m in entity.mentions
        if entity.type == "PERSON"
    )
    for sentence in found.sentences:
        start, end = locate(sentence.section, sentence.start, sentence.end)
        shares = [
            (_letters(source[max(start, a) : min(end, b)]), speaker)
            for (a, b), speaker in annotated.quotations
            if a < end and b > start
        ]
        is_quoted = 2 * sum(share for share, _ in shares) >= _letters(source[start:end]) > 0
        quoted.hits += is_quoted and sentence.quoted
        quoted.found += sentence.quoted
        quoted.wanted += is_quoted
        if not is_quoted:
            continue
        speaker = max(shares, key=lambda pair: pair[0])[1]
        kind = _attribution(source, start, end)
        guess = None if sentence.speaker is None else true[by_name[sentence.speaker]]
        beside = min(
            ((max(a - end, start - b), true[i]) for (a, b), i in persons),
            key=lambda pair: pair[0],
            default=(0, None),
        )[1]
        for ratio, given in ((speakers, guess), (by_kind[kind], guess), (nearest, beside)):
            ratio.hits += given is not None and given == speaker
            ratio.found += given is not None
            ratio.wanted += speaker is not None


def _attribution(source: str, start: int, end: int) -> str:
    """The key of :data:`ATTRIBUTIONS` that fits the text around the quotation of a sentence."""
    sentence = source[start:end]
    first, last = sentence.find('"'), sentence.rfind('"')
    before = sentence[:first] if first > 0 else ""
    after = sentence[last + 1 :] if last > first else ""
    for kind, (pattern_after, pattern_before) in ATTRIBUTIONS.items():
        if pattern_after and regex.match(pattern_after, after):
            return kind
        if pattern_before and regex.match(pattern_before, before, regex.DOTALL):
            return kind
    return kind


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))
