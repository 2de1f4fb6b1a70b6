"""The two services as they are written to and read back: HTTP, batches, payloads, answers."""
