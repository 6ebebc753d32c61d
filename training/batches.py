"""Batches: windows as tensors."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.corpora import Corpora
from training.data import Sentence, pack
from training.labels import POLARITIES, TAGS, UNLABELLED

CLS, SEP = 101, 102
Window = list[Sentence]


@dataclass
class Batch:
    """Windows as tensors, padded to the length of the longest.

    Attributes:
        ids, cases, mask: input of the encoder, shape ``(windows, pieces)``.
        tags: index into :data:`~training.labels.TAG_SETS` of each word, at its first piece.
        answered: (window, piece) of each word that a teacher tagged.
        answers: the teacher's tag probabilities for these, shape ``(answered, tags)``.
        sentences: rows of (window, first piece, one past the last).
        polarities: of the sentences; zeros where unknown.
        scales: index into :data:`~training.labels.SCALES` of each sentence.
        targets: rows of (first piece, one past the last, row of its sentence).
        target_polarities: towards the targets.
        target_sets: index into :data:`~training.labels.TARGET_SETS` of each target.
    """

    ids: Tensor
    cases: Tensor
    mask: Tensor
    tags: Tensor
    answered: Tensor
    answers: Tensor
    sentences: Tensor
    polarities: Tensor
    scales: Tensor
    targets: Tensor
    target_polarities: Tensor
    target_sets: Tensor

    def to(self, device: torch.device) -> Batch:
        """Copy the batch to a device."""
        return Batch(**{name: value.to(device) for name, value in vars(self).items()})


def collate(
    windows: Sequence[Window],
    chance: random.Random | None = None,
    damage: Sequence[float] = (0.0, 0.0, 0.0),
) -> Batch:
    """Convert windows to a batch.

    Args:
        windows: of any lengths.
        chance: selects sentences whose letter case is changed; ``None`` to change none.
        damage: share of the sentences in all-caps, lower and title case.
    """
    shape = (len(windows), max(map(length, windows)))
    ids, cases = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    mask, tags = np.zeros(shape, np.int64), np.full(shape, UNLABELLED, np.int64)
    answered, answers = [np.empty((0, 2), np.int64)], [np.empty((0, len(TAGS)), np.float16)]
    sentences: list[tuple[int, int, int]] = []
    targets, target_polarities, target_sets = [], [], []
    for row, window in enumerate(windows):
        ids[row, 0] = CLS
        position = 1
        for sentence in window:
            pieces = sentence.pieces
            end = position + len(pieces.ids)
            ids[row, position:end] = pieces.ids
            cases[row, position:end] = _cases(sentence, chance, damage)
            begun = pieces.bounds[:-1] < pieces.bounds[1:]
            firsts = position + pieces.bounds[:-1][begun]
            tags[row, firsts] = sentence.tags[begun]
            if sentence.answered is not None:
                answered.append(np.stack([np.full_like(firsts, row), firsts], 1))
                answers.append(sentence.answered[begun])
            for first, last, polarity in sentence.targets:
                bounds = (position + pieces.bounds[first], position + pieces.bounds[last])
                targets.append((*bounds, len(sentences)))
                target_polarities.append(polarity)
                target_sets.append(sentence.target_set)
            sentences.append((row, position, end))
            position = end
        ids[row, position] = SEP
        mask[row, : position + 1] = 1
    every = [sentence for window in windows for sentence in window]
    return Batch(
        *(torch.from_numpy(array) for array in (ids, cases, mask, tags)),
        torch.from_numpy(np.concatenate(answered)),
        torch.from_numpy(np.concatenate(answers).astype(np.float32)),
        torch.tensor(sentences),
        torch.tensor([sentence.polarity for sentence in every]),
        torch.tensor([sentence.scale for sentence in every]),
        torch.tensor(np.asarray(targets, np.int64).reshape(-1, 3)),
        torch.tensor(np.asarray(target_polarities, np.float32).reshape(-1, len(POLARITIES))),
        torch.tensor(np.asarray(target_sets, np.int64)),
    )


def length(window: Window) -> int:
    """Word pieces of a window, including [CLS] and [SEP]."""
    return sum(len(sentence.pieces.ids) for sentence in window) + 2


def _cases(
    sentence: Sentence, chance: random.Random | None, damage: Sequence[float]
) -> NDArray[np.int32]:
    draw = chance.random() if chance else 1.0
    for share, cases in zip(damage, sentence.damaged, strict=True):
        if draw < share:
            return cases
        draw -= share
    return sentence.pieces.cases


def batches(windows: list[Window], pieces: int, chance: random.Random) -> Iterator[list[Window]]:
    """Group windows of similar length, up to ``pieces`` with padding, in random order."""
    windows = sorted(windows, key=lambda window: length(window) + 8 * chance.random())
    groups: list[list[Window]] = [[]]
    for window in windows:
        if groups[-1] and length(window) * (len(groups[-1]) + 1) > pieces:
            groups.append([])
        groups[-1].append(window)
    chance.shuffle(groups)
    yield from (group for group in groups if group)


def epoch_batches(
    corpora: Corpora,
    shares: Mapping[str, float],
    pieces: int,
    batch_pieces: int,
    chance: random.Random,
) -> list[list[Window]]:
    """The batches of one epoch.

    Args:
        corpora: the data.
        shares: how often each set is used per epoch, if not once.
        pieces: most word pieces in a window, without [CLS] and [SEP].
        batch_pieces: most word pieces in a batch, with padding.
        chance: source of random numbers.
    """
    names = [
        window
        for key, documents in corpora.names.items()
        for document in _drawn(documents, shares.get(key, 1.0), chance)
        for window in pack(document, pieces, chance)
    ]
    articles: list[Window] = []
    for article in _drawn(corpora.articles, shares.get("tone", 1.0), chance):
        # A fifth is read without its title, because many requests have none.
        untitled = article.titled and chance.random() < 0.2
        articles += pack(article.sentences[int(untitled) :], pieces, chance, short=0.4)
    for document in _drawn(corpora.answered, shares.get("answered", 1.0), chance):
        articles += pack(document, pieces, chance)
    loose: list[Window] = []
    for key, sentences in corpora.loose.items():
        drawn = _drawn(sentences, shares.get(key, 1.0), chance)
        loose += pack(drawn, pieces, chance, short=0.75)
    groups = [
        group for pool in (names, articles, loose) for group in batches(pool, batch_pieces, chance)
    ]
    chance.shuffle(groups)
    return groups


def _drawn(items: list, share: float, chance: random.Random) -> list:  # type: ignore[type-arg]
    """A random ``share`` of ``items`` in random order; a share above 1 repeats them evenly."""
    whole, part = divmod(share, 1)
    drawn = [item for _ in range(int(whole)) for item in chance.sample(items, len(items))]
    return drawn + chance.sample(items, round(part * len(items)))
