"""JSON, read strictly: what two readers might understand differently is an error."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from service.api.problem_types import MALFORMED_JSON
from service.api.problems import Problem


def parse_json(body: bytes) -> Any:
    """The value that ``body`` holds.

    Numbers come as floats whatever they look like: no member of a request is one.

    Raises:
        Problem: the body is not UTF-8 (a byte order mark in front is let pass), not JSON, or JSON
            with duplicate names, NaN, Infinity, or nested too deep to be meant.
    """
    try:
        text = body.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise Problem(
            MALFORMED_JSON,
            f"The body is not UTF-8: byte {error.start} (0x{body[error.start]:02X}) has no meaning "
            "there.",
        ) from None
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_int=float,  # int() refuses thousands of digits with an error of its own
        )
    except json.JSONDecodeError as error:
        raise Problem(
            MALFORMED_JSON, f"{error.msg} at line {error.lineno}, column {error.colno}."
        ) from None
    except RecursionError:
        raise Problem(MALFORMED_JSON, "The JSON is nested too deep.") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            detail = f"The name {json.dumps(name)} appears twice in one object."
            raise Problem(MALFORMED_JSON, detail)
        found[name] = value
    return found


def _constant(name: str) -> NoReturn:
    raise Problem(MALFORMED_JSON, f"{name} is not JSON.")
