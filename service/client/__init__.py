"""A client of the service: ``from service.client import Client``."""

from service.client.client import AsyncClient, Client, RequestRejected, ServiceError, Unavailable
from service.client.types import Article, Enrichment, Parameters, Problem

__all__ = [
    "Article",
    "AsyncClient",
    "Client",
    "Enrichment",
    "Parameters",
    "Problem",
    "RequestRejected",
    "ServiceError",
    "Unavailable",
]
