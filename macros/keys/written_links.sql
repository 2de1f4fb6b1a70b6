{# Pairs of keys that a flow of ours made: the record it created, for which source record. They hold
   even when the natural key changes later, until the record is deleted: by an undo, or by the flow. #}
{% macro written_links(system, flow, entity_set=none) -%}
    select
        source_key,
        record_key,
        record_id
    from (
        select
            source_key,
            record_key,
            record_id,
            operation,
            row_number() over (partition by source_key order by finished_at desc, write_id desc) as newest
        from {{ source('ledger', 'writes') }}
        where
            system = '{{ system }}'
            and flow = '{{ flow }}'
            {%- if entity_set %}
            and entity_set = '{{ entity_set }}'
            {%- endif %}
            and operation in ('create', 'delete')
            and status in ('acknowledged', 'verified')
    ) as written
    where newest = 1 and operation = 'create'
{%- endmacro %}
