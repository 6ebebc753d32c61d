import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from service.cli import options
from service.cli.engines import enrich_with
from service.cli.main import main
from service.config.settings import Settings
from tests.api.conftest import app_around

Enrich = Callable[..., Result]


def fake_app() -> Flask:
    """The application with the fake model."""
    return app_around(replace(Settings(), max_body_bytes=100_000))


@contextmanager
def sequential_engine(_, parameters) -> Iterator:
    """An engine with the fake model that enriches one document at a time, in this process."""
    enrich_document = enrich_with(fake_app(), parameters)
    yield lambda documents: ((document, enrich_document(document)) for document in documents)


@pytest.fixture
def enrich(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Enrich:
    """Calls ``enrich`` in an empty folder, with the fake model."""
    monkeypatch.setattr(options, "embedded", sequential_engine)
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, stdin: str | bytes = b"") -> Result:
        return CliRunner().invoke(main, arguments, input=stdin)

    return call


def lines_of(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]
