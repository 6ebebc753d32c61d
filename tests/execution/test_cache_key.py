"""The code digest covers all code that computes enrichments."""

import pkgutil
from importlib.metadata import PackageNotFoundError
from pathlib import Path

from service import enrichment, inference
from service.execution import cache_key


def test_the_digest_covers_the_code_that_computes_enrichments(monkeypatch):
    read = set()
    monkeypatch.setattr(Path, "read_bytes", lambda self: read.add(self.as_posix()) or b"")
    cache_key.code_digest()
    for package in (enrichment, inference):
        modules = list(pkgutil.walk_packages(package.__path__, f"{package.__name__}."))
        assert len(modules) > 10
        for module in modules:
            file = module.name.replace(".", "/") + ("/__init__.py" if module.ispkg else ".py")
            assert any(path.endswith(file) for path in read), file
    assert any(path.endswith("enrichment/abbreviations.toml") for path in read)
    assert not any("__pycache__" in path for path in read)


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
