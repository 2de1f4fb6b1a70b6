{# What the records of every target are called in both systems, so that a person can ask for one by any
   of its names: keys, ids, and what it is called at the source and in the target. #}

{# Staged columns of a target that together are a record's name: those that end so, as first name and last
   name, but for names of terms and addresses; without one the first text that is neither key nor id. #}
{% macro label_columns(name, key) -%}
    {%- set texts = target_columns('target_' ~ name) | selectattr('type', 'equalto', 'varchar')
        | rejectattr('name', 'in', key) | map(attribute='staged') | list -%}
    {%- set names, others = [], [] -%}
    {%- for text in texts -%}
        {%- if text.endswith('name') and '_terms_' not in text and '_address_' not in text -%}
            {%- do names.append(text) -%}
        {%- elif not text.endswith('id') -%}
            {%- do others.append(text) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(names or others[:1]) }}
{%- endmacro %}

{# One query for each target, from the graph; `held` is joined as the comparison does it. #}
{% macro record_names() -%}
    {%- for name in write_targets() %}{% do ref('compare_' ~ name) %}{% do ref('target_' ~ name) %}{% endfor -%}
    {%- for name in (write_targets() if execute else []) %}
        {%- set meta = node_named('changes_' ~ name).config.meta -%}
        {%- set writes = meta.writes -%}
        {%- set columns = target_columns('target_' ~ name) -%}
        {%- set labels = label_columns(name, writes.key) -%}
    select
        '{{ meta.flow }}' as flow,
        '{{ writes.system }}.{{ writes.entity_set }}' as target,
        desired.p2c_source_key as source_key,
        desired.p2c_record_key as record_key,
        {{ 'desired.p2c_record_id' if writes.system == 'sales' else last_id('desired.p2c_source_key') }} as sales_id,
        {{ _joined(labels, columns, 'desired') }} as name,
        {{ _joined(labels, columns, 'held') }} as held_name,
        held.{{ snake(writes.key[-1]) }} is not null as is_there
    from {{ ref('target_' ~ name) }} as desired
    left join (select * from {{ held_relation(name) }} where deleted_at is null) as held
        on {% for key in writes.key %}{{ ' and ' if not loop.first }}desired."{{ key }}" = held.{{ snake(key) }}{% endfor %}
    {{ 'union all' if not loop.last }}
    {% endfor %}
{%- endmacro %}

{% macro _joined(labels, columns, side) -%}
    {%- if not labels %}{{ return('cast(null as varchar)') }}{% endif -%}
    {%- set found = [] -%}
    {%- for column in columns if column.staged in labels -%}
        {%- do found.append('held.' ~ column.staged if side == 'held' else 'desired."' ~ column.name ~ '"') -%}
    {%- endfor -%}
    {{ return("nullif(concat_ws(' ', " ~ found | join(', ') ~ "), '')") }}
{%- endmacro %}

{# The last id in a key: that of the record, whichever legal entity stands before it. #}
{% macro last_id(column) -%}
    {{ return(adapter.dispatch('last_id', 'prospect_to_cash')(column)) }}
{%- endmacro %}

{% macro default__last_id(column) -%}
    nullif(regexp_extract(lower({{ column }}), '.*([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})', 1), '')
{%- endmacro %}
