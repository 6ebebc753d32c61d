"""Scores a model bundle: ``python -m benchmarks.quality --data FOLDER``.

All figures are of the bundle as it is served: the int8 encoder with the service's segmentation,
windows and decoding. Each CoNLL sentence becomes a paragraph of its document, its tokens joined by
single spaces; a name counts if its span and type match exactly. The sentiment towards a target is
computed at the target's gold span.
"""

from __future__ import annotations

import argparse
import json
import platform
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from benchmarks.document_sentiment import measure_documents
from benchmarks.editorial import measure_editorial
from benchmarks.perturbations import PERTURBATIONS
from service.enrichment.language import TrainedDetector
from service.enrichment.pipeline import Enricher
from service.enrichment.segmentation import segment
from service.enrichment.types import Article, Enrichment
from service.enrichment.windows import cut_windows
from service.inference.bundle.bundle import Bundle, load_bundle
from training import scores
from training.labels import POLARITY_OF_RATING
from training.names import read_conll
from training.opinions import read_newsmtsc, read_sst

MARKS = ("<!-- figures -->", "<!-- /figures -->")
SAMPLE = (40, 150)
"""Number of documents and sentences in :func:`measure_sample`."""

PUBLISHED = (
    (
        ("CoNLL-2003 test", "micro-F1, exact span and type"),
        ("`dslim/bert-base-NER`", "108 M", 91.3, "its model card"),
    ),
    (
        ("SST-2 test (without neutral)", "accuracy"),
        (
            "`distilbert-base-uncased-finetuned-sst-2-english`",
            "66 M",
            91.3,
            "its model card, dev part",
        ),
    ),
    (
        ("NewsMTSC devtest_mt, towards the target", "macro-F1"),
        ("GRU-TSC on RoBERTa-base", "125 M", 82.5, "Hamborg & Donnay 2021"),
    ),
)
"""Our row and the published result: model, parameters, figure, source."""

Row = tuple[str, str, float]
NameSpan = tuple[int, int, str]


@dataclass
class Names:
    """Counts of correct, predicted and gold names by type."""

    correct: Counter[str]
    predicted: Counter[str]
    gold: Counter[str]

    def f1(self, entity_type: str | None = None) -> float:
        """Return micro-F1 in per cent, of one type or of all."""
        correct, predicted, gold = (
            counts[entity_type] if entity_type else counts.total()
            for counts in (self.correct, self.predicted, self.gold)
        )
        return 200 * correct / max(1, predicted + gold)


def score_names(
    enricher: Enricher,
    path: Path,
    perturb: Callable[[str], str] | None = None,
    documents: int | None = None,
) -> Names:
    """Score the names in the first ``documents`` of a CoNLL file, perturbed by ``perturb``."""
    names = Names(Counter(), Counter(), Counter())
    for document in tqdm(read_conll(path)[:documents], path.name, leave=False, disable=None):
        text, gold, position = "", set[NameSpan](), 0
        for sentence, spans in document:
            gold |= {
                (position + start, position + end, name_type) for start, end, name_type in spans
            }
            text += sentence + "\n\n"
            position = len(text)
        text = perturb(text) if perturb else text
        predicted = mentions(enricher.enrich(Article(text, language="en")))
        for counts, spans_ in (
            (names.correct, predicted & gold),
            (names.predicted, predicted),
            (names.gold, gold),
        ):
            counts.update(name_type for _, _, name_type in spans_)
    return names


def mentions(enrichment: Enrichment) -> set[NameSpan]:
    """Return every mention as ``(start, end, entity type)``."""
    return {(m.start, m.end, e.type) for e in enrichment.entities for m in e.mentions}


def score_targets(
    bundle: Bundle, path: Path, lines: int | None = None
) -> tuple[list[int], NDArray[np.float64]]:
    """Return gold and predicted polarities of the targets in a NewsMTSC file.

    Args:
        bundle: The model.
        path: The file.
        lines: Number of lines to read; ``None`` reads all.

    Returns:
        Gold polarities (0–2), and probabilities of shape ``(targets, 3)``.
    """
    gold: list[int] = []
    rows = []
    for text, targets in tqdm(read_newsmtsc(path)[:lines], path.name, leave=False, disable=None):
        segments = segment(Article(text))
        tokens = bundle.tokenize(text, segments.words)
        windows = cut_windows(
            text, segments.words, tokens.bounds, segments.sentences, bundle.window
        )
        for start, end, polarity in targets:
            inside = [i for i, (a, b) in enumerate(segments.words) if a < end and b > start]
            parts = next(p for p in windows if p[0][0] <= inside[0] < p[-1][1])
            part = next(p for p in parts if p[0] <= inside[0] < p[1])
            mention = (inside[0], min(inside[-1] + 1, part[1]))
            reading = bundle.read(tokens, (parts[0][0], parts[-1][1]))
            rows.append(reading.target_sentiment([(mention, part)])[0])
            gold.append(polarity)
    return gold, np.asarray(rows, dtype=np.float64)


def score_sentences(enricher: Enricher, path: Path) -> tuple[list[int], NDArray[np.float64]]:
    """Return the rating (0–4) of each SST sentence, and probabilities ``(sentences, 3)``."""
    ratings: list[int] = []
    rows = []
    for text, rating in tqdm(read_sst(path), path.name, leave=False, disable=None):
        sentiment = enricher.enrich(Article(text, language="en")).sentiment
        rows.append((sentiment.negative, sentiment.neutral, sentiment.positive))
        ratings.append(rating)
    return ratings, np.asarray(rows, dtype=np.float64)


