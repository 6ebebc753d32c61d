"""The errors of the client.

::

    ServiceError
    ├── RequestRejected   the server rejects the request; sending it again does not help
    └── Unavailable       the server cannot be reached, or is too busy, after all retries
"""

from __future__ import annotations

from service.client.types import Problem


class ServiceError(Exception):
    """Base class: the call has no result. The message gives the reason."""


class RequestRejected(ServiceError):
    """The server rejects the request, and would reject it again.

    Attributes:
        problem: the RFC 9457 problem that the server sent; branch on its ``type``. If the response
            is not from the service, for example from a proxy, ``type`` is ``about:blank`` and
            there is no ``request_id``.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem["detail"])
        self.problem = problem


class Unavailable(ServiceError):
    """The server cannot be reached, or is too busy, after all retries."""
