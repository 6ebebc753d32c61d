"""SHA-256 digests of files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from service.inference.errors import ModelError


def sha256_of(path: Path) -> str:
    """Return the SHA-256 digest of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify_files(folder: Path, digests: Mapping[str, str], source: str) -> None:
    """Compare files with their digests.

    Args:
        folder: the folder of the files.
        digests: name, relative to the folder → sha256, hexadecimal.
        source: name of the file that lists the digests, for error messages.

    Raises:
        ModelError: a file is missing or differs.
    """
    for name, expected in digests.items():
        path = folder / name
        try:
            actual = sha256_of(path)
        except OSError as error:
            raise ModelError(f"{path}: {error.strerror}") from None
        if actual != expected:
            raise ModelError(f"{path} has changed: its sha256 differs from the one in {source}")
