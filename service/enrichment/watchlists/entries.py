"""The entries of watch lists, and what identifies a list."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Entry:
    """What a list watches for.

    Attributes:
        id: unique in its list.
        name: the preferred name. Articles are searched for it, too.
        aliases: other names.
        type: entity type of the entities that only the list finds; ``None`` if it is open.
        required: words of which the article has to have one, in any case; none for no condition.
        excluded: words of which the article must not have any, in any case.
        case_sensitive: whether the names match only in the case in which the list has them.
        extra: everything else that the list has about it: JSON values, handed back unchanged.
    """

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    type: str | None = None
    required: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    case_sensitive: bool = True
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The preferred name and the aliases."""
        return (self.name, *self.aliases)


@dataclass(frozen=True)
class ListIdentity:
    """A list.

    Attributes:
        name: of the list.
        entries: number of its entries.
        digest: ``sha256:`` and the hash of its file.
    """

    name: str
    entries: int
    digest: str
