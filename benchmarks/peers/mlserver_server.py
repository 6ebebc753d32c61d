"""The same model and pipeline behind MLServer, one process per core."""

from __future__ import annotations

import asyncio
import sys

import msgspec
from mlserver import MLModel, MLServer, ModelSettings, Settings
from mlserver.codecs import StringCodec
from mlserver.types import InferenceRequest, InferenceResponse

from benchmarks.peers.enricher import new_enrich


class Model(MLModel):  # type: ignore[misc]
    """Enriches one article per request."""

    async def load(self) -> bool:
        """Load the model, once per process."""
        self._enrich = new_enrich()
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """Enrich an article."""
        (text,) = StringCodec.decode_input(payload.inputs[0])
        answer = msgspec.json.encode(self._enrich(text)).decode()
        return InferenceResponse(
            model_name=self.name, outputs=[StringCodec.encode_output("enrichment", [answer])]
        )


async def _serve(port: int) -> None:
    settings = Settings(
        host="127.0.0.1",
        http_port=port,
        grpc_port=port + 1,
        metrics_endpoint=None,
        parallel_workers=2,
    )
    model = ModelSettings(name="enrich", implementation="benchmarks.peers.mlserver_server.Model")
    await MLServer(settings).start([model])


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
