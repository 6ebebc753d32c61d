"""What a run would have to do, found out without running the model over the articles."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from flask import Flask
from numpy.typing import NDArray

from service.api.context import get_app_context
from service.app import create_app, create_registry
from service.cli.engines import Line, answer_with, embedded_app, embedded_settings
from service.cli.inputs import Document
from service.config.plan import plan_of
from service.enrichment.bio import TaggedSpan
from service.enrichment.model_protocol import Model, WordRange
from service.enrichment.words import Span
from service.inference.loader import LoadedModel, load_model
from service.inference.model_files import ModelSpec

_PARAGRAPH = (
    "The finance minister, Anna Keller, told reporters in Vienna on Tuesday that the talks with "
    'Northern Rail had failed. "We were promised better trains and got worse ones," she said. '
    "The company, which employs 4,000 people in Austria and Hungary, called the remarks unfair. "
    "Its shares fell by 3.2 per cent. Analysts at Example Bank expect a new offer before the "
    "summer, and praised the patience of both sides.\n\n"
)
_MANY = 8
_MEASUREMENTS = 3


class NothingRead:
    """The reading of a window that was not read: no names, no sentiment."""

    def __init__(self, words: int, tags: Sequence[str]) -> None:
        self.spans: Sequence[TaggedSpan] | None = None if tags else ()
        self.tag_probabilities: NDArray[np.float32] = np.zeros((words, len(tags)), np.float32)
        if tags:
            self.tag_probabilities[:, tags.index("O")] = 1.0

    def sentence_sentiment(self, sentences: Sequence[WordRange]) -> NDArray[np.float32]:
        """See the protocol."""
        return np.tile(np.asarray([0, 1, 0], np.float32), (len(sentences), 1))

    def target_sentiment(
        self, targets: Sequence[tuple[WordRange, WordRange]]
    ) -> NDArray[np.float32]:
        """See the protocol."""
        return np.tile(np.asarray([0, 1, 0], np.float32), (len(targets), 1))


class TokenCounter:
    """Tokenizes as another :class:`~service.enrichment.model_protocol.Model`, and reads nothing."""

    one_pass = True

    def __init__(self, model: Model) -> None:
        self._model = model
        self.identity = model.identity
        self.tags = model.tags
        self.languages = model.languages
        self.window = model.window

    def tokenize(self, text: str, words: Sequence[Span]) -> Any:
        """The other model's tokens."""
        return self._model.tokenize(text, words)

    def read(self, tokens: Any, words: WordRange) -> NothingRead:
        """Nothing."""
        return NothingRead(words[1] - words[0], self.tags)


def counting_app(model: str | None) -> Flask:
    """The application of :func:`embedded_app`, but for the model itself.

    Everything else is done, so that articles which would fail do fail.
    """
    settings = embedded_settings()
    plan = plan_of(settings).only(model)
    models = create_registry(settings, plan, dict.fromkeys(plan.specs, 0), _load_counter)
    return create_app(settings, models, passes=1)


def _load_counter(spec: ModelSpec, store: Path) -> LoadedModel:
    loaded = load_model(spec, store)
    return LoadedModel(TokenCounter(loaded.model), loaded.about)


class Pace(NamedTuple):
    """Seconds that one core of this machine takes for each article, and for each token in it."""

    article: float
    token: float

    def seconds(self, articles: int, tokens: int) -> float:
        """How long it takes for so many."""
        return articles * self.article + tokens * self.token


def measured_pace(model: str | None) -> Pace:
    """The pace of a model with all that is around it, from a short and a long sample."""
    app = embedded_app(model)
    language = get_app_context(app).models.get().info.languages[0]
    answer = answer_with(app, {})
    short, long = (_fastest(answer, _PARAGRAPH * times, language) for times in (1, _MANY))
    token = (long[0] - short[0]) / (long[1] - short[1])
    return Pace(max(0.0, short[0] - token * short[1]), token)


def _fastest(answer: Callable[[Document], Line], text: str, language: str) -> tuple[float, int]:
    """Seconds for a text, read as one in ``language``, and the tokens it has."""
    body = json.dumps({"text": text, "language": language}).encode()
    document = Document("sample", body, "application/json")
    best, tokens = float("inf"), 0
    for _ in range(_MEASUREMENTS):
        began = time.perf_counter()
        tokens = answer(document)["enrichment"]["coverage"]["tokens"]
        best = min(best, time.perf_counter() - began)
    return best, tokens
