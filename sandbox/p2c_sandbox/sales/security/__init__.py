"""Security roles: which privileges there are, who holds them, what is refused without them."""
