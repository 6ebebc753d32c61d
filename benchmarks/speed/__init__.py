"""Speed of the service compared with limits and peers: ``python -m benchmarks.speed``."""
