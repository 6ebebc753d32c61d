"""Dates and amounts of money: spans and values, ``python -m benchmarks.values --data FOLDER``.

Two sets. The spans of ``ner/worldwide_dev.conll`` (Shan et al. 2023), and the dates and amounts in
the first 1,800 code points of 36 articles of ``articles/bbc.jsonl`` and
``articles/us_news.jsonl.gz``, with their values, in ``annotations/values.jsonl``. The latter were
labelled for this project by a large language model before the rules were tuned, and no human has
checked them; BBC's articles have no day of publication, so that their relative dates are null. One
half (``dev``) was for tuning, the other (``test``) is for reporting.

Worldwide has dates of the calendar ("Tuesday", "2019"), but neither relative ones ("yesterday",
"last week") nor the words around a date ("early 2019"), and as money also the bare names of
currencies. "By its rules" leaves out of ours what it does not label; "all" leaves out nothing.

"Years" are the dates with a year in the first 2,000 articles of ``us_news.jsonl.gz`` that have a
day of publication, at most 350 days from it, read again without the year.

dateparser is given the annotated spans of dates that have a value, and the day of publication.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from service.enrichment.article import Article, fault_in
from service.enrichment.types import Money, Value
from service.enrichment.values.finder import find_values

ANNOTATIONS = Path(__file__).parent / "annotations" / "values.jsonl"
TYPES = ("DATE", "MONEY")
_RELATIVE = re.compile(
    r"(?:.*\bago|\D*(?:day|tomorrow|night|morning|afternoon|evening"
    r"|week|weekend|month|quarter|year|decade|century))\Z",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(r"(?:mon|tues|wednes|thurs|fri|satur|sun)day\Z", re.IGNORECASE)
_BEFORE = re.compile(r"(?:early|mid|late|last|next|this)[-\s]+(?:in\s)?(?:the\s)?", re.IGNORECASE)
_AFTER = re.compile(r",? (?:of )?(?:last|this|next) year\Z")
_NO_SPACE_BEFORE = frozenset(". , ; : ! ? ) ] } % ’ ' ” / n't 's ’s".split())
_NO_SPACE_AFTER = frozenset("( [ { $ “ ‘ £ € ₹ ₡ ₵ / - – ’".split())
_BEFORE_SIGNS = frozenset("US HK NT NZ A C S N R GH".split())
_ARTICLES, _FARTHEST = 2000, 350
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_YEAR = re.compile(r",?\s\d{4}\Z")

Span = tuple[int, int]


@dataclass
class Spans:
    """Counts of spans."""

    both: int = 0
    ours: int = 0
    gold: int = 0

    def add(self, ours: set[Span], gold: set[Span]) -> None:
        """Count the spans of one document."""
        self.both += len(ours & gold)
        self.ours += len(ours)
        self.gold += len(gold)

    def row(self) -> str:
        """Precision, recall and F1 in per cent, as cells of a table."""
        precision, recall = self.both / max(1, self.ours), self.both / max(1, self.gold)
        f1 = 2 * self.both / max(1, self.ours + self.gold)
        return f"{100 * precision:.1f} | {100 * recall:.1f} | {100 * f1:.1f}"


def read_worldwide(path: Path) -> Iterator[tuple[str, dict[str, set[Span]]]]:
    """The text of each document, with usual spaces, and its spans of each of the types."""
    tokens: list[tuple[str, str]] = []
    for line in [*path.read_text("utf-8").splitlines(), "-DOCSTART-"]:
        if not line.startswith("-DOCSTART-"):
            token, _, tag = line.partition("\t")
            tokens.append((token or "\n", tag or "O"))
        elif tokens:
            yield _with_spaces(tokens)
            tokens = []


def _with_spaces(tokens: Sequence[tuple[str, str]]) -> tuple[str, dict[str, set[Span]]]:
    text, before = "", "\n"
    spans: dict[str, list[Span]] = defaultdict(list)
    for token, tag in tokens:
        glued = (
            "\n" in (token, before)
            or token in _NO_SPACE_BEFORE
            or before in _NO_SPACE_AFTER
            or (token in ("-", "–") and before.isalnum())
            or (before in _BEFORE_SIGNS and token in ("$", "₵"))
            or (before in ("R", "N") and token[0].isdigit())
        )
        text += token if glued else f" {token}"
        prefix, _, kind = tag.partition("-")
        if prefix == "B":
            spans[kind].append((len(text) - len(token), len(text)))
        elif prefix == "I" and spans[kind]:
            spans[kind][-1] = (spans[kind][-1][0], len(text))
        before = token
    return text, {kind: set(found) for kind, found in spans.items()}


def by_worldwide_rules(values: Iterable[Value]) -> Iterator[tuple[str, Span]]:
    """Type and span of the values that Worldwide labels, as it cuts them."""
    for value in values:
        start, end = value.start, value.end
        if value.type == "DATE":
            if _RELATIVE.match(value.text) and not _is_of_the_calendar(value.text):
                continue
            if (before := _BEFORE.match(value.text)) and before.end() < len(value.text):
                start += before.end()
            if after := _AFTER.search(value.text):
                end -= len(after[0])
        yield value.type, (start, end)


def _is_of_the_calendar(text: str) -> bool:
    """Whether a date names a weekday or a month, such as "last Monday" or "October last year"."""
    month_of_year = text[0].isupper() and _AFTER.search(text) is not None
    return month_of_year or _WEEKDAY.search(text) is not None


def measure_worldwide(path: Path) -> Mapping[tuple[str, str], Spans]:
    """Counts by type and view."""
    counts: dict[tuple[str, str], Spans] = defaultdict(Spans)
    for text, gold in read_worldwide(path):
        values = find_values(Article(text))
        views: dict[str, list[tuple[str, Span]]] = {
            "by its rules": list(by_worldwide_rules(values)),
            "all": [(value.type, (value.start, value.end)) for value in values],
        }
        for view, found in views.items():
            for kind in TYPES:
                ours = {span for other, span in found if other == kind}
                counts[kind, view].add(ours, gold.get(kind, set()))
    return counts


def read_articles(data: Path) -> dict[tuple[str, str], str]:
    """Collection and id → text."""
    bbc = (data / "articles" / "bbc.jsonl").read_text("utf-8")
    us_news = gzip.decompress((data / "articles" / "us_news.jsonl.gz").read_bytes()).decode()
    return {
        (name, article["id"]): article["text"]
        for name, content in (("bbc", bbc), ("us_news", us_news))
        for article in map(json.loads, content.split("\n")[:-1])
    }


def by_dateparser(text: str, published: date) -> str | None:
    """The value that dateparser gives a date, in our form."""
    from dateparser.date import DateDataParser

    base = datetime.combine(published, time(12))
    settings = {"RELATIVE_BASE": base, "PREFER_DATES_FROM": "past", "PREFER_DAY_OF_MONTH": "first"}
    found: Any = DateDataParser(languages=["en"], settings=settings).get_date_data(text)
    if found.date_obj is None:
        return None
    day: date = found.date_obj.date()
    if found.period == "week":
        monday = day - timedelta(days=day.weekday())
        return f"{monday}/{monday + timedelta(days=6)}"
    digits: int = {"month": 7, "year": 4}.get(found.period, 10)
    return day.isoformat()[:digits]


def measure_annotated(data: Path, part: str) -> list[str]:
    """The rows of a table for one part of our annotations."""
    texts = read_articles(data)
    spans: dict[str, Spans] = defaultdict(Spans)
    right: Counter[tuple[str, str]] = Counter()
    for record in map(json.loads, ANNOTATIONS.read_text("utf-8").splitlines()):
        if record["part"] != part:
            continue
        published = date.fromisoformat(record["published"]) if record["published"] else None
        article = Article(texts[record["collection"], record["id"]], published=published)
        ours = [value for value in find_values(article) if value.end <= record["end"]]
        gold: list[dict[str, Any]] = record["values"]
        for kind in TYPES:
            found = {(v.start, v.end): v for v in ours if v.type == kind}
            true = {(v["start"], v["end"]): v for v in gold if v["type"] == kind}
            spans[kind].add(set(found), set(true))
            for span in found.keys() & true.keys():
                value, wanted = found[span].value, true[span]["value"]
                plain = asdict(value) if isinstance(value, Money) else value
                if wanted is None:
                    right[kind, "null"] += 1
                    right[kind, "null, right"] += plain is None
                else:
                    right[kind, "value"] += 1
                    right[kind, "value, right"] += plain == wanted
        for v in gold:
            if v["type"] == "DATE" and v["value"]:
                theirs = by_dateparser(v["text"], published or date(2005, 1, 1))
                right["DATE", "dateparser"] += theirs == v["value"]
                right["DATE", "dates"] += 1
    return [
        f"| {part} | {kind} | {spans[kind].gold} | {spans[kind].row()} "
        f"| {right[kind, 'value, right']} of {right[kind, 'value']} "
        f"| {right[kind, 'null, right']} of {right[kind, 'null']} "
        f"| {_of(right, kind, 'dateparser', 'dates')} |"
        for kind in TYPES
    ]


def measure_years(data: Path) -> Counter[tuple[str, bool]]:
    """Dates read without their year, by whether they are before publication and right."""
    counts: Counter[tuple[str, bool]] = Counter()
    content = gzip.decompress((data / "articles" / "us_news.jsonl.gz").read_bytes()).decode()
    for article in map(json.loads, content.split("\n")[:_ARTICLES]):
        if not _DAY.fullmatch(article["date"] or "") or fault_in(article["text"]):
            continue
        published, text = date.fromisoformat(article["date"]), article["text"]
        for value in find_values(Article(text, published=published)):
            year = _YEAR.search(value.text)
            if not year or not isinstance(value.value, str) or not _DAY.fullmatch(value.value):
                continue
            distance = (date.fromisoformat(value.value) - published).days
            if abs(distance) <= _FARTHEST:
                cut = text[: value.start + year.start()] + text[value.end :]
                again = find_values(Article(cut[: value.end + 200], published=published))
                found = next((v.value for v in again if v.start == value.start), None)
                side = "after publication" if distance > 0 else "before publication"
                counts[side, found == value.value] += 1
    return counts


def _of(counts: Counter[tuple[str, str]], kind: str, part: str, whole: str) -> str:
    return f"{counts[kind, part]} of {counts[kind, whole]}" if counts[kind, whole] else ""


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.values", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with ner/ and articles/")
    parser.add_argument("--part", choices=("dev", "test"), default="dev")
    arguments = parser.parse_args()
    print("| Worldwide dev | type | spans | precision | recall | F1 |")
    print("|---|---|---:|---:|---:|---:|")
    counts = measure_worldwide(arguments.data / "ner" / "worldwide_dev.conll")
    for (kind, view), measured in sorted(counts.items()):
        print(f"| {view} | {kind} | {measured.gold} | {measured.row()} |")
    print(
        "\n| annotated | type | spans | precision | recall | F1 | right values | right nulls "
        "| dateparser |\n|---|---|---:|---:|---:|---:|---:|---:|---:|"
    )
    print("\n".join(measure_annotated(arguments.data, arguments.part)))
    print("\n| years | dates | right |\n|---|---:|---:|")
    years = measure_years(arguments.data)
    for side in sorted({side for side, _ in years}):
        total = years[side, True] + years[side, False]
        print(f"| {side} | {total} | {years[side, True]} |")


if __name__ == "__main__":
    main()
