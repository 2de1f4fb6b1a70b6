"""`p2c sandbox …`: the commands that this package adds to `p2c`."""
