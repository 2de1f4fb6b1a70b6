{# Pairs of keys that a flow knows: the record that it wrote, or found to agree, for a source record. They
   hold even when the natural key changes later, or the seed row that made them one goes. #}
{% macro written_links(system, flow, entity_set=none) -%}
    select
        source_key,
        record_key,
        record_id,
        key_values,
        seen_at
    from (
        select
            *,
            row_number() over (partition by source_key order by seen_at desc, entity_set) as newest
        from {{ ref('keys_links') }}
        where
            system = '{{ system }}'
            and flow = '{{ flow }}'
            {%- if entity_set %}
            and entity_set = '{{ entity_set }}'
            {%- endif %}
    ) as links
    where newest = 1
{%- endmacro %}
