{# Records that only a target has: no row of a target model of its entity set has their key. Several
   flows may write one entity set: what one of them matches is matched. #}

{# {`system.EntitySet`: {flows, names, held, key, label}}, from the graph; `held` is the staged relation
   and `label` its column that says most to a person: a name, else the first text that is no key. #}
{% macro written_sets() -%}
    {%- set found = {} -%}
    {%- for name in write_targets() -%}
        {%- set meta = node_named('changes_' ~ name).config.meta -%}
        {%- set set_name = meta.writes.system ~ '.' ~ meta.writes.entity_set -%}
        {%- set texts = target_columns('target_' ~ name) | selectattr('type', 'equalto', 'varchar')
            | rejectattr('name', 'in', meta.writes.key) | map(attribute='staged') | list -%}
        {%- set names = [] -%}
        {%- for text in texts if text.endswith('name') %}{% do names.append(text) %}{% endfor -%}
        {%- set labels = names + texts + [snake(meta.writes.key[-1])] -%}
        {%- do found.setdefault(set_name, {
            'flows': [], 'names': [], 'held': held_relation(name), 'key': meta.writes.key,
            'label': labels[0],
        }) -%}
        {%- do found[set_name].names.append(name) -%}
        {%- if meta.flow not in found[set_name].flows %}{% do found[set_name].flows.append(meta.flow) %}{% endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# The staged table that a compare model holds its target against. #}
{% macro held_relation(name) -%}
    {%- for id in node_named('compare_' ~ name).depends_on.nodes if '.stg_' in id -%}
        {{ return(graph.nodes[id].relation_name) }}
    {%- endfor -%}
{%- endmacro %}

{% macro unmatched_records() -%}
    {%- for name in write_targets() %}{% do ref('compare_' ~ name) %}{% do ref('target_' ~ name) %}{% endfor -%}
    {%- for set_name, written in (written_sets() if execute else {}).items() %}
    select
        '{{ written.flows | join(', ') }}' as flows,
        '{{ set_name }}' as target,
        {{ 'held.data_area_id' if 'dataAreaId' in written.key else 'cast(null as varchar)' }} as data_area_id,
        concat_ws('/'{% for key in written.key %}, held.{{ snake(key) }}{% endfor %}) as record_key,
        cast(held.{{ written.label }} as varchar) as record_name
    from {{ written.held }} as held
    where
        held.deleted_at is null
        {%- for name in written.names %}
        and not exists (
            select 1 from {{ ref('target_' ~ name) }} as desired
            where {% for key in written.key %}{{ ' and ' if not loop.first }}desired."{{ key }}" = held.{{ snake(key) }}{% endfor %}
        )
        {%- endfor %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
