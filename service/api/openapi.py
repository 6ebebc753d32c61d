"""``python -m service.api.openapi`` prints ``openapi.yaml``."""

from __future__ import annotations

import yaml

from service.api.web import new_web


class _Dumper(yaml.SafeDumper):
    """Writes text of several lines as such."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def openapi_yaml() -> str:
    """The contract as YAML, derived from the schemas."""
    document = new_web().test_client().get("/openapi.json").get_json()
    _Dumper.add_representer(str, _text)
    text: str = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    return text


if __name__ == "__main__":
    print(openapi_yaml(), end="")
