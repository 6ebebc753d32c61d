"""Sentences whose words mislead, generated from the templates in ``contrasts.txt``.

The sentiment towards a name differs from the mood of the event (a rescuer, a victim, a speaker,
someone acquitted), or good news contains bad words (falling unemployment, no evidence of fraud,
narrower losses, false rumours, irony).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import regex
from tokenizers import Tokenizer

from training.data import Sentence, Target, make_sentence
from training.labels import CERTAIN, TONES, UNKNOWN

TEMPLATES = Path(__file__).with_suffix(".txt")
_NAMES = {"O": "organization", "C": "club", "L": "place"}
"""The list of the names of each kind but persons."""
_SLOT = regex.compile(r"\{(?P<kind>[POCL])(?P<number>\d)(?P<mark>[-+=]?)\}")
_CHOICE = regex.compile(r"\(([^()|]*(?:\|[^()|]*)+)\)")
_ARTICLE = regex.compile(r"\b([Aa]) (?=[aeiouAEIO])")
_LISTED = regex.compile(r"\[(\w+)\]")
_LABELS = dict(zip("-=+", CERTAIN, strict=True))


@dataclass(frozen=True)
class Template:
    """One line of the file.

    Attributes:
        family: the kind of contrast.
        tone: 1–5, or ``?``.
        text: with choices, lists and slots.
        held_out: whether it is kept for testing.
    """

    family: str
    tone: str
    text: str
    held_out: bool


def read_templates(path: Path = TEMPLATES) -> tuple[list[Template], dict[str, list[str]]]:
    """Read the templates, and the lists that the words in brackets refer to."""
    templates: list[Template] = []
    lists: dict[str, list[str]] = {}
    family, whole = "", False
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line or line[0] == "#":
            continue
        if line[0] == "=":
            name, words = line[2:].split(": ", 1)
            lists[name] = words.split("|")
        elif line[0] == "@":
            family, whole = line[2:].removesuffix(" held out"), line.endswith(" held out")
        else:
            tone, text = line.removeprefix("! ").split(" ", 1)
            templates.append(Template(family, tone, text, whole or line[0] == "!"))
    return templates, lists


def contrast_sentences(
    tokenizer: Tokenizer, held_out: bool, each: int, seed: int = 20261126
) -> list[Sentence]:
    """Generate sentences from the templates.

    Args:
        tokenizer: of the small model.
        held_out: whether to use the templates that are kept for testing, or the others.
        each: number of sentences per template.
        seed: of the random choices.
    """
    templates, lists = read_templates()
    chance = random.Random(f"{seed}/{held_out}")
    return [
        make_sentence(
            tokenizer, text, targets=targets,
            polarity=UNKNOWN if template.tone == "?" else TONES[int(template.tone) - 1],
        )
        for template in templates if template.held_out == held_out
        for text, targets in _filled(template, lists, each, chance)
    ]  # fmt: skip


def _filled(
    template: Template, lists: dict[str, list[str]], each: int, chance: random.Random
) -> Iterator[tuple[str, list[Target]]]:
    for _ in range(each):
        text = template.text
        while match := _CHOICE.search(text):
            text = text[: match.start()] + chance.choice(match[1].split("|")) + text[match.end() :]
        while match := _LISTED.search(text):
            text = text[: match.start()] + chance.choice(lists[match[1]]) + text[match.end() :]
        text = _ARTICLE.sub(r"\1n ", text)
        yield _named(text.replace(" .", ".").replace(" ,", ","), lists, chance)


def _named(
    text: str, lists: dict[str, list[str]], chance: random.Random
) -> tuple[str, list[Target]]:
    names: dict[str, str] = {}
    written, position = "", 0
    targets = []
    for slot in _SLOT.finditer(text):
        written += text[position : slot.start()]
        key = slot["kind"] + slot["number"]
        while key not in names:
            name = _name(slot["kind"], lists, chance)
            if name not in names.values():
                names[key] = name
        name = names[key]
        if not written:
            name = name[0].upper() + name[1:]
        if slot["mark"]:
            # An article is not part of a mention.
            start = len(written) + (4 if name.lower().startswith("the ") else 0)
            label = _LABELS[slot["mark"]]
            targets.append(Target(start, len(written) + len(name), label))
        written += name
        position = slot.end()
    written += text[position:]
    return written[0].upper() + written[1:], targets


def _name(kind: str, lists: dict[str, list[str]], chance: random.Random) -> str:
    if kind in _NAMES:
        return chance.choice(lists[_NAMES[kind]])
    form, last = chance.random(), chance.choice(lists["last"])
    if form < 0.55:
        return f"{chance.choice(lists['first'])} {last}"
    return last if form < 0.8 else f"{chance.choice(lists['title'])} {last}"
