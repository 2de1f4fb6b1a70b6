{# What a change is to hold: names, values and conditions of its columns, for `json_object`. #}

{% macro _changed_names(columns, writes) -%}
    {%- set items = [] -%}
    {%- for column in columns -%}
        {%- do items.append('case when ' ~ _is_written(column, writes) ~ " then '\"" ~ column.name ~ "\"' end") -%}
    {%- endfor -%}
    {{ return(items) }}
{%- endmacro %}

{# Of a record that both have. What is only created here is the target's own afterwards. #}
{% macro _differing_names(columns, writes) -%}
    {%- set items = ["cast(null as varchar)"] -%}
    {%- for column in columns if 'update' in writes.operations -%}
        {%- do items.append('case when p2c_is_there and "state__' ~ column.name ~ "\" > 0 then '\"" ~ column.name ~ "\"' end") -%}
    {%- endfor -%}
    {{ return(items) }}
{%- endmacro %}

{% macro _held_values(columns) -%}
    {%- set members = {} -%}
    {%- for column in columns %}{% do members.update({column.name: '"held__' ~ column.name ~ '"'}) %}{% endfor -%}
    {{ return(members) }}
{%- endmacro %}

{% macro _desired_values(columns) -%}
    {%- set members = {} -%}
    {%- for column in columns %}{% do members.update({column.name: '"' ~ column.name ~ '"'}) %}{% endfor -%}
    {{ return(members) }}
{%- endmacro %}

{% macro _written_conditions(columns, writes) -%}
    {%- set conditions = {} -%}
    {%- for column in columns %}{% do conditions.update({column.name: _is_sent(column, columns, writes)}) %}{% endfor -%}
    {{ return(conditions) }}
{%- endmacro %}

{% macro _not_null_conditions(columns) -%}
    {%- set conditions = {} -%}
    {%- for column in columns %}{% do conditions.update({column.name: '"' ~ column.name ~ '" is not null'}) %}{% endfor -%}
    {{ return(conditions) }}
{%- endmacro %}
