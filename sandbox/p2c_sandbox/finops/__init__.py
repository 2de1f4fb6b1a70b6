"""The Finance and Operations service: OData at /data (protocols part B)."""
