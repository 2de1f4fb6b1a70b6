"""Prints what dbt prints when DuckDB refuses a model for want of memory, and ends as it does."""

import json
import sys

NODE = {"unique_id": "model.test.big", "node_name": "big", "node_status": "error"}
MESSAGE = "Runtime Error in model big: Out of Memory Error: failed to pin block of size 256.0 KiB"
for name, text in (("LogModelResult", ""), ("RunResultError", MESSAGE)):
    event = {"info": {"name": name, "msg": text}, "data": {"node_info": NODE}}
    sys.stdout.write(f"{json.dumps(event)}\n")
sys.exit(1)
