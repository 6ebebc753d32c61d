"""What changed between two runs over the same articles."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

import click

from service.cli.engines import Line
from service.cli.terminal import count, printable


@dataclass(frozen=True)
class Change:
    """One thing that is not as it was.

    Attributes:
        source: which article.
        kind: "gained" or "lost" (an entity), "retyped", "flipped" (the sentiment of an entity, or
            of the article where ``entity`` is ``None``), "added", "removed", "fails" or "works"
            (the article).
        entity: its name.
        old, new: type or label before and after.
    """

    source: str
    kind: str
    entity: str | None = None
    old: str | None = None
    new: str | None = None

    def __str__(self) -> str:
        what = printable(self.entity or "the article")
        match self.kind:
            case "gained" | "added":
                return f"+ {what}" + (f" ({self.new})" if self.new else "")
            case "lost" | "removed":
                return f"- {what}" + (f" ({self.old})" if self.old else "")
            case "fails":
                return f"! fails now: {printable(self.new or '')}"
            case "works":
                return f"! works now; before: {printable(self.old or '')}"
            case _:
                return f"~ {what}: {self.old} → {self.new}"


@dataclass(frozen=True)
class Difference:
    """What two runs differ in.

    Attributes:
        articles: of both runs together.
        models: name and version of those of the two runs, if they are different models.
        changes: article by article, in the order of the new run, those removed last.
    """

    articles: int
    models: tuple[str, str] | None
    changes: list[Change]

    def as_json(self) -> str:
        """One JSON object."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)

    def lines(self) -> Iterator[str]:
        """The same for people."""
        if self.models:
            yield f"Model: {self.models[0]} → {self.models[1]}"
        source = None
        for change in self.changes:
            if change.source != source:
                source = change.source
                yield printable(source)
            yield f"  {change}"
        changed = len({change.source for change in self.changes})
        yield f"{changed:,} of {count(self.articles, 'article')} changed."


def compare(old: Path, new: Path) -> Difference:
    """Compare two runs written as NDJSON, article by article, by the source.

    Of the old run, only where each article's line begins is kept in memory.

    Raises:
        click.UsageError: a line is no result.
    """
    changes: list[Change] = []
    articles = 0
    models: tuple[str, str] | None = None
    with old.open("rb") as before, new.open("rb") as after:
        places = {line["source"]: place for place, line in _lines(before, old)}
        left = dict.fromkeys(places)
        for _, line in _lines(after, new):
            articles += 1
            source = line["source"]
            left.pop(source, None)
            if source not in places:
                changes.append(Change(source, "added"))
                continue
            before.seek(places[source])
            earlier: Line = json.loads(before.readline())
            changes += _changes(earlier, line)
            models = models or _other_model(earlier, line)
    changes += [Change(source, "removed") for source in left]
    return Difference(articles + len(left), models, changes)


def _lines(file: BinaryIO, path: Path) -> Iterator[tuple[int, Line]]:
    """Each line and where it begins."""
    place = 0
    for number, raw in enumerate(iter(file.readline, b""), 1):
        try:
            line: Line = json.loads(raw)
            _ = line["source"], line["enrichment"] if "enrichment" in line else line["problem"]
        except (ValueError, KeyError, TypeError):
            raise click.UsageError(f"{path}, line {number}: not a result of enrich.") from None
        yield place, line
        place += len(raw)


def _changes(old: Line, new: Line) -> Iterator[Change]:
    source = new["source"]
    if "problem" in new:
        if "problem" not in old:
            yield Change(source, "fails", new=new["problem"]["detail"])
        return
    if "problem" in old:
        yield Change(source, "works", old=old["problem"]["detail"])
        return
    before, after = old["enrichment"], new["enrichment"]
    if "sentiment" in before and "sentiment" in after:
        labels = before["sentiment"]["label"], after["sentiment"]["label"]
        if labels[0] != labels[1]:
            yield Change(source, "flipped", None, *labels)
    entities = [
        {(entity["name"], entity["type"]): entity for entity in found.get("entities", ())}
        for found in (before, after)
    ]
    gained = {name: kind for name, kind in entities[1] if (name, kind) not in entities[0]}
    for name, kind in entities[0]:
        if (name, kind) in entities[1]:
            labels = (
                entities[0][name, kind]["sentiment"]["label"],
                entities[1][name, kind]["sentiment"]["label"],
            )
            if labels[0] != labels[1]:
                yield Change(source, "flipped", name, *labels)
        elif name in gained:
            yield Change(source, "retyped", name, kind, gained.pop(name))
        else:
            yield Change(source, "lost", name, old=kind)
    for name, kind in gained.items():
        yield Change(source, "gained", name, new=kind)


def _other_model(old: Line, new: Line) -> tuple[str, str] | None:
    if "problem" in old or "problem" in new:
        return None
    models = old["enrichment"]["model"], new["enrichment"]["model"]
    if models[0]["digest"] == models[1]["digest"]:
        return None
    before, after = (f"{m['name']} {m['version']} ({m['digest'][:19]})" for m in models)
    return before, after
