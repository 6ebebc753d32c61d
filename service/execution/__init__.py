"""Scheduling, caching and model loading: the layer between the HTTP API and the models."""
