{{ config(materialized='view') }}
{{ broken_limits() }}
