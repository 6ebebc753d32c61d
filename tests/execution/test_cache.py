"""What is kept, what is asked again, and a Redis that is dead, slow or full of something else."""

import socket
import threading
import time
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from service.enrichment.pipeline import Enricher
from service.enrichment.types import Article, UnsupportedLanguage
from service.execution import cache
from service.execution.cache import CachedEnricher, Memory, Redis, StoreUnavailable
from tests.fakes import FakeDetector, FakeModel

ARTICLE = Article("Ann Lee praised Acme in Paris. Joe condemned it.", title="Ann in Paris")


class Shelf:
    """A store that is a dictionary."""

    def __init__(self, name="shelf", away=False):
        self.name = name
        self.away = away
        self.kept = {}

    def get(self, key):
        self._ask()
        return self.kept.get(key)

    def put(self, key, value):
        self._ask()
        self.kept[key] = value
        return True

    def _ask(self):
        if self.away:
            raise StoreUnavailable


def new_enricher(*stores, digest="sha256:0"):
    model = FakeModel()
    return CachedEnricher(Enricher(model, FakeDetector()), stores, digest), model


def test_an_article_that_comes_again_is_not_read_again():
    enricher, model = new_enricher(Memory(100_000))
    first = enricher.enrich(ARTICLE)
    passes = len(model.passes)
    again = enricher.enrich(ARTICLE)
    assert again.enrichment == first.enrichment
    assert (first.cache_status, again.cache_status) == ("memory; fwd=miss; stored", "memory; hit")
    assert len(model.passes) == passes > 0


def test_the_same_article_has_the_same_enrichment_whatever_its_id():
    enricher, _ = new_enricher(Memory(100_000))
    enricher.enrich(ARTICLE)
    named = Article(ARTICLE.text, title=ARTICLE.title, id="7")
    assert enricher.enrich(named).cache_status == "memory; hit"


@pytest.mark.parametrize(
    "other",
    [
        Article(ARTICLE.text),
        Article(ARTICLE.text + " ", title=ARTICLE.title),
        Article(ARTICLE.text, title=ARTICLE.title, language="en"),
        Article(f"{ARTICLE.title}{ARTICLE.text}"),
    ],
)
def test_another_article_is_read(other):
    enricher, _ = new_enricher(Memory(100_000))
    enricher.enrich(ARTICLE)
    assert enricher.enrich(other).cache_status == "memory; fwd=miss; stored"


def test_another_model_is_asked_itself():
    shelf = Shelf()
    new_enricher(shelf)[0].enrich(ARTICLE)
    other, _ = new_enricher(shelf, digest="sha256:1")
    assert other.enrich(ARTICLE).cache_status == "shelf; fwd=miss; stored"


def test_other_code_does_not_read_what_this_has_kept(monkeypatch):
    shelf = Shelf()
    new_enricher(shelf)[0].enrich(ARTICLE)
    monkeypatch.setattr(cache, "version", lambda name: "9.9.9")
    other, _ = new_enricher(shelf)
    assert other.enrich(ARTICLE).cache_status == "shelf; fwd=miss; stored"


def test_the_code_that_decides_an_enrichment_is_all_in_the_digest(monkeypatch):
    read = []
    monkeypatch.setattr(Path, "read_bytes", lambda self: read.append(self.name) or b"")
    cache.code_digest()
    assert {
        "pipeline.py",
        "clustering.py",
        "sentiment.py",
        "bundle.py",
        "wordpieces.py",
        "abbreviations.toml",
    } <= set(read)


def test_the_version_of_torch_counts_and_it_need_not_be_installed(monkeypatch):
    installed = cache.version

    def digest_with(torch: str | None) -> str:
        def version(library: str) -> str:
            if library == "torch" and torch is None:
                raise PackageNotFoundError
            return torch if library == "torch" else installed(library)

        monkeypatch.setattr(cache, "version", version)
        return cache.code_digest()

    assert len({digest_with("2.8.0"), digest_with("2.9.0"), digest_with(None)}) == 3


