"""Speed of the service beside limits and peers: ``python -m benchmarks.speed --data FOLDER``.

In every round, all contenders take a turn: the encoder alone, this service, this service with other
settings (``--settings``) and as it was (``--before``), and the peers. Prints Markdown: the goals,
and the figures of all contenders. With ``--out``, also writes them there after each round, together
with all figures as JSON. Caching is off. Requires Linux and the packages in
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
from benchmarks.peers import OURS, PEERS, Peer, before, configured
from benchmarks.server import machine
from benchmarks.speed.figures import OVERLOAD, TAIL, Results
from benchmarks.speed.measure import measure, report_progress
from benchmarks.speed.report import report
from benchmarks.speed.setup import PARTS, Setup

LENGTHS = (100, 300, 1_000, 3_000, 10_000, 100_000)


def _parse_names(known: Iterable[str]) -> Callable[[str], list[str]]:
    def parse(value: str) -> list[str]:
        names = [name for name in value.split(",") if name]
        if unknown := [name for name in names if name not in known]:
            raise argparse.ArgumentTypeError(f"{unknown[0]!r} is not one of {', '.join(known)}")
        return names

    return parse


def _parse_settings(value: str) -> Peer:
    return configured(dict(setting.split("=", 1) for setting in value.split(",")))


def _parse_loads(value: str) -> list[float]:
    return [float(fraction) for fraction in value.split(",")]


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.speed",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with articles/bbc.jsonl")
    parser.add_argument("--out", type=Path, help="folder for tables and figures")
    parser.add_argument("--before", type=Path, help="checkout of a past commit, with its .venv")
    peers = ("before", *PEERS)
    parser.add_argument("--peers", type=_parse_names(peers), default=peers, metavar="A,B")
    parser.add_argument(
        "--settings",
        type=_parse_settings,
        action="append",
        default=[],
        metavar="A=1,B=2",
        help="measure this service with these settings, too; may be repeated",
    )
    parser.add_argument(
        "--parts",
        type=_parse_names(PARTS),
        default=list(PARTS),
        metavar="A,B",
        help="; ".join(f"{name}: {description}" for name, description in PARTS.items()),
    )
    parser.add_argument(
        "--loads",
        type=_parse_loads,
        default=[TAIL, *OVERLOAD],
        metavar="A,B",
        help="of the part open, as fractions of the capacity",
    )
    parser.add_argument("--articles", type=int, default=300, help="sampled with a fixed seed")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=6, help="duration of each closed load")
    parser.add_argument(
        "--limit", type=float, default=5, help="latency limit of goodput in seconds"
    )
    parser.add_argument("--quick", action="store_true", help="short run to check that it works")
    options = parser.parse_args()
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(143)
    )  # raises SystemExit, so that servers are stopped

    contenders = {"ours": OURS}
    contenders |= {peer.title: peer for peer in options.settings}
    if options.before and "before" in options.peers:
        contenders["before"] = before(options.before.resolve())
    contenders |= {name: peer for name, peer in PEERS.items() if name in options.peers}
    texts = read_texts(options.data / "articles/bbc.jsonl")
    setup = Setup(
        texts=random.Random(0).sample(texts, 60 if options.quick else options.articles),
        words=[word for text in texts for word in text.split(" ")],
        contenders=contenders,
        parts=options.parts,
        rounds=1 if options.quick else options.rounds,
        seconds=2 if options.quick else options.seconds,
        limit=2 if options.quick else options.limit,
        fractions=options.loads,
        lengths=(100, 1_000, 10_000) if options.quick else LENGTHS,
    )
    workload = (
        f"{machine()}; {len(setup.texts):,} BBC articles of {setup.mean:.0f} words on average,"
        f" {setup.rounds} rounds, closed loads of {setup.seconds:g} s"
    )
    report_progress(f"about {setup.estimate() / 60:.0f} minutes: {workload}")
    results: Results = {}
    for measured in measure(setup):
        results = {"workload": workload, **measured}
        if options.out:
            options.out.mkdir(parents=True, exist_ok=True)
            (options.out / "speed.json").write_text(json.dumps(results, indent=1), "utf-8")
            (options.out / "speed.md").write_text(report(results) + "\n", "utf-8")
    print(report(results))


if __name__ == "__main__":
    main()
