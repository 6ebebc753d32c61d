"""A Python client of the service: ``from service.client import Client``."""

from service.client.client import AsyncClient, Client
from service.client.errors import RequestRejected, ServiceError, Unavailable
from service.client.parameters import Parameters
from service.client.types import Article, Enrichment, Problem

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
