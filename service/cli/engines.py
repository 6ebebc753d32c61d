"""The engines that enrich articles: the embedded model on all cores, or a server.

Both run the same client against the same application, so that an article has the same result with
either, problems included.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import replace
from threading import Thread
from typing import TYPE_CHECKING

import httpx

from service.api.problem_types import ProblemType
from service.cli.columns import Document
from service.cli.ordered_map import map_in_order
from service.cli.results import Result, unreadable, without_request_id
from service.client import Client, Parameters, RequestRejected, Unavailable
from service.config.cpu import usable_cores
from service.config.settings import Settings, read_settings

if TYPE_CHECKING:
    from flask import Flask

    from service.enrichment.watchlists.index import ListContent

CONCURRENT_REQUESTS = 16
"""Requests to a server at the same time: enough to keep eight cores busy."""

_LOOKAHEAD = 4
"""Articles to read ahead from the input, for each worker or concurrent request."""

_RETRY_SECONDS = 3600.0
"""Seconds during which an article is retried on a busy server: this run keeps the server busy, and
long articles take long."""

_UNLIMITED = 1 << 40


class ModelChanged(Exception):
    """The engine runs another model than the pinned one. The message names it."""


class KeyRejected(Exception):
    """The server does not accept the API key, or requires one. The message gives the reason."""


class InvalidParameter(Exception):
    """The engine rejects a parameter, whatever the article. The message gives the reason."""


Engine = Callable[[Iterable[Document]], Iterator[tuple[Document, Result]]]
"""Enriches documents concurrently and yields results in the order of the documents."""


@contextmanager
def embedded(new_app: Callable[[], Flask], parameters: Parameters) -> Iterator[Engine]:
    """An engine with one process for each core, each with an application of its own.

    The engine raises :class:`~service.client.Unavailable` if one of its processes is killed.

    Args:
        new_app: creates the application; called in each process.
        parameters: query parameters of every enrichment.
    """
    # Spawn, not fork: the workers must not inherit threads and open files.
    context = multiprocessing.get_context("spawn")
    workers = usable_cores()
    pool = ProcessPoolExecutor(workers, context, _start_worker, (new_app, parameters))

    def enrich_all(documents: Iterable[Document]) -> Iterator[tuple[Document, Result]]:
        try:
            yield from map_in_order(pool, _enrich_in_worker, documents, workers * _LOOKAHEAD)
        except BrokenProcessPool:
            raise Unavailable("A worker process with the model was killed.") from None

    try:
        yield enrich_all
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def remote(
    url: str, wait: float, parameters: Parameters, api_key: str | None = None
) -> Iterator[Engine]:
    """An engine that sends each article to a server.

    Args:
        url: address of the server.
        wait: seconds to wait for the server to become ready.
        parameters: query parameters of every enrichment.
        api_key: secret of an API key of the server.

    Raises:
        Unavailable: the server is not ready in time.
    """
    with Client(url, retry_seconds=_RETRY_SECONDS, api_key=api_key) as client:
        client.wait_until_ready(wait)
        pool = ThreadPoolExecutor(CONCURRENT_REQUESTS)

        def enrich(document: Document) -> Result:
            return enrich_document(client, document, parameters)

        try:
            yield lambda documents: map_in_order(
                pool, enrich, documents, CONCURRENT_REQUESTS * _LOOKAHEAD
            )
        finally:
            client.close()  # after an error, ends the retries of the requests in flight
            pool.shutdown(cancel_futures=True)


def embedded_settings(cached: bool = True) -> Settings:
    """The settings from the environment, for one core and without limits on size, time and callers.

    Args:
        cached: whether to cache enrichments, as the environment sets it.

    Raises:
        SettingError: an environment variable is invalid.
    """
    settings = read_settings()
    return replace(
        settings,
        cache_bytes=settings.cache_bytes if cached else 0,
        workers=usable_cores(),
        max_body_bytes=_UNLIMITED,
        queue_tokens=_UNLIMITED,
        request_timeout=_UNLIMITED,
        api_keys_file="",
        limits=(),
        allowed_hosts=(),
    )


def embedded_app(
    model: str | None, lists: Sequence[ListContent] | None = None, cached: bool = True
) -> Flask:
    """The service's application, with one of the configured models.

    Args:
        model: its name; ``None`` for the default.
        lists: the watch lists; by default, those of the settings.
        cached: whether it caches enrichments, as the environment sets it.
    """
    # Importing these takes a second, and --url does not need them.
    from service.app import create_app, create_registry
    from service.config.models_config import read_models_config
    from service.enrichment.watchlists.index import WatchlistIndex

    settings = embedded_settings(cached)
    plan = read_models_config(settings).select(model)
    models = create_registry(settings, plan, dict.fromkeys(plan.specs, 0))
    watchlists = None if lists is None else WatchlistIndex(lists)
    return create_app(settings, models, 1, watchlists)


def check_embedded(model: str | None, configured_lists: bool = True) -> None:
    """Check model and lists here, since an error in a worker process breaks the whole pool.

    Args:
        model: its name; ``None`` for the default.
        configured_lists: whether to check the lists of the settings.

    Raises:
        SettingError: an environment variable or a list is invalid, or there is no model of that
            name.
        ModelError: the model is missing or incomplete.
    """
    from service.config.models_config import check_models, read_models_config  # as above
    from service.config.watchlist_files import prepared_watchlists

    settings = embedded_settings()
    if configured_lists:
        prepared_watchlists(settings)
    check_models(read_models_config(settings).select(model), settings)


def enrich_with(app: Flask, parameters: Parameters) -> Callable[[Document], Result]:
    """A function that enriches a document with an application in this process."""
    client = Client("http://embedded", transport=httpx.WSGITransport(app))
    return lambda document: without_request_id(enrich_document(client, document, parameters))


def enrich_document(client: Client, document: Document, parameters: Parameters) -> Result:
    """Enrich one article.

    Raises:
        Unavailable: there is no answer.
        ModelChanged: ``parameters`` pin another model than the one that runs.
        InvalidParameter: ``parameters`` are invalid, for example name an unknown model.
        KeyRejected: the server requires another API key.
    """
    if document.read_error is not None:
        return unreadable(document.source, document.read_error)
    try:
        enrichment = client.enrich_body(document.body, document.media_type, **parameters)
    except RequestRejected as error:
        problem = error.problem
        if problem["type"] == ProblemType.OTHER_MODEL.type:
            raise ModelChanged(problem["detail"]) from None
        if problem["type"] == ProblemType.INVALID_PARAMETER.type:
            raise InvalidParameter(problem["detail"]) from None
        if problem["type"] in (ProblemType.INVALID_KEY.type, ProblemType.MISSING_SCOPE.type):
            raise KeyRejected(problem["detail"]) from None
        return {"source": document.source, "status": problem["status"], "problem": problem}
    if document.id is not None:
        enrichment = {**enrichment, "id": document.id}
    return {"source": document.source, "status": 200, "enrichment": enrichment}


_enrich: Callable[[Document], Result]
"""State of a worker process: set once by its initializer, since a pool passes only the item."""


def _start_worker(new_app: Callable[[], Flask], parameters: Parameters) -> None:
    global _enrich
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to the whole group
    Thread(target=_exit_with_parent, daemon=True).start()
    _enrich = enrich_with(new_app(), parameters)


def _enrich_in_worker(document: Document) -> Result:
    return _enrich(document)


def _exit_with_parent() -> None:
    """Exit when the parent does: the workers of a killed parent would wait forever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)
