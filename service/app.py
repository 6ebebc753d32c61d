"""The composition root: builds the Flask application from settings and models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from flask import Flask

from service.access.keyring import Keyring
from service.access.limiter import Limiter
from service.api.allowed_hosts import allow_hosts
from service.api.audit import audit
from service.api.authentication import require_keys
from service.api.caller_executors import CallerExecutors
from service.api.context import AppContext, get_app_context, set_app_context
from service.api.cors import allow_pages
from service.api.exposure import expose
from service.api.line_spool import SpoolBudget
from service.api.proxies import TrustedProxies
from service.api.rate_limits import limit_requests
from service.api.registration import register_api
from service.api.request_hooks import enable_tracing
from service.api.security_headers import require_https
from service.api.stream_slots import StreamSlots
from service.config.models_config import ModelsConfig, prepare_models_config
from service.config.settings import KNOWLEDGE, Settings, read_settings
from service.config.watchlist_files import prepared_watchlists
from service.enrichment.article import Article
from service.enrichment.bounds import Bounds
from service.enrichment.language_detector import trained_detector
from service.enrichment.links.linker import Linker
from service.enrichment.pipeline import Enricher
from service.enrichment.watchlists.index import WatchlistIndex
from service.execution import memory
from service.execution.cache import EnrichmentCache
from service.execution.model_registry import ModelRegistry, ServedModel
from service.execution.scheduler import Scheduler
from service.execution.stores import MemoryStore, RedisStore, Store
from service.inference.loader import LoadedModel, load_model
from service.inference.model_files import ModelSpec
from service.observability import metrics

_WARM_UP_TEXT = "Ms. Example of Example Inc. said in London on Monday that all was well."


def create_app(
    settings: Settings,
    models: ModelRegistry,
    cores: int | None = None,
    watchlists: WatchlistIndex | None = None,
) -> Flask:
    """The application that serves ``models``.

    Args:
        settings: limits.
        models: as of :func:`create_registry`.
        cores: most cores that articles use at the same time; by default, as in ``settings``.
        watchlists: the lists; by default, those of ``settings``.

    Raises:
        OSError: the knowledge base cannot be read.
        SettingError: the file of API keys or a list cannot be read or is invalid.
    """
    app = Flask("enrichment", static_folder=None)
    register_api(app)
    scheduler = Scheduler(
        cores or settings.most_cores,
        settings.cores * settings.queue_tokens,
        settings.threads * 3 // 4,
        own_cores=settings.cores,
    )
    context = AppContext(
        models,
        Linker(KNOWLEDGE),
        prepared_watchlists(settings) if watchlists is None else watchlists,
        scheduler,
        max_body_bytes=settings.max_body_bytes,
        max_batch=settings.max_batch,
        request_timeout=settings.request_timeout,
        streams=StreamSlots(settings.threads // 4),
        spool=SpoolBudget(settings.spool_bytes // settings.workers),
        executors=CallerExecutors(scheduler.cores + 2),
        cache_shared=settings.cache_shared,
    )
    set_app_context(app, context)
    _control_access(app, settings)
    if settings.otel_exporter_otlp_endpoint:
        enable_tracing(app, settings.otel_exporter_otlp_endpoint)
    metrics.serving(settings.workers)
    return app


def _control_access(app: Flask, settings: Settings) -> None:
    """Apply the settings that control access."""
    if settings.allowed_hosts:
        allow_hosts(app, settings.allowed_hosts, settings.admin_port)
    exposures = {
        "metrics": settings.expose_metrics,
        "docs": settings.expose_docs,
        "page": settings.expose_page,
    }
    if set(exposures.values()) != {"public"}:
        expose(app, exposures, settings.admin_port)
    if settings.cors_origins:
        allow_pages(app, settings.cors_origins)
    if settings.api_keys_file:
        require_keys(app, Keyring(Path(settings.api_keys_file)))
    if settings.api_keys_file or settings.limits:
        limiter = Limiter(settings.limits_url)
        limit_requests(app, limiter, dict(settings.limits), not settings.api_keys_file)
        audit(app, settings.admin_port)
    if settings.tls_certificate:
        require_https(app)
    if settings.forwarded_allow_ips:
        app.wsgi_app = TrustedProxies(  # type: ignore[method-assign]
            app.wsgi_app, settings.forwarded_allow_ips
        )


def create_registry(
    settings: Settings,
    models_config: ModelsConfig,
    sizes: Mapping[str, int],
    load: Callable[[ModelSpec, Path], LoadedModel] = load_model,
) -> ModelRegistry:
    """The models of ``models_config``, with the default model loaded.

    Args:
        settings: memory, and the stores of the cache.
        models_config: the models of the server.
        sizes: name → bytes of each model.
        load: loads a model.

    Raises:
        ModelError: the default model cannot be loaded.
    """
    stores, detector = create_stores(settings), trained_detector()
    bounds = Bounds.for_body(settings.max_body_bytes)

    def load_served(name: str) -> ServedModel:
        loaded = load(models_config.specs[name], Path(settings.model_store))
        cache = EnrichmentCache(stores, loaded.info.digest)
        return ServedModel(loaded.info, Enricher(loaded.model, detector, bounds), cache)

    max_waiting = settings.threads // 8
    return ModelRegistry(
        load_served, sizes, models_config.default, settings.models_memory, max_waiting
    )


def create_stores(settings: Settings) -> list[Store]:
    """The stores of the cache, nearest first."""
    stores: list[Store] = []
    if settings.cache_bytes:
        stores.append(MemoryStore(settings.cache_bytes))
        if settings.cache_url:
            stores.append(RedisStore(settings.cache_url, settings.cache_secret))
    return stores


def warm_up(app: Flask) -> None:
    """Enrich one sentence, so that no request waits for resources that load on first use."""
    context = get_app_context(app)
    model = context.models.get()
    model.enricher.enrich(Article(_WARM_UP_TEXT, language=model.info.languages[0]))
    context.warm.set()
    metrics.ready()


def wsgi_app() -> Flask:
    """The entry point of gunicorn, called in each worker: the application of the environment, warm.

    Raises:
        ModelError: the default model cannot be loaded.
    """
    memory.limit_arenas()
    settings = read_settings()
    app = create_app(settings, create_registry(settings, *prepare_models_config(settings)))
    warm_up(app)
    memory.settle()
    memory.start_trimming()
    return app
