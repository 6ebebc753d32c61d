"""Corpora of any size: SCALE_LINES articles, of the folder SCALE_DATA if it is set."""

import json
import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

LINES = int(os.environ.get("SCALE_LINES", "120"))
DATA = os.environ.get("SCALE_DATA")
DEADLINE = 4 * 3600 if DATA else 300
BROKEN = 97
"""Every so many lines, one is no article."""


def paragraphs() -> Iterator[str]:
    """Texts without end: the paragraphs of the BBC's articles, or made-up ones."""
    if DATA:
        while True:
            with (Path(DATA) / "articles/bbc.jsonl").open(encoding="utf-8") as file:
                for line in file:
                    texts = json.loads(line)["text"].split("\n\n")
                    yield from (text for text in texts if text.strip())
    dice = random.Random(0)
    while True:
        person, city = dice.choice(["Ann Hill", "Bob Ray"]), dice.choice(["Paris", "Lima"])
        yield f"{person} praised the council of {city} on Monday. Nobody was hurt."


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A file of JSON lines."""
    path = tmp_path / "corpus.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number, text in zip(range(LINES), paragraphs(), strict=False):
            article = {"id": f"article-{number}", "text": text, "number": number}
            file.write("nonsense\n" if number % BROKEN == 5 else json.dumps(article) + "\n")
    return path


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, which has to be met some time."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, "in vain"
        time.sleep(0.1)


def check_complete(rows: list[dict]) -> None:
    """Check that every article is there once, enriched or with a problem."""
    intact = [number for number in range(LINES) if number % BROKEN != 5]
    assert len(rows) == LINES
    ids = [row["id"] for row in rows if row["id"] is not None]
    assert sorted(int(name.removeprefix("article-")) for name in ids) == intact
    enriched = [row for row in rows if row["status"] == 200]
    assert all(row["model"]["digest"] and row["problem"] is None for row in enriched)
    assert all(row["problem"]["detail"] for row in rows if row["status"] != 200)
    assert len(enriched) > 0.99 * len(intact), "the BBC has a few lines in other languages"
