"""Translation of the errors of the hub's client into one-line model errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
from huggingface_hub import constants
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from service.inference.errors import ModelError, first_line
from service.inference.hub.reference import DEFAULT_REVISION, Reference

_RETRY = "run the same command again to continue"


def hub_name() -> str:
    """Return how error messages refer to the hub."""
    return f"the hub at {constants.ENDPOINT}"


@contextmanager
def translate_errors(reference: Reference, folder: Path) -> Iterator[None]:
    """Translate errors of the hub, and of the disk under ``folder``.

    Raises:
        ModelError: the body of the ``with`` statement raised such an error.
    """
    try:
        yield
    except OfflineModeIsEnabled:
        raise ModelError(
            f"{reference} cannot be pulled while HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE is set"
        ) from None
    except GatedRepoError:
        raise ModelError(
            f"{reference.id} is gated: request access on its page on the hub, "
            "and set HF_TOKEN to a token of an account that has access"
        ) from None
    except RevisionNotFoundError:
        revision = reference.revision or DEFAULT_REVISION
        raise ModelError(f"{reference.id} has no revision {revision}") from None
    except RepositoryNotFoundError:
        raise ModelError(
            f"{hub_name()} has no model {reference.id}, or it is private: "
            "check the id, or set HF_TOKEN"
        ) from None
    except HfHubHTTPError as error:
        status = error.response.status_code
        hint = "check HF_TOKEN" if status in (401, 403) else _RETRY
        raise ModelError(
            f"{hub_name()} answered {status} to a request for {reference}: {hint}"
        ) from None
    except httpx2.HTTPError as error:
        raise ModelError(
            f"{hub_name()} cannot be reached ({first_line(error)}): {_RETRY}"
        ) from None
    except OSError as error:
        if error.errno is None:  # from the client: the length of the download is wrong
            raise ModelError(
                f"the download of {reference} from {hub_name()} is incomplete: {_RETRY}"
            ) from None
        raise ModelError(f"{error.filename or folder}: {error.strerror}") from None
