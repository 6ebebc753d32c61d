"""Configuration: environment variables, the models file and the usable processor cores."""