def test_a_farther_store_is_asked_only_for_what_the_nearer_has_not():
    near, far = Shelf("near"), Shelf("far")
    enricher, _ = new_enricher(near, far)
    statuses = [enricher.enrich(ARTICLE).cache_status]
    statuses.append(enricher.enrich(ARTICLE).cache_status)
    near.kept.clear()
    statuses.append(enricher.enrich(ARTICLE).cache_status)
    statuses.append(enricher.enrich(ARTICLE).cache_status)
    assert statuses == [
        "far; fwd=miss; stored, near; fwd=miss; stored",
        "near; hit",
        "far; hit, near; fwd=miss; stored",
        "near; hit",
    ]


def test_a_store_that_is_away_costs_nothing_but_its_help():
    enricher, _ = new_enricher(Memory(100_000), Shelf("far", away=True))
    first, again = enricher.enrich(ARTICLE), enricher.enrich(ARTICLE)
    assert first.cache_status == "far; fwd=bypass; detail=unavailable, memory; fwd=miss; stored"
    assert again == (first.enrichment, "memory; hit")


def test_what_somebody_else_has_written_is_not_believed(caplog):
    shelf = Shelf()
    enricher, _ = new_enricher(shelf)
    first = enricher.enrich(ARTICLE)
    [key] = shelf.kept
    for foreign in (b"", b"nonsense", shelf.kept[key][:-5], cache.zstd.compress(b"\x80")):
        shelf.kept[key] = foreign
        assert enricher.enrich(ARTICLE) == (first.enrichment, "shelf; fwd=miss; stored")
    assert len(caplog.records) == 4


def test_what_cannot_be_read_is_not_kept():
    shelf = Shelf()
    enricher = CachedEnricher(Enricher(FakeModel(), FakeDetector("de")), [shelf], "sha256:0")
    text = Article("Ein deutscher Satz, der lang genug ist, um eine Sprache zu haben.")
    for _ in range(2):
        with pytest.raises(UnsupportedLanguage):
            enricher.enrich(text)
    assert shelf.kept == {}


def test_without_stores_nothing_is_said_of_them():
    assert new_enricher()[0].enrich(ARTICLE).cache_status == ""


def test_the_memory_has_a_bound_and_forgets_what_was_asked_for_longest_ago():
    memory = Memory(10_000)
    for k in range(100):
        memory.put(str(k), bytes(1_000))
        memory.get("0")
    kept = [k for k in range(100) if memory.get(str(k)) is not None]
    assert kept == [0, 95, 96, 97, 98, 99]
    assert not memory.put("large", bytes(10_000))
    assert memory.get("large") is None
    assert memory.get("99") is not None


def test_threads_share_a_memory():
    enricher, _ = new_enricher(Memory(20_000))
    articles = [Article(f"Ann met Joe in Paris on day {k}.") for k in range(40)]
    expected = [enricher.origin.enrich(article) for article in articles]
    wrong = []

    def ask(shift):
        for k in range(200):
            i = (k * shift) % len(articles)
            if enricher.enrich(articles[i]).enrichment != expected[i]:
                wrong.append(i)

    threads = [threading.Thread(target=ask, args=(shift,)) for shift in (1, 3, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_dead_redis_is_left_alone_for_a_while(caplog, monkeypatch):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        store = Redis(f"redis://:secret@127.0.0.1:{closed.getsockname()[1]}")
        enricher, _ = new_enricher(store)
        statuses = {enricher.enrich(ARTICLE).cache_status for _ in range(3)}
        assert statuses == {"redis; fwd=bypass; detail=unavailable"}
        assert len(caplog.records) == 1
        assert "secret" not in caplog.text
        monkeypatch.setattr(cache.time, "monotonic", lambda: time.time() + 1e9)
        enricher.enrich(ARTICLE)
        assert len(caplog.records) == 2


def test_a_redis_that_does_not_answer_costs_one_request_a_moment(caplog):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        enricher, _ = new_enricher(Redis(f"redis://127.0.0.1:{silent.getsockname()[1]}"))
        began = time.monotonic()
        for _ in range(5):
            assert enricher.enrich(ARTICLE).cache_status == "redis; fwd=bypass; detail=unavailable"
        assert time.monotonic() - began < cache.REDIS_PAUSE
        assert len(caplog.records) == 1
