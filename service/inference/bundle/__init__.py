"""Model bundles: the models that are trained for this service."""
