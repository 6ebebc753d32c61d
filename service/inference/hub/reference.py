"""References to checkpoints on a hub: ``owner/name@revision``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from service.inference.errors import ModelError

DEFAULT_REVISION = "main"
_NAME = r"[A-Za-z0-9_](?:[\w.-]*[A-Za-z0-9_])?"
_REFERENCE = re.compile(rf"({_NAME}(?:/{_NAME})?)(?:@(\w[\w./+-]*))?", re.ASCII)
_FORBIDDEN_IN_ID = re.compile(r"--|\.\.|\.git$")
_MAX_ID_LENGTH = 96


@dataclass(frozen=True)
class Reference:
    """A checkpoint on a hub.

    Attributes:
        id: ``owner/name``, or ``name`` for one of the hub's oldest models.
        revision: a branch, a tag or a commit; None for the default branch.
    """

    id: str
    revision: str | None = None

    def __str__(self) -> str:
        return self.id if self.revision is None else f"{self.id}@{self.revision}"


def parse_reference(text: str) -> Reference:
    """Parse ``owner/name`` or ``name``, with or without ``@revision``.

    Raises:
        ModelError: ``text`` has another form.
    """
    match = _REFERENCE.fullmatch(text)
    if match is None or _FORBIDDEN_IN_ID.search(match[1]) or len(match[1]) > _MAX_ID_LENGTH:
        raise ModelError(
            f"{text!r} is neither an existing folder nor the id of a model: "
            "write owner/name or owner/name@revision"
        )
    return Reference(match[1], match[2])


def is_path(text: str) -> bool:
    """Return whether ``text`` names a folder rather than a checkpoint on a hub."""
    has_path_prefix = text.startswith(("/", "./", "../", "~")) or text in (".", "..")
    return has_path_prefix or Path(text).is_dir()
