{{ config(tags=["reconciliation"]) }}

-- No more records differ, or stand on one side only, than the settings reconciliation_max_… allow. Without
-- a setting nothing is judged. Not a gate: what is not alike is what a run is there for.
{{ broken_limits() }}
