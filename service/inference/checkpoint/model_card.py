"""The model card of a checkpoint: the README.md in its folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

CARD = "README.md"
_METADATA = re.compile(r"\A---\s*?\n(.*?)\n---\s*?(?:\n|\Z)", re.DOTALL)
# Paragraphs that begin so are badges, images, tables, lists, code or HTML.
_NOT_PROSE = re.compile(r"[#|<!\[*`>:-]")


@dataclass(frozen=True)
class Card:
    """The content of a model card.

    Attributes:
        licence: the licence, as written; ``""`` if there is none.
        languages: ISO 639-1 codes; empty if there are none.
        pipeline_tag: the task, such as ``token-classification``; ``""`` if there is none.
        description: the first paragraph, on one line; ``""`` if there is none.
    """

    licence: str = ""
    languages: tuple[str, ...] = ()
    pipeline_tag: str = ""
    description: str = ""


def read_card(folder: Path) -> Card:
    """Read the card in ``folder``; a missing or malformed card has empty attributes."""
    try:
        text = (folder / CARD).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return Card()
    match = _METADATA.match(text)
    metadata = _parse_metadata(match[1]) if match else {}
    return Card(
        licence=_string_or_empty(metadata.get("license")),
        languages=_parse_languages(metadata.get("language")),
        pipeline_tag=_string_or_empty(metadata.get("pipeline_tag")),
        description=_first_paragraph(text[match.end() :] if match else text),
    )


def _parse_metadata(text: str) -> dict[str, Any]:
    try:
        # This loader constructs only strings, lists and mappings: the language "no" is not false.
        metadata = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506
    except yaml.YAMLError:
        return {}
    return metadata if isinstance(metadata, dict) else {}


def _string_or_empty(value: object) -> str:
    return value if isinstance(value, str) else ""


def _parse_languages(value: object) -> tuple[str, ...]:
    """Parse ``en``, ``[en, de]`` or ``pt-BR``; skip ``multilingual`` and three-letter codes."""
    entries = value if isinstance(value, list) else [value]
    codes = [re.split("[-_]", _string_or_empty(entry).strip().lower())[0] for entry in entries]
    return tuple(dict.fromkeys(code for code in codes if re.fullmatch("[a-z]{2}", code)))


def _first_paragraph(body: str) -> str:
    for paragraph in re.split(r"\n\s*\n", body):
        line = " ".join(paragraph.split())
        if line and not _NOT_PROSE.match(line):
            return line
    return ""
