"""The marshmallow schemas of requests and responses."""
