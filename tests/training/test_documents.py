"""The labels of whole articles. None of it needs torch."""

import msgspec
import numpy as np

from service.enrichment.document_tone import FIGURES, LABELS, DocumentHead
from service.inference.bundle.manifest import DocumentTone
from training.documents import LABEL_OF_TONE, manifest_entry


def test_the_annotated_tones_have_the_labels_of_a_head():
    labels = {tone: LABELS[index].value for tone, index in LABEL_OF_TONE.items()}
    assert labels == {
        "1": "NEGATIVE", "2": "NEGATIVE", "3": "NEUTRAL", "4": "POSITIVE", "5": "POSITIVE",
        "M": "MIXED",
    }  # fmt: skip


def test_a_manifest_reads_what_training_writes():
    weights = np.arange(len(FIGURES) * len(LABELS), dtype=float).reshape(len(FIGURES), -1)
    head = DocumentHead(np.asarray([0.5, 0, 0, -0.5]), weights)
    entry = msgspec.json.encode(manifest_entry(head))
    read = msgspec.json.decode(entry, type=DocumentTone)
    assert np.array_equal(np.asarray(read.weights), weights)
    assert read.bias == (0.5, 0, 0, -0.5)
