"""Train a model bundle from base encoders and a folder of data."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from training.answers import ANSWERS, UNLABELLED_NEWS, answered_documents, ask, unlabelled_news
from training.checkpoints import average_checkpoints, load_network
from training.corpora import FILES, Corpora, load_corpora, missing_files
from training.data import load_tokenizer
from training.encoders import large_encoder, small_encoder
from training.export import export
from training.model import best_device
from training.plot import plot
from training.readers import Reader, mean_reader, network_reader
from training.teacher import TEACHERS, WITHOUT
from training.train import CHECKPOINT, REFINEMENTS, Recipe, train

STAGES = (
    *(f"teach-{task}" for task in TEACHERS),
    "answer",
    "train",
    "refine",
    "plot",
    "export",
)
_STUDENT, _REFINED = "student", "refined"


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
    parser.add_argument("--version", default="0.6.0", help="version of the model")
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

    for task, recipes in TEACHERS.items():
        if f"teach-{task}" in stages:
            corpora = load_corpora(tokenizer, data, without | {*WITHOUT[task]})
            for number, recipe in enumerate(recipes, 1):
                train(large_encoder(out), corpora, out / f"{task}-{number}", recipe)
    if "answer" in stages:
        news = unlabelled_news(data)[: arguments.articles]
        names, sentiment = _teachers(out, "names"), _teachers(out, "sentiment")
        ask(names, sentiment, tokenizer, news, out / ANSWERS, Recipe.pieces)
    student = out / _STUDENT
    if "train" in stages:
        train(encoder, all_corpora(), student, Recipe(epochs=arguments.epochs))
    if "refine" in stages:
        corpora = all_corpora()
        folders = [out / f"{_REFINED}-{number}" for number, _ in enumerate(REFINEMENTS, 1)]
        for folder, recipe in zip(folders, REFINEMENTS, strict=True):
            train(encoder, corpora, folder, recipe, start=student / CHECKPOINT)
        average_checkpoints([each / CHECKPOINT for each in folders], out / _REFINED / CHECKPOINT)
    if "plot" in stages:
        print(f"Wrote {plot(student)}")
    bundle = arguments.bundle or out / "bundle"
    if "export" in stages:
        corpora = all_corpora()
        refined = out / _REFINED
        latest = refined if refined.exists() else student
        export(latest / CHECKPOINT, corpora, encoder, bundle, arguments.name, arguments.version)
        print(f"Wrote {bundle}; to serve it: ENRICH_MODEL={bundle.resolve()} make run")


def _teachers(out: Path, task: str) -> Reader:
    """The mean of all teachers of a task."""
    readers = []
    for checkpoint in sorted(out.glob(f"{task}-*/{CHECKPOINT}")):
        trained = load_network(checkpoint)
        readers.append(network_reader(trained.network.to(best_device()), trained.batch_pieces))
    if not readers:
        raise SystemExit(f"{out} has no teacher of {task}; run the stage teach-{task} first")
    return mean_reader(readers)


if __name__ == "__main__":
    main()
