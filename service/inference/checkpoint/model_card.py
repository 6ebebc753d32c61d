"""The model card of a checkpoint: the README.md in its folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

CARD = "README.md"
_METADATA = re.compile(r"\A---\s*?\n(.*?)\n---\s*?(?:\n|\Z)", re.DOTALL)
# A badge, a picture, a table, a list, code or HTML is no sentence about the model.
_NO_PROSE = re.compile(r"[#|<!\[*`>:-]")


@dataclass(frozen=True)
class Card:
    """What a model card says.

    Attributes:
        licence: as the card names it; ``""`` if it does not.
        languages: ISO 639-1 codes; empty if it names none.
        pipeline_tag: the task, ``token-classification`` say; ``""`` if it names none.
        description: its first paragraph, on one line; ``""`` if there is none.
    """

    licence: str = ""
    languages: tuple[str, ...] = ()
    pipeline_tag: str = ""
    description: str = ""


def read_card(folder: Path) -> Card:
    """Read the card in ``folder``; one that is missing or malformed says nothing."""
    try:
        text = (folder / CARD).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return Card()
    found = _METADATA.match(text)
    metadata = _metadata(found[1]) if found else {}
    return Card(
        licence=_text(metadata.get("license")),
        languages=_languages(metadata.get("language")),
        pipeline_tag=_text(metadata.get("pipeline_tag")),
        description=_description(text[found.end() :] if found else text),
    )


def _metadata(text: str) -> dict[str, Any]:
    try:
        # Every scalar is a string to this loader, which makes no objects: Norwegian is not false.
        metadata = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506
    except yaml.YAMLError:
        return {}
    return metadata if isinstance(metadata, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _languages(value: object) -> tuple[str, ...]:
    """``en``, ``[en, de]`` or ``pt-BR``; ``multilingual`` and codes of three letters are left."""
    listed = value if isinstance(value, list) else [value]
    codes = [re.split("[-_]", _text(each).strip().lower())[0] for each in listed]
    return tuple(dict.fromkeys(code for code in codes if re.fullmatch("[a-z]{2}", code)))


def _description(body: str) -> str:
    for paragraph in re.split(r"\n\s*\n", body):
        words = " ".join(paragraph.split())
        if words and not _NO_PROSE.match(words):
            return words
    return ""
