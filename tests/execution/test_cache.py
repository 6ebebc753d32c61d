"""Lookups, entries, and stores that are down, slow or full of other data."""

import socket
import threading
import time

import pytest

from service import redis_guard
from service.enrichment.article import Article
from service.enrichment.language import UnsupportedLanguage
from service.enrichment.pipeline import Enricher
from service.enrichment.timings import StageTimer
from service.execution import cache_key
from service.execution.cache import EnrichmentCache
from service.execution.enrich_article import EnrichedArticle, enrich_article
from service.execution.errors import StoreUnavailable
from service.execution.job import JobLimits
from service.execution.model_registry import ServedModel
from service.execution.scheduler import Scheduler
from service.execution.stores import MemoryStore, RedisStore
from service.execution.zstd import zstd
from tests.api.conftest import MODEL_INFO
from tests.fakes import FakeDetector, FakeModel

ARTICLE = Article("Ann Lee praised Acme in Paris. Joe condemned it.", title="Ann in Paris")


class DictStore:
    """A store that is a dictionary."""

    def __init__(self, name="shelf", available=True):
        self.name = name
        self.available = available
        self.values = {}

    def get(self, key):
        self._check()
        return self.values.get(key)

    def put(self, key, value):
        self._check()
        self.values[key] = value
        return True

    def _check(self):
        if not self.available:
            raise StoreUnavailable


class Service:
    """Enriches articles as the API does, with a fake model and the given stores."""

    def __init__(self, *stores, digest="sha256:0", language="en"):
        self.fake = FakeModel()
        self.enricher = Enricher(self.fake, FakeDetector(language))
        cache = EnrichmentCache(stores, digest)
        self.model = ServedModel(MODEL_INFO, self.enricher, cache)
        self.scheduler = Scheduler(1, 10**6, 100)

    def enrich(self, article) -> EnrichedArticle:
        return enrich_article(self.model, self.scheduler, article, StageTimer(), JobLimits())


def test_a_repeated_article_is_not_read_again():
    service = Service(MemoryStore(100_000))
    first = service.enrich(ARTICLE)
    passes = len(service.fake.passes)
    again = service.enrich(ARTICLE)
    assert again.enrichment == first.enrichment
    assert (first.cache_status, again.cache_status) == ("memory; fwd=miss; stored", "memory; hit")
    assert len(service.fake.passes) == passes > 0


def test_the_id_of_an_article_does_not_matter():
    service = Service(MemoryStore(100_000))
    service.enrich(ARTICLE)
    named = Article(ARTICLE.text, title=ARTICLE.title, id="7")
    assert service.enrich(named).cache_status == "memory; hit"


@pytest.mark.parametrize(
    "other",
    [
        Article(ARTICLE.text),
        Article(ARTICLE.text + " ", title=ARTICLE.title),
        Article(ARTICLE.text, title=ARTICLE.title, language="en"),
        Article(f"{ARTICLE.title}{ARTICLE.text}"),
    ],
)
def test_a_different_article_is_read(other):
    service = Service(MemoryStore(100_000))
    service.enrich(ARTICLE)
    assert service.enrich(other).cache_status == "memory; fwd=miss; stored"


def test_models_do_not_share_entries():
    shelf = DictStore()
    Service(shelf).enrich(ARTICLE)
    other = Service(shelf, digest="sha256:1")
    assert other.enrich(ARTICLE).cache_status == "shelf; fwd=miss; stored"


def test_versions_of_the_code_do_not_share_entries(monkeypatch):
    shelf = DictStore()
    Service(shelf).enrich(ARTICLE)
    monkeypatch.setattr(cache_key, "version", lambda name: "9.9.9")
    other = Service(shelf)
    assert other.enrich(ARTICLE).cache_status == "shelf; fwd=miss; stored"


def test_a_farther_store_is_looked_up_only_after_a_miss_in_the_nearer_one():
    near, far = DictStore("near"), DictStore("far")
    service = Service(near, far)
    statuses = [service.enrich(ARTICLE).cache_status]
    statuses.append(service.enrich(ARTICLE).cache_status)
    near.values.clear()
    statuses.append(service.enrich(ARTICLE).cache_status)
    statuses.append(service.enrich(ARTICLE).cache_status)
    assert statuses == [
        "far; fwd=miss; stored, near; fwd=miss; stored",
        "near; hit",
        "far; hit, near; fwd=miss; stored",
        "near; hit",
    ]


def test_an_unavailable_store_is_bypassed():
    service = Service(MemoryStore(100_000), DictStore("far", available=False))
    first, again = service.enrich(ARTICLE), service.enrich(ARTICLE)
    assert first.cache_status == "far; fwd=bypass; detail=unavailable, memory; fwd=miss; stored"
    assert again == (first.enrichment, "memory; hit")


def test_an_invalid_entry_is_a_miss(caplog):
    shelf = DictStore()
    service = Service(shelf)
    first = service.enrich(ARTICLE)
    [key] = shelf.values
    for invalid in (b"", b"nonsense", shelf.values[key][:-5], zstd.compress(b"\x80")):
        shelf.values[key] = invalid
        assert service.enrich(ARTICLE) == (first.enrichment, "shelf; fwd=miss; stored")
    assert len([r for r in caplog.records if r.name == "service.execution.cache"]) == 4


def test_an_error_is_not_kept():
    shelf = DictStore()
    service = Service(shelf, language="de")
    text = Article("Ein deutscher Satz, der lang genug ist, um eine Sprache zu haben.")
    for _ in range(2):
        with pytest.raises(UnsupportedLanguage):
            service.enrich(text)
    assert shelf.values == {}


def test_there_is_no_cache_status_without_stores():
    assert Service().enrich(ARTICLE).cache_status == ""


def test_threads_share_a_cache():
    service = Service(MemoryStore(20_000))
    articles = [Article(f"Ann met Joe in Paris on day {k}.") for k in range(40)]
    expected = [service.enricher.enrich(article) for article in articles]
    wrong = []

    def enrich_all(shift):
        for k in range(200):
            i = (k * shift) % len(articles)
            if service.enrich(articles[i]).enrichment != expected[i]:
                wrong.append(i)

    threads = [threading.Thread(target=enrich_all, args=(shift,)) for shift in (1, 3, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def warnings_of_redis(caplog):
    return [record for record in caplog.records if record.name == "service.redis_guard"]


def test_requests_to_a_dead_redis_pause_after_a_failure(caplog, monkeypatch):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        store = RedisStore(f"redis://:secret@127.0.0.1:{closed.getsockname()[1]}")
        service = Service(store)
        statuses = {service.enrich(ARTICLE).cache_status for _ in range(3)}
        assert statuses == {"redis; fwd=bypass; detail=unavailable"}
        assert len(warnings_of_redis(caplog)) == 1
        assert "secret" not in caplog.text
        monkeypatch.setattr(redis_guard.time, "monotonic", lambda: time.time() + 1e9)
        service.enrich(ARTICLE)
        assert len(warnings_of_redis(caplog)) == 2


def test_a_redis_that_does_not_answer_delays_one_request(caplog):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        service = Service(RedisStore(f"redis://127.0.0.1:{silent.getsockname()[1]}"))
        began = time.monotonic()
        for _ in range(5):
            assert service.enrich(ARTICLE).cache_status == "redis; fwd=bypass; detail=unavailable"
        assert time.monotonic() - began < redis_guard.REDIS_PAUSE
        assert len(warnings_of_redis(caplog)) == 1
