"""How fast the service is, beside limits and peers: ``python -m benchmarks.speed``."""
