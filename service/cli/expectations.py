"""What articles are expected to hold, and whether they do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import click
import yaml
from marshmallow import RAISE, Schema, ValidationError, fields, post_load, pre_load
from marshmallow.validate import OneOf, Range

from service.cli.results import Result
from service.client.types import Enrichment, Entity, Sentiment
from service.config.validation import parse_yaml
from service.enrichment.types import Polarity


@dataclass(frozen=True)
class SentimentRule:
    """A label, and bounds that the score must be beyond; what is ``None`` may be anything."""

    label: str | None = None
    above: float | None = None
    below: float | None = None

    def judge(self, sentiment: Sentiment) -> Iterator[tuple[str, bool]]:
        """Each expectation in words, and whether it holds."""
        score = sentiment["score"]
        if self.label is not None:
            yield f"is {self.label}", sentiment["label"] == self.label
        if self.above is not None:
            yield f"is above {self.above:g}", score > self.above
        if self.below is not None:
            yield f"is below {self.below:g}", score < self.below


@dataclass(frozen=True)
class EntityRule:
    """What is expected of an entity: to be absent, or to be there, of a type, with a sentiment."""

    absent: bool = False
    type: str | None = None
    sentiment: SentimentRule = field(default_factory=SentimentRule)


@dataclass(frozen=True)
class Rule:
    """What is expected of the articles whose source or id is like ``article``, a pattern."""

    article: str
    sentiment: SentimentRule = field(default_factory=SentimentRule)
    entities: Mapping[str, EntityRule] = field(default_factory=dict)

    def applies_to(self, line: Result) -> bool:
        """Whether the article of ``line`` is meant."""
        names = [line["source"]]
        if "enrichment" in line and line["enrichment"]["id"] is not None:
            names.append(line["enrichment"]["id"])
        return any(fnmatchcase(name, self.article) for name in names)


@dataclass(frozen=True)
class Verdict:
    """Whether one expectation holds of one article; ``found`` says what is there if not."""

    source: str
    expected: str
    found: str | None = None


def judge(rule: Rule, line: Result) -> Iterator[Verdict]:
    """Hold an article to a rule that applies to it."""
    source = line["source"]
    if "problem" in line:
        yield Verdict(source, "can be enriched", line["problem"]["detail"])
        return
    found = line["enrichment"]
    yield Verdict(source, "can be enriched")
    for expected, holds in rule.sentiment.judge(found["sentiment"]):
        is_so = _in_words(found["sentiment"])
        yield Verdict(source, f"its sentiment {expected}", None if holds else is_so)
    for name, wanted in rule.entities.items():
        yield from _judge_entity(source, name, wanted, _entity(found, name, wanted.type))


def _judge_entity(
    source: str, name: str, wanted: EntityRule, entity: Entity | None
) -> Iterator[Verdict]:
    if wanted.absent:
        is_there = entity and f"{entity['name']}, {entity['type']}, is there"
        yield Verdict(source, f"{name} is absent", is_there)
        return
    if entity is None:
        yield Verdict(source, f"{name} is there", "absent")
        return
    yield Verdict(source, f"{name} is there")
    if wanted.type is not None:
        is_other = None if entity["type"] == wanted.type else entity["type"]
        yield Verdict(source, f"{name} is of type {wanted.type}", is_other)
    for expected, holds in wanted.sentiment.judge(entity["sentiment"]):
        is_so = None if holds else _in_words(entity["sentiment"])
        yield Verdict(source, f"sentiment towards {name} {expected}", is_so)


def _entity(found: Enrichment, name: str, kind: str | None) -> Entity | None:
    """The entity of that name, or else mentioned by it: of that type if there is one, else any."""
    wanted = _folded(name)
    called = [e for e in found["entities"] if _folded(e["name"]) == wanted] or [
        e for e in found["entities"] if any(_folded(m["text"]) == wanted for m in e["mentions"])
    ]
    return next((e for e in called if e["type"] == kind), called[0] if called else None)


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def _in_words(sentiment: Sentiment) -> str:
    return f"{sentiment['score']:+.4f}, {sentiment['label']}"


class _Strict(Schema):
    error_messages = {"unknown": "is not known", "type": "must be a mapping"}  # noqa: RUF012

    class Meta:
        unknown = RAISE


class _SentimentSchema(_Strict):
    label = fields.String(validate=OneOf(list(Polarity), error="must be one of {choices}"))
    above = fields.Float(validate=Range(-1, 1))
    below = fields.Float(validate=Range(-1, 1))

    @pre_load
    def _short(self, data: Any, **_: Any) -> Any:
        """A label alone is the short form."""
        return {"label": data} if isinstance(data, str) else data

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> SentimentRule:
        return SentimentRule(**data)


class _EntitySchema(_Strict):
    absent = fields.Boolean()
    type = fields.String()
    sentiment = fields.Nested(_SentimentSchema)

    @pre_load
    def _short(self, data: Any, **_: Any) -> Any:
        """``present`` and ``absent`` are the short forms."""
        if isinstance(data, str):
            if data not in ("present", "absent"):
                raise ValidationError("must be present, absent, or a mapping")
            return {"absent": data == "absent"}
        return data

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> EntityRule:
        return EntityRule(**data)


class _RuleSchema(_Strict):
    article = fields.String(required=True)
    sentiment = fields.Nested(_SentimentSchema)
    entities = fields.Dict(
        keys=fields.String(error_messages={"invalid": "must be a name; put it in quotes"}),
        values=fields.Nested(_EntitySchema),
    )

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> Rule:
        return Rule(**data)


def read_rules(path: Path) -> list[Rule]:
    """The rules in a file of YAML.

    Raises:
        click.UsageError: the file cannot be read, or something in it makes no sense.
    """
    try:
        found = parse_yaml(path.read_bytes())
    except (OSError, yaml.YAMLError) as error:
        raise click.UsageError(f"{path}: {error}") from None
    if not isinstance(found, list) or not found:
        raise click.UsageError(f"{path}: must be a list of rules")
    try:
        rules: list[Rule] = _RuleSchema(many=True).load(found)
    except ValidationError as error:
        place, message = _first(error.messages)
        raise click.UsageError(f"{path}: {place}: {message}") from None
    return rules


def _first(messages: Any) -> tuple[str, str]:
    """The first message in marshmallow's tree of them, and what it is about."""
    path = []
    while isinstance(messages, dict):
        name, messages = next(iter(messages.items()))
        path.append(f"rule {name + 1}" if type(name) is int else str(name))
    return ", ".join(p for p in path if p not in ("_schema", "value", "key")), messages[0]
