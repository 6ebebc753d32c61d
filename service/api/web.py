"""The Flask application that the HTTP layer amounts to, without what it serves with."""

from __future__ import annotations

from flask import Flask

from service.api.blueprint import declare_api
from service.api.content_encoding import pack_responses
from service.api.etag import add_etags
from service.api.request_hooks import register_request_hooks
from service.api.routes import batch, enrich, health
from service.api.routes import docs as documents
from service.api.routes import models as model


def new_web() -> Flask:
    """An application with all routes; it can describe itself, and serves once it has a state."""
    app = Flask("enrichment", static_folder=None)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.compact = True  # type: ignore[attr-defined]
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False  # OPTIONS is a method like any other: 405
    app.url_map.merge_slashes = False  # a path is right or wrong; no redirects
    register_request_hooks(app)
    pack_responses(app)  # what is called later in the setting up is run earlier after a request
    add_etags(app, "/v1/model", "/openapi.json")
    declare_api(app, enrich.blueprint, batch.blueprint, model.blueprint, health.blueprint)
    app.register_blueprint(documents.blueprint)
    return app
