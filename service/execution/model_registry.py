"""The models that a worker has loaded, by name: some at a time, the others when they are asked for.

A request holds on to the model that it has been given, so that one which is dropped in the meantime
goes when the last such request has ended.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import BoundedSemaphore, Lock

from service.execution.cache import CachedEnricher
from service.execution.scheduler import DeadlineExceeded, Overloaded
from service.inference.model_info import ModelError, ModelInfo
from service.observability import metrics

_PAUSE = 5  # seconds, after which a model that many wait for may have been loaded
_log = logging.getLogger(__name__)


class UnknownModel(Exception):
    """The server has no model of the ``name``; ``known`` are those there are."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(name)
        self.name, self.known = name, known


class ModelUnavailable(Exception):
    """The model ``name`` could not be loaded, which has been logged."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True)
class ServedModel:
    """A loaded model: what enriches with it, and what it says of itself."""

    enricher: CachedEnricher
    about: ModelInfo


def _never() -> float:
    return math.inf


class ModelRegistry:
    """The models of one worker. Threads may share it.

    The default model is loaded at once and stays. Others are loaded, one after the other, by a
    thread of their own when they are asked for; those that have not been asked for the longest are
    dropped to make room.

    Args:
        load: loads the model of a name; raises ``ModelError`` if that cannot be done.
        sizes: name → bytes, of every model there is, in the order in which they are listed.
        default: name of the one that is meant where none is named.
        memory: most bytes of all that are loaded at the same time.
        waiting: most callers that wait for models to be loaded.

    Raises:
        ModelError: the default model cannot be loaded.
    """

    def __init__(
        self,
        load: Callable[[str], ServedModel],
        sizes: Mapping[str, int],
        default: str,
        memory: int,
        waiting: int,
    ) -> None:
        self.default = default
        self.names = tuple(sizes)
        self._load, self._sizes, self._memory = load, sizes, memory
        self._served: dict[str, ServedModel] = {}
        self._asked = dict.fromkeys(sizes, 0.0)  # when, by the clock
        self._loading: dict[str, Future[ServedModel]] = {}
        self._changing = Lock()
        self._loader = ThreadPoolExecutor(1, thread_name_prefix="models")
        self._places = BoundedSemaphore(waiting)
        self._add(default, load(default))

    def get(self, name: str | None = None, deadline: Callable[[], float] = _never) -> ServedModel:
        """The model of a name, once it is loaded.

        Args:
            name: ``None`` for the default model.
            deadline: tells until when, on the clock of :func:`time.monotonic`, to wait; asked only
                if the model has to be loaded.

        Raises:
            UnknownModel: there is none.
            ModelUnavailable: it could not be loaded; the next call tries again.
            Overloaded: as many wait for a model already as may.
            DeadlineExceeded: it was not loaded before ``deadline``.
        """
        name = self.default if name is None else name
        if name not in self._asked:
            raise UnknownModel(name, self.names)
        self._asked[name] = time.monotonic()
        served = self._served.get(name)
        return self._wait(name, deadline()) if served is None else served

    def is_loaded(self, name: str) -> bool:
        """Whether the model can be had without waiting now."""
        return name in self._served

    def _wait(self, name: str, deadline: float) -> ServedModel:
        if not self._places.acquire(blocking=False):
            raise Overloaded(_PAUSE)
        try:
            seconds = None if math.isinf(deadline) else max(0.0, deadline - time.monotonic())
            return self._coming(name).result(seconds)
        except TimeoutError:
            raise DeadlineExceeded from None
        except ModelError as error:
            raise ModelUnavailable(name) from error
        finally:
            self._places.release()

    def _coming(self, name: str) -> Future[ServedModel]:
        """What becomes of the loading of a model, which is begun if it has not been."""
        with self._changing:
            if name not in self._loading:
                self._loading[name] = self._loader.submit(self._load_beside_others, name)
            return self._loading[name]

    def _load_beside_others(self, name: str) -> ServedModel:
        """Load a model in the thread of the loader, and drop others first that leave no room."""
        try:
            served = self._served.get(name)  # which came between a look there and one at _loading
            if served is None:
                self._make_room(self._sizes[name])
                began = time.monotonic()
                served = self._load(name)
                self._add(name, served)
                _log.info("Loaded the model %s in %.1f s", name, time.monotonic() - began)
        except ModelError as error:
            _log.error("The model %s cannot be loaded: %s", name, error)
            raise
        finally:
            with self._changing:
                del self._loading[name]
        return served

    def _make_room(self, size: int) -> None:
        while self._served.keys() != {self.default} and (
            sum(self._sizes[name] for name in self._served) + size > self._memory
        ):
            oldest = min(self._served.keys() - {self.default}, key=self._asked.__getitem__)
            self._drop(oldest)

    def _add(self, name: str, served: ServedModel) -> None:
        self._served[name] = served
        about = served.about
        metrics.model_loaded(name, about.name, about.version, about.digest)

    def _drop(self, name: str) -> None:
        about = self._served.pop(name).about
        metrics.model_dropped(name, about.name, about.version, about.digest)
        _log.info("Dropped the model %s to make room", name)
