"""The same model and pipeline behind BentoML, one process per core."""

from __future__ import annotations

import sys
from typing import Any

import bentoml
import msgspec

from benchmarks.peers.enricher import new_enrich


@bentoml.service(workers=2, traffic={"timeout": 600})
class Api:
    """Enriches one article per request."""

    def __init__(self) -> None:
        self._enrich = new_enrich()

    @bentoml.api  # type: ignore[untyped-decorator]
    def enrich(self, text: str) -> dict[str, Any]:
        """Enrich an article."""
        return msgspec.to_builtins(self._enrich(text))  # type: ignore[no-any-return]


if __name__ == "__main__":
    bentoml.serve(
        "benchmarks.peers.bentoml_server:Api",
        host="127.0.0.1",
        port=int(sys.argv[1]),
        blocking=True,
    )
