"""The libraries that run models."""
