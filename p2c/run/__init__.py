"""The steps of a run: extract, build, plan, apply."""
