"""The models of a worker, by name: loaded on demand, and unloaded to make room for others.

A request holds a reference to its model, so that an unloaded model stays in memory until the last
such request has ended.
"""

from __future__ import annotations

import logging
import math
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

from service.enrichment.pipeline import Enricher
from service.execution.cache import EnrichmentCache
from service.execution.errors import (
    DeadlineExceeded,
    ModelUnavailable,
    Overloaded,
    UnknownModel,
)
from service.inference.errors import ModelError
from service.inference.model_info import ModelInfo
from service.observability import metrics

_LOADS_PER_MODEL, _LOADS_SECONDS = 4, 60.0  # more loads in this time are rejected
_RETRY_SECONDS = 5  # after which a model that too many requests wait for may have been loaded
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ServedModel:
    """A loaded model.

    Attributes:
        info: its description.
        enricher: runs it over articles.
        cache: its enrichments.
    """

    info: ModelInfo
    enricher: Enricher
    cache: EnrichmentCache


def _never() -> float:
    return math.inf


class ModelRegistry:
    """The models of one worker. Threads may share it.

    The default model is loaded at once and stays. One thread loads the others on demand, one at a
    time, and unloads the least recently used ones to make room.

    Args:
        load: loads the model of a name; raises ``ModelError``.
        sizes: name → bytes of every model of the server, in the order of the documentation.
        default: name of the default model.
        memory: most bytes of all models that are loaded at the same time.
        max_waiting: most requests that wait for models at the same time.

    Raises:
        ModelError: the default model cannot be loaded.
    """

    def __init__(
        self,
        load: Callable[[str], ServedModel],
        sizes: Mapping[str, int],
        default: str,
        memory: int,
        max_waiting: int,
    ) -> None:
        self.default = default
        self.names = tuple(sizes)
        self.waiting = 0
        """Requests that wait for a model to be loaded."""
        self._load, self._sizes, self._memory = load, sizes, memory
        self._max_waiting = max_waiting
        self._loaded: dict[str, ServedModel] = {}
        self._last_used = dict.fromkeys(sizes, 0.0)  # on the clock of time.monotonic
        self._loading: dict[str, Future[ServedModel]] = {}
        self._infos: dict[str, ModelInfo] = {}
        self._load_times: deque[float] = deque()
        self._lock = Lock()
        self._loader = ThreadPoolExecutor(1, thread_name_prefix="models")
        self._add(default, load(default))

    def get(self, name: str | None = None, deadline: Callable[[], float] = _never) -> ServedModel:
        """A model, which is loaded first if necessary.

        Args:
            name: ``None`` for the default model.
            deadline: returns the end of the wait, on the clock of :func:`time.monotonic`; called
                only if the model has to be loaded.

        Raises:
            UnknownModel: the server has no model of that name.
            ModelUnavailable: it failed to load; the next call tries again.
            Overloaded: too many requests wait for models, or models are loaded too often.
            DeadlineExceeded: it was not loaded before ``deadline``.
        """
        name = self.default if name is None else name
        if name not in self._last_used:
            raise UnknownModel(name, self.names)
        self._last_used[name] = time.monotonic()
        model = self._loaded.get(name)
        return self._wait(name, deadline()) if model is None else model

    def describe(
        self, name: str | None = None, deadline: Callable[[], float] = _never
    ) -> ModelInfo:
        """The description of a model; it is loaded only if it never has been.

        Args:
            name: ``None`` for the default model.
            deadline: as for :meth:`get`.

        Raises:
            UnknownModel, ModelUnavailable, Overloaded, DeadlineExceeded: as :meth:`get`.
        """
        info = self._infos.get(self.default if name is None else name)
        return self.get(name, deadline).info if info is None else info

    def is_loaded(self, name: str) -> bool:
        """Whether :meth:`get` returns the model without a wait."""
        return name in self._loaded

    def _wait(self, name: str, deadline: float) -> ServedModel:
        with self._counted_as_waiting():
            try:
                seconds = None if math.isinf(deadline) else max(0.0, deadline - time.monotonic())
                return self._start_loading(name).result(seconds)
            except TimeoutError:
                raise DeadlineExceeded from None
            except ModelError as error:
                raise ModelUnavailable(name) from error

    @contextmanager
    def _counted_as_waiting(self) -> Iterator[None]:
        with self._lock:
            if self.waiting >= self._max_waiting:
                raise Overloaded(_RETRY_SECONDS)
            self.waiting += 1
        try:
            yield
        finally:
            with self._lock:
                self.waiting -= 1

    def _start_loading(self, name: str) -> Future[ServedModel]:
        """The model as a future, shared by all requests that wait for it."""
        with self._lock:
            if name not in self._loading:
                self._check_load_rate()
                self._loading[name] = self._loader.submit(self._load_on_demand, name)
            return self._loading[name]

    def _check_load_rate(self) -> None:
        """Reject a load where requests make the worker swap models all the time."""
        now = time.monotonic()
        while self._load_times and self._load_times[0] <= now - _LOADS_SECONDS:
            self._load_times.popleft()
        if len(self._load_times) >= _LOADS_PER_MODEL * len(self.names):
            raise Overloaded(math.ceil(self._load_times[0] + _LOADS_SECONDS - now))
        self._load_times.append(now)

    def _load_on_demand(self, name: str) -> ServedModel:
        """Load a model in the loader's thread, once there is room for it."""
        try:
            model = self._loaded.get(name)  # loaded since `get` looked
            if model is None:
                self._make_room(self._sizes[name])
                began = time.monotonic()
                model = self._load(name)
                self._add(name, model)
                _log.info("Loaded the model %s in %.1f s", name, time.monotonic() - began)
        except ModelError as error:
            _log.error("Failed to load the model %s: %s", name, error)
            raise
        finally:
            with self._lock:
                del self._loading[name]
        return model

    def _make_room(self, size: int) -> None:
        while self._loaded.keys() != {self.default} and (
            sum(self._sizes[name] for name in self._loaded) + size > self._memory
        ):
            candidates = self._loaded.keys() - {self.default}
            self._unload(min(candidates, key=self._last_used.__getitem__))

    def _add(self, name: str, model: ServedModel) -> None:
        self._loaded[name] = model
        self._infos[name] = model.info
        metrics.model_loaded(name, model.info.name, model.info.version, model.info.digest)

    def _unload(self, name: str) -> None:
        info = self._loaded.pop(name).info
        metrics.model_dropped(name, info.name, info.version, info.digest)
        _log.info("Unloaded the model %s to make room", name)
