"""Speed of the service beside limits and peers: ``python -m benchmarks.speed --data FOLDER``.

- ``throughput``: articles and words per second under a closed load, CPU time, memory, startup time.
- ``latency``: latency percentiles at several offered loads, and goodput beyond capacity.
- ``length``: time per word for texts of 100 to 100,000 words.
- ``single``: one article at a time, compared with the encoder alone, and the time of each stage.

Prints tables. With ``--out``, also writes tables, plots and all figures there and keeps those of
sections measured before. Caching is off. Requires Linux and the packages in
benchmarks/requirements.txt, which ``make bench`` installs; ``make peers`` installs the peers.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.cost import read_texts
from benchmarks.peers import PEERS
from benchmarks.server import machine
from benchmarks.speed.measure import SECTIONS, Setup
from benchmarks.speed.plots import plot
from benchmarks.speed.report import Results, report

FRACTIONS = (0.2, 0.5, 0.8, 0.95)
LENGTHS = (100, 300, 1_000, 3_000, 10_000, 100_000)

_FIGURES = "speed.json"


def _parse_names(known: Iterable[str]) -> Callable[[str], list[str]]:
    def parse(value: str) -> list[str]:
        names = [name for name in value.split(",") if name]
        if unknown := [name for name in names if name not in known]:
            raise argparse.ArgumentTypeError(f"{unknown[0]!r} is not one of {', '.join(known)}")
        return names

    return parse


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.speed",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with articles/bbc.jsonl")
    parser.add_argument("--out", type=Path, help="folder for tables, figures and plots")
    parser.add_argument(
        "--only", type=_parse_names(SECTIONS), default=list(SECTIONS), metavar="A,B"
    )
    parser.add_argument("--peers", type=_parse_names(PEERS), default=list(PEERS), metavar="A,B")
    parser.add_argument("--articles", type=int, default=300, help="sampled with a fixed seed")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8, help="duration of each closed load")
    parser.add_argument(
        "--limit", type=float, default=5, help="latency limit of goodput in seconds"
    )
    parser.add_argument("--quick", action="store_true", help="short run to check that it works")
    options = parser.parse_args()
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(143)
    )  # raises SystemExit, so that servers are stopped

    texts = read_texts(options.data / "articles/bbc.jsonl")
    setup = Setup(
        texts=random.Random(0).sample(texts, 60 if options.quick else options.articles),
        words=[word for text in texts for word in text.split(" ")],
        peers=options.peers,
        rounds=1 if options.quick else options.rounds,
        seconds=2 if options.quick else options.seconds,
        limit=2 if options.quick else options.limit,
        fractions=(0.5, 0.8) if options.quick else FRACTIONS,
        lengths=(100, 1_000, 10_000) if options.quick else LENGTHS,
    )
    results: Results = {}
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        if (figures := options.out / _FIGURES).exists():
            results = json.loads(figures.read_text("utf-8"))
    workload = (
        f"{machine()}; {len(setup.texts):,} BBC articles of {setup.mean:.0f} words on average,"
        f" {setup.rounds} rounds, {setup.seconds:g} s each"
    )
    for name in options.only:
        results[name] = {"workload": workload, **SECTIONS[name](setup)}
        if options.out:
            figures.write_text(json.dumps(results, indent=1), "utf-8")
    print(report(results))
    if options.out:
        (options.out / "speed.md").write_text(report(results) + "\n", "utf-8")
        plot(results, options.out)


if __name__ == "__main__":
    main()
