"""The entity types and polarities that the labels of checkpoints stand for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from service.enrichment.bio import OUTSIDE
from service.enrichment.types import EntityType
from service.inference.errors import ModelError
from service.inference.model_info import POLARITY_NAMES

_TYPES = {
    **dict.fromkeys(("PER", "PERS", "PERSON"), EntityType.PERSON),
    **dict.fromkeys(("ORG", "ORGANIZATION", "ORGANISATION"), EntityType.ORGANIZATION),
    **dict.fromkeys(("LOC", "LOCATION"), EntityType.LOCATION),
}
"""Common spellings of entity types → those that the rules of the enrichment use."""

_TAG = re.compile(r"([BIESLUM])-(.+)", re.DOTALL)
_BEGINS, _ENDS = frozenset("BSU"), frozenset("ESLU")
_NAMELESS = re.compile(r"LABEL_\d+")
_DEGREE = r"(?:(?:very|extremely|strongly|somewhat|slightly|mostly|moderately|weakly)[ _-]*)?"
_POLARITY_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_DEGREE}(?:neg|negative)|[12][ _-]*stars?",
        r"neu|neutral|3[ _-]*stars?",
        rf"{_DEGREE}(?:pos|positive)|[45][ _-]*stars?",
    )
)
"""The labels that stand for each polarity, in the order of ``POLARITY_NAMES``."""


class Tag(NamedTuple):
    """The meaning of a label.

    Attributes:
        type: entity type; ``None`` outside of names.
        begins: whether a name begins with the token.
        ends: whether a name ends with the token.
    """

    type: str | None
    begins: bool = False
    ends: bool = False


def derive_tags(labels: Sequence[str], mapping: Mapping[str, str]) -> list[Tag]:
    """Derive the meaning of each label of a token-classification checkpoint.

    Labels follow BIO, BIOES, BILOU or BMES, or are bare types; adjacent tokens of a bare type form
    one name. "PER" means ``PERSON``, "ORG" ``ORGANIZATION`` and "LOC" ``LOCATION``; other types
    keep their names.

    Args:
        labels: in the order of the checkpoint's output.
        mapping: label, or type within it, → entity type or ``"O"``; overrides derived types.

    Raises:
        ModelError: a type cannot be derived, or ``mapping`` has a label that does not exist.
    """
    tags: list[Tag] = []
    used: set[str] = set()
    for label in labels:
        match = _TAG.fullmatch(label)
        prefix, name = match.groups() if match else ("I", label)
        key = label if label in mapping else name
        if key in mapping:
            used.add(key)
            entity_type = mapping[key]
        elif _NAMELESS.fullmatch(label):
            raise ModelError(
                f"its label {label} names no entity type: give the type of each label, "
                f"NER_LABELS={label}=..., and {OUTSIDE} for tokens outside of names"
            )
        else:
            entity_type = _TYPES.get(name.upper(), name)
        if entity_type == OUTSIDE:
            tags.append(Tag(None))
        else:
            tags.append(Tag(entity_type, prefix in _BEGINS, prefix in _ENDS))
    _reject_unused(mapping, used, labels, "NER_LABELS")
    if all(tag.type for tag in tags):
        raise ModelError(
            f"it has no label {OUTSIDE} for tokens outside of names, only {_list(labels)}. "
            f"If one of these has that meaning, set NER_LABELS=...={OUTSIDE}"
        )
    if not any(tag.type for tag in tags):
        raise ModelError(f"it has no label for names, only {_list(labels)}")
    return tags


def derive_polarities(labels: Sequence[str], mapping: Mapping[str, str]) -> list[int]:
    """Derive the polarity of each label of a sequence-classification checkpoint.

    Labels are two, three or five classes, in words ("negative", "very positive", "NEU") or stars.

    Args:
        labels: in the order of the checkpoint's output.
        mapping: label → one of :data:`~service.inference.model_info.POLARITY_NAMES`; overrides
            derived polarities.

    Returns:
        For each label an index into :data:`~service.inference.model_info.POLARITY_NAMES`.

    Raises:
        ModelError: a polarity cannot be derived, or ``mapping`` has an unknown label or polarity.
    """
    wrong = sorted(set(mapping.values()).difference(POLARITY_NAMES))
    if wrong:
        raise ModelError(f"SENTIMENT_LABELS: {wrong[0]!r} is not one of {_list(POLARITY_NAMES)}")
    _reject_unused(mapping, set(labels), labels, "SENTIMENT_LABELS")
    indices: list[int] = []
    for label in labels:
        name = mapping.get(label)
        index = _derive_polarity(label) if name is None else POLARITY_NAMES.index(name)
        if index is None:
            raise ModelError(
                f"its label {label!r} names no polarity; it has {_list(labels)}. "
                f"If these stand for polarities, set SENTIMENT_LABELS={label}=..."
            )
        indices.append(index)
    if not {0, 2} <= set(indices):
        raise ModelError(f"its labels lack negative or positive: {_list(labels)}")
    return indices


def _derive_polarity(label: str) -> int | None:
    matches = (pattern.fullmatch(label.strip()) for pattern in _POLARITY_PATTERNS)
    return next((index for index, match in enumerate(matches) if match), None)


def _reject_unused(
    mapping: Mapping[str, str], used: set[str], labels: Sequence[str], setting: str
) -> None:
    unused = [name for name in mapping if name not in used]
    if unused:
        raise ModelError(f"{setting}: there is no label {unused[0]!r}; it has {_list(labels)}")


def _list(labels: Sequence[str]) -> str:
    shown = ", ".join(labels[:12])
    return f"{shown}, ..." if len(labels) > 12 else shown
