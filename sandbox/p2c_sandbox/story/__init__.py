"""`p2c sandbox story`."""
