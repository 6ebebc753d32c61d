"""Keys of the names of companies: equal for the spellings of one name, without its legal form."""

from __future__ import annotations

from typing import NamedTuple

from service.enrichment.links.names import name_key

_LEGAL_FORMS = frozenset(
    "ab ag asa bv co company corp corporation gmbh inc incorporated kgaa kk limited llc llp lp ltd "
    "nv oy oyj plc pte sa sarl se spa srl".split()
)
_GROUPS = frozenset({"group", "groupe", "holding", "holdings"})


class CompanyName(NamedTuple):
    """A name without its legal form.

    Attributes:
        key: of the name; ``""`` for a name without letters and digits.
        legal_form: whether it had a legal form such as ``Inc.`` or ``plc``.
    """

    key: str
    legal_form: bool


def read_company_name(name: str) -> CompanyName:
    """Split a name into its key and its legal form.

    ``JP Morgan``, ``J.P. Morgan`` and ``J. P. Morgan`` have the same key, and so have
    ``Marks & Spencer`` and ``Marks and Spencer Group plc``.
    """
    words = _joined(name_key(name).split())
    legal_form = False
    while len(words) > 1 and (words[-1] in _LEGAL_FORMS or words[-1] in _GROUPS):
        legal_form |= words.pop() in _LEGAL_FORMS
        if len(words) > 1 and words[-1] == "and":
            words.pop()
    return CompanyName(" ".join(word for word in words if word != "and"), legal_form)


def _joined(words: list[str]) -> list[str]:
    """The words with runs of single letters as one word."""
    joined: list[str] = []
    run = False
    for word in words:
        single = len(word) == 1
        if single and run:
            joined[-1] += word
        else:
            joined.append(word)
        run = single
    return joined
