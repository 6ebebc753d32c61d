"""The same model and pipeline behind LitServe, one process per core."""

from __future__ import annotations

import sys
from typing import Any

import litserve
import msgspec

from benchmarks.peers.enricher import new_enrich


class Api(litserve.LitAPI):  # type: ignore[misc]
    """Enriches one article per request."""

    def setup(self, device: str) -> None:
        """Load the model, once per process."""
        self._enrich = new_enrich()

    def decode_request(self, request: dict[str, str]) -> str:
        """Return the text of the article."""
        return request["text"]

    def predict(self, text: str) -> Any:
        """Enrich an article."""
        return msgspec.to_builtins(self._enrich(text))

    def encode_response(self, output: Any) -> Any:
        """Return the response unchanged."""
        return output


if __name__ == "__main__":
    server = litserve.LitServer(Api(), accelerator="cpu", workers_per_device=2, timeout=600)
    server.run(
        host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", generate_client_file=False
    )
