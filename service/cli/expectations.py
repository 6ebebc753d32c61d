"""Expectations on the enrichment of articles: read from YAML and compared with the results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import click
import yaml
from marshmallow import ValidationError, fields, post_load, pre_load
from marshmallow.validate import OneOf, Range

from service.cli.results import Result
from service.client.types import Enrichment, Entity, Sentiment
from service.config.validation import StrictSchema, describe_error, first_error, parse_yaml
from service.enrichment.types import Polarity


@dataclass(frozen=True)
class SentimentRule:
    """An expected label and exclusive bounds of the score; ``None`` accepts any value."""

    label: str | None = None
    above: float | None = None
    below: float | None = None

    def judge(self, sentiment: Sentiment) -> Iterator[tuple[str, bool]]:
        """Yield each expectation as text, and whether ``sentiment`` meets it."""
        score = sentiment["score"]
        if self.label is not None:
            yield f"is {self.label}", sentiment["label"] == self.label
        if self.above is not None:
            yield f"is above {self.above:g}", score > self.above
        if self.below is not None:
            yield f"is below {self.below:g}", score < self.below


@dataclass(frozen=True)
class EntityRule:
    """An entity that must be absent, or present with a type and a sentiment."""

    absent: bool = False
    type: str | None = None
    sentiment: SentimentRule = field(default_factory=SentimentRule)


@dataclass(frozen=True)
class Rule:
    """Expectations on the articles whose source or id matches the pattern ``article``."""

    article: str
    sentiment: SentimentRule = field(default_factory=SentimentRule)
    entities: Mapping[str, EntityRule] = field(default_factory=dict)

    def applies_to(self, line: Result) -> bool:
        """Return whether the pattern matches the article of ``line``."""
        names = [line["source"]]
        if "enrichment" in line and line["enrichment"]["id"] is not None:
            names.append(line["enrichment"]["id"])
        return any(fnmatchcase(name, self.article) for name in names)


@dataclass(frozen=True)
class Verdict:
    """The outcome of one expectation on one article.

    Attributes:
        source: Source of the article.
        expected: The expectation as text.
        actual: The actual value as text if the expectation failed, else ``None``.
    """

    source: str
    expected: str
    actual: str | None = None


def judge(rule: Rule, line: Result) -> Iterator[Verdict]:
    """Compare an article with a rule that applies to it."""
    source = line["source"]
    if "problem" in line:
        yield Verdict(source, "can be enriched", line["problem"]["detail"])
        return
    enrichment = line["enrichment"]
    yield Verdict(source, "can be enriched")
    for expected, met in rule.sentiment.judge(enrichment["sentiment"]):
        actual = None if met else _format_sentiment(enrichment["sentiment"])
        yield Verdict(source, f"its sentiment {expected}", actual)
    for name, entity_rule in rule.entities.items():
        entity = _find_entity(enrichment, name, entity_rule.type)
        yield from _judge_entity(source, name, entity_rule, entity)


def _judge_entity(
    source: str, name: str, rule: EntityRule, entity: Entity | None
) -> Iterator[Verdict]:
    if rule.absent:
        actual = f"{entity['name']}, {entity['type']}, is present" if entity else None
        yield Verdict(source, f"{name} is absent", actual)
        return
    if entity is None:
        yield Verdict(source, f"{name} is present", "absent")
        return
    yield Verdict(source, f"{name} is present")
    if rule.type is not None:
        actual = None if entity["type"] == rule.type else entity["type"]
        yield Verdict(source, f"{name} is of type {rule.type}", actual)
    for expected, met in rule.sentiment.judge(entity["sentiment"]):
        actual = None if met else _format_sentiment(entity["sentiment"])
        yield Verdict(source, f"sentiment towards {name} {expected}", actual)


def _find_entity(enrichment: Enrichment, name: str, entity_type: str | None) -> Entity | None:
    """Find an entity by its name, else by a mention; prefer one of type ``entity_type``."""
    entities, key = enrichment["entities"], _normalize(name)
    matches = [entity for entity in entities if _normalize(entity["name"]) == key] or [
        entity
        for entity in entities
        if any(_normalize(mention["text"]) == key for mention in entity["mentions"])
    ]
    same_type = (entity for entity in matches if entity["type"] == entity_type)
    return next(same_type, matches[0] if matches else None)


def _normalize(name: str) -> str:
    return " ".join(name.casefold().split())


def _format_sentiment(sentiment: Sentiment) -> str:
    return f"{sentiment['score']:+.4f}, {sentiment['label']}"


class _SentimentSchema(StrictSchema):
    label = fields.String(validate=OneOf(list(Polarity), error="Must be one of {choices}."))
    above = fields.Float(validate=Range(-1, 1))
    below = fields.Float(validate=Range(-1, 1))

    @pre_load
    def _expand(self, data: Any, **_: Any) -> Any:
        """Expand the short form, a label."""
        return {"label": data} if isinstance(data, str) else data

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> SentimentRule:
        return SentimentRule(**data)


class _EntitySchema(StrictSchema):
    absent = fields.Boolean()
    type = fields.String()
    sentiment = fields.Nested(_SentimentSchema)

    @pre_load
    def _expand(self, data: Any, **_: Any) -> Any:
        """Expand the short forms ``present`` and ``absent``."""
        if isinstance(data, str):
            if data not in ("present", "absent"):
                raise ValidationError("Must be present, absent, or a mapping.")
            return {"absent": data == "absent"}
        return data

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> EntityRule:
        return EntityRule(**data)


class _RuleSchema(StrictSchema):
    article = fields.String(required=True)
    sentiment = fields.Nested(_SentimentSchema)
    entities = fields.Dict(
        keys=fields.String(error_messages={"invalid": "Must be a name; put it in quotes."}),
        values=fields.Nested(_EntitySchema),
    )

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Rule:
        return Rule(**data)


def read_rules(path: Path) -> list[Rule]:
    """Read rules from a YAML file.

    Raises:
        click.UsageError: The file cannot be read or is invalid; the message names the location.
    """
    try:
        content = parse_yaml(path.read_bytes())
    except OSError as error:
        raise click.UsageError(f"{path}: {error.strerror}.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{path}: {describe_error(error)}") from None
    if not isinstance(content, list) or not content:
        raise click.UsageError(f"{path}: Must be a list of rules.")
    try:
        rules: list[Rule] = _RuleSchema(many=True).load(content)
    except ValidationError as error:
        (number, *keys), message = first_error(error)
        location = ", ".join([f"rule {number}", *map(str, keys)])
        raise click.UsageError(f"{path}: {location}: {message}") from None
    return rules
