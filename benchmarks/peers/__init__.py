"""Other servers that the service is measured beside, each in a process and environment of its own.

``make peers`` installs them, each into ``.venv-peers/NAME`` from ``NAME.txt`` in this folder.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def _as_json(text: str) -> str:
    return json.dumps({"text": text})


def _as_tensor(text: str) -> str:
    tensor = {"name": "text", "shape": [1], "datatype": "BYTES", "data": [text]}
    return json.dumps({"inputs": [tensor]})


@dataclass(frozen=True)
class Peer:
    """A server that answers a POST of one article's text with what it finds in it.

    Attributes:
        title: its name in tables.
        kind: ``"ours"``, ``"afternoon"`` (what one would write in an afternoon), ``"same file"``
            (our model and steps behind another server) or ``"other"`` (does other work).
        arguments: of Python, with ``{port}`` where its port goes.
        folder: of ``.venv-peers``; none for an environment like this process's.
        environment: variables it needs beside those of all.
        path, media, body: of its requests.
        ready: what answers 200 to a GET once it can serve; without, a short article is sent.
        home: where it is started, if that matters.
    """

    title: str
    kind: str
    arguments: tuple[str, ...]
    folder: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    path: str = "/"
    media: str = "text/plain"
    body: Callable[[str], str] = str
    ready: str = ""
    home: Path | None = None

    @property
    def python(self) -> Path:
        """The Python that it runs on."""
        if not self.folder:
            return Path(sys.executable)
        return ROOT / ".venv-peers" / self.folder / "bin/python"


def _gunicorn(title: str, kind: str, application: str, folder: str) -> Peer:
    options = ("--bind", "127.0.0.1:{port}", "--workers", "2", "--timeout", "600")
    command = ("-m", "gunicorn", *options, f"benchmarks.peers.{application}")
    return Peer(title, kind, command, folder)


def _json(title: str, module: str, folder: str, path: str) -> Peer:
    command = ("-m", f"benchmarks.peers.{module}", "{port}")
    return Peer(title, "same file", command, folder, {}, path, "application/json", _as_json)


OURS = Peer(
    "this service",
    "ours",
    ("-m", "gunicorn"),
    environment={"HOST": "127.0.0.1", "PORT": "{port}", "CACHE_BYTES": "0"},
    path="/v1/enrich",
    ready="/readyz",
    home=ROOT,
)

PEERS = {
    "afternoon-same": _gunicorn(
        "afternoon, same sizes", "afternoon", "afternoon_server:create_app('same')", "afternoon"
    ),
    "afternoon-usual": _gunicorn(
        "afternoon, usual sizes", "afternoon", "afternoon_server:create_app('usual')", "afternoon"
    ),
    "litserve": _json("LitServe", "litserve_server", "litserve", "/predict"),
    "bentoml": _json("BentoML", "bentoml_server", "bentoml", "/enrich"),
    "ray": Peer("Ray Serve", "same file", ("-m", "benchmarks.peers.ray_server", "{port}"), "ray"),
    "mlserver": Peer(
        "MLServer",
        "same file",
        ("-m", "benchmarks.peers.mlserver_server", "{port}"),
        "mlserver",
        path="/v2/models/enrich/infer",
        media="application/json",
        body=_as_tensor,
    ),
    "spacy": _gunicorn("spaCy, en_core_web_sm", "other", "spacy_server:create_app()", "spacy"),
    "presidio": _gunicorn(
        "Presidio, en_core_web_sm", "other", "presidio_server:create_app()", "presidio"
    ),
}
