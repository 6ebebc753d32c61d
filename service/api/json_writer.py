"""Writes JSON without spaces, in a quarter of the time of :func:`json.dumps`.

The two differ only in very small and very large numbers: ``0.00005`` instead of ``5e-05``.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec
from flask import current_app
from flask.json.provider import DefaultJSONProvider
from werkzeug.sansio.response import Response


def write_json(document: object) -> bytes:
    """A document of dictionaries, lists, strings, numbers, booleans and ``None`` as UTF-8.

    Half of a surrogate pair, which a problem may quote from a request, becomes a question mark.
    """
    try:
        return msgspec.json.encode(document)
    except UnicodeEncodeError:
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "replace")


class JsonProvider(DefaultJSONProvider):
    """Makes the responses of an application with :func:`write_json`."""

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """See :class:`flask.json.provider.JSONProvider`."""
        document = self._prepare_response_obj(args, kwargs)
        response: Response = current_app.response_class(
            write_json(document) + b"\n", mimetype=self.mimetype
        )
        return response
