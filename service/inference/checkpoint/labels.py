"""Labels of other people's checkpoints: which type of entity, and which polarity, each means."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from service.inference.model_info import ModelError

POLARITY_NAMES = ("negative", "neutral", "positive")

OUTSIDE = "O"
"""The label, and what is written for the type, of what is no name."""

_TYPES = {
    **dict.fromkeys(("PER", "PERS", "PERSON"), "PERSON"),
    **dict.fromkeys(("ORG", "ORGANIZATION", "ORGANISATION"), "ORGANIZATION"),
    **dict.fromkeys(("LOC", "LOCATION"), "LOCATION"),
}
"""Names of types that the rules about persons, organisations and places know by another."""

_TAG = re.compile(r"([BIESLUM])-(.+)", re.DOTALL)
_BEGINS, _ENDS = frozenset("BSU"), frozenset("ESLU")
_NAMELESS = re.compile(r"LABEL_\d+")
_DEGREE = r"(?:(?:very|extremely|strongly|somewhat|slightly|mostly|moderately|weakly)[ _-]*)?"
_POLARITIES = tuple(
    (re.compile(pattern, re.IGNORECASE), polarity)
    for pattern, polarity in (
        (rf"{_DEGREE}(?:neg|negative)|[12][ _-]*stars?", "negative"),
        (r"neu|neutral|3[ _-]*stars?", "neutral"),
        (rf"{_DEGREE}(?:pos|positive)|[45][ _-]*stars?", "positive"),
    )
)


class Tag(NamedTuple):
    """What a label says of a token.

    ``type`` is that of the name which it is part of, ``None`` outside of names; ``begins`` and
    ``ends`` say whether a name of the same type before it, or after it, is another one.
    """

    type: str | None
    begins: bool = False
    ends: bool = False


def entity_tags(labels: Sequence[str], mapping: Mapping[str, str]) -> list[Tag]:
    """What each label of a token-classification checkpoint says.

    Labels are those of BIO, BIOES (or BILOU, or BMES), or types without more, of which tokens side
    by side are one name. "PER" is ``PERSON``, "ORG" ``ORGANIZATION``, "LOC" ``LOCATION``; other
    types keep their names.

    Args:
        labels: in the order of the checkpoint's output.
        mapping: label, or type in it, → type, or ``"O"``; wins over what would be derived.

    Raises:
        ModelError: nothing can be derived, or ``mapping`` names what there is not.
    """
    tags: list[Tag] = []
    used: set[str] = set()
    for label in labels:
        found = _TAG.fullmatch(label)
        prefix, kind = found.groups() if found else ("I", label)
        known = label if label in mapping else kind
        if known in mapping:
            used.add(known)
            meant = mapping[known]
        elif _NAMELESS.fullmatch(label):
            raise ModelError(
                f"its label {label} does not say what it means: name the type of each, "
                f"NER_LABELS={label}=..., and {OUTSIDE} for what is no name"
            )
        else:
            meant = _TYPES.get(kind.upper(), kind)
        outside = meant == OUTSIDE
        tags.append(Tag(None) if outside else Tag(meant, prefix in _BEGINS, prefix in _ENDS))
    _check_used(mapping, used, labels, "NER_LABELS")
    if all(tag.type for tag in tags):
        raise ModelError(
            f"it has no label {OUTSIDE} for what is no name: it has {_listed(labels)}. "
            f"If one of them means that, say so: NER_LABELS=...={OUTSIDE}"
        )
    if not any(tag.type for tag in tags):
        raise ModelError(f"it has no label for a name: it has {_listed(labels)}")
    return tags


def polarities(labels: Sequence[str], mapping: Mapping[str, str]) -> list[int]:
    """The polarity of each label of a sequence-classification checkpoint.

    Two classes, three or five, of words ("negative", "very positive", "NEU") or stars.

    Args:
        labels: in the order of the checkpoint's output.
        mapping: label → one of :data:`POLARITY_NAMES`; wins over what would be derived.

    Returns:
        Indices into :data:`POLARITY_NAMES`.

    Raises:
        ModelError: nothing can be derived, or ``mapping`` names what there is not.
    """
    wrong = sorted(set(mapping.values()).difference(POLARITY_NAMES))
    if wrong:
        raise ModelError(f"SENTIMENT_LABELS: {wrong[0]!r} is not one of {_listed(POLARITY_NAMES)}")
    _check_used(mapping, set(labels), labels, "SENTIMENT_LABELS")
    found: list[int] = []
    for label in labels:
        meant = mapping.get(label) or next(
            (polarity for pattern, polarity in _POLARITIES if pattern.fullmatch(label.strip())),
            None,
        )
        if meant is None:
            raise ModelError(
                f"its label {label!r} is none of sentiment that is known; it has "
                f"{_listed(labels)}. If they mean sentiment, say so: SENTIMENT_LABELS={label}=..."
            )
        found.append(POLARITY_NAMES.index(meant))
    if not {0, 2} <= set(found):
        raise ModelError(f"its labels have no negative and positive among them: {_listed(labels)}")
    return found


def _check_used(
    mapping: Mapping[str, str], used: set[str], labels: Sequence[str], setting: str
) -> None:
    unused = [name for name in mapping if name not in used]
    if unused:
        raise ModelError(f"{setting}: there is no label {unused[0]!r}; it has {_listed(labels)}")


def _listed(labels: Sequence[str]) -> str:
    shown = ", ".join(labels[:12])
    return f"{shown}, ..." if len(labels) > 12 else shown
