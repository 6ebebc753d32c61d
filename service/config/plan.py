"""The models that the settings ask for, and whether a worker can have them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from service.config.models_config import ModelsConfig, read_models_file
from service.config.settings import SettingError, Settings
from service.inference.model_files import ModelSpec, check_model
from service.inference.model_info import ModelError

ONLY = "default"
"""Name of the model where there is no MODELS_FILE to give it one."""


def plan_of(settings: Settings) -> ModelsConfig:
    """The models that ``settings`` ask for.

    Raises:
        SettingError: MODELS_FILE cannot be read, or something in it makes no sense.
    """
    if settings.models_file:
        return read_models_file(Path(settings.models_file))
    spec = ModelSpec(
        settings.model_folder,
        settings.ner_model,
        settings.sentiment_model,
        settings.model_languages,
        dict(settings.ner_labels) or None,
        dict(settings.sentiment_labels) or None,
        settings.sentiment_input,
    )
    return ModelsConfig({ONLY: spec}, ONLY)


@cache
def checked_plan(settings: Settings) -> tuple[ModelsConfig, Mapping[str, int]]:
    """The models that ``settings`` ask for, once they have been seen to be there.

    The process that starts the workers asks first, and they inherit the answer: MODELS_FILE may be
    edited while they serve, and one that takes the place of another has the same models as it.

    Returns:
        The models, and what :func:`check_plan` finds of them.

    Raises:
        ModelError, SettingError: as :func:`plan_of` and :func:`check_plan`.
    """
    plan = plan_of(settings)
    return plan, check_plan(plan, settings)


def check_plan(plan: ModelsConfig, settings: Settings) -> dict[str, int]:
    """See whether each model is there and whole, without loading it.

    Returns:
        Name → bytes of the files that it would load.

    Raises:
        ModelError: a model is not there, or not whole.
        SettingError: one is too large to be loaded beside the default model.
    """
    sizes = {}
    for name, spec in plan.specs.items():
        try:
            sizes[name] = check_model(spec, Path(settings.model_store))
        except ModelError as error:
            if settings.models_file:
                raise ModelError(f"model {name} of {settings.models_file}: {error}") from None
            raise
    if len(sizes) > 1:
        _check_memory(sizes, plan.default, settings.models_memory)
    return sizes


def _check_memory(sizes: dict[str, int], default: str, most: int) -> None:
    for name, size in sizes.items():
        needed = size if name == default else size + sizes[default]
        if needed > most:
            beside = "" if name == default else f", with the default {default}"
            raise SettingError(
                f"MODELS_MEMORY={most}: model {name} needs {needed} bytes{beside}; allow as many, "
                "or leave it out."
            )
