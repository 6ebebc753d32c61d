"""The labels of whole articles."""

from __future__ import annotations

from typing import Any

from service.enrichment.document_tone import FIGURES, LABELS, DocumentHead

LABEL_OF_TONE = {"1": 0, "2": 0, "3": 1, "4": 2, "5": 2, "M": 3}
"""Annotated tone of an article → index into :data:`~service.enrichment.document_tone.LABELS`."""


def manifest_entry(head: DocumentHead) -> dict[str, Any]:
    """The member ``document_tone`` of a manifest, rounded to four decimals."""
    return {
        "figures": list(FIGURES),
        "labels": list(LABELS),
        "bias": head.bias.round(4).tolist(),
        "weights": head.weights.round(4).tolist(),
    }
