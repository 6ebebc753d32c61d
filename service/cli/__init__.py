"""``enrich``, the command line."""
