"""The result of one article, in the shape in which the output has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NotRequired, TypedDict, cast

from service.client import Enrichment, Problem
from service.client.types import Value


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
    """What a date or an amount of money stands for, for people; a dash if that is open."""
    meaning = value["value"]
    if isinstance(meaning, dict):
        amount = meaning["amount"]
        currency = meaning["currency"] or "unknown currency"
        return f"{currency} {'–' if amount is None else f'{amount:,}'}"
    return meaning or "–"


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
