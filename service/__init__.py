"""The article enrichment service."""
