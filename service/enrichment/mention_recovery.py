"""Repeats: names that the model tags in most places of an article and misses in another."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence

from service.enrichment.bio import TaggedSpan
from service.enrichment.coreference import PERSON, Name, clean

_DATES = frozenset(
    "January February March April May June July August September October November December Monday "
    "Tuesday Wednesday Thursday Friday Saturday Sunday".split()
)


def untagged_runs(
    words: Sequence[str], spans: Iterable[TaggedSpan], lower: Container[str]
) -> Iterator[tuple[int, int]]:
    """The longest rows of capitalised words that no name is part of or beside.

    Args:
        words: of one sentence.
        spans: the names in it.
        lower: the words that the article also has in lower case: one that begins the sentence is
            capitalised for that alone.
    """
    capital = [any(map(str.isupper, word)) for word in words]
    tagged = [False] * (len(words) + 1)
    for span in spans:
        tagged[span.first : span.last] = [True] * (span.last - span.first)
    first = 0
    for last in range(len(words) + 1):
        if last < len(words) and capital[last] and not tagged[last]:
            continue
        begin = first + (first == 0 and first < last and words[0].lower() in lower)
        if begin < last and not (tagged[last] or (first and tagged[first - 1])):
            yield begin, last
        first = last + 1


def recover_mentions(names: Sequence[Name], runs: Sequence[Name]) -> dict[int, str]:
    """Which ``runs`` are names after all, and of what type.

    A run is one when the very same form is a name elsewhere, always of one type and not MISC; when
    it is a name at least twice, or has two words; and when no more places are untagged than tagged.
    A person's full name bears out its last word, if that is a name by itself, too. Months and days
    are never found this way.

    Args:
        names: what was tagged.
        runs: rows of capitalised words that were not.
    """
    types: dict[str, Counter[str]] = defaultdict(Counter)
    for name in names:
        types[clean(name.text)][name.type] += 1
    for form in [form for form in types if " " in form]:
        if (family := form.rpartition(" ")[2]) in types:
            types[family][PERSON] += types[form][PERSON]
    forms = [clean(run.text) for run in runs]
    untagged = Counter(forms)
    found: dict[int, str] = {}
    for i, form in enumerate(forms):
        kinds = +types.get(form, Counter())
        if len(kinds) == 1 and form not in _DATES:
            ((kind, count),) = kinds.items()
            if kind != "MISC" and count >= untagged[form] and (count > 1 or " " in form):
                found[i] = kind
    return found
