"""The gunicorn logger of the service, which writes JSON."""

from __future__ import annotations

from typing import Any

from gunicorn import glogging

from service.observability.json_logging import configure_logs


class JsonLogger(glogging.Logger):  # type: ignore[misc]
    """Sends gunicorn's messages to the root logger. The application logs the requests."""

    def setup(self, cfg: Any) -> None:
        """Configure logging; gunicorn calls this in the arbiter at startup and on SIGHUP."""
        self.cfg = cfg
        configure_logs(cfg.loglevel.upper())
        self.error_log.propagate = True

    def access(self, *_: Any) -> None:
        """Log nothing: :mod:`service.api.request_hooks` logs requests."""
