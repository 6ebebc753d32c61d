"""Downloads from a Hugging Face hub, and where they are kept."""
