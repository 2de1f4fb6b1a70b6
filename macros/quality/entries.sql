{# `system.EntitySet`, the name of a target in reports, as its changes model declares it. #}
{% macro target_label(changes_model) -%}
    {%- if execute -%}
        {%- set writes = node_named(changes_model).config.meta.writes -%}
        {{ writes.system }}.{{ writes.entity_set }}
    {%- endif -%}
{%- endmacro %}

{% macro flow_label(changes_model) -%}
    {{- node_named(changes_model).config.meta.flow if execute -}}
{%- endmacro %}

{# One row for each entry of a JSON list that target models carry: reasons or cuts. #}
{% macro entries_of(column) -%}
    {%- for name in write_targets() %}
    select
        '{{ flow_label('changes_' ~ name) }}' as flow,
        '{{ target_label('changes_' ~ name) }}' as target,
        p2c_source_key as source_key,
        p2c_record_key as record_key,
        {{ json_elements(column) }} as entry
    from {{ ref('target_' ~ name) }}
    where {{ column }} <> '[]' and p2c_filtered is null and not p2c_deleted
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
