"""Who may use the service: API keys and the file that holds them."""
