"""All metrics, and the functions that update them.

Each function takes a few microseconds and is thread-safe. Under gunicorn, each worker writes its
own files, which :mod:`service.observability.prometheus_export` aggregates.
"""

from __future__ import annotations

import re
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from service.enrichment.timings import StageTimer
from service.enrichment.types import Coverage

NAMESPACE = "enrich"
REGISTRY = CollectorRegistry()
UNMATCHED = "unmatched"
"""Route label of a request that matches no route."""

MAX_KEYS = 1000
"""Most values of the label ``key`` in a process; further keys count as :data:`OTHER_KEYS`."""

OTHER_KEYS = "other"

_OK = "ok"
_CACHE_RESULT = re.compile(r"(\w+); (?:fwd=)?(hit|miss|bypass)")
_REQUEST_SECONDS = (
    *(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
    *(1, 2.5, 5, 10, 30, 60, 120, 300),
)
_STAGE_SECONDS = (*(0.0001, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25), *(1, 5, 30))


def _counter(name: str, description: str, *labels: str) -> Counter:
    return Counter(name, description, labels, namespace=NAMESPACE, registry=REGISTRY)


def _histogram(name: str, description: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
    return Histogram(
        name,
        description,
        labels,
        namespace=NAMESPACE,
        registry=REGISTRY,
        buckets=buckets,
        unit="seconds",
    )


def _gauge(mode: Literal["livesum", "livemax"], name: str, description: str, *labels: str) -> Gauge:
    return Gauge(
        name,
        description,
        labels,
        namespace=NAMESPACE,
        registry=REGISTRY,
        multiprocess_mode=mode,
    )


def _summed_gauge(name: str, description: str, *labels: str) -> Gauge:
    """A gauge that is summed over the live workers."""
    return _gauge("livesum", name, description, *labels)


def _shared_gauge(name: str, description: str, *labels: str) -> Gauge:
    """A gauge that has the same value in all live workers."""
    return _gauge("livemax", name, description, *labels)


_requests = _counter("requests", "Responses sent.", "route", "status")
_request_duration = _histogram(
    "request_duration",
    "Time from the head of a request to its response; for a stream, to its end.",
    _REQUEST_SECONDS,
    "route",
)
_in_flight = _summed_gauge("requests_in_flight", "Requests in progress.", "route")
_problems = _counter("problems", "Problem responses, by type.", "problem")

_key_requests = _counter(
    "key_requests", "Responses to requests with an API key, by its id.", "key", "status"
)
_key_labels: set[str] = set()

_articles = _counter(
    "articles",
    "Articles processed: in requests, batches or streams; ok, or the type of the problem.",
    "via",
    "outcome",
)
_tokens = _counter("tokens", "Tokens of enriched articles.", "source")
_characters = _counter("characters", "Characters of enriched articles.", "source")
_stage_duration = _histogram(
    "stage_duration", "Time per article in a stage of the pipeline.", _STAGE_SECONDS, "stage"
)
_cache_lookups = _counter(
    "cache_lookups", "Lookups of articles in a cache, by result.", "store", "result"
)

_cache_bytes = _summed_gauge("cache_bytes", "Size of the cache in memory.")
_model = _shared_gauge(
    "model_info",
    "1 if a worker has loaded the model.",
    *("model", "name", "version", "digest"),
)
_workers = _shared_gauge("workers", "Configured number of workers.")
_ready = Gauge(
    "worker_ready",
    "1 if the worker is ready: it has loaded and run its model.",
    namespace=NAMESPACE,
    registry=REGISTRY,
    multiprocess_mode="liveall",
)

_queued_articles = _summed_gauge("queue_articles", "Articles queued or being processed.")
_queued_tokens = _summed_gauge("queue_tokens", "Estimated tokens to be processed.")
_articles_limit = _summed_gauge(
    "queue_articles_limit", "Maximum of articles queued; more are rejected."
)
_tokens_limit = _summed_gauge(
    "queue_tokens_limit", "Maximum of tokens queued; more articles are rejected."
)
_queue_wait = _histogram(
    "queue_wait",
    "Time from the queueing of an article to its first encoder pass.",
    _REQUEST_SECONDS,
)
_busy = _counter("encoder_busy_seconds", "Core time spent in encoder passes.")
_rejected = _counter("queue_rejected_articles", "Articles rejected because the queue was full.")
_timeouts = _counter("queue_timeouts", "Articles whose deadline passed before they were processed.")


def serving(workers: int) -> None:
    """Set the configured number of workers."""
    _workers.set(workers)


def model_loaded(model: str, name: str, version: str, digest: str) -> None:
    """Record that this worker has loaded a model.

    Args:
        model: Name of the model on this server.
        name: Name of the model in its manifest or checkpoint.
        version: Version of the model.
        digest: Hash of the model's files.
    """
    _model.labels(model, name, version, digest).set(1)


def model_dropped(model: str, name: str, version: str, digest: str) -> None:
    """Record that this worker has unloaded a model. Arguments as for :func:`model_loaded`."""
    _model.labels(model, name, version, digest).set(0)


def ready() -> None:
    """Record that this worker is ready."""
    _ready.set(1)


def request_began(route: str) -> None:
    """Record the start of a request.

    Args:
        route: The URL rule, or :data:`UNMATCHED`; not the path, which has unlimited values.
    """
    _in_flight.labels(route).inc()


def request_ended(route: str, status: int, seconds: float, trace_id: str | None) -> None:
    """Record the end of a request.

    Args:
        route: As for :func:`request_began`.
        status: HTTP status.
        seconds: Duration of the request.
        trace_id: Trace of the request, for an exemplar; ignored in multiprocess mode, which has no
            exemplars.
    """
    _in_flight.labels(route).dec()
    _requests.labels(route, status).inc()
    _request_duration.labels(route).observe(seconds, {"trace_id": trace_id} if trace_id else None)


def problem(problem_type: str) -> None:
    """Record a problem response.

    Args:
        problem_type: URI of the problem type.
    """
    _problems.labels(_last_segment(problem_type)).inc()


def key_used(key_id: str, status: int) -> None:
    """Record the response to a request with an API key.

    Args:
        key_id: Id of the key.
        status: HTTP status.
    """
    if len(_key_labels) < MAX_KEYS:
        _key_labels.add(key_id)
    _key_requests.labels(key_id if key_id in _key_labels else OTHER_KEYS, status).inc()


def article_read(via: str, coverage: Coverage, stages: StageTimer, cache_status: str) -> None:
    """Record an enriched article.

    Args:
        via: ``request``, ``batch`` or ``stream``.
        coverage: Coverage of the enrichment.
        stages: Time per stage.
        cache_status: Value of the ``Cache-Status`` header.
    """
    _articles.labels(via, _OK).inc()
    results = _CACHE_RESULT.findall(cache_status)
    for store, result in results:
        _cache_lookups.labels(store, result).inc()
    source = "cache" if any(result == "hit" for _, result in results) else "model"
    _tokens.labels(source).inc(coverage.tokens)
    _characters.labels(source).inc(coverage.analyzed)
    for name, seconds in stages.seconds.items():
        _stage_duration.labels(name).observe(max(0.0, seconds))


def article_failed(via: str, problem_type: str) -> None:
    """Record an article that could not be enriched.

    Args:
        via: ``request``, ``batch`` or ``stream``.
        problem_type: URI of the problem type.
    """
    _articles.labels(via, _last_segment(problem_type)).inc()


def queue_limits(articles: int, tokens: int) -> None:
    """Set the maximum of articles and tokens in the queue of this process."""
    _articles_limit.set(articles)
    _tokens_limit.set(tokens)


def cache_size(size: float) -> None:
    """Set the bytes in the memory cache of this process."""
    _cache_bytes.set(size)


def queue_depth(articles: int, tokens: float) -> None:
    """Set the articles and tokens that are queued or being processed in this process."""
    _queued_articles.set(articles)
    _queued_tokens.set(tokens)


def queue_waited(seconds: float) -> None:
    """Record how long an article waited in the queue."""
    _queue_wait.observe(seconds)


def encoder_busy(seconds: float) -> None:
    """Add the core time of an encoder pass."""
    _busy.inc(seconds)


def queue_rejected() -> None:
    """Record an article, or a batch, that was rejected because the queue was full."""
    _rejected.inc()


def queue_timed_out() -> None:
    """Record an article whose deadline passed before it was processed."""
    _timeouts.inc()


def _last_segment(problem_type: str) -> str:
    return problem_type.rpartition("/")[2]
