"""Every metric, and the functions by which the rest of the service counts.

Each function costs some microseconds and may be called from any thread. Where gunicorn runs, each
worker counts in files of its own, and :mod:`service.observability.prometheus_export` adds them up.
"""

from __future__ import annotations

import re

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from service.enrichment.timings import StageTimer
from service.enrichment.types import Coverage

NAMESPACE = "enrich"
REGISTRY = CollectorRegistry()
UNMATCHED = "unmatched"
"""The route of a request whose path or method there is not."""

_OK = "ok"
_CACHE = re.compile(r"(\w+); (?:fwd=)?(hit|miss|bypass)")
_REQUEST_SECONDS = (
    *(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
    *(1, 2.5, 5, 10, 30, 60, 120, 300),
)
_STAGE_SECONDS = (*(0.0001, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25), *(1, 5, 30))


def _counter(name: str, says: str, *labels: str) -> Counter:
    return Counter(name, says, labels, namespace=NAMESPACE, registry=REGISTRY)


def _histogram(name: str, says: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
    return Histogram(
        name, says, labels, namespace=NAMESPACE, registry=REGISTRY, buckets=buckets, unit="seconds"
    )


def _sum(name: str, says: str, *labels: str) -> Gauge:
    """A gauge whose value is the sum of those of the workers that live."""
    return Gauge(
        name, says, labels, namespace=NAMESPACE, registry=REGISTRY, multiprocess_mode="livesum"
    )


def _same(name: str, says: str, *labels: str) -> Gauge:
    """A gauge of which all workers that live have the same value."""
    return Gauge(
        name, says, labels, namespace=NAMESPACE, registry=REGISTRY, multiprocess_mode="livemax"
    )


_requests = _counter("requests", "Requests answered.", "route", "status")
_request = _histogram(
    "request_duration",
    "From the head of a request to the answer; of streams, to its end.",
    _REQUEST_SECONDS,
    "route",
)
_in_flight = _sum("requests_in_flight", "Requests being answered.", "route")
_problems = _counter("problems", "Requests answered with a problem, by its kind.", "problem")

_articles = _counter(
    "articles",
    "Articles answered: by requests, in batches, in streams; ok, or the kind of problem.",
    "via",
    "outcome",
)
_tokens = _counter("tokens", "Tokens of the articles answered.", "source")
_characters = _counter("characters", "Characters of the articles answered.", "source")
_stage = _histogram("stage_duration", "Time in a stage, by article.", _STAGE_SECONDS, "stage")
_cache = _counter("cache_lookups", "Articles looked up in a store, by result.", "store", "result")

_model = _same(
    "model_info",
    "Whether a worker has the model loaded.",
    *("model", "name", "version", "digest"),
)
_workers = _same("workers", "Workers that there should be.")
_ready = Gauge(
    "worker_ready",
    "Whether the worker has run its model once.",
    namespace=NAMESPACE,
    registry=REGISTRY,
    multiprocess_mode="liveall",
)

_queued_articles = _sum("queue_articles", "Articles that wait or are worked on.")
_queued_tokens = _sum("queue_tokens", "Tokens that wait to be read. An estimate.")
_most_articles = _sum("queue_articles_limit", "Articles from which on others are refused.")
_most_tokens = _sum("queue_tokens_limit", "Tokens from which on articles are refused.")
_wait = _histogram(
    "queue_wait", "From an article's place in the queue to its first pass.", _REQUEST_SECONDS
)
_busy = _counter("encoder_busy_seconds", "Time that cores have spent on passes of the encoder.")
_rejected = _counter("queue_rejected_articles", "Articles that the queue had no place for.")
_timeouts = _counter("queue_timeouts", "Articles whose time was over before they were read.")


def serving(workers: int) -> None:
    """This worker is one of so many ``workers``."""
    _workers.set(workers)


def model_loaded(model: str, name: str, version: str, digest: str) -> None:
    """This worker has loaded a model.

    Args:
        model: what it is called on this server.
        name: what it calls itself.
        version: as it says.
        digest: tells it from all others.
    """
    _model.labels(model, name, version, digest).set(1)


def model_dropped(model: str, name: str, version: str, digest: str) -> None:
    """This worker has dropped a model. Arguments as of :func:`model_loaded`."""
    _model.labels(model, name, version, digest).set(0)


def ready() -> None:
    """This worker has run its model once."""
    _ready.set(1)


def request_began(route: str) -> None:
    """A request has come.

    Args:
        route: the rule of its path, or :data:`UNMATCHED`; never the path itself, of which there is
            no end.
    """
    _in_flight.labels(route).inc()


def request_ended(route: str, status: int, seconds: float, trace_id: str | None) -> None:
    """A request has been answered.

    Args:
        route: as at its beginning.
        status: of HTTP.
        seconds: since its beginning.
        trace_id: becomes an exemplar where the library can keep one, which is in one process only.
    """
    _in_flight.labels(route).dec()
    _requests.labels(route, status).inc()
    _request.labels(route).observe(seconds, {"trace_id": trace_id} if trace_id else None)


def problem(kind: str) -> None:
    """A request, or what was none, has been answered with a problem of this ``type``."""
    _problems.labels(_name(kind)).inc()


def article_read(via: str, coverage: Coverage, stages: StageTimer, cache_status: str) -> None:
    """An article has been enriched.

    Args:
        via: ``request``, ``batch`` or ``stream``.
        coverage: of the enrichment.
        stages: of the article.
        cache_status: the value of the header field ``Cache-Status``.
    """
    _articles.labels(via, _OK).inc()
    results = _CACHE.findall(cache_status)
    for store, result in results:
        _cache.labels(store, result).inc()
    source = "cache" if any(result == "hit" for _, result in results) else "model"
    _tokens.labels(source).inc(coverage.tokens)
    _characters.labels(source).inc(coverage.analyzed)
    for name, seconds in stages.seconds.items():
        _stage.labels(name).observe(max(0.0, seconds))


def article_failed(via: str, kind: str) -> None:
    """An article has been answered with a problem of the ``type`` ``kind``."""
    _articles.labels(via, _name(kind)).inc()


def queue_limits(articles: int, tokens: int) -> None:
    """How many articles and tokens may wait in this process."""
    _most_articles.set(articles)
    _most_tokens.set(tokens)


def queue_depth(articles: int, tokens: float) -> None:
    """How many articles and tokens wait, or are worked on, in this process now."""
    _queued_articles.set(articles)
    _queued_tokens.set(tokens)


def queue_waited(seconds: float) -> None:
    """An article that has come to its turn had waited so long."""
    _wait.observe(seconds)


def encoder_busy(seconds: float) -> None:
    """A core has spent so long on a pass."""
    _busy.inc(seconds)


def queue_rejected() -> None:
    """The queue had no place for an article, or for a batch of them."""
    _rejected.inc()


def queue_timed_out() -> None:
    """The time of an article was over before it was read."""
    _timeouts.inc()


def _name(kind: str) -> str:
    return kind.rpartition("/")[2]
