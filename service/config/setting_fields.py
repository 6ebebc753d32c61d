"""The types of settings, and how a setting is declared."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import field
from importlib.util import find_spec
from ipaddress import ip_network
from typing import Any

from marshmallow import ValidationError
from marshmallow import fields as ma
from marshmallow.validate import Range, Regexp

from service.config.validation import LANGUAGE

_HOST = re.compile(r"\.?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*|\[[0-9a-fA-F:.]+\]")
MAX_LIMIT = 10**12
"""Largest value of a limit."""

_ORIGIN = re.compile(r"https?://([a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")
_OTLP_PACKAGE = "opentelemetry.exporter.otlp.proto.http"


REDIS_URL = Regexp(
    r"((rediss?|unix)://\S+)?\Z", error="Must begin with redis://, rediss:// or unix://."
)
"""Validates the address of a Redis, or the empty string."""


def integer(minimum: int, maximum: int) -> ma.Integer:
    """A whole number in a range, ends included."""
    message = f"Must be a whole number from {minimum} to {maximum}."
    return ma.Integer(
        validate=Range(minimum, maximum, error=message), error_messages={"invalid": message}
    )


class LanguageCodes(ma.Field[tuple[str, ...]]):
    """Comma-separated language codes."""

    def _deserialize(self, value: str, *_: Any, **__: Any) -> tuple[str, ...]:
        codes = tuple(value.split(",")) if value else ()
        for code in codes:
            LANGUAGE(code)
        return codes


class Hosts(ma.Field[tuple[str, ...]]):
    """Comma-separated host names, of which a leading dot means all subdomains."""

    def _deserialize(self, value: str, *_: Any, **__: Any) -> tuple[str, ...]:
        hosts = tuple(value.split(",")) if value else ()
        if not all(_HOST.fullmatch(host) for host in hosts):
            raise ValidationError("Must be host names without ports, separated by commas.")
        return hosts


class Networks(ma.Field[tuple[str, ...]]):
    """Comma-separated addresses and networks of IP, or ``*`` for all."""

    def _deserialize(self, value: str, *_: Any, **__: Any) -> tuple[str, ...]:
        if value == "*":
            return ("0.0.0.0/0", "::/0")
        networks = tuple(value.split(",")) if value else ()
        for network in networks:
            try:
                ip_network(network)
            except ValueError:
                raise ValidationError(
                    "Must be addresses or networks, such as 10.0.0.0/8, separated by commas, or *."
                ) from None
        return networks


class Origins(ma.Field[tuple[str, ...]]):
    """Comma-separated origins of web pages."""

    def _deserialize(self, value: str, *_: Any, **__: Any) -> tuple[str, ...]:
        origins = tuple(value.split(",")) if value else ()
        if not all(_ORIGIN.fullmatch(origin) for origin in origins):
            raise ValidationError("Must be origins such as https://news.example, in lower case.")
        return origins


class NamedLimits(ma.Field[tuple[tuple[str, int], ...]]):
    """Limits: ``NAME=NUMBER,NAME=NUMBER``.

    Args:
        names: Names of the limits there are.
    """

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self._names = names

    def _deserialize(self, value: str, *_: Any, **__: Any) -> tuple[tuple[str, int], ...]:
        limits: dict[str, int] = {}
        for pair in value.split(",") if value else ():
            name, _equals, number = pair.partition("=")
            if name not in self._names:
                raise ValidationError(f"'{name}' is not one of: {', '.join(self._names)}.")
            if name in limits:
                raise ValidationError(f"Must not contain {name} twice.")
            limits[name] = integer(1, MAX_LIMIT).deserialize(number)
        return tuple(limits.items())


class LabelMapping(ma.Field[tuple[tuple[str, str], ...]]):
    """Checkpoint labels mapped to entity types or polarities: ``LABEL=VALUE,LABEL=VALUE``.

    Args:
        validate_target: Validator of each text after an ``=``.
    """

    def __init__(self, validate_target: Callable[[str], str]) -> None:
        super().__init__()
        self._validate_target = validate_target

    def _deserialize(self, value: str, *_: Any, **__: Any) -> tuple[tuple[str, str], ...]:
        pairs = [pair.rpartition("=") for pair in value.split(",")] if value else []
        for label, _equals, target in pairs:
            if not label:
                raise ValidationError("Must be LABEL=VALUE pairs, separated by commas.")
            self._validate_target(target)
        if len({label for label, _equals, _target in pairs}) < len(pairs):
            raise ValidationError("Must not contain a label twice.")
        return tuple((label, target) for label, _equals, target in pairs)


def require_otlp_exporter(endpoint: str) -> None:
    """Reject an endpoint for traces if the exporter is not installed."""
    if endpoint and find_spec(f"{_OTLP_PACKAGE}.trace_exporter") is None:
        raise ValidationError("Requires packages that are not installed: pip install '.[otel]'.")


def setting(
    field_type: ma.Field[Any],
    default: Any,
    description: str,
    shown_default: str = "",
    secret: bool = False,
) -> Any:
    """Declare a field of :class:`Settings`.

    Args:
        field_type: Parses and validates the variable.
        default: Value if the variable is not set, or a function that computes it.
        description: Text of the documentation's table.
        shown_default: The default as the table shows it, if not the value itself.
        secret: Whether error messages must not quote the value.
    """
    metadata = {
        "field_type": field_type,
        "description": description,
        "shown_default": shown_default or f"`{default}`",
        "secret": secret,
    }
    if callable(default):
        return field(default_factory=default, metadata=metadata)
    return field(default=default, metadata=metadata)
