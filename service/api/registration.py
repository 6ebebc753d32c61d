"""Registers the API with a Flask application."""

from __future__ import annotations

from flask import Flask, request
from werkzeug.exceptions import NotFound

from service.api.blueprint import register_operations
from service.api.content_encoding import compress_responses
from service.api.etag import add_etags
from service.api.json_writer import JsonProvider
from service.api.origin import reject_foreign_origins
from service.api.request_hooks import register_request_hooks
from service.api.routes import batch, docs, enrich, health, models
from service.api.security_headers import add_security_headers


def register_api(app: Flask) -> None:
    """Add all routes, hooks and error handlers to ``app``.

    The routes of articles and models need an :class:`~service.api.context.AppContext`;
    ``/openapi.json`` does not.
    """
    app.json = JsonProvider(app)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False  # OPTIONS is 405 like other unknown methods
    app.url_map.merge_slashes = False  # no redirects
    # Flask runs the functions that follow a request in the reverse order of registration: add the
    # entity tag, then compress, then record.
    register_request_hooks(app)
    add_security_headers(app)
    reject_foreign_origins(app)
    app.before_request(_reject_leading_slashes)
    compress_responses(app)
    add_etags(app, "/v1/model", "/openapi.json")
    register_operations(app, enrich.blueprint, batch.blueprint, models.blueprint, health.blueprint)
    app.register_blueprint(docs.blueprint)


def _reject_leading_slashes() -> None:
    """Reject paths such as ``//metrics``; Werkzeug would drop the slashes that a proxy's rules see.

    Raises:
        NotFound: the path begins with more than one slash.
    """
    if request.environ["PATH_INFO"].startswith("//"):
        raise NotFound
