"""Lists of names: ``python -m benchmarks.watchlists --data FOLDER``.

Adds 1,000 names from ``articles/bbc.jsonl`` (Greene & Cunningham 2006) to made-up ones, and writes
the list as CSV. A process of its own reads it, for its memory. Then articles that were drawn at
random are enriched with and without the list in turns, on one core; what counts is processor time.
Last, a plain search looks for each of the 1,000 names between word borders, one at a time: a place
is found if an overlapping mention of an entity has a link to the entry.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from service.app import create_registry
from service.config.models_config import prepare_models_config
from service.config.settings import read_settings
from service.config.watchlist_files import read_watchlists
from service.enrichment.article import Article
from service.enrichment.pipeline import Enricher
from service.enrichment.types import Enrichment
from service.enrichment.watchlists.index import ListSelection
from service.execution import memory

REAL_NAMES = 1_000
ROUNDS = 3
_NAME = re.compile(r"\b[A-Z][\w&'.-]*\w(?: (?:of |the )?[A-Z][\w&'.-]*\w){0,2}")
_SYLLABLES = [c + v for c in "b d f g h k l m n p r s t v w z st tr".split() for v in "aeiou"]
_MIB = 1024**2


@dataclass(frozen=True)
class Memory:
    """What a list adds to a process, in MiB, and the seconds that reading it takes."""

    resident: float
    peak: float
    seconds: float


def main() -> None:
    """Print the figures as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--articles", type=int, default=200)
    parser.add_argument("--measure-memory", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure_memory:
        print(json.dumps(vars(_measure_memory(options.measure_memory))))
        return
    chance = random.Random(1)
    with (options.data / "articles/bbc.jsonl").open(encoding="utf-8") as file:
        articles = [Article(a["text"], a["title"], language="en") for a in map(json.loads, file)]
    forms = {form for article in articles for form in _NAME.findall(article.text)}
    names = chance.sample(sorted(forms), REAL_NAMES)
    sample = chance.sample(articles, options.articles)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "names.csv"
        _write_list(path, names, options.entries, chance)
        command = [sys.executable, "-m", __spec__.name, "--data", str(options.data)]
        command += ["--measure-memory", str(path)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
        added = Memory(**json.loads(done.stdout))
        lists = read_watchlists(path).select()
    if lists is None:
        raise SystemExit("The list is empty.")
    settings = read_settings()
    enricher = create_registry(settings, *prepare_models_config(settings)).get().enricher
    without, with_lists, enriched = _time(enricher, lists, sample)
    searched = [_recall(*pair, names) for pair in zip(sample, enriched, strict=True)]
    places, found = (sum(figures) for figures in zip(*searched, strict=True))
    entities = [entity for enrichment in enriched for entity in enrichment.entities]
    links = [link for entity in entities for link in entity.links or ()]
    hits = sum(len(link.mentions or ()) for link in links)
    print("| | |\n|---|---:|")
    print(f"| entries | {options.entries:,} |")
    print(f"| memory, MiB | {added.resident:.0f} |")
    print(f"| memory while reading the file, MiB | {added.peak:.0f} |")
    print(f"| time to read the file, s | {added.seconds:.1f} |")
    print(f"| articles | {len(sample):,} |")
    print(f"| hits per article | {hits / len(sample):.1f} |")
    print(f"| processor time of an article, ms | {1000 * without / len(sample):.2f} |")
    print(f"| the same with the list, ms | {1000 * with_lists / len(sample):.2f} |")
    print(f"| throughput with the list | {without / with_lists:.1%} |")
    print(f"| places that the plain search finds | {places:,} |")
    print(f"| of these, hits | {found / places:.2%} |")


def _write_list(path: Path, names: Sequence[str], entries: int, chance: random.Random) -> None:
    """Write real names, and made-up ones of two to three words with an alias."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("id", "name", "aliases", "type", "desk"))
        for number in range(entries):
            if number < len(names):
                rows.writerow((number, names[number], "", "", "London"))
            else:
                words = [
                    "".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))).capitalize()
                    for _ in range(chance.randint(2, 3))
                ]
                alias = " ".join([*words, "Group"])
                rows.writerow((number, " ".join(words), alias, "ORGANIZATION", "London"))


def _measure_memory(path: Path) -> Memory:
    before, began = _resident(), time.perf_counter()
    index = read_watchlists(path)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    memory.trim()  # as the server does
    index.select()
    return Memory(_resident() - before, peak - before, seconds)


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / _MIB


def _time(
    enricher: Enricher, lists: ListSelection, articles: Sequence[Article]
) -> tuple[float, float, list[Enrichment]]:
    """Seconds without and with lists, the least of a few rounds for each article."""
    best = {False: [float("inf")] * len(articles), True: [float("inf")] * len(articles)}
    enriched = []
    for round_ in range(ROUNDS):
        for i, article in enumerate(articles):
            for listed in (False, True) if round_ % 2 else (True, False):
                began = time.process_time()
                enrichment = enricher.enrich(article, lists=lists if listed else None)
                best[listed][i] = min(best[listed][i], time.process_time() - began)
                if listed and round_ == 0:
                    enriched.append(enrichment)
    return sum(best[False]), sum(best[True]), enriched


def _recall(article: Article, enrichment: Enrichment, names: Sequence[str]) -> tuple[int, int]:
    """Places that a plain search finds, and those of them that are hits."""
    hits: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for entity in enrichment.entities:
        for link in entity.links or ():
            for mention in (entity.mentions[i] for i in link.mentions or ()):
                place = mention.start, mention.end
                hits.setdefault((mention.section, link.name), []).append(place)
    places = found = 0
    for section, text in (("title", article.title or ""), ("text", article.text)):
        for start, end, name in _plain_search(names, text):
            places += 1
            near = hits.get((section, name), ())
            found += any(first < end and start < last for first, last in near)
    return places, found


def _plain_search(names: Sequence[str], text: str) -> Iterator[tuple[int, int, str]]:
    for name in names:
        if name in text:
            for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text):
                yield *match.span(), name


if __name__ == "__main__":
    main()
