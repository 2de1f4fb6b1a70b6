"""What `python -m benchmarks.writes` starts: a server that acknowledges, and the clients."""
