"""Extraction: dlt sources that copy Dynamics 365 Sales and F&O into the warehouse's raw layer.

`pipelines.run.extract` reads both systems for the command line; `sales_pipeline.py` and
`finops_pipeline.py` read one system each, with dlt's own configuration. Nothing here imports dlt
until one of them is imported.
"""
