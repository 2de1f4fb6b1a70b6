"""What was planned and written, in SQLite, and its copy in the warehouse."""
