"""The HTTP layer: Flask, marshmallow and flask-smorest."""
