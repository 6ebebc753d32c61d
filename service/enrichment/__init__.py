"""The domain: an article in, its enrichment out. Knows neither HTTP nor model runtimes."""
