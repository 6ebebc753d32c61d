"""The gunicorn worker and logger of the service."""
