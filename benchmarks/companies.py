"""Links of companies: ``python -m benchmarks.companies --data FOLDER``.

``annotations/companies.jsonl`` has mentions of organisations that the model finds in BBC articles
(``articles/bbc.jsonl``) and in articles of US outlets (``articles/us_news.jsonl.gz``), each with
the symbol of the company in the knowledge base, or null for another organisation. ``group`` is the
kind of the name: ``clear``, ``ambiguous`` (also a common word, a place or the name of a person, an
acronym, or a name without what the company does), or ``other`` (no name of a company in the
knowledge, to see what is missed). They were judged by a large language model that saw the sentence
and the candidates, before there were any weights; no human has checked them. Half of the articles,
chosen by a hash, are for tuning (``dev``), the others (``test``) are for reporting.

"right" is the share of links that are right, "linked" the share of the mentions of a company in the
knowledge that have the right link.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from service.app import create_registry
from service.config.models_config import prepare_models_config
from service.config.settings import KNOWLEDGE, read_settings
from service.enrichment.article import Article
from service.enrichment.links.companies import (
    COMPANY_WEIGHTS,
    LEAST_COMPANY_CONFIDENCE,
    CompanyCandidate,
    CompanyWeights,
    company_probabilities,
    find_companies,
)
from service.enrichment.links.knowledge import Knowledge

ANNOTATIONS = Path(__file__).parent / "annotations" / "companies.jsonl"
GROUPS = ("clear", "ambiguous", "other")
_THRESHOLDS = (0.0, 0.3, 0.5, 0.6, LEAST_COMPANY_CONFIDENCE, 0.8, 0.9)
_FILES = {"bbc": "articles/bbc.jsonl", "us_news": "articles/us_news.jsonl.gz"}


@dataclass(frozen=True)
class JudgedMention:
    """A mention with its candidates.

    Attributes:
        company: id of the right company; ``None`` for another organisation.
        candidates: of the entity; none if the model no longer finds it as an organisation.
    """

    group: str
    company: str | None
    candidates: Sequence[CompanyCandidate]


def read_mentions(folder: Path, part: str) -> list[JudgedMention]:
    """The mentions of ``dev`` or ``test``, in articles that the embedded model reads."""
    settings = read_settings()
    enricher = create_registry(settings, *prepare_models_config(settings)).get().enricher
    companies = Knowledge(KNOWLEDGE).companies
    records = [json.loads(line) for line in ANNOTATIONS.read_text("utf-8").splitlines()]
    articles = dict(_read_articles(folder, {(r["source"], r["article"]) for r in records}))
    found = []
    for key, article in articles.items():
        if part_of(*key) != part:
            continue
        entities = enricher.enrich(article).entities
        candidates = find_companies(companies, article, entities)
        for record in records:
            if (record["source"], record["article"]) != key:
                continue
            index = next(
                (
                    index
                    for index, entity in enumerate(entities)
                    for m in entity.mentions
                    if m.section == record["section"]
                    and m.start < record["end"]
                    and record["start"] < m.end
                ),
                -1,
            )
            found.append(
                JudgedMention(record["group"], record["company"], candidates.get(index, ()))
            )
    return found


def part_of(source: str, article: str | int) -> str:
    """Whether an article is of ``dev`` or of ``test``."""
    return "dev" if sha256(f"{source} {article}".encode()).digest()[0] % 2 == 0 else "test"


def _read_articles(
    folder: Path, wanted: set[tuple[str, str | int]]
) -> Iterator[tuple[tuple[str, str | int], Article]]:
    for source, name in _FILES.items():
        for number, record in enumerate(_records(folder / name)):
            key = (source, record["id"] if source == "bbc" else number)
            if key in wanted:
                yield key, Article(record["text"], title=record["title"] or None, language="en")


def _records(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open() as file:
        yield from map(json.loads, file)


def report(mentions: Sequence[JudgedMention], weights: CompanyWeights = COMPANY_WEIGHTS) -> str:
    """Lines of a table, one a threshold."""
    lines = []
    for group in (GROUPS[:1], GROUPS[1:2], GROUPS):
        chosen = [mention for mention in mentions if mention.group in group]
        companies = sum(mention.company is not None for mention in chosen)
        lines.append(f"{', '.join(group)}: {len(chosen)} mentions, {companies} of a company")
        for least in _THRESHOLDS:
            links = [(link, m.company) for m in chosen if (link := _link(m, weights, least))]
            right = sum(link == company for link, company in links)
            lines.append(
                f"  at {least:.2f}  {len(links):3} links  right {right / max(len(links), 1):6.1%}"
                f"  linked {right / max(companies, 1):6.1%}"
            )
    return "\n".join(lines)


def _link(mention: JudgedMention, weights: CompanyWeights, least: float) -> str | None:
    shares = company_probabilities(mention.candidates, weights)
    best = max(range(len(shares)), key=lambda index: shares[index], default=-1)
    return mention.candidates[best].company.id if shares and shares[best] >= least else None


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with articles/")
    parser.add_argument("--part", choices=("dev", "test"), default="test")
    arguments = parser.parse_args()
    print(report(read_mentions(arguments.data, arguments.part)))
