"""The domain: enriches articles. Independent of HTTP and of model runtimes."""
