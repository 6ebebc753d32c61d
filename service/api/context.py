"""What the views work with: put into the application by its factory, taken out by the views."""

from __future__ import annotations

from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from threading import Event, Semaphore

from flask import Flask, current_app

from service.enrichment.types import Article
from service.execution.model_registry import ModelRegistry
from service.execution.scheduler import Scheduler
from service.observability import metrics

_KEY = "enrichment"


@dataclass(frozen=True)
class AppContext:
    """What one worker serves with.

    Attributes:
        models: do the main job.
        scheduler: shares out the encoder's time.
        max_body_bytes: largest request body, and largest line of a stream.
        max_batch: most articles in one JSON batch.
        request_timeout: most seconds that a request, or a line of a stream, may take.
        streams: how many more streams of lines may be read at the same time.
        warm: set once the default model has run.
    """

    models: ModelRegistry
    scheduler: Scheduler
    max_body_bytes: int
    max_batch: int
    request_timeout: int
    streams: Semaphore
    warm: Event = field(default_factory=Event)

    @cached_property
    def executor(self) -> Executor:
        """What works on the articles of batches."""
        return ThreadPoolExecutor(self.scheduler.passes + 2, thread_name_prefix="batch")


def attach(app: Flask, state: AppContext) -> None:
    """Make ``state`` that of ``app``."""
    app.extensions[_KEY] = state


def state_of(app: Flask) -> AppContext:
    """The state of ``app``."""
    found: AppContext = app.extensions[_KEY]
    return found


def state() -> AppContext:
    """The state of the application that is answering."""
    return state_of(current_app)


def warm_up(app: Flask) -> None:
    """Enrich one sentence, so that no caller waits for what the first enrichment loads."""
    state = state_of(app)
    model = state.models.get()
    text = "Ms. Example of Example Inc. said in London on Monday that all was well."
    model.enricher.origin.enrich(Article(text, language=model.about.languages[0]))
    state.warm.set()
    metrics.ready()
