"""ETags: base64 of `'recVersion,recId;'`, weak (protocols B3)."""

import base64

# Record ids of the real service start here.
FIRST_RECORD_ID = 5_637_144_576


def etag(row_id: int, version: int) -> str:
    """`W/"<base64>"` of a stored row."""
    pair = f"'{version},{FIRST_RECORD_ID + row_id};'"
    return f'W/"{base64.b64encode(pair.encode()).decode()}"'
