"""Changes to the files of a bundle and to its manifest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from service.inference.bundle.bundle import load_bundle
from service.inference.bundle.manifest import MANIFEST
from training.corpora import Corpora
from training.documents import manifest_entry
from training.evaluate import document_rows, read_articles
from training.readers import bundle_reader
from training.regression import fit_head


def describe(folder: Path, files: Iterable[str] = (), **members: Any) -> None:
    """Update the manifest of a bundle, or write a first one.

    Args:
        folder: of the bundle.
        files: names of the files that are new or have changed.
        members: of the manifest that are new or have changed.
    """
    path = folder / MANIFEST
    manifest = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"files": {}}
    manifest |= members
    for name in files:
        manifest["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    path.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def add_document_head(folder: Path, corpora: Corpora) -> None:
    """Fit the regression for whole articles on the dev articles, as the bundle reads them."""
    bundle = load_bundle(folder)
    readings = list(read_articles(bundle_reader(bundle), corpora.articles_dev, bundle.window))
    head = fit_head(*document_rows(corpora.articles_dev, readings))
    describe(folder, document_tone=manifest_entry(head))
