"""Predictions for windows, by a network in memory or by a bundle as it is served."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from service.inference.bundle.bundle import Bundle
from service.inference.bundle.wordpieces import WordPieces
from training.batches import Window, batches, collate
from training.labels import TAGS
from training.model import OnePass, precision


class WindowReading(NamedTuple):
    """Predictions for a window.

    Attributes:
        tags: probabilities of the model's ``labels``, shape ``(words, labels)``.
        sentences: probabilities by the scale of each sentence, shape ``(sentences, polarities)``.
        targets: probabilities of the targets in order, shape ``(targets, polarities)``.
        labels: ``"O"`` and the BIO tags of the model.
    """

    tags: NDArray[np.float32]
    sentences: NDArray[np.float32]
    targets: NDArray[np.float32]
    labels: tuple[str, ...] = TAGS


Reader = Callable[[list[Window]], list[WindowReading]]
"""Reads windows, and returns the readings in the same order."""


def network_reader(model: OnePass, batch_pieces: int) -> Reader:
    """A :data:`Reader` that runs a network on batches of ``batch_pieces`` with padding."""
    device = next(model.parameters()).device

    @torch.no_grad()
    def read(windows: list[Window]) -> list[WindowReading]:
        model.eval()
        readings: dict[int, WindowReading] = {}
        places = {id(window): i for i, window in enumerate(windows)}
        for group in batches(windows, batch_pieces, random.Random(0)):
            batch = collate(group)
            with precision(device):
                output = model(batch.to(device))
            tags, sentences, targets = (
                logits.float().softmax(-1).cpu().numpy()
                for logits in (output.tags, output.sentences, output.targets)
            )
            of_sentence = batch.sentences[:, 0].numpy()
            of_target = of_sentence[batch.targets[:, 2].numpy()]
            for row, window in enumerate(group):
                readings[places[id(window)]] = WindowReading(
                    _of_words(tags[row], window),
                    sentences[of_sentence == row],
                    targets[of_target == row],
                )
        return [readings[i] for i in range(len(windows))]

    return read


def mean_reader(readers: Sequence[Reader]) -> Reader:
    """A :data:`Reader` whose predictions are the means of those of several readers."""

    def read(windows: list[Window]) -> list[WindowReading]:
        return list(map(mean, *(reader(windows) for reader in readers)))

    def mean(*readings: WindowReading) -> WindowReading:
        tags, sentences, targets, _ = zip(*readings, strict=True)
        parts = (np.mean(part, axis=0) for part in (tags, sentences, targets))
        return WindowReading(*parts, labels=readings[0].labels)

    return read


def _of_words(tags: NDArray[np.float32], window: Window) -> NDArray[np.float32]:
    """The tag probabilities of words. A word without pieces is outside of names."""
    nothing = np.eye(1, len(TAGS), dtype=np.float32)
    rows, position = [], 1
    for sentence in window:
        bounds = sentence.pieces.bounds
        firsts = np.minimum(bounds[:-1], len(sentence.pieces.ids) - 1) + position
        rows.append(np.where((bounds[:-1] < bounds[1:])[:, None], tags[firsts], nothing))
        position += len(sentence.pieces.ids)
    return np.concatenate(rows)


def bundle_reader(bundle: Bundle) -> Reader:
    """A :data:`Reader` that runs a bundle. It predicts the tone of all sentences."""

    def read(windows: list[Window]) -> list[WindowReading]:
        return list(map(of, windows))

    def of(window: Window) -> WindowReading:
        starts = [0, *np.cumsum([len(s.tags) for s in window]).tolist()]
        sentences = list(pairwise(starts))
        targets = [
            ((begin + target.first, begin + target.last), (begin, end))
            for (begin, end), sentence in zip(sentences, window, strict=True)
            for target in sentence.targets
        ]
        reading = bundle.read(joined(window), (0, starts[-1]))
        return WindowReading(
            reading.names,
            reading.sentence_sentiment(sentences),
            reading.target_sentiment(targets),
            bundle.tags,
        )

    return read


def joined(window: Window) -> WordPieces:
    """The word pieces of a window."""
    counts = [len(sentence.pieces.ids) for sentence in window]
    begins = [0, *np.cumsum(counts).tolist()]
    return WordPieces(
        np.concatenate([sentence.pieces.ids for sentence in window]),
        np.concatenate([sentence.pieces.cases for sentence in window]),
        np.concatenate(
            [
                *(s.pieces.bounds[:-1] + b for s, b in zip(window, begins[:-1], strict=True)),
                begins[-1:],
            ]
        ),
    )
