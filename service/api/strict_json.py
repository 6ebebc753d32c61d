"""A strict JSON parser: rejects what two parsers might read differently (RFC 8259, RFC 7493)."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from service.api.problem_types import ProblemType
from service.api.problems import Problem


def parse_json(body: bytes) -> Any:
    """Parse a JSON text in UTF-8, with or without a byte order mark.

    All numbers become floats; no member of a request is a number.

    Raises:
        Problem: the body is not UTF-8 or not JSON, has duplicate names, NaN or Infinity, or is
            nested too deeply.
    """
    try:
        text = body.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        byte = f"byte {error.start} (0x{body[error.start]:02X})"
        detail = f"The JSON is not in UTF-8: {byte} is invalid."
        raise Problem(ProblemType.MALFORMED_JSON, detail) from None
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_reject_constant,
            parse_int=float,  # int() raises an error for thousands of digits
        )
    except json.JSONDecodeError as error:
        if not text.strip():
            raise Problem(ProblemType.MALFORMED_JSON, "The JSON text is empty.") from None
        # A line of a stream has a number of its own.
        line = f"line {error.lineno}, " if "\n" in text.rstrip() else ""
        detail = f"{error.msg} at {line}column {error.colno}."
        raise Problem(ProblemType.MALFORMED_JSON, detail) from None
    except RecursionError:
        raise Problem(ProblemType.MALFORMED_JSON, "The JSON is nested too deeply.") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            detail = f"The name {json.dumps(name)} appears twice in one object."
            raise Problem(ProblemType.MALFORMED_JSON, detail)
        members[name] = value
    return members


def _reject_constant(name: str) -> NoReturn:
    raise Problem(ProblemType.MALFORMED_JSON, f"{name} is not JSON.")
