"""The article enrichment service."""

__version__ = "0.1.0"
