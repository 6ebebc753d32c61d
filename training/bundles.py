"""Changing files of a bundle, and what its manifest has of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from service.inference.bundle.bundle import load_bundle
from service.inference.bundle.manifest import MANIFEST
from training.corpora import Corpora
from training.documents import DOCUMENT_HEAD
from training.evaluate import document_figures, read_articles
from training.readers import bundle_reader
from training.regression import fit_head


def describe(folder: Path, files: Iterable[str], **members: Any) -> None:
    """Bring the manifest up to date.

    Args:
        folder: of the bundle; its manifest may be missing yet.
        files: names of those that are new or have changed.
        members: of the manifest that have changed.
    """
    path = folder / MANIFEST
    manifest = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"files": {}}
    manifest |= members
    for name in files:
        manifest["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    path.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def add_document_head(folder: Path, corpora: Corpora) -> None:
    """Fit the head of the document's tone on the dev articles, as the bundle reads them."""
    bundle = load_bundle(folder)
    readings = list(read_articles(bundle_reader(bundle), corpora.articles_dev, bundle.window))
    head = fit_head(*document_figures(corpora.articles_dev, readings))
    text = json.dumps(head.to_json(), indent=1) + "\n"
    (folder / DOCUMENT_HEAD).write_text(text, encoding="utf-8")
    describe(folder, [DOCUMENT_HEAD])
