"""The cache of enrichments, over stores that are searched in order.

An article has the same enrichment as long as model, code and libraries are the same. They are part
of the key, so that no entry is ever stale.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from service.enrichment.article import Article
from service.enrichment.timings import StageTimer
from service.enrichment.types import Enrichment
from service.execution.cache_key import cache_key, code_digest
from service.execution.errors import StoreUnavailable
from service.execution.stores import Store
from service.execution.zstd import zstd

_HIT, _MISS, _BYPASS = "hit", "fwd=miss", "fwd=bypass; detail=unavailable"
_ZSTD_LEVEL = 1

MAX_ENTRY = 64 * 1024**2
"""Most bytes of an enrichment in the cache, before compression."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CacheLookup:
    """The outcome of a lookup.

    Attributes:
        key: of the article.
        enrichment: ``None`` if no store has it.
        results: each store that was looked up, nearest first, with its part of ``Cache-Status``.
    """

    key: str
    enrichment: Enrichment | None
    results: Sequence[tuple[Store, str]]


class EnrichmentCache:
    """Looks up and keeps the enrichments of one model. Threads may share one.

    Args:
        stores: nearest first.
        model_digest: identifies the model.
    """

    def __init__(self, stores: Sequence[Store], model_digest: str) -> None:
        self._stores = tuple(stores)
        self._version = f"{model_digest} {code_digest()}"

    def look_up(
        self, article: Article, timer: StageTimer, owner: str = "", lists: str = ""
    ) -> CacheLookup:
        """Look for an article's enrichment, in the nearest store first.

        Args:
            article: any length.
            timer: records the time as the stage ``cache``.
            owner: who shares the entry; ``""`` for all callers.
            lists: version of the lists that it is searched for; ``""`` for none.
        """
        key = cache_key(article, self._version, owner, lists)
        results = []
        for store in self._stores:
            enrichment = None
            try:
                with timer("cache"):
                    packed = store.get(key)
                    enrichment = None if packed is None else _unpack(packed, store)
                results.append((store, _MISS if enrichment is None else _HIT))
            except StoreUnavailable:
                results.append((store, _BYPASS))
            if enrichment is not None:
                return CacheLookup(key, enrichment, results)
        return CacheLookup(key, None, results)

    def keep(self, lookup: CacheLookup, enrichment: Enrichment, timer: StageTimer) -> str:
        """Put an enrichment into the stores that a lookup did not find it in.

        Args:
            lookup: of the article.
            enrichment: found by the lookup, or computed since.
            timer: records the time as the stage ``cache``.

        Returns:
            Value of the header field ``Cache-Status`` (RFC 9211), farthest store first; ``""`` if
            there are no stores.
        """
        statuses = []
        for store, status in reversed(lookup.results):
            stored = status == _MISS and self._put(store, lookup.key, enrichment, timer)
            statuses.append(f"{store.name}; {status}{'; stored' if stored else ''}")
        return ", ".join(statuses)

    def _put(self, store: Store, key: str, enrichment: Enrichment, timer: StageTimer) -> bool:
        try:
            with timer("cache"):
                packed = _pack(enrichment)
                return packed is not None and store.put(key, packed)
        except StoreUnavailable:
            return False


def _pack(enrichment: Enrichment) -> bytes | None:
    """The enrichment as bytes; ``None`` if it is too large for the cache."""
    content = msgspec.msgpack.encode(enrichment)
    return zstd.compress(content, _ZSTD_LEVEL) if len(content) <= MAX_ENTRY else None


def _unpack(packed: bytes, store: Store) -> Enrichment | None:
    """The enrichment; ``None`` if the bytes are anything else."""
    decompressor = zstd.ZstdDecompressor()
    try:
        content = decompressor.decompress(packed, max_length=MAX_ENTRY)
        return msgspec.msgpack.decode(content, type=Enrichment)
    except (zstd.ZstdError, msgspec.MsgspecError) as error:
        _log.warning("Ignoring an invalid entry of the store %s: %s", store.name, error)
        return None
