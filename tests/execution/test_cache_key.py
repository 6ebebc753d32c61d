"""The code digest covers all code that computes enrichments."""

from importlib.metadata import PackageNotFoundError
from pathlib import Path

from service.execution import cache_key


def test_the_digest_covers_the_code_that_computes_enrichments(monkeypatch):
    read = []
    monkeypatch.setattr(Path, "read_bytes", lambda self: read.append(self.name) or b"")
    cache_key.code_digest()
    assert {"pipeline.py", "coreference.py", "sentiment.py", "bundle.py", "wordpieces.py"} <= set(
        read
    )


def test_the_digest_covers_the_version_of_torch_which_is_optional(monkeypatch):
    installed = cache_key.version

    def digest_with(torch: str | None) -> str:
        def version(library: str) -> str:
            if library == "torch" and torch is None:
                raise PackageNotFoundError
            return torch if library == "torch" else installed(library)

        monkeypatch.setattr(cache_key, "version", version)
        return cache_key.code_digest()

    assert len({digest_with("2.8.0"), digest_with("2.9.0"), digest_with(None)}) == 3