def macro_f1(gold: Sequence[int], predicted: Iterable[int]) -> float:
    """Return :func:`training.scores.macro_f1` in per cent."""
    return 100 * scores.macro_f1(gold, list(predicted))


def calibration_error(gold: Sequence[int], probabilities: NDArray[np.float64]) -> float:
    """Return the expected calibration error (Naeini et al. 2015), ten bins, in points."""
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == np.asarray(gold)
    bins = np.minimum((confidence * 10).astype(int), 9)
    gaps = [
        np.mean(bins == b) * abs(np.mean(correct[bins == b]) - np.mean(confidence[bins == b]))
        for b in np.unique(bins)
    ]
    return 100 * float(np.sum(gaps))


def measure_sample(bundle: Bundle, data: Path) -> list[Row]:
    """Return figures that take seconds to compute; a test compares them with the model card."""
    enricher = Enricher(bundle, TrainedDetector())
    names = score_names(enricher, data / "ner/conll03_test.txt", documents=SAMPLE[0])
    gold, probabilities = score_targets(
        bundle, data / "sentiment/newsmtsc_devtest_mt.jsonl", lines=SAMPLE[1]
    )
    news = macro_f1(gold, probabilities.argmax(axis=1))
    return [
        (f"CoNLL-2003 test, first {SAMPLE[0]} documents", "micro-F1", names.f1()),
        (f"NewsMTSC devtest_mt, first {SAMPLE[1]} sentences", "macro-F1", news),
        *measure_editorial(enricher, data / "articles/bbc.jsonl"),
    ]


def measure(bundle: Bundle, data: Path) -> list[Row]:
    """Return rows of (data set, measure, value)."""
    enricher = Enricher(bundle, TrainedDetector())
    rows: list[Row] = []
    for file, title in (("conll03_test", "CoNLL-2003 test"), ("conllpp_test", "CoNLL++ test")):
        names = score_names(enricher, data / f"ner/{file}.txt")
        rows.append((title, "micro-F1, exact span and type", names.f1()))
        rows += [(title, f"F1 {name}", names.f1(name)) for name in bundle.info.entity_types]
        if file == "conll03_test":
            unperturbed = names.f1()
    for perturbation, perturb in PERTURBATIONS.items():
        names = score_names(enricher, data / "ner/conll03_test.txt", perturb)
        drop = unperturbed - names.f1()
        rows.append((f"CoNLL-2003 test, {perturbation}", "drop of the micro-F1", drop))
    gold, probabilities = score_targets(bundle, data / "sentiment/newsmtsc_devtest_mt.jsonl")
    predicted = probabilities.argmax(axis=1)
    title = "NewsMTSC devtest_mt, towards the target"
    rows.append((title, "macro-F1", macro_f1(gold, predicted)))
    rows.append((title, "accuracy", 100 * float(np.mean(predicted == np.asarray(gold)))))
    rows.append((title, "calibration error (ECE)", calibration_error(gold, probabilities)))
    ratings, probabilities = score_sentences(enricher, data / "sentiment/sst5_test.txt")
    three = [POLARITY_OF_RATING[rating] for rating in ratings]
    rows.append(
        ("SST test, three classes", "macro-F1", macro_f1(three, probabilities.argmax(axis=1)))
    )
    rows.append(
        (
            "SST test, three classes",
            "calibration error (ECE)",
            calibration_error(three, probabilities),
        )
    )
    decided = np.asarray(three) != 1
    binary = (probabilities[decided, 2] > probabilities[decided, 0]) * 2
    correct = binary == np.asarray(three)[decided]
    rows.append(("SST-2 test (without neutral)", "accuracy", 100 * float(np.mean(correct))))
    rows += measure_sample(bundle, data)
    for file, title in (("persent_dev", "PerSenT dev"), ("persent_fixed_test", "PerSenT test")):
        documents = measure_documents(enricher, data / f"articles/{file}.jsonl")
        rows += [(title, measure_name, value) for measure_name, value in documents]
    return rows


def table(rows: Sequence[Row]) -> str:
    """Format the rows as a Markdown table."""
    lines = ["| set | measure | value |", "|---|---|---:|"]
    lines += [f"| {name} | {what} | {round(value, 1) + 0.0:.1f} |" for name, what, value in rows]
    return "\n".join(lines)


def comparison(rows: Sequence[Row]) -> str:
    """Format our figures beside published ones as a Markdown table."""
    ours = {(name, what): value for name, what, value in rows}
    lines = ["| set | ours, 22.6 M, int8 | published | model | size | source |"]
    lines.append("|---|---:|---:|---|---|---|")
    for row, (model, size, value, source) in PUBLISHED:
        lines.append(f"| {row[0]} | {ours[row]:.1f} | {value} | {model} | {size} | {source} |")
    return "\n".join(lines)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with ner/, sentiment/ and articles/"
    )
    parser.add_argument("--bundle", type=Path, default=Path("models/enrich-en-small"))
    parser.add_argument("--card", action="store_true", help="write the table into the model card")
    arguments = parser.parse_args()
    bundle = load_bundle(arguments.bundle)
    rows = measure(bundle, arguments.data)
    print(f"{bundle.manifest.name} {bundle.manifest.version}, {platform.machine()}")
    tables = f"{table(rows)}\n\n{comparison(rows)}"
    print(tables)
    print(json.dumps({f"{name}: {what}": round(value, 2) for name, what, value in rows}))
    if arguments.card:
        card = arguments.bundle / "README.md"
        text = card.read_text(encoding="utf-8")
        head, rest = text.split(MARKS[0], 1)
        tail = rest.split(MARKS[1], 1)[1]
        card.write_text(f"{head}{MARKS[0]}\n{tables}\n{MARKS[1]}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
