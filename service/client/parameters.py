"""The keyword arguments of :meth:`service.client.Client.enrich`."""

from __future__ import annotations

from typing import Literal, TypedDict


class Parameters(TypedDict, total=False):
    """The query parameters of an enrichment.

    Attributes:
        features: parts of the result, comma-separated: ``entities``, ``sentiment``, ``sentences``,
            ``mention_sentiment``, ``values``, ``links``.
        types: entity types to return, comma-separated.
        offsets: unit of ``start`` and ``end``.
        include_text: whether to return the article that the offsets point into.
        language: ISO 639-1 code of the article, in place of the detected one.
        published: day of publication of the article, ISO 8601.
        links: ``all`` for the less likely links, too.
        lists: names of the server's lists to link entities to, comma-separated; all by default.
        model: name of the model; the server has a default.
        pin: digests of the model, of the knowledge base and of each list, separated by commas; the
            last ones may be absent. The request is rejected if another one would answer.
    """

    features: str
    types: str
    offsets: Literal["codepoint", "utf16", "utf8"]
    include_text: bool
    language: str
    published: str
    links: Literal["best", "all"]
    lists: str
    model: str
    pin: str
