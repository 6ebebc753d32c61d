import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from service.cli import main as commands
from service.cli.engines import answer_with
from service.config.settings import Settings
from tests.api.conftest import app_around

Enrich = Callable[..., Result]


def fake_app() -> Flask:
    """The application around the fake model."""
    return app_around(replace(Settings(), max_body_bytes=100_000))


@contextmanager
def one_by_one(_, parameters) -> Iterator:
    """An embedded engine with the fake model, in this process."""
    answer = answer_with(fake_app(), parameters)
    yield lambda documents: ((document, answer(document)) for document in documents)


@pytest.fixture
def enrich(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Enrich:
    """The command line in an empty folder, with the fake model."""
    monkeypatch.setattr(commands, "embedded", one_by_one)
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, stdin: str | bytes = b"") -> Result:
        return CliRunner().invoke(commands.main, arguments, input=stdin)

    return call


def lines_of(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]
