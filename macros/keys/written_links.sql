{# Pairs of keys that a flow of ours made: the record it created, for which source record. They hold
   even when the natural key changes later. #}
{% macro written_links(system, flow) -%}
    select distinct
        source_key,
        record_key
    from {{ source('ledger', 'writes') }}
    where
        system = '{{ system }}'
        and flow = '{{ flow }}'
        and operation = 'create'
        and status in ('acknowledged', 'verified')
{%- endmacro %}
