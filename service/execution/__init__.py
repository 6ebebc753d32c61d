"""Between the API and the models: scheduling, caching, model loading."""
