"""The keys of a running server, read again when their file changes."""

from __future__ import annotations

import hmac
import logging
import time
from hashlib import sha256
from pathlib import Path
from threading import Lock

from werkzeug.security import check_password_hash

from service.access.api_key import ApiKey, hash_secret
from service.access.key_file import read_keys
from service.config.settings import SettingError

CHECK_SECONDS = 1.0
"""Time between two checks of the file."""

_log = logging.getLogger(__name__)
_audit = logging.getLogger("service.audit")

_Version = tuple[int, int, int]


class Keyring:
    """The keys of a file. Threads may share one.

    A file that becomes invalid or disappears leaves the keys as they were, which is logged: an
    operator's slip must not lock all callers out.

    Args:
        path: the file.

    Raises:
        SettingError: the file cannot be read or is invalid.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._version = self._fingerprint()
        self._keys = read_keys(path)
        self._verified: dict[bytes, str] = {}
        self._checked_at = time.monotonic()
        self._reload, self._slow_hash = Lock(), Lock()

    def find(self, secret: str) -> ApiKey | None:
        """The key with this secret, expired or not; ``None`` if there is none.

        The time does not depend on how much of a hash agrees, nor on which key has it.
        """
        self._refresh()
        presented = hash_secret(secret).encode()
        found = None
        for key in self._keys:
            if hmac.compare_digest(key.sha256.encode(), presented):
                found = key
        return found or self._find_slowly(secret)

    def _find_slowly(self, secret: str) -> ApiKey | None:
        """The key whose scrypt hash fits.

        The hash takes tens of milliseconds and megabytes. A secret therefore begins with the id of
        its key, so that it is compared with one hash at most, one secret at a time; and what has
        fitted once is remembered as a digest.
        """
        named = [key for key in self._keys if key.scrypt and secret.startswith(f"{key.id}.")]
        if not named:
            return None
        key = max(named, key=lambda key: len(key.id))
        digest = sha256(secret.encode()).digest()
        if self._verified.get(digest) == key.scrypt:
            return key
        with self._slow_hash:
            if not check_password_hash(key.scrypt, secret):
                return None
        self._verified[digest] = key.scrypt
        return key

    def _refresh(self) -> None:
        if time.monotonic() < self._checked_at + CHECK_SECONDS:
            return
        if not self._reload.acquire(blocking=False):
            return  # another thread reads it
        try:
            self._checked_at = time.monotonic()
            version = self._fingerprint()
            if version == self._version:
                return
            self._version = version
            before, self._keys = self._keys, read_keys(self._path)
            self._verified.clear()
        except SettingError as error:
            _log.error("Keeping the API keys as they were: %s", error)
        else:
            self._record(before)
        finally:
            self._reload.release()

    def _record(self, before: tuple[ApiKey, ...]) -> None:
        """Write a change of the keys to the audit log."""
        old, new = ({key.id: key for key in keys} for keys in (before, self._keys))
        ids = {
            "added": sorted(new.keys() - old.keys()),
            "removed": sorted(old.keys() - new.keys()),
            "changed": sorted(each for each in old.keys() & new.keys() if old[each] != new[each]),
        }
        _audit.info("Read %d API keys", len(new), extra={"event": "keys", **ids})

    def _fingerprint(self) -> _Version | None:
        """Changes when the file does; ``None`` if there is no file."""
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino
