"""The marshmallow schemas of the contract."""
