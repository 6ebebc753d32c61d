"""Estimate the work of a run, without running the model on the articles."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from flask import Flask

from service.api.context import get_app_context
from service.app import create_app, create_registry
from service.cli.columns import Document
from service.cli.engines import embedded_app, embedded_settings, enrich_with
from service.cli.inputs import Inputs
from service.cli.options import EngineOptions, open_engine
from service.cli.progress import Tally, track
from service.cli.results import Result
from service.cli.terminal import pluralize
from service.config.cpu import usable_cores
from service.config.models_config import read_models_config
from service.enrichment.bio import TaggedSpan
from service.enrichment.bounds import Check, no_check
from service.enrichment.mention_rules import SpanRules
from service.enrichment.model_protocol import Judged, Model, PassRunner, WindowSentiment
from service.enrichment.words import Span, WordRange
from service.inference.loader import LoadedModel, load_model
from service.inference.model_files import ModelSpec

_PARAGRAPH = (
    "The finance minister, Anna Keller, told reporters in Vienna on Tuesday that the talks with "
    'Northern Rail had failed. "We were promised better trains and got worse ones," she said. '
    "The company, which employs 4,000 people in Austria and Hungary, called the remarks unfair. "
    "Its shares fell by 3.2 per cent. Analysts at Example Bank expect a new offer before the "
    "summer, and praised the patience of both sides.\n\n"
)
_LONG_SAMPLE_PARAGRAPHS = 8
_MEASUREMENTS = 3


@dataclass(frozen=True)
class Estimate:
    """The work of a run.

    Attributes:
        articles: number of articles.
        failed: articles that will fail.
        tokens: tokens in the articles that will not fail.
        seconds: time on all cores of this machine.
    """

    articles: int
    failed: int
    tokens: int
    seconds: float

    def lines(self) -> Iterator[str]:
        """The estimate as lines of text."""
        failing = f", {self.failed:,} of which would fail" if self.failed else ""
        duration = timedelta(seconds=max(1, round(self.seconds)))
        yield f"articles  {self.articles:,}{failing}"
        yield f"tokens    {self.tokens:,}"
        yield f"time      about {duration} on {pluralize(usable_cores(), 'core')}"


def estimate(inputs: Inputs, options: EngineOptions, tally: Tally) -> Estimate:
    """Read all articles, count their tokens, and time the model on a sample text.

    Args:
        inputs: the articles.
        options: the model.
        tally: counts the articles and keeps the failures.
    """
    tokens = 0
    with open_engine(options, {"features": "sentiment"}, counting_app) as engine:
        for result in track(engine(inputs.documents()), tally, quiet=False):
            if "enrichment" in result:
                tokens += result["enrichment"]["coverage"]["tokens"]
    seconds = measure_pace(options.model).seconds(tally.articles, tokens) / usable_cores()
    return Estimate(tally.articles, tally.failed, tokens, seconds)


class EmptyWindowOutput:
    """The output for a window on which no model runs: no entities."""

    names: Sequence[TaggedSpan] = ()


class TokenCounter:
    """A model that tokenizes like the one it wraps, and finds nothing."""

    mention_rules = SpanRules()

    def __init__(self, model: Model) -> None:
        self._model = model
        self.identity = model.identity
        self.document_head = model.document_head
        self.languages = model.languages
        self.window = model.window

    def tokenize(self, text: str, words: Sequence[Span], check: Check = no_check) -> Any:
        """Tokenize as the wrapped model does."""
        return self._model.tokenize(text, words, check)

    def read(self, tokens: Any, words: WordRange) -> EmptyWindowOutput:
        """Return an empty output."""
        return EmptyWindowOutput()

    def sentiment(
        self, windows: Sequence[Judged[EmptyWindowOutput]], passes: PassRunner
    ) -> Iterator[WindowSentiment]:
        """Neutral."""
        neutral = np.asarray([[0, 1, 0]], np.float32)
        for _, sentences, targets in windows:
            yield WindowSentiment(
                neutral.repeat(len(sentences), 0), neutral.repeat(len(targets), 0)
            )


def counting_app(model: str | None) -> Flask:
    """The application of :func:`embedded_app` with the model replaced by a token counter.

    All other steps run, so that articles which would fail do fail. Nothing is
    cached: through a Redis, other runs would receive the empty enrichments.
    """
    settings = embedded_settings(cached=False)
    plan = read_models_config(settings).select(model)
    models = create_registry(settings, plan, dict.fromkeys(plan.specs, 0), _load_counter)
    return create_app(settings, models, cores=1)


def _load_counter(spec: ModelSpec, store: Path) -> LoadedModel:
    loaded = load_model(spec, store)
    return LoadedModel(TokenCounter(loaded.model), loaded.info)


class Pace(NamedTuple):
    """Seconds that one core of this machine takes for each article and each token."""

    article: float
    token: float

    def seconds(self, articles: int, tokens: int) -> float:
        """Time on one core."""
        return articles * self.article + tokens * self.token


def measure_pace(model: str | None) -> Pace:
    """Measure the pace of the whole application, from a short and a long sample text.

    Args:
        model: name of the model; ``None`` for the default.
    """
    app = embedded_app(model, cached=False)  # repeats an article
    language = get_app_context(app).models.get().info.languages[0]
    enrich = enrich_with(app, {})
    short, long = (
        _best_time(enrich, _PARAGRAPH * paragraphs, language)
        for paragraphs in (1, _LONG_SAMPLE_PARAGRAPHS)
    )
    if long[0] <= short[0]:  # the machine was busy with something else
        return Pace(0.0, long[0] / long[1])
    token = (long[0] - short[0]) / (long[1] - short[1])
    return Pace(max(0.0, short[0] - token * short[1]), token)


def _best_time(enrich: Callable[[Document], Result], text: str, language: str) -> tuple[float, int]:
    """Seconds to enrich a text, the least of a few measurements, and the number of its tokens."""
    body = json.dumps({"text": text, "language": language}).encode()
    document = Document("sample", body, "application/json")
    best, tokens = float("inf"), 0
    for _ in range(_MEASUREMENTS):
        start = time.perf_counter()
        tokens = enrich(document)["enrichment"]["coverage"]["tokens"]
        best = min(best, time.perf_counter() - start)
    return best, tokens
