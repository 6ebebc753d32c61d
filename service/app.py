"""The application: settings and models in, a Flask application out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Semaphore

from flask import Flask

from service.api.context import AppContext, attach, warm_up
from service.api.request_hooks import trace
from service.api.web import new_web
from service.config.models_config import ModelsConfig, prepare_models_config
from service.config.settings import Settings, read_settings
from service.enrichment.language import TrainedDetector
from service.enrichment.pipeline import Enricher
from service.execution.cache import CachedEnricher, Memory, Redis, Store
from service.execution.model_registry import ModelRegistry, ServedModel
from service.execution.scheduler import Scheduler
from service.inference.loader import LoadedModel, load_model
from service.inference.model_files import ModelSpec
from service.observability import metrics


def create_app(settings: Settings, models: ModelRegistry, passes: int | None = None) -> Flask:
    """The application that serves with ``models``. It is ready once it has been warmed up.

    Args:
        settings: limits.
        models: do the main job.
        passes: of the encoder at the same time; by default as ``settings`` say.
    """
    app = new_web()
    state = AppContext(
        models,
        Scheduler(
            passes or settings.passes,
            settings.cores * settings.queue_tokens,
            settings.threads * 3 // 4,
        ),
        max_body_bytes=settings.max_body_bytes,
        max_batch=settings.max_batch,
        request_timeout=settings.request_timeout,
        streams=Semaphore(settings.threads // 4),
    )
    attach(app, state)
    trace(app, settings.otel_exporter_otlp_endpoint, models.get().about.version)
    metrics.serving(settings.workers)
    return app


def new_stores(settings: Settings) -> list[Store]:
    """Where enrichments are kept, the nearest first."""
    stores: list[Store] = []
    if settings.cache_bytes:
        stores.append(Memory(settings.cache_bytes))
        if settings.cache_url:
            stores.append(Redis(settings.cache_url))
    return stores


def app_from(
    settings: Settings,
    plan: ModelsConfig,
    sizes: Mapping[str, int],
    load: Callable[[ModelSpec, Path], LoadedModel] = load_model,
    passes: int | None = None,
) -> Flask:
    """The application with the models of ``plan``.

    Args:
        settings: limits, and where enrichments are kept.
        plan: the models there are.
        sizes: name → bytes of each, see :func:`service.config.models_config.check_models`.
        load: loads a model.
        passes: as for :func:`create_app`.

    Raises:
        ModelError: the default model cannot be loaded.
    """
    stores, detector = new_stores(settings), TrainedDetector()

    def serve(name: str) -> ServedModel:
        loaded = load(plan.specs[name], Path(settings.model_store))
        enricher = Enricher(loaded.model, detector)
        return ServedModel(CachedEnricher(enricher, stores, loaded.about.digest), loaded.about)

    waiting = settings.threads // 8
    models = ModelRegistry(serve, sizes, plan.default, settings.models_memory, waiting)
    return create_app(settings, models, passes)


def serve() -> Flask:
    """What gunicorn calls in each worker: the application with the models of the environment, warm.

    Raises:
        ModelError: the default model cannot be loaded.
    """
    settings = read_settings()
    app = app_from(settings, *prepare_models_config(settings))
    warm_up(app)
    return app
