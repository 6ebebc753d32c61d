"""How well articles are extracted from web pages, beside trafilatura alone.

``--pages`` is a folder with a set of pages. Two formats are known:

- ``ground-truth.json`` and ``html/NAME.html.gz``, as in scrapinghub/article-extraction-benchmark:
  F1 of the runs of four words, averaged over pages as that benchmark does.
- ``tests/evaldata.json`` and ``tests/{cache,eval}/FILE``, as in adbar/trafilatura: text that must,
  and text that must not be in the result; F1 over all of it. Titles are right where their words
  are those of the set's, whatever their case.

``--half dev`` is for tuning: it leaves the pages of the other half, ``test``, unseen.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from unicodedata import normalize

from tqdm import tqdm
from trafilatura import extract
from trafilatura.metadata import extract_metadata

from service.api.charset import decode_page
from service.enrichment.html_extraction import extract_article

_WORD = re.compile(r"\w+", re.UNICODE)
_GRAM = 4


@dataclass(frozen=True)
class Page:
    """A page of a set.

    Attributes:
        name: of its file.
        body: its bytes.
        text: the whole article, or ``None``.
        present: pieces that the article has.
        absent: pieces of the page that the article does not have.
        title: the headline, or ``None`` where the set has none.
    """

    name: str
    body: bytes
    text: str | None = None
    present: Sequence[str] = ()
    absent: Sequence[str] = ()
    title: str | None = None

    @property
    def half(self) -> str:
        """``dev`` or ``test``, by the hash of the name."""
        return ("dev", "test")[hashlib.sha256(self.name.encode()).digest()[0] % 2]


@dataclass(frozen=True)
class Score:
    """Precision, recall and F1, 0–1, and seconds of the processor for each page."""

    precision: float
    recall: float
    f1: float
    seconds: tuple[float, ...]


def read_pages(folder: Path) -> Iterator[Page]:
    """The pages of a set in one of the known formats.

    Raises:
        SystemExit: the folder has none of them.
    """
    truth, pieces = folder / "ground-truth.json", folder / "tests" / "evaldata.json"
    if truth.exists():
        for name, item in json.loads(truth.read_text("utf-8")).items():
            body = gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes())
            yield Page(name, body, item["articleBody"])
    elif pieces.exists():
        for item in json.loads(pieces.read_text("utf-8")).values():
            paths = [folder / "tests" / kind / item["file"] for kind in ("cache", "eval")]
            path = next((path for path in paths if path.exists()), None)
            if path is not None:
                yield Page(
                    item["file"],
                    path.read_bytes(),
                    present=item.get("with") or (),
                    absent=item.get("without") or (),
                    title=item.get("title"),
                )
    else:
        raise SystemExit(f"{folder} has neither {truth.name} nor tests/{pieces.name}.")


def measure(pages: Sequence[Page], read: Callable[[str], str]) -> Score:
    """Score ``read``, which gives the text of an article for a page of HTML."""
    counts: list[tuple[float, float, float]] = []
    seconds: list[float] = []
    for page in tqdm(pages, leave=False, disable=None):
        text, _ = decode_page(page.body, None)
        began = process_time()
        found = read(text)
        seconds.append(process_time() - began)
        counts.append(_count(page, found))
    if pages[0].text is None:
        precision, recall = _precision_recall(*map(sum, zip(*counts, strict=True)))
    else:
        both = [_precision_recall(*count) for count in counts]
        precision = statistics.mean(p for p, _ in both)
        recall = statistics.mean(r for _, r in both)
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return Score(precision, recall, f1, tuple(seconds))


def title_accuracy(pages: Sequence[Page], read: Callable[[str], str | None]) -> float:
    """Share of right titles, 0–1, of ``read``, which gives the title of a page of HTML."""
    titled = [page for page in pages if page.title]
    right = sum(
        _words(read(decode_page(page.body, None)[0]) or "") == _words(page.title or "")
        for page in tqdm(titled, leave=False, disable=None)
    )
    return right / len(titled)


def _words(text: str) -> list[str]:
    return _WORD.findall(_normalize(text).casefold())


def _count(page: Page, found: str) -> tuple[float, float, float]:
    """True and false positives, and false negatives."""
    if page.text is not None:
        gold, ours = _grams(page.text), _grams(found)
        hits = sum((gold & ours).values())
        total = max(sum(gold.values()) + sum(ours.values()) - hits, 1)
        return (
            hits / total,
            (sum(ours.values()) - hits) / total,
            (sum(gold.values()) - hits) / total,
        )
    text = _normalize(found)
    present = [_normalize(piece) in text for piece in page.present]
    absent = [_normalize(piece) in text for piece in page.absent]
    return sum(present), sum(absent), len(present) - sum(present)


def _normalize(text: str) -> str:
    return " ".join(normalize("NFC", text).replace("\xad", "").split())


def _grams(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    return Counter(
        tuple(words[i : i + _GRAM]) for i in range(max(1, len(words) - _GRAM + 1) if words else 0)
    )


def _precision_recall(hits: float, wrong: float, missed: float) -> tuple[float, float]:
    precision = hits / (hits + wrong) if hits + wrong else float(not missed)
    recall = hits / (hits + missed) if hits + missed else 1.0
    return precision, recall


def _ours(page: str) -> str:
    article = extract_article(page)
    return "\n\n".join(filter(None, (article.title, article.text)))


def _ours_text(page: str) -> str:
    return extract_article(page).text


def _trafilatura(page: str) -> str:
    return extract(page, include_comments=False) or ""


def _trafilatura_title(page: str) -> str | None:
    found = extract_metadata(page)
    return found.title if found else None


def main() -> None:
    """Print a table for each set."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=Path, action="append", required=True, metavar="FOLDER")
    parser.add_argument("--half", choices=("dev", "test"), help="only these pages")
    arguments = parser.parse_args()
    for folder in arguments.pages:
        pages = [page for page in read_pages(folder) if arguments.half in (None, page.half)]
        print(f"\n{folder.name}, {len(pages)} pages\n")
        print("| | precision | recall | F1 | median ms | worst ms | worst page |")
        print("|---|---|---|---|---|---|---|")
        ways = {"service, text": _ours_text, "trafilatura": _trafilatura}
        if pages[0].text is None:
            ways = {"service, title and text": _ours, **ways}
        for name, read in ways.items():
            score = measure(pages, read)
            worst = max(range(len(pages)), key=lambda i: score.seconds[i])
            print(
                f"| {name} | {100 * score.precision:.1f} | {100 * score.recall:.1f} "
                f"| {100 * score.f1:.1f} | {1000 * statistics.median(score.seconds):.0f} "
                f"| {1000 * score.seconds[worst]:.0f} | {pages[worst].name[:40]} |"
            )
        if any(page.title for page in pages):
            titles = {"service": lambda page: extract_article(page).title}
            for name, read_title in {**titles, "trafilatura": _trafilatura_title}.items():
                print(f"\nTitles, {name}: {100 * title_accuracy(pages, read_title):.1f} % right")


if __name__ == "__main__":
    main()
