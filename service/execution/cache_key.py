"""Cache keys: equal only for articles whose enrichments are equal."""

from __future__ import annotations

from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

from service.enrichment.article import Article

_SERVICE = Path(__file__).parents[1]
_PACKAGES = ("enrichment", "inference")
_LIBRARIES = (
    *("ahocorasick-rs", "numpy", "onnxruntime", "py3langid", "regex", "tokenizers", "torch"),
    "transformers",
)


def cache_key(article: Article, version: str, owner: str = "", lists: str = "") -> str:
    """The key of an article's enrichment.

    Args:
        article: its id does not count.
        version: identifies model, code and libraries.
        owner: who shares the entry; ``""`` for all callers.
        lists: version of the lists; ``""`` for none.
    """
    content: tuple[object, ...] = (
        version,
        article.title,
        article.text,
        article.language,
        article.language_hints,
    )
    if owner or lists:
        content = (*content, owner)
    if lists:
        content = (*content, lists)
    return f"enrichment:{sha256(msgspec.json.encode(content)).hexdigest()}"


def code_digest() -> str:
    """SHA-256, hexadecimal, of the code that computes enrichments.

    It covers the files of the packages that compute, and the versions of their libraries.
    """
    digest = sha256()
    for package in _PACKAGES:
        for path in sorted((_SERVICE / package).rglob("*.*")):
            if path.suffix != ".pyc":
                digest.update(path.read_bytes())
    digest.update(repr([(name, _version(name)) for name in _LIBRARIES]).encode())
    return digest.hexdigest()


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:  # torch is optional
        return ""
