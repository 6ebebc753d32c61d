"""What the views work with: put into the application by its factory, taken out by the views."""

from __future__ import annotations

from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from threading import Event, Semaphore

from flask import Flask, current_app

from service import metrics
from service.cache import CachedEnricher
from service.enrichment.article import Article
from service.inference.description import Description
from service.scheduler import Scheduler

_KEY = "enrichment"


@dataclass(frozen=True)
class State:
    """What one worker serves with.

    Attributes:
        enricher: does the main job.
        scheduler: shares out the encoder's time.
        about: the model it does it with.
        max_body_bytes: largest request body, and largest line of a stream.
        max_batch: most articles in one JSON batch.
        request_timeout: most seconds that a request, or a line of a stream, may take.
        streams: how many more streams of lines may be read at the same time.
        warm: set once the enricher has run.
    """

    enricher: CachedEnricher
    scheduler: Scheduler
    about: Description
    max_body_bytes: int
    max_batch: int
    request_timeout: int
    streams: Semaphore
    warm: Event = field(default_factory=Event)

    @cached_property
    def executor(self) -> Executor:
        """What works on the articles of batches."""
        return ThreadPoolExecutor(self.scheduler.cores + 2, thread_name_prefix="batch")


def attach(app: Flask, state: State) -> None:
    """Make ``state`` that of ``app``."""
    app.extensions[_KEY] = state


def state_of(app: Flask) -> State:
    """The state of ``app``."""
    found: State = app.extensions[_KEY]
    return found


def state() -> State:
    """The state of the application that is answering."""
    return state_of(current_app)


def warm_up(app: Flask) -> None:
    """Enrich one sentence, so that no caller waits for what the first enrichment loads."""
    state = state_of(app)
    text = "Ms. Example of Example Inc. said in London on Monday that all was well."
    state.enricher.origin.enrich(Article(text, language=state.about.languages[0]))
    state.warm.set()
    metrics.ready()
