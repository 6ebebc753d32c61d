"""Links organisations to listed companies."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from service.enrichment.article import Article
from service.enrichment.bounds import Check, no_check
from service.enrichment.links.company_names import read_company_name
from service.enrichment.links.company_table import (
    Company,
    CompanyNameKind,
    CompanySense,
    CompanyTable,
)
from service.enrichment.links.names import name_key
from service.enrichment.types import Entity, EntityType, Mention

_MOST_MENTIONS = 20
_WINDOW = 120
"""Characters before and after a mention in which words of business count, in its sentence."""
_MOST_WORDS = 8
_MOST_PAIRS = 20
_PER_CHARACTERS = 1_000

_BUSINESS = re.compile(
    r"\b(?:acquir\w+|acquisitions?|airlines?|analysts?|bank(?:ing|er)?s?|bids?|billions?|bonds?|"
    r"brands?|bankruptcy|carmakers?|chains?|chief executive|chairman|compan(?:y|ies)(?:['’]s?)?|"
    r"consumers?|corporat\w+|customers?|deals?|dividends?|earnings|employees|executives?|"
    r"CEO|CFO|factor(?:y|ies)|firms?(?:['’]s?)?|giant|industry|insurers?|investors?|jobs|launch\w*|"
    r"losses|maker|makers|manufactur\w+|market(?:s|ing)?|merge(?:r|rs|d)?|orders?|output|owns?|"
    r"owned|plants?|prices?|products?|profits?|quarter(?:ly)?|retail(?:er|ers)?|revenues?|rivals?|"
    r"sales|sell(?:s|ing)?|shares?|shareholders?|software|spokes\w+|stakes?|stocks?|stores?|"
    r"subsidiar(?:y|ies)|suppliers?|takeovers?|technology|unit|workers)\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[a-z0-9)”\"’'][.!?])[”\"’')]*\s+(?=\W?(?:[A-Z]|$))|\n")
# Begins at the beginning of a run of these characters only, so that the time is linear.
_PAIR = re.compile(r"(?<![\w'’.-])([\w'’.-]++)(?= (?:& )?([A-Z][\w.&]*))")
_CAPITAL = re.compile(r"\b[A-Z]")
_BRACKETS = re.compile(r"(?:['’]s)?(?: [\w.&]+){0,2},? ?\(([^()]{1,40})\)")
_TICKER = re.compile(r"[A-Z0-9]{1,6}(?:[.-][A-Z0-9]{1,2})*")

FEATURES = (
    "short",
    "word",
    "acronym",
    "partial",
    "legal_form",
    "ticker",
    "other_ticker",
    "capitals",
    "near",
    "article",
    "companies",
    "longer_fits",
    "longer_differs",
)
"""The names of a candidate's features, in the order of the weights."""


@dataclass(frozen=True)
class CompanyWeights:
    """The weights of the features, and the score of a clear name.

    ``python -m training.knowledge.fit_companies`` determines them.
    """

    features: tuple[float, ...]
    name: float


COMPANY_WEIGHTS = CompanyWeights(
    (
        -1.86,  # short
        -3.45,  # word
        -2.46,  # acronym
        -1.61,  # partial
        3.02,  # legal_form
        5.0,  # ticker
        -4.86,  # other_ticker
        0.33,  # capitals
        1.54,  # near
        1.1,  # article
        0.42,  # companies
        1.01,  # longer_fits
        -1.27,  # longer_differs
    ),
    name=1.67,
)
"""As ``python -m training.knowledge.fit_companies`` prints them."""

LEAST_COMPANY_CONFIDENCE = 0.7
"""Below it there is no link. ``python -m benchmarks.companies`` shows the precision of others."""


@dataclass(frozen=True)
class CompanyCandidate:
    """A company that an entity may be.

    Attributes:
        features: in the order of :data:`FEATURES`.
    """

    company: Company
    features: tuple[float, ...]


@dataclass(frozen=True)
class _Words:
    """The positions of words of business in the title and in the text, and how many there are."""

    texts: Mapping[str, str]
    positions: Mapping[str, Sequence[int]]
    share: float

    @classmethod
    def of(cls, article: Article) -> _Words:
        texts = {"title": article.title or "", "text": article.text}
        positions = {
            name: [found.start() for found in _BUSINESS.finditer(text)]
            for name, text in texts.items()
        }
        count = sum(map(len, positions.values()))
        return cls(
            texts, positions, count * _PER_CHARACTERS / max(article.characters, _PER_CHARACTERS)
        )

    def near(self, mentions: Iterable[Mention]) -> int:
        """The largest number of words of business near one of the mentions, in its sentence."""
        return max(map(self._near, mentions), default=0)

    def _near(self, mention: Mention) -> int:
        text, positions = self.texts[mention.section], self.positions[mention.section]
        before = text[max(0, mention.start - _WINDOW) : mention.start]
        after = text[mention.end : mention.end + _WINDOW]
        start = mention.start - len(_SENTENCE_END.split(before)[-1])
        end = mention.end + len(_SENTENCE_END.split(after, maxsplit=1)[0])
        own = bisect_left(positions, mention.end) - bisect_left(positions, mention.start)
        return bisect_left(positions, end) - bisect_left(positions, start) - own


