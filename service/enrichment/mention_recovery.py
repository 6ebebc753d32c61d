"""Mention recovery: names that the model tags in most places of an article and misses in others."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace

from service.enrichment.bio import TaggedSpan
from service.enrichment.coreference.names import Name, NameT, clean
from service.enrichment.types import EntityType
from service.enrichment.words import WordRange

_DATES = frozenset(
    "January February March April May June July August September October November December Monday "
    "Tuesday Wednesday Thursday Friday Saturday Sunday".split()
)


def untagged_runs(
    words: Sequence[str], spans: Iterable[TaggedSpan], lowercase_words: Container[str]
) -> Iterator[WordRange]:
    """The longest runs of capitalised words that neither overlap nor adjoin a tagged name.

    Args:
        words: of one sentence.
        spans: the names in it.
        lowercase_words: the words that the article also has in lower case. One of them at the
            beginning of the sentence owes its capital to its position and belongs to no run.
    """
    capitalised = [any(map(str.isupper, word)) for word in words]
    tagged = [False] * (len(words) + 1)
    for span in spans:
        tagged[span.first : span.last] = [True] * (span.last - span.first)
    first = 0
    for last in range(len(words) + 1):
        if last < len(words) and capitalised[last] and not tagged[last]:
            continue
        skips_first = first == 0 and first < last and words[0].lower() in lowercase_words
        begin = first + skips_first
        if begin < last and not (tagged[last] or (first and tagged[first - 1])):
            yield begin, last
        first = last + 1


def recover_mentions(names: Iterable[Name], runs: Sequence[NameT]) -> list[NameT]:
    """The untagged runs that are names, with their types.

    A run is a name if its exact form is tagged elsewhere, always with one type other than MISC; if
    the form is tagged twice or has two words; and if it is tagged at least as often as untagged.
    The mentions of a person's full name count for its last word as well, where that is also tagged
    by itself. Months and days of the week are never names.

    Args:
        names: the tagged mentions.
        runs: the untagged runs of the article, of any type.

    Returns:
        Those of ``runs`` that are names, in the same order, with the type of the tagged mentions.
    """
    types: dict[str, Counter[str]] = defaultdict(Counter)
    for name in names:
        types[clean(name.text)][name.type] += 1
    for form in [form for form in types if " " in form]:
        if (family := form.rpartition(" ")[2]) in types:
            types[family][EntityType.PERSON] += types[form][EntityType.PERSON]
    forms = [clean(run.text) for run in runs]
    untagged = Counter(forms)
    recovered = []
    for form, run in zip(forms, runs, strict=True):
        counts = +types.get(form, Counter())
        if len(counts) == 1 and form not in _DATES:
            ((type_, count),) = counts.items()
            enough = count >= untagged[form] and (count > 1 or " " in form)
            if enough and type_ != EntityType.MISC:
                recovered.append(replace(run, type=type_))
    return recovered
