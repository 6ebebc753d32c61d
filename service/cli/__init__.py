"""The command line, ``enrich``."""
