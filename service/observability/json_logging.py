"""Logs: one JSON object a line on standard output, whoever logs.

A line never holds the text of an article, nor anything else that a caller wrote freely.
"""

from __future__ import annotations

import logging
import logging.config

FORMAT = "%(levelname)s %(name)s %(message)s"


def configure_logs(level: str) -> None:
    """Send the messages of every logger, from ``level`` on, to standard output as JSON."""
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
