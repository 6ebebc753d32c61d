"""The countries in which an article takes place, by the institutions and currencies it names."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from importlib.resources import files

from service.enrichment.article import Article

# The weight of a word is 1. Signs of money count less, because national news has them, too. At 0.1,
# the Washington of a British budget lost its link, because it may be the town near Newcastle.
_SIGN = 0.05
_NO_EVIDENCE = 1.0  # so that a single word shows less than several

# "the A46", but not an Airbus. Not motorways: there is an M5 in Sydney, too.
_BRITISH_ROAD = re.compile(r"he [AB](?!3\d0\b)\d{2,4}\b")

_Countries = tuple[str, ...]


def country_evidence(article: Article) -> Mapping[str, float]:
    """Country (ISO 3166-1 alpha-2) → how much the article's words show that it is there, 0–1.

    Each word counts once. The time is linear in the article.
    """
    text = f"{article.title}\n{article.text}" if article.title else article.text
    found: dict[str, float] = defaultdict(float)
    total = _NO_EVIDENCE
    for weight, countries in _found(text):
        total += weight
        for country in countries:
            found[country] += weight / len(countries)
    return {country: weight / total for country, weight in found.items()}


def _found(text: str) -> Iterator[tuple[float, _Countries]]:
    """The weights and countries of the signs and words in a text."""
    for sign, countries in _SIGNS:
        if sign in text:
            yield _SIGN, countries
    if _BRITISH_ROAD.search(text):
        yield 1.0, ("GB",)
    words = _words(text)
    if first := _WORDS.keys() & words:
        joined = f" {' '.join(words)} "
        for word in sorted(first):
            for phrase, countries in _WORDS[word]:
                if phrase in joined:
                    yield 1.0, countries


def _words(text: str) -> list[str]:
    """The words of a text in lower case, without possessives."""
    text = text.lower().replace("’", "'").replace("'s", "")
    for mark in ",.-'\"":
        text = text.replace(mark, " ")
    return text.split()


def _read() -> tuple[list[tuple[str, _Countries]], dict[str, list[tuple[str, _Countries]]]]:
    """The signs with their countries; first word → the phrases that begin with it."""
    tables: dict[str, dict[str, list[str]]] = tomllib.loads(
        files("service.enrichment.links").joinpath("countries.toml").read_text("utf-8")
    )
    signs = [(s, tuple(codes.split())) for codes, line in tables["signs"].items() for s in line]
    phrases: dict[str, list[tuple[str, _Countries]]] = defaultdict(list)
    for codes, lines in tables["words"].items():
        for line in lines:
            words = _words(line)
            phrases[words[0]].append((f" {' '.join(words)} ", tuple(codes.split())))
    return signs, dict(phrases)


_SIGNS, _WORDS = _read()
