import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from threading import Event

import pytest

from service.enrichment.pipeline import Enricher
from service.enrichment.types import Article
from service.execution.cache import CachedEnricher
from service.execution.model_registry import (
    ModelRegistry,
    ModelUnavailable,
    ServedModel,
    UnknownModel,
)
from service.execution.scheduler import DeadlineExceeded, Overloaded
from service.inference.model_info import ModelError
from tests.api.conftest import ABOUT
from tests.fakes import FakeDetector, FakeModel

SECONDS = 30


class Loader:
    """Loads fake models; while ``gate`` is closed, it does not come to an end."""

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
        about = replace(ABOUT, name=name)
        enricher = CachedEnricher(Enricher(FakeModel(), FakeDetector()), [], about.digest)
        return ServedModel(enricher, about)

    @contextmanager
    def held(self):
        """Inside ``with``, no loading comes to an end."""
        self.gate.clear()
        try:
            yield
        finally:
            self.gate.set()


@pytest.fixture
def loader() -> Loader:
    return Loader()


def models_of(loader: Loader, memory: int = 30, waiting: int = 8, **sizes: int) -> ModelRegistry:
    """Models of ten bytes each, ``a`` being the default, unless ``sizes`` gives others."""
    sizes = sizes or dict.fromkeys("abcd", 10)
    return ModelRegistry(loader, sizes, next(iter(sizes)), memory, waiting)


def loaded(models: ModelRegistry) -> str:
    return "".join(name for name in models.names if models.is_loaded(name))


def wait_until(condition) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_only_the_default_model_is_loaded_at_the_start(loader):
    models = models_of(loader)
    assert loaded(models) == "a"
    assert models.get() is models.get("a")
    assert loader.begun == ["a"]


def test_another_is_loaded_when_it_is_asked_for_and_once(loader):
    models = models_of(loader)
    assert models.get("b").about.name == "b"
    assert models.get("b") is models.get("b")
    assert loader.begun == ["a", "b"]


def test_many_who_ask_at_the_same_time_wait_for_one_loading(loader):
    models = models_of(loader)
    with ThreadPoolExecutor(8) as threads:
        with loader.held():
            asked = [threads.submit(models.get, "b") for _ in range(8)]
            wait_until(lambda: loader.begun == ["a", "b"])
            assert not any(future.done() for future in asked)
        assert len({id(future.result(SECONDS)) for future in asked}) == 1
    assert loader.begun == ["a", "b"]


def test_what_is_loaded_is_had_while_another_is_being_loaded(loader):
    models = models_of(loader)
    models.get("b")
    with ThreadPoolExecutor(1) as threads, loader.held():
        threads.submit(models.get, "c")
        wait_until(lambda: loader.begun[-1] == "c")
        assert models.get().about.name == "a"
        assert models.get("b").about.name == "b"


def test_those_not_asked_for_the_longest_make_room_and_the_default_never_does(loader):
    models = models_of(loader)
    models.get("b")
    models.get("c")
    assert loaded(models) == "abc"
    models.get("b")
    models.get("d")
    assert loaded(models) == "abd"
    models.get("c")
    assert loaded(models) == "acd"


def test_as_many_are_dropped_as_the_next_one_needs(loader):
    models = models_of(loader, memory=45, a=10, b=10, c=20, d=35)
    models.get("b")
    models.get("c")
    assert loaded(models) == "abc"
    models.get("d")
    assert loaded(models) == "ad"


def test_a_model_that_is_dropped_while_it_is_used_goes_on_to_the_end(loader):
    models = models_of(loader, memory=20)
    used = models.get("b")
    models.get("c")
    assert loaded(models) == "ac"
    [entity] = used.enricher.enrich(Article("So Ann left.")).enrichment.entities
    assert entity.name == "Ann"
    assert models.get("b") is not used


def test_a_name_that_there_is_none_of_is_told_those_there_are(loader):
    models = models_of(loader)
    for name in ("x", "", "A"):
        with pytest.raises(UnknownModel) as error:
            models.get(name)
        assert (error.value.name, error.value.known) == (name, ("a", "b", "c", "d"))
    assert loader.begun == ["a"]


def test_a_loading_that_fails_is_logged_and_tried_again_by_the_next_who_asks(loader, caplog):
    models = models_of(loader)
    models.get("c")
    loader.broken.add("b")
    with pytest.raises(ModelUnavailable):
        models.get("b")
    [record] = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert record.message == "The model b cannot be loaded: no files of b"
    assert loaded(models) == "ac"
    loader.broken.clear()
    assert models.get("b").about.name == "b"
    assert loader.begun == ["a", "c", "b", "b"]


def test_all_who_wait_for_a_loading_that_fails_are_told(loader):
    models = models_of(loader)
    loader.broken.add("b")
    with ThreadPoolExecutor(4) as threads:
        with loader.held():
            asked: list[Future] = [threads.submit(models.get, "b") for _ in range(4)]
            wait_until(lambda: models._places._value == 4)
        assert all(isinstance(future.exception(SECONDS), ModelUnavailable) for future in asked)
    assert loader.begun == ["a", "b"]


def test_a_default_model_that_cannot_be_loaded_ends_the_start(loader):
    loader.broken.add("a")
    with pytest.raises(ModelError, match="no files of a"):
        models_of(loader)


def test_nobody_waits_for_longer_than_until_the_deadline(loader):
    models = models_of(loader)
    with loader.held(), pytest.raises(DeadlineExceeded):
        models.get("b", lambda: time.monotonic() + 0.01)
    assert models.get("b", lambda: time.monotonic() + SECONDS).about.name == "b"


def test_no_more_wait_than_may(loader):
    models = models_of(loader, waiting=1)
    with ThreadPoolExecutor(1) as threads:
        with loader.held():
            first = threads.submit(models.get, "b")
            wait_until(lambda: loader.begun[-1] == "b")
            with pytest.raises(Overloaded):
                models.get("c")
        assert first.result(SECONDS).about.name == "b"
    assert models.get("c").about.name == "c"
