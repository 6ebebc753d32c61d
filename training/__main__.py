"""Train a model bundle from base encoders and a folder of data."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from tokenizers import Tokenizer

from training.answers import ANSWERS, UNLABELLED_NEWS, answered_documents, ask, unlabelled_news
from training.checkpoints import load_network
from training.corpora import FILES, Corpora, load_corpora, missing_files
from training.data import load_tokenizer
from training.encoders import large_encoder, small_encoder
from training.export import export
from training.heads import HeadRecipe, relearn_heads
from training.model import best_device
from training.plot import plot
from training.readers import network_reader
from training.teacher import TEACHERS, WITHOUT
from training.train import CHECKPOINT, Recipe, train

STAGES = (
    *(f"teach-{teacher}" for teacher in TEACHERS),
    "answer",
    "train",
    "plot",
    "export",
    "heads",
)
_STUDENT = "student"


def main() -> None:
    """Run the stages named on the command line, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument(
        "stages", nargs="*", choices=[*STAGES, []], default=[], help="stages to run (default: all)"
    )
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with ner/, sentiment/ and articles/"
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("build/training"),
        help="folder for checkpoints and logs (default: build/training)",
    )
    parser.add_argument(
        "--epochs", type=int, default=Recipe.epochs, help="epochs of the small model"
    )
    parser.add_argument(
        "--articles",
        type=int,
        default=4000,
        help="number of unlabelled articles for the teachers to label (default: 4000)",
    )
    parser.add_argument(
        "--without", nargs="+", choices=FILES, default=[], help="data sets to leave out"
    )
    parser.add_argument(
        "--encoder", type=Path, help="folder of a base encoder to use in place of the default"
    )
    parser.add_argument("--bundle", type=Path, help="folder for the bundle (default: OUT/bundle)")
    parser.add_argument("--name", default="enrich-en-small", help="name of the model")
    parser.add_argument("--version", default="0.4.0", help="version of the model")
    arguments = parser.parse_args()
    stages = arguments.stages or STAGES
    data, out, without = arguments.data, arguments.out, set(arguments.without)
    missing = missing_files(data, without)
    if "answer" in stages:
        missing += [name for name in UNLABELLED_NEWS if not (data / name).exists()]
    if missing:
        parser.error(f"{data} has no {', '.join(missing)}; see docs/training.md")
    encoder = arguments.encoder or small_encoder()
    tokenizer = load_tokenizer(encoder)
    for teacher, recipe in TEACHERS.items():
        if f"teach-{teacher}" in stages:
            corpora = load_corpora(tokenizer, data, without | {*WITHOUT[teacher]})
            train(large_encoder(out), corpora, out / teacher, recipe)
    if "answer" in stages:
        teachers = {name: load_network(out / name / CHECKPOINT) for name in TEACHERS}
        unfinished = [n for n, t in teachers.items() if t.progress[0] < TEACHERS[n].epochs]
        if unfinished:
            parser.error(f"not trained to the end: {', '.join(unfinished)}")
        readers = {
            teacher: network_reader(trained.network.to(best_device()), trained.batch_pieces)
            for teacher, trained in teachers.items()
        }
        news = unlabelled_news(data)[: arguments.articles]
        ask(
            readers["names"], readers["sentiment"], tokenizer, news, out / ANSWERS,
            Recipe.pieces,
        )  # fmt: skip
    student = out / _STUDENT
    if "train" in stages:
        corpora = _with_answers(load_corpora(tokenizer, data, without), tokenizer, out / ANSWERS)
        train(encoder, corpora, student, Recipe(epochs=arguments.epochs))
    if "plot" in stages:
        print(f"Wrote {plot(student)}")
    bundle = arguments.bundle or out / "bundle"
    if "export" in stages:
        corpora = load_corpora(tokenizer, data, without)
        export(student / CHECKPOINT, corpora, encoder, bundle, arguments.name, arguments.version)
    if "heads" in stages:
        corpora = _with_answers(load_corpora(tokenizer, data, without), tokenizer, out / ANSWERS)
        relearn_heads(corpora, bundle, arguments.version, HeadRecipe())
    if {"export", "heads"} & set(stages):
        print(f"Wrote {bundle}; to serve it: ENRICH_MODEL={bundle.resolve()} make run")


def _with_answers(corpora: Corpora, tokenizer: Tokenizer, path: Path) -> Corpora:
    """Add the teachers' predictions, if there are any."""
    if not path.exists():
        return corpora
    return replace(corpora, answered=answered_documents(tokenizer, path))


if __name__ == "__main__":
    main()
