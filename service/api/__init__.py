"""The HTTP layer: what callers send and get, as Flask, marshmallow and flask-smorest see it."""
