"""``python -m training``: from base encoder and data folder to a model bundle."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.corpora import FILES, load_corpora, missing_files
from training.data import load_tokenizer
from training.encoders import large_encoder, small_encoder
from training.teacher import TEACHERS, WITHOUT
from training.train import Recipe, train

STAGES = (*(f"teach-{teacher}" for teacher in TEACHERS), "train")


def main() -> None:
    """Run the stages named on the command line, all of them by default."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("stages", nargs="*", choices=[*STAGES, []], default=[])
    parser.add_argument("--data", type=Path, required=True, help="folder with ner/ and sentiment/")
    parser.add_argument("--out", type=Path, default=Path("build/training"), help="checkpoints, log")
    parser.add_argument("--epochs", type=int, default=Recipe.epochs)
    parser.add_argument("--without", nargs="+", choices=FILES, default=[], help="sets to leave out")
    arguments = parser.parse_args()
    stages = arguments.stages or STAGES
    if missing := missing_files(arguments.data, arguments.without):
        parser.error(f"{arguments.data} has no {', '.join(missing)}; see docs/training.md")
    encoder = small_encoder()
    tokenizer, data, out = load_tokenizer(encoder), arguments.data, arguments.out
    for teacher, recipe in TEACHERS.items():
        if f"teach-{teacher}" in stages:
            corpora = load_corpora(tokenizer, data, {*arguments.without, *WITHOUT[teacher]})
            train(large_encoder(out), corpora, out / teacher, recipe)
    if "train" in stages:
        corpora = load_corpora(tokenizer, data, arguments.without)
        train(encoder, corpora, out / "student", Recipe(epochs=arguments.epochs))


if __name__ == "__main__":
    main()
