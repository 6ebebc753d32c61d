"""Schemas of requests: validate them and describe them in the OpenAPI document."""

from __future__ import annotations

from typing import Any, get_args

from marshmallow import RAISE, Schema, ValidationError, fields, post_load
from marshmallow.validate import Length, OneOf, Regexp
from webargs.fields import DelimitedList

from service.api.schemas.fields import describe
from service.api.schemas.options import DEFAULT_FEATURES, FEATURES, LINKS, Options
from service.enrichment.article import Article, fault_in
from service.enrichment.offsets import Unit
from service.enrichment.publication import PUBLISHED, parse_published

ANALYSABLE = (
    r"^[^\u0000-\u0008\u000e-\u001f\u007f]*"
    r"[^\s\u0000-\u001f\u007f\u0085]"
    r"[^\u0000-\u0008\u000e-\u001f\u007f]*$"
)
"""The texts that :func:`fault_in` accepts: no control characters, and not blank."""

UNKNOWN = "Unknown name."
"""Error message for an unknown member or parameter."""

_MESSAGES = {
    "required": "Is required.",
    "null": "Must not be null.",
    "validator_failed": "Is not valid.",
}


def _analysable(text: str) -> None:
    if fault := fault_in(text):
        raise ValidationError(fault)


def _day(text: str) -> None:
    if parse_published(text) is None:
        raise ValidationError("Must be an ISO 8601 date or date-time, such as 2024-03-15.")


def _string(description: str, *validators: Any, **options: Any) -> fields.String:
    return fields.String(
        validate=[*validators],
        error_messages={**_MESSAGES, "invalid": "Must be a string."},
        metadata={"description": description, **options.pop("metadata", {})},
        **options,
    )


def _language(description: str, **options: Any) -> fields.String:
    return _string(
        description,
        Regexp(r"^[a-z]{2}\Z", error="Must be an ISO 639-1 code: two lower-case letters."),
        metadata={"pattern": "^[a-z]{2}$", "example": "en"},
        **options,
    )


def _published(description: str, **options: Any) -> fields.String:
    return _string(
        description,
        _day,
        metadata={"pattern": PUBLISHED, "example": "2024-03-15"},
        **options,
    )


class _Request(Schema):
    """Rejects unknown fields."""

    error_messages = {"unknown": UNKNOWN, "type": "Must be a JSON object."}  # noqa: RUF012

    class Meta:
        unknown = RAISE


class ArticleSchema(_Request):
    """An article to be enriched."""

    text = _string(
        "The body of the article, of any length.",
        _analysable,
        required=True,
        metadata={
            "pattern": ANALYSABLE,
            "example": "President Joe Biden praised South Korea at the APEC summit in Lima.",
        },
    )
    title = _string(
        "The headline, if it is not part of the text.",
        _analysable,
        allow_none=True,
        metadata={"pattern": ANALYSABLE, "example": "Summit in Lima"},
    )
    id = _string(
        "The client's own identifier of the article, returned unchanged.",
        Length(max=256, error="Must not be longer than {max} characters."),
        _analysable,
        allow_none=True,
        metadata={"pattern": ANALYSABLE, "example": "news-1"},
    )
    language = _string(
        "ISO 639-1 code of the language; detected if absent.",
        Regexp(r"^[a-z]{2}\Z", error="Must be an ISO 639-1 code: two lower-case letters."),
        allow_none=True,
        metadata={"pattern": "^[a-z]{2}$", "example": "en"},
    )
    published = _published(
        "The day of publication, which relative dates among the `values` refer to: an ISO 8601 "
        "date, or a date-time, of which the day counts.",
        allow_none=True,
    )

    @post_load
    def _article(self, data: dict[str, Any], **_: Any) -> Article:
        published = data.pop("published", None)
        return Article(**data, published=published and parse_published(published))


class BatchSchema(_Request):
    """Many articles."""

    articles = fields.List(
        fields.Raw(allow_none=True),
        required=True,
        validate=Length(min=1, error="Must have at least one article."),
        error_messages={**_MESSAGES, "invalid": "Must be an array."},
        metadata=describe(
            "Each like the body of `/v1/enrich`; an invalid one does not affect the others."
        ),
    )


