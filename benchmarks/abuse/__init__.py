"""Attacks on a server that the benchmark starts, while a well-behaved client sends articles."""
