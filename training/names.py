"""Readers of data sets with names: CoNLL columns and Universal NER."""

from __future__ import annotations

from pathlib import Path

from tokenizers import Tokenizer

from training.data import NameSpan, Sentence, make_sentence
from training.labels import CONLL, NINE, THREE, TYPES, Scheme

Document = list[tuple[str, list[NameSpan]]]
"""Sentences: each has a text and its names in code points."""
_TYPE_OF = {
    **{kind: kind for kind in TYPES},
    "PER": "PERSON",
    "ORG": "ORGANIZATION",
    "LOC": "LOCATION",
}
_WRITTEN = {"``": '"', "''": '"', "-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]"}
SCHEMES = {
    "worldwide_train.conll": NINE,
    "worldwide_dev.conll": NINE,
    "conllpp_train.txt": CONLL,
    "conllpp_dev.txt": CONLL,
    "uner_ewt_dev.iob2": THREE,
}
"""The scheme of each file."""
EWT_ONE_IN = 4
"""One document in this many of Universal NER is held out for tuning."""


def read_conll(path: Path) -> list[Document]:
    """Read the documents of a CoNLL column file: the token first, its BIO tag last.

    The text of a sentence is its tokens, joined by single spaces. Brackets and quotation marks are
    those of plain text, not of treebanks.
    """
    documents: list[Document] = [[]]
    rows: list[tuple[str, str]] = []
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        columns = line.split()
        if columns and columns[0] != "-DOCSTART-":
            rows.append((_WRITTEN.get(columns[0], columns[0]), columns[-1]))
            continue
        if rows:
            documents[-1].append(_join(rows))
            rows = []
        if columns and documents[-1]:
            documents.append([])
    return [document for document in documents if document]


def _join(rows: list[tuple[str, str]]) -> tuple[str, list[NameSpan]]:
    spans: list[NameSpan] = []
    position = 0
    for token, tag in rows:
        end = position + len(token)
        if tag != "O":
            kind = _TYPE_OF[tag[2:]]
            if tag[0] == "I" and spans and spans[-1][1:] == (position - 1, kind):
                spans[-1] = (spans[-1][0], end, kind)
            else:
                spans.append((position, end, kind))
        position = end + 1
    return " ".join(token for token, _ in rows), spans


def read_uner(path: Path) -> list[Document]:
    """Read the documents of a Universal NER file (PER, ORG, LOC).

    The text of a sentence is that of its ``# text`` line; tokens are located in it one by one.
    """
    documents: list[Document] = []
    text, position = "", 0
    spans: list[NameSpan] = []
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        if line.startswith("# newdoc"):
            documents.append([])
        elif line.startswith("# text = "):
            text, position, spans = line.removeprefix("# text = "), 0, []
        elif line and line[0].isdigit():
            token, tag = line.split("\t")[1:3]
            start = text.index(token, position)
            position = start + len(token)
            if tag[0] == "I" and spans:
                spans[-1] = (spans[-1][0], position, spans[-1][2])
            elif tag[0] == "B" and tag[2:] in _TYPE_OF:
                spans.append((start, position, _TYPE_OF[tag[2:]]))
        elif not line and text:
            documents[-1].append((text, spans))
            text = ""
    return documents


def name_documents(tokenizer: Tokenizer, path: Path) -> list[list[Sentence]]:
    """Read one of the files in :data:`SCHEMES` as documents of labelled sentences."""
    scheme: Scheme = SCHEMES[path.name]
    read = read_uner if path.suffix == ".iob2" else read_conll
    return [
        [make_sentence(tokenizer, text, spans=spans, scheme=scheme) for text, spans in document]
        for document in read(path)
    ]
