{# One row for each record and column of `quality.drift`, as JSON, from every target. #}
{% macro differing_columns() -%}
    {%- for name in write_targets() %}
    select
        flow,
        target,
        source_key,
        record_key,
        fate,
        {{ json_elements('differences') }} as entry
    from {{ ref('compare_' ~ name) }}
    where differences <> '[]'
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# After the build: what differs now, and since when. What differs no more is forgotten. #}
{% macro remember_differences() -%}
{%- if execute and flags.WHICH in ('run', 'build') -%}
delete from ledger.differences;
insert into ledger.differences (flow, target, source_key, column_name, first_seen)
select flow, target, source_key, column_name, since
from {{ this }}
{%- else -%}
select 1
{%- endif -%}
{%- endmacro %}
