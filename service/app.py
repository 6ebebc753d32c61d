"""The application: settings and a model in, a Flask application out."""

from __future__ import annotations

from threading import Semaphore

from flask import Flask

from service import metrics
from service.api.exchange import trace
from service.api.state import State, attach, warm_up
from service.api.web import new_web
from service.cache import CachedEnricher, Memory, Redis, Store
from service.enrichment.enricher import Enricher
from service.enrichment.language import TrainedDetector
from service.inference.bundle import load_bundle
from service.inference.description import Description
from service.scheduler import Scheduler
from service.settings import Settings, read_settings


def create_app(settings: Settings, enricher: Enricher, about: Description) -> Flask:
    """The application that serves with ``enricher``. It is ready once it has been warmed up.

    Args:
        settings: limits, and where enrichments are kept.
        enricher: does the main job.
        about: the model that it does it with.
    """
    app = new_web()
    state = State(
        CachedEnricher(enricher, _stores(settings), about.digest),
        Scheduler(
            settings.cores, settings.cores * settings.queue_tokens, settings.threads * 3 // 4
        ),
        about,
        max_body_bytes=settings.max_body_bytes,
        max_batch=settings.max_batch,
        request_timeout=settings.request_timeout,
        streams=Semaphore(settings.threads // 4),
    )
    attach(app, state)
    trace(app, settings.otel_exporter_otlp_endpoint, about.version)
    metrics.serving(about.name, about.version, about.digest, settings.workers)
    return app


def _stores(settings: Settings) -> list[Store]:
    """Where enrichments are kept, the nearest first."""
    stores: list[Store] = []
    if settings.cache_bytes:
        stores.append(Memory(settings.cache_bytes))
        if settings.cache_url:
            stores.append(Redis(settings.cache_url))
    return stores


def app_from(settings: Settings) -> Flask:
    """The application with the model that ``settings`` name.

    Raises:
        ModelError: the model cannot be loaded.
    """
    bundle = load_bundle(settings.model_folder)
    return create_app(settings, Enricher(bundle, TrainedDetector()), bundle.about)


def serve() -> Flask:
    """What gunicorn calls in each worker: the application with the model of the environment, warm.

    Raises:
        ModelError: the model cannot be loaded.
    """
    app = app_from(read_settings())
    warm_up(app)
    return app
