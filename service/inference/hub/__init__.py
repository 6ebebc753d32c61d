"""Checkpoints from a Hugging Face hub: download and local store."""
