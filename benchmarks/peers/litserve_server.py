"""The same file behind LitServe: a process a core."""

from __future__ import annotations

import sys
from typing import Any

import litserve
import msgspec

from benchmarks.peers.enricher import new_enrich


class Api(litserve.LitAPI):  # type: ignore[misc]
    """One article a request."""

    def setup(self, device: str) -> None:
        """Called once in each process."""
        self._enrich = new_enrich()

    def decode_request(self, request: dict[str, str]) -> str:
        """The text of the article."""
        return request["text"]

    def predict(self, text: str) -> Any:
        """What is in the article."""
        return msgspec.to_builtins(self._enrich(text))

    def encode_response(self, output: Any) -> Any:
        """The answer, as it is."""
        return output


if __name__ == "__main__":
    server = litserve.LitServer(Api(), accelerator="cpu", workers_per_device=2, timeout=600)
    server.run(
        host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", generate_client_file=False
    )
