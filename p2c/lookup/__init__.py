"""What a person asks of the warehouse and the ledger; nothing is changed."""
