import os
import signal
from collections.abc import Iterator

import pytest

from service.cli import engines
from service.cli.columns import Document
from service.client import Unavailable
from tests.cli.conftest import fake_app


def texts(number: int) -> Iterator[Document]:
    return (Document(f"{i}", f"Ann {i} left.".encode(), "text/plain") for i in range(number))


def test_embedded_processes_give_the_results_of_a_server():
    documents = [*texts(20), Document("x", b"  ", "text/plain"), Document("y", read_error="Gone.")]
    with engines.embedded(fake_app, {"features": "entities"}) as engine:
        lines = [line for _, line in engine(documents)]
    assert [line["source"] for line in lines] == [document.source for document in documents]
    assert all(line["enrichment"]["entities"][0]["name"] == "Ann" for line in lines[:20])
    assert "sentences" not in lines[0]["enrichment"]
    assert lines[20]["problem"]["type"] == "/problems/invalid-article"
    assert "request_id" not in lines[20]["problem"]
    assert lines[21]["problem"]["detail"] == "Gone."


def kill_this_process():
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_killed_worker_process_is_reported():
    with (
        engines.embedded(kill_this_process, {}) as engine,
        pytest.raises(Unavailable, match="was killed"),
    ):
        list(engine(texts(3)))
