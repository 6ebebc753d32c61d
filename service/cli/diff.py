"""The differences between two runs over the same articles."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

import click

from service.cli.results import Result
from service.cli.terminal import pluralize, printable
from service.client.types import Entity

_LIKENESSES: tuple[Callable[[Entity], tuple[str, ...]], ...] = (
    lambda entity: (entity["name"], entity["type"], entity["sentiment"]["label"]),
    lambda entity: (entity["name"], entity["type"]),
    lambda entity: (entity["name"],),
)
"""What an entity has in common with the same one of another run, the most first."""


@dataclass(frozen=True)
class Change:
    """One difference between the results of an article.

    Attributes:
        source: the article.
        kind: of an entity: "gained", "lost" or "retyped"; of the sentiment towards an entity or,
            if ``entity`` is ``None``, of the article: "flipped"; of the article: "added",
            "removed", "fails" or "works".
        entity: name of the entity; ``None`` if the change is to the article.
        old, new: type, label or error before and after.
    """

    source: str
    kind: str
    entity: str | None = None
    old: str | None = None
    new: str | None = None

    def __str__(self) -> str:
        subject = printable(self.entity or "the article")
        match self.kind:
            case "gained" | "added":
                return f"+ {subject}" + (f" ({self.new})" if self.new else "")
            case "lost" | "removed":
                return f"- {subject}" + (f" ({self.old})" if self.old else "")
            case "fails":
                return f"! fails now: {printable(self.new or '')}"
            case "works":
                return f"! works now; before: {printable(self.old or '')}"
            case _:
                return f"~ {subject}: {self.old} → {self.new}"


@dataclass(frozen=True)
class Difference:
    """The differences between two runs.

    Attributes:
        articles: number of distinct articles in both runs.
        models: name and version of the old and the new model; ``None`` if they are the same.
        changes: in the order of the new run; removed articles come last.
    """

    articles: int
    models: tuple[str, str] | None
    changes: list[Change]

    def as_json(self) -> str:
        """One JSON object."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)

    def lines(self) -> Iterator[str]:
        """Lines of text."""
        if self.models:
            yield f"Model: {self.models[0]} → {self.models[1]}"
        source = None
        for change in self.changes:
            if change.source != source:
                source = change.source
                yield printable(source)
            yield f"  {change}"
        changed = len({change.source for change in self.changes})
        yield f"{changed:,} of {pluralize(self.articles, 'article')} changed."


def compare(old: Path, new: Path) -> Difference:
    """Compare two runs written as NDJSON, matching articles by their source.

    Memory holds only the offset of each line of the old run.

    Raises:
        click.UsageError: a line is not a result.
    """
    changes: list[Change] = []
    articles = 0
    models: tuple[str, str] | None = None
    with old.open("rb") as old_file, new.open("rb") as new_file:
        offsets = {result["source"]: offset for offset, result in _results(old_file, old)}
        unmatched = dict.fromkeys(offsets)
        for _, after in _results(new_file, new):
            articles += 1
            source = after["source"]
            unmatched.pop(source, None)
            if source not in offsets:
                changes.append(Change(source, "added"))
                continue
            old_file.seek(offsets[source])
            before: Result = json.loads(old_file.readline())
            changes += _article_changes(before, after)
            models = models or _changed_models(before, after)
    changes += [Change(source, "removed") for source in unmatched]
    return Difference(articles + len(unmatched), models, changes)


def _results(file: BinaryIO, path: Path) -> Iterator[tuple[int, Result]]:
    """Each result with the offset of its line."""
    offset = 0
    for number, line in enumerate(iter(file.readline, b""), 1):
        try:
            result: Result = json.loads(line)
            _ = result["source"]
            _ = result["enrichment"] if "enrichment" in result else result["problem"]
        except (ValueError, KeyError, TypeError):
            raise click.UsageError(f"{path}, line {number}: not a result of enrich.") from None
        yield offset, result
        offset += len(line)


def _article_changes(old: Result, new: Result) -> Iterator[Change]:
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
    yield from _entity_changes(source, before.get("entities", ()), after.get("entities", ()))


def _entity_changes(
    source: str, before: Sequence[Entity], after: Sequence[Entity]
) -> Iterator[Change]:
    """The changes of entities. Several may share a name: those that are most alike are the same."""
    same: dict[int, Entity] = {}
    rest = list(after)
    for likeness in _LIKENESSES:
        free: dict[tuple[str, ...], deque[Entity]] = defaultdict(deque)
        for entity in rest:
            free[likeness(entity)].append(entity)
        for i, entity in enumerate(before):
            if i not in same and (alike := free[likeness(entity)]):
                same[i] = alike.popleft()
        rest = [entity for alike in free.values() for entity in alike]
    for i, entity in enumerate(before):
        name, type_, label = entity["name"], entity["type"], entity["sentiment"]["label"]
        if (now := same.get(i)) is None:
            yield Change(source, "lost", name, old=type_)
        elif now["type"] != type_:
            yield Change(source, "retyped", name, type_, now["type"])
        elif now["sentiment"]["label"] != label:
            yield Change(source, "flipped", name, label, now["sentiment"]["label"])
    for entity in rest:
        yield Change(source, "gained", entity["name"], new=entity["type"])


def _changed_models(old: Result, new: Result) -> tuple[str, str] | None:
    if "problem" in old or "problem" in new:
        return None
    models = old["enrichment"]["model"], new["enrichment"]["model"]
    if models[0]["digest"] == models[1]["digest"]:
        return None
    before, after = (f"{m['name']} {m['version']} ({m['digest'][:19]})" for m in models)
    return before, after
