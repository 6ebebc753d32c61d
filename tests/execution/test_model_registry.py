import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from threading import Event

import pytest

from service.enrichment.article import Article
from service.enrichment.pipeline import Enricher
from service.execution.cache import EnrichmentCache
from service.execution.errors import (
    DeadlineExceeded,
    ModelUnavailable,
    Overloaded,
    UnknownModel,
)
from service.execution.model_registry import ModelRegistry, ServedModel
from service.inference.errors import ModelError
from tests.api.conftest import MODEL_INFO
from tests.fakes import FakeDetector, FakeModel

SECONDS = 30


class Loader:
    """Loads fake models; blocks while ``gate`` is closed."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.broken: set[str] = set()
        self.gate = Event()
        self.gate.set()

    def __call__(self, name: str) -> ServedModel:
        self.begun.append(name)
        assert self.gate.wait(SECONDS)
        if name in self.broken:
            raise ModelError(f"no files of {name}")
        info = replace(MODEL_INFO, name=name)
        cache = EnrichmentCache([], info.digest)
        return ServedModel(info, Enricher(FakeModel(), FakeDetector()), cache)

    @contextmanager
    def held(self):
        """Block all loading inside the ``with`` block."""
        self.gate.clear()
        try:
            yield
        finally:
            self.gate.set()


@pytest.fixture
def loader() -> Loader:
    return Loader()


def registry(loader: Loader, memory: int = 30, max_waiting: int = 8, **sizes: int) -> ModelRegistry:
    """Models of ten bytes each, or of ``sizes``; the first one is the default."""
    sizes = sizes or dict.fromkeys("abcd", 10)
    return ModelRegistry(loader, sizes, next(iter(sizes)), memory, max_waiting)


def loaded(models: ModelRegistry) -> str:
    return "".join(name for name in models.names if models.is_loaded(name))


def wait_until(condition) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_only_the_default_model_is_loaded_at_the_start(loader):
    models = registry(loader)
    assert loaded(models) == "a"
    assert models.get() is models.get("a")
    assert loader.begun == ["a"]


def test_another_model_is_loaded_once_on_demand(loader):
    models = registry(loader)
    assert models.get("b").info.name == "b"
    assert models.get("b") is models.get("b")
    assert loader.begun == ["a", "b"]


def test_requests_at_the_same_time_wait_for_one_load(loader):
    models = registry(loader)
    with ThreadPoolExecutor(8) as threads:
        with loader.held():
            asked = [threads.submit(models.get, "b") for _ in range(8)]
            wait_until(lambda: loader.begun == ["a", "b"])
            assert not any(future.done() for future in asked)
        assert len({id(future.result(SECONDS)) for future in asked}) == 1
    assert loader.begun == ["a", "b"]


def test_loaded_models_are_available_while_another_one_loads(loader):
    models = registry(loader)
    models.get("b")
    with ThreadPoolExecutor(1) as threads, loader.held():
        threads.submit(models.get, "c")
        wait_until(lambda: loader.begun[-1] == "c")
        assert models.get().info.name == "a"
        assert models.get("b").info.name == "b"


def test_the_least_recently_used_model_makes_room_and_the_default_never_does(loader):
    models = registry(loader)
    models.get("b")
    models.get("c")
    assert loaded(models) == "abc"
    models.get("b")
    models.get("d")
    assert loaded(models) == "abd"
    models.get("c")
    assert loaded(models) == "acd"


def test_as_many_models_are_unloaded_as_the_next_one_needs(loader):
    models = registry(loader, memory=45, a=10, b=10, c=20, d=35)
    models.get("b")
    models.get("c")
    assert loaded(models) == "abc"
    models.get("d")
    assert loaded(models) == "ad"


def test_a_model_that_is_unloaded_while_in_use_still_works(loader):
    models = registry(loader, memory=20)
    used = models.get("b")
    models.get("c")
    assert loaded(models) == "ac"
    [entity] = used.enricher.enrich(Article("So Ann left.")).entities
    assert entity.name == "Ann"
    assert models.get("b") is not used


def test_an_unknown_name_is_an_error_that_lists_the_known_ones(loader):
    models = registry(loader)
    for name in ("x", "", "A"):
        with pytest.raises(UnknownModel) as error:
            models.get(name)
        assert (error.value.name, error.value.known) == (name, ("a", "b", "c", "d"))
    assert loader.begun == ["a"]


def test_a_failed_load_is_logged_and_the_next_request_tries_again(loader, caplog):
    models = registry(loader)
    models.get("c")
    loader.broken.add("b")
    with pytest.raises(ModelUnavailable):
        models.get("b")
    [record] = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert record.message == "Failed to load the model b: no files of b"
    assert loaded(models) == "ac"
    loader.broken.clear()
    assert models.get("b").info.name == "b"
    assert loader.begun == ["a", "c", "b", "b"]


def test_all_requests_that_wait_for_a_failed_load_get_its_error(loader):
    models = registry(loader)
    loader.broken.add("b")
    with ThreadPoolExecutor(4) as threads:
        with loader.held():
            asked: list[Future] = [threads.submit(models.get, "b") for _ in range(4)]
            wait_until(lambda: models.waiting == 4)
        assert all(isinstance(future.exception(SECONDS), ModelUnavailable) for future in asked)
    assert loader.begun == ["a", "b"]


def test_a_default_model_that_fails_to_load_is_an_error(loader):
    loader.broken.add("a")
    with pytest.raises(ModelError, match="no files of a"):
        registry(loader)


def test_no_request_waits_beyond_its_deadline(loader):
    models = registry(loader)
    with loader.held(), pytest.raises(DeadlineExceeded):
        models.get("b", lambda: time.monotonic() + 0.01)
    assert models.get("b", lambda: time.monotonic() + SECONDS).info.name == "b"


def test_a_request_is_rejected_when_too_many_wait(loader):
    models = registry(loader, max_waiting=1)
    with ThreadPoolExecutor(1) as threads:
        with loader.held():
            first = threads.submit(models.get, "b")
            wait_until(lambda: loader.begun[-1] == "b")
            with pytest.raises(Overloaded):
                models.get("c")
        assert first.result(SECONDS).info.name == "b"
    assert models.get("c").info.name == "c"


def test_describing_a_model_loads_it_only_once(loader):
    models = registry(loader, memory=20)
    for name in "bcbcbc":
        assert models.describe(name).name == name
    assert loader.begun == ["a", "b", "c"]


def test_models_that_are_swapped_all_the_time_are_rejected_for_a_while(loader):
    models = registry(loader, memory=20)
    for name in "bcd" * 5 + "b":
        models.get(name)
    with pytest.raises(Overloaded) as error:
        models.get("c")
    assert 0 < error.value.retry_after <= 60
    assert len(loader.begun) == 1 + 4 * 4
