"""All data sets, each with a training part and a dev part."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from tokenizers import Tokenizer

from training.articles import TARGETS_FILE, TONES_FILE, ToneArticle, read_articles
from training.contrasts import contrast_sentences
from training.data import Sentence, held_out
from training.names import EWT_ONE_IN, name_documents
from training.opinions import (
    hold_out,
    read_newsmtsc,
    read_targets,
    sst_sentences,
    target_sentences,
    valence_sentences,
)

FILES = {
    "worldwide": ("ner/worldwide_train.conll", "ner/worldwide_dev.conll"),
    "conll": ("ner/conllpp_train.txt", "ner/conllpp_dev.txt"),
    "ewt": ("ner/uner_ewt_dev.iob2",),
    "tone": (f"sentiment/{TONES_FILE}",),
    "towards": (f"sentiment/{TARGETS_FILE}",),
    "newsmtsc": ("sentiment/newsmtsc_train.jsonl",),
    "targets": ("sentiment/targets.jsonl",),
    "sst": ("sentiment/sst5_train.txt", "sentiment/sst5_dev.txt"),
    "valence": ("sentiment/valence.jsonl",),
    "contrasts": (),
}
"""Key of each labelled set → its files. Each set may be left out."""
_DEV_SHARE = 8
"""One sentence in this many of a set without a dev part is held out."""
_OF_A_TEMPLATE = 12
"""Sentences generated from each template of the contrasts."""


@dataclass
class Corpora:
    """Training and dev parts, by set; a set left out is missing.

    Attributes:
        names, names_dev: documents of sentences with names.
        articles, articles_dev: whole articles with tones and target sentiment.
        loose, loose_dev: single sentences.
        answered: articles with the teachers' predictions as labels.
    """

    names: dict[str, list[list[Sentence]]] = field(default_factory=dict)
    names_dev: dict[str, list[list[Sentence]]] = field(default_factory=dict)
    articles: list[ToneArticle] = field(default_factory=list)
    articles_dev: list[ToneArticle] = field(default_factory=list)
    loose: dict[str, list[Sentence]] = field(default_factory=dict)
    loose_dev: dict[str, list[Sentence]] = field(default_factory=dict)
    answered: list[list[Sentence]] = field(default_factory=list)

    def sizes(self) -> dict[str, int]:
        """The number of documents or sentences in the training part of each set."""
        parts = {**self.names, "tone": self.articles, **self.loose, "answered": self.answered}
        return {key: len(items) for key, items in parts.items()}


def missing_files(data: Path, without: Collection[str] = ()) -> list[str]:
    """The files that are missing in the folder ``data``."""
    wanted = [name for key, names in FILES.items() if key not in without for name in names]
    return [name for name in wanted if not (data / name).exists()]


def load_corpora(tokenizer: Tokenizer, data: Path, without: Collection[str] = ()) -> Corpora:
    """Read every set from the folder ``data``.

    Args:
        tokenizer: of the small model.
        data: folder with ``ner/`` and ``sentiment/``.
        without: keys of :data:`FILES` to leave out.
    """
    corpora = Corpora()
    for key in ("worldwide", "conll"):
        if key not in without:
            train, dev = (name_documents(tokenizer, data / name) for name in FILES[key])
            corpora.names[key], corpora.names_dev[key] = train, dev
    if "ewt" not in without:
        documents = name_documents(tokenizer, data / FILES["ewt"][0])
        dev = [d for d in documents if held_out(d[0].text, EWT_ONE_IN)]
        corpora.names_dev["ewt"] = dev
        corpora.names["ewt"] = [d for d in documents if not held_out(d[0].text, EWT_ONE_IN)]
    if "tone" not in without:
        articles = read_articles(tokenizer, data / "sentiment", "towards" not in without)
        corpora.articles = [article for article in articles if not article.held_out]
        corpora.articles_dev = [article for article in articles if article.held_out]
    if "newsmtsc" not in without:
        parts = hold_out(read_newsmtsc(data / FILES["newsmtsc"][0]))
        train_, dev_ = (target_sentences(tokenizer, part, "newsmtsc") for part in parts)
        corpora.loose["newsmtsc"], corpora.loose_dev["newsmtsc"] = train_, dev_
    if "targets" not in without:
        judged = read_targets(data / FILES["targets"][0])
        _add(corpora, "targets", target_sentences(tokenizer, judged, "targets"))
    if "sst" not in without:
        train_, dev_ = (sst_sentences(tokenizer, data / name) for name in FILES["sst"])
        corpora.loose["sst"], corpora.loose_dev["sst"] = train_, dev_
    if "valence" not in without:
        _add(corpora, "valence", valence_sentences(tokenizer, data / FILES["valence"][0]))
    if "contrasts" not in without:
        corpora.loose["contrasts"] = contrast_sentences(tokenizer, False, _OF_A_TEMPLATE)
        corpora.loose_dev["contrasts"] = contrast_sentences(tokenizer, True, _OF_A_TEMPLATE)
    return corpora


def _add(corpora: Corpora, key: str, sentences: list[Sentence]) -> None:
    corpora.loose[key] = [s for s in sentences if not held_out(s.text, _DEV_SHARE)]
    corpora.loose_dev[key] = [s for s in sentences if held_out(s.text, _DEV_SHARE)]
