"""``python -m service.api.openapi`` prints ``openapi.yaml``."""

from __future__ import annotations

import yaml
from flask import Flask

from service.api.registration import register_api


class _Dumper(yaml.SafeDumper):
    """Writes strings of several lines as literal blocks."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def openapi_yaml() -> str:
    """The OpenAPI document as YAML, derived from schemas and operations."""
    app = Flask("enrichment", static_folder=None)
    register_api(app)
    document = app.test_client().get("/openapi.json").get_json()
    _Dumper.add_representer(str, _represent_text)
    text: str = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    return text


if __name__ == "__main__":
    print(openapi_yaml(), end="")
