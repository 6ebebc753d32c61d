"""How well gold mentions are grouped: ``python -m benchmarks.grouping --data FOLDER``.

Reads ``entities/gum.jsonl``: 129 documents of nine genres (GUM, Zeldes 2017) with their named
mentions, types, and entities. The mentions go straight into the service's clustering, so that the
figures do not depend on a tagger.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.editorial import Clusters, Grouping, Span
from service.enrichment.coreference.clustering import cluster
from service.enrichment.coreference.compounds import split_compounds
from service.enrichment.coreference.names import Name

_TYPES = {"PER": "PERSON", "ORG": "ORGANIZATION", "LOC": "LOCATION"}


@dataclass(frozen=True)
class Document:
    """A document with gold mentions.

    Attributes:
        genre: the second part of its id.
        text: offsets count its code points.
        mentions: in order of appearance.
        entities: the gold entity of each mention.
    """

    genre: str
    text: str
    mentions: Sequence[Name]
    entities: Clusters


def read_gum(path: Path) -> Iterator[Document]:
    """The documents of ``gum.jsonl``."""
    for line in path.read_text("utf-8").splitlines():
        record = json.loads(line)
        spans = {(m["start"], m["end"]): m for m in record["mentions"]}
        mentions = [
            Name(start, end, record["text"][start:end], _TYPES.get(mention["type"], "MISC"))
            for (start, end), mention in sorted(spans.items())
        ]
        entities = {span: mention["entity"] for span, mention in spans.items()}
        yield Document(record["id"].split("_")[1], record["text"], mentions, entities)


def group(document: Document) -> dict[Span, object]:
    """The service's entity of each gold mention."""
    clusters = cluster(split_compounds(document.mentions), document.text)
    return {(name.start, name.end): i for i, names in enumerate(clusters) for name in names}


def measure_grouping(path: Path) -> list[tuple[str, str, float]]:
    """Rows of (documents, measure, value in per cent): all, then each genre."""
    counts: dict[str, Grouping] = defaultdict(Grouping)
    baseline = Grouping()
    documents: Counter[str] = Counter()
    for document in read_gum(path):
        ours = group(document)
        for name in ("all", document.genre):
            counts[name].add(document.entities, ours)
            documents[name] += 1
        baseline.add(document.entities, {(m.start, m.end): m.text for m in document.mentions})
    rows = []
    for name, grouping in counts.items():
        label = f"GUM, {name}, {documents[name]} documents"
        rows += [
            (label, "pairwise precision", grouping.pairs.precision()),
            (label, "pairwise recall", grouping.pairs.recall()),
            (label, "pairwise F1", grouping.pairs.f1()),
            (label, "B-cubed F1", grouping.b_cubed()),
        ]
        if name == "all":
            rows.append((label, "pairwise F1, baseline: same text", baseline.pairs.f1()))
            rows.append((label, "B-cubed F1, baseline: same text", baseline.b_cubed()))
    return rows


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grouping", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with entities/gum.jsonl")
    path = parser.parse_args().data / "entities/gum.jsonl"
    for documents, measure, value in measure_grouping(path):
        print(f"| {documents} | {measure} | {value:.1f} |")


if __name__ == "__main__":
    main()
