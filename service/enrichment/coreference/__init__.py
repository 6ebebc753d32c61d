"""Coreference: which mentions name the same entity."""
