"""A client of the service: ``from service.client import Client``."""

from service.client.answers import Article, Enrichment, Parameters, Problem
from service.client.client import AsyncClient, Client, Refused, ServiceError, Unavailable

__all__ = [
    "Article",
    "AsyncClient",
    "Client",
    "Enrichment",
    "Parameters",
    "Problem",
    "Refused",
    "ServiceError",
    "Unavailable",
]
