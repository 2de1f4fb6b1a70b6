"""What `python -m benchmarks.diff` compares: a dbt project of one target, and its rows."""
