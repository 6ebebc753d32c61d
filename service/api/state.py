"""What the views work with: put into the application by its factory, taken out by the views."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Event

from flask import Flask, current_app

from service.enrichment.article import Article
from service.enrichment.enricher import Enricher
from service.inference.manifest import Manifest

_KEY = "enrichment"


@dataclass(frozen=True)
class State:
    """What one worker serves with.

    Attributes:
        enricher: does the main job.
        manifest: describes the model it does it with.
        max_body_bytes: largest request body.
        warm: set once the enricher has run.
    """

    enricher: Enricher
    manifest: Manifest
    max_body_bytes: int
    warm: Event = field(default_factory=Event)


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
    state.enricher.enrich(Article(text, language=state.manifest.languages[0]))
    state.warm.set()
