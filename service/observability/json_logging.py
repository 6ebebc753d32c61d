"""Logging as JSON lines on standard output.

Messages must not contain the text of an article or any other free text from a client.
"""

from __future__ import annotations

import logging
import logging.config

FORMAT = "%(levelname)s %(name)s %(message)s"


def configure_logs(level: str) -> None:
    """Send the messages of all loggers to standard output as JSON.

    Args:
        level: Minimum level, such as ``"INFO"``.
    """
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "json": {
                    "()": "pythonjsonlogger.json.JsonFormatter",
                    "fmt": FORMAT,
                    "rename_fields": {"levelname": "level", "name": "logger"},
                    "timestamp": "time",
                }
            },
            "handlers": {
                "stdout": {
                    "class": "logging.StreamHandler",
                    "stream": "ext://sys.stdout",
                    "formatter": "json",
                }
            },
            "root": {"level": level, "handlers": ["stdout"]},
        }
    )
    logging.captureWarnings(True)
