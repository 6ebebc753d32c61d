"""Scores a model bundle: ``python -m benchmarks.quality --data FOLDER``.

All figures are of the bundle as it is served: the int8 encoder with the service's segmentation,
windows and decoding. Each CoNLL sentence becomes a paragraph of its document, its tokens joined by
single spaces; a name counts if its span and type match exactly. Where a set has fewer types than
the model, a name of a finer type counts as one of the broader type. The sentiment towards a target
of NewsMTSC is computed at the target's gold span. Tune on the dev parts (``--dev``), and look at
the test parts once.
"""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from benchmarks.editorial import measure_editorial
from benchmarks.names import (
    FOUR_TYPES,
    THREE_TYPES,
    count_names,
    read_documents,
    score_names,
    types_of_model,
)
from benchmarks.perturbations import PERTURBATIONS
from benchmarks.tone import measure_tone
from service.enrichment.article import Article
from service.enrichment.language_detector import TrainedDetector
from service.enrichment.pipeline import Enricher
from service.enrichment.segmentation import segment
from service.enrichment.windows import cut_windows
from service.inference.bundle.bundle import Bundle, load_bundle
from training import scores
from training.data import held_out
from training.labels import POLARITY_OF_RATING
from training.names import EWT_ONE_IN, read_conll, read_uner
from training.opinions import hold_out, read_newsmtsc, read_sst

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
JudgedSentence = tuple[str, list[tuple[int, int, int]]]


def score_targets(
    bundle: Bundle, sentences: Iterable[JudgedSentence]
) -> tuple[list[int], NDArray[np.float64]]:
    """Return gold and predicted polarities of the targets in sentences of NewsMTSC.

    Args:
        bundle: the model.
        sentences: as :func:`training.opinions.read_newsmtsc` returns them.

    Returns:
        Gold polarities (0–2), and probabilities of shape ``(targets, 3)``.
    """
    gold: list[int] = []
    rows = []
    for text, targets in tqdm(sentences, "targets", leave=False, disable=None):
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
    documents = read_conll(data / "ner/conll03_test.txt")[: SAMPLE[0]]
    names = score_names(enricher, documents, FOUR_TYPES)
    sentences = read_newsmtsc(data / "sentiment/newsmtsc_devtest_mt.jsonl")[: SAMPLE[1]]
    gold, probabilities = score_targets(bundle, sentences)
    news = macro_f1(gold, probabilities.argmax(axis=1))
    return [
        (f"CoNLL-2003 test, first {SAMPLE[0]} documents", "micro-F1", names.f1()),
        (f"NewsMTSC devtest_mt, first {SAMPLE[1]} sentences", "macro-F1", news),
        *measure_editorial(enricher, data / "articles/bbc.jsonl"),
    ]


def measure_dev(bundle: Bundle, data: Path) -> list[Row]:
    """Return rows for the dev parts: what training and constants may be tuned on."""
    enricher = Enricher(bundle, TrainedDetector())
    return [
        *measure_names(enricher, data, bundle.info.entity_types),
        *measure_tone(enricher, data / "sentiment"),
        *measure_targets(
            bundle,
            hold_out(read_newsmtsc(data / "sentiment/newsmtsc_train.jsonl"))[1],
            "NewsMTSC dev, towards the target",
        ),
    ]


def measure_names(enricher: Enricher, data: Path, entity_types: Sequence[str]) -> list[Row]:
    """Return rows for the names of the dev parts.

    Args:
        enricher: reads the documents.
        data: folder with ``ner/``.
        entity_types: of the model.
    """
    worldwide = read_documents(enricher, read_conll(data / "ner/worldwide_dev.conll"))
    fine = types_of_model(entity_types)
    by_type, folded = count_names(worldwide, fine), count_names(worldwide, FOUR_TYPES)
    rows = [
        ("Worldwide dev, four types", "micro-F1", folded.f1()),
        ("Worldwide dev, types of the model", "micro-F1", by_type.f1()),
    ]
    for type_ in dict.fromkeys(fine.values()):
        rows.append(("Worldwide dev, types of the model", f"F1 {type_}", by_type.f1(type_)))
    conll = score_names(enricher, read_conll(data / "ner/conllpp_dev.txt"), FOUR_TYPES)
    rows.append(("CoNLL++ dev, four types", "micro-F1", conll.f1()))
    ewt = [
        document
        for document in read_uner(data / "ner/uner_ewt_dev.iob2")
        if held_out(document[0][0], EWT_ONE_IN)
    ]
    three = score_names(enricher, ewt, THREE_TYPES)
    rows.append(("UNER EWT dev, a quarter, three types", "micro-F1", three.f1()))
    return rows


def measure_targets(bundle: Bundle, sentences: Iterable[JudgedSentence], title: str) -> list[Row]:
    """Return rows for the sentiment towards the targets of ``sentences``."""
    gold, probabilities = score_targets(bundle, sentences)
    predicted = probabilities.argmax(axis=1)
    return [
        (title, "macro-F1", macro_f1(gold, predicted)),
        (title, "accuracy", 100 * float(np.mean(predicted == np.asarray(gold)))),
        (title, "calibration error (ECE)", calibration_error(gold, probabilities)),
    ]


def measure(bundle: Bundle, data: Path) -> list[Row]:
    """Return rows of (data set, measure, value), those of the test parts first."""
    enricher = Enricher(bundle, TrainedDetector())
    rows: list[Row] = []
    for file, title in (("conll03_test", "CoNLL-2003 test"), ("conllpp_test", "CoNLL++ test")):
        documents = read_conll(data / f"ner/{file}.txt")
        names = score_names(enricher, documents, FOUR_TYPES)
        rows.append((title, "micro-F1, exact span and type", names.f1()))
        rows += [
            (title, f"F1 {type_}", names.f1(type_)) for type_ in sorted({*FOUR_TYPES.values()})
        ]
        if file == "conll03_test":
            original, unperturbed = documents, names.f1()
    for perturbation, perturb in PERTURBATIONS.items():
        drop = unperturbed - score_names(enricher, original, FOUR_TYPES, perturb).f1()
        rows.append((f"CoNLL-2003 test, {perturbation}", "drop of the micro-F1", drop))
    rows += measure_targets(
        bundle,
        read_newsmtsc(data / "sentiment/newsmtsc_devtest_mt.jsonl"),
        "NewsMTSC devtest_mt, towards the target",
    )
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
    return rows + measure_dev(bundle, data)


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
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--dev", action="store_true", help="score the dev parts only")
    output.add_argument("--card", action="store_true", help="write the table into the model card")
    arguments = parser.parse_args()
    bundle = load_bundle(arguments.bundle)
    print(f"{bundle.manifest.name} {bundle.manifest.version}, {platform.machine()}")
    if arguments.dev:
        print(table(measure_dev(bundle, arguments.data)))
        return
    rows = measure(bundle, arguments.data)
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
