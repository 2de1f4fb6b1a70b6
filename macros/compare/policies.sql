{# What is done where a column differs other than by a change at the source: the word of the column's meta,
   else that of the changes model (`writes`), else the default. #}
{% macro column_policy(name, column, writes) -%}
    {%- set otherwise = {'on_drift': 'overwrite', 'on_conflict': 'hold', 'on_first_contact': 'overwrite'} -%}
    {{ return(column[name] or writes[name] or otherwise[name]) }}
{%- endmacro %}

{# True of a column whose state (compare_columns.sql) has the policy `hold`: the record waits for a person. #}
{% macro _is_column_held(column, writes) -%}
    {%- set states = [7] -%}
    {%- if column_policy('on_drift', column, writes) == 'hold' %}{% do states.append(2) %}{% endif -%}
    {%- if column_policy('on_conflict', column, writes) == 'hold' %}{% do states.append(3) %}{% endif -%}
    "state__{{ column.name }}" in ({{ states | join(', ') }})
{%- endmacro %}

{% macro _any_held(columns, writes) -%}
    {%- set conditions = [] -%}
    {%- for column in columns %}{% do conditions.append(_is_column_held(column, writes)) %}{% endfor -%}
    {{ _any(conditions) }}
{%- endmacro %}

{# Names of the columns that hold a record back, as `A, B`: null when none does. #}
{% macro _held_names(columns, writes) -%}
    nullif(concat_ws(', '
    {%- for column in columns %}, case when {{ _is_column_held(column, writes) }} then '{{ column.name }}' end{% endfor -%}
    ), '')
{%- endmacro %}
