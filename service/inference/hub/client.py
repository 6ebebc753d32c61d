"""One commit of a repository on a hub: its files, and how they are downloaded and verified.

The client library reads ``HF_ENDPOINT``, ``HF_TOKEN`` and ``HF_HUB_OFFLINE`` itself.
"""

from __future__ import annotations

import hashlib
import logging
import re
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import get_hf_file_metadata, hf_hub_url, model_info
from huggingface_hub.file_download import http_get
from huggingface_hub.hf_api import RepoSibling
from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

from service.inference.errors import ModelError
from service.inference.file_digests import sha256_of
from service.inference.hub.errors import hub_name
from service.inference.hub.reference import DEFAULT_REVISION, Reference

_TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class _FileDigest:
    """The size of a file in bytes, and its sha256 or else the id of its git blob."""

    size: int
    sha256: str | None
    blob_id: str | None

    def matches(self, path: Path) -> bool:
        if path.stat().st_size != self.size:
            return False
        if self.sha256 is not None:
            return sha256_of(path) == self.sha256
        content = path.read_bytes()
        blob = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False)
        return blob.hexdigest() == self.blob_id


class Repository:
    """A commit of a repository.

    Attributes:
        reference: the reference that was resolved.
        commit: the commit of the reference, 40 hexadecimal digits.
        names: names of all files, sorted.
    """

    def __init__(self, reference: Reference, commit: str, listing: list[RepoSibling]) -> None:
        self.reference = reference
        self.commit = commit
        self._listing = {entry.rfilename: entry for entry in listing}
        self.names = sorted(self._listing)

    def fetch(self, name: str, folder: Path) -> Path:
        """Download a file into a folder, or the part of it that is missing there.

        Returns:
            The path of the file.

        Raises:
            ModelError: the digest of the file is not the one that the hub lists.
        """
        path = folder / name
        expected = self._digest(self._listing[name])
        if path.exists() and expected.matches(path):
            return path
        part = path.with_name(f"{path.name}.part")
        part.parent.mkdir(parents=True, exist_ok=True)
        if part.exists() and part.stat().st_size > expected.size:
            part.unlink()
        # hf_hub_download does not resume a download of a process that has ended.
        with part.open("ab") as file:
            http_get(
                self._url(name),
                file,
                resume_size=file.tell(),
                # A compressed response cannot be resumed.
                headers={**build_hf_headers(), "Accept-Encoding": "identity"},
                expected_size=expected.size,
                displayed_filename=name,
            )
        if not expected.matches(part):
            part.unlink()
            raise ModelError(
                f"{name} of {self.reference} has another digest than the hub lists: pull again; "
                "if the error persists, do not trust the connection to the hub"
            )
        part.replace(path)
        return path

    def _digest(self, entry: RepoSibling) -> _FileDigest:
        if entry.lfs is not None:
            return _FileDigest(entry.lfs.size, entry.lfs.sha256, None)
        if entry.size is not None and entry.blob_id is not None:
            return _FileDigest(entry.size, None, entry.blob_id)
        # A mirror may list only names; the digest is then the entity tag.
        url = self._url(entry.rfilename)
        metadata = get_hf_file_metadata(url, headers=build_hf_headers(), timeout=_TIMEOUT_SECONDS)
        etag = metadata.etag or ""
        if metadata.size is None or not re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", etag):
            raise ModelError(
                f"{hub_name()} lists no digest of {entry.rfilename}, "
                "so the download cannot be verified"
            )
        return _FileDigest(metadata.size, *((etag, None) if len(etag) == 64 else (None, etag)))

    def _url(self, name: str) -> str:
        return hf_hub_url(self.reference.id, name, revision=self.commit)


def open_repository(reference: Reference) -> Repository:
    """Resolve a reference to a commit and list its files.

    Raises:
        ModelError: the response is not that of a hub.
    """
    # The client logs a warning for each retry; the error after the last one is enough.
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    revision = reference.revision or DEFAULT_REVISION
    try:
        info = model_info(
            reference.id, revision=revision, files_metadata=True, timeout=_TIMEOUT_SECONDS
        )
    except (AttributeError, KeyError, TypeError, ValueError):  # the client validates no responses
        info = None
    if info is None or info.sha is None or not re.fullmatch("[0-9a-f]{40}", info.sha):
        raise ModelError(f"{hub_name()} does not respond like a hub: check HF_ENDPOINT")
    return Repository(reference, info.sha, info.siblings or [])
