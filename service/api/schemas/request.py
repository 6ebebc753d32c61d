"""What comes in, as marshmallow schemas, by which it is validated and described."""

from __future__ import annotations

from typing import Any, get_args

from marshmallow import RAISE, Schema, ValidationError, fields, post_load
from marshmallow.validate import Length, OneOf, Regexp
from webargs.fields import DelimitedList

from service.api.schemas.fields import says
from service.api.schemas.options import BY_DEFAULT, FEATURES, Options
from service.enrichment.offsets import Unit
from service.enrichment.types import Article, fault_in

ANALYSABLE = (
    r"^[^\u0000-\u0008\u000e-\u001f\u007f]*"
    r"[^\s\u0000-\u001f\u007f\u0085]"
    r"[^\u0000-\u0008\u000e-\u001f\u007f]*$"
)
"""What :func:`fault_in` lets pass, for ``openapi.yaml``: no control characters, and not blank."""

UNKNOWN = "Is not known."
"""What is said of a member or parameter that there is none of."""

_MESSAGES = {
    "required": "Is required.",
    "null": "Must not be null.",
    "validator_failed": "Is not valid.",
}


def _analysable(text: str) -> None:
    if fault := fault_in(text):
        raise ValidationError(fault)


def _string(says: str, *validators: Any, **options: Any) -> fields.String:
    return fields.String(
        validate=[*validators],
        error_messages={**_MESSAGES, "invalid": "Must be a string."},
        metadata={"description": says, **options.pop("metadata", {})},
        **options,
    )


def _language(description: str, **options: Any) -> fields.String:
    return _string(
        description,
        Regexp(r"^[a-z]{2}\Z", error="Must be an ISO 639-1 code: two lower-case letters."),
        metadata={"pattern": "^[a-z]{2}$", "example": "en"},
        **options,
    )


class _Request(Schema):
    """Knows all of its fields, and says so of those it does not."""

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
        "The caller's own name for the article, given back as it is.",
        Length(max=256, error="Must not be longer than {max} characters."),
        _analysable,
        allow_none=True,
        metadata={"pattern": ANALYSABLE, "example": "news-1"},
    )
    language = _language(
        "ISO 639-1 code of the language; detected when it is not given.", allow_none=True
    )

    @post_load
    def _article(self, data: dict[str, Any], **_: Any) -> Article:
        return Article(**data)


class BatchSchema(_Request):
    """Many articles."""

    articles = fields.List(
        fields.Raw(allow_none=True),
        required=True,
        validate=Length(min=1, error="Must have at least one article."),
        error_messages={**_MESSAGES, "invalid": "Must be an array."},
        metadata=says("Each like the body of `/v1/enrich`; one that is wrong spoils no other."),
    )


_MODEL = {"pattern": "^[a-z0-9._-]{1,64}$"}


class ModelChoiceSchema(_Request):
    """The query parameter of what is about one model."""

    model = _string("Name of the model; by default the server's default.", metadata=_MODEL)

    @post_load
    def _name(self, data: dict[str, Any], **_: Any) -> str | None:
        return data.get("model")


class OptionsSchema(_Request):
    """The query parameters of an enrichment."""

    features = DelimitedList(
        fields.String(validate=OneOf(FEATURES, error="'{input}' is not one of: {choices}.")),
        validate=Length(min=1, error="Must name at least one."),
        metadata=says(
            "What to find out; by default all but `mention_sentiment`, which asks for the entities "
            "with the sentiment towards each at each of its mentions. What is not asked for is "
            "absent from the response."
        ),
    )
    types = DelimitedList(
        fields.String(validate=Length(min=1, error="Must name an entity type.")),
        validate=Length(min=1, error="Must name at least one."),
        metadata=says(
            "Types of the entities wanted; all by default. `GET /v1/model` lists those there are."
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
        metadata=says("Whether the response has the `article` that its offsets point into."),
    )
    language = _language(
        "ISO 639-1 code of the language that articles of any content type are read in, instead of "
        "the detected one. An article that names another is refused."
    )
    model = _string(
        "Name of the model that is to read; by default the server's default. `GET /v1/models` "
        "lists those there are.",
        metadata=_MODEL,
    )
    pin = _string(
        "Digest of a model. If another one would answer, the answer is 409.",
        Regexp(r"^sha256:[0-9a-f]{64}\Z", error="Must be 'sha256:' and 64 hexadecimal digits."),
        metadata={"pattern": "^sha256:[0-9a-f]{64}$"},
    )

    @post_load
    def _options(self, data: dict[str, Any], **_: Any) -> Options:
        return Options(
            features=frozenset(data.get("features", BY_DEFAULT)),
            types=frozenset(data["types"]) if "types" in data else None,
            offsets=data["offsets"],
            include_text=data["include_text"],
            model=data.get("model"),
            pin=data.get("pin"),
            language=data.get("language"),
        )
