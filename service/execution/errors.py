"""Errors of this package.

``ExecutionError``
    ``Overloaded``: the queue has no room.
    ``DeadlineExceeded``: the time limit has passed.
    ``ClientDisconnected``: the client has closed its connection.
    ``UnknownModel``: no model has the requested name.
    ``ModelUnavailable``: a model failed to load.
    ``StoreUnavailable``: a cache store does not answer.
"""

from __future__ import annotations


class ExecutionError(Exception):
    """An article or a model could not be processed."""


class Overloaded(ExecutionError):
    """The queue is full, or the work would not be done before its deadline.

    Attributes:
        retry_after: seconds until the work that is queued now is done.
    """

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


class DeadlineExceeded(ExecutionError):
    """The deadline has passed."""


class PageTooComplex(ExecutionError):
    """Parsing a page takes too much time or memory, or its parser fails.

    Attributes:
        resource: ``"time"`` of the processor, ``"memory"`` or ``"its parser"``.
        seconds: most of them, for time.
    """

    def __init__(self, resource: str, seconds: float = 0.0) -> None:
        super().__init__(resource)
        self.resource, self.seconds = resource, seconds


class ClientDisconnected(ExecutionError):
    """The client has closed its connection before the response was ready."""


class UnknownModel(ExecutionError):
    """The server has no model of the requested name.

    Attributes:
        name: the requested name.
        known: the names of all models of the server.
    """

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(name)
        self.name, self.known = name, known


class ModelUnavailable(ExecutionError):
    """A model failed to load; the logs have the reason.

    Attributes:
        name: the model's name on this server.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class StoreUnavailable(ExecutionError):
    """A cache store does not answer at the moment."""
