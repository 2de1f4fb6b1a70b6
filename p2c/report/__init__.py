"""The report: one HTML file on how both systems stand, what was written, and what waits."""
