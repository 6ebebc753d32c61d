"""Time of each stage of an enrichment: ``python -m benchmarks.cost --data FOLDER``.

Prints two tables: the time of each stage relative to the encoder, over BBC articles; and the time
per word of each stage for texts of 1,000 to 100,000 words, which must not grow with the length.
"""

from __future__ import annotations

import argparse
import json
import platform
from collections import Counter
from pathlib import Path

from tqdm import tqdm

from service.enrichment.article import Article
from service.enrichment.language_detector import TrainedDetector
from service.enrichment.pipeline import Enricher
from service.enrichment.timings import StageTimer
from service.execution import memory
from service.inference.bundle.bundle import load_bundle

LENGTHS = (1_000, 10_000, 100_000)


def read_texts(articles: Path) -> list[str]:
    """Read the texts of a file with one article in JSON per line."""
    return [json.loads(line)["text"] for line in articles.read_text("utf-8").splitlines()]


def measure_stages(enricher: Enricher, texts: list[str]) -> Counter[str]:
    """Return the seconds of each stage, summed over ``texts``."""
    total: Counter[str] = Counter()
    for text in tqdm(texts, "articles"):
        stages = StageTimer()
        enricher.enrich(Article(text, language="en"), stages)
        total.update(stages.seconds)
    return total


def measure_growth(enricher: Enricher, texts: list[str]) -> list[tuple[int, Counter[str]]]:
    """Return, for texts of each length in words, the microseconds per word of each stage."""
    words = [word for text in texts for word in text.split(" ")]
    rows = []
    for length in LENGTHS:
        stages = StageTimer()
        enricher.enrich(Article(" ".join(words[:length]), language="en"), stages)
        rows.append((length, Counter({k: 1e6 * s / length for k, s in stages.seconds.items()})))
    return rows


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cost", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with articles/bbc.jsonl")
    parser.add_argument("--bundle", type=Path, default=Path("models/enrich-en-small"))
    parser.add_argument("--articles", type=int, default=300)
    arguments = parser.parse_args()
    enricher = Enricher(load_bundle(arguments.bundle), TrainedDetector())
    texts = read_texts(arguments.data / "articles/bbc.jsonl")
    measure_stages(enricher, texts[:5])  # warm up
    memory.settle()  # as each worker of a server does
    total = measure_stages(enricher, texts[: arguments.articles])
    print(f"\n{arguments.articles} articles, {platform.machine()}, {platform.system()}\n")
    print("| stage | seconds | relative to the encoder |\n|---|---:|---:|")
    for stage, seconds in total.items():
        print(f"| {stage} | {seconds:.2f} | {100 * seconds / total['encode']:.1f} % |")
    rows = measure_growth(enricher, texts)
    print("\n| µs per word | " + " | ".join(f"{length:,} words" for length, _ in rows) + " |")
    print("|---|" + "---:|" * len(rows))
    for stage in total:
        print(f"| {stage} | " + " | ".join(f"{cost[stage]:.1f}" for _, cost in rows) + " |")


if __name__ == "__main__":
    main()
