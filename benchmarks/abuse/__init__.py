"""Attacks on a server of its own, with a well-behaved client beside them."""
