"""Enrichments that are kept: an article that comes again is answered without the model.

The same article has the same enrichment as long as model, code and libraries are the same. These
are part of the key, so that nothing that is kept is ever wrong.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple, Protocol

import msgspec
import redis
from cachetools import LRUCache
from redis.backoff import NoBackoff
from redis.retry import Retry

from service.enrichment.model_protocol import PassRunner, run_sequentially
from service.enrichment.pipeline import Enricher
from service.enrichment.timings import StageTimer
from service.enrichment.types import Article, Enrichment

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

REDIS_SECONDS = 0.25
"""How long Redis may take to be reached, and to answer."""

REDIS_PAUSE = 5.0
"""Seconds for which Redis is left alone after it has failed."""

REDIS_KEPT = 7 * 24 * 3600
"""Seconds for which Redis keeps an enrichment, unless it needs the room."""

_ENTRY = 500  # bytes that an entry of the memory costs besides its value, key included
_SERVICE = Path(__file__).parents[1]
_FOLDERS = ("enrichment", "inference")
_LIBRARIES = (
    *("numpy", "onnxruntime", "py3langid", "regex", "syntok", "tokenizers", "torch"),
    "transformers",
)
_log = logging.getLogger(__name__)


class StoreUnavailable(Exception):
    """A store does not answer now."""


class Store(Protocol):
    """Where packed enrichments are kept. Called from several threads at once."""

    name: str

    def get(self, key: str) -> bytes | None:
        """What is kept under ``key``.

        Raises:
            StoreUnavailable: nobody knows.
        """

    def put(self, key: str, value: bytes) -> bool:
        """Keep ``value``, and say whether there was room for it.

        Raises:
            StoreUnavailable: nobody knows.
        """


class Memory:
    """Keeps in this process what was asked for last.

    Args:
        size: bytes that it may come to.
    """

    name = "memory"

    def __init__(self, size: int) -> None:
        self._kept: LRUCache[str, bytes] = LRUCache(size, lambda value: len(value) + _ENTRY)
        self._lock = Lock()

    def get(self, key: str) -> bytes | None:
        """See :class:`Store`."""
        with self._lock:
            return self._kept.get(key)

    def put(self, key: str, value: bytes) -> bool:
        """See :class:`Store`."""
        with self._lock:
            if len(value) + _ENTRY > self._kept.maxsize:
                return False
            self._kept[key] = value
            return True


class Redis:
    """Keeps in a Redis what all replicas share. One that fails is left alone for a while.

    Args:
        url: ``redis://``, ``rediss://`` or ``unix://``.
    """

    name = "redis"

    def __init__(self, url: str) -> None:
        self._client = redis.Redis.from_url(
            url,
            socket_connect_timeout=REDIS_SECONDS,
            socket_timeout=REDIS_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._away_until = 0.0

    def get(self, key: str) -> bytes | None:
        """See :class:`Store`."""
        found: bytes | None = self._ask(lambda: self._client.get(key))
        return found

    def put(self, key: str, value: bytes) -> bool:
        """See :class:`Store`."""
        self._ask(lambda: self._client.set(key, value, ex=REDIS_KEPT))
        return True

    def _ask(self, question: Callable[[], Any]) -> Any:
        if time.monotonic() < self._away_until:
            raise StoreUnavailable
        try:
            return question()
        except redis.RedisError as error:
            self._away_until = time.monotonic() + REDIS_PAUSE
            _log.warning("Redis fails, and is left alone for %g seconds: %s", REDIS_PAUSE, error)
            raise StoreUnavailable from None


class CachedEnrichment(NamedTuple):
    """An enrichment, and what the stores had to do with it.

    ``cache_status`` is the value of the header field ``Cache-Status`` (RFC 9211), ``""`` where
    there are no stores.
    """

    enrichment: Enrichment
    cache_status: str


Admission = Callable[[int, StageTimer], AbstractContextManager[PassRunner]]
"""Lets an article of so many characters be read; raises what it likes if it must not be."""


def unlimited(characters: int, stages: StageTimer) -> AbstractContextManager[PassRunner]:
    """An :data:`Admission` for every article, at once."""
    return nullcontext(run_sequentially)


class CachedEnricher:
    """Asks its stores, one after the other, before the enricher. Threads may share one.

    Args:
        origin: what makes the enrichments.
        stores: the nearest first.
        model_digest: tells its model from others.
    """

    def __init__(self, origin: Enricher, stores: Sequence[Store], model_digest: str) -> None:
        self.origin = origin
        self._stores = tuple(stores)
        self._version = f"{model_digest} {code_digest()}"

    def enrich(
        self,
        article: Article,
        stages: StageTimer | None = None,
        admission: Admission = unlimited,
    ) -> CachedEnrichment:
        """The enrichment of ``article``, which is that of :meth:`Enricher.enrich`.

        Args:
            article: any length.
            stages: takes up how long each stage took, ``cache`` among them.
            admission: asked where no store has the enrichment; what it raises is passed on.

        Raises:
            UnsupportedLanguage: the model does not know the article's language.
        """
        stages = stages or StageTimer()
        language = (article.language, article.language_hints)
        content = (self._version, article.title, article.text, *language)
        key = f"enrichment:{sha256(msgspec.json.encode(content)).hexdigest()}"
        enrichment, statuses = self._ask(
            self._stores, key, stages, lambda: self._read(article, stages, admission)
        )
        return CachedEnrichment(enrichment, ", ".join(statuses))

    def _read(self, article: Article, stages: StageTimer, admission: Admission) -> Enrichment:
        characters = len(article.text) + len(article.title or "")
        with admission(characters, stages) as passes:
            return self.origin.enrich(article, stages, passes)

    def _ask(
        self, stores: Sequence[Store], key: str, stages: StageTimer, read: Callable[[], Enrichment]
    ) -> tuple[Enrichment, list[str]]:
        """The enrichment, and what each store had to do with it, the farthest first."""
        if not stores:
            return read(), []
        store, *farther = stores
        try:
            with stages("cache"):
                packed = store.get(key)
                found = None if packed is None else _unpack(packed, store)
        except StoreUnavailable:
            enrichment, statuses = self._ask(farther, key, stages, read)
            return enrichment, [*statuses, f"{store.name}; fwd=bypass; detail=unavailable"]
        if found is not None:
            return found, [f"{store.name}; hit"]
        enrichment, statuses = self._ask(farther, key, stages, read)
        stored = False
        with stages("cache"), suppress(StoreUnavailable):
            stored = store.put(key, _pack(enrichment))
        return enrichment, [*statuses, f"{store.name}; fwd=miss{'; stored' if stored else ''}"]


def _pack(enrichment: Enrichment) -> bytes:
    return zstd.compress(msgspec.msgpack.encode(enrichment), 1)


def _unpack(packed: bytes, store: Store) -> Enrichment | None:
    """The enrichment; ``None`` if somebody else has written what is there."""
    try:
        return msgspec.msgpack.decode(zstd.decompress(packed), type=Enrichment)
    except (zstd.ZstdError, msgspec.MsgspecError) as error:
        _log.warning("What is kept in %s is no enrichment: %s", store.name, error)
        return None


def code_digest() -> str:
    """SHA-256, hexadecimal, of what else than article and model decides an enrichment.

    That is the code of the domain and of the inference, and the versions of what they stand on.
    """
    digest = sha256()
    for folder in _FOLDERS:
        paths = (_SERVICE / folder).rglob("*")
        for path in sorted(path for path in paths if path.suffix in {".py", ".txt"}):
            digest.update(path.read_bytes())
    digest.update(repr([(name, _version(name)) for name in _LIBRARIES]).encode())
    return digest.hexdigest()


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:  # torch, where every model is in ONNX
        return ""
