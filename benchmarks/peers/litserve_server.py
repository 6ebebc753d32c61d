"""The same model and pipeline behind LitServe, with ``plain`` or ``fast`` queues and N workers."""

from __future__ import annotations

import sys

import litserve
import msgspec
from starlette.responses import Response

from benchmarks.peers.enricher import new_enrich


class Api(litserve.LitAPI):  # type: ignore[misc]
    """Enriches one article per request."""

    def setup(self, device: str) -> None:
        """Load the model, once per process."""
        self._enrich = new_enrich()

    def decode_request(self, request: dict[str, str]) -> str:
        """Return the text of the article."""
        return request["text"]

    def predict(self, text: str) -> bytes:
        """Enrich an article."""
        return msgspec.json.encode(self._enrich(text))

    def encode_response(self, output: bytes) -> Response:
        """Return the JSON as it is: FastAPI's own encoder is slow."""
        return Response(output, media_type="application/json")


if __name__ == "__main__":
    port, queues, workers = sys.argv[1:]
    server = litserve.LitServer(
        Api(),
        accelerator="cpu",
        workers_per_device=int(workers),
        fast_queue=queues == "fast",
        timeout=600,
    )
    # More HTTP servers would compete with the workers for two cores.
    server.run(
        host="127.0.0.1",
        port=int(port),
        num_api_servers=1,
        log_level="warning",
        generate_client_file=False,
    )
