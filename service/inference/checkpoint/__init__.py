"""Checkpoints of transformers: their files, and models made from them."""
