"""Score a checkpoint or a bundle on the dev parts: ``python -m training.evaluate``."""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.enrichment.bio import decode_tags
from service.enrichment.document_tone import LABELS, DocumentHead, document_figures
from service.enrichment.sentiment import document_sentiment
from service.inference.bundle.bundle import load_bundle
from training.articles import ToneArticle
from training.batches import Window
from training.checkpoints import load_network
from training.corpora import FILES, Corpora, load_corpora
from training.data import NameSpan, load_tokenizer, pack
from training.documents import LABEL_OF_TONE
from training.encoders import small_encoder
from training.labels import FOLDED, POLARITIES, POLARITY_OF_RATING, TYPES
from training.model import best_device
from training.readers import Reader, WindowReading, bundle_reader, network_reader
from training.regression import fit_head
from training.scores import macro_f1


@dataclass
class Names:
    """Counts of names by type: correct, predicted (``found``) and gold (``wanted``) ones."""

    right: Counter[str]
    found: Counter[str]
    wanted: Counter[str]

    def f1(self, kind: str | None = None) -> float:
        """Micro-F1 of one type or of all, in per cent."""
        right, found, wanted = (
            counts[kind] if kind else counts.total()
            for counts in (self.right, self.found, self.wanted)
        )
        return 200 * right / max(1, found + wanted)

    def precision(self, kind: str) -> float:
        """Precision of one type, in per cent."""
        return 100 * self.right[kind] / max(1, self.found[kind])


def score_names(
    windows: Sequence[Window], readings: Sequence[WindowReading], types: dict[str, str]
) -> Names:
    """Count names whose span and type match exactly.

    Args:
        windows: labelled.
        readings: of the windows.
        types: type → the type that it counts as. Names of other types do not count.
    """
    names = Names(Counter(), Counter(), Counter())

    def of(spans: Iterable[NameSpan]) -> set[NameSpan]:
        return {(first, last, types[kind]) for first, last, kind in spans if kind in types}

    for window, reading in zip(windows, readings, strict=True):
        begin = 0
        for sentence in window:
            words = len(sentence.tags)
            decoded = decode_tags(reading.tags[begin : begin + words], reading.labels)
            begin += words
            found, wanted = of(span[:3] for span in decoded), of(sentence.names or ())
            for counts, spans in (
                (names.right, found & wanted), (names.found, found), (names.wanted, wanted),
            ):  # fmt: skip
                counts.update(kind for *_, kind in spans)
    return names


class Judged(NamedTuple):
    """Polarities of places: gold ones, and probabilities of shape ``(places, polarities)``."""

    gold: list[int]
    probabilities: NDArray[np.float32]

    def macro_f1(self) -> float:
        """Macro-F1 in per cent."""
        return 100 * macro_f1(self.gold, self.probabilities.argmax(1).tolist())

    def called_otherwise(self) -> float:
        """Share of the neutral places with another prediction, in per cent."""
        neutral = np.asarray(self.gold) == POLARITIES.index("neutral")
        return 100 * float(np.mean(self.probabilities[neutral].argmax(1) != 1))


@dataclass
class ArticleReading:
    """Predictions for an article: its sentences that fit into a window, and their targets.

    Attributes:
        tones: probabilities, shape ``(sentences, 3)``; neutral for a sentence that was not read.
        gold: tone 1–5 of each sentence; 0 for a sentence that was not read.
        targets: sentiment towards its mentions.
    """

    tones: NDArray[np.float32]
    gold: NDArray[np.int64]
    targets: Judged


def read_articles(
    read: Reader, articles: Sequence[ToneArticle], pieces: int
) -> Iterator[ArticleReading]:
    """Read whole articles in windows as they are served, title first."""
    chance = random.Random(0)
    windows = [list(pack(a.sentences, pieces, chance, short=0.0)) for a in articles]
    readings = iter(read([window for own in windows for window in own]))
    for article, own in zip(articles, windows, strict=True):
        tones = np.tile(np.float32([0, 1, 0]), (len(article.sentences), 1))
        gold = np.zeros(len(tones), np.int64)
        places = {id(sentence): i for i, sentence in enumerate(article.sentences)}
        targets, towards = [], []
        for window in own:
            reading = next(readings)
            rows = [places[id(sentence)] for sentence in window]
            tones[rows] = reading.sentences
            gold[rows] = [article.tones[row] for row in rows]
            targets += [int(np.argmax(t.polarity)) for s in window for t in s.targets]
            towards.append(reading.targets)
        probabilities = np.concatenate([np.empty((0, 3), np.float32), *towards])
        yield ArticleReading(tones, gold, Judged(targets, probabilities))


