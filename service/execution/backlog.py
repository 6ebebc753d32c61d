"""Counts the articles that are queued, and finds out whether there is room for another."""

from __future__ import annotations

from dataclasses import dataclass

from service.execution.job import Share

_TOKENS_RESERVE = 2.0  # a full queue takes this much, as a multiple, from callers below their share
_ARTICLES_RESERVE = 7 / 6  # articles hold threads: 7/8 of them, if the queue may hold 3/4


@dataclass
class _Part:
    """What one caller has in the queue."""

    weight: int
    tokens: float = 0.0
    articles: int = 0


class Backlog:
    """Articles and tokens that are queued or processed, in total and by caller. Not thread-safe.

    The queue is full at its limits. If several callers use it, one that has less than its share,
    which is the queue divided by the weights of those callers, still finds room, so that the flood
    of another does not lock it out.

    Args:
        max_tokens: most tokens.
        max_articles: most articles.
    """

    def __init__(self, max_tokens: int, max_articles: int) -> None:
        self.max_tokens, self.max_articles = max_tokens, max_articles
        self.tokens, self.articles = 0.0, 0
        self._parts: dict[str, _Part] = {}

    def add(self, share: Share, tokens: float, articles: int) -> None:
        """Count tokens and articles of a caller."""
        part = self._parts.setdefault(share.caller, _Part(share.weight))
        part.tokens += tokens
        part.articles += articles
        self.tokens += tokens
        self.articles += articles

    def remove(self, share: Share, tokens: float, articles: int) -> None:
        """Take back what :meth:`add` has counted."""
        part = self._parts[share.caller]
        part.tokens = max(0.0, part.tokens - tokens)
        part.articles -= articles
        self.tokens = max(0.0, self.tokens - tokens)
        self.articles -= articles
        if not part.articles:
            del self._parts[share.caller]

    def has_room(self, share: Share, tokens: float) -> bool:
        """Whether an article of ``tokens`` finds room."""
        if self.tokens + tokens <= self.max_tokens and self.articles < self.max_articles:
            return True
        part, fraction = self._part(share), self._fraction(share)
        return (
            fraction < 1
            and part.tokens + tokens <= fraction * self.max_tokens
            and part.articles < fraction * self.max_articles
            and self.tokens + tokens <= _TOKENS_RESERVE * self.max_tokens
            and self.articles < _ARTICLES_RESERVE * self.max_articles
        )

    def tokens_before(self, share: Share) -> float:
        """Tokens that are processed before a further article of a caller."""
        return min(self.tokens, self._part(share).tokens / self._fraction(share))

    def _part(self, share: Share) -> _Part:
        return self._parts.get(share.caller) or _Part(share.weight)

    def _fraction(self, share: Share) -> float:
        """The share of a caller, among those that have articles in the queue."""
        others = sum(part.weight for name, part in self._parts.items() if name != share.caller)
        return share.weight / (share.weight + others)
