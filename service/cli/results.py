"""The result of one article, in the shape in which the output has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, NotRequired, TypedDict, cast

from service.client import Enrichment, Problem
from service.client.types import Entity, Link, Value


class Result(TypedDict):
    """The enrichment of one article, or the problem that prevents it.

    Attributes:
        source: where the article comes from, such as ``news.jsonl:17``.
        status: the HTTP status; 200 if there is an enrichment.
        enrichment: as in the API.
        problem: as in the API. Only a server adds a ``request_id``.
    """

    source: str
    status: int
    enrichment: NotRequired[Enrichment]
    problem: NotRequired[Problem]


def describe_value(value: Value) -> str:
    """What a date or an amount of money stands for, for people; a dash if it is unknown."""
    meaning = value["value"]
    if isinstance(meaning, dict):
        amount = meaning["amount"]
        currency = meaning["currency"] or "unknown currency"
        return f"{currency} {'–' if amount is None else f'{amount:,}'}"
    return meaning or "–"


def best_links(entity: Entity) -> list[Link]:
    """The best link of an entity to each source, and all links to lists, which are certain."""
    best: dict[tuple[str, str], Link] = {}
    for link in entity.get("links", ()):
        entry = link["id"] if link["source"].startswith("list:") else ""
        best.setdefault((link["source"], entry), link)
    return list(best.values())


class DescribedLink(NamedTuple):
    """A link for people; ``uri`` is ``None`` if the entry has none."""

    text: str
    uri: str | None


def describe_link(link: Link) -> DescribedLink:
    """The name of an entry with what identifies it, and where to read about it."""
    name = link["name"]
    if "ticker" in link:
        exchange = f"{link['exchange']}: " if "exchange" in link else ""
        return DescribedLink(f"{name} ({exchange}{link['ticker']})", link.get("uri"))
    if "wikidata" in link:
        return DescribedLink(name, f"https://www.wikidata.org/wiki/{link['wikidata']}")
    if "uri" not in link:
        return DescribedLink(f"{name} ({link['source']})", None)
    country = f", {link['country']}" if "country" in link else ""
    return DescribedLink(f"{name}{country}", link["uri"])


def unreadable(source: str, detail: str) -> Result:
    """The result of an article that cannot be read from the input."""
    problem = {
        "type": "about:blank",
        "title": "Unreadable input",
        "status": 422,
        "detail": detail,
    }
    return {"source": source, "status": 422, "problem": cast("Problem", problem)}


def without_request_id(result: Result) -> Result:
    """The result without the id of a request that appears in no log and differs in every run."""
    if "problem" not in result:
        return result
    members: Mapping[str, object] = result["problem"]
    problem = {name: value for name, value in members.items() if name != "request_id"}
    return {**result, "problem": cast("Problem", problem)}