def dev_scores(read: Reader, corpora: Corpora, pieces: int) -> dict[str, float]:
    """All scores on the dev parts, in per cent."""
    chance = random.Random(0)
    scores: dict[str, float] = {}
    for key, documents in corpora.names_dev.items():
        windows = [w for document in documents for w in pack(document, pieces, chance, short=0.0)]
        found = read(windows)
        folded = {k: v for k, v in FOLDED.items() if key != "ewt" or v != "MISC"}
        scores[f"{key}_f1"] = score_names(windows, found, folded).f1()
        if key == "worldwide":
            names = score_names(windows, found, {kind: kind for kind in TYPES})
            scores |= {f"{key}_{kind}": names.f1(kind) for kind in TYPES}
            for kind in ("FACILITY", "PRODUCT"):
                scores[f"{key}_{kind}_precision"] = names.precision(kind)
    readings = list(read_articles(read, corpora.articles_dev, pieces))
    for source in sorted({article.source for article in corpora.articles_dev}):
        own = [r for a, r in zip(corpora.articles_dev, readings, strict=True) if a.source == source]
        scores |= {f"tone_{source}_{k}": v for k, v in tone_scores(own).items()}
    if readings:
        scores |= {f"tone_{k}": v for k, v in tone_scores(readings).items()}
        scores |= document_scores(corpora.articles_dev, readings)
        towards = _joined([reading.targets for reading in readings])
        if towards.gold:
            scores["towards_f1"] = towards.macro_f1()
            scores["towards_neutral_missed"] = towards.called_otherwise()
    for key, sentences in corpora.loose_dev.items():
        windows = [[s] for s in sentences if 0 < len(s.pieces.ids) <= pieces]
        found = read(windows)
        if any(s.targets for s in sentences):
            judged = Judged(
                [int(np.argmax(t.polarity)) for (s,) in windows for t in s.targets],
                np.concatenate([reading.targets for reading in found]),
            )
            scores[f"{key}_towards_f1"] = judged.macro_f1()
        whole = [
            (s, r.sentences[0]) for (s,), r in zip(windows, found, strict=True) if any(s.polarity)
        ]
        if whole:
            judged = Judged(
                [int(np.argmax(s.polarity)) for s, _ in whole], np.stack([row for _, row in whole])
            )
            scores[f"{key}_f1"] = judged.macro_f1()
    return {name: round(score, 2) for name, score in scores.items()}


def _joined(parts: Sequence[Judged]) -> Judged:
    return Judged(
        [label for part in parts for label in part.gold],
        np.concatenate([part.probabilities for part in parts]),
    )


def tone_scores(readings: Sequence[ArticleReading]) -> dict[str, float]:
    """Macro-F1 of the sentences, and the share of clearly negative ones predicted as positive."""
    gold = np.concatenate([reading.gold for reading in readings])
    tones = np.concatenate([reading.tones for reading in readings])[gold > 0]
    gold = gold[gold > 0]
    polarities = [POLARITY_OF_RATING[tone - 1] for tone in gold.tolist()]
    predicted = tones.argmax(1)
    return {
        "f1": 100 * macro_f1(polarities, predicted.tolist()),
        "strong_missed": 100 * float(np.mean(predicted[gold == 1] == POLARITIES.index("positive"))),
    }


def document_rows(
    articles: Sequence[ToneArticle], readings: Sequence[ArticleReading]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Figures of the articles, shape ``(articles, figures)``, and indices of their labels."""
    rows = [
        document_figures(reading.tones, _lengths(article), article.titled)
        for article, reading in zip(articles, readings, strict=True)
    ]
    return np.stack(rows), np.asarray([LABEL_OF_TONE[article.document] for article in articles])


def document_scores(
    articles: Sequence[ToneArticle], readings: Sequence[ArticleReading]
) -> dict[str, float]:
    """Accuracy of the labels of articles, cross-validated: ten heads, each judged on a tenth."""
    rows, labels = document_rows(articles, readings)
    groups = np.arange(len(labels)) % 10
    heads = [fit_head(rows[groups != group], labels[groups != group]) for group in range(10)]

    def right(heads: Sequence[DocumentHead | None]) -> NDArray[np.bool_]:
        served = [
            document_sentiment(
                reading.tones.astype(np.float64), _lengths(article), article.titled, head
            ).label
            for article, reading, head in zip(articles, readings, heads, strict=True)
        ]
        return np.asarray(
            [LABELS[gold] == label for gold, label in zip(labels, served, strict=True)]
        )

    by_head = right([heads[group] for group in groups])
    by_formula = right([None] * len(articles))
    sources = np.asarray([article.source for article in articles])
    return {
        "document": 100 * float(by_head.mean()),
        "document_by_formula": 100 * float(by_formula.mean()),
        **{f"document_{s}": 100 * float(by_head[sources == s].mean()) for s in sorted({*sources})},
    }


def _lengths(article: ToneArticle) -> NDArray[np.float64]:
    """Words in each sentence."""
    return np.asarray([len(sentence.tags) for sentence in article.sentences], np.float64)


def main() -> None:
    """Print the scores of a checkpoint or a bundle as JSON."""
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description=__doc__)
    parser.add_argument("model", type=Path, help="checkpoint (.pt), or folder of a bundle")
    parser.add_argument("--data", type=Path, required=True, help="folder with ner/ and sentiment/")
    parser.add_argument("--without", nargs="+", choices=FILES, default=[], help="sets to leave out")
    arguments = parser.parse_args()
    corpora = load_corpora(load_tokenizer(small_encoder()), arguments.data, arguments.without)
    if arguments.model.is_dir():
        bundle = load_bundle(arguments.model)
        read, pieces = bundle_reader(bundle), bundle.window
    else:
        trained = load_network(arguments.model)
        pieces = trained.pieces
        read = network_reader(trained.network.to(best_device()), trained.batch_pieces)
    print(json.dumps(dev_scores(read, corpora, pieces), indent=1))


if __name__ == "__main__":
    main()
