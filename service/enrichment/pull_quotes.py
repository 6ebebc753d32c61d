"""Pull quotes: quotations whose speaker follows a dash, as in “We won.” — Ann Lee, Acme."""

from __future__ import annotations

import regex

from service.enrichment.mention_index import MentionIndex
from service.enrichment.types import EntityType

# A dash after the quotation, in its line or at the beginning of the next one with text.
_DASH = regex.compile(r"[ \t]*(?:\R\s*)?(?:\p{Pd}|--|―|~)+[ \t]*(?=\p{L})")
# In a sentence that goes on, a dash sets a clause off: “We won” – Ann Lee had hoped so.
_AFTER_NAME = regex.compile(r"[ \t.]*(?:\Z|\R|[,(|/\[–—-]|(?:of|from|at)\b)")
_REACH = 8
"""Words after the quotation in which the name begins: a role or a title may come first."""


def speakers_after_dashes(index: MentionIndex) -> dict[int, int]:
    """The speakers of pull quotes, each of which begins a line.

    Returns:
        Index of a quotation → person, or else organisation, named right after its dash.
    """
    found: dict[int, int] = {}
    source, spans = index.segmentation.source, index.segmentation.words
    for i, (first, last) in enumerate(index.quoted):
        if first == last or last >= len(spans):
            continue
        dash = _DASH.match(source, spans[last - 1][1])
        if not dash or (first and "\n" not in source[spans[first - 1][1] : spans[first][0]]):
            continue
        following = index.quoted[i + 1][0] if i + 1 < len(index.quoted) else len(spans)
        mentions = [
            mention
            for mention in index.mentions(last, min(following, last + _REACH))
            if "\n" not in source[dash.end() : spans[mention.first][0]]
        ]
        name = next((m for m in mentions if m.type == EntityType.PERSON), None)
        if name is None and mentions and mentions[0].type == EntityType.ORGANIZATION:
            name = mentions[0]
        if name is None or index.is_possessor(name):
            continue
        if _AFTER_NAME.match(source, spans[name.last - 1][1]):
            found[i] = name.entity
    return found
