"""One commit of a repository on a hub: what files it has, and how they are fetched and verified.

``HF_ENDPOINT``, ``HF_TOKEN`` and ``HF_HUB_OFFLINE`` are read by the client itself.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from huggingface_hub import constants, get_hf_file_metadata, hf_hub_url, model_info
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.file_download import http_get
from huggingface_hub.hf_api import RepoSibling
from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

from service.inference.hub.store import DEFAULT_REVISION, Reference, sha256_of
from service.inference.model_info import ModelError

_AGAIN = "the same command goes on where this stopped"
_SECONDS = 30


@dataclass(frozen=True)
class _Expected:
    """What the hub says of a file: its size, and its sha256 or else the id of its git blob."""

    size: int
    sha256: str | None
    blob: str | None

    def matches(self, path: Path) -> bool:
        if path.stat().st_size != self.size:
            return False
        if self.sha256 is not None:
            return sha256_of(path) == self.sha256
        content = path.read_bytes()
        blob = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False)
        return blob.hexdigest() == self.blob


class Repository:
    """A repository as it is at a commit.

    Attributes:
        reference: what was asked for.
        commit: what that is now, 40 hexadecimal digits.
        names: of all files, in their order.
    """

    def __init__(self, reference: Reference, commit: str, listed: list[RepoSibling]) -> None:
        self.reference = reference
        self.commit = commit
        self._listed = {each.rfilename: each for each in listed}
        self.names = sorted(self._listed)

    def fetch(self, name: str, folder: Path) -> Path:
        """Fetch a file into a folder, or what is missing of it there.

        Raises:
            ModelError: it is not what the hub says it is.
        """
        path = folder / name
        expected = self._expected(self._listed[name])
        if path.exists() and expected.matches(path):
            return path
        part = path.with_name(f"{path.name}.part")
        part.parent.mkdir(parents=True, exist_ok=True)
        if part.exists() and part.stat().st_size > expected.size:
            part.unlink()
        # Not hf_hub_download: what that has of a file is lost when the process ends.
        with part.open("ab") as file:
            http_get(
                self._url(name),
                file,
                resume_size=file.tell(),
                # What is compressed on the way cannot be resumed.
                headers={**build_hf_headers(), "Accept-Encoding": "identity"},
                expected_size=expected.size,
                displayed_filename=name,
            )
        if not expected.matches(part):
            part.unlink()
            raise ModelError(
                f"{name} of {self.reference} came with another digest than the hub lists: "
                "pull again, and if that stays so, do not trust what is between here and the hub"
            )
        part.replace(path)
        return path

    def _expected(self, listed: RepoSibling) -> _Expected:
        if listed.lfs is not None:
            return _Expected(listed.lfs.size, listed.lfs.sha256, None)
        if listed.size is not None and listed.blob_id is not None:
            return _Expected(listed.size, None, listed.blob_id)
        # A mirror may list names only; then the entity tag is the digest.
        url = self._url(listed.rfilename)
        head = get_hf_file_metadata(url, headers=build_hf_headers(), timeout=_SECONDS)
        tag = head.etag or ""
        if head.size is None or not re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", tag):
            raise ModelError(
                f"{_hub()} tells no digest of {listed.rfilename}, "
                "so that what it sends cannot be verified"
            )
        return _Expected(head.size, *((tag, None) if len(tag) == 64 else (None, tag)))

    def _url(self, name: str) -> str:
        return hf_hub_url(self.reference.id, name, revision=self.commit)


def open_repository(reference: Reference) -> Repository:
    """Ask the hub what a reference is now.

    Raises:
        ModelError: the hub does not answer as hubs do.
    """
    # The client would warn of each try; how the last one ends is told anyway.
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    revision = reference.revision or DEFAULT_REVISION
    try:
        info = model_info(reference.id, revision=revision, files_metadata=True, timeout=_SECONDS)
    except (AttributeError, KeyError, TypeError, ValueError):  # the client trusts in what comes
        info = None
    if info is None or info.sha is None or not re.fullmatch("[0-9a-f]{40}", info.sha):
        raise ModelError(f"{_hub()} does not answer as a hub does: see whether HF_ENDPOINT is one")
    return Repository(reference, info.sha, info.siblings or [])


@contextmanager
def told(reference: Reference, folder: Path) -> Iterator[None]:
    """Turn what may go wrong with the hub, or with the disk under ``folder``, into one line.

    Raises:
        ModelError: something did.
    """
    try:
        yield
    except OfflineModeIsEnabled:
        raise ModelError(
            f"{reference} cannot be pulled while HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE is set"
        ) from None
    except GatedRepoError:
        raise ModelError(
            f"{reference.id} is gated: ask for access on its page on the hub, "
            "and set HF_TOKEN to a token of the account that was given it"
        ) from None
    except RevisionNotFoundError:
        revision = reference.revision or DEFAULT_REVISION
        raise ModelError(f"{reference.id} has no revision {revision}") from None
    except RepositoryNotFoundError:
        raise ModelError(
            f"{_hub()} has no model {reference.id}, or it is private: "
            "see whether the id is right, or set HF_TOKEN"
        ) from None
    except HfHubHTTPError as error:
        status = error.response.status_code
        hint = "see whether HF_TOKEN is right" if status in (401, 403) else _AGAIN
        raise ModelError(f"{_hub()} answered {status} when asked for {reference}: {hint}") from None
    except httpx2.HTTPError as error:
        why = str(error).partition("\n")[0] or type(error).__name__
        raise ModelError(f"{_hub()} cannot be reached ({why}): {_AGAIN}") from None
    except OSError as error:
        if error.errno is None:  # the client's own, about the length of what came
            raise ModelError(f"{reference} did not come whole from {_hub()}: {_AGAIN}") from None
        raise ModelError(f"{error.filename or folder}: {error.strerror}") from None


def _hub() -> str:
    return f"the hub at {constants.ENDPOINT}"
