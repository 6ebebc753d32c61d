import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from service.cli import engines
from service.cli.inputs import Document
from service.client import Unavailable
from tests.cli.conftest import fake_app


def texts(number: int) -> Iterator[Document]:
    return (Document(f"{i}", f"Ann {i} left.".encode(), "text/plain") for i in range(number))


def test_answers_come_in_order_while_few_articles_are_read_ahead():
    read = 0

    def documents() -> Iterator[Document]:
        nonlocal read
        for document in texts(200):
            read += 1
            yield document

    def slow_first(document: Document) -> engines.Line:
        time.sleep(0.05 if document.source == "0" else 0.0001)
        return {"source": document.source, "status": 200}

    with ThreadPoolExecutor(4) as pool:
        found = []
        for document, line in engines._in_order(pool, slow_first, documents(), 8):
            found.append(line["source"])
            assert document.source == line["source"]
            assert read <= len(found) + 8
    assert found == [str(i) for i in range(200)]


def test_processes_with_a_model_each_answer_as_the_server_would():
    documents = [*texts(20), Document("x", b"  ", "text/plain"), Document("y", fault="Gone.")]
    with engines.embedded(fake_app, {"features": "entities"}) as engine:
        lines = [line for _, line in engine(documents)]
    assert [line["source"] for line in lines] == [document.source for document in documents]
    assert all(line["enrichment"]["entities"][0]["name"] == "Ann" for line in lines[:20])
    assert "sentences" not in lines[0]["enrichment"]
    assert lines[20]["problem"]["type"] == "/problems/invalid-article"
    assert "request_id" not in lines[20]["problem"]
    assert lines[21]["problem"]["detail"] == "Gone."


def app_that_is_killed():
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_process_that_is_killed_ends_the_run_with_a_word():
    with (
        engines.embedded(app_that_is_killed, {}) as engine,
        pytest.raises(Unavailable, match="ended from outside"),
    ):
        list(engine(texts(3)))
