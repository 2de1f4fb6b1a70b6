"""Carries a plan out: rows to the services, outcomes to the ledger, and what is read back."""
