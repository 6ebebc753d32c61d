"""Replicas behind a balancer, while one after the other fails."""
