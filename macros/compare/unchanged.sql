{# Rows that need no judging: there, in scope, and the same in desired, held and agreed. Almost all rows are,
   so they are told from the others before anything is made of them, and get their fate by an anti-join. #}

{# Whether a row of `desired`, left joined with `held`, is unchanged. What was agreed of it is compared by a hash of
   the pair and all that is compared (`p2c_pair_hash`): joined as it is, it would double the memory this takes. #}
{% macro _is_unchanged(compared, writes) -%}
    coalesce(
        held.{{ snake(writes.key[-1]) }} is not null
        and not desired.p2c_deleted
        and desired.p2c_filtered is null
        and desired.p2c_blocked is null
        and desired.p2c_reasons = '[]'
        {%- for column in compared if 'update' in writes.operations %}
        and {{ _is_equal(column) }}
        {%- endfor %}
        and {{ pair_hash('desired', compared, writes) }} in (
            select p2c_pair_hash from agreed where p2c_pair_hash is not null
        ),
        false
    )
{%- endmacro %}

{% macro _is_equal(column) -%}
    {%- set desired = _comparable('desired."' ~ column.name ~ '"', column) -%}
    {%- set held = _comparable('held.' ~ column.staged, column) -%}
    {{ '(' ~ desired ~ ' is null or ' ~ desired ~ ' = ' ~ held ~ ')' if column.null_means == 'keep'
        else desired ~ ' is not distinct from ' ~ held }}
{%- endmacro %}

{# Of a row of a target model: its pair and all that is compared. #}
{% macro pair_hash(desired, compared, writes) -%}
    {%- set expressions = [desired ~ '.p2c_source_key', desired ~ '.p2c_record_key'] -%}
    {%- for name in writes.key + compared | map(attribute='name') | list -%}
        {%- do expressions.append(desired ~ '."' ~ name ~ '"') -%}
    {%- endfor -%}
    {{ row_hash(expressions) }}
{%- endmacro %}

{# 64 bits that are the same for the same values, nulls included. #}
{% macro row_hash(expressions) -%}
    {{ return(adapter.dispatch('row_hash', 'prospect_to_cash')(expressions)) }}
{%- endmacro %}

{% macro default__row_hash(expressions) -%}
    hash({{ expressions | join(', ') }})
{%- endmacro %}

{# What the comparison says of unchanged rows: those of `desired` that `judged` has not. What only a write needs
   (version, parents) is left out. #}
{% macro unchanged_rows(flow, writes, desired, judged, source_key='source_key') -%}
select
    '{{ flow }}' as flow,
    '{{ writes.system }}.{{ writes.entity_set }}' as target,
    p2c_source_key as source_key,
    p2c_record_key as record_key,
    p2c_record_id as record_id,
    {{ _key_values(writes) }} as key_values,
    cast(null as varchar) as etag,
    'identical' as fate,
    false as is_drift,
    false as is_first_contact,
    {{ 'cast(null as varchar)' if 'update' in writes.operations else "'" ~ _only_creates() ~ "'" }} as detail,
    '[]' as changed_columns,
    '{}' as before_image,
    '{}' as after_image,
    cast(null as varchar) as parents,
    cast(null as varchar) as agreement,
    '[]' as differences,
    false as is_newly_agreed,
    true as is_there,
    false as is_gone,
    '[]' as differing_columns,
    true as is_unchanged
from {{ desired }} as desired
where not exists (
    select 1 from {{ judged }} as judged
    where judged.{{ source_key }} is not distinct from desired.p2c_source_key
)
{%- endmacro %}

{% macro _only_creates() -%}there already, and this flow only creates{%- endmacro %}
