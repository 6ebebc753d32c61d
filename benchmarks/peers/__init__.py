"""Peers: other servers for comparison, each with its own process and virtual environment.

``make peers`` installs the packages in ``NAME.txt`` in this folder into ``.venv-peers/NAME``, and a
past commit of this service, with its own packages, into ``.venv-peers/before-COMMIT``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

_VENVS = ROOT / ".venv-peers"


def _as_json(text: str) -> str:
    return json.dumps({"text": text})


def _as_tensor(text: str) -> str:
    tensor = {"name": "text", "shape": [1], "datatype": "BYTES", "data": [text]}
    return json.dumps({"inputs": [tensor]})


@dataclass(frozen=True)
class Peer:
    """A server that enriches the text of one article per POST request.

    Attributes:
        title: Name in tables.
        kind: ``"ours"``; ``"before"``, a past commit of it; ``"afternoon"``, a minimal
            implementation; ``"same file"``, this service's model and pipeline behind another
            server; or ``"other"``, a server with other output.
        arguments: Arguments of Python; ``{port}`` is replaced.
        folder: Folder of its virtual environment; if absent, that of this process.
        environment: Additional environment variables.
        path: Path of requests.
        media: Media type of requests.
        body: Builds the body of a request from a text.
        ready: Path that responds to GET with status 200 when the server is ready; if empty, a short
            article is sent instead.
        home: Working folder, if it matters.
    """

    title: str
    kind: str
    arguments: tuple[str, ...]
    folder: Path | None = None
    environment: dict[str, str] = field(default_factory=dict)
    path: str = "/"
    media: str = "text/plain"
    body: Callable[[str], str] = str
    ready: str = ""
    home: Path | None = None

    @property
    def python(self) -> Path:
        """Path of its Python interpreter."""
        return self.folder / "bin/python" if self.folder else Path(sys.executable)


def _gunicorn(title: str, kind: str, application: str, folder: str) -> Peer:
    options = ("--bind", "127.0.0.1:{port}", "--workers", "2", "--timeout", "600")
    command = ("-m", "gunicorn", *options, f"benchmarks.peers.{application}")
    return Peer(title, kind, command, _VENVS / folder)


def _json(title: str, module: str, folder: str, path: str, *arguments: str) -> Peer:
    command = ("-m", f"benchmarks.peers.{module}", "{port}", *arguments)
    return Peer(
        title, "same file", command, _VENVS / folder, {}, path, "application/json", _as_json
    )


OURS = Peer(
    "this service",
    "ours",
    ("-m", "gunicorn"),
    environment={"HOST": "127.0.0.1", "PORT": "{port}", "CACHE_BYTES": "0"},
    path="/v1/enrich",
    ready="/readyz",
    home=ROOT,
)


def configured(settings: Mapping[str, str]) -> Peer:
    """Return this service with other settings."""
    title = f"{OURS.title}, {' '.join(f'{name}={value}' for name, value in settings.items())}"
    return replace(OURS, title=title, environment={**OURS.environment, **settings})


def before(checkout: Path) -> Peer:
    """Return this service as it is in another checkout, which has its own ``.venv``."""
    return replace(
        OURS,
        title=f"this service, {checkout.name}",
        kind="before",
        folder=checkout / ".venv",
        environment={**OURS.environment, "PYTHONPATH": str(checkout)},
        home=checkout,
    )


PEERS = {
    "afternoon-same": _gunicorn(
        "afternoon, same sizes", "afternoon", "afternoon_server:create_app('same')", "afternoon"
    ),
    "afternoon-usual": _gunicorn(
        "afternoon, usual sizes", "afternoon", "afternoon_server:create_app('usual')", "afternoon"
    ),
    **{
        name: _json(title, "litserve_server", "litserve", "/predict", *arguments)
        for name, title, *arguments in (
            ("litserve", "LitServe", "plain", "2"),
            ("litserve-fast", "LitServe, fast queue", "fast", "2"),
            ("litserve-3", "LitServe, fast queue, three workers", "fast", "3"),
        )
    },
    "bentoml": _json("BentoML", "bentoml_server", "bentoml", "/enrich"),
    "ray": Peer(
        "Ray Serve", "same file", ("-m", "benchmarks.peers.ray_server", "{port}"), _VENVS / "ray"
    ),
    "mlserver": Peer(
        "MLServer",
        "same file",
        ("-m", "benchmarks.peers.mlserver_server", "{port}"),
        _VENVS / "mlserver",
        path="/v2/models/enrich/infer",
        media="application/json",
        body=_as_tensor,
    ),
    "spacy": _gunicorn(
        "spaCy, en_core_web_sm", "other", "spacy_server:create_app(sentiment=False)", "spacy"
    ),
    "spacy-vader": _gunicorn(
        "spaCy and VADER", "other", "spacy_server:create_app(sentiment=True)", "spacy"
    ),
    "presidio": _gunicorn(
        "Presidio, en_core_web_sm", "other", "presidio_server:create_app()", "presidio"
    ),
}
