"""Record ids that are the same in every sandbox, so that tests and documents can name them."""

import uuid

NAMESPACE = uuid.UUID("5d0d6a2e-7f0b-5b64-9a3e-0c5f5a1f2e11")


def record_id(table: str, natural_key: str) -> str:
    """The guid of one demo record: a uuid5 over its table and natural key."""
    return str(uuid.uuid5(NAMESPACE, f"{table}/{natural_key}"))
