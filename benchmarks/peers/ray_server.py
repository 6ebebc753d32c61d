"""The same model and pipeline behind Ray Serve, one replica per core."""

from __future__ import annotations

import signal
import sys

import msgspec
import ray
from ray import serve
from starlette.requests import Request
from starlette.responses import Response

from benchmarks.peers.enricher import new_enrich


class Api:
    """Enriches one article per request."""

    def __init__(self) -> None:
        self._enrich = new_enrich()

    async def __call__(self, request: Request) -> Response:
        """Enrich an article."""
        text = (await request.body()).decode()
        return Response(msgspec.json.encode(self._enrich(text)), media_type="application/json")


if __name__ == "__main__":
    ray.init(num_cpus=2, include_dashboard=False, object_store_memory=100 * 1024**2)
    serve.start(http_options={"host": "127.0.0.1", "port": int(sys.argv[1])})
    options = {"num_replicas": 2, "max_ongoing_requests": 4, "ray_actor_options": {"num_cpus": 1}}
    serve.run(serve.deployment(**options)(Api).bind())
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    serve.shutdown()
    ray.shutdown()
