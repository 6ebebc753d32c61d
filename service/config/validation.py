"""YAML that people write, without what is mostly a slip: a key that is given twice."""

from __future__ import annotations

from typing import Any

import yaml


class _UniqueKeys(yaml.SafeLoader):
    """Refuses what YAML itself forbids and PyYAML lets pass."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"'{key}' is given twice", node.start_mark
                )
        return super().construct_mapping(node, deep)


def parse_yaml(text: bytes) -> Any:
    """What ``text`` holds.

    Raises:
        yaml.YAMLError: it is no YAML, or a key is given twice in a mapping.
    """
    return yaml.load(text, _UniqueKeys)  # noqa: S506  a SafeLoader
