"""What reads the articles: the embedded model on all cores, or a server.

Both answer through the same client and, in the end, the same application, so that an article has
the same answer from either, problems included.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import replace
from threading import Thread
from typing import TYPE_CHECKING, NotRequired, TypedDict

import httpx

from service.api.problem_types import ProblemType
from service.cli.inputs import Document
from service.client import Client, Enrichment, Parameters, Problem, RequestRejected, Unavailable
from service.config.cpu import usable_cores
from service.config.settings import Settings, read_settings

if TYPE_CHECKING:
    from flask import Flask

REQUESTS_AT_ONCE = 16
"""Requests that a server is sent at the same time: enough to keep eight cores busy."""

_AHEAD = 4
"""Articles that are read from the input for each that is being worked on."""

_PATIENCE = 3600.0
"""Seconds for which a server that has too much to do is asked again about an article: it is the
articles of this very run that it has to do, and long ones take their time."""

_ANY_SIZE = 1 << 40


class ModelChanged(Exception):
    """Another model runs than the one that was asked for. The message says which."""


class WrongParameter(Exception):
    """What is asked for is not to be had, whatever the article. The message says why."""


class Line(TypedDict):
    """What became of one article: a line of the output."""

    source: str
    status: int
    enrichment: NotRequired[Enrichment]
    problem: NotRequired[Problem]


Engine = Callable[[Iterable[Document]], Iterator[tuple[Document, Line]]]
"""Answers documents, in their order, a bounded number of them at a time."""


@contextmanager
def embedded(new_app: Callable[[], Flask], parameters: Parameters) -> Iterator[Engine]:
    """An engine of one process a core, each with an application of its own.

    Args:
        new_app: makes the application; called in each process.
        parameters: what to find out.
    """
    # Not by fork: the processes are to begin without our threads and open files.
    context = multiprocessing.get_context("spawn")
    workers = usable_cores()
    pool = ProcessPoolExecutor(workers, context, _begin_worker, (new_app, parameters))
    try:
        yield lambda documents: _in_order(pool, _ask_worker, documents, workers * _AHEAD)
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def remote(url: str, wait: float, parameters: Parameters) -> Iterator[Engine]:
    """An engine that sends each article to a server.

    Args:
        url: where it is.
        wait: seconds that it is given to become ready.
        parameters: what to find out.

    Raises:
        Unavailable: it is not ready by then.
    """
    with Client(url, retry_seconds=_PATIENCE) as client:
        client.wait_until_ready(wait)
        pool = ThreadPoolExecutor(REQUESTS_AT_ONCE)
        try:
            yield lambda documents: _in_order(
                pool,
                lambda document: ask(client, document, parameters),
                documents,
                REQUESTS_AT_ONCE * _AHEAD,
            )
        finally:
            client.close()  # what is still being tried, after an error, is not tried again
            pool.shutdown(cancel_futures=True)


def embedded_settings() -> Settings:
    """The settings of the environment, but for one core, and articles of any size.

    Raises:
        SettingError: a variable of the environment is wrong.
    """
    return replace(
        read_settings(),
        workers=usable_cores(),
        max_body_bytes=_ANY_SIZE,
        queue_tokens=_ANY_SIZE,
        request_timeout=_ANY_SIZE,
    )


def embedded_app(model: str | None) -> Flask:
    """The service's application with one model of the environment.

    Args:
        model: its name; ``None`` for the default.
    """
    from service.app import (  # a second that whoever has a server need not wait
        create_app,
        create_registry,
    )
    from service.config.plan import plan_of

    settings = embedded_settings()
    plan = plan_of(settings).only(model)
    models = create_registry(settings, plan, dict.fromkeys(plan.specs, 0))
    return create_app(settings, models, passes=1)


def check_embedded(model: str | None) -> None:
    """Find out here what would otherwise end the processes that load the model.

    Args:
        model: its name; ``None`` for the default.

    Raises:
        SettingError: a variable of the environment is wrong, or there is no model of that name.
        ModelError: the model is not there, or not whole.
    """
    from service.config.plan import check_plan, plan_of  # as above

    settings = embedded_settings()
    check_plan(plan_of(settings).only(model), settings)


def answer_with(app: Flask, parameters: Parameters) -> Callable[[Document], Line]:
    """What answers documents with an application in this process."""
    client = Client("http://embedded", transport=httpx.WSGITransport(app))

    def answer(document: Document) -> Line:
        line = ask(client, document, parameters)
        if "problem" in line:
            line["problem"].pop("request_id", None)  # of no log, and different each time
        return line

    return answer


def ask(client: Client, document: Document, parameters: Parameters) -> Line:
    """What becomes of one article.

    Raises:
        Unavailable: nobody says.
        ModelChanged: ``parameters`` pin another model.
        WrongParameter: they are not what the server takes, such as a model that it does not have.
    """
    if document.fault is not None:
        problem: Problem = {
            "type": "about:blank",
            "title": "Unreadable input",
            "status": 422,
            "detail": document.fault,
        }
        return {"source": document.source, "status": 422, "problem": problem}
    try:
        found = client.enrich_body(document.body, document.media_type, **parameters)
    except RequestRejected as refusal:
        problem = refusal.problem
        if problem["type"] == ProblemType.OTHER_MODEL.type:
            raise ModelChanged(problem["detail"]) from None
        if problem["type"] == ProblemType.INVALID_PARAMETER.type:
            raise WrongParameter(problem["detail"]) from None
        return {"source": document.source, "status": problem["status"], "problem": problem}
    return {"source": document.source, "status": 200, "enrichment": found}


_worker: Callable[[Document], Line]
"""What a process of the pool answers with: the one thing it has to keep between two articles."""


def _begin_worker(new_app: Callable[[], Flask], parameters: Parameters) -> None:
    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to us, too
    Thread(target=_end_with_parent, daemon=True).start()
    _worker = answer_with(new_app(), parameters)


def _ask_worker(document: Document) -> Line:
    return _worker(document)


def _end_with_parent() -> None:
    """Otherwise the processes of a parent that was killed would wait for work forever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)


def _in_order(
    pool: Executor,
    answer: Callable[[Document], Line],
    documents: Iterable[Document],
    ahead: int,
) -> Iterator[tuple[Document, Line]]:
    waiting: deque[tuple[Document, Future[Line]]] = deque()
    try:
        for document in documents:
            waiting.append((document, pool.submit(answer, document)))
            while waiting and (len(waiting) >= ahead or waiting[0][1].done()):
                yield _next(waiting)
        while waiting:
            yield _next(waiting)
    except BrokenProcessPool:
        raise Unavailable("a process with the model was ended from outside") from None


def _next(waiting: deque[tuple[Document, Future[Line]]]) -> tuple[Document, Line]:
    document, future = waiting.popleft()
    return document, future.result()
