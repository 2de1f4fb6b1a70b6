"""Two versions of the mapping, built on the same staged data (decision 0042)."""
