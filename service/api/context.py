"""State that views and hooks share: a context for each application, and one for each request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from threading import Event
from time import perf_counter
from typing import TYPE_CHECKING

from flask import Flask, current_app, g

from service.access.api_key import ApiKey
from service.access.limiter import Caller
from service.api.caller_executors import CallerExecutors
from service.api.line_spool import SpoolBudget
from service.api.stream_slots import StreamSlots
from service.enrichment.links.linker import Linker
from service.enrichment.timings import StageTimer
from service.enrichment.types import ArticleWarning, Coverage
from service.enrichment.watchlists.index import WatchlistIndex
from service.execution.model_registry import ModelRegistry
from service.execution.page_extraction import PageExtractor
from service.execution.scheduler import Scheduler
from service.execution.text_budget import TextBudget

if TYPE_CHECKING:
    from service.observability.tracing import RequestSpan

_EXTENSION = "enrichment"


@dataclass(frozen=True)
class AppContext:
    """The models, the scheduler and the limits of one worker.

    Attributes:
        models: the models, by name.
        linker: links entities to the knowledge base.
        watchlists: links entities to the lists.
        scheduler: shares out the encoder.
        max_body_bytes: most bytes of a request body, and of a line of a stream.
        max_batch: most articles in a JSON batch.
        request_timeout: most seconds for a request, or for a line of a stream.
        streams: limits the streams that are read at the same time.
        spool: limits the lines of streams that wait.
        executors: threads for the articles of batches and streams.
        cache_shared: whether callers with different API keys share cached enrichments.
        pages: extracts the articles of web pages.
        texts: limits the text that is processed at the same time.
        warm: set once the default model has run.
    """

    models: ModelRegistry
    linker: Linker
    watchlists: WatchlistIndex
    scheduler: Scheduler
    max_body_bytes: int
    max_batch: int
    request_timeout: int
    streams: StreamSlots
    spool: SpoolBudget
    executors: CallerExecutors
    cache_shared: bool = False
    pages: PageExtractor = field(default_factory=PageExtractor)
    texts: TextBudget = field(default_factory=TextBudget)
    warm: Event = field(default_factory=Event)


def set_app_context(app: Flask, context: AppContext) -> None:
    """Attach ``context`` to ``app``."""
    app.extensions[_EXTENSION] = context


def get_app_context(app: Flask | None = None) -> AppContext:
    """The context of ``app``; by default, of the application that handles the current request."""
    context: AppContext = (app or current_app).extensions[_EXTENSION]
    return context


@dataclass
class RequestContext:
    """What is recorded about a request, for its headers, log line, metrics and trace.

    Attributes:
        request_id: the value of ``X-Request-Id``.
        trace_id: of the client's trace or, with tracing, of the request's own.
        route: the matched URL rule, if any.
        span: of the trace, if the request is traced.
        started: on the clock of :func:`time.perf_counter`.
        timer: the stages of the enrichment.
        body_bytes: bytes of the body received so far.
        coverage: of the enrichment, if the request has one.
        cache_status: value of the header field ``Cache-Status``.
        problem: URI of the problem type of an error response.
        page_language: language that a web page declares.
        page_published: day of publication that it declares.
        page_warnings: of the extraction of its article.
        key: the API key, if the route requires one.
        expired_key: id of the API key that was sent, if it has expired.
        caller: whose limits count.
        release: to call when the request ends, so that the caller may send another.
    """

    request_id: str
    trace_id: str | None = None
    route: str | None = None
    span: RequestSpan | None = None
    started: float = field(default_factory=perf_counter)
    timer: StageTimer = field(default_factory=StageTimer)
    body_bytes: int = 0
    coverage: Coverage | None = None
    cache_status: str = ""
    problem: str | None = None
    page_language: str | None = None
    page_published: date | None = None
    page_warnings: tuple[ArticleWarning, ...] = ()
    key: ApiKey | None = None
    expired_key: str | None = None
    caller: Caller = field(default_factory=Caller)
    release: Callable[[], None] | None = None


def set_request_context(context: RequestContext) -> None:
    """Attach ``context`` to the current request."""
    g.request_context = context


def get_request_context() -> RequestContext:
    """The context of the current request."""
    context: RequestContext = g.request_context
    return context