def find_companies(
    table: CompanyTable, article: Article, entities: Sequence[Entity], check: Check = no_check
) -> dict[int, list[CompanyCandidate]]:
    """Index of an organisation → the companies that have its name, in a fixed order.

    The time is linear in the length of the article.
    """
    forms = {
        index: {read_company_name(text) for text in {entity.name, *_texts(entity)}}
        for index, entity in enumerate(entities)
        if entity.type == EntityType.ORGANIZATION
    }
    known = table.look_up(form.key for names in forms.values() for form in names)
    senses = {index: _senses(known, (form.key for form in names)) for index, names in forms.items()}
    senses = {index: found for index, found in senses.items() if found}
    if not senses:
        return {}
    check()
    words, pairs = _Words.of(article), _pairs(article)
    clear = [
        index
        for index, found in senses.items()
        if any(sense.kind is CompanyNameKind.NAME for sense in found)
    ]
    candidates = {}
    for index, found in senses.items():
        check()
        entity = entities[index]
        legal_forms = {form.key for form in forms[index] if form.legal_form}
        name = read_company_name(entity.name).key
        tickers = _tickers(article, entity)
        longer = _longer_names(pairs, entity)
        others = len(clear) - (index in clear)
        near = words.near(entity.mentions[:_MOST_MENTIONS])
        candidates[index] = [
            CompanyCandidate(
                sense.company,
                (
                    float(sense.kind is CompanyNameKind.SHORT),
                    float(sense.kind is CompanyNameKind.WORD),
                    float(sense.kind is CompanyNameKind.ACRONYM),
                    float(not _is_named(known, name, sense.company)),
                    float(any(_is_named(known, key, sense.company) for key in legal_forms)),
                    float(_has_ticker(sense.company, tickers, known, name)),
                    float(bool(tickers) and not _listed(sense.company, tickers)),
                    float(any(text.isupper() for text in (entity.name, *_texts(entity)))),
                    math.log1p(min(near, _MOST_WORDS)),
                    math.log1p(words.share),
                    math.log1p(others),
                    float(any(_fits(key, sense.company) for key in longer)),
                    float(any(not _fits(key, sense.company) for key in longer)),
                ),
            )
            for sense in found
        ]
    return candidates


def company_probabilities(
    candidates: Sequence[CompanyCandidate], weights: CompanyWeights
) -> list[float]:
    """The probability of each candidate; the rest is that of an organisation without an entry."""
    scores = [
        sum(w * x for w, x in zip(weights.features, c.features, strict=True)) for c in candidates
    ]
    powers = [math.exp(weights.name + score) for score in scores]
    total = 1 + sum(powers)
    return [power / total for power in powers]


def _texts(entity: Entity) -> set[str]:
    return {mention.text for mention in entity.mentions[:_MOST_MENTIONS]}


def _senses(known: Mapping[str, Sequence[CompanySense]], keys: Iterable[str]) -> list[CompanySense]:
    """One sense per company, with the clearest of its names."""
    best: dict[str, CompanySense] = {}
    for key in keys:
        for sense in known.get(key, ()):
            current = best.setdefault(sense.company.id, sense)
            if sense.kind < current.kind:
                best[sense.company.id] = sense
    return [sense for _, sense in sorted(best.items())]


def _is_named(known: Mapping[str, Sequence[CompanySense]], key: str, company: Company) -> bool:
    return any(sense.company.id == company.id for sense in known.get(key, ()))


def _pairs(article: Article) -> dict[str, set[str]]:
    """Capitalised words → the capitalised words that follow them in the article."""
    pairs: dict[str, set[str]] = {}
    for text in (article.title or "", article.text):
        for found in _PAIR.finditer(text):
            if capital := _CAPITAL.search(found[1]):
                following = pairs.setdefault(found[1][capital.start() :], set())
                if len(following) < _MOST_PAIRS:
                    following.add(found[2])
    return pairs


def _longer_names(pairs: Mapping[str, AbstractSet[str]], entity: Entity) -> set[str]:
    """Names that begin with one of the entity: ``Gap Inc``, ``Getty Images``.

    A product after its maker looks the same, so that this is weak evidence.
    """
    return {
        f"{text} {following}"
        for text in {entity.name, *_texts(entity)}
        for following in pairs.get(text.rpartition(" ")[2], ())
    }


def _fits(longer: str, company: Company) -> bool:
    """Whether a longer name is one of the company."""
    key, legal_form = read_company_name(longer)
    return legal_form or f"{name_key(company.name)} ".startswith(f"{key} ")


def _has_ticker(
    company: Company,
    tickers: AbstractSet[str],
    known: Mapping[str, Sequence[CompanySense]],
    name: str,
) -> bool:
    """Whether a ticker is in brackets after the company's name, not after what it abbreviates."""
    return _listed(company, tickers) and _is_named(known, name, company)


def _listed(company: Company, tickers: AbstractSet[str]) -> bool:
    return not tickers.isdisjoint(company.tickers.split())


def _tickers(article: Article, entity: Entity) -> set[str]:
    """The tickers in brackets after the mentions, such as ``(NYSE: F)`` or ``(VOD.L)``."""
    found: set[str] = set()
    for mention in entity.mentions[:_MOST_MENTIONS]:
        text = (article.title or "") if mention.section == "title" else article.text
        if brackets := _BRACKETS.match(text, mention.end, mention.end + 80):
            words = brackets[1].replace(":", " ").split()
            if len(words) == 1 or ":" in brackets[1]:
                found.update(w for w in words if _TICKER.fullmatch(w))
                found.update(w.rpartition(".")[0] for w in words if "." in w)
    return found - {""}
