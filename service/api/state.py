"""What the views work with: put into the application by its factory, taken out by the views."""

from __future__ import annotations

from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from threading import Event

from flask import Flask, current_app

from service.cache import CachedEnricher
from service.enrichment.article import Article
from service.inference.manifest import Manifest

_KEY = "enrichment"


@dataclass(frozen=True)
class State:
    """What one worker serves with.

    Attributes:
        enricher: does the main job.
        manifest: describes the model it does it with.
        max_body_bytes: largest request body, and largest line of a stream.
        max_batch: most articles in one JSON batch.
        cores: how many threads work on the articles of batches.
        warm: set once the enricher has run.
    """

    enricher: CachedEnricher
    manifest: Manifest
    max_body_bytes: int
    max_batch: int
    cores: int
    warm: Event = field(default_factory=Event)

    @cached_property
    def executor(self) -> Executor:
        """What works on the articles of batches."""
        return ThreadPoolExecutor(self.cores + 1, thread_name_prefix="batch")


def attach(app: Flask, state: State) -> None:
    """Make ``state`` that of ``app``."""
    app.extensions[_KEY] = state


def state() -> State:
    """The state of the application that is answering."""
    found: State = current_app.extensions[_KEY]
    return found


def warm_up(app: Flask) -> None:
    """Enrich one sentence, so that no caller waits for what the first enrichment loads."""
    state: State = app.extensions[_KEY]
    text = "Ms. Example of Example Inc. said in London on Monday that all was well."
    state.enricher.origin.enrich(Article(text, language=state.manifest.languages[0]))
    state.warm.set()