_MODEL = {"pattern": "^[a-z0-9._-]{1,64}$"}


class ModelChoiceSchema(_Request):
    """The query parameter of operations on one model."""

    model = _string("Name of the model; by default the server's default.", metadata=_MODEL)

    @post_load
    def _name(self, data: dict[str, Any], **_: Any) -> str | None:
        return data.get("model")


class OptionsSchema(_Request):
    """The query parameters of an enrichment."""

    features = DelimitedList(
        fields.String(validate=OneOf(FEATURES, error="'{input}' is not one of: {choices}.")),
        validate=Length(min=1, error="Must name at least one."),
        metadata=describe(
            "The members of the response; by default `entities`, `sentiment` and `sentences`. "
            "`mention_sentiment` stands for the entities with a sentiment for each mention, "
            "`links` for the entities with links. Members that are not listed are absent."
        ),
    )
    types = DelimitedList(
        fields.String(validate=Length(min=1, error="Must name an entity type.")),
        validate=Length(min=1, error="Must name at least one."),
        metadata=describe(
            "Entity types in the response; all by default. `GET /v1/model` lists them."
        ),
    )
    offsets = _string(
        "What `start` and `end` count: code points (Python, Rust `chars`), UTF-16 code units "
        "(JavaScript, Java, C#) or UTF-8 bytes (Go, C, Rust `str`).",
        OneOf(get_args(Unit), error="'{input}' is not one of: {choices}."),
        load_default="codepoint",
    )
    include_text = fields.Boolean(
        truthy={"true"},
        falsy={"false"},
        load_default=False,
        error_messages={"invalid": "Must be true or false."},
        metadata=describe(
            "Whether the response includes the `article`, which its offsets point into."
        ),
    )
    language = _language(
        "ISO 639-1 code of the language that articles of any content type are read in, instead of "
        "the detected one. An article with another `language` is rejected."
    )
    published = _published(
        "The day of publication of articles of any content type that come without one: an ISO 8601 "
        "date, or a date-time, of which the day counts."
    )
    links = _string(
        "With `links` among the `features`: `best` returns the likeliest link of each entity, if "
        "it is likely enough; `all` returns links of any confidence.",
        OneOf(("best", "all"), error="'{input}' is not one of: {choices}."),
        load_default="best",
    )
    lists = DelimitedList(
        fields.String(validate=Length(min=1, error="Must name a list.")),
        metadata=describe(
            "Lists of the server that entities are linked to, by their names; all by default. Adds "
            "`links` to the `features`. `GET /v1/model` names the lists."
        ),
    )
    model = _string(
        "Name of the model; by default the server's default. `GET /v1/models` lists them.",
        metadata=_MODEL,
    )
    pin = _string(
        "Digests of the model, of the knowledge base and of each list by name, separated by "
        "commas; the last ones may be absent. The response is 409 if the server would use another.",
        Regexp(
            r"^sha256:[0-9a-f]{64}(,sha256:[0-9a-f]{64})*\Z",
            error="Must be 'sha256:' and 64 hexadecimal digits, once or several times with commas.",
        ),
        metadata={"pattern": "^sha256:[0-9a-f]{64}(,sha256:[0-9a-f]{64})*$"},
    )

    @post_load
    def _options(self, data: dict[str, Any], **_: Any) -> Options:
        implied = (LINKS,) if "lists" in data else ()
        return Options(
            features=frozenset((*data.get("features", DEFAULT_FEATURES), *implied)),
            types=frozenset(data["types"]) if "types" in data else None,
            offsets=data["offsets"],
            include_text=data["include_text"],
            model=data.get("model"),
            pins=tuple(data["pin"].split(",")) if "pin" in data else (),
            language=data.get("language"),
            published=parse_published(data["published"]) if "published" in data else None,
            links=data["links"],
            lists=tuple(data["lists"]) if "lists" in data else None,
        )
