"""Settings, the models they name, and the machine they are for."""
