"""Faults on request: what networks, gateways and services do wrong, when a test asks for it."""
