"""The interface between a checkpoint and the library that runs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Input:
    """One input sequence.

    Attributes:
        ids: token ids, special tokens included; shape ``(tokens,)``.
        types: token type ids: 1 for the second text of a pair, else 0; shape ``(tokens,)``.
    """

    ids: NDArray[np.int64]
    types: NDArray[np.int64]


class Backend(Protocol):
    """Runs a checkpoint. Several threads may use it at once.

    Attributes:
        name: library, version and device, for people.
    """

    name: str

    def run(self, inputs: Sequence[Input]) -> list[NDArray[np.float32]]:
        """Compute the logits of each input.

        The same list of inputs gives the same logits on every call.

        Returns:
            For each input an array of shape ``(tokens, labels)``, or ``(labels,)`` where the
            checkpoint classifies sequences.
        """
        ...
