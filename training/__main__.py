"""Train a model bundle from base encoders and a folder of data."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

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
from training.teacher import DISTILLATIONS, TEACHERS, WITHOUT
from training.train import CHECKPOINT, Recipe, train

STAGES = (
    *(f"teach-{teacher}" for teacher in TEACHERS),
    "train",
    "answer",
    "distil",
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
        help="number of unlabelled articles for the teachers to label (default: all)",
    )
    parser.add_argument(
        "--without", nargs="+", choices=FILES, default=[], help="data sets to leave out"
    )
    parser.add_argument(
        "--encoder", type=Path, help="folder of a base encoder to use in place of the default"
    )
    parser.add_argument("--bundle", type=Path, help="folder for the bundle (default: OUT/bundle)")
    parser.add_argument("--name", default="enrich-en-small", help="name of the model")
    parser.add_argument("--version", default="0.5.0", help="version of the model")
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

    def all_corpora() -> Corpora:
        corpora = load_corpora(tokenizer, data, without)
        if (out / ANSWERS).exists():
            corpora = replace(corpora, answered=answered_documents(tokenizer, out / ANSWERS))
        return corpora

    for teacher, recipe in TEACHERS.items():
        if f"teach-{teacher}" in stages:
            corpora = load_corpora(tokenizer, data, without | {*WITHOUT[teacher]})
            train(large_encoder(out), corpora, out / teacher, recipe)
    student = out / _STUDENT
    rounds = [out / f"distilled-{number}" for number in range(1, len(DISTILLATIONS) + 1)]
    if "train" in stages:
        corpora = load_corpora(tokenizer, data, without)
        train(encoder, corpora, student, Recipe(epochs=arguments.epochs))
    if "answer" in stages:
        teacher_of_names = (out / "names" / CHECKPOINT).exists()
        readers = []
        for folder in ("names" if teacher_of_names else _STUDENT, "sentiment"):
            trained = load_network(out / folder / CHECKPOINT)
            network = trained.network.to(best_device())
            readers.append(network_reader(network, trained.batch_pieces))
        news = unlabelled_news(data)[: arguments.articles]
        answers = out / ANSWERS
        ask(*readers, tokenizer, news, answers, Recipe.pieces, with_tags=teacher_of_names)
    if "distil" in stages:
        corpora, start = all_corpora(), student
        for folder, recipe in zip(rounds, DISTILLATIONS, strict=True):
            train(encoder, corpora, folder, recipe, start=start / CHECKPOINT)
            start = folder
    latest = next((folder for folder in reversed(rounds) if folder.exists()), student)
    if "plot" in stages:
        print(f"Wrote {plot(latest)}")
    bundle = arguments.bundle or out / "bundle"
    if "export" in stages:
        corpora = all_corpora()
        export(latest / CHECKPOINT, corpora, encoder, bundle, arguments.name, arguments.version)
    if "heads" in stages:
        relearn_heads(all_corpora(), bundle, arguments.version, HeadRecipe())
    if {"export", "heads"} & set(stages):
        print(f"Wrote {bundle}; to serve it: ENRICH_MODEL={bundle.resolve()} make run")


if __name__ == "__main__":
    main()
