"""API keys: what a key may do, and how a presented secret is compared with it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

SCOPES = ("enrich", "models", "metrics", "docs")
"""What a key can be good for: enriching, describing models, metrics, the OpenAPI description."""

DEFAULT_SCOPES = ("enrich", "models")
"""Scopes of a key that names none."""

_SECRET_BYTES = 32


@dataclass(frozen=True)
class ApiKey:
    """A key of a caller. The file has only the hash of its secret.

    Attributes:
        id: names the key in logs, metrics and traces.
        sha256: hash of the secret, hexadecimal; ``""`` if it has a ``scrypt`` hash.
        scrypt: hash of the secret in the format of Werkzeug, ``scrypt:N:r:p$salt$hash``.
        scopes: some of :data:`SCOPES`.
        limits: limits of this key, of :data:`~service.config.access_settings.LIMIT_NAMES`, in place
            of those of the setting LIMITS; ``None`` for no limit.
        priority: weight of its work beside that of other keys.
        expires: when the key ceases to be valid.
        note: for people.
    """

    id: str
    sha256: str = ""
    scrypt: str = ""
    scopes: tuple[str, ...] = DEFAULT_SCOPES
    limits: Mapping[str, int | None] = field(default_factory=dict)
    priority: int = 1
    expires: datetime | None = None
    note: str = ""

    @property
    def expired(self) -> bool:
        """Whether the key has ceased to be valid."""
        return self.expires is not None and self.expires <= datetime.now(UTC)


def new_secret(key_id: str) -> str:
    """A secret for the key ``key_id``, which it begins with; the rest has 256 random bits."""
    return f"{key_id}.{secrets.token_urlsafe(_SECRET_BYTES)}"


def hash_secret(secret: str) -> str:
    """SHA-256 of a secret, hexadecimal.

    A slow hash would add nothing for secrets that nobody can guess; ``scrypt`` is for secrets that
    people choose.
    """
    return sha256(secret.encode()).hexdigest()
