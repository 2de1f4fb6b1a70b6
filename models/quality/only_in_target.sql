-- A view, so that what reads it depends on it alone: a flow can be built and tested without the others.
{{ config(materialized='view') }}

{{ unmatched_records() }}
