"""The gunicorn worker."""
